/** What can be told of a statement that the parser rejects: where it stopped, what it was going to be, whom it names. */

import { type TextRange, textRange } from "../text/range.ts";
import { canNameTable } from "./keywords.ts";
import { takeRelationName } from "./lower/names.ts";
import { isName, isWord, type Source, tokenIndexAt, word } from "./lower/source.ts";
import type { RelationName } from "./names.ts";
import type { ParseError } from "./parser.ts";
import type { Invalid } from "./statement.ts";

export function invalidStatement(source: Source, error: ParseError): Invalid {
  return {
    kind: "invalid",
    error: { message: error.message, sqlstate: error.sqlstate, range: offendingRange(source, error.offset) },
    beginning: beginningOf(source),
    relations: namedRelations(source),
  };
}

/** The token at which the parser stopped, to the end of its line; the statement's end where it ran out of tokens. */
export function offendingRange(source: Source, offset: number): TextRange {
  const token = source.tokens[tokenIndexAt(source, offset)];
  if (token === undefined || offset >= source.text.length) {
    const end = source.tokens.at(-1)?.end ?? source.text.length;
    return textRange(end, end);
  }
  const lineBreak = source.text.slice(offset, token.end).search(/[\r\n]/);
  return textRange(offset, Math.max(offset, lineBreak < 0 ? token.end : offset + lineBreak));
}

const queryWords = ["select", "with", "insert", "update", "delete", "merge", "values", "table", "explain", "("];

function beginningOf(source: Source): Invalid["beginning"] {
  if (isWord(source, 0, ...queryWords)) return "query";
  if (isWord(source, 0, "alter")) return isWord(source, 1, "table", "foreign") ? "alter-table" : "other";
  if (!isWord(source, 0, "create")) return "other";
  let index = 1;
  while (isWord(source, index, "global", "local", "temp", "temporary", "unlogged", "foreign")) index++;
  return isWord(source, index, "table") ? "create-table" : "other";
}

/** The words that a relation's name follows. */
const introducers = new Set([
  "from",
  "join",
  "into",
  "update",
  "using",
  "table",
  "of",
  "partition",
  "inherits",
  "inherit",
  "on",
]);
/** Words that may stand between. */
const fillers = new Set(["if", "not", "exists", "only", "lateral", "("]);

/** Relations by the words in front of them, each once; what merely might be one is left out. */
function namedRelations(source: Source): readonly RelationName[] {
  const found = new Map<string, RelationName>();
  for (let index = 0; index < source.tokens.length; index++) {
    if (!introducers.has(word(source, index))) continue;
    for (const relation of relationsAfter(source, index)) {
      const key = JSON.stringify([relation.schema, relation.name]);
      if (!found.has(key)) found.set(key, relation);
    }
  }
  return [...found.values()];
}

/** The name after a word, and after FROM those behind its commas. */
function relationsAfter(source: Source, introducer: number): readonly RelationName[] {
  const relations: RelationName[] = [];
  const isList = isWord(source, introducer, "from", "inherits");
  let index = introducer + 1;
  for (;;) {
    while (fillers.has(word(source, index)) && !isWord(source, index, "only")) index++;
    const cursor = { source, index };
    if (!isPossibleTable(source, index)) return relations;
    const relation = takeRelationName(cursor);
    // A parenthesis makes it a function, except where a list of columns may follow.
    const isCall = word(source, cursor.index) === "(" && isWord(source, introducer, "from", "join", "using", "on");
    if (relation === null || isCall) return relations;
    relations.push(relation);
    if (!isList) return relations;
    // An alias may stand before the comma.
    while (isName(source, cursor.index) && canNameTable(word(source, cursor.index))) cursor.index++;
    if (word(source, cursor.index) !== ",") return relations;
    index = cursor.index + 1;
  }
}

function isPossibleTable(source: Source, index: number): boolean {
  if (isWord(source, index, "only")) return true;
  return (
    isName(source, index) && (source.tokens[index]?.kind === "quoted-identifier" || canNameTable(word(source, index)))
  );
}
