/** psql's variables: what `\set` gives them, and the statements into which psql puts their values. */

import { hashText } from "../syntax/hash.ts";
import { type Reading, readPiece } from "../syntax/read-statement.ts";
import type { Argument, ArgumentPart } from "../syntax/split/meta-arguments.ts";
import type { SqlPiece } from "../syntax/split/piece.ts";
import { splitScript } from "../syntax/split/splitter.ts";
import type { PlacedStatement, Statement } from "../syntax/statement.ts";

/** By name: the value, or null where it is known that there is none. Of others nothing is known: they may be given from outside. */
export type Variables = ReadonlyMap<string, string | null>;

/** More are forgotten, all at once. */
const mostVariables = 1_000;
/** Longer values are not known. */
const longestValue = 10_000;

/** The variables with one more value; `undefined` says that it is not known. */
export function withVariable(variables: Variables, name: string, value: string | null | undefined): Variables {
  const next = new Map(variables.size < mostVariables ? variables : []);
  if (value === undefined || (value?.length ?? 0) > longestValue) next.delete(name);
  else next.set(name, value);
  return next;
}

/** The value of an argument; null where it is not known. */
export function argumentValue({ parts }: Argument, variables: Variables): string | null {
  let value = "";
  for (const part of parts) {
    const text = typeof part === "string" ? part : textFor(part, variables);
    if (text === null) return null;
    value += text;
  }
  return value;
}

/** `ParseVariableBool`: any beginning of the words will do. */
export function isTrue(value: string): boolean {
  return /^(?:t|tr|tru|true|y|ye|yes|on|1)$/i.test(value);
}

export function isFalse(value: string): boolean {
  return /^(?:f|fa|fal|fals|false|n|no|of|off|0)$/i.test(value);
}

type VariableReference = Exclude<ArgumentPart, string>;

/** What psql writes for a variable: itself where it has no value; null where that is not known. */
function textFor({ variable, form, written }: VariableReference, variables: Variables): string | null {
  const value = variables.get(variable);
  if (value === undefined) return null;
  if (form === "is-set") return value === null ? "FALSE" : "TRUE";
  if (value === null) return written;
  switch (form) {
    case "plain":
      return value;
    case "identifier":
      return `"${value.replaceAll('"', '""')}"`;
    case "literal": {
      const doubled = value.replaceAll("'", "''");
      return value.includes("\\") ? ` E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
    }
  }
}

/** A statement as psql sends it. */
export interface SentStatement {
  /** At the place of what is written, with all ranges in it. */
  readonly placed: PlacedStatement;
  readonly sql: string;
}

/**
 * The statement with the values in place of its variables; null where they are not known, or make more than one statement.
 * `text` is what is written of it.
 */
export function withValues(
  placed: PlacedStatement,
  text: string,
  variables: Variables,
  reading: Reading,
): SentStatement | null {
  if (variables.size === 0) return null;
  const [written] = splitScript(text);
  if (written?.kind !== "sql" || written.start !== 0 || written.end !== text.length) return null;
  const replaced = replaceVariables(text, written, variables);
  if (replaced === null) return null;
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
  /** How many variables without a value stand as they were. */
  readonly kept: number;
  /** From an offset in `sql` to the one in the text. */
  readonly original: (offset: number) => number;
}

function replaceVariables(text: string, { placeholders }: SqlPiece, variables: Variables): Replaced | null {
  const moves: { readonly from: number; readonly to: number; readonly start: number; readonly end: number }[] = [];
  let sql = "";
  let position = 0;
  let kept = 0;
  for (const { start, end } of placeholders) {
    const written = text.slice(start, end);
    const [, is, name = ""] = /^:(?:\{\?([^}]*)\}|['"]?([^'"]*)['"]?)$/.exec(written) ?? [];
    const form =
      is !== undefined ? "is-set" : written[1] === "'" ? "literal" : written[1] === '"' ? "identifier" : "plain";
    const variable = is ?? name;
    const value = variable === "" ? null : textFor({ variable, form, written }, variables);
    if (value === null) return null;
    if (value === written) kept++;
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
