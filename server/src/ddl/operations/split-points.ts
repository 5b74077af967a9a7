/** Where a range is split: at a value, into equal parts, by an interval, or at a natural boundary. */

import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import { advance, naturalMiddle, type SeriesCalendar } from "../../catalog/series.ts";
import type { Value } from "../../catalog/value.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { sameValue } from "../bound-relation.ts";
import type { Division, Failure, KnownPart } from "../division.ts";
import { readPoint, readStep } from "../key-value.ts";
import type { OperationRequest } from "../operation.ts";
import { forValues } from "../print.ts";
import { boundAt, calendarOf, type WriterContext, writeName } from "../writer.ts";
import { countsDays } from "./extend.ts";

/** More parts than this are not made at once. */
const partLimit = 1000;

/** The inner ends of the parts: by `at`, `into`, `by`, else one natural boundary. */
export function splitPoints(
  request: OperationRequest,
  part: KnownPart,
  bound: Extract<Bound, { kind: "range" }>,
  division: Division,
  context: WriterContext,
): readonly (readonly RangeDatum[])[] | Failure {
  const { key } = division;
  const { catalog } = context;
  const given = [request.at, request.into, request.by].filter((each) => each !== null);
  if (given.length > 1) return { message: 'say one of "at", "into" and "by"', argument: "at" };
  if (request.at !== null) {
    const point = readPoint(request.at, key, "at", context);
    if ("message" in point) return point;
    if (lies(point, bound, key)) return [point];
    const printed = spellDatum(point[0] ?? { kind: "minvalue" }, 0, key, catalog.settings);
    return {
      message: `${printed} does not lie inside ${writeName(catalog, part)}, ${forValues(bound.lower, bound.upper, key, catalog.settings)}: choose a value above its lower and below its upper bound`,
      argument: "at",
    };
  }
  if (request.into !== null) return equalPoints(request.into, bound, division, context);
  if (request.by !== null) return regularPoints(request.by, part, bound, division, context);
  const value = proposedSplit(division.table, bound, context);
  return value === null
    ? { message: 'there is no natural boundary inside this range: say with "at" where to split', argument: "at" }
    : [boundAt({ kind: "value", value }, key)];
}

/** Points that halve the range, and the halves, as evenly as whole steps of its type allow. */
function equalPoints(
  into: number,
  bound: Extract<Bound, { kind: "range" }>,
  { key, table }: Division,
  context: WriterContext,
): readonly (readonly RangeDatum[])[] | Failure {
  const [lower, upper] = [bound.lower[0], bound.upper[0]];
  const points =
    lower?.kind === "value" && upper?.kind === "value"
      ? evenPoints(lower.value, upper.value, into, calendarOf(table, context.catalog))
      : null;
  if (points === null)
    return {
      message: `this range cannot be cut into ${into} parts: say with "at" or "by" where to split`,
      argument: "into",
    };
  return points.map((value) => boundAt({ kind: "value", value }, key));
}

/** The inner points of `into` parts: of months where the range has enough of them, else of days, microseconds or numbers. */
function evenPoints(lower: Value, upper: Value, into: number, calendar: SeriesCalendar): readonly Value[] | null {
  for (const unit of ["months", "days", "smallest"] as const) {
    const found = cutEvenly(lower, upper, into, unit, calendar);
    if (found !== null) return found;
  }
  return null;
}

function cutEvenly(
  lower: Value,
  upper: Value,
  into: number,
  unit: "months" | "days" | "smallest",
  calendar: SeriesCalendar,
): readonly Value[] | null {
  if (lower.family === "integer" && upper.family === "integer") {
    const width = upper.value - lower.value;
    if (unit !== "smallest" || width < BigInt(into)) return null;
    return Array.from({ length: into - 1 }, (_, index): Value => {
      return { family: "integer", value: lower.value + (width * BigInt(index + 1)) / BigInt(into) };
    });
  }
  if (lower.family === "numeric" || upper.family === "numeric")
    return unit === "smallest" ? cutNumbers(lower, upper, into) : null;
  const step = { months: { kind: "months", months: 1 }, days: { kind: "span", micros: dayMicros }, smallest: null }[
    unit
  ] as Parameters<typeof advance>[1] | null;
  if (step === null) return null;
  const count = unitsBetween(lower, upper, step, calendar);
  if (count === null || count < into) return null;
  const points: Value[] = [];
  for (let index = 1; index < into; index += 1) {
    const point = advance(lower, step, Math.floor((count * index) / into), calendar);
    if (point === null) return null;
    points.push(point);
  }
  return points;
}

/** Of numbers with a fraction, at digits that both ends are written with. */
function cutNumbers(lower: Value, upper: Value, into: number): readonly Value[] | null {
  if (lower.family !== "numeric" || upper.family !== "numeric" || "special" in lower || "special" in upper) return null;
  const scale = Math.max(lower.scale, upper.scale);
  const unscaled = ({ digits, scale: own }: { readonly digits: bigint; readonly scale: number }): bigint =>
    digits * 10n ** BigInt(scale - own);
  const from = unscaled(lower);
  const width = unscaled(upper) - from;
  if (width < BigInt(into)) return null;
  return Array.from({ length: into - 1 }, (_, index): Value => {
    return { family: "numeric", digits: from + (width * BigInt(index + 1)) / BigInt(into), scale };
  });
}

const dayMicros = 86_400_000_000n;

/** How many whole steps lie between two values; null where it does not come out even, or they are too many. */
function unitsBetween(
  lower: Value,
  upper: Value,
  step: Parameters<typeof advance>[1],
  calendar: SeriesCalendar,
): number | null {
  for (let count = 1; count <= 36_600; count += 1) {
    const at = advance(lower, step, count, calendar);
    if (at === null) return null;
    if (sameValue(at, upper)) return count;
    if (order(at, upper) > 0) return null;
  }
  return null;
}

function order(a: Value, b: Value): number {
  if (a.family === "date" && b.family === "date") return a.days - b.days;
  if (a.family === "timestamp" && b.family === "timestamp") {
    const [from, to] = [a.micros, b.micros];
    if (typeof from === "bigint" && typeof to === "bigint") return from < to ? -1 : from > to ? 1 : 0;
  }
  return 1;
}

/** Points by an interval: from the lower end, of one that is open below from the upper one, of a catch-all up to today. */
function regularPoints(
  by: string,
  part: KnownPart,
  bound: Extract<Bound, { kind: "range" }>,
  division: Division,
  context: WriterContext,
): readonly (readonly RangeDatum[])[] | Failure {
  const { key, table } = division;
  const step = readStep(by, key, "by", context);
  if ("message" in step) return step;
  const calendar = calendarOf(table, context.catalog);
  const start = bound.lower[0];
  if (start?.kind !== "value")
    return {
      message: `${writeName(context.catalog, part)} has no lower end from which intervals could be counted: say with "at" where to split`,
      argument: "by",
    };
  const isOpen = bound.upper[0]?.kind !== "value";
  // A number may read as today's date too, as a subtraction.
  const today = isOpen && countsDays(division) ? readPoint(context.today, key, "by", context) : null;
  if ((isOpen && today === null) || (today !== null && "message" in today))
    return {
      message: `${writeName(context.catalog, part)} is open, and nothing tells where its intervals end: say with "at" where to split`,
      argument: "by",
    };
  const points: (readonly RangeDatum[])[] = [];
  const collations = collationsOf(key);
  for (let times = 1; ; times += 1) {
    const value = advance(start.value, step, times, calendar);
    if (value === null) return { message: "the intervals leave the range of the key's type", argument: "by" };
    const point = boundAt({ kind: "value", value }, key);
    if (!lies(point, bound, key)) break;
    points.push(point);
    if (points.length >= partLimit)
      return { message: `this would take more than ${partLimit} partitions`, argument: "by" };
    // Of a catch-all the last part ends behind today.
    if (today !== null && (comparePoints(point, today, collations) ?? 1) > 0) break;
  }
  return points.length > 0
    ? points
    : { message: `the range is no wider than ${by}: nothing is left to split`, argument: "by" };
}

/** The value at which a partition would be split if nobody named one; null where there is no natural one. */
export function proposedSplit(
  table: Division["table"],
  { lower, upper }: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  { catalog }: Pick<WriterContext, "catalog">,
): Value | null {
  const [from, to] = [lower[0], upper[0]];
  return from === undefined || to === undefined ? null : naturalMiddle(from, to, calendarOf(table, catalog));
}

function lies(
  point: readonly RangeDatum[],
  { lower, upper }: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  key: PartitionKey,
): boolean {
  const collations = collationsOf(key);
  const [below, above] = [comparePoints(lower, point, collations), comparePoints(point, upper, collations)];
  return below !== null && above !== null && below < 0 && above < 0;
}
