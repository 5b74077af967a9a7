/** DETACH PARTITION … CONCURRENTLY where PostgreSQL does not allow it. */

import type { Rule } from "./rule.ts";
import { withoutConcurrently } from "./support/fixes.ts";
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
      fixes: [...withoutConcurrently(context)],
    }),
};
