/** A function that is declared IMMUTABLE reads the clock, the session or a generator of numbers. */

import { readToken, skipTrivia, type Token, tokenize } from "../syntax/lexer.ts";
import type { CreateFunction } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { replacement } from "./support/fixes.ts";

export const immutableNow: Rule = {
  id: "immutable-now",
  severity: "warning",
  summary: "A function that is declared IMMUTABLE reads the clock or the session.",
  source: "https://www.postgresql.org/docs/current/xfunc-volatility.html",
  *checkScript(context) {
    for (const { rejection, statement, handle } of context.stepsOf("create-function")) {
      const created = statement.statement;
      if (rejection === null && created.kind === "create-function") yield* findingFor(context, created, handle);
    }
  },
};

/** What these give may be another value in the next statement: `pg_proc.provolatile` is `s`. */
const stable: ReadonlySet<string> = new Set([
  "now",
  "transaction_timestamp",
  "statement_timestamp",
  "current_setting",
  "current_user",
  "session_user",
  "current_role",
  "current_date",
  "current_time",
  "current_timestamp",
  "localtime",
  "localtimestamp",
  "current_schema",
  "current_schemas",
  "current_database",
  "current_catalog",
]);
/** What these give is another value in the next row: `v`. */
const volatile: ReadonlySet<string> = new Set([
  "clock_timestamp",
  "timeofday",
  "random",
  "nextval",
  "currval",
  "lastval",
  "gen_random_uuid",
  "uuid_generate_v4",
]);
/** Those that are written without parentheses. */
const keywords: ReadonlySet<string> = new Set([
  "current_user",
  "session_user",
  "current_role",
  "current_date",
  "current_time",
  "current_timestamp",
  "localtime",
  "localtimestamp",
  "current_catalog",
  "current_schema",
]);

function* findingFor(context: ScriptContext, created: CreateFunction, handle: StatementHandle): Generator<RuleFinding> {
  const { body } = created;
  if (created.volatility !== "immutable" || body === null || !/^(?:sql|plpgsql)$/i.test(created.language)) return;
  const text = context.textOf(handle);
  const call = firstCall(text, body.range);
  if (call === null) return;
  const called = text.slice(call.range.start, call.range.end);
  const word = volatile.has(call.name) ? "VOLATILE" : "STABLE";
  yield {
    statement: handle,
    range: call.range,
    message: `"${created.name.name}" is declared IMMUTABLE and reads ${called}: the planner may compute it once and keep the value, in plans, in index entries and in bounds of partitions.`,
    advice: `Declare it ${word}.`,
    fixes: (script) => fixFor(script, created, handle, word),
  };
}

function firstCall(text: string, range: TextRange): { readonly name: string; readonly range: TextRange } | null {
  const tokens = tokenize(text, range.start, range.end);
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== "word") continue;
    const name = text.slice(token.start, token.end).toLowerCase();
    if (!stable.has(name) && !volatile.has(name)) continue;
    if (isCalled(text, tokens, at, name)) return { name, range: { start: token.start, end: token.end } };
  }
  return null;
}

function isCalled(text: string, tokens: readonly Token[], at: number, name: string): boolean {
  const textAt = (index: number): string => {
    const token = tokens[index];
    return token === undefined ? "" : text.slice(token.start, token.end).toLowerCase();
  };
  const qualifier = textAt(at - 1) === "." ? textAt(at - 2) : null;
  if (qualifier !== null && (qualifier !== "pg_catalog" || keywords.has(name))) return false;
  if (textAt(at - 1) === "as") return false;
  return keywords.has(name) || textAt(at + 1) === "(";
}

/** Not where an index, a key or a generated column needs it to be IMMUTABLE: then the file would be refused. */
function* fixFor(
  context: ScriptContext,
  created: CreateFunction,
  handle: StatementHandle,
  word: string,
): Generator<RuleFix> {
  const { name } = created.name;
  const needing = (["create-index", "create-table", "alter-table"] as const).flatMap((kind) => context.stepsOf(kind));
  if (needing.some((step) => context.textOf(step.handle).toLowerCase().includes(name.toLowerCase()))) return;
  const text = context.textOf(handle);
  const declared = wordOutside(text, "immutable", created.body?.range ?? { start: 0, end: 0 });
  if (declared !== null) yield replacement(`Declare it ${word}`, handle, declared, word, { preferred: true });
}

function wordOutside(text: string, word: string, outside: TextRange): TextRange | null {
  for (let at = skipTrivia(text, 0); at < text.length; ) {
    const { start, end, kind } = readToken(text, at);
    if (
      kind === "word" &&
      text.slice(start, end).toLowerCase() === word &&
      !(start >= outside.start && end <= outside.end)
    )
      return { start, end };
    at = skipTrivia(text, end);
  }
  return null;
}
