/** A plain DETACH PARTITION where CONCURRENTLY would do. */

import { findRelation } from "../catalog/catalog.ts";
import type { Step } from "../replay/step.ts";
import type { Rule } from "./rule.ts";
import { filledTables } from "./support/filled-tables.ts";
import { replacement } from "./support/fixes.ts";

export const detachLocks: Rule = {
  id: "detach-locks",
  severity: "warning",
  since: 14,
  summary: "DETACH PARTITION without CONCURRENTLY blocks the whole table.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION",
  *checkScript(context) {
    const detaching = context.stepsOf("alter-table").filter((step) => step.rejection === null && locksTable(step));
    const filled = detaching.length === 0 ? null : filledTables(context);
    for (const step of detaching) {
      const { statement } = step.statement;
      const table = statement.kind === "alter-table" ? findRelation(step.before, statement.relation) : null;
      const action = statement.kind === "alter-table" ? statement.actions[0] : undefined;
      if (table === null || action?.kind !== "detach-partition") continue;
      const { end } = action.partition.range;
      const isNew = filled?.mayHoldRows(table, step) === false;
      const where = isNew
        ? " Here nobody may be waiting yet: this file creates the table, and puts no rows into it."
        : "";
      yield {
        statement: step.handle,
        range: action.range,
        // Nobody waits for a table that is made and taken apart by one file.
        severity: isNew ? "information" : undefined,
        message: `DETACH PARTITION waits for an ACCESS EXCLUSIVE lock on "${table.name}", and every query on the table waits behind it.`,
        advice: `Write CONCURRENTLY, outside a transaction block.${where}`,
        fixes: [
          replacement("Add CONCURRENTLY", step.handle, { start: end, end }, " CONCURRENTLY", { preferred: true }),
        ],
      };
    }
  },
};

/** A DETACH that waits for everybody, where CONCURRENTLY is possible: not inside a transaction, not with a default partition. */
function locksTable({ statement: { statement }, transaction, before }: Step): boolean {
  if (statement.kind !== "alter-table" || transaction.state !== "autocommit") return false;
  const [action] = statement.actions;
  if (action?.kind !== "detach-partition" || action.concurrently || action.finalize) return false;
  const partitions = findRelation(before, statement.relation)?.partitioning?.partitions;
  return partitions !== undefined && partitions.defaultPartition === null;
}
