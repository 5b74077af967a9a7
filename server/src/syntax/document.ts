/** A whole script: its statements at their places, read from scratch or after an edit, however broken the text is. */

import { atOnce, type Turns } from "../text/turns.ts";
import { type Directive, findDirectives, placeDirective, shiftDirective } from "./directives.ts";
import type { Reading } from "./read-statement.ts";
import type { PlacedStatement } from "./statement.ts";
import { readUnits, shiftStatement, type Unit } from "./units.ts";

/** One version of a script. Immutable; versions share the statements that an edit left alone. */
export interface Document {
  readonly text: string;
  /** In order, without overlaps. One that stands for a missing semicolon is invalid and empty. */
  readonly statements: readonly PlacedStatement[];
  readonly directives: readonly Directive[];
  /** What the next edit goes by; of no interest to others. */
  readonly units: readonly Unit[];
}

/** The replacement of `[start, end)` of the previous text by `length` code units of the new one. */
export interface DocumentChange {
  readonly start: number;
  readonly end: number;
  readonly length: number;
}

/** Reads a script from scratch. Never fails. */
export function parseDocument(text: string, reading: Reading): Document {
  return atOnce(parseDocumentInTurns(text, reading));
}

/** The same, pausing after each unit. */
export function* parseDocumentInTurns(text: string, reading: Reading): Turns<Document> {
  const units: Unit[] = [];
  for (const unit of readUnits(text, 0, reading)) {
    units.push(unit);
    yield;
  }
  return createDocument(text, units, placeStatements(units, 0));
}

/**
 * The document after an edit; equal to `parseDocument(newText)`, but only what the edit may have touched is read
 * again. Several edits are applied one after the other.
 */
export function editDocument(previous: Document, newText: string, change: DocumentChange, reading: Reading): Document {
  const delta = change.length - (change.end - change.start);
  const first = firstAffected(previous.units, change.start);
  const fresh: Unit[] = [];
  // `old` walks over the units that the fresh ones replace; its offset counts in the previous text.
  let old = first;
  let position = first.offset;
  for (const unit of readUnits(newText, first.offset, reading)) {
    fresh.push(unit);
    position += unit.length;
    while (old.offset + delta < position && old.index < previous.units.length) old = nextUnit(previous.units, old);
    const isBehindChange = old.offset >= change.end && old.offset + delta === position;
    if (isBehindChange && !unit.copyDataFollows && previous.units[old.index - 1]?.copyDataFollows !== true) {
      return splice(previous, newText, first, fresh, old, delta);
    }
  }
  const end: Boundary = {
    index: previous.units.length,
    offset: previous.text.length,
    statements: previous.statements.length,
  };
  return splice(previous, newText, first, fresh, end, delta);
}

/** A place between two units: how many units and statements lie before it, and its offset. */
interface Boundary {
  readonly index: number;
  readonly offset: number;
  readonly statements: number;
}

function nextUnit(units: readonly Unit[], { index, offset, statements }: Boundary): Boundary {
  const unit = units[index];
  if (unit === undefined) return { index, offset, statements };
  return { index: index + 1, offset: offset + unit.length, statements: statements + unit.statements.length };
}

/** The boundary before the first unit in whose reading text at or behind `offset` had a part. */
function firstAffected(units: readonly Unit[], offset: number): Boundary {
  let found: Boundary = { index: 0, offset: 0, statements: 0 };
  let index = 0;
  let start = 0;
  let statements = 0;
  for (const unit of units) {
    if (start + unit.reach >= offset) break;
    index++;
    start += unit.length;
    statements += unit.statements.length;
    // Before COPY data reading cannot begin.
    if (!unit.copyDataFollows) found = { index, offset: start, statements };
  }
  return found;
}

/** The previous document with the units between two of its boundaries replaced. */
function splice(
  previous: Document,
  text: string,
  first: Boundary,
  fresh: readonly Unit[],
  last: Boundary,
  delta: number,
): Document {
  const later = previous.statements.slice(last.statements);
  const moved = delta === 0 ? later : later.map((placed) => shiftStatement(placed, delta));
  const units = previous.units.slice(0, first.index).concat(fresh, previous.units.slice(last.index));
  const placed = placeStatements(fresh, first.offset);
  return createDocument(text, units, previous.statements.slice(0, first.statements).concat(placed, moved));
}

function placeStatements(units: readonly Unit[], start: number): readonly PlacedStatement[] {
  const statements: PlacedStatement[] = [];
  let position = start;
  for (const unit of units) {
    for (const placed of unit.statements) statements.push(shiftStatement(placed, position));
    position += unit.length;
  }
  return statements;
}

function createDocument(text: string, units: readonly Unit[], statements: readonly PlacedStatement[]): Document {
  const directives: Directive[] = [];
  let position = 0;
  let nextStatement = 0;
  for (const unit of units) {
    for (const directive of unit.directives) {
      directives.push(placeDirective(shiftDirective(directive, position), nextStatement, statements.length));
    }
    position += unit.length;
    nextStatement += unit.statements.length;
  }
  for (const directive of findDirectives(text, position, text.length)) {
    directives.push(placeDirective(directive, nextStatement, statements.length));
  }
  return { text, statements, directives, units };
}
