/** New partitions beside those that exist: the next and the previous ones, the missing ones, and whole series from a start. */

import { firstAnswer } from "../../catalog/access.ts";
import { type CoverageGap, coverageOf, gapsOf } from "../../catalog/coverage.ts";
import { inclusiveEndsOf } from "../../catalog/inclusive-ends.ts";
import { layoutOf } from "../../catalog/layout.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import {
  advance,
  commonStep,
  cutIntoSteps,
  type SeriesCalendar,
  type Step,
  stepOfEntry,
  stepsOf,
} from "../../catalog/series.ts";
import { baseType } from "../../catalog/values/types.ts";
import { spellBound, spellDatum } from "../../catalog/written-bound.ts";
import { addAll } from "../../text/long-lists.ts";
import { shareOf } from "../bound-relation.ts";
import { type Division, divisionOf, type Failure, type KnownPart } from "../division.ts";
import { readKeyValue, readPoint, readStep } from "../key-value.ts";
import type { OperationRequest } from "../operation.ts";
import { boundAt, calendarOf, failed, problem, type Writer, type WriterContext, writeName } from "../writer.ts";
import { scriptOfNewParts } from "./new-parts.ts";

/** More partitions than this are not written at once: the reader would not read them. */
export const fillLimit = 1000;

export const writeAppend: Writer = (request, table, context) => writeNeighbour(request, table, context, "append");

export const writePrepend: Writer = (request, table, context) => writeNeighbour(request, table, context, "prepend");

/** Fills the gap that begins at `from`, or every gap between two partitions; of hash tables, the remainders that are missing. */
export const writeFill: Writer = (request, table, context) => {
  const { catalog } = context;
  const division = divisionOf(table, context);
  if ("message" in division) return failed(division);
  const name = writeName(catalog, table);
  if (division.key.strategy === "hash") return writeRemainders(request, division, context);
  if (division.key.strategy === "list")
    return problem(
      `${name} is partitioned by list: no order says what is missing between its values; attach or create the partition with "values"`,
      "operation",
    );
  const layout = layoutOf(table);
  const inner =
    layout === null
      ? []
      : gapsOf(layout.key, layout.partitions).filter(({ below, above }) => below !== null && above !== null);
  const gaps = request.from === null ? inner : gapsFrom(request.from, inner, division, context);
  if ("message" in gaps) return failed(gaps);
  if (gaps.length === 0) return problem(`between the partitions of ${name} there is no gap`, "table");
  const ranges = rangesOfGaps(gaps, division, calendarOf(table, catalog));
  if (ranges === null)
    return problem(
      `the gaps would take more than ${fillLimit} partitions: fill them one at a time with "from"`,
      "from",
    );
  const title = `Fill ${gaps.length === 1 ? "the gap" : `${gaps.length} gaps`} in ${name}`;
  return scriptOfNewParts(title, ranges, request, division, context);
};

function writeRemainders(request: OperationRequest, division: Division, context: WriterContext): ReturnType<Writer> {
  const coverage = coverageOf(division.table);
  const name = writeName(context.catalog, division.table);
  const missing = coverage?.missingRemainders ?? [];
  if (missing.length === 0) return problem(`no remainder of ${name} is missing`, "table");
  const bounds = missing.map(({ modulus, remainder }): Bound => ({ kind: "hash", modulus, remainder }));
  return scriptOfNewParts(
    `Create the ${bounds.length} missing hash partitions of ${name}`,
    bounds,
    request,
    division,
    context,
  );
}

/** `count` ranges of the width `interval`, the first from `start` on. */
export const writeRanges: Writer = (request, table, context) => {
  const division = rangeDivision(table, context);
  if ("message" in division) return failed(division);
  const series = seriesOf(request, division, context);
  if ("message" in series) return failed(series);
  const bounds = rangesFrom(series, request.count, division, context);
  return "message" in bounds
    ? failed(bounds)
    : newRanges(
        `Create ${request.count} partitions of ${writeName(context.catalog, table)}`,
        bounds,
        request,
        division,
        context,
      );
};

/** Ranges of the width `interval` from `start` to `end`, which is where the last one ends. */
export const writeSpan: Writer = (request, table, context) => {
  const division = rangeDivision(table, context);
  if ("message" in division) return failed(division);
  const series = seriesOf(request, division, context);
  if ("message" in series) return failed(series);
  if (request.end === null) return problem('"end" must say where the last range ends', "end");
  const end = readPoint(request.end, division.key, "end", context);
  if ("message" in end) return failed(end);
  const bounds = rangesUpTo(series, end, division, context, "exactly");
  return "message" in bounds
    ? failed(bounds)
    : newRanges(
        `Create ${bounds.length} partitions of ${writeName(context.catalog, table)}`,
        bounds,
        request,
        division,
        context,
      );
};

export interface Series {
  readonly start: Extract<RangeDatum, { kind: "value" }>;
  readonly step: Step;
}

/** Whether the key begins with a date or a time: then a series goes on up to today. */
export function countsDays({ key }: Division): boolean {
  const type = key.elements[0]?.type ?? null;
  const base = type === null ? null : baseType(type);
  return base?.kind === "base" && ["date", "timestamp", "timestamptz"].includes(base.name);
}

/** Where ranges begin and how wide they are, as the request says. */
export function seriesOf(request: OperationRequest, division: Division, context: WriterContext): Series | Failure {
  if (request.start === null) return { message: '"start" must say where the first range begins', argument: "start" };
  const start = readPoint(request.start, division.key, "start", context);
  if ("message" in start) return start;
  const [first] = start;
  if (first?.kind !== "value") return { message: '"start" must be a value', argument: "start" };
  const step =
    request.interval === null
      ? usualStep(division, context)
      : readStep(request.interval, division.key, "interval", context);
  if (step === null) return { message: '"interval" must say how wide the ranges are', argument: "interval" };
  return "message" in step ? step : { start: first, step };
}

/** So many ranges from a start on. */
export function rangesFrom(
  { start, step }: Series,
  count: number,
  { key, table }: Division,
  { catalog }: WriterContext,
): readonly Bound[] | Failure {
  const calendar = calendarOf(table, catalog);
  const bounds: Bound[] = [];
  for (let number = 0; number < count; number += 1) {
    const [from, to] = [number, number + 1].map((times) => advance(start.value, step, times, calendar));
    if (from == null || to == null)
      return { message: "the ranges would leave the range of the key's type", argument: "count" };
    bounds.push({
      kind: "range",
      lower: boundAt({ kind: "value", value: from }, key),
      upper: boundAt({ kind: "value", value: to }, key),
    });
  }
  return bounds;
}

/** Ranges up to a point where the last one ends `exactly`; else the last one is that which holds the point. */
export function rangesUpTo(
  { start, step }: Series,
  end: readonly RangeDatum[],
  { key, table }: Division,
  { catalog }: WriterContext,
  how: "exactly" | "beyond",
): readonly Bound[] | Failure {
  const calendar = calendarOf(table, catalog);
  const collations = collationsOf(key);
  const bounds: Bound[] = [];
  let lower = boundAt(start, key);
  const begins = comparePoints(lower, end, collations) ?? 0;
  if (begins > 0 || (begins === 0 && how === "exactly"))
    return { message: '"end" must lie behind "start"', argument: "end" };
  for (let times = 1; times <= fillLimit; times += 1) {
    const value = advance(start.value, step, times, calendar);
    if (value === null) return { message: "the ranges would leave the range of the key's type", argument: "end" };
    const upper = boundAt({ kind: "value", value }, key);
    bounds.push({ kind: "range", lower, upper });
    const order = comparePoints(upper, end, collations);
    if (order === null) return { message: "these values cannot be compared here", argument: "end" };
    // A point that is to be held begins no range behind the last one.
    if (how === "beyond" ? order > 0 : order === 0) return bounds;
    if (order > 0)
      return {
        message: `whole intervals from "start" do not end at "end": the last one would reach to ${spellDatum({ kind: "value", value }, 0, key, catalog.settings)}`,
        argument: "end",
      };
    lower = upper;
  }
  return { message: `this would take more than ${fillLimit} partitions`, argument: "interval" };
}

/** Refuses ranges that overlap a partition. */
function newRanges(
  title: string,
  bounds: readonly Bound[],
  request: OperationRequest,
  division: Division,
  context: WriterContext,
): ReturnType<Writer> {
  const clash = overlapping(bounds, division);
  return clash === null
    ? scriptOfNewParts(title, bounds, request, division, context)
    : problem(
        `${spellBound(clash.bound, division.key, context.catalog.settings)} would overlap ${writeName(context.catalog, clash.part)}: fill the gaps with "fill" instead`,
        "start",
      );
}

/** The first of the bounds that shares rows with a partition. */
export function overlapping(
  bounds: readonly Bound[],
  division: Division,
): { readonly bound: Bound; readonly part: KnownPart } | null {
  const { key, scheme } = division;
  const parts = division.parts.filter(({ bound }) => bound.kind !== "default");
  // Partitions are in the order of their bounds and do not overlap each other; children may.
  const isOrdered = scheme === "declarative" && parts.every(({ bound }) => bound.kind === "range");
  return firstAnswer(bounds, isOrdered ? 1 : parts.length, (bound) => {
    const near = isOrdered && bound.kind === "range" ? endingBehind(bound.lower, parts, key) : null;
    const part = (near === null ? parts : parts.slice(near, near + 1)).find((each) =>
      ["some", "all"].includes(shareOf(bound, each.bound, key)),
    );
    return part === undefined ? null : { bound, part };
  });
}

/** The place of the first part that ends behind the point; null where they cannot be compared. */
function endingBehind(point: readonly RangeDatum[], parts: readonly KnownPart[], key: PartitionKey): number | null {
  const collations = collationsOf(key);
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const bound = parts[middle]?.bound;
    const order = bound?.kind === "range" ? comparePoints(bound.upper, point, collations) : null;
    if (order === null) return null;
    if (order > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function rangeDivision(table: Relation, context: WriterContext): Division | Failure {
  const division = divisionOf(table, context);
  if ("message" in division || division.key.strategy === "range") return division;
  return {
    message: `${writeName(context.catalog, table)} is partitioned by ${division.key.strategy}: it has no ranges`,
    argument: "table",
  };
}

/** The next range of the series at one end, from the edge of the outermost partition on. */
export interface Edge {
  readonly part: KnownPart;
  readonly point: readonly RangeDatum[];
  readonly step: Step;
}

/** Where the table ends, and how wide its ranges are; or why nothing follows. */
export function edgeOf(division: Division, context: WriterContext, side: "append" | "prepend"): Edge | Failure {
  const { catalog } = context;
  const { table, key } = division;
  const name = writeName(catalog, table);
  const ranges = division.parts.filter(({ bound }) => bound.kind === "range");
  const last = side === "append" ? ranges.at(-1) : ranges[0];
  if (last === undefined || last.bound.kind !== "range") {
    return {
      message: `${name} has no range partition yet whose width the next one could take: create-ranges makes the first ones`,
      argument: "table",
    };
  }
  const calendar = calendarOf(table, catalog);
  const layout = layoutOf(table);
  // A series of months that end with their last day goes on with months.
  const meant = layout === null ? undefined : inclusiveEndsOf(layout, calendar).get(last.relation.id);
  const entry = meant === undefined ? last.bound : { ...last.bound, upper: meant.meant };
  const edge = side === "append" ? entry.upper : entry.lower;
  const [value] = edge;
  if (value?.kind !== "value") {
    return {
      message: `${writeName(catalog, last)} is open (${spellDatum(value ?? { kind: "maxvalue" }, 0, key, catalog.settings)}) at this end, nothing can follow it: split it instead`,
      argument: "table",
    };
  }
  const step = stepOfEntry(entry, calendar) ?? stepsOf(table, calendar).at(-1) ?? null;
  return step === null
    ? {
        message: `the ranges of ${name} have no width that can be counted: say with create-ranges how wide the next one is`,
        argument: "table",
      }
    : { part: last, point: edge, step };
}

function writeNeighbour(
  request: OperationRequest,
  table: Relation,
  context: WriterContext,
  side: "append" | "prepend",
): ReturnType<Writer> {
  const { catalog } = context;
  const division = rangeDivision(table, context);
  if ("message" in division) return failed(division);
  const edge = edgeOf(division, context, side);
  if ("message" in edge) return failed(edge);
  const { key } = division;
  const [value] = edge.point;
  const calendar = calendarOf(table, catalog);
  const name = writeName(catalog, table);
  const ranges: Bound[] = [];
  for (let number = 0; number < request.count; number += 1) {
    const [near, far] = [number, number + 1].map((times) =>
      value?.kind === "value" ? advance(value.value, edge.step, side === "append" ? times : -times, calendar) : null,
    );
    if (near == null || far == null) return problem(`the series of ${name} leaves the range of its type`, "count");
    const [a, b] = [boundAt({ kind: "value", value: near }, key), boundAt({ kind: "value", value: far }, key)];
    const [first, isAppend] = [number === 0, side === "append"];
    ranges.push({
      kind: "range",
      lower: isAppend ? (first ? edge.point : a) : b,
      upper: isAppend ? b : first ? edge.point : a,
    });
  }
  const title = `${side === "append" ? "Append the next" : "Prepend the previous"} ${ranges.length === 1 ? "partition" : `${ranges.length} partitions`} of ${name}`;
  return scriptOfNewParts(title, ranges, request, division, context);
}

function gapsFrom(
  text: string,
  gaps: readonly CoverageGap[],
  { key }: Division,
  context: WriterContext,
): readonly CoverageGap[] | Failure {
  const from = readKeyValue(text, key, 0, context);
  if ("message" in from) return { message: from.message, argument: "from" };
  const point = boundAt({ kind: "value", value: from.value }, key);
  const collations = collationsOf(key);
  const found = gaps.filter(({ lower, upper }) => {
    const [begins, ends] = [comparePoints(lower, point, collations), comparePoints(point, upper, collations)];
    return begins !== null && ends !== null && begins <= 0 && ends < 0;
  });
  return found.length > 0 ? found : { message: `no gap begins at or holds ${text}`, argument: "from" };
}

/** The ranges that fill the gaps, null where they are too many. */
export function rangesOfGaps(
  gaps: readonly CoverageGap[],
  division: Division,
  calendar: SeriesCalendar,
): readonly Bound[] | null {
  const ranges: Bound[] = [];
  for (const gap of gaps) {
    addAll(ranges, rangesOfGap(gap, division, calendar));
    if (ranges.length > fillLimit) return null;
  }
  return ranges;
}

/** Of the table's usual width where they come out even, else one. */
function rangesOfGap(gap: CoverageGap, { key, table }: Division, calendar: SeriesCalendar): readonly Bound[] {
  const [lower, upper] = [gap.lower[0], gap.upper[0]];
  const whole: Bound = { kind: "range", lower: gap.lower, upper: gap.upper };
  const step = commonStep(table, calendar);
  if (step === null || lower?.kind !== "value" || upper?.kind !== "value") return [whole];
  const points = cutIntoSteps(lower.value, upper.value, step, calendar, fillLimit);
  if (points === null) return [whole];
  return points.slice(1).map((point, index) => ({
    kind: "range",
    lower: index === 0 ? gap.lower : boundAt({ kind: "value", value: points[index] ?? point }, key),
    upper: index + 2 === points.length ? gap.upper : boundAt({ kind: "value", value: point }, key),
  }));
}

/** The width that most ranges of the table have; null where none can be counted. */
export function usualStep({ table }: Division, { catalog }: WriterContext): Step | null {
  return commonStep(table, calendarOf(table, catalog));
}
