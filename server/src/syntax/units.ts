/** The parts of which a document is made up: statements, commands and data, each readable on its own and movable as it is. */

import { detach } from "./detached-text.ts";
import { type Directive, findDirectives, shiftDirective } from "./directives.ts";
import { hashText } from "./hash.ts";
import { type Reading, readPiece } from "./read-statement.ts";
import { cutStatement, findRestart } from "./recovery.ts";
import { connectedDatabase, untoldCommand } from "./split/meta-command.ts";
import type { CopyDataPiece, MetaCommandPiece, Piece, SqlPiece } from "./split/piece.ts";
import { longestPlaceholder } from "./split/placeholders.ts";
import { splitScript } from "./split/splitter.ts";
import type { Connect, PlacedStatement, PsqlCommand } from "./statement.ts";

/**
 * A piece of a script with what was understood of it. It knows no place in the document: an edit in front of it leaves
 * it as it is. All offsets count from the end of the unit before, where its own reading began.
 */
export interface Unit {
  /** Where the next unit's reading begins. */
  readonly length: number;
  /** How far the text was looked at to decide what the unit is; at least `length`. */
  readonly reach: number;
  /** Whether COPY data follow, so that reading cannot begin behind it. */
  readonly copyDataFollows: boolean;
  /** Those in front of its first token. */
  readonly directives: readonly Directive[];
  /** One statement, two where a semicolon is missing between them, none for commands and data. */
  readonly statements: readonly PlacedStatement[];
}

/**
 * The units from `start` on, which must lie between two statements. What a unit is depends only on the text from
 * the end of the one before it; editing a document rests on this.
 */
export function* readUnits(text: string, start: number, reading: Reading): Generator<Unit, void> {
  let position = start;
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const piece of splitScript(text, position)) {
      const unit = readUnit(text, position, piece, reading);
      yield unit;
      position += unit.length;
      if (position < piece.terminatorEnd) {
        // Another statement begins inside the piece.
        goesOn = true;
        break;
      }
    }
  }
}

/** The statement in a document where its unit begins at `by`. */
export function shiftStatement(placed: PlacedStatement, by: number): PlacedStatement {
  return {
    start: placed.start + by,
    end: placed.end + by,
    terminatorEnd: placed.terminatorEnd + by,
    hash: placed.hash,
    masked: placed.masked,
    statement: placed.statement,
  };
}

function readUnit(text: string, origin: number, piece: Piece, reading: Reading): Unit {
  const { statements, end, lookedAt, copyDataFollows } = understand(text, piece, reading);
  return {
    length: end - origin,
    // The splitter itself looks no further ahead than for the end of a placeholder.
    reach: lookedAt + longestPlaceholder - origin,
    copyDataFollows,
    directives: findDirectives(text, origin, piece.start).map((directive) => shiftDirective(directive, -origin)),
    statements: statements.map((placed) => shiftStatement(placed, -origin)),
  };
}

/** A unit in offsets of the document. */
interface Understood {
  readonly statements: readonly PlacedStatement[];
  readonly end: number;
  readonly lookedAt: number;
  readonly copyDataFollows: boolean;
}

function understand(text: string, piece: Piece, reading: Reading): Understood {
  switch (piece.kind) {
    case "meta-command": {
      const statement = readCommand(text, piece);
      if (statement === null) return whole(piece, []);
      const { start, end, terminatorEnd } = piece;
      const hash = hashText(text, start, end);
      return whole(piece, [{ start, end, terminatorEnd, hash, masked: false, statement }]);
    }
    case "copy-data":
      return piece.terminated ? whole(piece, []) : recover(text, piece, null, reading);
    case "sql": {
      const placed = readPiece(text, piece, reading);
      if (placed.statement.kind === "copy" && piece.copyDataFollows) return withData(text, piece, placed);
      return placed.statement.kind === "invalid" ? recover(text, piece, placed, reading) : whole(piece, [placed]);
    }
  }
}

/** A command of psql that matters to what follows it; null for the others. */
function readCommand(text: string, piece: MetaCommandPiece): Connect | PsqlCommand | null {
  const database = connectedDatabase(text, piece);
  if (database !== undefined) return { kind: "connect", database };
  const command = untoldCommand(text, piece);
  return command === null ? null : { kind: "psql", command };
}

function whole(piece: Piece, statements: readonly PlacedStatement[]): Understood {
  const { terminatorEnd, copyDataFollows } = piece;
  return { statements, end: terminatorEnd, lookedAt: terminatorEnd, copyDataFollows };
}

/** Data of more characters than this are not looked at. */
const mostData = 64 * 1024;

/** A COPY with the lines that follow it, which make it another statement than the same words with other lines. */
function withData(text: string, piece: SqlPiece, placed: PlacedStatement): Understood {
  const [, data] = splitScript(text, piece.start);
  const { statement } = placed;
  const isRead = data?.kind === "copy-data" && data.terminated && data.end - data.start <= mostData;
  if (!isRead || statement.kind !== "copy") return whole(piece, [placed]);
  const lines = { text: detach(text.slice(data.start, data.end)), start: data.start - piece.start };
  const hash = hashText(text, piece.start, data.end);
  const read = { ...placed, hash, statement: { ...statement, data: lines } };
  return { ...whole(piece, [read]), lookedAt: data.terminatorEnd };
}

/** Ends the broken unit where another statement begins inside it, if one does. */
function recover(
  text: string,
  piece: SqlPiece | CopyDataPiece,
  placed: PlacedStatement | null,
  reading: Reading,
): Understood {
  let lookedAt = piece.terminatorEnd;
  const restart = findRestart(text, piece, (offset) => {
    const [candidate] = splitScript(text, offset);
    if (candidate?.kind !== "sql") return false;
    lookedAt = Math.max(lookedAt, candidate.terminatorEnd);
    return readPiece(text, candidate, reading).statement.kind !== "invalid";
  });
  if (restart === null) return { ...whole(piece, placed === null ? [] : [placed]), lookedAt };
  const statements =
    piece.kind === "sql" && placed?.statement.kind === "invalid"
      ? cutStatement(text, piece, placed.statement, restart, reading)
      : [];
  return { statements, end: restart, lookedAt, copyDataFollows: false };
}
