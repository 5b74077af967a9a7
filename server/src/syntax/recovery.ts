/** Finds where sense begins again inside a statement that does not parse, so that one slip does not swallow its neighbours. */

import { type TextRange, textRange } from "../text/range.ts";
import { Code, dollarTagEnd, isSpace, lineEnd } from "./characters.ts";
import { detach } from "./detached-text.ts";
import { hashText } from "./hash.ts";
import { invalidStatement } from "./invalid.ts";
import { createSource } from "./lower/source.ts";
import { type Reading, readPiece } from "./read-statement.ts";
import { maskedText } from "./split/mask.ts";
import type { CopyDataPiece, SqlPiece } from "./split/piece.ts";
import type { Invalid, PlacedStatement } from "./statement.ts";

/** What the recovery asks about a place where a statement might begin. */
export type StartsStatement = (offset: number) => boolean;

/** How far it looks, and how many places it tries: what keeps a hopeless text cheap. */
const longestSearch = 200_000;
const mostTries = 40;

/** The first words of statements, at the beginning of a line. Those of queries and settings also stand inside others. */
const starter =
  /^[ \t]*(?:(CREATE|ALTER|DROP|INSERT\s+INTO|COMMENT\s+ON|GRANT|REVOKE|TRUNCATE|BEGIN|COMMIT|ROLLBACK|COPY|REINDEX|REFRESH|DO)|(UPDATE|DELETE\s+FROM|SET|SELECT|WITH|ANALYZE|VACUUM|CALL|LOCK|EXPLAIN|PREPARE|VALUES|MERGE))\b/gim;

/**
 * The offset inside a broken statement at which another one begins and is whole, as `startsStatement` sees it; null
 * where there is none. COPY data without an end are broken too, and there the statement may stand at their very start.
 */
export function findRestart(
  text: string,
  { kind, start, terminatorEnd: end }: SqlPiece | CopyDataPiece,
  startsStatement: StartsStatement,
): number | null {
  const searchEnd = Math.min(end, start + longestSearch);
  const closed = credibleDollarQuotes(text, start, searchEnd);
  const column = indentation(text, start);
  const candidates = findCandidates(text, start, searchEnd).filter(
    ({ offset }) =>
      (offset > start || kind === "copy-data") && !closed.some((quote) => quote.start < offset && offset < quote.end),
  );
  // A statement of the same rank is not indented more than the broken one; its parts often are.
  const sameRank = candidates.filter((candidate) => candidate.column <= column);
  const others = candidates.filter((candidate) => candidate.column > column);
  for (const { offset } of [...sameRank.slice(0, mostTries), ...others.slice(0, mostTries)]) {
    if (startsStatement(offset)) return offset;
  }
  return null;
}

interface Candidate {
  readonly offset: number;
  readonly column: number;
}

function findCandidates(text: string, start: number, end: number): readonly Candidate[] {
  const searched = text.slice(start, end);
  return Array.from(searched.matchAll(starter)).flatMap((match) => {
    const indent = match[0].length - match[0].trimStart().length;
    const offset = start + match.index + indent;
    if (offset >= end) return [];
    const isQuery = match[2] !== undefined;
    return isQuery && !followsBlankLine(searched, match.index) ? [] : { offset, column: indent };
  });
}

function followsBlankLine(text: string, lineStart: number): boolean {
  return /\n[ \t\r]*\n$/.test(text.slice(Math.max(0, lineStart - 200), lineStart));
}

/** The space in front of a statement that is the first thing on its line; 0 for others. */
function indentation(text: string, start: number): number {
  let at = start;
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return at === 0 || text[at - 1] === "\n" ? start - at : 0;
}

/**
 * Dollar quotes that look like what they are: opened after AS, DO or a language's name, and closed before a semicolon
 * or a function's options. One `$$` too many turns all later ones inside out, and then this is not so.
 */
function credibleDollarQuotes(text: string, start: number, end: number): readonly TextRange[] {
  const quotes: TextRange[] = [];
  for (let at = text.indexOf("$", start); at >= 0 && at < end; ) {
    const tagEnd = dollarTagEnd(text, at);
    if (tagEnd < 0) {
      at = text.indexOf("$", at + 1);
      continue;
    }
    const tag = text.slice(at, tagEnd);
    const close = text.indexOf(tag, tagEnd);
    if (close < 0) return quotes;
    const quote = { start: at, end: close + tag.length };
    if (opensBody(text, start, quote.start) && closesBody(text, quote.end, end)) quotes.push(quote);
    at = text.indexOf("$", quote.end);
  }
  return quotes;
}

function opensBody(text: string, start: number, offset: number): boolean {
  return /\b(?:AS|DO|LANGUAGE\s+'?\w+'?)\s*$/i.test(text.slice(Math.max(start, offset - 60), offset));
}

const functionOption =
  /^(?:LANGUAGE|IMMUTABLE|STABLE|VOLATILE|STRICT|SECURITY|PARALLEL|COST|ROWS|SET|CALLED|RETURNS|LEAKPROOF|WINDOW|SUPPORT|TRANSFORM)\b/i;

function closesBody(text: string, offset: number, end: number): boolean {
  let at = offset;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return (
    at >= end || text.charCodeAt(at) === Code.semicolon || functionOption.test(text.slice(at, Math.min(end, at + 12)))
  );
}

/**
 * What a broken statement is once it is known that another begins at `restart`: the statement that a missing semicolon
 * made one with the next, and that is refused with it, followed by the error in an empty place; or the error alone. The error stays the one
 * that PostgreSQL gives for the whole, moved to the end where it lies beyond.
 */
export function cutStatement(
  text: string,
  piece: SqlPiece,
  broken: Invalid,
  restart: number,
  reading: Reading,
): readonly PlacedStatement[] {
  const cut = cutPiece(text, piece, restart);
  const alone = readPiece(text, cut, reading);
  const { message, sqlstate, range } = broken.error;
  const length = cut.end - cut.start;
  const hash = hashText(message, 0, message.length, hashText(text, cut.start, cut.end, range.start));
  if (alone.statement.kind !== "invalid") {
    const error = { message, sqlstate, range: textRange(0, 0) };
    const missing: Invalid = { kind: "invalid", error, beginning: "other", relations: [] };
    const place = { start: cut.end, end: cut.end, terminatorEnd: cut.end };
    return [
      { ...alone, swallowed: true },
      { ...place, hash, masked: false, swallowed: false, statement: missing },
    ];
  }
  const source = createSource(detach(maskedText(text, cut)));
  const { beginning, relations } = invalidStatement(source, { message, sqlstate, offset: 0, fromPostgres: true });
  const clamped = textRange(Math.min(range.start, length), Math.min(range.end, length));
  const statement: Invalid = { kind: "invalid", error: { message, sqlstate, range: clamped }, beginning, relations };
  return [{ ...alone, hash, statement }];
}

/** The piece up to its last token before `restart`; an open comment in front of all tokens to the end of its line. */
function cutPiece(text: string, piece: SqlPiece, restart: number): SqlPiece {
  const before = text.slice(piece.start, restart);
  const last = createSource(before).tokens.at(-1);
  const end = piece.start + before.slice(0, last?.end ?? lineEnd(before, 0)).trimEnd().length;
  const placeholders = piece.placeholders.filter((placeholder) => piece.start + placeholder.end <= end);
  return { ...piece, end, terminatorEnd: end, terminator: "none", placeholders, copyDataFollows: false };
}
