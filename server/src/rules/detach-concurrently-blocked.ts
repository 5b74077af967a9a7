/** DETACH PARTITION … CONCURRENTLY where PostgreSQL does not allow it. */

import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { findWord, replacement } from "./support/fixes.ts";
import { presentRejection } from "./support/present.ts";

export const detachConcurrentlyBlocked: Rule = {
  id: "detach-concurrently-blocked",
  severity: "error",
  since: 14,
  summary: "DETACH PARTITION … CONCURRENTLY stands in a transaction block or function, or beside a default partition.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION",
  present: (context) =>
    presentRejection(context, {
      advice:
        context.rejection.sqlstate === "55000"
          ? "Detach the default partition first, or detach this one without CONCURRENTLY, which blocks the table for a moment."
          : "It commits in between, so it has to stand on its own; without CONCURRENTLY it blocks the table for a moment.",
      fixes: [...fixesFor(context)],
    }),
};

function* fixesFor({ step, text }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  if (statement.kind !== "alter-table") return;
  for (const action of statement.actions) {
    if (action.kind !== "detach-partition" || !action.concurrently) continue;
    const end = action.partition.range.end;
    const word = findWord(text, "CONCURRENTLY", end);
    if (word === null) continue;
    yield replacement("Remove CONCURRENTLY", step.index, { start: end, end: word.end }, "", { preferred: true });
  }
}
