/** A whole script: its statements at their places, read from scratch or after an edit, however broken the text is. */

import { type Directive, findDirectives } from "./directives.ts";
import { type Reading, readPiece } from "./read-statement.ts";
import { cutStatement, findRestart } from "./recovery.ts";
import type { CopyDataPiece, Piece, SqlPiece } from "./split/piece.ts";
import { longestPlaceholder } from "./split/placeholders.ts";
import { splitScript } from "./split/splitter.ts";
import type { PlacedStatement } from "./statement.ts";

/** One version of a script. Immutable; versions share the statements that an edit left alone. */
export interface Document {
  readonly text: string;
  /** In order, without overlaps. */
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

/** A piece of the script, with what was understood of it. */
interface Unit {
  readonly start: number;
  readonly end: number;
  readonly terminatorEnd: number;
  /** How far behind `terminatorEnd` recovery looked to decide what the unit is; the splitter looks no further than a placeholder's length. */
  readonly lookahead: number;
  readonly copyDataFollows: boolean;
  /** One statement, two where a semicolon is missing between them, none for commands and data. */
  readonly statements: readonly PlacedStatement[];
}

/** Reads a script from scratch. Never fails. */
export function parseDocument(text: string, reading: Reading): Document {
  return createDocument(text, [...readUnits(text, 0, reading)]);
}

/**
 * The document after an edit; equal to `parseDocument(newText)`, but only what the edit may have touched is read
 * again. Several edits are applied one after the other.
 */
export function editDocument(previous: Document, newText: string, change: DocumentChange, reading: Reading): Document {
  const delta = change.length - (change.end - change.start);
  const first = firstAffected(previous.units, change.start);
  const fresh: Unit[] = [];
  let next = first;
  let position = first === 0 ? 0 : (previous.units[first - 1]?.terminatorEnd ?? 0);
  for (const unit of readUnits(newText, position, reading)) {
    fresh.push(unit);
    position = unit.terminatorEnd - delta;
    while (next < previous.units.length && (previous.units[next]?.terminatorEnd ?? 0) < position) next++;
    if (!unit.copyDataFollows && position >= change.end && isBoundary(previous.units, next, position)) {
      return createDocument(newText, [
        ...previous.units.slice(0, first),
        ...fresh,
        ...previous.units.slice(next + 1).map((later) => shiftUnit(later, delta)),
      ]);
    }
  }
  return createDocument(newText, [...previous.units.slice(0, first), ...fresh]);
}

function createDocument(text: string, units: readonly Unit[]): Document {
  const statements = units.flatMap((unit) => unit.statements);
  const others = units.filter((unit) => unit.statements.length === 0);
  return { text, statements, directives: findDirectives(text, statements, others), units };
}

/** The first unit that text at or behind `offset` had a part in. The one before it ends where reading can begin. */
function firstAffected(units: readonly Unit[], offset: number): number {
  let first = 0;
  while (first < units.length && !looksAt(units[first], offset)) first++;
  while (units[first - 1]?.copyDataFollows === true) first--;
  return first;
}

function looksAt(unit: Unit | undefined, offset: number): boolean {
  return unit !== undefined && unit.terminatorEnd + unit.lookahead + longestPlaceholder >= offset;
}

/** Whether a unit ends at the offset so that reading could have begun there. */
function isBoundary(units: readonly Unit[], index: number, offset: number): boolean {
  const unit = units[index];
  return unit !== undefined && unit.terminatorEnd === offset && !unit.copyDataFollows;
}

function shiftUnit(unit: Unit, by: number): Unit {
  return {
    start: unit.start + by,
    end: unit.end + by,
    terminatorEnd: unit.terminatorEnd + by,
    lookahead: unit.lookahead,
    copyDataFollows: unit.copyDataFollows,
    statements: unit.statements.map((placed) => ({
      start: placed.start + by,
      end: placed.end + by,
      terminatorEnd: placed.terminatorEnd + by,
      hash: placed.hash,
      masked: placed.masked,
      statement: placed.statement,
    })),
  };
}

/**
 * The units from `start` on, which must lie between two statements. What a unit is depends only on the text from
 * the end of the one before it; `editDocument` rests on this.
 */
function* readUnits(text: string, start: number, reading: Reading): Generator<Unit, void> {
  let position = start;
  for (;;) {
    let restart: number | null = null;
    for (const piece of splitScript(text, position)) {
      const unit = readUnit(text, piece, reading);
      yield unit;
      if (unit.terminatorEnd < piece.terminatorEnd) {
        restart = unit.terminatorEnd;
        break;
      }
    }
    if (restart === null) return;
    position = restart;
  }
}

function readUnit(text: string, piece: Piece, reading: Reading): Unit {
  switch (piece.kind) {
    case "meta-command":
      return unitOf(piece, []);
    case "copy-data":
      return piece.terminated ? unitOf(piece, []) : readBrokenUnit(text, piece, null, reading);
    case "sql": {
      const placed = readPiece(text, piece, reading);
      return placed.statement.kind === "invalid"
        ? readBrokenUnit(text, piece, placed, reading)
        : unitOf(piece, [placed]);
    }
  }
}

function unitOf(piece: Piece, statements: readonly PlacedStatement[]): Unit {
  const { start, end, terminatorEnd, copyDataFollows } = piece;
  return { start, end, terminatorEnd, lookahead: 0, copyDataFollows, statements };
}

/** Ends the unit where another statement begins inside it, if one does. */
function readBrokenUnit(
  text: string,
  piece: SqlPiece | CopyDataPiece,
  placed: PlacedStatement | null,
  reading: Reading,
): Unit {
  let lookedAt = piece.terminatorEnd;
  const restart = findRestart(text, piece, (offset) => {
    const [candidate] = splitScript(text, offset);
    if (candidate?.kind !== "sql") return false;
    lookedAt = Math.max(lookedAt, candidate.terminatorEnd);
    const { statement } = readPiece(text, candidate, reading);
    return statement.kind !== "invalid";
  });
  if (restart === null) {
    const statements = placed === null ? [] : [placed];
    return { ...unitOf(piece, statements), lookahead: lookedAt - piece.terminatorEnd };
  }
  const cut =
    piece.kind === "sql" && placed?.statement.kind === "invalid"
      ? cutStatement(text, piece, placed.statement, restart, reading)
      : [];
  const end = cut.at(-1)?.end ?? restart;
  return {
    start: piece.start,
    end,
    terminatorEnd: restart,
    lookahead: lookedAt - restart,
    copyDataFollows: false,
    statements: cut,
  };
}
