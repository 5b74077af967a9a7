/** Arithmetic of dates, timestamps and intervals, truncation included, as PostgreSQL's operators and functions do it. */

import {
  civilDate,
  dayNumber,
  daysInMonth,
  floorDivide,
  isDate,
  isTimestamp,
  microsPerDay,
  microsPerSecond,
} from "./calendar.ts";
import { instantToLocal, localToInstant, type TimestampMicros } from "./datetime.ts";
import { type IntervalValue, makeInterval } from "./interval.ts";
import { declined, problem, type ValueResult, valueResult } from "./result.ts";
import type { TimeZone } from "./time-zone.ts";

export function addDays(days: number, count: bigint): ValueResult {
  if (!Number.isFinite(days)) return valueResult({ family: "date", days });
  const sum = days + Number(count);
  return isDate(sum) ? valueResult({ family: "date", days: sum }) : problem("22008", "date out of range");
}

export function subtractDates(a: number, b: number): ValueResult {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return problem("22008", "cannot subtract infinite dates");
  return valueResult({ family: "integer", value: BigInt(a - b) });
}

/** `zone` null for `timestamp`; else months and days are added to the local time of that zone. */
export function addInterval(micros: TimestampMicros, interval: IntervalValue, zone: TimeZone | null): ValueResult {
  if (typeof micros === "string") return valueResult({ family: "timestamp", micros });
  let moved: bigint = micros;
  if (interval.months !== 0 || interval.days !== 0) {
    const local = zone === null ? moved : instantToLocal(moved, zone);
    const shifted = typeof local === "bigint" ? addMonthsAndDays(local, interval.months, interval.days) : null;
    const back = zone === null || shifted === null ? shifted : localToInstant(shifted, zone);
    if (typeof back !== "bigint") return declined("a time zone whose offset at that time is not known");
    moved = back;
  }
  const sum = moved + interval.micros;
  return isTimestamp(sum)
    ? valueResult({ family: "timestamp", micros: sum })
    : problem("22008", "timestamp out of range");
}

/** The interval between two timestamps: days of 24 hours and the rest. */
export function subtractTimestamps(a: TimestampMicros, b: TimestampMicros): ValueResult {
  if (typeof a === "string" || typeof b === "string") return declined("a difference of infinite timestamps");
  const difference = a - b;
  const days = difference / microsPerDay;
  return makeInterval(0, Number(days), difference - days * microsPerDay);
}

export function negateInterval(value: IntervalValue): IntervalValue {
  // `0 -` keeps zeros positive.
  return { family: "interval", months: 0 - value.months, days: 0 - value.days, micros: -value.micros };
}

export function addIntervals(a: IntervalValue, b: IntervalValue): ValueResult {
  return makeInterval(a.months + b.months, a.days + b.days, a.micros + b.micros);
}

/** By whole numbers only: fractions spill over in ways that depend on the version. */
export function multiplyInterval(value: IntervalValue, factor: number): ValueResult {
  if (!Number.isInteger(factor)) return declined("an interval times a fraction");
  return makeInterval(value.months * factor + 0, value.days * factor + 0, value.micros * BigInt(factor));
}

export function divideInterval(value: IntervalValue, divisor: number): ValueResult {
  if (divisor === 0) return problem("22012", "division by zero");
  const isEven =
    Number.isInteger(divisor) &&
    value.months % divisor === 0 &&
    value.days % divisor === 0 &&
    value.micros % BigInt(divisor) === 0n;
  if (!isEven) return declined("an interval divided with a rest");
  return makeInterval(value.months / divisor + 0, value.days / divisor + 0, value.micros / BigInt(divisor));
}

export type DateUnit =
  | "microseconds"
  | "milliseconds"
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "quarter"
  | "year"
  | "decade"
  | "century"
  | "millennium";

/** The unit that a word of `date_trunc` and `extract` stands for; null for others. */
export function dateUnit(word: string): DateUnit | null {
  const lower = word.toLowerCase();
  return unitWords.get(lower) ?? null;
}

const unitWords: ReadonlyMap<string, DateUnit> = new Map(
  (
    [
      "microseconds",
      "milliseconds",
      "second",
      "minute",
      "hour",
      "day",
      "week",
      "month",
      "quarter",
      "year",
      "decade",
      "century",
      "millennium",
    ] as const
  ).flatMap((unit) => [
    [unit, unit] as const,
    ...(["second", "minute", "hour", "day", "week", "month", "year", "decade"].includes(unit)
      ? [[`${unit}s`, unit] as const]
      : []),
  ]),
);

/** The start of the unit that a local time lies in. */
export function truncateTimestamp(micros: bigint, unit: DateUnit): bigint {
  const days = Number(floorDivide(micros, microsPerDay));
  switch (unit) {
    case "microseconds":
      return micros;
    case "milliseconds":
      return floorDivide(micros, 1000n) * 1000n;
    case "second":
      return floorDivide(micros, microsPerSecond) * microsPerSecond;
    case "minute":
      return floorDivide(micros, 60n * microsPerSecond) * 60n * microsPerSecond;
    case "hour":
      return floorDivide(micros, 3600n * microsPerSecond) * 3600n * microsPerSecond;
    case "day":
      return BigInt(days) * microsPerDay;
    case "week":
      // 2000-01-03 was a Monday.
      return BigInt(days - ((((days - 2) % 7) + 7) % 7)) * microsPerDay;
    default:
      return BigInt(startOfYears(days, unit)) * microsPerDay;
  }
}

/** `date_trunc` of an interval; null for weeks, which PostgreSQL refuses. */
export function truncateInterval(value: IntervalValue, unit: DateUnit): IntervalValue | null {
  const { months, days, micros } = value;
  const perUnit: Partial<Record<DateUnit, number>> = {
    month: 1,
    quarter: 3,
    year: 12,
    decade: 120,
    century: 1200,
    millennium: 12000,
  };
  if (unit === "week") return null;
  const unitMonths = perUnit[unit];
  if (unitMonths !== undefined)
    return { family: "interval", months: months - (months % unitMonths), days: 0, micros: 0n };
  if (unit === "day") return { family: "interval", months, days, micros: 0n };
  const units: Partial<Record<DateUnit, bigint>> = {
    microseconds: 1n,
    milliseconds: 1000n,
    second: microsPerSecond,
    minute: 60n * microsPerSecond,
    hour: 3600n * microsPerSecond,
  };
  return { family: "interval", months, days, micros: micros - (micros % (units[unit] ?? 1n)) };
}

/** The field of a local time that `extract` gives, as a whole number; null for fields with fractions and rare ones. */
export function extractField(micros: bigint, field: string): number | null {
  const days = Number(floorDivide(micros, microsPerDay));
  const { year, month, day } = civilDate(days);
  const seconds = Number((micros - BigInt(days) * microsPerDay) / microsPerSecond);
  const displayYear = year > 0 ? year : year - 1;
  switch (field) {
    case "year":
      return displayYear;
    case "month":
      return month;
    case "day":
      return day;
    case "hour":
      return Math.floor(seconds / 3600);
    case "minute":
      return Math.floor(seconds / 60) % 60;
    case "quarter":
      return Math.floor((month - 1) / 3) + 1;
    case "doy":
      return days - dayNumber(year, 1, 1) + 1;
    case "dow":
      return (((days + 6) % 7) + 7) % 7;
    case "isodow":
      return (((days + 6) % 7) + 7) % 7 || 7;
    case "decade":
      return Math.floor(year / 10);
    case "century":
      return year > 0 ? Math.ceil(year / 100) : -Math.ceil((1 - year) / 100);
    case "millennium":
      return year > 0 ? Math.ceil(year / 1000) : -Math.ceil((1 - year) / 1000);
    case "week":
    case "isoyear": {
      // The ISO year of a day is the year of the Thursday of its week.
      const thursday = days - ((((days - 2) % 7) + 7) % 7) + 3;
      const isoYear = civilDate(thursday).year;
      if (field === "isoyear") return isoYear > 0 ? isoYear : isoYear - 1;
      return Math.floor((thursday - dayNumber(isoYear, 1, 1)) / 7) + 1;
    }
    default:
      return null;
  }
}

function addMonthsAndDays(micros: bigint, months: number, days: number): bigint {
  let day = Number(floorDivide(micros, microsPerDay));
  const clock = micros - BigInt(day) * microsPerDay;
  if (months !== 0) {
    const date = civilDate(day);
    const total = date.year * 12 + date.month - 1 + months;
    const year = Math.floor(total / 12);
    const month = total - year * 12 + 1;
    day = dayNumber(year, month, Math.min(date.day, daysInMonth(year, month)));
  }
  return BigInt(day + days) * microsPerDay + clock;
}

/** The first day of the month, quarter, year, decade, century or millennium of a day. */
function startOfYears(days: number, unit: DateUnit): number {
  const { year, month } = civilDate(days);
  switch (unit) {
    case "month":
      return dayNumber(year, month, 1);
    case "quarter":
      return dayNumber(year, month - ((month - 1) % 3), 1);
    case "decade":
      return dayNumber(Math.floor(year / 10) * 10, 1, 1);
    case "century":
      return dayNumber(Math.floor((year - 1) / 100) * 100 + 1, 1, 1);
    case "millennium":
      return dayNumber(Math.floor((year - 1) / 1000) * 1000 + 1, 1, 1);
    default:
      return dayNumber(year, 1, 1);
  }
}
