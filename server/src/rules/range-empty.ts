/** A range partition whose lower bound is not below its upper bound. */

import { collationsOf, comparePoints } from "../catalog/partition-set.ts";
import type { RangeDatum } from "../catalog/partitioning.ts";
import { spellPoint } from "../catalog/written-bound.ts";
import type { BoundSpecification } from "../syntax/statement.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { type PlacedBound, placedBound, wouldConflict } from "./support/bounds.ts";
import { replace, replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const rangeEmpty: Rule = {
  id: "range-empty",
  severity: "error",
  summary: "The lower bound of a range partition is not below its upper bound.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) =>
    presentRejection(context, {
      advice: "FROM is inclusive and TO is exclusive, so TO has to be greater.",
      fixes: [...fixesFor(context)],
    }),
};

type WrittenRange = Extract<BoundSpecification, { kind: "range" }>;

function* fixesFor(context: RejectionContext): Generator<RuleFix> {
  for (const placement of placementsOf(context.step.statement.statement)) {
    const placed = placedBound(context, placement);
    if (placed === null || placed.bound.kind !== "range" || placement.bound.kind !== "range") continue;
    const { lower, upper } = placed.bound;
    const order = comparePoints(lower, upper, collationsOf(placed.partitioning.key));
    if (order !== null && order > 0) yield* swapped(context, placement.bound, placed, { lower, upper });
    else yield* oneStepFurther(context, placement.bound, placed, upper);
  }
}

interface Ends {
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
}

function* swapped(
  { step, text }: RejectionContext,
  written: WrittenRange,
  placed: PlacedBound,
  { lower, upper }: Ends,
): Generator<RuleFix> {
  if (wouldConflict(placed, { kind: "range", lower: upper, upper: lower })) return;
  const { fromRange, toRange } = written;
  const edits = [
    replace(step.handle, fromRange, text.slice(toRange.start, toRange.end)),
    replace(step.handle, toRange, text.slice(fromRange.start, fromRange.end)),
  ];
  yield { title: "Swap the bounds", edits, preferred: true };
}

/** `FROM ('2024-01-31') TO ('2024-01-31')` was meant to be that one day. */
function* oneStepFurther(
  { step }: RejectionContext,
  written: WrittenRange,
  placed: PlacedBound,
  upper: readonly RangeDatum[],
): Generator<RuleFix> {
  const next = upper.length === 1 && upper[0] !== undefined ? stepAfter(upper[0]) : null;
  if (next === null || placed.bound.kind !== "range" || wouldConflict(placed, { ...placed.bound, upper: [next] }))
    return;
  const newText = spellPoint([next], placed.partitioning.key, step.before.settings);
  yield replacement(`End after that value: TO ${newText}`, step.handle, written.toRange, newText, { preferred: true });
}

function stepAfter(datum: RangeDatum): RangeDatum | null {
  if (datum.kind !== "value") return null;
  const { value } = datum;
  if (value.family === "integer") return { kind: "value", value: { ...value, value: value.value + 1n } };
  if (value.family === "date" && Number.isFinite(value.days)) {
    return { kind: "value", value: { ...value, days: value.days + 1 } };
  }
  return null;
}
