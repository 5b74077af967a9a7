/** The step that the ranges of a table follow: months stay months, days stay days, numbers stay numbers. */

import { madeInPortions, rememberedLong } from "./access.ts";
import { layoutOf } from "./layout.ts";
import { noteMembers } from "./member-questions.ts";
import type { PartitionSet, RangeDatum, RangeEntry } from "./partitioning.ts";
import type { Relation } from "./relation.ts";
import type { Value } from "./value.ts";
import { civilDate, dayNumber, floorDivide, isDate, isTimestamp, microsPerDay } from "./values/calendar.ts";
import { instantToLocal, localToInstant } from "./values/datetime.ts";
import { addInterval } from "./values/datetime-arithmetic.ts";
import { timeZoneOfSetting } from "./values/time-zone.ts";

/** The width of a range, as something to add to a bound. */
export type Step =
  /**
   * Calendar months, on dates and timestamps. `anchor` is the day of the month on which the bounds lie as far as the month
   * has it: 31 for the last of each month. Absent where that is the day of whatever the step is added to.
   */
  | { readonly kind: "months"; readonly months: number; readonly anchor?: number | undefined }
  /** A fixed span, on dates (whole days) and timestamps. */
  | { readonly kind: "span"; readonly micros: bigint }
  /** `digits × 10^-scale`, on integers (scale 0) and numerics. */
  | { readonly kind: "number"; readonly digits: bigint; readonly scale: number };

/**
 * Where values of the key live: `zone` is the time zone in whose calendar a `timestamptz` counts its days and months, null
 * for all other types.
 */
export interface SeriesCalendar {
  readonly zone: string | null;
}

/** The step from one bound to the next, null where the values cannot be counted or do not ascend. */
export function stepBetween(lower: Value, upper: Value, calendar: SeriesCalendar): Step | null {
  const [from, to] = [toLocalMicros(lower, calendar), toLocalMicros(upper, calendar)];
  if (from !== null && to !== null) {
    if (to <= from) return null;
    const [a, b] = [civil(from), civil(to)];
    const months = (b.year - a.year) * 12 + b.month - a.month;
    if (a.micros === b.micros && months > 0) {
      if (a.day === b.day) return { kind: "months", months };
      const anchor = anchorOf(a, b);
      if (anchor !== null) return { kind: "months", months, anchor };
    }
    return { kind: "span", micros: to - from };
  }
  const difference = subtract(upper, lower);
  return difference === null || difference.digits <= 0n ? null : { kind: "number", ...difference };
}

/** The day of the month that two moments keep to, where a month is too short for it: 31 for January 31st and February 28th. */
function anchorOf(a: CivilMoment, b: CivilMoment): number | null {
  const [aIsLast, bIsLast] = [a.day === daysInMonth(a), b.day === daysInMonth(b)];
  if (aIsLast && bIsLast) return 31;
  if (bIsLast && a.day > b.day) return a.day;
  return aIsLast && b.day > a.day ? b.day : null;
}

/**
 * The value `times` steps after this one (before it, where negative). A day that the month does not have becomes its last,
 * as in PostgreSQL's own arithmetic. null where the value is of a kind that the step cannot move.
 */
export function advance(value: Value, step: Step, times: number, calendar: SeriesCalendar): Value | null {
  if (step.kind === "number") return addNumber(value, step.digits * BigInt(times), step.scale);
  const from = toLocalMicros(value, calendar);
  if (from === null) return null;
  const [months, micros] = step.kind === "months" ? [step.months * times, 0n] : [0, step.micros * BigInt(times)];
  const moved = addInterval(from, { family: "interval", months, days: 0, micros }, null);
  if (moved.kind !== "value" || moved.value.family !== "timestamp" || typeof moved.value.micros !== "bigint")
    return null;
  const anchor = step.kind === "months" ? step.anchor : undefined;
  return fromLocalMicros(
    anchor === undefined ? moved.value.micros : onDay(moved.value.micros, anchor),
    value,
    calendar,
  );
}

/** The same time of the day on that day of the month, or on its last where the month is shorter. */
function onDay(micros: bigint, day: number): bigint {
  const moment = civil(micros);
  return micros + BigInt(Math.min(day, daysInMonth(moment)) - moment.day) * microsPerDay;
}

/** The widths of all ranges with two finite ends, in bound order; of several key columns the first counts. */
export function stepsOf(relation: Relation, calendar: SeriesCalendar): readonly Step[] {
  const steps: Step[] = [];
  for (const entry of layoutOf(relation)?.partitions.ranges.values() ?? []) {
    const step = stepOfEntry(entry, calendar);
    if (step !== null) steps.push(step);
  }
  return steps;
}

/** The width that most ranges of the relation have; null where none can be counted. Worked out once for a version of its parts. */
export function commonStep(relation: Relation, calendar: SeriesCalendar): Step | null {
  const partitions = layoutOf(relation)?.partitions;
  if (partitions === undefined) return null;
  noteMembers(partitions, "all");
  const { zone } = calendar;
  const known = (): { readonly step: Step | null } | undefined => {
    const last = commonSteps.get(partitions);
    return last?.zone === zone ? last : undefined;
  };
  return rememberedLong(partitions.ranges.size * itemsOfStep, known, () => {
    const steps = madeInPortions([...partitions.ranges.values()], itemsOfStep, (entry) => {
      const step = stepOfEntry(entry, calendar);
      return step === null ? [] : [step];
    });
    const made = { zone, step: mostCommon(steps) };
    commonSteps.set(partitions, made);
    return made;
  }).step;
}

/** Two values are read and compared. */
const itemsOfStep = 4;

const commonSteps = new WeakMap<PartitionSet, { readonly zone: SeriesCalendar["zone"]; readonly step: Step | null }>();

function mostCommon(steps: readonly Step[]): Step | null {
  const counted = new Map<string, { readonly step: Step; count: number }>();
  for (const step of steps) {
    const key = stepKey(step);
    const known = counted.get(key) ?? { step, count: 0 };
    counted.set(key, known);
    known.count += 1;
  }
  let [most, found]: [number, Step | null] = [0, null];
  for (const { step, count } of counted.values()) if (count > most) [most, found] = [count, step];
  return found;
}

/** The same for steps that are the same; 12 months are not 365 days. */
function stepKey(step: Step): string {
  if (step.kind === "months") return `months ${step.months}`;
  if (step.kind === "span") return `span ${step.micros}`;
  let { scale } = step;
  const digits = step.digits.toString();
  let end = digits.length;
  for (; scale > 0 && end > 1 && digits[end - 1] === "0"; scale -= 1) end -= 1;
  return `number ${digits.slice(0, end)} ${scale}`;
}

/** Whether two steps are the same. */
export function sameStep(a: Step, b: Step): boolean {
  return stepKey(a) === stepKey(b);
}

/** The width of one range, null where an end is open or further columns decide. */
export function stepOfEntry(entry: Pick<RangeEntry, "lower" | "upper">, calendar: SeriesCalendar): Step | null {
  const [lower, upper] = [entry.lower[0], entry.upper[0]];
  return lower?.kind === "value" && upper?.kind === "value" ? stepBetween(lower.value, upper.value, calendar) : null;
}

/**
 * The points that cut `[from, to)` into whole steps, both ends included; null where the steps do not come out exactly at
 * `to`, or where there would be more than `limit` of them.
 */
export function cutIntoSteps(
  from: Value,
  to: Value,
  step: Step,
  calendar: SeriesCalendar,
  limit: number,
): readonly Value[] | null {
  const count = stepsBetween(from, to, step, calendar);
  if (count === null || count > limit) return null;
  const points = [from];
  for (let times = 1; times <= limit; times += 1) {
    const point = advance(from, step, times, calendar);
    if (point === null) return null;
    const rest = ascends(point, to, calendar);
    if (rest === null || rest < 0) return null;
    points.push(point);
    if (rest === 0) return points;
  }
  return null;
}

/** How many of the steps lie between the values, by their numbers alone; null where these do not come out even. */
function stepsBetween(from: Value, to: Value, step: Step, calendar: SeriesCalendar): number | null {
  if (step.kind === "number") {
    const width = subtract(to, from);
    if (width === null) return null;
    const scale = Math.max(width.scale, step.scale);
    const [whole, one] = [width, step].map((each) => each.digits * 10n ** BigInt(scale - each.scale));
    return evenly(whole ?? 0n, one ?? 0n);
  }
  const [start, end] = [toLocalMicros(from, calendar), toLocalMicros(to, calendar)];
  if (start === null || end === null) return null;
  if (step.kind === "span") return evenly(end - start, step.micros);
  const [a, b] = [civil(start), civil(end)];
  return evenly(BigInt((b.year - a.year) * 12 + b.month - a.month), BigInt(step.months));
}

function evenly(whole: bigint, part: bigint): number | null {
  return part > 0n && whole > 0n && whole % part === 0n ? Number(whole / part) : null;
}

/**
 * A natural boundary near the middle of `[lower, upper)`: the start of the coarsest unit (decade, year, quarter, month, day,
 * hour …, or a round number) that lies in the middle half. null where the range is open or cannot be counted.
 */
export function naturalMiddle(lower: RangeDatum, upper: RangeDatum, calendar: SeriesCalendar): Value | null {
  if (lower.kind !== "value" || upper.kind !== "value") return null;
  const [from, to] = [toLocalMicros(lower.value, calendar), toLocalMicros(upper.value, calendar)];
  if (from !== null && to !== null) {
    const middle = middleMoment(from, to, lower.value.family === "date");
    return middle === null ? null : fromLocalMicros(middle, lower.value, calendar);
  }
  return middleNumber(lower.value, upper.value);
}

/** A moment by its parts in the proleptic Gregorian calendar; `micros` since midnight. */
export interface CivilMoment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly micros: bigint;
}

/** The parts of a date or timestamp in the calendar of the series; null for other values and the infinities. */
export function civilMoment(value: Value, calendar: SeriesCalendar): CivilMoment | null {
  const micros = toLocalMicros(value, calendar);
  return micros === null ? null : civil(micros);
}

function middleMoment(from: bigint, to: bigint, wholeDays: boolean): bigint | null {
  const quarter = (to - from) / 4n;
  const [low, middle, high] = [from + quarter, (from + to) / 2n, to - quarter];
  const candidates = (unit: (at: bigint) => readonly [before: bigint, after: bigint]): bigint | null => {
    const near = unit(middle).filter((at) => at >= low && at <= high && at > from && at < to);
    return near.toSorted((a, b) => Number(distance(a, middle) - distance(b, middle)))[0] ?? null;
  };
  for (const months of [120, 12, 3, 1]) {
    const found = candidates((at) => aroundMonths(at, months));
    if (found !== null) return found;
  }
  const spans = [microsPerDay, ...(wholeDays ? [] : [3_600_000_000n, 60_000_000n, 1_000_000n, 1n])];
  for (const span of spans) {
    const found = candidates((at) => [floorTo(at, span), floorTo(at, span) + span]);
    if (found !== null) return found;
  }
  return null;
}

function aroundMonths(micros: bigint, months: number): readonly [bigint, bigint] {
  const { year, month } = civil(micros);
  const index = year * 12 + (month - 1);
  const start = Math.floor(index / months) * months;
  return [monthStart(start), monthStart(start + months)];
}

function middleNumber(lower: Value, upper: Value): Value | null {
  const difference = subtract(upper, lower);
  if (difference === null || difference.digits < 2n) return null;
  const scale = difference.scale;
  const [from, to] = [scaled(lower, scale), scaled(upper, scale)];
  if (from === null || to === null) return null;
  const quarter = (to - from) / 4n;
  const middle = (from + to) / 2n;
  for (let unit = 10n ** BigInt((to - from).toString().length); unit >= 1n; unit /= 10n) {
    for (const half of unit >= 10n ? [unit, unit / 2n] : [unit]) {
      const below = floorTo(middle, half);
      const near = [below, below + half].filter(
        (at) => at >= from + quarter && at <= to - quarter && at > from && at < to,
      );
      const [nearest] = near.toSorted((a, b) => Number(distance(a, middle) - distance(b, middle)));
      if (nearest !== undefined) return numberLike(lower, nearest, scale);
    }
  }
  return null;
}

/** Order of two values of one series: negative where `a` comes first; null where they cannot be compared. */
function ascends(a: Value, b: Value, calendar: SeriesCalendar): number | null {
  const [x, y] = [toLocalMicros(a, calendar), toLocalMicros(b, calendar)];
  if (x !== null && y !== null) return y > x ? 1 : y < x ? -1 : 0;
  const difference = subtract(b, a);
  return difference === null ? null : difference.digits > 0n ? 1 : difference.digits < 0n ? -1 : 0;
}

function toLocalMicros(value: Value, { zone }: SeriesCalendar): bigint | null {
  if (value.family === "date") return Number.isFinite(value.days) ? BigInt(value.days) * microsPerDay : null;
  if (value.family !== "timestamp" || typeof value.micros !== "bigint") return null;
  const local = zone === null ? value.micros : instantToLocal(value.micros, timeZoneOfSetting(zone));
  return typeof local === "bigint" ? local : null;
}

function fromLocalMicros(micros: bigint, like: Value, { zone }: SeriesCalendar): Value | null {
  if (like.family === "date") {
    const days = Number(floorDivide(micros, microsPerDay));
    return micros % microsPerDay === 0n && isDate(days) ? { family: "date", days } : null;
  }
  if (!isTimestamp(micros)) return null;
  const instant = zone === null ? micros : localToInstant(micros, timeZoneOfSetting(zone));
  return typeof instant === "bigint" ? { family: "timestamp", micros: instant } : null;
}

/** How many days the moment's month has. */
export function daysInMonth({ year, month }: CivilMoment): number {
  return dayNumber(year, month + 1, 1) - dayNumber(year, month, 1);
}

function civil(micros: bigint): CivilMoment {
  const days = floorDivide(micros, microsPerDay);
  return { ...civilDate(Number(days)), micros: micros - days * microsPerDay };
}

/** Midnight of the first day of the month with this index, `year × 12 + month - 1`. */
function monthStart(index: number): bigint {
  const year = Math.floor(index / 12);
  return BigInt(dayNumber(year, index - year * 12 + 1, 1)) * microsPerDay;
}

function subtract(a: Value, b: Value): { readonly digits: bigint; readonly scale: number } | null {
  const scale = Math.max(scaleOf(a) ?? -1, scaleOf(b) ?? -1);
  const [x, y] = [scaled(a, scale), scaled(b, scale)];
  return scale < 0 || x === null || y === null ? null : { digits: x - y, scale };
}

function addNumber(value: Value, digits: bigint, scale: number): Value | null {
  const common = Math.max(scaleOf(value) ?? -1, scale);
  const own = scaled(value, common);
  return own === null ? null : numberLike(value, own + digits * 10n ** BigInt(common - scale), common);
}

function scaleOf(value: Value): number | null {
  if (value.family === "integer") return 0;
  return value.family === "numeric" && "digits" in value ? value.scale : null;
}

function scaled(value: Value, scale: number): bigint | null {
  if (value.family === "integer") return value.value * 10n ** BigInt(Math.max(scale, 0));
  if (value.family !== "numeric" || !("digits" in value)) return null;
  return value.digits * 10n ** BigInt(scale - value.scale);
}

function numberLike(like: Value, digits: bigint, scale: number): Value | null {
  if (like.family === "numeric") return { family: "numeric", digits, scale };
  const unit = 10n ** BigInt(scale);
  return digits % unit === 0n ? { family: "integer", value: digits / unit } : null;
}

function floorTo(value: bigint, unit: bigint): bigint {
  return floorDivide(value, unit) * unit;
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}
