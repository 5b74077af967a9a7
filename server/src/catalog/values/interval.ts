/** `interval` as PostgreSQL reads, restricts, orders and prints it. */

import type { TypeModifier } from "../data-type.ts";
import type { Value } from "../value.ts";
import { microsPerDay, microsPerSecond } from "./calendar.ts";
import { dateProblem, printClock, roundMicros } from "./datetime.ts";
import { cutDateFields, type DateField } from "./datetime-fields.ts";
import { type DateProblem, decodeClock, hasEmptyFraction } from "./datetime-parts.ts";
import { type Declined, declined, problem, type ValueContext, type ValueResult, valueResult } from "./result.ts";
import { allIntervalFields, intervalFieldBits } from "./types.ts";

export type IntervalValue = Extract<Value, { readonly family: "interval" }>;

export function readInterval(text: string, modifier: TypeModifier | null, context: ValueContext): ValueResult {
  const read = text.trim().toUpperCase().startsWith("P") ? readIso8601(text) : readVerbose(text, modifier, context);
  if (typeof read === "string") return dateProblem(read, text, "interval", context.version);
  if ("kind" in read) return read;
  const fits = isInt32(read.months) && isInt32(read.days) && BigInt.asIntN(64, read.micros) === read.micros;
  if (!fits && context.version >= 15) return dateProblem("interval-overflow", text, "interval", context.version);
  return makeInterval(read.months, read.days, read.micros, modifier);
}

/** An interval with the modifier applied; refuses what does not fit. */
export function makeInterval(
  months: number,
  days: number,
  micros: bigint,
  modifier: TypeModifier | null = null,
): ValueResult {
  if (!isInt32(months) || !isInt32(days) || BigInt.asIntN(64, micros) !== micros)
    return problem("22008", "interval out of range");
  return valueResult(restrictInterval({ family: "interval", months, days, micros }, modifier));
}

function isInt32(value: number): boolean {
  return value >= -2147483648 && value <= 2147483647;
}

/** Cuts an interval to the fields of its type (`interval day to hour`) and rounds it to the precision. */
export function restrictInterval(value: IntervalValue, modifier: TypeModifier | null): IntervalValue {
  if (modifier === null) return value;
  const { year, month, day, hour, minute, second } = intervalFieldBits;
  const fields = modifier.fields ?? allIntervalFields;
  let { months, days, micros } = value;
  if (fields !== allIntervalFields) {
    if ((fields & ~(year | month)) === 0) {
      if (fields === year) months -= months % 12;
      days = 0;
      micros = 0n;
    } else if ((fields & second) === 0) {
      const unit = (fields & minute) !== 0 ? 60n : (fields & hour) !== 0 ? 3600n : (fields & day) !== 0 ? 0n : 1n;
      micros = unit === 0n ? 0n : micros - (micros % (unit * microsPerSecond));
    }
  }
  return { family: "interval", months, days, micros: roundMicros(micros, modifier) };
}

/** The length by which intervals are ordered: a month counts as 30 days. */
export function intervalLength(value: IntervalValue): bigint {
  return (BigInt(value.months) * 30n + BigInt(value.days)) * microsPerDay + value.micros;
}

/** As printed under `IntervalStyle = postgres`. */
export function printInterval(value: IntervalValue): string {
  const parts: string[] = [];
  let previousNegative = false;
  const years = Math.trunc(value.months / 12);
  const units: readonly (readonly [number, string])[] = [
    [years, "year"],
    [value.months - years * 12, "mon"],
    [value.days, "day"],
  ];
  for (const [count, unit] of units) {
    if (count === 0) continue;
    parts.push(`${previousNegative && count > 0 ? "+" : ""}${count} ${unit}${count === 1 ? "" : "s"}`);
    previousNegative = count < 0;
  }
  if (value.micros !== 0n || parts.length === 0) {
    const negative = value.micros < 0n;
    const size = negative ? -value.micros : value.micros;
    const clock = printClock(Number(size / microsPerSecond), Number(size % microsPerSecond));
    parts.push(`${negative ? "-" : previousNegative ? "+" : ""}${clock}`);
  }
  return parts.join(" ");
}

interface Amounts {
  months: number;
  days: number;
  micros: bigint;
}

type Unit =
  | "microsecond"
  | "millisecond"
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "year"
  | "decade"
  | "century"
  | "millennium";

const unitWords: ReadonlyMap<string, Unit> = new Map(
  Object.entries({
    microsecond: "us usec usecs usecond useconds microsecon microsecond microseconds",
    millisecond: "ms msec msecs msecond mseconds millisecon millisecond milliseconds",
    second: "s sec secs second seconds",
    minute: "m min mins minute minutes",
    hour: "h hr hrs hour hours",
    day: "d day days",
    week: "w week weeks",
    month: "mon mons month months",
    year: "y yr yrs year years",
    decade: "dec decs decade decades",
    century: "c cent century centuries",
    millennium: "mil mils millennia millennium",
  }).flatMap(([unit, words]) => words.split(" ").map((word) => [word, unit as Unit] as const)),
);

const microsOf: Partial<Record<Unit, bigint>> = {
  microsecond: 1n,
  millisecond: 1000n,
  second: microsPerSecond,
  minute: 60n * microsPerSecond,
  hour: 3600n * microsPerSecond,
};
const clockUnits: readonly Unit[] = ["hour", "minute", "second", "millisecond", "microsecond"];
const monthsOf: Partial<Record<Unit, number>> = { month: 1, year: 12, decade: 120, century: 1200, millennium: 12000 };

/** `1 day 02:03:04`, `1 year 2 mons ago`, `1-2`, `30`: read from the right, as a unit stands after its number. */
function readVerbose(
  text: string,
  modifier: TypeModifier | null,
  context: ValueContext,
): Amounts | DateProblem | Declined {
  if (context.version < 15 && hasEmptyFraction(text)) return declined("seconds that end with a point");
  const fields = cutDateFields(text);
  if (fields === null) return "bad-format";
  const amounts: Amounts = { months: 0, days: 0, micros: 0n };
  const seen = new Set<string>();
  let unit: Unit | null = null;
  let unitWaits = false;
  let ago = false;
  for (let index = fields.length - 1; index >= 0; index--) {
    const field = fields[index] as DateField;
    if (field.kind === "word" || field.kind === "signed-word") {
      if (/^[+-]?infinity$/.test(field.text))
        return context.version >= 17 ? declined("an infinite interval") : declined("the word infinity in an interval");
      if (field.text === "ago") {
        if (index !== fields.length - 1) return declined("ago before the end");
        ago = true;
        continue;
      }
      const named = unitWords.get(field.text);
      if (named === undefined) return isOtherUnitWord(field.text) ? declined(`the unit ${field.text}`) : "bad-format";
      if (unitWaits) return context.version >= 17 ? "bad-format" : declined("two units in a row");
      unit = named;
      unitWaits = true;
      continue;
    }
    const isSignedClock = field.kind === "zone" && field.text.includes(":");
    if (field.kind === "time" || isSignedClock) {
      if (unitWaits) return declined("a unit after a clock time");
      const clock = decodeClock(isSignedClock ? field.text.slice(1) : field.text);
      if (typeof clock === "string") return isSignedClock ? declined("a signed clock time") : intervalProblem(clock);
      if (clockUnits.some((part) => seen.has(part))) return "bad-format";
      for (const part of clockUnits) seen.add(part);
      const seconds = clock.hour * 3600 + clock.minute * 60 + clock.second;
      const micros = BigInt(seconds) * microsPerSecond + BigInt(clock.micros);
      amounts.micros += field.text.startsWith("-") ? -micros : micros;
      unit = "day";
      // There, two numbers are minutes and seconds.
      if (modifier?.fields === (intervalFieldBits.minute | intervalFieldBits.second))
        return declined("a clock time in an interval minute to second");
      continue;
    }
    const counted: Unit = unit ?? unitOfFields(modifier);
    const failure = addNumber(amounts, field.text, counted, seen);
    if (failure !== null) return failure;
    // What stands before hours without a unit of its own counts days.
    unit = counted === "hour" ? "day" : counted;
    unitWaits = false;
  }
  if (unitWaits && seen.size > 0) return context.version >= 17 ? "bad-format" : declined("a unit without a number");
  if (seen.size === 0) return "bad-format";
  if (!ago) return amounts;
  return { months: -amounts.months, days: -amounts.days, micros: -amounts.micros };
}

/** Words that PostgreSQL knows in intervals besides the units read here. */
function isOtherUnitWord(word: string): boolean {
  return (
    /^(?:qtr|quarter|timezone.*|zone|@|dow|doy|isodow|isoyear|isoweek|epoch|invalid|undefined)$/.test(word) ||
    word.length > 10
  );
}

/** What a number without a unit counts, by the fields of the type. */
function unitOfFields(modifier: TypeModifier | null): Unit {
  const fields = modifier?.fields ?? allIntervalFields;
  if (fields === allIntervalFields) return "second";
  for (const unit of ["second", "minute", "hour", "day", "month", "year"] as const)
    if ((fields & intervalFieldBits[unit]) !== 0) return unit;
  return "second";
}

function addNumber(amounts: Amounts, text: string, unit: Unit, seen: Set<string>): DateProblem | Declined | null {
  const yearsAndMonths = /^([+-]?)(\d+)-(\d+)$/.exec(text);
  if (yearsAndMonths !== null) {
    const months = Number(yearsAndMonths[3]);
    if (months >= 12) return "interval-overflow";
    if (seen.has("month")) return "bad-format";
    seen.add("month");
    const total = Number(yearsAndMonths[2]) * 12 + months;
    amounts.months += yearsAndMonths[1] === "-" ? -total : total;
    return null;
  }
  const number = /^([+-]?)(\d*)(\.\d*)?$/.exec(text);
  if (number === null) return "bad-format";
  const [, sign = "", whole = "", fraction = ""] = number;
  if (whole === "" && fraction.length < 2) return declined("a number without digits");
  const hasFraction = /[1-9]/.test(fraction);
  for (const kind of unit === "second" && hasFraction ? ["second", "millisecond", "microsecond"] : [unit]) {
    if (seen.has(kind)) return "bad-format";
    seen.add(kind);
  }
  return addAmount(amounts, sign === "-" ? -1 : 1, BigInt(whole || "0"), hasFraction ? fraction : "", unit);
}

function addAmount(
  amounts: Amounts,
  sign: 1 | -1,
  whole: bigint,
  fraction: string,
  unit: Unit,
): DateProblem | Declined | null {
  if (sign < 0 && whole === 9_223_372_036_854_775_808n) return declined("the least of all intervals");
  if (whole > 9_223_372_036_854_775_807n) return "interval-overflow";
  const micros = microsOf[unit];
  if (micros !== undefined) {
    // PostgreSQL computes with doubles here: beyond six digits the last one may differ.
    if (fraction.length > 7) return declined("an interval with many digits");
    const scaled = BigInt(fraction.slice(1) || "0") * micros;
    const divisor = 10n ** BigInt(Math.max(0, fraction.length - 1));
    if (scaled % divisor !== 0n) return declined("a fraction of a microsecond");
    amounts.micros += BigInt(sign) * (whole * micros + scaled / divisor);
    return null;
  }
  if (whole > (sign < 0 ? 2_147_483_648n : 2_147_483_647n)) return "interval-overflow";
  if (unit === "day" || unit === "week") {
    const perUnit = unit === "week" ? 7 : 1;
    amounts.days += sign * Number(whole) * perUnit;
    return fraction === "" ? null : addDays(amounts, sign, fraction, perUnit);
  }
  const months = monthsOf[unit] ?? 1;
  amounts.months += sign * Number(whole) * months;
  if (fraction === "") return null;
  if (unit === "month") return addDays(amounts, sign, fraction, 30);
  const scaled = BigInt(fraction.slice(1)) * BigInt(months);
  const divisor = 10n ** BigInt(fraction.length - 1);
  if (scaled % divisor !== 0n) return declined("a fraction of a month");
  amounts.months += sign * Number(scaled / divisor);
  return null;
}

/** A fraction of a unit of that many days, spilled into days and microseconds. */
function addDays(amounts: Amounts, sign: 1 | -1, fraction: string, daysPerUnit: number): Declined | null {
  const scaled = BigInt(fraction.slice(1)) * BigInt(daysPerUnit) * microsPerDay;
  const divisor = 10n ** BigInt(fraction.length - 1);
  if (scaled % (divisor * microsPerSecond) !== 0n) return declined("a fraction of a day");
  const micros = scaled / divisor;
  amounts.days += sign * Number(micros / microsPerDay);
  amounts.micros += BigInt(sign) * (micros % microsPerDay);
  return null;
}

/** `P1Y2M3DT4H5M6S`, `P1W`; the alternative forms are declined. */
function readIso8601(text: string): Amounts | DateProblem | Declined {
  const parts =
    /^P(?=[-\d])(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?=[-\d])(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(\.\d{1,6})?S)?)?$/.exec(
      text,
    ) ?? /^PT(?=[-\d])()()()()(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(\.\d{1,6})?S)?$/.exec(text);
  if (parts === null) return declined("an interval in a rare ISO 8601 form");
  const numberAt = (group: number): number => Number(parts[group] || 0);
  const sign = parts[7] === "-" ? -1n : 1n;
  const seconds = BigInt(parts[8] ?? 0) * microsPerSecond + BigInt((parts[9] ?? ".0").slice(1).padEnd(6, "0"));
  return {
    months: numberAt(1) * 12 + numberAt(2),
    days: numberAt(3) * 7 + numberAt(4),
    micros: BigInt(numberAt(5) * 3600 + numberAt(6) * 60) * microsPerSecond + sign * seconds,
  };
}

function intervalProblem(kind: DateProblem): DateProblem {
  return kind === "field-overflow" ? "interval-overflow" : kind;
}

/** `justify_days`: thirty days are a month, and days have the sign of the months. */
export function justifyDays({ months, days, micros, ...rest }: IntervalValue): IntervalValue {
  const whole = Math.trunc(days / 30);
  let [month, day] = [months + whole, days - whole * 30];
  if (month > 0 && day < 0) [month, day] = [month - 1, day + 30];
  else if (month < 0 && day > 0) [month, day] = [month + 1, day - 30];
  return { ...rest, months: month, days: day, micros };
}
