/** A statement in which whoever sends it has put other text, as it is sent: read anew, with the ranges of what is written. */

import { hashText } from "../syntax/hash.ts";
import { type Reading, readPiece } from "../syntax/read-statement.ts";
import { splitScript } from "../syntax/split/splitter.ts";
import type { PlacedStatement, Statement } from "../syntax/statement.ts";

export interface SentStatement {
  /** At the place of what is written, with all ranges in it. */
  readonly placed: PlacedStatement;
  readonly sql: string;
}

/** What stands in the place of a part of the statement's text. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The statement with these parts replaced, which stand in their order; null where they make another number of statements than
 * one, or something is left that would be replaced. `text` is what is written of it.
 */
export function withReplacements(
  placed: PlacedStatement,
  text: string,
  replacements: readonly Replacement[],
  reading: Reading,
): SentStatement | null {
  const replaced = replaceAll(text, replacements);
  const [sent, ...more] = splitScript(replaced.sql);
  if (sent?.kind !== "sql" || more.length > 0 || sent.terminator !== "none" || sent.unterminated !== null) return null;
  // A value may hold variables itself; and what has none is sent as it stands.
  const unreplaced = sent.placeholders.some(({ standsFor }) => standsFor === "nothing");
  if (unreplaced || sent.placeholders.length > replaced.kept) return null;
  // What is sent as it stands must not be taken for what is read of it where the value is not known.
  const fresh = replaced.kept === 0 ? reading : { ...reading, cache: noCache };
  const read = readPiece(replaced.sql, { ...sent, placeholders: [] }, fresh);
  const { start, end, terminatorEnd, swallowed } = placed;
  const statement = moveRanges(read.statement, (offset) => replaced.original(offset + sent.start)) as Statement;
  const hash = hashText(replaced.sql, 0, replaced.sql.length, placed.hash);
  return { placed: { start, end, terminatorEnd, hash, masked: true, swallowed, statement }, sql: replaced.sql };
}

const noCache: Reading["cache"] = { get: () => undefined, set: () => {} };

interface Replaced {
  readonly sql: string;
  /** How many parts stand as they were. */
  readonly kept: number;
  /** From an offset in `sql` to the one in the text. */
  readonly original: (offset: number) => number;
}

function replaceAll(text: string, replacements: readonly Replacement[]): Replaced {
  const moves: { readonly from: number; readonly to: number; readonly start: number; readonly end: number }[] = [];
  let sql = "";
  let position = 0;
  let kept = 0;
  for (const { start, end, text: value } of replacements) {
    if (value === text.slice(start, end)) kept++;
    sql += text.slice(position, start);
    moves.push({ from: sql.length, to: sql.length + value.length, start, end });
    sql += value;
    position = end;
  }
  const original = (offset: number): number => {
    const move = moves.findLast(({ from }) => from <= offset);
    if (move === undefined) return offset;
    if (offset < move.to) return move.start;
    return move.end + offset - move.to;
  };
  return { sql: sql + text.slice(position), kept, original };
}

/** The same plain data with its offsets moved: those called `start`, `end` and `location`. */
function moveRanges(data: unknown, move: (offset: number) => number): unknown {
  if (Array.isArray(data)) return data.map((each) => moveRanges(each, move));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const isOffset = typeof value === "number" && ["start", "end", "location"].includes(key);
      return [key, isOffset ? move(value) : moveRanges(value, move)];
    }),
  );
}
