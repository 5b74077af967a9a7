/** Partitions by time: which ranges have none yet, as `get_missing_time_partition_ranges` finds them, and which are old. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { RangeDatum } from "../../catalog/partitioning.ts";
import { printBoundDatum } from "../../catalog/print.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { civilDate, dayNumber, floorDivide, microsPerDay } from "../../catalog/values/calendar.ts";
import { dateToMicros, instantToLocal, localToInstant, microsToDate } from "../../catalog/values/datetime.ts";
import {
  addInterval,
  type DateUnit,
  negateInterval,
  truncateTimestamp,
} from "../../catalog/values/datetime-arithmetic.ts";
import { type IntervalValue, intervalLength } from "../../catalog/values/interval.ts";
import { printValue } from "../../catalog/values/print.ts";
import { type TimeZone, timeZoneOfSetting } from "../../catalog/values/time-zone.ts";
import { baseType, baseTypeNamed } from "../../catalog/values/types.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import type { Fault } from "./fault.ts";
import { partitionsOf } from "./tables.ts";

/** Why nothing is said of a call. */
export interface Undecided {
  readonly kind: "undecided";
  readonly reason: string;
}

export type Answer<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "refused"; readonly fault: Fault }
  | Undecided;

export interface MissingRange {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

type Type = "date" | "timestamp" | "timestamptz";

/** A table partitioned by one column of time. */
interface TimeTable {
  readonly table: Relation;
  readonly type: Type;
  readonly zone: TimeZone;
  readonly partitions: readonly TimePartition[];
}

interface TimePartition {
  readonly partition: Relation;
  readonly from: bigint;
  readonly to: bigint;
  readonly texts: readonly [string, string];
}

/** More partitions are not made by one call. */
const mostPartitions = 5_000;

const second = 1_000_000n;
const hour = 3_600n * second;

/** The ranges between two moments for which there is no partition yet. */
export function missingRanges(
  catalog: Catalog,
  table: Relation,
  interval: IntervalValue,
  from: bigint,
  to: bigint,
): Answer<readonly MissingRange[]> {
  const read = timeTable(catalog, table);
  if (read.kind !== "answer") return read;
  const times = read.value;
  if (times.type === "date" && interval.micros !== 0n)
    return raised("partition interval of date partitioned table must be day or multiple days");
  if (intervalLength(interval) <= 0n) return undecided("an interval that does not go forward makes it run for ever");
  const start = firstStart(times, interval, from);
  if (start === null) return undecided("the start of the first range is not known");
  const found: MissingRange[] = [];
  let [lower, upper] = [start, plus(start, interval, times.zone)];
  for (let count = 0; upper !== null && lower < to; count++) {
    if (count > mostPartitions) return undecided("it makes more partitions than are followed");
    const end: bigint = upper;
    const isThere = times.partitions.some((each) => each.from === lower && each.to === end);
    if (!isThere) {
      const other = covering(times, lower, end);
      if (other !== null) return misaligned(catalog, other);
      found.push(rangeOf(catalog, times, interval, lower, end));
    }
    lower = end;
    upper = plus(lower, interval, times.zone);
  }
  return upper === null
    ? undecided("a range beyond the times that PostgreSQL knows")
    : { kind: "answer", value: found };
}

/** The partitions that end at a moment or before it, the earliest first. */
export function oldPartitions(catalog: Catalog, table: Relation, olderThan: bigint): Answer<readonly Relation[]> {
  const read = timeTable(catalog, table);
  if (read.kind !== "answer") return read;
  const old = read.value.partitions.filter(({ to }) => to <= olderThan);
  const byEnd = [...old].sort((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : 0));
  return { kind: "answer", value: byEnd.map(({ partition }) => partition) };
}

function timeTable(catalog: Catalog, table: Relation): Answer<TimeTable> {
  const { partitioning } = table;
  const shown = visibleName(catalog, table);
  if (partitioning === null) return raised(`${shown} is not partitioned`);
  const { elements } = partitioning.key;
  if (elements.length !== 1) return raised("partitioned tables with multiple partition columns are not supported");
  const type = elements[0]?.column == null ? null : elements[0].type;
  if (type === null || type.kind === "unknown") return undecided("the type of the partition column is not known");
  const base = baseType(type);
  const name = base.kind === "base" ? base.name : "";
  if (name !== "date" && name !== "timestamp" && name !== "timestamptz")
    return raised(`type of the partition column of the table ${shown} must be date, timestamp or timestamptz`);
  const zone = timeZoneOfSetting(catalog.settings.timeZone);
  if (zone === null) return undecided("the time zone of the session is not known");
  const partitions: TimePartition[] = [];
  for (const partition of partitionsOf(catalog, table)) {
    const bound = partition.partitionOf?.bound;
    if (bound?.kind === "default") continue;
    if (bound?.kind !== "range") return undecided("a partition whose range is not known");
    const [lower, upper] = [bound.lower[0], bound.upper[0]];
    const [from, to] = [instantOf(lower, name, zone), instantOf(upper, name, zone)];
    // Citus 13 itself crashes on MINVALUE and MAXVALUE.
    if (from === null || to === null || lower === undefined || upper === undefined)
      return undecided("a partition without an end in time");
    const text = (datum: RangeDatum): string =>
      printBoundDatum(datum, partitioning.key, 0, catalog.settings).replace(/^'(.*)'$/, "$1");
    partitions.push({ partition, from, to, texts: [text(lower), text(upper)] });
  }
  return { kind: "answer", value: { table, type: name, zone, partitions } };
}

function instantOf(datum: RangeDatum | undefined, type: Type, zone: TimeZone): bigint | null {
  if (datum?.kind !== "value") return null;
  return instantOfValue(datum.value, type, zone);
}

/** A value of the type as a moment; null for infinities and what is no time. */
export function instantOfValue(value: Value, type: Type, zone: TimeZone): bigint | null {
  const local = value.family === "date" ? dateToMicros(value.days) : value.family === "timestamp" ? value.micros : null;
  if (typeof local !== "bigint") return null;
  if (type === "timestamptz") return local;
  const instant = localToInstant(local, zone);
  return typeof instant === "bigint" ? instant : null;
}

/** Where the first range begins: on the grid of the earliest partition, else at the start of a natural unit of time. */
function firstStart({ partitions, zone }: TimeTable, interval: IntervalValue, from: bigint): bigint | null {
  const [earliest] = [...partitions].sort((a, b) => (a.from < b.from ? -1 : 1));
  if (earliest === undefined) return truncated(from, unitFor(interval), zone);
  const step = from >= earliest.from ? interval : negateInterval(interval);
  let start: bigint | null = earliest.from;
  for (let count = 0; start !== null; count++) {
    if (count > mostPartitions * 10) return null;
    if (step === interval ? start >= from : start <= from) return start;
    start = plus(start, step, zone);
  }
  return null;
}

function unitFor(interval: IntervalValue): DateUnit {
  const length = intervalLength(interval);
  if (length < hour) return "minute";
  if (length < microsPerDay) return "hour";
  if (length < 7n * microsPerDay) return "day";
  if (length < 30n * microsPerDay) return "week";
  if (length === 90n * microsPerDay) return "quarter";
  return length < 360n * microsPerDay ? "month" : "year";
}

function truncated(instant: bigint, unit: DateUnit, zone: TimeZone): bigint | null {
  const local = instantToLocal(instant, zone);
  if (typeof local !== "bigint") return null;
  const back = localToInstant(truncateTimestamp(local, unit), zone);
  return typeof back === "bigint" ? back : null;
}

function plus(instant: bigint, interval: IntervalValue, zone: TimeZone): bigint | null {
  const sum = addInterval(instant, interval, zone);
  return sum.kind === "value" && sum.value.family === "timestamp" && typeof sum.value.micros === "bigint"
    ? sum.value.micros
    : null;
}

function covering({ partitions }: TimeTable, lower: bigint, upper: bigint): TimePartition | null {
  const covers = ({ from, to }: TimePartition): boolean =>
    (lower >= from && lower < to) || (upper > from && upper < to);
  return partitions.find(covers) ?? null;
}

function misaligned(catalog: Catalog, { partition, texts }: TimePartition): Answer<never> {
  const shown = visibleName(catalog, partition);
  return {
    kind: "refused",
    fault: {
      sqlstate: "P0001",
      message: `partition ${shown} with the range from ${texts[0]} to ${texts[1]} does not align with the initial partition given the partition interval`,
      hint: "Only use partitions of the same size, without gaps between partitions.",
    },
  };
}

function rangeOf(
  catalog: Catalog,
  { table, type, zone }: TimeTable,
  interval: IntervalValue,
  lower: bigint,
  upper: bigint,
): MissingRange {
  const suffix = suffixOf(instantToLocal(lower, zone), interval);
  // `substring(name, 0, n)` gives one character less than n.
  const kept = Math.max(0, 63 - suffix.length - 2);
  const text = (instant: bigint): string => {
    const local = type === "timestamptz" ? instant : instantToLocal(instant, zone);
    const value: Value =
      type === "date" && local !== null
        ? { family: "date", days: microsToDate(local) }
        : { family: "timestamp", micros: local ?? instant };
    return printValue(value, baseTypeNamed(type), catalog.settings);
  };
  return { name: `${[...table.name].slice(0, kept).join("")}_p${suffix}`, from: text(lower), to: text(upper) };
}

/** As `to_char` prints the start under the format that goes with the interval. */
function suffixOf(local: bigint | string | null, interval: IntervalValue): string {
  if (typeof local !== "bigint") return "";
  const days = Number(floorDivide(local, microsPerDay));
  const { year, month, day } = civilDate(days);
  const two = (number: number): string => String(number).padStart(2, "0");
  const length = intervalLength(interval);
  if (length === 90n * microsPerDay) return `${four(year)}q${Math.floor((month - 1) / 3) + 1}`;
  if (length === 7n * microsPerDay) {
    const [isoYear, week] = isoWeek(days);
    return `${four(isoYear)}w${two(week)}`;
  }
  const clock = Number(local - BigInt(days) * microsPerDay) / 1_000_000;
  let suffix = four(year);
  if (length < 360n * microsPerDay) suffix += `_${two(month)}`;
  if (length < 30n * microsPerDay) suffix += `_${two(day)}`;
  if (length < microsPerDay) suffix += `_${two(Math.floor(clock / 3600))}${two(Math.floor(clock / 60) % 60)}`;
  if (length < 60n * second) suffix += two(Math.floor(clock) % 60);
  return suffix;
}

function four(year: number): string {
  return String(year).padStart(4, "0");
}

/** The year and number of the ISO week in which a day lies. */
function isoWeek(days: number): readonly [year: number, week: number] {
  // 2000-01-03, day 2, was a Monday; a week belongs to the year of its Thursday.
  const thursday = days - ((((days - 2) % 7) + 7) % 7) + 3;
  const { year } = civilDate(thursday);
  return [year, Math.floor((thursday - dayNumber(year, 1, 1)) / 7) + 1];
}

function raised(message: string): { readonly kind: "refused"; readonly fault: Fault } {
  return { kind: "refused", fault: { sqlstate: "P0001", message } };
}

function undecided(reason: string): Undecided {
  return { kind: "undecided", reason };
}
