/** Names in statements: from the tree where it has them, with ranges from the tokens. */

import type { RangeVar } from "@pgsql/types";
import { type Identifier, type RelationName, unquoteIdentifier } from "../names.ts";
import { location } from "./node.ts";
import { endOfName, isName, isWord, rangeOf, type Source, tokenIndexAt, tokenText, word } from "./source.ts";

/** The relation that a RangeVar names. `only` says whether ONLY may be written here at all. */
export function relationName(relation: RangeVar, source: Source, only: "may-be-only" | "never-only"): RelationName {
  const first = tokenIndexAt(source, location(relation));
  return {
    schema: relation.schemaname ?? null,
    name: relation.relname ?? "",
    only: only === "may-be-only" && relation.inh !== true,
    range: rangeOf(source, first, endOfName(source, first)),
  };
}

/** The identifier that stands at a token. */
export function identifierAt(source: Source, index: number): Identifier {
  return { name: unquoteIdentifier(tokenText(source, index)), range: rangeOf(source, index) };
}

/** A name that the tree gives without a place, found as the identifier at a token. */
export function identifierNamed(name: string, source: Source, index: number): Identifier {
  return { name, range: rangeOf(source, index) };
}

/** The names in a parenthesised list that opens at `index`: `(a, b)`; each is the first token of its item. */
export function identifiersInParentheses(source: Source, index: number): readonly Identifier[] {
  if (word(source, index) !== "(") return [];
  const names: Identifier[] = [];
  let expectsName = true;
  for (let at = index + 1; at < source.tokens.length && at !== source.partners[index]; at++) {
    // `PERIOD p` of a foreign key names the column behind the word.
    if (expectsName && word(source, at) === "period" && isName(source, at + 1)) continue;
    if (expectsName && isName(source, at)) names.push(identifierAt(source, at));
    expectsName = word(source, at) === ",";
  }
  return names;
}

/** A place in the tokens that moves on as words are recognised. */
export interface Cursor {
  readonly source: Source;
  index: number;
}

/** Moves past the words if they all stand there. */
export function take(cursor: Cursor, ...words: readonly string[]): boolean {
  if (!words.every((expected, by) => isWord(cursor.source, cursor.index + by, expected))) return false;
  cursor.index += words.length;
  return true;
}

/** Moves past the name that stands there, with `*` behind it; null where none does. A database name in front is dropped. */
export function takeRelationName(cursor: Cursor): RelationName | null {
  const { source } = cursor;
  const isOnly = take(cursor, "only");
  const isInParentheses = isOnly && take(cursor, "(");
  if (!isName(source, cursor.index)) return null;
  const first = cursor.index;
  const last = endOfName(source, first);
  cursor.index = last + 1;
  take(cursor, "*");
  if (isInParentheses) take(cursor, ")");
  return relationNameOfTokens(source, first, last, isOnly);
}

/** The name that the tokens from `first` to `last` spell. */
export function relationNameOfTokens(source: Source, first: number, last: number, only = false): RelationName {
  return {
    schema: last >= first + 2 ? unquoteIdentifier(tokenText(source, last - 2)) : null,
    name: unquoteIdentifier(tokenText(source, last)),
    only,
    range: rangeOf(source, first, last),
  };
}

/** The relation name of a list of strings, `["s", "t"]`, with its place. */
export function relationNameOfStrings(names: readonly string[], source: Source, first: number): RelationName {
  return {
    schema: names.at(-2) ?? null,
    name: names.at(-1) ?? "",
    only: false,
    range: rangeOf(source, first, endOfName(source, first)),
  };
}
