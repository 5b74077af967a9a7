/** A plain DETACH PARTITION where CONCURRENTLY would do. */

import { findRelation } from "../catalog/catalog.ts";
import type { Rule } from "./rule.ts";
import { replacement } from "./support/fixes.ts";

export const detachLocks: Rule = {
  id: "detach-locks",
  severity: "warning",
  since: 14,
  summary: "DETACH PARTITION without CONCURRENTLY blocks the whole table.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION",
  statements: ["alter-table"],
  *check({ step }) {
    const { statement } = step.statement;
    if (statement.kind !== "alter-table" || step.transaction.state !== "autocommit") return;
    const [action] = statement.actions;
    if (action?.kind !== "detach-partition" || action.concurrently || action.finalize) return;
    const partitions = findRelation(step.before, statement.relation)?.partitioning?.partitions;
    if (partitions === undefined || partitions.defaultPartition !== null) return;
    const { end } = action.partition.range;
    yield {
      statement: step.handle,
      range: action.range,
      message: `DETACH PARTITION waits for an ACCESS EXCLUSIVE lock on \`${statement.relation.name}\`, and every query on the table waits behind it. Write CONCURRENTLY, outside a transaction block.`,
      fixes: [replacement("Add CONCURRENTLY", step.handle, { start: end, end }, " CONCURRENTLY", { preferred: true })],
    };
  },
};
