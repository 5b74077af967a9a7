/** The order of constants, as the default btree operator classes have it. */

import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { compareFloats } from "./float.ts";
import { intervalLength } from "./interval.ts";
import { compareJson } from "./json.ts";
import { compareNetworks } from "./network.ts";
import { compareNumerics, integerToNumeric, type NumericValue } from "./numeric.ts";
import { compareRanges } from "./range.ts";
import { compareRows } from "./row.ts";
import { compareTexts, isByteOrder, isOrderAssumed } from "./text.ts";
import { baseType, isCollatable, typeFamily } from "./types.ts";

/**
 * Negative, 0 or positive as `a` sorts before, with or after `b`; null where it cannot be told: values of different
 * families (but integers and numerics), opaque values that differ, texts that another collation than "C" may order either way.
 * A date and a timestamp, a `timestamp` and a `timestamptz` must be cast to one type first.
 * `collation` is that of the key, null for types without one.
 */
export function compareValues(a: Value, b: Value, collation: string | null): number | null {
  switch (a.family) {
    case "integer":
      if (b.family === "integer") return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      return b.family === "numeric" ? compareNumerics(integerToNumeric(a.value), b) : null;
    case "numeric":
      return b.family === "numeric" || b.family === "integer" ? compareNumerics(a, asNumeric(b)) : null;
    case "float":
      return b.family === "float" ? compareFloats(a.value, b.value) : null;
    case "text":
      return b.family === "text" ? compareTexts(a.value, b.value, collation) : null;
    case "boolean":
      return b.family === "boolean" ? Number(a.value) - Number(b.value) : null;
    case "date":
      return b.family === "date" ? (a.days < b.days ? -1 : a.days > b.days ? 1 : 0) : null;
    case "timestamp":
      return b.family === "timestamp" ? compareMicros(a.micros, b.micros) : null;
    case "time":
      return b.family === "time" ? compareTimes(a, b) : null;
    case "interval":
      return b.family === "interval" ? compareBigints(intervalLength(a), intervalLength(b)) : null;
    case "uuid":
      return b.family === "uuid" ? compareStrings(a.hex, b.hex) : null;
    case "bytes":
      return b.family === "bytes" ? compareStrings(a.hex, b.hex) : null;
    case "bits":
      // A shorter one comes before those that it begins.
      return b.family === "bits" ? compareStrings(a.digits, b.digits) : null;
    case "enum":
      if (b.family !== "enum") return null;
      return a.label === b.label ? 0 : a.order - b.order;
    case "array":
      return b.family === "array" ? compareArrays(a.elements, b.elements, collation) : null;
    case "network":
      return b.family === "network" ? compareNetworks(a, b) : null;
    case "range":
      return b.family === "range" ? compareRanges(a, b, comparePart) : null;
    case "json":
      return b.family === "json" ? compareJson(a.json, b.json) : null;
    case "row":
      return b.family === "row" ? compareRows(a, b, comparePart) : null;
    case "opaque":
      return b.family === "opaque" && a.text === b.text ? 0 : null;
  }
}

/** Texts inside others are compared where every collation agrees. */
function comparePart(a: Value, b: Value): number | null {
  return compareValues(a, b, null);
}

/** Whether the order of two values rests on the collation of a database that is not known being "C". */
export function restsOnCollation(a: Value, b: Value, collation: string | null): boolean {
  return a.family === "text" && b.family === "text" && isOrderAssumed(a.value, b.value, collation);
}

/** Whether `compareValues` decides the order of any two values of the type; else it may only know that they are equal. */
export function orderable(type: DataType, collation: string | null): boolean {
  if (isCollatable(type)) return typeFamily(type) === "text" && isByteOrder(collation);
  const base = baseType(type);
  if (base.kind === "array") return orderable(base.element, collation);
  const family = typeFamily(type);
  // Texts inside jsonb and rows are compared as the database's collation has it.
  return family !== null && !["opaque", "json", "row"].includes(family);
}

type Elements = Extract<Value, { readonly family: "array" }>["elements"];

/** Element by element, NULL after all others; then the shorter one first. */
function compareArrays(a: Elements, b: Elements, collation: string | null): number | null {
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const [left = null, right = null] = [a[index], b[index]];
    const order =
      left === null || right === null
        ? Number(left === null) - Number(right === null)
        : compareValues(left, right, collation);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

type TimeValue = Extract<Value, { readonly family: "time" }>;

function asNumeric(value: NumericValue | Extract<Value, { readonly family: "integer" }>): NumericValue {
  return value.family === "integer" ? integerToNumeric(value.value) : value;
}

function compareMicros(a: bigint | "infinity" | "-infinity", b: bigint | "infinity" | "-infinity"): number {
  if (typeof a === "bigint" && typeof b === "bigint") return a < b ? -1 : a > b ? 1 : 0;
  return rank(a) - rank(b);
}

function rank(micros: bigint | "infinity" | "-infinity"): number {
  return micros === "infinity" ? 1 : micros === "-infinity" ? -1 : 0;
}

/** Times with a zone are ordered by the instant in UTC, then by the zone. */
function compareTimes(a: TimeValue, b: TimeValue): number | null {
  if (a.zone === null || b.zone === null) return a.zone === b.zone ? compareBigints(a.micros, b.micros) : null;
  const left = a.micros + BigInt(a.zone) * 1_000_000n;
  const right = b.micros + BigInt(b.zone) * 1_000_000n;
  return compareBigints(left, right) || a.zone - b.zone;
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
