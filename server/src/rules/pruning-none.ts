/** A partitioned table is read without any condition that reaches its key. */

import type { PruningReason } from "../pruning/verdict.ts";
import { predictedRelations } from "../pruning/verdict-of.ts";
import type { Rule } from "./rule.ts";

export const pruningNone: Rule = {
  id: "pruning-none",
  severity: "hint",
  summary: "A partitioned table is read without any condition on its partition key.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check({ step, options }) {
    for (const { reasons, leaves, survivors, relation, range, certainty } of predictedRelations(step, options)) {
      const reason = certainty === "exact" ? reasons.find(({ kind }) => advice[kind] !== undefined) : undefined;
      const count = reason === undefined ? 0 : leaves().length;
      if (reason === undefined || count < 2 || survivors?.length !== count) continue;
      yield {
        statement: step.handle,
        range: reason.range ?? range,
        message: `All ${count} partitions of "${relation.name}" are read: ${reason.message}.`,
        advice: advice[reason.kind],
      };
    }
  },
};

const advice: Partial<Record<PruningReason["kind"], string>> = {
  "no-predicate": "A condition on the key would leave some out.",
  "condition-above":
    "Where the same rows are meant, put it into the subquery, or the key into the PARTITION BY or DISTINCT ON.",
};
