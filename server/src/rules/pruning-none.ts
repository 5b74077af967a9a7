/** A partitioned table is read without any condition that reaches its key. */

import { relationById } from "../catalog/catalog.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { PruningReason } from "../pruning/verdict.ts";
import { predictedRelations } from "../pruning/verdict-of.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, StepContext } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { joinRange } from "./support/rewrite/join-range.ts";

export const pruningNone: Rule = {
  id: "pruning-none",
  severity: "hint",
  summary: "A partitioned table is read without any condition on its partition key.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check(context) {
    const { step, options } = context;
    for (const { relationId, reasons, leaves, survivors, relation, range, certainty } of predictedRelations(
      step,
      options,
    )) {
      const reason = certainty === "exact" ? reasons.find(({ kind }) => advice[kind] !== undefined) : undefined;
      const isJoined = reason === undefined && reasons.length > 0 && survivors !== null;
      const count = reason === undefined && !isJoined ? 0 : leaves().length;
      if (count < 2 || survivors?.length !== count) continue;
      if (reason === undefined) {
        yield* ofJoin(context, relationId, range);
        continue;
      }
      yield {
        statement: step.handle,
        range: reason.range ?? range,
        table: relation,
        message: `All ${count} partitions of "${relation.name}" are read: ${reason.message}.`,
        advice: advice[reason.kind],
      };
    }
  },
};

/** A range that stands on the other side of a join. */
function* ofJoin(context: StepContext, id: RelationId | null, at: TextRange): Generator<RuleFinding> {
  const { step } = context;
  const table = id === null ? null : relationById(step.before, id);
  const found = table === null ? null : joinRange(context, table, at);
  if (table === null || found === null) return;
  const { range, join, added } = found;
  yield {
    statement: step.handle,
    range,
    table,
    message: `The range leaves out no partition of "${table.name}" when the query is planned: ranges are not carried over "${join}".`,
    advice: "Repeat it for the partition key.",
    fixes: [
      replacement(`Add${added.replace(/^ AND/, "")}`, step.handle, { start: range.end, end: range.end }, added, {
        preferred: true,
      }),
    ],
  };
}

const advice: Partial<Record<PruningReason["kind"], string>> = {
  "no-predicate": "A condition on the key would leave some out.",
  "condition-above":
    "Where the same rows are meant, put it into the subquery, or the key into the PARTITION BY or DISTINCT ON.",
};
