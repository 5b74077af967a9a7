/** The values that a CHECK constraint allows a column, as intervals or a remainder: what two of them share and leave. */

import type { Value } from "./value.ts";
import { compareValues } from "./values/compare.ts";

export type CheckBounds =
  /** A set of values in ascending order, without overlaps; empty: no value but NULL. */
  | { readonly kind: "intervals"; readonly intervals: readonly Interval[] }
  /** `key % modulus = remainder`; `hashed` where it is the hash of the key that pg_pathman divides. */
  | {
      readonly kind: "remainder";
      readonly modulus: bigint;
      readonly remainder: bigint;
      readonly hashed?: true | undefined;
    };

/** null: open to that side. `[lo, hi)` has an inclusive lower and an exclusive upper end. */
export interface Interval {
  readonly lower: End | null;
  readonly upper: End | null;
}

export interface End {
  readonly value: Value;
  readonly inclusive: boolean;
}

/** Whether two sets of values share one; null where it cannot be told. */
export function boundsOverlap(a: CheckBounds, b: CheckBounds, collation: string | null): boolean | null {
  if (a.kind === "remainder" || b.kind === "remainder") {
    if (a.kind !== "remainder" || b.kind !== "remainder") return null;
    const divisor = greatestCommonDivisor(a.modulus, b.modulus);
    return divisor === 0n ? null : (a.remainder - b.remainder) % divisor === 0n;
  }
  for (const first of a.intervals) {
    for (const second of b.intervals) {
      const shared = meet(first, second, collation);
      if (shared === undefined) return null;
      if (shared !== null) return true;
    }
  }
  return false;
}

/** The contrary of a set of values, for NOT BETWEEN and NOT IN. */
export function complement(bounds: CheckBounds | null): CheckBounds | null {
  if (bounds?.kind !== "intervals") return null;
  const intervals: Interval[] = [];
  let from: End | null = null;
  let open = true;
  for (const { lower, upper } of bounds.intervals) {
    if (lower !== null && open) intervals.push({ lower: from, upper: opposite(lower) });
    open = upper !== null;
    from = upper === null ? null : opposite(upper);
  }
  if (open) intervals.push({ lower: from, upper: null });
  return { kind: "intervals", intervals };
}

function opposite(end: End): End {
  return { value: end.value, inclusive: !end.inclusive };
}

export function isEverything(interval: Interval): boolean {
  return interval.lower === null && interval.upper === null;
}

/** The common part of two intervals; null where there is none, undefined where it cannot be told. */
export function meet(a: Interval, b: Interval, collation: string | null): Interval | null | undefined {
  const lower = later(a.lower, b.lower, collation, "lower");
  const upper = later(a.upper, b.upper, collation, "upper");
  if (lower === undefined || upper === undefined) return undefined;
  if (lower !== null && upper !== null) {
    const order = compareBoundValues(lower.value, upper.value, collation);
    if (order === null) return undefined;
    if (order > 0 || (order === 0 && !(lower.inclusive && upper.inclusive))) return null;
  }
  return { lower, upper };
}

/** The stricter of two ends of the same side. */
function later(
  a: End | null,
  b: End | null,
  collation: string | null,
  side: "lower" | "upper",
): End | null | undefined {
  if (a === null || b === null) return a ?? b;
  const order = compareBoundValues(a.value, b.value, collation);
  if (order === null) return undefined;
  if (order === 0) return a.inclusive ? b : a;
  const aIsStricter = side === "lower" ? order > 0 : order < 0;
  return aIsStricter ? a : b;
}

/** The intervals in ascending order, those that touch or overlap joined; null where their order cannot be told. */
export function unite(intervals: readonly Interval[], collation: string | null): readonly Interval[] | null {
  let undecided = false;
  const order = (x: End | null, y: End | null): number => {
    if (x === null || y === null) return x === y ? 0 : x === null ? -1 : 1;
    const result = compareBoundValues(x.value, y.value, collation);
    if (result === null) undecided = true;
    return result === null || result === 0 ? Number(y.inclusive) - Number(x.inclusive) : result;
  };
  const sorted = [...intervals].sort((x, y) => order(x.lower, y.lower));
  const united: Interval[] = [];
  for (const interval of sorted) {
    const last = united.at(-1);
    if (last === undefined || !touches(last, interval)) {
      united.push(interval);
      continue;
    }
    united[united.length - 1] = { lower: last.lower, upper: furtherUpper(last.upper, interval.upper) };
  }
  return undecided ? null : united;

  function touches(last: Interval, next: Interval): boolean {
    if (last.upper === null || next.lower === null) return true;
    const result = compareBoundValues(next.lower.value, last.upper.value, collation);
    if (result === null) undecided = true;
    return result !== null && (result < 0 || (result === 0 && (last.upper.inclusive || next.lower.inclusive)));
  }

  function furtherUpper(x: End | null, y: End | null): End | null {
    if (x === null || y === null) return null;
    const result = compareBoundValues(x.value, y.value, collation);
    if (result === null) undecided = true;
    if (result === 0) return x.inclusive ? x : y;
    return (result ?? 0) > 0 ? x : y;
  }
}

/** Dates and timestamps are compared as timestamps, as PostgreSQL's operators between the two do; null where unknown. */
export function compareBoundValues(a: Value, b: Value, collation: string | null): number | null {
  if (a.family === "date" && b.family === "timestamp") return compareAsTimestamps(a, b);
  if (a.family === "timestamp" && b.family === "date") {
    const order = compareAsTimestamps(b, a);
    return order === null ? null : -order;
  }
  return compareValues(a, b, collation);
}

function compareAsTimestamps(date: Value, timestamp: Value): number | null {
  if (date.family !== "date") return null;
  if (date.days === Number.POSITIVE_INFINITY || date.days === Number.NEGATIVE_INFINITY) return null;
  const micros = BigInt(date.days) * 86_400_000_000n;
  return compareValues({ family: "timestamp", micros }, timestamp, null);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
