/** Which other majors may take what the grammar of PostgreSQL 18 refuses. */

import { findPattern } from "./lower/newer/stops.ts";
import { isWord, type Source, tokenIndexAt, word } from "./lower/source.ts";
import type { ParseError } from "./parser.ts";
import type { Invalid } from "./statement.ts";

/** The majors that may take a statement which 18 refuses with that error; undefined where none does. */
export function majorsTaking(source: Source, error: ParseError): Invalid["mayBeTakenBy"] {
  const last = lastMajorTaking(source, error);
  if (last !== null) return { from: 10, to: last };
  return error.message.startsWith("syntax error") && showsNewSyntax(source) ? { from: 19, to: 19 } : undefined;
}

/** Words that became keywords, with the last major in which they were names like any other. */
const newKeywords: ReadonlyMap<string, number> = new Map([
  ["normalize", 12],
  ["json", 16],
  ["json_array", 15],
  ["json_arrayagg", 15],
  ["json_exists", 16],
  ["json_object", 15],
  ["json_objectagg", 15],
  ["json_query", 16],
  ["json_scalar", 16],
  ["json_serialize", 16],
  ["json_table", 16],
  ["json_value", 16],
  ["merge_action", 16],
  ["system_user", 15],
]);

/** Operators that the grammar knows by themselves; they never stood behind their operand. */
const notPostfix = ["+", "-", "*", "/", "%", "^", "<", ">", "=", "<=", ">=", "<>", "!="];

function lastMajorTaking(source: Source, { message, offset }: ParseError): number | null {
  // Up to 14 the letters behind a number were the next token.
  if (/^trailing junk after numeric|^invalid (?:binary|octal|hexadecimal) integer/.test(message)) return 14;
  if (!message.startsWith("syntax error")) return null;
  const index = tokenIndexAt(source, offset);
  const keyword = [index, index - 1, index - 2]
    .map((at) => newKeywords.get(word(source, at)))
    .find((last) => last !== undefined);
  if (keyword !== undefined) return keyword;
  // `b !`: operators behind their operand went with 14, and `x IS OF (type)`.
  if (source.tokens[index - 1]?.kind === "operator" && !isWord(source, index - 1, ...notPostfix)) return 13;
  if (isWord(source, index, "of") && isWord(source, index - 1, "is", "not")) return 13;
  if (isWord(source, index, "oids") || (isWord(source, index, "with") && isWord(source, index + 1, "oids"))) return 11;
  // CREATE FUNCTION … WITH (isStrict)
  if (isWord(source, index, "with") && isWord(source, 0, "create") && isWord(source, index + 1, "(")) return 10;
  return null;
}

/** What PostgreSQL 19 brings, besides the commands that `pg19.ts` reads; `^` marks no more than a place to begin. */
const newInNineteen: readonly string[] = [
  "^group by all",
  "^ignore nulls",
  "^respect nulls",
  "^for portion of",
  "^graph_table (",
  "^property graph",
  "^do select",
  "^checkpoint (",
  "^all tables except",
  "^all sequences",
  "^refresh sequences",
  "^to null",
  "^= null",
];

function showsNewSyntax(source: Source): boolean {
  if (isWord(source, 0, "repack", "wait")) return true;
  // A schema may be created with more kinds of things in it, a subscription by the name of a server.
  if (isWord(source, 0, "create") && isWord(source, 1, "schema", "subscription", "foreign")) return true;
  return newInNineteen.some((pattern) => findPattern(source, pattern, 0) >= 0);
}
