/** `date`, `timestamp` and `timestamptz` as PostgreSQL reads, converts and prints them. */

import type { TypeModifier } from "../data-type.ts";
import type { Value } from "../value.ts";
import {
  civilDate,
  dayNumber,
  daysInMonth,
  endOfDays,
  firstDay,
  floorDivide,
  isDate,
  isTimestamp,
  microsPerDay,
  microsPerSecond,
  unixEpochDays,
} from "./calendar.ts";
import { type DecodeResult, decodeDateTime } from "./datetime-decode.ts";
import { cutDateFields } from "./datetime-fields.ts";
import { type DateProblem, hasEmptyFraction } from "./datetime-parts.ts";
import { declined, problem, type ValueContext, type ValueResult, valueResult } from "./result.ts";
import { likelyOffsetAt, offsetAt, offsetOfLocalTime, type TimeZone, timeZoneOfSetting } from "./time-zone.ts";

export type TimestampTypeName = "timestamp" | "timestamptz";
export type TimestampMicros = Extract<Value, { readonly family: "timestamp" }>["micros"];

const isoDate = /^(\d{4})-(\d\d)-(\d\d)$/;
const isoTimestamp = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

export function readDate(text: string, context: ValueContext): ValueResult {
  const iso = isoDate.exec(text);
  if (iso !== null) {
    const days = plainDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
    if (days !== null) return { kind: "value", value: { family: "date", days } };
  }
  const decoded = decode(text, context);
  switch (decoded.kind) {
    case "declined":
      return decoded;
    case "error":
      return dateProblem(decoded.problem, text, "date", context.version);
    case "special":
      return valueResult({
        family: "date",
        days:
          decoded.name === "epoch"
            ? -unixEpochDays
            : decoded.name === "infinity"
              ? Number.POSITIVE_INFINITY
              : Number.NEGATIVE_INFINITY,
      });
    case "datetime": {
      const days = dayNumber(decoded.year, decoded.month, decoded.day);
      return isDate(days) ? valueResult({ family: "date", days }) : problem("22008", `date out of range: "${text}"`);
    }
  }
}

export function readTimestamp(
  text: string,
  type: TimestampTypeName,
  modifier: TypeModifier | null,
  context: ValueContext,
): ValueResult {
  const fast = readIsoTimestamp(text, type, context);
  const micros = fast ?? decodeTimestamp(text, type, context);
  if (typeof micros === "object") return micros;
  return valueResult({ family: "timestamp", micros: roundToPrecision(micros, modifier) });
}

/** Rounds to the modifier's digits of a second, half away from zero; the infinities stay. */
export function roundToPrecision(micros: TimestampMicros, modifier: TypeModifier | null): TimestampMicros {
  return typeof micros === "bigint" ? roundMicros(micros, modifier) : micros;
}

export function roundMicros(micros: bigint, modifier: TypeModifier | null): bigint {
  const precision = modifier?.precision;
  if (precision === undefined || precision >= 6) return micros;
  const unit = 10n ** BigInt(6 - precision);
  const half = unit / 2n;
  return micros >= 0n ? ((micros + half) / unit) * unit : -(((-micros + half) / unit) * unit);
}

/** Midnight of a date, as a timestamp; null where there is no such timestamp. */
export function dateToMicros(days: number): TimestampMicros | null {
  if (days === Number.POSITIVE_INFINITY) return "infinity";
  if (days === Number.NEGATIVE_INFINITY) return "-infinity";
  const micros = BigInt(days) * microsPerDay;
  return isTimestamp(micros) ? micros : null;
}

/** The date of a timestamp. */
export function microsToDate(micros: TimestampMicros): number {
  if (micros === "infinity") return Number.POSITIVE_INFINITY;
  if (micros === "-infinity") return Number.NEGATIVE_INFINITY;
  return Number(floorDivide(micros, microsPerDay));
}

/** The instant of a local time in a zone; null where it cannot be told. */
export function localToInstant(micros: TimestampMicros, zone: TimeZone | null): TimestampMicros | null {
  if (typeof micros === "string") return micros;
  const offset = zone === null ? null : offsetOfLocalTime(zone, Number(floorDivide(micros, microsPerSecond)));
  return offset === null ? null : micros - BigInt(offset) * microsPerSecond;
}

/** The local time of an instant in a zone; null where it cannot be told. */
export function instantToLocal(micros: TimestampMicros, zone: TimeZone | null): TimestampMicros | null {
  if (typeof micros === "string") return micros;
  const offset = zone === null ? null : offsetAt(zone, Number(floorDivide(micros, microsPerSecond)));
  return offset === null ? null : micros + BigInt(offset) * microsPerSecond;
}

export function printDate(days: number): string {
  if (!Number.isFinite(days)) return days > 0 ? "infinity" : "-infinity";
  const { year, month, day } = civilDate(days);
  return `${pad(year > 0 ? year : 1 - year, 4)}-${pad(month, 2)}-${pad(day, 2)}${year > 0 ? "" : " BC"}`;
}

/** `zone` null prints a timestamp without a zone. */
export function printTimestamp(micros: TimestampMicros, zone: TimeZone | null): string {
  if (typeof micros === "string") return micros;
  const seconds = Number(floorDivide(micros, microsPerSecond));
  const offset = zone === null ? 0 : likelyOffsetAt(zone, seconds);
  const local = seconds + offset;
  const days = Math.floor(local / 86400);
  const date = printDate(days);
  const era = date.endsWith(" BC") ? " BC" : "";
  const fraction = Number(micros - BigInt(seconds) * microsPerSecond);
  const clock = printClock(local - days * 86400, fraction);
  return `${era === "" ? date : date.slice(0, -3)} ${clock}${zone === null ? "" : printOffset(offset)}${era}`;
}

/** `hh:mm:ss` with the microseconds that are not zero. */
export function printClock(seconds: number, micros: number): string {
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return micros === 0 ? clock : `${clock}.${pad(micros, 6).replace(/0+$/, "")}`;
}

/** `+00`, `-05`, `+05:30`, for an offset in seconds east. */
export function printOffset(offset: number): string {
  const size = Math.abs(offset);
  const [hour, minute, second] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const rest = second !== 0 ? `:${pad(minute, 2)}:${pad(second, 2)}` : minute !== 0 ? `:${pad(minute, 2)}` : "";
  return `${offset < 0 ? "-" : "+"}${pad(hour, 2)}${rest}`;
}

/** PostgreSQL's words for what is wrong with a text. */
export function dateProblem(kind: DateProblem, text: string, typeName: string, version: number): ValueResult {
  switch (kind) {
    case "bad-format":
      return problem("22007", `invalid input syntax for type ${typeName}: "${text}"`);
    case "field-overflow":
      return problem("22008", `date/time field value out of range: "${text}"`);
    case "month-day-overflow":
      return problem("22008", `date/time field value out of range: "${text}"`, {
        hint: `Perhaps you need a different "${version >= 18 ? "DateStyle" : "datestyle"}" setting.`,
      });
    case "interval-overflow":
      return problem("22015", `interval field value out of range: "${text}"`);
    case "zone-overflow":
      return problem("22009", `time zone displacement out of range: "${text}"`);
    default:
      return problem("22023", `time zone "${kind.slice("unknown-zone ".length)}" not recognized`);
  }
}

function decode(text: string, context: ValueContext): DecodeResult {
  const fields = cutDateFields(text);
  if (fields === null) return { kind: "error", problem: "bad-format" };
  if (context.version < 15 && hasEmptyFraction(text)) return declined("seconds that end with a point");
  const { dateStyle, timeZone } = context.settings;
  return decodeDateTime(fields, {
    order: dateStyle.order,
    version: context.version,
    sessionZone: timeZoneOfSetting(timeZone),
  });
}

/** A timestamp in ISO 8601 with plain numbers; null leaves it to the decoder. */
function readIsoTimestamp(text: string, type: TimestampTypeName, context: ValueContext): bigint | null {
  const iso = isoTimestamp.exec(text);
  if (iso === null) return null;
  const days = plainDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const hour = Number(iso[4]);
  const minute = Number(iso[5]);
  const second = Number(iso[6] ?? 0);
  if (days === null || hour > 23 || minute > 59 || second > 59) return null;
  const seconds = days * 86400 + hour * 3600 + minute * 60 + second;
  let offset: number | null = 0;
  const written = iso[8];
  if (type === "timestamptz" && written !== "Z") {
    if (written === undefined) {
      const zone = timeZoneOfSetting(context.settings.timeZone);
      offset = zone === null ? null : offsetOfLocalTime(zone, seconds);
    } else {
      const hours = Number(written.slice(1, 3));
      const minutes = Number(written.slice(3).replace(":", "") || 0);
      if (hours > 15 || minutes > 59) return null;
      offset = (hours * 3600 + minutes * 60) * (written.startsWith("-") ? -1 : 1);
    }
  } else if (written !== undefined && written !== "Z" && !/^[+-](?:0\d|1[0-5])(?::?[0-5]\d)?$/.test(written))
    return null;
  if (offset === null) return null;
  const fraction = iso[7];
  return BigInt(seconds - offset) * microsPerSecond + (fraction === undefined ? 0n : BigInt(fraction.padEnd(6, "0")));
}

function decodeTimestamp(
  text: string,
  type: TimestampTypeName,
  context: ValueContext,
): TimestampMicros | Exclude<ValueResult, { kind: "value" }> {
  const typeName = type === "timestamp" ? "timestamp" : "timestamp with time zone";
  const decoded = decode(text, context);
  switch (decoded.kind) {
    case "declined":
      return decoded;
    case "error":
      return dateProblem(decoded.problem, text, typeName, context.version) as Exclude<ValueResult, { kind: "value" }>;
    case "special":
      return decoded.name === "epoch" ? BigInt(-unixEpochDays) * microsPerDay : decoded.name;
    case "datetime": {
      const days = dayNumber(decoded.year, decoded.month, decoded.day);
      if (days < firstDay - 31 || days >= endOfDays) return problem("22008", `timestamp out of range: "${text}"`);
      const seconds = days * 86400 + decoded.second;
      let offset: number | null = 0;
      if (type === "timestamptz") {
        const zone = decoded.zone ?? timeZoneOfSetting(context.settings.timeZone);
        offset = zone === null ? null : offsetOfLocalTime(zone, seconds);
      }
      if (offset === null) return declined("a time zone whose offset at that time is not known");
      const micros = BigInt(seconds - offset) * microsPerSecond + BigInt(decoded.micros);
      return isTimestamp(micros) ? micros : problem("22008", `timestamp out of range: "${text}"`);
    }
  }
}

/** The day of a date whose fields are in their ranges; null otherwise, and for the year 0. */
function plainDay(year: number, month: number, day: number): number | null {
  if (year === 0 || month < 1 || month > 12 || day < 1 || (day > 28 && day > daysInMonth(year, month))) return null;
  return dayNumber(year, month, day);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
