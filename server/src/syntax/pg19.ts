/** PostgreSQL 19's ALTER TABLE … SPLIT PARTITION and MERGE PARTITIONS, which the grammar of 18 does not know. */

import { unreadCode } from "./body-code.ts";
import { invalidStatement } from "./invalid.ts";
import { lowerBound } from "./lower/bounds.ts";
import type { Lowering } from "./lower/lowering.ts";
import { type Cursor, take, takeRelationName } from "./lower/names.ts";
import { createStops } from "./lower/newer/stops.ts";
import { as } from "./lower/node.ts";
import { closing, isName, isWord, rangeOf, type Source, splitByCommas, tokenText, word } from "./lower/source.ts";
import type { RelationName } from "./names.ts";
import type { ParseError, Parser } from "./parser.ts";
import type { AlterAction, BoundSpecification, NewerSyntax, Statement } from "./statement.ts";

/**
 * Reads `ALTER TABLE [IF EXISTS] name SPLIT PARTITION p INTO (PARTITION a bound, …)` and
 * `… MERGE PARTITIONS (a, b, …) INTO p`; null for anything else. What is wrong with one of them is reported in the
 * words of PostgreSQL's parser.
 */
export function readPartitionReorganisation(source: Source, parser: Parser): Statement | null {
  const cursor: Cursor = { source, index: 0 };
  if (!take(cursor, "alter", "table")) return null;
  const ifExists = take(cursor, "if", "exists");
  const relation = takeRelationName(cursor);
  if (relation === null) return null;
  const first = cursor.index;
  const read = take(cursor, "split", "partition") ? readSplit : take(cursor, "merge", "partitions") ? readMerge : null;
  if (read === null) return null;
  const action = read(cursor, parser, first);
  // Before 19 the grammar stops at the word.
  const newerSyntax: NewerSyntax[] = [];
  createStops(source, newerSyntax).token(19, first);
  if ("message" in action) return { ...invalidStatement(source, action), newerSyntax };
  if (cursor.index < source.tokens.length)
    return { ...invalidStatement(source, syntaxErrorAt(source, cursor.index)), newerSyntax };
  return { kind: "alter-table", objectType: "table", relation, ifExists, actions: [action], newerSyntax };
}

type SplitPart = Extract<AlterAction, { readonly kind: "split-partition" }>["into"][number];

function readSplit(cursor: Cursor, parser: Parser, first: number): AlterAction | ParseError {
  const { source } = cursor;
  const partition = takeName(cursor);
  if (partition === null || !take(cursor, "into") || word(source, cursor.index) !== "(")
    return syntaxErrorAt(source, cursor.index);
  const list = cursor.index;
  const last = closing(source, list);
  const into: SplitPart[] = [];
  for (const region of splitByCommas(source, { first: list + 1, last: word(source, last) === ")" ? last - 1 : last })) {
    cursor.index = region.first;
    if (!take(cursor, "partition")) return syntaxErrorAt(source, cursor.index);
    const name = takeName(cursor);
    if (name === null) return syntaxErrorAt(source, cursor.index);
    const bound = readBound(source, cursor.index, region.last, parser);
    if ("message" in bound) return bound;
    into.push({ name, bound, range: rangeOf(source, region.first, region.last) });
    cursor.index = region.last + 1;
  }
  if (!take(cursor, ")")) return syntaxErrorAt(source, cursor.index);
  return {
    kind: "split-partition",
    partition,
    into,
    range: rangeOf(source, first, cursor.index - 1),
  };
}

function readMerge(cursor: Cursor, _parser: Parser, first: number): AlterAction | ParseError {
  const { source } = cursor;
  if (!take(cursor, "(")) return syntaxErrorAt(source, cursor.index);
  const partitions: RelationName[] = [];
  do {
    const name = takeName(cursor);
    if (name === null) return syntaxErrorAt(source, cursor.index);
    partitions.push(name);
  } while (take(cursor, ","));
  if (!take(cursor, ")") || !take(cursor, "into")) return syntaxErrorAt(source, cursor.index);
  const into = takeName(cursor);
  if (into === null) return syntaxErrorAt(source, cursor.index);
  return {
    kind: "merge-partitions",
    partitions,
    into,
    range: rangeOf(source, first, cursor.index - 1),
  };
}

function takeName(cursor: Cursor): RelationName | null {
  return isName(cursor.source, cursor.index) && !isWord(cursor.source, cursor.index, "only")
    ? takeRelationName(cursor)
    : null;
}

const attach = "ALTER TABLE x ATTACH PARTITION y ";

/** Hands the bound to PostgreSQL's own grammar behind an ATTACH that is as long as what stands before the bound. */
function readBound(source: Source, first: number, last: number, parser: Parser): BoundSpecification | ParseError {
  if (!isWord(source, first, "for", "default")) return syntaxErrorAt(source, first);
  const { start, end } = rangeOf(source, first, last);
  const { text, shift } = padded(start, source.text.slice(start, end));
  const outcome = parser.parse(text);
  if (!outcome.ok) return errorBehindBound(source, last, outcome.error, shift);
  const command = as(as(outcome.tree.stmts?.[0]?.stmt, "AlterTableStmt")?.cmds?.[0], "AlterTableCmd");
  const bound = as(command?.def, "PartitionCmd")?.bound;
  if (bound === undefined) return syntaxErrorAt(source, last + 1);
  const lowering: Lowering = {
    source,
    readBody: ({ language, range }) => ({
      language,
      range,
      statements: [],
      dynamic: false,
      certain: 0,
      code: unreadCode,
      text: "",
    }),
  };
  return lowerBound(bound, lowering);
}

/** `SPLIT PARTITION p INTO (PARTITION q ` is always longer than the words it is replaced by, so the shift is 0. */
function padded(start: number, bound: string): { readonly text: string; readonly shift: number } {
  const shift = Math.max(0, attach.length - start);
  return { text: attach.padEnd(start + shift) + bound, shift };
}

/** The bound's own end of input is the statement's next token. */
function errorBehindBound(source: Source, last: number, error: ParseError, shift: number): ParseError {
  if (/ at end of input$/.test(error.message)) return syntaxErrorAt(source, last + 1);
  return { ...error, offset: error.offset - shift };
}

function syntaxErrorAt(source: Source, index: number): ParseError {
  const token = source.tokens[index];
  const where = token === undefined ? "at end of input" : `at or near "${tokenText(source, index)}"`;
  const offset = token?.start ?? source.text.length;
  return { message: `syntax error ${where}`, offset, sqlstate: "42601", fromPostgres: true };
}
