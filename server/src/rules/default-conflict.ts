/** A second default partition, or one where there can be none. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const defaultConflict: Rule = {
  id: "default-conflict",
  severity: "error",
  summary: "A table gets a second default partition, or a hash-partitioned table gets one.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) => presentRejection(context, { advice: adviceFor(context.rejection.message) }),
};

function adviceFor(message: string): string {
  return /^a hash-partitioned table/.test(message)
    ? "Every row has a remainder: create a partition for each of them instead."
    : "All rows that no other partition takes go to the one that exists: give this partition a bound, or detach that one first.";
}
