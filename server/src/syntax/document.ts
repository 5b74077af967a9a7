/** A whole script: its statements at their places, read from scratch or after an edit, however broken the text is. */

import { type Chunk, ChunkedList } from "../text/chunked-list.ts";
import { ChunkedText } from "../text/chunked-text.ts";
import { atOnce, type Turns, type Waiting } from "../text/turns.ts";
import { type Directive, findDirectives, placeDirective, shiftDirective } from "./directives.ts";
import type { Reading } from "./read-statement.ts";
import type { PlacedStatement, ReadStatement } from "./statement.ts";
import { handleAt, type StatementHandle } from "./statement-handle.ts";
import {
  startOfUnit,
  type UnitList,
  unitAtOffset,
  unitListOf,
  unitsWithDirectives,
  unitWithStatement,
} from "./unit-list.ts";
import { type PatientReading, placeStatement, readUnits, type Unit } from "./units.ts";

/** One version of a script. Immutable; versions share the statements that an edit left alone. */
export interface Document {
  readonly content: ChunkedText;
  /** The same in one piece; put together when somebody asks for it, which nothing does that follows from every key. */
  readonly text: string;
  /** In order, without overlaps. One that stands for a missing semicolon is invalid and empty. Placed when somebody asks for them. */
  readonly statements: readonly PlacedStatement[];
  /** The same wherever they stand: their own offsets may be those of an earlier version. */
  readonly read: ReadStatements;
  /** What each of them is called, in their order. */
  readonly handles: Handles;
  readonly directives: readonly Directive[];
  /** What the next edit goes by; of no interest to others. */
  readonly units: UnitList;
  /** What all versions of a script have in common, and those of no other. */
  readonly lineage: Lineage;
}

interface Lineage {
  readonly of: "script";
}

/**
 * The statements of a document in their order; versions between which none is another have the same object. Where each stands its unit
 * tells, so that what is typed in a comment leaves them as they are.
 */
export type ReadStatements = ChunkedList<ReadStatement>;

/** What statements are called, in their order. */
export type HandleList = ChunkedList<StatementHandle, HandleChunk>;

interface HandleChunk extends Chunk<StatementHandle> {
  readonly lowest: number;
  readonly highest: number;
}

/** The handles of a document's statements, and the first that none of its versions has given away. */
export interface Handles {
  readonly list: HandleList;
  readonly next: number;
}

/** Reads a script from scratch. Never fails. */
export function parseDocument(text: string, reading: Reading): Document {
  return atOnce(parseDocumentInTurns(text, readingHere(reading)));
}

/** The same reading, which waits for nobody. */
export function readingHere(reading: PatientReading): PatientReading {
  return reading.elsewhere === undefined ? reading : { ...reading, elsewhere: undefined };
}

/** Reads a script, pausing after each unit and waiting for those that are read elsewhere. */
export function* parseDocumentInTurns(
  text: string | ChunkedText,
  reading: PatientReading,
): Turns<Document, Waiting | undefined> {
  const units: Unit[] = [];
  for (const unit of readUnits(text.toString(), 0, reading)) {
    if (isUnit(unit)) units.push(unit);
    yield isUnit(unit) ? undefined : unit;
  }
  const read = units.flatMap(({ statements }) => statements);
  return createDocument({
    ...{ content: ChunkedText.of(text), read: readStatementsOf(read), lineage: { of: "script" } },
    ...{ units: unitListOf(units), handles: countedHandles(0, read.length) },
  });
}

/** A text that is no script, such as the list of a migration tool. */
export function textDocument(text: string): Document {
  return {
    ...{ content: ChunkedText.of(text), text, statements: [], directives: [] },
    ...{ read: readStatementsOf([]), handles: countedHandles(0, 0) },
    ...{ units: unitListOf([]), lineage: { of: "script" } },
  };
}

/** Whether it is a unit and not something to wait for. */
export function isUnit(unit: Unit | Waiting | undefined): unit is Unit {
  return unit !== undefined && !(unit instanceof Promise);
}

/** Whether both were read from the same text in the same way, and are sent to PostgreSQL in the same way. */
export function isSameText(a: ReadStatement, b: ReadStatement): boolean {
  return (
    a === b ||
    (a.hash === b.hash &&
      a.masked === b.masked &&
      a.swallowed === b.swallowed &&
      a.joined === b.joined &&
      a.gexec === b.gexec)
  );
}

/** The statement with the handle as it stands in the document; null where it does not any more. */
export function statementWith(document: Document, handle: StatementHandle): PlacedStatement | null {
  return statementAt(document, indexOf(document, handle));
}

/** The statement of that index as it stands in the document; null where there is none. */
export function statementAt({ units }: Document, index: number): PlacedStatement | null {
  const found = unitWithStatement(units, index);
  const read = found?.unit.statements[index - found.statements];
  return found === null || read === undefined ? null : placeStatement(read, found.start);
}

/** The index of the statement with the handle; -1 where the document has none. */
export function indexOf({ handles: { list } }: Pick<Document, "handles">, handle: StatementHandle): number {
  // In most documents nothing has been inserted yet.
  if (list.at(handle) === handle) return handle;
  const moved = places.get(list) ?? 0;
  // Its neighbours have moved as far.
  if (list.at(handle + moved) === handle) return handle + moved;
  for (const [chunk, { items, lowest, highest }] of list.chunks.entries()) {
    const at = handle < lowest || handle > highest ? -1 : items.indexOf(handle);
    if (at < 0) continue;
    const found = (list.firsts[chunk] as number) + at;
    places.set(list, found - handle);
    return found;
  }
  return -1;
}

/** How far the statement that was found last stands behind where it was counted. */
const places = new WeakMap<HandleList, number>();

/** The index of the last statement that begins at or before the offset; -1 for none. */
export function indexAt({ units }: Document, offset: number): number {
  const found = unitAtOffset(units, offset);
  if (found === null) return -1;
  const { unit, start, statements } = found;
  let own = unit.statements.length - 1;
  while (own >= 0 && start + (unit.statements[own]?.offset ?? 0) > offset) own--;
  return statements + own;
}

/** Where the statement stands in the document; null where it does not, or there is no document. */
export function startOfStatement(document: Document | null, handle: StatementHandle): number | null {
  if (document === null) return null;
  const index = indexOf(document, handle);
  const found = unitWithStatement(document.units, index);
  const read = found?.unit.statements[index - found.statements];
  return found === null || read === undefined ? null : found.start + read.offset;
}

/** The text of the statement with the handle, without what ends it; empty where the document has none. */
export function textOfStatement(document: Document, handle: StatementHandle): string {
  const placed = statementWith(document, handle);
  return placed === null ? "" : document.content.slice(placed.start, placed.end);
}

/** Statements that stand in a text that nobody edits. */
export function readStatementsOf(statements: readonly ReadStatement[]): ReadStatements {
  return ChunkedList.of(statements, plainChunk);
}

/** Those of a text of which nothing has a handle yet. */
export function countedHandles(first: number, count: number): Handles {
  const handles = Array.from({ length: count }, (_, index) => handleAt(first + index));
  return { list: ChunkedList.of(handles, handleChunk), next: first + count };
}

function plainChunk(items: readonly ReadStatement[]): Chunk<ReadStatement> {
  return { items };
}

function handleChunk(items: readonly StatementHandle[]): HandleChunk {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, -1];
  for (const handle of items) {
    if (handle < lowest) lowest = handle;
    if (handle > highest) highest = handle;
  }
  return { items, lowest, highest };
}

function placeStatements({ list }: UnitList): readonly PlacedStatement[] {
  const placed: PlacedStatement[] = [];
  let start = 0;
  for (const { length, statements } of list) {
    for (const read of statements) placed.push(placeStatement(read, start));
    start += length;
  }
  return placed;
}

/** A document of its parts. */
export function createDocument(given: Omit<Document, "text" | "statements" | "directives">): Document {
  const { content, read, handles, units, lineage } = given;
  const directives: Directive[] = [];
  for (const { unit, start, statements } of unitsWithDirectives(units)) {
    for (const directive of unit.directives)
      directives.push(placeDirective(shiftDirective(directive, start), statements, read.length));
  }
  const end = startOfUnit(units, units.list.length);
  // As behind the end of a statement, which no directive follows on its line; where there is none, as at the text's beginning.
  for (const directive of findDirectives(content.slice(end), 0, content.length - end, end === 0)) {
    directives.push(placeDirective(shiftDirective(directive, end), read.length, read.length));
  }
  let placed: readonly PlacedStatement[] | null = null;
  return {
    ...{ content, read, handles, directives, units, lineage },
    get text() {
      return content.toString();
    },
    get statements() {
      placed ??= placeStatements(units);
      return placed;
    },
  };
}
