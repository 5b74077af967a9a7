/** A condition names the partition key in a form from which the planner cannot tell partitions apart. */

import { relationById } from "../catalog/catalog.ts";
import type { PruningReason } from "../pruning/verdict.ts";
import { type PredictedRelation, predictedRelations } from "../pruning/verdict-of.ts";
import type { Rule, RuleFinding, RuleFix, StepContext } from "./rule.ts";
import { asSentence } from "./support/present.ts";
import { rewriteFixes } from "./support/rewrite/offer.ts";

export const pruningDefeated: Rule = {
  id: "pruning-defeated",
  severity: "warning",
  summary: "A condition names the partition key in a form that the planner cannot use, so all partitions are read.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING",
  statements: ["query", "create-table-as", "copy"],
  *check(context) {
    for (const prediction of predictedRelations(context.step, context.options)) yield* findingFor(context, prediction);
  },
};

/** What to do about each cause. */
const advice: Partial<Record<PruningReason["kind"], string>> = {
  "key-wrapped": "Compare the key itself with constants: for a period, key >= start AND key < end.",
  "type-mismatch": "Write the value in the type of the key.",
  collation: "Compare under the collation of the key.",
  "row-comparison": "Write a > 1 OR (a = 1 AND b >= 2), with a plain condition on the first column.",
  "boolean-key-not-first": "PostgreSQL prunes by a boolean only where it is the first column of the key.",
  "volatile-expression": "Compute the value first, and pass it as a constant or parameter.",
  "setting-off": "Turn it on again.",
};

/** A range of keys leaves all hash partitions, so nothing but equality helps there. */
function adviceFor({ step }: StepContext, { relationId }: PredictedRelation, { kind }: PruningReason): string {
  const relation = relationId === null ? null : relationById(step.before, relationId);
  if (kind !== "key-wrapped" || relation?.partitioning?.key.strategy !== "hash") return advice[kind] ?? "";
  return "Hash partitions are left out by equality of every key column with a value alone; for other conditions no form does it.";
}

function* findingFor(context: StepContext, prediction: PredictedRelation): Generator<RuleFinding> {
  const { survivors, reasons, relation, relationId, certainty, decided } = prediction;
  // Where the planner may do better, or the executor leaves some out, nothing is defeated.
  if (certainty !== "exact" || decided !== "planning") return;
  const reason = reasons.find(({ kind }) => advice[kind] !== undefined);
  const isPartitioned = relationId !== null && relationById(context.step.before, relationId)?.partitioning != null;
  if (reason === undefined || survivors === null || !isPartitioned) return;
  const { length } = prediction.leaves();
  if (length < 2 || survivors.length < length) return;
  yield {
    statement: context.step.handle,
    range: reason.range ?? prediction.range,
    table: relation,
    message: `All ${length} partitions of "${relation.name}" are read: ${asSentence(reason.message)}`,
    advice: adviceFor(context, prediction, reason),
    fixes: reason.range === null ? [] : [...fixesFor(context, prediction, reason)],
  };
}

function* fixesFor(
  context: StepContext,
  { relationId }: PredictedRelation,
  { kind, range }: PruningReason,
): Generator<RuleFix> {
  const relation = relationId === null ? null : relationById(context.step.before, relationId);
  if (relation === null || range === null || (kind !== "key-wrapped" && kind !== "type-mismatch")) return;
  yield* rewriteFixes(context, relation, range);
}
