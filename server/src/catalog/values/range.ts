/** Ranges as PostgreSQL reads, orders and prints them: those of integers and dates in their canonical form, `[1,10)`. */

import type { RangeEnd, Value } from "../value.ts";
import { declined, problem, type ValueResult, valueResult } from "./result.ts";

export type RangeValue = Extract<Value, { readonly family: "range" }>;

/** The order of two values of the type that the range holds; null where it cannot be told. */
export type CompareEnds = (a: Value, b: Value) => number | null;

/** The type of what a range of PostgreSQL's own holds; null for other types. */
export function elementOfRange(type: string): string | null {
  return elements.get(type) ?? null;
}

const elements: ReadonlyMap<string, string> = new Map([
  ["int4range", "int4"],
  ["int8range", "int8"],
  ["numrange", "numeric"],
  ["daterange", "date"],
  ["tsrange", "timestamp"],
  ["tstzrange", "timestamptz"],
]);

/** `read` reads the text of one end. */
export function readRange(text: string, read: (end: string) => ValueResult, compare: CompareEnds): ValueResult {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === "empty") return valueResult({ family: "range", ends: null });
  const match = rangeText.exec(trimmed);
  if (match === null) {
    return /^[[(]/.test(trimmed)
      ? declined("a range in another form")
      : problem("22P02", `malformed range literal: "${text}"`, { detail: "Missing left parenthesis or bracket." });
  }
  const [, open, lowerText = "", upperText = "", close] = match;
  const sides: (Value | null)[] = [];
  for (const side of [lowerText, upperText]) {
    // Nothing at all is no end; an empty text stands in quotes.
    const result: ValueResult = side === "" ? { kind: "null" } : read(unquoted(side));
    if (result.kind === "problem" || result.kind === "declined") return result;
    sides.push(result.kind === "null" ? null : result.value);
  }
  const [lower = null, upper = null] = sides;
  return makeRange(
    { value: lower, inclusive: lower !== null && open === "[" },
    { value: upper, inclusive: upper !== null && close === "]" },
    compare,
  );
}

const side = String.raw`((?:"(?:[^"\\]|\\[\s\S]|"")*"|\\[\s\S]|[^"\\,()[\]])*)`;
const rangeText = new RegExp(String.raw`^([[(])${side},${side}([\])])$`);

function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\[\s\S]|"")*)"|\\([\s\S])/g, (_, quoted?: string, escaped?: string) =>
    quoted === undefined ? (escaped ?? "") : quoted.replace(/\\([\s\S])|""/g, (__, one?: string) => one ?? '"'),
  );
}

/** `make_range`: a range of integers or dates begins at its first value and ends before the one after its last. */
export function makeRange(lower: RangeEnd, upper: RangeEnd, compare: CompareEnds): ValueResult {
  const order = lower.value === null || upper.value === null ? -1 : compare(lower.value, upper.value);
  if (order === null) return declined("a range whose ends cannot be compared");
  if (order > 0) return problem("22000", "range lower bound must be less than or equal to range upper bound");
  if (order === 0 && !(lower.inclusive && upper.inclusive)) return valueResult({ family: "range", ends: null });
  const [first, last] = [canonical(lower, false), canonical(upper, true)];
  if (first === null || last === null) return declined("a range that reaches beyond its type");
  const isEmpty =
    first.value !== null && last.value !== null && compare(first.value, last.value) === 0 && !last.inclusive;
  return valueResult({ family: "range", ends: isEmpty ? null : { lower: first, upper: last } });
}

/** An end of discrete values: included below, excluded above. null beyond the type. */
function canonical(end: RangeEnd, isUpper: boolean): RangeEnd | null {
  const { value, inclusive } = end;
  if (value === null || inclusive !== isUpper) return end;
  const inside = { inclusive: !isUpper } as const;
  if (value.family === "integer")
    return BigInt.asIntN(63, value.value) === value.value && value.value !== 2147483647n
      ? { ...inside, value: { family: "integer", value: value.value + 1n } }
      : null;
  if (value.family === "date")
    return Number.isFinite(value.days) ? { ...inside, value: { family: "date", days: value.days + 1 } } : end;
  return end;
}

/** The empty range first, then by where they begin, then by where they end. null where an end cannot be compared. */
export function compareRanges(a: RangeValue, b: RangeValue, compare: CompareEnds): number | null {
  if (a.ends === null || b.ends === null) return Number(a.ends !== null) - Number(b.ends !== null);
  const begins = compareTwoEnds(a.ends.lower, b.ends.lower, false, compare);
  return begins === 0 ? compareTwoEnds(a.ends.upper, b.ends.upper, true, compare) : begins;
}

/** `range_cmp_bounds` for two lower or two upper ends. */
function compareTwoEnds(a: RangeEnd, b: RangeEnd, isUpper: boolean, compare: CompareEnds): number | null {
  if (a.value === null || b.value === null) {
    const order = Number(a.value !== null) - Number(b.value !== null);
    return isUpper ? -order : order;
  }
  const order = compare(a.value, b.value);
  if (order !== 0 || a.inclusive === b.inclusive) return order;
  return a.inclusive === isUpper ? 1 : -1;
}

export function printRange({ ends }: RangeValue, print: (end: Value) => string): string {
  if (ends === null) return "empty";
  const { lower, upper } = ends;
  const text = ({ value }: RangeEnd): string => (value === null ? "" : quoteEnd(print(value)));
  return `${lower.inclusive ? "[" : "("}${text(lower)},${text(upper)}${upper.inclusive ? "]" : ")"}`;
}

function quoteEnd(text: string): string {
  if (text !== "" && !/[\s"\\()[\],]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "$&$&")}"`;
}
