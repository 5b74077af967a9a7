/** Reads what somebody typed for a key: values with or without quotes or as expressions, points, bounds, and intervals. */

import type { DataType } from "../catalog/data-type.ts";
import type { Bound, PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import { advance, type SeriesCalendar, type Step } from "../catalog/series.ts";
import type { Value } from "../catalog/value.ts";
import { coerceConstant, evaluate } from "../catalog/values/evaluate.ts";
import { readValue } from "../catalog/values/input.ts";
import type { ValueResult } from "../catalog/values/result.ts";
import { baseType, baseTypeNamed, formatType } from "../catalog/values/types.ts";
import type { LoneExpression } from "../syntax/expression-text.ts";
import type { Failure } from "./division.ts";
import type { OperationRequest } from "./operation.ts";
import type { WriterContext } from "./writer.ts";

/**
 * `2024-07-01`, `'2024-07-01'`, `DATE '2024-07-01'` and `'2024-06-30'::date + 1` are the same value for a date key. The
 * message of a failure is PostgreSQL's where PostgreSQL would refuse the text.
 */
export function readKeyValue(
  text: string,
  key: PartitionKey,
  column: number,
  { catalog, version, today, typedValues }: WriterContext,
): { readonly value: Value } | { readonly message: string } {
  const type = key.elements[column]?.type ?? null;
  if (type === null) return { message: "the type of the partition key is not known here" };
  const context = { settings: catalog.settings, version, catalog, today };
  const constantOf = (read: LoneExpression): ValueResult | null => {
    const evaluation = read.ok ? evaluate(read.expression, context) : null;
    if (evaluation?.kind !== "constant") return null;
    const coerced = coerceConstant(evaluation, type, "assignment", context);
    return coerced.kind === "no-cast" ? null : coerced;
  };
  const expression = typedValues.expression(text);
  const isQuoted =
    expression.ok && expression.expression.kind === "constant" && expression.expression.value.type === "string";
  // `2024-06-30 + 1` is the day after; PostgreSQL would take it for a date with a time zone if it were quoted whole.
  let computed = isQuoted ? null : constantOf(expression);
  let isSum = false;
  for (const name of isQuoted ? [] : dateTypesFor(type, text)) {
    const dated = typedValues.dated(text, name);
    if (dated === null) break;
    isSum = true;
    computed = constantOf(dated);
    if (computed?.kind === "value") return { value: computed.value };
  }
  // The rest is first what it says as it stands: `10` is a text for a key of texts.
  const plain = constantOf(isQuoted ? expression : typedValues.word(text.trim()));
  if (plain?.kind === "value" && !isSum) return { value: plain.value };
  if (computed?.kind === "value") return { value: computed.value };
  const refused = computed?.kind === "problem" ? computed : plain;
  return {
    message:
      refused?.kind === "problem" ? refused.message : `${text} cannot be read as a value of type ${formatType(type)}`,
  };
}

/** A time zone right behind a day or a time, as in `2024-06-30 12:00+02`: that is no sum. */
const hasZone = /\d\s?[+-]\d\d(?::?\d\d)?\s*$/;

/** What the dates without quotes in a text can be beside a key of this type, the likelier first; none where it has no dates. */
function dateTypesFor(type: DataType, text: string): readonly string[] {
  const base = baseType(type);
  if (base.kind !== "base") return [];
  switch (base.name) {
    case "date":
      return ["date"];
    // Days are added to dates alone.
    case "timestamp":
    case "timestamptz":
      return hasZone.test(text) ? [] : [base.name, "date"];
    default:
      return [];
  }
}

/** A point of the whole key: `2024-01-01`, `10, MINVALUE`, `(10, 'a')`; columns that are not named begin with MINVALUE. */
export function readPoint(
  text: string,
  key: PartitionKey,
  argument: string,
  context: WriterContext,
): readonly RangeDatum[] | Failure {
  const whole = key.elements.length === 1 ? [text] : splitColumns(text);
  if (whole.length > key.elements.length)
    return { message: `the key has ${key.elements.length} columns, and ${text} has ${whole.length} values`, argument };
  const point: RangeDatum[] = [];
  for (const [index] of key.elements.entries()) {
    const part = whole[index]?.trim();
    if (part === undefined || /^minvalue$/i.test(part)) point.push({ kind: "minvalue" });
    else if (/^maxvalue$/i.test(part)) point.push({ kind: "maxvalue" });
    else {
      const read = readKeyValue(part, key, index, context);
      if ("message" in read) return { message: read.message, argument };
      point.push({ kind: "value", value: read.value });
    }
  }
  // Behind an open end every column is as open.
  const open = point.findIndex(({ kind }) => kind !== "value");
  const end = point[open];
  return end === undefined ? point : point.map((datum, index) => (index >= open ? end : datum));
}

function splitColumns(text: string): readonly string[] {
  const inner = /^\s*\((.*)\)\s*$/s.exec(text)?.[1] ?? text;
  return [...inner.matchAll(/(?:'(?:[^']|'')*'|\([^()]*\)|[^,'(])+/g)].map(([part]) => part);
}

/** The values of a list partition; the word NULL is SQL's. */
export function readValues(
  texts: readonly string[],
  key: PartitionKey,
  context: WriterContext,
): readonly (Value | null)[] | Failure {
  const values: (Value | null)[] = [];
  for (const text of texts) {
    if (/^\s*null\s*$/i.test(text)) {
      values.push(null);
      continue;
    }
    const read = readKeyValue(text, key, 0, context);
    if ("message" in read) return { message: read.message, argument: "values" };
    values.push(read.value);
  }
  return values;
}

/** The bound that `from` and `to`, `values`, or `modulus` and `remainder` give; which of them the strategy tells. */
export function readBound(request: OperationRequest, key: PartitionKey, context: WriterContext): Bound | Failure {
  switch (key.strategy) {
    case "range": {
      if (request.from === null || request.to === null)
        return {
          message: 'a range needs "from" and "to": MINVALUE and MAXVALUE are open ends',
          argument: request.from === null ? "from" : "to",
        };
      const lower = readPoint(request.from, key, "from", context);
      if ("message" in lower) return lower;
      const upper = readPoint(request.to, key, "to", context);
      return "message" in upper ? upper : { kind: "range", lower, upper };
    }
    case "list": {
      if (request.values.length === 0) return { message: 'a list partition needs "values"', argument: "values" };
      const values = readValues(request.values, key, context);
      return "message" in values ? values : { kind: "list", values };
    }
    case "hash": {
      const { modulus, remainder } = request;
      if (modulus === null || remainder === null)
        return {
          message: 'a hash partition needs "modulus" and "remainder"',
          argument: modulus === null ? "modulus" : "remainder",
        };
      if (remainder >= modulus)
        return { message: "remainder for hash partition must be less than modulus", argument: "remainder" };
      return { kind: "hash", modulus, remainder };
    }
  }
}

/** The width of ranges that somebody typed: `1 month`, `7 days`, `1000`; monthly and the like too. */
export function readStep(
  text: string,
  key: PartitionKey,
  argument: string,
  { catalog, version, today }: WriterContext,
): Step | Failure {
  const type = key.elements[0]?.type ?? null;
  const base = type === null ? null : baseType(type);
  if (base === null || base.kind !== "base") return { message: "the key has no ranges of a width", argument };
  if (["int2", "int4", "int8", "numeric"].includes(base.name)) {
    const digits = /^\s*(\d+)(?:\.(\d+))?\s*$/.exec(text);
    if (digits === null || Number(text) <= 0)
      return { message: `${text} is no positive number, which the width of these ranges is`, argument };
    const fraction = base.name === "numeric" ? (digits[2] ?? "") : "";
    if (base.name !== "numeric" && digits[2] !== undefined)
      return { message: `the key has whole numbers, and ${text} is none`, argument };
    return { kind: "number", digits: BigInt(`${digits[1] ?? "0"}${fraction}`), scale: fraction.length };
  }
  const word = periods.get(text.trim().toLowerCase()) ?? text;
  const context = { settings: catalog.settings, version, catalog, today };
  const read = readValue(word, baseTypeNamed("interval"), context);
  if (read.kind !== "value" || read.value.family !== "interval")
    return { message: read.kind === "problem" ? read.message : `${text} cannot be read as an interval`, argument };
  const { months, days, micros } = read.value;
  const span = BigInt(days) * 86_400_000_000n + BigInt(micros);
  if (months !== 0 && span !== 0n)
    return { message: `${text} mixes months with days: ranges have a width of either`, argument };
  if (months < 0 || span < 0n || (months === 0 && span === 0n))
    return { message: `${text} is no positive interval`, argument };
  if (base.name === "date" && span % 86_400_000_000n !== 0n)
    return { message: `the key has dates, and ${text} is no whole number of days`, argument };
  return months !== 0 ? { kind: "months", months } : { kind: "span", micros: span };
}

const periods: ReadonlyMap<string, string> = new Map([
  ["hourly", "1 hour"],
  ["daily", "1 day"],
  ["weekly", "7 days"],
  ["monthly", "1 month"],
  ["quarterly", "3 months"],
  ["yearly", "1 year"],
]);

/** The points from `start` by steps until one is at or behind `end`, which is the last; null where there are too many. */
export function pointsUntil(
  start: Value,
  step: Step,
  isBefore: (value: Value) => boolean,
  calendar: SeriesCalendar,
  limit: number,
): readonly Value[] | null {
  const points = [start];
  for (let times = 1; times <= limit; times += 1) {
    const next = advance(start, step, times, calendar);
    if (next === null) return null;
    points.push(next);
    if (!isBefore(next)) return points;
  }
  return null;
}
