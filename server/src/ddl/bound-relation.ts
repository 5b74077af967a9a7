/** Which rows of one bound lie within another: what decides which rows a script moves from where to where. */

import { collationsOf, comparePoints } from "../catalog/partition-set.ts";
import type { Bound, PartitionKey } from "../catalog/partitioning.ts";
import type { Value } from "../catalog/value.ts";
import { compareValues } from "../catalog/values/compare.ts";

/** `unknown` where the values cannot be compared here. */
export type Share = "none" | "some" | "all" | "unknown";

/** How many of the rows of `from` lie within `within`. */
export function shareOf(from: Bound, within: Bound, key: PartitionKey): Share {
  if (within.kind === "default") return from.kind === "default" ? "all" : "unknown";
  if (from.kind === "default") return "some";
  if (from.kind === "range" && within.kind === "range") {
    const collations = collationsOf(key);
    const beforeEnd = comparePoints(from.lower, within.upper, collations);
    const behindStart = comparePoints(within.lower, from.upper, collations);
    const [below, above] = [
      comparePoints(within.lower, from.lower, collations),
      comparePoints(from.upper, within.upper, collations),
    ];
    if (beforeEnd === null || behindStart === null || below === null || above === null) return "unknown";
    if (beforeEnd >= 0 || behindStart >= 0) return "none";
    return below <= 0 && above <= 0 ? "all" : "some";
  }
  if (from.kind === "list" && within.kind === "list") {
    const shared = from.values.filter((value) => within.values.some((other) => sameValue(value, other)));
    return shared.length === 0 ? "none" : shared.length === from.values.length ? "all" : "some";
  }
  if (from.kind === "hash" && within.kind === "hash") {
    const common = greatestCommonDivisor(from.modulus, within.modulus);
    if (from.remainder % common !== within.remainder % common) return "none";
    return from.modulus % within.modulus === 0 ? "all" : "some";
  }
  return "unknown";
}

/** Whether two values of a list are the same to PostgreSQL. */
export function sameValue(a: Value | null, b: Value | null): boolean {
  if (a === null || b === null) return a === b;
  return compareValues(a, b, "C") === 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
