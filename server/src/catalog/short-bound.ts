/** Bounds and their values as people read them, as short as the type allows; `print.ts` has them as PostgreSQL prints them. */

import type { SessionSettings } from "./catalog.ts";
import type { DataType } from "./data-type.ts";
import type { Bound, PartitionKey, RangeDatum } from "./partitioning.ts";
import type { Value } from "./value.ts";
import { inIsoStyle } from "./values/date-style.ts";
import { printValue } from "./values/print.ts";

/** Values of a list before they are only counted. */
const shownValues = 6;

/** Characters of one value before it is cut. */
const longestValue = 40;

/**
 * `2024-01-01 … 2024-02-01`, `IN (eu, us)`, `remainder 3 of 4`, `DEFAULT`: without FOR VALUES, quotes round what needs none,
 * midnight, and an offset that both ends have. Of ranges the upper end is exclusive, as in TO. Empty for a bound that is not known.
 */
export function shortBound(bound: Bound, key: PartitionKey, settings: SessionSettings): string {
  switch (bound.kind) {
    case "default":
      return "DEFAULT";
    case "hash":
      return shortRemainder(bound);
    case "list": {
      const shown = bound.values.length > shownValues + 1 ? bound.values.slice(0, shownValues) : bound.values;
      const more = bound.values.length - shown.length;
      const values = shown.map((value) => (value === null ? "NULL" : shortValue(value, typeOf(key, 0), settings)));
      return `IN (${[...values, ...(more > 0 ? [`… ${more} more`] : [])].join(", ")})`;
    }
    case "range":
      return shortRange(bound.lower, bound.upper, key, settings);
    case "unknown":
      return "";
  }
}

/** `remainder 3 of 4` */
export function shortRemainder(part: { readonly modulus: number; readonly remainder: number }): string {
  return `remainder ${part.remainder} of ${part.modulus}`;
}

/** `2024-01-01 … 2024-02-01`; several columns stand in parentheses. The upper end is exclusive. */
export function shortRange(
  lower: readonly RangeDatum[],
  upper: readonly RangeDatum[],
  key: PartitionKey,
  settings: SessionSettings,
): string {
  const [from, to] = [lower[0], upper[0]];
  if (lower.length === 1 && upper.length === 1 && from?.kind === "value" && to?.kind === "value") {
    const moments = [momentOf(from.value, typeOf(key, 0), settings), momentOf(to.value, typeOf(key, 0), settings)];
    const [first, last] = moments;
    if (first != null && last != null) return momentsText(first, last, inclusiveMarks(from, to));
  }
  return `${endText(lower, "lower", key, settings)} … ${endText(upper, "upper", key, settings)}`;
}

/**
 * How far the ranges of a table reach together, for a title: `2010-01 … 2015-01` where both ends are the first of a month, else
 * as `shortRange` has it.
 */
export function shortExtent(
  lower: readonly RangeDatum[],
  upper: readonly RangeDatum[],
  key: PartitionKey,
  settings: SessionSettings,
): string {
  const range = shortRange(lower, upper, key, settings);
  const months = /^(\d{4,}-\d\d)-01( [+-][\d:]+)? … (\d{4,}-\d\d)-01( [+-][\d:]+)?$/.exec(range);
  return months === null ? range : `${months[1]} … ${months[3]}`;
}

/** One end of a range, `2024-01-01`, `MINVALUE`, `(5, b)`. */
export function shortPoint(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return endText(point, "lower", key, settings);
}

/**
 * One value: dates in ISO style, `timestamptz` in the session's zone, words and numbers without quotes. A number that is text,
 * and text that reads as one of the words that bounds have, is quoted.
 */
export function shortValue(value: Value, type: DataType | null, settings: SessionSettings): string {
  const moment = momentOf(value, type, settings);
  if (moment !== null) return momentText(moment);
  if (value.family === "boolean") return value.value ? "true" : "false";
  const text = clipped(printValue(value, type ?? unknownType, inIsoStyle(settings)));
  if (unquotedFamilies.has(value.family)) return text;
  return plainWord.test(text) && !boundWords.has(text.toUpperCase()) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** What cannot be mistaken for something else however it is spelled. */
const unquotedFamilies: ReadonlySet<Value["family"]> = new Set([
  "integer",
  "numeric",
  "float",
  "date",
  "timestamp",
  "time",
  "uuid",
  "bytes",
  "network",
]);

const plainWord = /^[\p{L}_][\p{L}\p{M}\p{N}_.-]*$/u;

const boundWords: ReadonlySet<string> = new Set(["NULL", "MINVALUE", "MAXVALUE", "DEFAULT", "TRUE", "FALSE"]);

const unknownType: DataType = { kind: "unknown", schema: null, name: "unknown" };

/** A date or timestamp in parts; `clock` null at midnight, `offset` null without a time zone. */
interface Moment {
  readonly date: string;
  readonly clock: string | null;
  readonly offset: string | null;
}

/** Null for what is no date or timestamp, for the infinities, and for years before Christ, which are spelled as they are. */
function momentOf(value: Value, type: DataType | null, settings: SessionSettings): Moment | null {
  if (value.family !== "date" && value.family !== "timestamp") return null;
  const text = printValue(value, type ?? unknownType, inIsoStyle(settings));
  const parts = /^(\d{4,}-\d\d-\d\d)(?: (\d\d:\d\d)(:\d\d(?:\.\d+)?)?([+-]\d\d(?::\d\d)*)?)?$/.exec(text);
  if (parts === null) return null;
  const [, date = "", minutes = "00:00", seconds = ":00", offset] = parts;
  const clock = seconds === ":00" ? minutes : `${minutes}${seconds}`;
  return { date, clock: clock === "00:00" ? null : clock, offset: offset ?? null };
}

function momentText({ date, clock, offset }: Moment): string {
  return [date, clock, offset].filter((part) => part !== null).join(" ");
}

/** Both ends have a clock where one has, and an offset or date that they share is told once. */
function momentsText(from: Moment, to: Moment, [before, behind]: readonly [string, string]): string {
  const clocks = from.clock !== null || to.clock !== null;
  const sameOffset = from.offset === to.offset;
  const part = ({ date, clock, offset }: Moment, withDate: boolean, withOffset: boolean): string =>
    [withDate ? date : null, clocks ? (clock ?? "00:00") : null, withOffset ? offset : null]
      .filter((word) => word !== null)
      .join(" ");
  const first = part(from, true, !sameOffset);
  const last = part(to, !clocks || from.date !== to.date, true);
  return `${before}${first} … ${behind}${last}`;
}

function endText(
  point: readonly RangeDatum[],
  side: "lower" | "upper",
  key: PartitionKey,
  settings: SessionSettings,
): string {
  const data = point.map((datum, column) => {
    if (datum.kind !== "value") return datum.kind.toUpperCase();
    const mark = datum.after !== true ? "" : side === "lower" ? "> " : "≤ ";
    return `${mark}${shortValue(datum.value, typeOf(key, column), settings)}`;
  });
  return data.length === 1 ? (data[0] ?? "") : `(${data.join(", ")})`;
}

/** A CHECK may begin behind a value, and end with one. */
function inclusiveMarks(from: RangeDatum, to: RangeDatum): readonly [string, string] {
  const after = (datum: RangeDatum): boolean => datum.kind === "value" && datum.after === true;
  return [after(from) ? "> " : "", after(to) ? "≤ " : ""];
}

function clipped(text: string): string {
  return text.length <= longestValue ? text : `${[...text.slice(0, longestValue)].slice(0, -1).join("")}…`;
}

function typeOf(key: PartitionKey, column: number): DataType | null {
  return key.elements[column]?.type ?? null;
}
