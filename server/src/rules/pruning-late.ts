/** Which partitions a query reads is decided only when it runs. */

import type { PruningReason } from "../pruning/verdict.ts";
import { predictedRelations } from "../pruning/verdict-of.ts";
import type { Rule } from "./rule.ts";
import { asSentence } from "./support/present.ts";

export const pruningLate: Rule = {
  id: "pruning-late",
  severity: "information",
  since: 11,
  summary: "Which partitions a query reads is decided only when it starts or while it runs.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check({ step, options }) {
    for (const { reasons, leaves, decided, relation, range } of predictedRelations(step, options)) {
      const reason = reasons.find(({ kind }) => lateReasons.includes(kind));
      if (decided === "planning" || reason === undefined || leaves().length < 2) continue;
      const when = decided === "executor-start" ? "when it starts" : "while it runs";
      yield {
        statement: step.index,
        range: reason.range ?? range,
        message: `The plan holds all partitions of \`${relation.name}\` that may be read, and the query drops the others ${when}: ${asSentence(reason.message)} Planning takes locks on all of them; a constant would spare that.`,
      };
    }
  },
};

const lateReasons: readonly PruningReason["kind"][] = ["stable-expression", "parameter", "subquery", "join"];
