/** Planning locks partitions that the query leaves out when it starts, which a constant would spare. */

import { predictedRelations } from "../pruning/verdict-of.ts";
import type { Rule } from "./rule.ts";
import { asSentence } from "./support/present.ts";

/**
 * A value like `now()` is known when the executor starts, in custom and generic plans alike. A parameter is a constant in a
 * custom plan, and what a join or a subquery leaves out is left out all the same, so of these nothing is said.
 */
export const pruningLate: Rule = {
  id: "pruning-late",
  severity: "hint",
  since: 11,
  summary: "Planning locks all partitions, for the value that tells them apart is known only when the query starts.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check({ step, options }) {
    for (const { reasons, leaves, decided, relation, range } of predictedRelations(step, options)) {
      const [reason] = reasons;
      if (decided !== "executor-start" || reason?.kind !== "stable-expression" || leaves().length < 2) continue;
      yield {
        statement: step.handle,
        range: reason.range ?? range,
        table: relation,
        message: `Planning locks all partitions of "${relation.name}" that may be read, and the query leaves the others out when it starts: ${asSentence(reason.message)}`,
        advice: "A constant would spare the locks.",
      };
    }
  },
};
