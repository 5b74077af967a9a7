/** Whether a statement may be planned on a user's server without running anybody's function there, and what to send instead. */

import { type Token, tokenize } from "../syntax/lexer.ts";
import { unquoteIdentifier } from "../syntax/names.ts";
import { unknownValueOf } from "./parameters.ts";
import type { PlannableFunction, PlanningDangers } from "./planning-dangers.ts";

export type GuardedStatement =
  /** `sql` is the statement, perhaps with values not known in the place of calls; `isChanged` tells. */
  | { readonly kind: "send"; readonly sql: string; readonly isChanged: boolean }
  /** Planning would run, or inline, this function: `schema.name`. */
  | { readonly kind: "refuse"; readonly reaches: string };

/**
 * PostgreSQL folds constants while it plans, and for that runs every function that calls itself IMMUTABLE or STABLE and whose
 * arguments it knows. A call of a user's function whose arguments hold no column becomes a value of its type that is not
 * known, as a parameter does; with columns it is not run, where these are a table's and the function is not inlined. All else
 * that leads to such a function is refused. The text alone is looked at, name by name, so that no syntax hides a call; a column
 * that is called like a table with a danger is refused too.
 */
export function guardStatement(sql: string, dangers: PlanningDangers): GuardedStatement {
  if (dangers.functions.size === 0) return { kind: "send", sql, isChanged: false };
  const words = wordsOf(sql);
  const reaches = dangers.everywhere ?? impliedOperator(dangers) ?? namedDanger(words, dangers);
  if (reaches !== null) return { kind: "refuse", reaches };
  const replacements: { readonly start: number; readonly end: number; readonly text: string }[] = [];
  for (let index = 0; index < words.length; index++) {
    const functions = functionsAt(words, index, dangers);
    if (functions === null) continue;
    const call = callAt(words, index);
    const isConstant = call !== null && holdsNoColumn(words, index + 2, call.close);
    const type = isConstant ? commonType(functions) : null;
    if (call !== null && type !== null && !standsInFrom(words, call.first)) {
      replacements.push({
        start: words[call.first]?.start ?? 0,
        end: words[call.close]?.end ?? 0,
        text: unknownValueOf(type),
      });
      index = call.close;
    } else if (isConstant || functions.some(({ isInlined }) => isInlined) || !readsTablesAlone(words, dangers)) {
      return { kind: "refuse", reaches: nameOf(functions[0]) };
    }
  }
  let changed = "";
  let position = 0;
  for (const { start, end, text } of replacements) {
    changed += sql.slice(position, start) + text;
    position = end;
  }
  return { kind: "send", sql: changed + sql.slice(position), isChanged: replacements.length > 0 };
}

/** A token with what it names: folded and without quotes; null for one that names nothing. */
interface Word extends Pick<Token, "kind" | "start" | "end"> {
  readonly text: string;
  readonly name: string | null;
}

function wordsOf(sql: string): readonly Word[] {
  return tokenize(sql).map(({ kind, start, end }) => {
    const text = sql.slice(start, end);
    const named = kind === "word" || kind === "quoted-identifier";
    return { kind, start, end, text, name: named ? unquoteIdentifier(text) : null };
  });
}

/** Operators that statements use without writing them: IN, BETWEEN, DISTINCT, ORDER BY, joins, LIKE. */
const implied = ["=", "<>", "<", "<=", ">", ">=", "~~", "!~~", "~~*", "!~~*", "~"];

function impliedOperator({ operators }: PlanningDangers): string | null {
  const found = implied.find((operator) => operators.has(operator));
  return found === undefined ? null : (operators.get(found) ?? null);
}

/** The function that an operator, a type or a relation of the statement leads to. */
function namedDanger(
  words: readonly Word[],
  { operators, types, relations, functions }: PlanningDangers,
): string | null {
  for (const { kind, text, name } of words) {
    const found =
      kind === "operator" ? operators.get(text) : name === null ? undefined : (relations.get(name) ?? types.get(name));
    if (found !== undefined) return found;
    // Names behind an escape character of their own are not read here.
    if (name === "uescape") return nameOf(functions.values().next().value?.[0]);
  }
  return null;
}

/** The functions that a name may call: before a parenthesis, or as an attribute of a row; null where it calls none. */
function functionsAt(
  words: readonly Word[],
  index: number,
  { functions }: PlanningDangers,
): readonly PlannableFunction[] | null {
  const name = words[index]?.name ?? null;
  const found = name === null ? undefined : functions.get(name);
  if (found === undefined) return null;
  const isCall = words[index + 1]?.text === "(";
  const isQualified = words[index - 1]?.text === ".";
  if (!isCall && !isQualified) return null;
  // `pg_catalog.lower(…)` is PostgreSQL's own, whatever else is called so.
  return isCall && isQualified && words[index - 2]?.name === "pg_catalog" ? null : found;
}

/** Where a call begins, with the schema that may stand before it, and its closing parenthesis; null for an attribute. */
function callAt(words: readonly Word[], index: number): { readonly first: number; readonly close: number } | null {
  if (words[index + 1]?.text !== "(") return null;
  let depth = 0;
  for (let at = index + 1; at < words.length; at++) {
    const { text } = words[at] ?? { text: "" };
    if (text === "(") depth++;
    if (text === ")" && --depth === 0) return { first: words[index - 1]?.text === "." ? index - 2 : index, close: at };
  }
  return null;
}

/** Words that stand between constants and are no names of columns. */
const notColumns: ReadonlySet<string> = new Set(
  "null true false array row cast as interval date time timestamp timestamptz with without zone at and or not is in between like case when then else end any all some current_date current_time current_timestamp localtime localtimestamp current_user session_user precision varying to extract from year month week day hour minute second quarter".split(
    " ",
  ),
);

function holdsNoColumn(words: readonly Word[], from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const { name, kind } = words[index] ?? { name: null, kind: "unknown" };
    if (kind === "parameter") continue;
    if (name === null) continue;
    if (name === "select" || name === "values" || name === "table" || name === "with") return false;
    const isKeyword = kind === "word" && notColumns.has(name);
    const before = words[index - 1];
    const isType = before?.text === "::" || before?.name === "as" || words[index + 1]?.kind === "string";
    const isCall = words[index + 1]?.text === "(";
    const isQualifier = words[index + 1]?.text === "." && words[index + 3]?.text === "(";
    if (!isKeyword && !isType && !isCall && !isQualifier) return false;
  }
  return true;
}

function commonType(functions: readonly PlannableFunction[]): string | null {
  const [first] = functions;
  return first !== undefined && functions.every(({ returns }) => returns === first.returns) ? first.returns : null;
}

/** There a value cannot take a function's place. */
function standsInFrom(words: readonly Word[], index: number): boolean {
  return ["from", "join", "lateral", "using"].includes(words[index - 1]?.name ?? "");
}

/** Whether every column is one of a table: nothing between gives a constant its name. */
function readsTablesAlone(words: readonly Word[], { derived }: PlanningDangers): boolean {
  let levels = 0;
  for (const { name } of words) {
    if (name === null) continue;
    if (name === "select" && ++levels > 1) return false;
    if (["values", "with", "insert", "merge", "lateral", "table", "union", "xmltable", "json_table"].includes(name))
      return false;
    if (derived.has(name) || name === "information_schema" || name.startsWith("pg_")) return false;
  }
  return true;
}

function nameOf(one: PlannableFunction | undefined): string {
  return one === undefined ? "a function" : `${one.schema}.${one.name}`;
}
