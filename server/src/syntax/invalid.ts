/** What can be told of a statement that the parser rejects: where it stopped, what it was going to be, whom it names. */

import { type TextRange, textRange } from "../text/range.ts";
import { lineEnd } from "./characters.ts";
import { canNameTable } from "./keywords.ts";
import type { Token } from "./lexer.ts";
import { takeRelationName } from "./lower/names.ts";
import { isName, isWord, type Source, tokenIndexAt, word } from "./lower/source.ts";
import type { RelationName } from "./names.ts";
import { majorsTaking } from "./other-grammars.ts";
import type { ParseError } from "./parser.ts";
import type { Invalid } from "./statement.ts";

export function invalidStatement(source: Source, error: ParseError): Invalid {
  const mayBeTakenBy = majorsTaking(source, error);
  return {
    kind: "invalid",
    error: {
      message: error.message,
      sqlstate: error.sqlstate,
      range: offendingRange(source, source.tokens[tokenIndexAt(source, error.offset)], error.offset),
    },
    beginning: beginningOf(source),
    relations: namedRelations(source),
    ...(mayBeTakenBy === undefined ? {} : { mayBeTakenBy }),
  };
}

/** The token or open comment at which the parser stopped, to the end of its line; the statement's end where it ran out. */
function offendingRange({ text, tokens }: Source, token: Token | undefined, offset: number): TextRange {
  if (offset >= text.length) {
    const end = tokens.at(-1)?.end ?? text.length;
    return textRange(end, end);
  }
  return textRange(offset, Math.max(offset, Math.min(token?.end ?? text.length, lineEnd(text, offset))));
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

/** Words that may stand between an introducing word and the name. */
const fillers = ["if", "not", "exists", "lateral"];

/** Relations by the words in front of them, each once; what merely might be one is left out. */
function namedRelations(source: Source): readonly RelationName[] {
  const found = new Map<string, RelationName>();
  const open: number[] = [];
  for (let index = 0; index < source.tokens.length; index++) {
    if (word(source, index) === "(") open.push(index);
    else if (word(source, index) === ")") open.pop();
    else if (introducesRelation(source, index, open.at(-1))) {
      for (const relation of relationsAfter(source, index)) {
        const key = JSON.stringify([relation.schema, relation.name]);
        if (!found.has(key)) found.set(key, relation);
      }
    }
  }
  return [...found.values()];
}

/** Whether the name of a relation follows the word, which stands inside the parenthesis `open` or outside of all. */
function introducesRelation(source: Source, index: number, open: number | undefined): boolean {
  switch (word(source, index)) {
    case "from":
      // `extract(year FROM d)` names no relation.
      return open === undefined || isWord(source, open + 1, ...queryWords);
    case "on":
      return beginningOf(source) === "other";
    case "of":
      return isWord(source, index - 1, "partition");
    case "partition":
      return !isWord(source, index + 1, "of", "by");
    case "update":
      return !isWord(source, index - 1, "do", "for", "key");
    case "join":
    case "into":
    case "using":
    case "table":
    case "inherits":
    case "inherit":
      return true;
    default:
      return false;
  }
}

/** The name after a word, and after FROM and INHERITS those behind its commas. */
function relationsAfter(source: Source, introducer: number): readonly RelationName[] {
  const relations: RelationName[] = [];
  const isList = isWord(source, introducer, "from", "inherits");
  let index = introducer + (isWord(source, introducer, "inherits") ? 2 : 1);
  for (;;) {
    while (isWord(source, index, ...fillers)) index++;
    if (!isPossibleTable(source, index)) return relations;
    const cursor = { source, index };
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
