/** What the grammar of PostgreSQL 18 refuses and that of an older major may take. */

import { isWord, type Source, tokenIndexAt, word } from "./lower/source.ts";
import type { ParseError } from "./parser.ts";

/** Words that became keywords, with the last major in which they were names like any other. */
const newKeywords: Readonly<Record<string, number>> = {
  normalize: 12,
  json: 16,
  json_array: 15,
  json_arrayagg: 15,
  json_exists: 16,
  json_object: 15,
  json_objectagg: 15,
  json_query: 16,
  json_scalar: 16,
  json_serialize: 16,
  json_table: 16,
  json_value: 16,
  merge_action: 16,
  system_user: 15,
};

/** The last major that may take a statement which 18 refuses with that error; null where none does. */
export function lastMajorTaking(source: Source, { message, offset }: ParseError): number | null {
  // Up to 14 the letters behind a number were the next token.
  if (/^trailing junk after numeric|^invalid (?:binary|octal|hexadecimal) integer/.test(message)) return 14;
  if (!message.startsWith("syntax error")) return null;
  const index = tokenIndexAt(source, offset);
  const keyword = [index, index - 1, index - 2]
    .map((at) => newKeywords[word(source, at)])
    .find((last) => last !== undefined);
  if (keyword !== undefined) return keyword;
  // `b !`: operators behind their operand went with 14, and `x IS OF (type)`.
  if (source.tokens[index - 1]?.kind === "operator") return 13;
  if (isWord(source, index, "of") && isWord(source, index - 1, "is", "not")) return 13;
  if (isWord(source, index, "oids") || (isWord(source, index, "with") && isWord(source, index + 1, "oids"))) return 11;
  // CREATE FUNCTION … WITH (isStrict)
  if (isWord(source, index, "with") && isWord(source, 0, "create") && isWord(source, index + 1, "(")) return 10;
  return null;
}
