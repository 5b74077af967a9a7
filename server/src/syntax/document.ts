/** A whole script: its statements at their places, read from scratch or after an edit, however broken the text is. */

import { noteCommonEnds } from "../text/common-ends.ts";
import { atOnce, type Turns, type Waiting } from "../text/turns.ts";
import { type Directive, findDirectives, placeDirective, shiftDirective } from "./directives.ts";
import { declaredDelimiter } from "./migration-tools.ts";
import type { Reading } from "./read-statement.ts";
import type { PlacedStatement, ReadStatement } from "./statement.ts";
import { handleAt, type StatementHandle } from "./statement-handle.ts";
import { type PatientReading, placeStatement, readUnits, type Unit } from "./units.ts";

/** One version of a script. Immutable; versions share the statements that an edit left alone. */
export interface Document {
  readonly text: string;
  /** In order, without overlaps. One that stands for a missing semicolon is invalid and empty. Placed when somebody asks for them. */
  readonly statements: readonly PlacedStatement[];
  /** The same wherever they stand. */
  readonly read: readonly ReadStatement[];
  /** What each of them is called, in their order. */
  readonly handles: Handles;
  readonly directives: readonly Directive[];
  /** What the next edit goes by; of no interest to others. */
  readonly units: Units;
  /** What all versions of a script have in common, and those of no other. */
  readonly lineage: Lineage;
}

interface Lineage {
  readonly of: "script";
}

/**
 * The units of a document. An edit looks for its place among numbers that lie side by side: walking over the units
 * themselves takes longer in a long script than all that is read again.
 */
interface Units {
  readonly list: readonly Unit[];
  /** Where each begins, and behind them where the last one ends. */
  readonly starts: Uint32Array;
  /** Up to which offset the text was looked at for each. */
  readonly reached: Uint32Array;
  /** The number of statements before each, and behind them of all. */
  readonly statements: Uint32Array;
  /** The indexes of those that hold directives. */
  readonly withDirectives: readonly number[];
}

/** The handles of a document's statements, and the first that none of its versions has given away. */
interface Handles {
  readonly list: readonly StatementHandle[];
  readonly next: number;
}

/** The replacement of `[start, end)` of the previous text by `length` code units of the new one. */
export interface DocumentChange {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** Reads a script from scratch. Never fails. */
export function parseDocument(text: string, reading: Reading): Document {
  return atOnce(parseDocumentInTurns(text, readingHere(reading)));
}

/** The same reading, which waits for nobody. */
function readingHere(reading: PatientReading): PatientReading {
  return reading.elsewhere === undefined ? reading : { ...reading, elsewhere: undefined };
}

/** Reads a script, pausing after each unit and waiting for those that are read elsewhere. */
export function* parseDocumentInTurns(text: string, reading: PatientReading): Turns<Document, Waiting | undefined> {
  const units: Unit[] = [];
  for (const unit of readUnits(text, 0, reading)) {
    if (isUnit(unit)) units.push(unit);
    yield isUnit(unit) ? undefined : unit;
  }
  const read = units.flatMap(({ statements }) => statements);
  const list = read.map((_, index) => handleAt(index));
  return createDocument({
    ...{ text, read, lineage: { of: "script" } },
    ...{ units: joinUnits(noUnits, 0, units, 0, 0), handles: { list, next: list.length } },
  });
}

/** A text that is no script, such as the list of a migration tool. */
export function textDocument(text: string): Document {
  return {
    ...{ text, statements: [], read: [], handles: { list: [], next: 0 }, directives: [] },
    ...{ units: noUnits, lineage: { of: "script" } },
  };
}

/**
 * The document after an edit; equal to `parseDocument(newText)`, but only what the edit may have touched is read
 * again. Several edits are applied one after the other.
 */
export function editDocument(previous: Document, newText: string, change: DocumentChange, reading: Reading): Document {
  return atOnce(editDocumentInTurns(previous, newText, change, readingHere(reading)));
}

/** The same, pausing after each unit and waiting for those that are read elsewhere. */
export function* editDocumentInTurns(
  previous: Document,
  newText: string,
  change: DocumentChange,
  reading: PatientReading,
): Turns<Document, Waiting | undefined> {
  // Whatever the first line says of the others, they are all read by it.
  if (declaredDelimiter(previous.text) !== declaredDelimiter(newText))
    return readAnew(previous, yield* parseDocumentInTurns(newText, reading));
  const delta = change.length - (change.end - change.start);
  const { list, starts } = previous.units;
  const first = firstAffected(previous.units, change.start);
  const fresh: Unit[] = [];
  // The fresh units replace those before `last`, whose offset counts in the previous text.
  let last = first;
  let position = starts[first] ?? 0;
  for (const unit of readUnits(newText, position, reading)) {
    if (!isUnit(unit)) {
      yield unit;
      continue;
    }
    fresh.push(unit);
    position += unit.length;
    while ((starts[last] ?? 0) + delta < position && last < list.length) last++;
    const offset = starts[last] ?? 0;
    const isBehindChange = offset >= change.end && offset + delta === position;
    const old = list[last - 1];
    // What follows was read in the same way before.
    const isInStep =
      !unit.copyDataFollows && old?.copyDataFollows !== true && unit.refusedBehind === (old?.refusedBehind ?? 0);
    if (isBehindChange && isInStep) {
      return splice(previous, newText, first, fresh, last, delta);
    }
    yield;
  }
  return splice(previous, newText, first, fresh, list.length, delta);
}

function isUnit(unit: Unit | Waiting | undefined): unit is Unit {
  return unit !== undefined && !(unit instanceof Promise);
}

/** A document of which nothing is left: handles that were given away mean nothing any more. */
function readAnew({ handles: { next }, lineage }: Document, document: Document): Document {
  const list = document.handles.list.map((_, index) => handleAt(next + index));
  const { text, read, units } = document;
  return createDocument({ text, read, units, handles: { list, next: next + list.length }, lineage });
}

/** The index of the first unit in whose reading text at or behind `offset` had a part. */
function firstAffected({ list, reached }: Units, offset: number): number {
  let index = 0;
  while (index < list.length && (reached[index] ?? 0) < offset) index++;
  // Before COPY data and inside a statement that is refused whole reading cannot begin.
  for (let before = list[index - 1]; before?.copyDataFollows === true || (before?.refusedBehind ?? 0) > 0; ) {
    index--;
    before = list[index - 1];
  }
  return index;
}

/** The previous document with its units from `first` to before `last` replaced. */
function splice(
  previous: Document,
  text: string,
  first: number,
  fresh: readonly Unit[],
  last: number,
  delta: number,
): Document {
  const { units, read, lineage } = previous;
  const firstStatement = units.statements[first] ?? 0;
  const behind = units.statements[last] ?? 0;
  // More is read again than the edit touches: for its sake alone no statement becomes another object.
  const between = fresh
    .flatMap(({ statements }) => statements)
    .map((now, index) => {
      const old = read[firstStatement + index];
      return old !== undefined && firstStatement + index < behind && isEqual(old, now) ? old : now;
    });
  const handles = handlesAfter(previous, firstStatement, between, behind);
  // Most keys leave all statements as they are.
  const isSameRead =
    between.length === behind - firstStatement && between.every((each, at) => each === read[firstStatement + at]);
  const readNow = isSameRead ? read : replaced(read, firstStatement, between, behind);
  if (!isSameRead) noteCommonEnds(read, readNow, { first: firstStatement, last: read.length - behind });
  return createDocument({
    ...{ text, handles, lineage },
    units: joinUnits(units, first, fresh, last, delta),
    read: readNow,
  });
}

/** The handles when the statements from `first` to before `last` are replaced: what is the same, or typed in, keeps its own. */
function handlesAfter(
  { read, handles }: Document,
  first: number,
  fresh: readonly ReadStatement[],
  last: number,
): Handles {
  let [start, end, old] = [0, fresh.length, last];
  while (start < end && first + start < last && isSame(fresh[start], read[first + start])) start++;
  while (end > start && old > first + start && isSame(fresh[end - 1], read[old - 1])) {
    end--;
    old--;
  }
  // As many as before keep the handles that they had.
  if (end - start === old - first - start) return handles;
  let { next } = handles;
  const between = fresh.slice(start, end).map((_, index): StatementHandle => {
    const replaced = first + start + index;
    return (replaced < old ? handles.list[replaced] : undefined) ?? handleAt(next++);
  });
  return { list: handles.list.slice(0, first + start).concat(between, handles.list.slice(old)), next };
}

function isSame(a: ReadStatement | undefined, b: ReadStatement | undefined): boolean {
  return a !== undefined && b !== undefined && isSameText(a, b);
}

/** Whether both are the same, also where they stand in their units. */
function isEqual(a: ReadStatement, b: ReadStatement): boolean {
  const isPlacedAlike = a.offset === b.offset && a.length === b.length && a.tail === b.tail;
  return isPlacedAlike && a.statement === b.statement && isSameText(a, b);
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
export function statementAt({ units, read }: Document, index: number): PlacedStatement | null {
  const statement = read[index];
  return statement === undefined ? null : placeStatement(statement, units.starts[unitOf(units, index)] ?? 0);
}

/** The index of the statement with the handle; -1 where the document has none. */
export function indexOf({ handles: { list } }: Pick<Document, "handles">, handle: StatementHandle): number {
  // In most documents nothing has been inserted yet.
  if (list[handle] === handle) return handle;
  let places = indexes.get(list);
  if (places === undefined) {
    places = { moved: 0, looks: 0, all: null };
    indexes.set(list, places);
  }
  // Its neighbours have moved as far.
  if (list[handle + places.moved] === handle) return handle + places.moved;
  if (places.all !== null) return places.all.get(handle) ?? -1;
  // To look for a few of them takes less time than to note all.
  if (places.looks++ >= mostLooks) places.all = new Map(list.map((each, index) => [each, index]));
  const found = places.all === null ? list.indexOf(handle) : (places.all.get(handle) ?? -1);
  if (found >= 0) places.moved = found - handle;
  return found;
}

const mostLooks = 16;

/** Where the handles of a list are found. */
interface HandlePlaces {
  /** How far the one that was found last stands behind where it was counted. */
  moved: number;
  looks: number;
  /** null as long as few are looked for. */
  all: ReadonlyMap<StatementHandle, number> | null;
}

/** The index of the last statement that begins at or before the offset; -1 for none. */
export function indexAt({ units, read }: Document, offset: number): number {
  let [low, high] = [0, units.list.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((units.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  let index = (units.statements[low + 1] ?? 0) - 1;
  const first = units.statements[low] ?? 0;
  const start = units.starts[low] ?? 0;
  while (index >= first && start + (read[index]?.offset ?? 0) > offset) index--;
  return index;
}

/** Where the statement stands in the document; null where it does not, or there is no document. */
export function startOfStatement(document: Document | null, handle: StatementHandle): number | null {
  return document === null ? null : (statementWith(document, handle)?.start ?? null);
}

/** The text of the statement with the handle, without what ends it; empty where the document has none. */
export function textOfStatement(document: Document, handle: StatementHandle): string {
  const placed = statementWith(document, handle);
  return placed === null ? "" : document.text.slice(placed.start, placed.end);
}

const indexes = new WeakMap<readonly StatementHandle[], HandlePlaces>();

/** The index of the unit that holds the statement of an index. */
function unitOf({ statements }: Units, index: number): number {
  let [low, high] = [0, statements.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((statements[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function placeStatements({ list, starts }: Units): readonly PlacedStatement[] {
  return list.flatMap(({ statements }, index) => statements.map((read) => placeStatement(read, starts[index] ?? 0)));
}

const noUnits: Units = {
  list: [],
  starts: Uint32Array.of(0),
  reached: new Uint32Array(0),
  statements: Uint32Array.of(0),
  withDirectives: [],
};

/** The list with what stands from `first` to before `last` replaced. A long one is copied once where as many take the place. */
function replaced<T>(list: readonly T[], first: number, by: readonly T[], last: number): readonly T[] {
  if (by.length !== last - first) return list.slice(0, first).concat(by, list.slice(last));
  const copy = list.slice();
  for (const [at, each] of by.entries()) copy[first + at] = each;
  return copy;
}

/** The previous units with those from `first` to before `last` replaced, and the later ones moved by `delta`. */
function joinUnits(previous: Units, first: number, fresh: readonly Unit[], last: number, delta: number): Units {
  const list = replaced(previous.list, first, fresh, last);
  const starts = new Uint32Array(list.length + 1);
  const reached = new Uint32Array(list.length);
  // While somebody types in a statement, none comes or goes: arrays of this size are what most of a key's garbage is.
  const isSameCount =
    fresh.length === last - first && fresh.every((unit, at) => hasAsMany(unit, previous.list[first + at]));
  const statements = isSameCount ? previous.statements : new Uint32Array(list.length + 1);
  starts.set(previous.starts.subarray(0, first + 1));
  reached.set(previous.reached.subarray(0, first));
  if (!isSameCount) statements.set(previous.statements.subarray(0, first + 1));
  const withDirectives = previous.withDirectives.filter((index) => index < first);
  let at = first;
  for (const unit of fresh) {
    const start = starts[at] ?? 0;
    if (unit.directives.length > 0) withDirectives.push(at);
    reached[at] = start + unit.reach;
    if (!isSameCount) statements[at + 1] = (statements[at] ?? 0) + unit.statements.length;
    starts[++at] = start + unit.length;
  }
  const more = at - last;
  const moreStatements = (statements[at] ?? 0) - (previous.statements[last] ?? 0);
  for (; at < list.length; at++) {
    const old = at - more;
    reached[at] = (previous.reached[old] ?? 0) + delta;
    starts[at + 1] = (previous.starts[old + 1] ?? 0) + delta;
    if (!isSameCount) statements[at + 1] = (previous.statements[old + 1] ?? 0) + moreStatements;
  }
  for (const index of previous.withDirectives) if (index >= last) withDirectives.push(index + more);
  return { list, starts, reached, statements, withDirectives };
}

function hasAsMany({ statements }: Unit, other: Unit | undefined): boolean {
  return statements.length === other?.statements.length;
}

function createDocument(given: Omit<Document, "statements" | "directives">): Document {
  const { text, read, handles, units, lineage } = given;
  const directives: Directive[] = [];
  for (const index of units.withDirectives) {
    const nextStatement = units.statements[index] ?? 0;
    for (const directive of units.list[index]?.directives ?? []) {
      const shifted = shiftDirective(directive, units.starts[index] ?? 0);
      directives.push(placeDirective(shifted, nextStatement, read.length));
    }
  }
  const end = units.starts[units.list.length] ?? 0;
  for (const directive of findDirectives(text, end, text.length)) {
    directives.push(placeDirective(directive, read.length, read.length));
  }
  let placed: readonly PlacedStatement[] | null = null;
  return {
    ...{ text, read, handles, directives, units, lineage },
    get statements() {
      placed ??= placeStatements(units);
      return placed;
    },
  };
}
