/** A document after an edit: only what the edit may have touched is read again. */

import { ChunkedText } from "../text/chunked-text.ts";
import { noteCommonEnds } from "../text/common-ends.ts";
import { atOnce, type Turns, type Waiting } from "../text/turns.ts";
import {
  countedHandles,
  createDocument,
  type Document,
  type Handles,
  isSameText,
  isUnit,
  parseDocumentInTurns,
  readingHere,
} from "./document.ts";
import { declaredDelimiter } from "./migration-tools.ts";
import type { Reading } from "./read-statement.ts";
import type { ReadStatement } from "./statement.ts";
import { handleAt, type StatementHandle } from "./statement-handle.ts";
import {
  firstReaching,
  replacedUnits,
  startOfUnit,
  statementsBefore,
  type UnitList,
  unitAtOffset,
} from "./unit-list.ts";
import { type PatientReading, readUnits, startOfCutOut, type Unit } from "./units.ts";

/** The replacement of `[start, end)` of the previous text by `length` code units of the new one. */
export interface DocumentChange {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/**
 * The document after an edit; equal to `parseDocument(newText)`, but only what the edit may have touched is read
 * again. Several edits are applied one after the other.
 */
export function editDocument(
  previous: Document,
  newText: string | ChunkedText,
  change: DocumentChange,
  reading: Reading,
): Document {
  return atOnce(editDocumentInTurns(previous, newText, change, readingHere(reading)));
}

/** The same, pausing after each unit and waiting for those that are read elsewhere. */
export function* editDocumentInTurns(
  previous: Document,
  newText: string | ChunkedText,
  change: DocumentChange,
  reading: PatientReading,
): Turns<Document, Waiting | undefined> {
  const content = ChunkedText.of(newText);
  const delimiter = declaredDelimiter(content);
  // Whatever the first line says of the others, they are all read by it.
  if (declaredDelimiter(previous.content) !== delimiter)
    return readAnew(previous, yield* parseDocumentInTurns(content, reading));
  const { units } = previous;
  const first = firstAffected(units, change.start);
  const position = startOfUnit(units, first);
  const touched = unitAtOffset(units, change.end);
  const endBefore = Math.max(change.end, touched === null ? 0 : touched.start + touched.unit.length);
  const end = endBefore - change.end + change.start + change.length;
  const start = delimiter === null ? startOfCutOut(content, position) : 0;
  // What a unit is shows in the text around it, and to put a long text together takes longer than to read a few units.
  for (let behind = lookedAtBehind; delimiter === null && end + behind < content.length; behind *= 8) {
    const cutOut = { start, text: content.slice(start, end + behind), isToEnd: false };
    const document = yield* readCutOut(previous, content, { change, first, cutOut }, reading);
    if (document !== null) return document;
  }
  const cutOut = { start, text: content.slice(start), isToEnd: true };
  const document = yield* readCutOut(previous, content, { change, first, cutOut }, reading);
  return document as Document;
}

/** So much text behind the units that an edit touches is enough for most of those that it may make of them. */
const lookedAtBehind = 8 * 1024;

/** Where in a text a reading of units is tried. */
interface CutOut {
  /** Where it begins in the text. */
  readonly start: number;
  readonly text: string;
  readonly isToEnd: boolean;
}

/** The document after the edit, of which units from `first` on are read in the cut-out; null where more of the text matters to them. */
function* readCutOut(
  previous: Document,
  content: ChunkedText,
  { change, first, cutOut }: { readonly change: DocumentChange; readonly first: number; readonly cutOut: CutOut },
  reading: PatientReading,
): Turns<Document | null, Waiting | undefined> {
  const delta = change.length - (change.end - change.start);
  const { units } = previous;
  const { list } = units;
  const fresh: Unit[] = [];
  // The fresh units replace those before `last`, whose offset counts in the previous text.
  let last = first;
  let position = startOfUnit(units, first);
  const readTo = cutOut.isToEnd ? Number.POSITIVE_INFINITY : cutOut.text.length;
  for (const unit of readUnits(cutOut.text, position - cutOut.start, reading, readTo)) {
    if (!isUnit(unit)) {
      yield unit;
      continue;
    }
    if (position - cutOut.start + unit.reach > readTo) return null;
    fresh.push(unit);
    position += unit.length;
    while (last < list.length && startOfUnit(units, last) + delta < position) last++;
    const offset = startOfUnit(units, last);
    const wasFirst = last === 0 && knowsItIsFirst(previous);
    const isBehindChange = offset >= change.end && offset + delta === position && !wasFirst;
    const old = list.at(last - 1);
    // What follows was read in the same way before.
    const isInStep =
      !unit.copyDataFollows && old?.copyDataFollows !== true && unit.refusedBehind === (old?.refusedBehind ?? 0);
    if (isBehindChange && isInStep) return splice(previous, content, first, fresh, last);
    yield;
  }
  return cutOut.isToEnd ? splice(previous, content, first, fresh, list.length) : null;
}

/** Whether the first unit would read otherwise behind something else: a comment that has no line of its own there, and a byte order mark. */
function knowsItIsFirst({ content, units: { list } }: Document): boolean {
  return (list.at(0)?.directives.length ?? 0) > 0 || content.slice(0, 1) === "\ufeff";
}

/** A document of which nothing is left: handles that were given away mean nothing any more. */
function readAnew({ handles: { next }, lineage }: Document, document: Document): Document {
  const { content, read, units } = document;
  return createDocument({ content, read, units, handles: countedHandles(next, read.length), lineage });
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
function splice(
  previous: Document,
  content: ChunkedText,
  first: number,
  fresh: readonly Unit[],
  last: number,
): Document {
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
    ...{ content, handles, lineage },
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
