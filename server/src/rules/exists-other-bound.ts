/** CREATE TABLE IF NOT EXISTS … PARTITION OF is skipped, and the table that exists has another bound. */

import { findRelation } from "../catalog/catalog.ts";
import { shortBound } from "../catalog/short-bound.ts";
import type { Rule, RuleFinding, StepContext } from "./rule.ts";
import { differenceOf, underFreeName, wantedBound } from "./support/existing-partition.ts";
import { type Placement, placementsOf } from "./support/placements.ts";

export const existsOtherBound: Rule = {
  id: "exists-other-bound",
  severity: "warning",
  summary: "IF NOT EXISTS skips a partition whose name belongs to a table with another bound.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARMS-IF-NOT-EXISTS",
  statements: ["create-table"],
  *check(context) {
    const { statement } = context.step.statement;
    if (statement.kind !== "create-table" || !statement.ifNotExists || context.step.transaction.state === "aborted")
      return;
    for (const placement of placementsOf(statement)) yield* findingFor(context, placement);
  },
};

function* findingFor(context: StepContext, placement: Placement): Generator<RuleFinding> {
  const { before, handle } = context.step;
  const existing = findRelation(before, placement.partition);
  const placed = wantedBound(context, placement);
  if (existing === null || placed === null || existing.knowledge !== "full" || existing.doubtful === true) return;
  const difference = differenceOf(context, existing, placed);
  if (difference === null) return;
  const { parent, bound, partitioning } = placed;
  const wanted = shortBound(bound, partitioning.key, before.settings);
  yield {
    statement: handle,
    range: placement.partition.range,
    message: `"${existing.name}" exists already and ${difference}: the statement is skipped with a notice, and "${parent.name}" gets no partition for ${wanted}.`,
    advice: "Choose another name, or mend the bound of the one that exists.",
    related: [
      { origin: existing.partitionOf?.origin ?? existing.origin, message: `"${existing.name}" is created here` },
    ],
    fixes: [...underFreeName(context, placement, placed)],
  };
}
