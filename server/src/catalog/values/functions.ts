/** Computes the functions of PostgreSQL that bounds, keys and predicates use on constants. */

import type { Value } from "../value.ts";
import type { BuiltinFunction } from "./builtins.ts";
import { dayNumber, daysInMonth, isDate, isTimestamp, microsPerDay, microsPerSecond } from "./calendar.ts";
import { compareValues } from "./compare.ts";
import { readByTemplate } from "./date-template.ts";
import { dateToMicros, instantToLocal, localToInstant } from "./datetime.ts";
import { dateUnit, extractField, truncateInterval, truncateTimestamp } from "./datetime-arithmetic.ts";
import { hash32 } from "./hash.ts";
import { checkedInteger, isIntegerTypeName } from "./integer.ts";
import { justifyDays, makeInterval } from "./interval.ts";
import { md5, md5OfText } from "./md5.ts";
import { type FiniteNumeric, powerOfTen, printNumeric, roundNumeric } from "./numeric.ts";
import { makeRange } from "./range.ts";
import { declined, problem, type ValueContext, type ValueResult, valueResult } from "./result.ts";
import { characterCount } from "./text.ts";
import { textFunctions } from "./text-functions.ts";
import { namedTimeZone, type TimeZone, timeZoneOfSetting } from "./time-zone.ts";
import { baseTypeNamed } from "./types.ts";
import { largestValue, mayCompute, sizeOf, sizeOfAll } from "./work.ts";

/** The result of a strict function on values that already have the types it declares. */
export function computeFunction(found: BuiltinFunction, values: readonly Value[], context: ValueContext): ValueResult {
  const compute = implementations.get(found.name) ?? textFunctions.get(found.name);
  if (compute !== undefined && !mayCompute(sizeOfAll(values), context.work)) return declined("a value of that size");
  const result = compute?.(values, found, context) ?? declined(`the function ${found.name}`);
  const isTooLarge = result.kind === "value" && !mayCompute(sizeOf(result.value), context.work);
  return isTooLarge ? declined("a value of that size") : result;
}

/** `make_interval(days => 1)`: the values in the order of its parameters, missing ones 0. */
export const makeIntervalParameters: readonly string[] = ["years", "months", "weeks", "days", "hours", "mins", "secs"];

type Implementation = (values: readonly Value[], found: BuiltinFunction, context: ValueContext) => ValueResult | null;

const implementations: ReadonlyMap<string, Implementation> = new Map<string, Implementation>([
  ["make_date", ([year, month, day]) => makeDate(integerOf(year), integerOf(month), integerOf(day))],
  ...["int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange"].map(
    (name) => [name, rangeOf] as const satisfies readonly [string, Implementation],
  ),
  ["make_timestamp", (values) => makeTimestamp(values)],
  ["make_timestamptz", (values, _, context) => makeTimestampWithZone(values, context)],
  ["make_interval", (values) => makeIntervalOf(values)],
  ["date_trunc", truncate],
  ["extract", extract],
  ["date_part", (values, found, context) => toFloat(extract(values, found, context))],
  ["to_date", ([text, template]) => toDate(text, template)],
  ["to_timestamp", (values, _, context) => toTimestamp(values, context)],
  ["timezone", convertZone],
  ["lower", ([text]) => mapText(text, (value) => withCase(value, (letters) => letters.toLowerCase()))],
  ["upper", ([text]) => mapText(text, (value) => withCase(value, (letters) => letters.toUpperCase()))],
  ["length", ([text]) => (text?.family === "text" ? integer(BigInt(characterCount(text.value))) : null)],
  ["char_length", ([text]) => (text?.family === "text" ? integer(BigInt(characterCount(text.value))) : null)],
  ["left", ([text, count]) => mapText(text, (value) => sliceStart(value, integerOf(count)))],
  ["right", ([text, count]) => mapText(text, (value) => sliceEnd(value, integerOf(count)))],
  ["replace", ([text, from, to]) => replaceText(text, from, to)],
  ["reverse", ([text]) => mapText(text, (value) => [...value].reverse().join(""))],
  ["repeat", ([text, count]) => mapText(text, (value) => repeatText(value, integerOf(count)))],
  ["lpad", ([text, length, fill]) => padText(text, integerOf(length), fill)],
  ["to_hex", ([value], found) => hexadecimal(value, found)],
  ["md5", ([value]) => digest(value)],
  ["hashtext", ([value]) => hashed(value, "text")],
  ["hashint4", ([value]) => hashed(value, "int4")],
  ["hashint8", ([value]) => hashed(value, "int8")],
  ["decode", ([text, format]) => decoded(text, format)],
  ["sqrt", ([value]) => (value?.family === "float" && value.value >= 0 ? float(Math.sqrt(value.value)) : null)],
  ["justify_days", ([value]) => (value?.family === "interval" ? valueResult(justifyDays(value)) : null)],
  ["abs", ([value], found) => absolute(value, found.result)],
  ["mod", ([a, b], found) => modulo(a, b, found.result)],
  ["round", (values) => roundValue(values, "round")],
  ["trunc", (values) => roundValue(values, "trunc")],
  ["ceil", (values) => roundValue(values, "ceil")],
  ["ceiling", (values) => roundValue(values, "ceil")],
  ["floor", (values) => roundValue(values, "floor")],
]);

function integerOf(value: Value | undefined): number | null {
  return value?.family === "integer" ? Number(value.value) : null;
}

function integer(value: bigint): ValueResult {
  return valueResult({ family: "integer", value });
}

/** Negative numbers in two's complement. */
function hexadecimal(value: Value | undefined, { arguments: [type] }: BuiltinFunction): ValueResult | null {
  if (value?.family !== "integer") return null;
  return valueResult({ family: "text", value: BigInt.asUintN(type === "int4" ? 32 : 64, value.value).toString(16) });
}

function float(value: number): ValueResult {
  return valueResult({ family: "float", value });
}

function toFloat(result: ValueResult | null): ValueResult | null {
  if (result?.kind !== "value" || result.value.family !== "numeric" || "special" in result.value) return result;
  return valueResult({ family: "float", value: Number(printNumeric(result.value)) });
}

function mapText(text: Value | undefined, change: (value: string) => string | null): ValueResult | null {
  const changed = text?.family === "text" ? change(text.value) : null;
  return changed === null ? null : valueResult({ family: "text", value: changed });
}

/** Letters beyond ASCII change their case or not as the collation says: known is only what all collations leave alone. */
function withCase(text: string, change: (letters: string) => string): string | null {
  return [...text].every((letter) => letter <= "~" || change(letter) === letter) ? change(text) : null;
}

function digest(value: Value | undefined): ValueResult | null {
  if (value?.family === "text") return valueResult({ family: "text", value: md5OfText(value.value) });
  return value?.family === "bytes" ? valueResult({ family: "text", value: md5(value.hex) }) : null;
}

function decoded(text: Value | undefined, format: Value | undefined): ValueResult | null {
  if (text?.family !== "text" || format?.family !== "text") return null;
  const { value } = text;
  if (format.value.toLowerCase() !== "hex" || !/^(?:[0-9a-f]{2})*$/i.test(value)) return null;
  return valueResult({ family: "bytes", hex: value.toLowerCase() });
}

function hashed(value: Value | undefined, type: string): ValueResult | null {
  const hash = value === undefined ? null : hash32(value, baseTypeNamed(type));
  return hash === null ? null : integer(BigInt(hash));
}

function isAscii(text: string): boolean {
  return /^[\t-~]*$/.test(text);
}

function sliceStart(text: string, count: number | null): string | null {
  return count === null ? null : [...text].slice(0, count).join("");
}

function sliceEnd(text: string, count: number | null): string | null {
  if (count === null) return null;
  const characters = [...text];
  return characters.slice(count >= 0 ? Math.max(0, characters.length - count) : -count).join("");
}

function replaceText(text: Value | undefined, from: Value | undefined, to: Value | undefined): ValueResult | null {
  if (from?.family !== "text" || to?.family !== "text") return null;
  if (from.value === "") return mapText(text, (value) => value);
  const grows = to.value.length - from.value.length;
  return mapText(text, (value) => {
    if (value.length + occurrences(value, from.value) * grows > largestValue) return null;
    // With a function for what it puts there replaceAll() calls that a million times.
    return value.split(from.value).join(to.value);
  });
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}

function repeatText(text: string, count: number | null): string | null {
  return count === null || text.length * count > 10_000 ? null : text.repeat(Math.max(0, count));
}

function padText(text: Value | undefined, length: number | null, fill: Value | undefined): ValueResult | null {
  const filling = fill === undefined ? " " : fill.family === "text" ? fill.value : null;
  if (length === null || length > 10_000 || filling === null || !isAscii(filling)) return null;
  return mapText(text, (value) => {
    const missing = length - characterCount(value);
    if (missing <= 0) return [...value].slice(0, Math.max(0, length)).join("");
    return filling === "" ? value : filling.repeat(Math.ceil(missing / filling.length)).slice(0, missing) + value;
  });
}

function absolute(value: Value | undefined, result: string): ValueResult | null {
  switch (value?.family) {
    case "integer":
      return isIntegerTypeName(result) ? checkedInteger(value.value < 0n ? -value.value : value.value, result) : null;
    case "float":
      return valueResult({ family: "float", value: Math.abs(value.value) });
    case "numeric":
      if ("special" in value) return null;
      return valueResult({ ...value, digits: value.digits < 0n ? -value.digits : value.digits });
    default:
      return null;
  }
}

function modulo(a: Value | undefined, b: Value | undefined, result: string): ValueResult | null {
  if (a?.family !== "integer" || b?.family !== "integer" || !isIntegerTypeName(result)) return null;
  return b.value === 0n ? problem("22012", "division by zero") : checkedInteger(a.value % b.value, result);
}

function roundValue(values: readonly Value[], how: "round" | "trunc" | "ceil" | "floor"): ValueResult | null {
  const [value, digits] = values;
  if (value?.family === "float" && digits === undefined) {
    if (how === "round") return null;
    return valueResult({ family: "float", value: Math[how](value.value) });
  }
  const scale = digits === undefined ? 0 : integerOf(digits);
  if (value?.family !== "numeric" || "special" in value || scale === null || scale < 0 || scale > 100) return null;
  if (how === "round") return valueResult(roundNumeric(value, scale));
  if (value.scale <= scale) return valueResult(roundNumeric(value, scale));
  const unit = powerOfTen(value.scale - scale);
  const toZero = value.digits / unit;
  const rest = value.digits % unit;
  const step = rest > 0n && how === "ceil" ? 1n : rest < 0n && how === "floor" ? -1n : 0n;
  return valueResult({ family: "numeric", digits: toZero + step, scale });
}

function makeDate(year: number | null, month: number | null, day: number | null): ValueResult | null {
  if (year === null || month === null || day === null) return null;
  // A negative year counts before Christ: -1 is 1 BC.
  const civilYear = year < 0 ? year + 1 : year;
  const isValid = year !== 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(civilYear, month);
  const shown = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  if (!isValid) return problem("22008", `date field value out of range: ${shown}`);
  const days = dayNumber(civilYear, month, day);
  return isDate(days) ? valueResult({ family: "date", days }) : problem("22008", `date out of range: ${shown}`);
}

/** As C prints `%04d`. */
function pad(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, "0")}` : String(value).padStart(width, "0");
}

function makeTimestamp(values: readonly Value[]): ValueResult | null {
  const micros = localMicros(values);
  return micros === null ? null : valueResult({ family: "timestamp", micros });
}

function makeTimestampWithZone(values: readonly Value[], context: ValueContext): ValueResult | null {
  const micros = localMicros(values);
  const zoneText = values[6];
  const zone =
    zoneText === undefined
      ? timeZoneOfSetting(context.settings.timeZone)
      : zoneText.family === "text"
        ? zoneOfArgument(zoneText.value)
        : null;
  return micros === null || zone === null ? null : instantOf(micros, zone);
}

/** The local time of `year, month, day, hour, minute, second`; null where a field is out of its range. */
function localMicros([yearValue, monthValue, dayValue, hourValue, minuteValue, second]: readonly Value[]):
  | bigint
  | null {
  const date = makeDate(integerOf(yearValue), integerOf(monthValue), integerOf(dayValue));
  const hour = integerOf(hourValue);
  const minute = integerOf(minuteValue);
  if (date?.kind !== "value" || date.value.family !== "date" || second?.family !== "float") return null;
  if (hour === null || minute === null || hour < 0 || hour > 23 || minute < 0 || minute > 59) return null;
  if (!(second.value >= 0 && second.value < 60)) return null;
  const clock = BigInt(hour * 3600 + minute * 60) * microsPerSecond + BigInt(Math.round(second.value * 1_000_000));
  const micros = BigInt(date.value.days) * microsPerDay + clock;
  return isTimestamp(micros) ? micros : null;
}

function makeIntervalOf(values: readonly Value[]): ValueResult | null {
  const numbers: number[] = [];
  for (const value of values.slice(0, 6)) {
    const number = integerOf(value);
    if (number === null) return null;
    numbers.push(number);
  }
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0] = numbers;
  const seconds = values[6];
  if (seconds !== undefined && seconds.family !== "float") return null;
  const micros = Math.round((seconds?.value ?? 0) * 1_000_000);
  if (!Number.isSafeInteger(micros)) return null;
  return makeInterval(
    years * 12 + months,
    weeks * 7 + days,
    BigInt(hours * 3600 + minutes * 60) * microsPerSecond + BigInt(micros),
  );
}

function truncate(values: readonly Value[], found: BuiltinFunction, context: ValueContext): ValueResult | null {
  const [unitText, value, zoneText] = values;
  const unit = unitText?.family === "text" ? dateUnit(unitText.value) : null;
  if (unit === null || value === undefined) return null;
  if (value.family === "interval") {
    const truncated = truncateInterval(value, unit);
    return truncated === null ? null : valueResult(truncated);
  }
  if (value.family !== "timestamp" || typeof value.micros === "string") return null;
  if (found.arguments[1] !== "timestamptz")
    return valueResult({ family: "timestamp", micros: truncateTimestamp(value.micros, unit) });
  const zone =
    zoneText?.family === "text" ? zoneOfArgument(zoneText.value) : timeZoneOfSetting(context.settings.timeZone);
  const local = instantToLocal(value.micros, zone);
  return typeof local !== "bigint" || zone === null ? null : instantOf(truncateTimestamp(local, unit), zone);
}

function extract(values: readonly Value[], found: BuiltinFunction, context: ValueContext): ValueResult | null {
  const [fieldText, value] = values;
  if (fieldText?.family !== "text" || value === undefined) return null;
  const field = fieldText.value.toLowerCase();
  const zone = timeZoneOfSetting(context.settings.timeZone);
  const micros =
    value.family === "date"
      ? dateToMicros(value.days)
      : value.family === "timestamp"
        ? found.arguments[1] === "timestamptz"
          ? instantToLocal(value.micros, zone)
          : value.micros
        : null;
  const exact = exactField(field, value, micros, found);
  const number = exact !== null || typeof micros !== "bigint" ? null : extractField(micros, field);
  if (number !== null && value.family === "date" && /^(?:hour|minute)$/.test(field)) return null;
  const result = exact ?? (number === null ? null : { family: "numeric", digits: BigInt(number), scale: 0 });
  if (result === null) return null;
  return context.version < 14 && found.name === "extract" ? toFloat(valueResult(result)) : valueResult(result);
}

/** `epoch`, and the seconds with their fractions. */
function exactField(
  field: string,
  value: Value,
  local: bigint | "infinity" | "-infinity" | null,
  found: BuiltinFunction,
): FiniteNumeric | null {
  const unixEpoch = 946_684_800_000_000n;
  if (field === "epoch") {
    if (value.family === "date") {
      if (!Number.isFinite(value.days)) return null;
      return { family: "numeric", digits: (BigInt(value.days) * microsPerDay + unixEpoch) / microsPerSecond, scale: 0 };
    }
    // Of a time without a zone the seconds count as if it were UTC.
    return value.family === "timestamp" && typeof value.micros === "bigint"
      ? { family: "numeric", digits: value.micros + unixEpoch, scale: 6 }
      : null;
  }
  if (typeof local !== "bigint" || value.family !== "timestamp" || found.arguments[1] === "date") return null;
  const scale = { microseconds: 0, milliseconds: 3, second: 6 }[field];
  const minute = 60n * microsPerSecond;
  return scale === undefined ? null : { family: "numeric", digits: ((local % minute) + minute) % minute, scale };
}

function toDate(text: Value | undefined, template: Value | undefined): ValueResult | null {
  if (text?.family !== "text" || template?.family !== "text") return null;
  const read = readByTemplate(text.value, template.value);
  return read === null ? null : valueResult({ family: "date", days: read.days });
}

function toTimestamp(values: readonly Value[], context: ValueContext): ValueResult | null {
  const [first, template] = values;
  if (first?.family === "float") {
    const micros = Math.round(first.value * 1_000_000);
    if (!Number.isSafeInteger(micros)) return null;
    return valueResult({ family: "timestamp", micros: BigInt(micros) - 946_684_800_000_000n });
  }
  if (first?.family !== "text" || template?.family !== "text") return null;
  const read = readByTemplate(first.value, template.value);
  const zone = timeZoneOfSetting(context.settings.timeZone);
  if (read === null || zone === null) return null;
  return instantOf(BigInt(read.days) * microsPerDay + BigInt(read.seconds) * microsPerSecond, zone);
}

/** `… AT TIME ZONE zone`. */
function convertZone([zoneText, value]: readonly Value[], found: BuiltinFunction): ValueResult | null {
  const zone = zoneText?.family === "text" ? zoneOfArgument(zoneText.value) : null;
  if (zone === null || value?.family !== "timestamp") return null;
  const converted =
    found.arguments[1] === "timestamptz" ? instantToLocal(value.micros, zone) : localToInstant(value.micros, zone);
  return converted === null ? null : valueResult({ family: "timestamp", micros: converted });
}

/** A zone's full name; abbreviations and POSIX specifications, which have rules of their own, are declined. */
function zoneOfArgument(text: string): TimeZone | null {
  return /^(?:utc|gmt)$/i.test(text) || text.includes("/") ? namedTimeZone(text) : null;
}

function instantOf(local: bigint, zone: TimeZone): ValueResult | null {
  const instant = localToInstant(local, zone);
  return instant === null ? null : valueResult({ family: "timestamp", micros: instant });
}

/** `daterange(lower, upper)`, with or without `'[]'` and the like. */
function rangeOf([lower, upper, bounds]: readonly Value[]): ValueResult | null {
  const form = bounds === undefined ? "[)" : bounds.family === "text" ? bounds.value : "";
  if (lower === undefined || upper === undefined || !/^[[(][\])]$/.test(form)) return null;
  return makeRange(
    { value: lower, inclusive: form.startsWith("[") },
    { value: upper, inclusive: form.endsWith("]") },
    (a, b) => compareValues(a, b, null),
  );
}
