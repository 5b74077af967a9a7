/** The parts of which a document is made up: statements, commands and data, each readable on its own and movable as it is. */

import type { TextLike } from "../text/chunked-text.ts";
import type { Turns, Waiting } from "../text/turns.ts";
import { detach } from "./detached-text.ts";
import { type Directive, findDirectives, shiftDirective } from "./directives.ts";
import { hashText } from "./hash.ts";
import { declaredDelimiter } from "./migration-tools.ts";
import { createRefusingParser } from "./parser.ts";
import { type Reading, readPiece } from "./read-statement.ts";
import { cutStatement, findRestart } from "./recovery.ts";
import { isUnsent, understandCommand } from "./split/meta-command.ts";
import type { CopyDataPiece, Piece, SqlPiece } from "./split/piece.ts";
import { longestPlaceholder } from "./split/placeholders.ts";
import { splitScript } from "./split/splitter.ts";
import type { PlacedStatement, ReadStatement } from "./statement.ts";
import { createStatementCache } from "./statement-cache.ts";

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
  /** How much is still to come of a statement that PostgreSQL refuses whole, and of which this is a part; else 0. */
  readonly refusedBehind: number;
  /** Those in front of its first token. */
  readonly directives: readonly Directive[];
  /** One statement, two where a semicolon is missing between them, none for commands and data. */
  readonly statements: readonly ReadStatement[];
}

/** A unit of which is not known yet how much of it is refused. */
export type UnitRead = Omit<Unit, "refusedBehind">;

/** What `readUnit` works on. Plain data. */
export interface UnitToRead {
  readonly text: string;
  /** The end of the unit before. */
  readonly origin: number;
  readonly piece: Piece;
  /** Where what PostgreSQL refuses as one statement ends, if it does so here. */
  readonly refusedEnd: number | null;
}

/** Reads a unit beside whoever waits for it, as `readUnit` does; null where none can be read there now. */
export type ReadUnitElsewhere = (unit: UnitToRead) => Turns<UnitRead | UnitUnread | null, Waiting | undefined>;

/** Why nothing is understood of a statement, in words for the log. */
export interface UnitUnread {
  readonly unread: string;
}

/** Reading that may leave long statements to somebody else. */
export interface PatientReading extends Reading {
  readonly elsewhere?: ReadUnitElsewhere | undefined;
  /** Up to how many UTF-16 units a statement is read here all the same; for tests. */
  readonly longestReadHere?: number | undefined;
}

/** To read a statement of more UTF-16 units takes long enough that others would notice. */
const longestReadHere = 16 * 1024;

/**
 * The units from `start` on, which must lie between two statements, and what they have to wait for. What a unit is depends only on
 * the text from the end of the one before it, and on that one's `refusedBehind`; editing a document rests on this. Nothing that ends
 * behind `readTo` is read: where the text goes on there, more of it has to be looked at.
 */
export function* readUnits(
  text: string,
  start: number,
  reading: PatientReading,
  readTo = Number.POSITIVE_INFINITY,
): Generator<Unit | Waiting | undefined, void> {
  let position = start;
  /** Where what PostgreSQL refuses as one statement ends, as long as its reading and ours are not in step. */
  let refusedEnd: number | null = null;
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const piece of splitScript(text, position)) {
      if (piece.terminatorEnd + longestPlaceholder > readTo) return;
      if (refusedEnd !== null) refusedEnd = endOfRefused(text, refusedEnd, piece.start);
      const isSwallowed: boolean = refusedEnd !== null;
      const unit = yield* readUnitPatiently({ text, origin: position, piece, refusedEnd }, reading);
      position += unit.length;
      const isInside = position < piece.terminatorEnd;
      if (refusedEnd !== null) refusedEnd = endOfRefused(text, refusedEnd, position);
      else if (isInside) refusedEnd = piece.terminatorEnd;
      const behind: number = refusedEnd === null ? 0 : refusedEnd - position;
      yield isSwallowed ? swallow(unit, behind) : { ...unit, refusedBehind: behind };
      if (isInside) {
        goesOn = true;
        break;
      }
    }
  }
}

/**
 * PostgreSQL's own reading, of which a statement ends at `end`: where it ends the one that holds `position`, or null where
 * none does, so that both readings are in step again.
 */
function endOfRefused(text: string, end: number, position: number): number | null {
  if (end > position) return end;
  for (const piece of splitScript(text, end)) {
    if (piece.start >= position) return null;
    if (piece.terminatorEnd > position) return piece.terminatorEnd;
  }
  return null;
}

function swallow(unit: UnitRead, refusedBehind: number): Unit {
  return {
    ...unit,
    refusedBehind,
    // PostgreSQL's own reading was looked at too.
    reach: Math.max(unit.reach, unit.length + refusedBehind + longestPlaceholder),
    statements: unit.statements.map((read) => ({ ...read, swallowed: true })),
  };
}

/** The statement in a document where its unit begins at `origin`. */
export function placeStatement(read: ReadStatement, origin: number): PlacedStatement {
  const start = origin + read.offset;
  const end = start + read.length;
  return { start, end, terminatorEnd: end + read.tail, ...withoutPlace(read) };
}

/** The statement as one that begins where the text does. */
export function standingAlone(read: ReadStatement): PlacedStatement {
  return placeStatement(read, -read.offset);
}

/** What was read of a statement in a unit that begins at `origin`. */
function readAt(placed: PlacedStatement, origin: number): ReadStatement {
  const { start, end, terminatorEnd } = placed;
  return { offset: start - origin, length: end - start, tail: terminatorEnd - end, ...withoutPlace(placed) };
}

function withoutPlace({ hash, masked, swallowed, joined, gexec, statement }: PlacedStatement | ReadStatement) {
  return {
    ...{ hash, masked, swallowed, statement },
    ...(joined === undefined ? undefined : { joined }),
    ...(gexec === undefined ? undefined : { gexec }),
  };
}

function* readUnitPatiently(unit: UnitToRead, reading: PatientReading): Turns<UnitRead, Waiting | undefined> {
  const { kind, start, end } = unit.piece;
  if (reading.elsewhere === undefined || kind !== "sql" || end - start <= (reading.longestReadHere ?? longestReadHere))
    return readUnit(unit, reading);
  for (const alone of cutOuts(unit)) {
    const read = yield* reading.elsewhere(alone);
    if (read === null) return readUnit(unit, reading);
    if ("unread" in read) return readUnit(unit, withoutParser(reading, read.unread));
    const isWhole = alone.text.length - alone.origin === unit.text.length - unit.origin;
    if (isWhole || alone.origin + read.reach <= alone.text.length) return read;
  }
  return readUnit(unit, reading);
}

/**
 * The unit without the rest of the file, which need not go to another thread; then, for a broken statement that goes on behind its
 * end, with all that is behind it.
 */
function* cutOuts(unit: UnitToRead): Generator<UnitToRead, void> {
  const { text, origin, piece, refusedEnd } = unit;
  if (declaredDelimiter(text) !== null) {
    yield unit;
    return;
  }
  const from = startOfCutOut(text, origin);
  const end = piece.terminatorEnd + longestPlaceholder;
  for (const to of piece.copyDataFollows || end >= text.length ? [text.length] : [end, text.length])
    yield {
      text: text.slice(from, to),
      origin: origin - from,
      piece: {
        ...piece,
        start: piece.start - from,
        end: piece.end - from,
        terminatorEnd: piece.terminatorEnd - from,
      },
      refusedEnd: refusedEnd === null ? null : refusedEnd - from,
    };
}

/** From where on the text is looked at when the unit is read that begins at `origin`, if no delimiter is declared. */
export function startOfCutOut(text: TextLike, origin: number): number {
  // How far a statement is indented, and whether a line begins with it, is part of what it is.
  for (let looked = 64; ; looked *= 8) {
    const before = text.slice(Math.max(0, origin - looked), origin);
    let indent = 0;
    while (isBlank(before.charCodeAt(before.length - indent - 1))) indent++;
    if (indent < before.length || looked >= origin) return Math.max(0, origin - indent - 1);
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Reading that understands nothing, and forgets it. */
function withoutParser(reading: Reading, why: string): Reading {
  return { ...reading, parser: createRefusingParser(why), cache: createStatementCache(0) };
}

/** Reads one unit. */
export function readUnit({ text, origin, piece, refusedEnd }: UnitToRead, reading: Reading): UnitRead {
  const { statements, end, lookedAt, copyDataFollows } = understandWithin(text, piece, refusedEnd, reading);
  return {
    length: end - origin,
    // The splitter itself looks no further ahead than for the end of a placeholder.
    reach: lookedAt + longestPlaceholder - origin,
    copyDataFollows,
    directives: findDirectives(text, origin, piece.start).map((directive) => shiftDirective(directive, -origin)),
    statements: statements.map((placed) => readAt(placed, origin)),
  };
}

/** What makes no sense beyond the end of a refused statement makes more when it ends there. */
function understandWithin(text: string, piece: Piece, refusedEnd: number | null, reading: Reading): Understood {
  const whole = understand(text, piece, reading);
  const isSound = whole.statements.every(({ statement }) => statement.kind !== "invalid");
  if (refusedEnd === null || refusedEnd >= piece.terminatorEnd || isSound) return whole;
  const shown = text.slice(0, refusedEnd);
  const [cut] = splitScript(shown, piece.start);
  if (cut === undefined) return whole;
  const understood = understand(shown, cut, reading);
  return { ...understood, lookedAt: whole.lookedAt, copyDataFollows: false };
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
      const statement = understandCommand(text, piece);
      if (statement === null) return whole(piece, []);
      const { start, end, terminatorEnd } = piece;
      const hash = hashText(text, start, end);
      return whole(piece, [{ start, end, terminatorEnd, hash, masked: false, swallowed: false, statement }]);
    }
    case "copy-data":
      return piece.terminated ? whole(piece, []) : recover(text, piece, null, reading);
    case "sql": {
      // psql throws it away, or only asks about it.
      if (isUnsent(text, piece)) return whole(piece, []);
      const placed = readPiece(text, piece, reading);
      if (placed.statement.kind === "copy" && piece.copyDataFollows) return withData(text, piece, placed);
      return placed.statement.kind === "invalid" ? recover(text, piece, placed, reading) : whole(piece, [placed]);
    }
  }
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
