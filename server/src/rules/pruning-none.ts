/** A partitioned table is read without any condition on its key. */

import { predictedVerdict } from "../pruning/verdict-of.ts";
import type { Rule } from "./rule.ts";

export const pruningNone: Rule = {
  id: "pruning-none",
  severity: "hint",
  summary: "A partitioned table is read without any condition on its partition key.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check({ step, options }) {
    for (const { reasons, leaves, survivors, relation, range } of predictedVerdict(step, options).relations) {
      const reason = reasons.find(({ kind }) => kind === "no-predicate");
      if (reason === undefined || leaves.length < 2 || survivors?.length !== leaves.length) continue;
      yield {
        statement: step.index,
        range,
        message: `All ${leaves.length} partitions of \`${relation.name}\` are read: ${reason.message}. A condition on the key would leave some out.`,
      };
    }
  },
};
