/** A range is left without a partition by pg_partman in silence, or a partition made by hand lies off its grid. */

import { findRelation } from "../catalog/catalog.ts";
import type { ManagerHole } from "../catalog/manager.ts";
import type { RangeDatum, RangeEntry } from "../catalog/partitioning.ts";
import { civilMoment, type SeriesCalendar, type Step, sameStep, stepBetween, stepOfEntry } from "../catalog/series.ts";
import type { Value } from "../catalog/value.ts";
import { dayNumber } from "../catalog/values/calendar.ts";
import { lookUpRelation } from "../effects/relations/lookup.ts";
import { quoteIdentifier, quoteQualifiedName, truncateIdentifier } from "../syntax/names.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, StepContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { partmanOf } from "./support/managed.ts";
import { changedSets, makingCalls, parentOfSet, placeOfWork } from "./support/partman-sets.ts";
import { placementsOf } from "./support/placements.ts";

export const partmanHole: Rule = {
  id: "partman-hole",
  severity: "warning",
  summary:
    "A range is left without a partition by pg_partman in silence, or a partition made by hand lies off its grid.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  statements: ["query", "call-procedure", "do", "create-table", "alter-table"],
  *check(context) {
    yield* holesIn(context);
    yield* offGrid(context);
  },
};

function* holesIn({ step }: StepContext): Generator<RuleFinding> {
  for (const { was, is } of changedSets(step)) {
    const known = was?.holes ?? [];
    const holes = (is.holes ?? []).filter(({ name }) => !known.some((other) => other.name === name));
    const [first, ...others] = holes;
    const parent = parentOfSet(step.after, is);
    if (first === undefined || parent === null) continue;
    const taken = findRelation(step.after, { schema: parent.schema, name: first.name });
    const more =
      others.length === 0 ? "" : `, as ${others.length === 1 ? "one more does" : `${others.length} more do`}`;
    yield {
      statement: step.handle,
      range: placeOfWork(step, makingCalls),
      message: `"${first.name}" exists already and is no partition of "${parent.name}", so pg_partman passes over the range from ${first.from} to ${first.to} in silence${more}.`,
      advice: "Rename what has the name before, or attach it.",
      related: taken === null ? [] : [{ origin: taken.origin, message: "this has the name of the partition" }],
      fixes: taken === null ? [] : [renaming(step.handle, parent.schema, first)],
    };
  }
}

function renaming(statement: StatementHandle, schema: string, { name }: ManagerHole): RuleFix {
  const sql = `ALTER TABLE ${quoteQualifiedName(schema, name)} RENAME TO ${quoteIdentifier(truncateIdentifier(`old_${name}`))}`;
  return { title: "Rename it before", edits: [{ kind: "insert-before", statement, sql }], preferred: false };
}

function* offGrid({ step }: StepContext): Generator<RuleFinding> {
  for (const { parent: name, partition, bound } of placementsOf(step.statement.statement)) {
    if (bound.kind !== "range") continue;
    const found = lookUpRelation(step.before, name);
    const parent = found.kind === "found" ? found.relation : null;
    const partitioning = parent?.partitioning;
    if (parent === null || partitioning == null || partmanOf(step.before, parent) === null) continue;
    const made = lookUpRelation(step.after, partition);
    const own = made.kind === "found" ? made.relation.partitionOf?.bound : undefined;
    const firstKey = partitioning.partitions.ranges.minKey();
    const first = firstKey === undefined ? undefined : partitioning.partitions.ranges.get(firstKey);
    if (own?.kind !== "range" || first === undefined) continue;
    if (isOnGrid(first, own, calendarOf(partitioning.key, step.before)) !== false) continue;
    yield {
      statement: step.handle,
      range: bound.range,
      message: `"${partition.name}" does not lie on the grid of pg_partman's partitions of "${parent.name}": maintenance goes on from where it begins, a gap remains beside it, and partition_gap_fill comes to no end.`,
      advice: "Make it with create_partition_time or create_partition_id.",
    };
  }
}

/** Whether a range begins so many whole steps from the first one and is one step long; null where that cannot be told. */
function isOnGrid(
  first: Pick<RangeEntry, "lower" | "upper">,
  own: Pick<RangeEntry, "lower" | "upper">,
  calendar: SeriesCalendar,
): boolean | null {
  const [step, length] = [stepOfEntry(first, calendar), stepOfEntry(own, calendar)];
  const [origin, start] = [onlyValue(first.lower), onlyValue(own.lower)];
  if (step === null || length === null || origin === null || start === null) return null;
  const isLater = stepBetween(origin, start, calendar);
  const distance = isLater ?? stepBetween(start, origin, calendar);
  const isAligned = distance === null || divides(step, distance, [origin, start], calendar);
  return isAligned === null ? null : isAligned && sameLength(step, length, own, calendar);
}

function onlyValue([datum, ...others]: readonly RangeDatum[]): Value | null {
  return datum?.kind === "value" && others.length === 0 ? datum.value : null;
}

function divides(step: Step, distance: Step, ends: readonly Value[], calendar: SeriesCalendar): boolean | null {
  if (step.kind === "number" && distance.kind === "number")
    return step.scale === distance.scale && step.digits !== 0n ? distance.digits % step.digits === 0n : null;
  if (step.kind === "months") return distance.kind === "months" && distance.months % step.months === 0;
  if (step.kind !== "span") return null;
  if (distance.kind === "span") return distance.micros % step.micros === 0n;
  const [a, b] = ends.map((end) => civilMoment(end, calendar));
  if (a == null || b == null) return null;
  const days = dayNumber(b.year, b.month, b.day) - dayNumber(a.year, a.month, a.day);
  return (BigInt(days) * 86_400_000_000n) % step.micros === 0n;
}

/** A month of 30 days and a span of 30 days are as long as each other here and there: only what certainly differs counts. */
function sameLength(
  step: Step,
  length: Step,
  own: Pick<RangeEntry, "lower" | "upper">,
  calendar: SeriesCalendar,
): boolean {
  if (step.kind === length.kind)
    return (
      sameStep(step, length) || (step.kind === "months" && length.kind === "months" && step.months === length.months)
    );
  const [from, to] = [onlyValue(own.lower), onlyValue(own.upper)];
  return from !== null && to !== null && divides(step, length, [from, to], calendar) === true && step.kind === "span";
}
