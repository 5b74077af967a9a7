/** A partitioned table is read without any condition on its key. */

import { predictedRelations } from "../pruning/verdict-of.ts";
import type { Rule } from "./rule.ts";

export const pruningNone: Rule = {
  id: "pruning-none",
  severity: "hint",
  summary: "A partitioned table is read without any condition on its partition key.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check({ step, options }) {
    for (const { reasons, leaves, survivors, relation, range } of predictedRelations(step, options)) {
      const reason = reasons.find(({ kind }) => kind === "no-predicate");
      const count = reason === undefined ? 0 : leaves().length;
      if (reason === undefined || count < 2 || survivors?.length !== count) continue;
      yield {
        statement: step.index,
        range,
        message: `All ${count} partitions of \`${relation.name}\` are read: ${reason.message}. A condition on the key would leave some out.`,
      };
    }
  },
};
