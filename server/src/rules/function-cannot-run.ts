/** A function or procedure holds a command that PostgreSQL runs only outside of functions. */

import { commandOutsideOnly } from "../effects/relations/outside-transaction.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import type { Rule, RuleFix, StepContext } from "./rule.ts";
import { findWord, replacement } from "./support/fixes.ts";

export const functionCannotRun: Rule = {
  id: "function-cannot-run",
  severity: "warning",
  summary: "A function or procedure holds a command that PostgreSQL runs only outside of functions.",
  source: "https://www.postgresql.org/docs/current/sql-createprocedure.html",
  statements: ["create-function"],
  *check(context) {
    const { step } = context;
    const { statement } = step.statement;
    if (statement.kind !== "create-function") return;
    for (const inner of statement.body?.statements ?? []) {
      const command = commandOutsideOnly(inner.statement);
      if (command === null) continue;
      const routine = statement.procedure ? "procedure" : "function";
      yield {
        statement: step.handle,
        range: { start: inner.start, end: inner.end },
        message: `${command} cannot be executed from a function, nor from a procedure: every call of this ${routine} that comes to it fails (25001).`,
        advice: "Run the command on its own, from the client or a scheduler.",
        fixes: [...withoutConcurrently(context, inner)],
      };
    }
  },
};

function* withoutConcurrently(
  { step, text }: StepContext,
  { statement, start, end }: PlacedStatement,
): Generator<RuleFix> {
  if (!["alter-table", "create-index", "drop"].includes(statement.kind)) return;
  const word = findWord(text.slice(0, end), "CONCURRENTLY", start);
  if (word === null) return;
  // At the end of the statement the space in front of the word goes with it.
  const before = word.end === end ? (/\s*$/.exec(text.slice(0, word.start))?.[0].length ?? 0) : 0;
  const range = { start: word.start - before, end: word.end };
  yield replacement("Remove CONCURRENTLY", step.handle, range, "", { preferred: false });
}
