/** A foreign table that is to become a partition of pg_pathman's has other columns than its parent. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const pathmanForeignMismatch: Rule = {
  id: "pathman-foreign-mismatch",
  severity: "error",
  summary: "A foreign table that is to become a partition of pg_pathman's has other columns than its parent.",
  source: "https://github.com/postgrespro/pg_pathman#post-creation-partition-management",
  present: (context) =>
    presentRejection(context, {
      advice: "Give the foreign table the parent's columns: the same names, types and, before 1.4, order.",
    }),
};
