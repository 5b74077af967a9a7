/** A whole script: its statements at their places, read from scratch or after an edit, however broken the text is. */

import { type Chunk, ChunkedList } from "../text/chunked-list.ts";
import { noteCommonEnds } from "../text/common-ends.ts";
import { atOnce, type Turns, type Waiting } from "../text/turns.ts";
import { type Directive, findDirectives, placeDirective, shiftDirective } from "./directives.ts";
import { declaredDelimiter } from "./migration-tools.ts";
import type { Reading } from "./read-statement.ts";
import type { PlacedStatement, ReadStatement } from "./statement.ts";
import { handleAt, type StatementHandle } from "./statement-handle.ts";
import {
  firstReaching,
  replacedUnits,
  startOfUnit,
  statementsBefore,
  type UnitList,
  unitAtOffset,
  unitListOf,
  unitsWithDirectives,
  unitWithStatement,
} from "./unit-list.ts";
import { type PatientReading, placeStatement, readUnits, type Unit } from "./units.ts";

/** One version of a script. Immutable; versions share the statements that an edit left alone. */
export interface Document {
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
interface Handles {
  readonly list: HandleList;
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
  return createDocument({
    ...{ text, read: readStatementsOf(read), lineage: { of: "script" } },
    ...{ units: unitListOf(units), handles: countedHandles(0, read.length) },
  });
}

/** A text that is no script, such as the list of a migration tool. */
export function textDocument(text: string): Document {
  return {
    ...{ text, statements: [], read: readStatementsOf([]), handles: countedHandles(0, 0), directives: [] },
    ...{ units: unitListOf([]), lineage: { of: "script" } },
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
  const { units } = previous;
  const { list } = units;
  const first = firstAffected(previous.units, change.start);
  const fresh: Unit[] = [];
  // The fresh units replace those before `last`, whose offset counts in the previous text.
  let last = first;
  let position = startOfUnit(units, first);
  for (const unit of readUnits(newText, position, reading)) {
    if (!isUnit(unit)) {
      yield unit;
      continue;
    }
    fresh.push(unit);
    position += unit.length;
    while (last < list.length && startOfUnit(units, last) + delta < position) last++;
    const offset = startOfUnit(units, last);
    const isBehindChange = offset >= change.end && offset + delta === position;
    const old = list.at(last - 1);
    // What follows was read in the same way before.
    const isInStep =
      !unit.copyDataFollows && old?.copyDataFollows !== true && unit.refusedBehind === (old?.refusedBehind ?? 0);
    if (isBehindChange && isInStep) {
      return splice(previous, newText, first, fresh, last);
    }
    yield;
  }
  return splice(previous, newText, first, fresh, list.length);
}

function isUnit(unit: Unit | Waiting | undefined): unit is Unit {
  return unit !== undefined && !(unit instanceof Promise);
}

/** A document of which nothing is left: handles that were given away mean nothing any more. */
function readAnew({ handles: { next }, lineage }: Document, document: Document): Document {
  const { text, read, units } = document;
  return createDocument({ text, read, units, handles: countedHandles(next, read.length), lineage });
}

/** The index of the first unit in whose reading text at or behind `offset` had a part. */
function firstAffected(units: UnitList, offset: number): number {
  const { list } = units;
  let index = firstReaching(units, offset);
  // Before COPY data and inside a statement that is refused whole reading cannot begin.
  for (let before = list.at(index - 1); before?.copyDataFollows === true || (before?.refusedBehind ?? 0) > 0; ) {
    index--;
    before = list.at(index - 1);
  }
  return index;
}

/** The previous document with its units from `first` to before `last` replaced. */
function splice(previous: Document, text: string, first: number, fresh: readonly Unit[], last: number): Document {
  const { units, read, lineage } = previous;
  const firstStatement = statementsBefore(units, first);
  const behind = statementsBefore(units, last);
  // More is read again than the edit touches: for its sake alone no statement becomes another object.
  const between = fresh
    .flatMap(({ statements }) => statements)
    .map((now, index) => {
      const old = read.at(firstStatement + index);
      return old !== undefined && firstStatement + index < behind && isEqual(old, now) ? old : now;
    });
  const handles = handlesAfter(previous, firstStatement, between, behind);
  // Most keys leave all statements as they are.
  const isSameRead =
    between.length === behind - firstStatement && between.every((each, at) => each === read.at(firstStatement + at));
  const readNow = isSameRead ? read : read.replaced(firstStatement, between, behind);
  if (!isSameRead) noteCommonEnds(read, readNow, { first: firstStatement, last: read.length - behind });
  return createDocument({
    ...{ text, handles, lineage },
    units: replacedUnits(units, first, fresh, last),
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
  while (start < end && first + start < last && isSame(fresh[start], read.at(first + start))) start++;
  while (end > start && old > first + start && isSame(fresh[end - 1], read.at(old - 1))) {
    end--;
    old--;
  }
  // As many as before keep the handles that they had.
  if (end - start === old - first - start) return handles;
  let { next } = handles;
  const between = fresh.slice(start, end).map((_, index): StatementHandle => {
    const replaced = first + start + index;
    return (replaced < old ? handles.list.at(replaced) : undefined) ?? handleAt(next++);
  });
  return { list: handles.list.replaced(first + start, between, old), next };
}

function isSame(a: ReadStatement | undefined, b: ReadStatement | undefined): boolean {
  return a !== undefined && b !== undefined && isSameText(a, b);
}

/** Whether both are the same but for what stands in front of them in their units. */
function isEqual(a: ReadStatement, b: ReadStatement): boolean {
  return a.length === b.length && a.tail === b.tail && a.statement === b.statement && isSameText(a, b);
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
  return placed === null ? "" : document.text.slice(placed.start, placed.end);
}

/** Statements that stand in a text that nobody edits. */
export function readStatementsOf(statements: readonly ReadStatement[]): ReadStatements {
  return ChunkedList.of(statements, plainChunk);
}

/** Those of a text of which nothing has a handle yet. */
function countedHandles(first: number, count: number): Handles {
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

function createDocument(given: Omit<Document, "statements" | "directives">): Document {
  const { text, read, handles, units, lineage } = given;
  const directives: Directive[] = [];
  for (const { unit, start, statements } of unitsWithDirectives(units)) {
    for (const directive of unit.directives)
      directives.push(placeDirective(shiftDirective(directive, start), statements, read.length));
  }
  const end = startOfUnit(units, units.list.length);
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
