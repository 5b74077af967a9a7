/** The units of a script in their order, and where they stand: an edit costs a look at each few dozen of them. */

import { type Chunk, ChunkedList, lastUpTo } from "../text/chunked-list.ts";
import type { Unit } from "./units.ts";

/** All numbers of a chunk count from its own beginning, so that versions of a script share those that an edit left alone. */
interface UnitChunk extends Chunk<Unit> {
  /** Where each begins, and behind them where the last one ends. */
  readonly starts: Uint32Array;
  /** The number of statements before each, and behind them of all. */
  readonly statements: Uint32Array;
  /** Up to where the text was looked at for any of them. */
  readonly reached: number;
  readonly hasDirectives: boolean;
}

/** The units of a document. */
export interface UnitList {
  readonly list: ChunkedList<Unit, UnitChunk>;
  /** Where each chunk begins, and behind them where the last one ends. */
  readonly starts: Uint32Array;
  /** The number of statements before each chunk, and behind them of all. */
  readonly statements: Uint32Array;
}

/** A unit with its place. */
export interface UnitPlace {
  readonly unit: Unit;
  /** The end of the unit before, from which its offsets count. */
  readonly start: number;
  /** The number of statements before it. */
  readonly statements: number;
}

export function unitListOf(units: readonly Unit[]): UnitList {
  return placed(ChunkedList.of(units, chunkOf));
}

/** The units with those from `first` to before `last` replaced. */
export function replacedUnits({ list }: UnitList, first: number, by: readonly Unit[], last: number): UnitList {
  return placed(list.replaced(first, by, last));
}

/** Where a unit begins; where the last one ends for an index behind them. */
export function startOfUnit({ list, starts }: UnitList, index: number): number {
  const chunk = list.chunkAt(index);
  if (chunk < 0) return starts[list.chunks.length] as number;
  const own = (list.chunks[chunk] as UnitChunk).starts;
  return (starts[chunk] as number) + (own[index - (list.firsts[chunk] as number)] as number);
}

/** The number of statements before a unit; of all for an index behind them. */
export function statementsBefore({ list, statements }: UnitList, index: number): number {
  const chunk = list.chunkAt(index);
  if (chunk < 0) return statements[list.chunks.length] as number;
  const own = (list.chunks[chunk] as UnitChunk).statements;
  return (statements[chunk] as number) + (own[index - (list.firsts[chunk] as number)] as number);
}

/** The unit that holds the statement of an index; null where there is none. */
export function unitWithStatement(units: UnitList, statement: number): UnitPlace | null {
  const { list, statements } = units;
  if (!(statement >= 0 && statement < (statements[list.chunks.length] as number))) return null;
  const chunk = lastUpTo(statements, statement, list.chunks.length - 1);
  const { statements: before, items } = list.chunks[chunk] as UnitChunk;
  return placeIn(units, chunk, lastUpTo(before, statement - (statements[chunk] as number), items.length - 1));
}

/** The last unit that begins at or before the offset; null where there is none at all. */
export function unitAtOffset(units: UnitList, offset: number): UnitPlace | null {
  const { list, starts } = units;
  const chunk = lastUpTo(starts, offset, list.chunks.length - 1);
  const found = list.chunks[chunk];
  if (found === undefined) return null;
  return placeIn(units, chunk, lastUpTo(found.starts, offset - (starts[chunk] as number), found.items.length - 1));
}

/** The index of the first unit for which text at or behind the offset was looked at; how many there are where there is none. */
export function firstReaching({ list, starts }: UnitList, offset: number): number {
  for (const [index, { items, starts: own, reached }] of list.chunks.entries()) {
    const start = starts[index] as number;
    if (start + reached < offset) continue;
    const at = items.findIndex(({ reach }, each) => start + (own[each] as number) + reach >= offset);
    return (list.firsts[index] as number) + at;
  }
  return list.length;
}

/** The units that hold directives. */
export function* unitsWithDirectives(units: UnitList): Generator<UnitPlace> {
  for (const [chunk, { items, hasDirectives }] of units.list.chunks.entries()) {
    if (!hasDirectives) continue;
    for (const [at, { directives }] of items.entries()) if (directives.length > 0) yield placeIn(units, chunk, at);
  }
}

function placeIn({ list, starts, statements }: UnitList, chunk: number, at: number): UnitPlace {
  const { items, starts: own, statements: before } = list.chunks[chunk] as UnitChunk;
  return {
    unit: items[at] as Unit,
    start: (starts[chunk] as number) + (own[at] as number),
    statements: (statements[chunk] as number) + (before[at] as number),
  };
}

function placed(list: UnitList["list"]): UnitList {
  const { chunks } = list;
  const [starts, statements] = [new Uint32Array(chunks.length + 1), new Uint32Array(chunks.length + 1)];
  for (let at = 0; at < chunks.length; at++) {
    const chunk = chunks[at] as UnitChunk;
    const { length } = chunk.items;
    starts[at + 1] = (starts[at] as number) + (chunk.starts[length] as number);
    statements[at + 1] = (statements[at] as number) + (chunk.statements[length] as number);
  }
  return { list, starts, statements };
}

function chunkOf(items: readonly Unit[]): UnitChunk {
  const [starts, statements] = [new Uint32Array(items.length + 1), new Uint32Array(items.length + 1)];
  let [reached, hasDirectives] = [0, false];
  for (const [at, unit] of items.entries()) {
    const start = starts[at] as number;
    starts[at + 1] = start + unit.length;
    statements[at + 1] = (statements[at] as number) + unit.statements.length;
    reached = Math.max(reached, start + unit.reach);
    hasDirectives ||= unit.directives.length > 0;
  }
  return { items, starts, statements, reached, hasDirectives };
}
