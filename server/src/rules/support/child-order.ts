/** The intervals that inheritance children's CHECKs leave them, in order: what overlaps, and what lies between. */

import { compareBoundValues, type End, type Interval } from "../../catalog/check-intervals.ts";
import type { Column } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { firstOfType } from "../../catalog/values/grain.ts";
import type { ChildPart, PartitionedByChecks } from "./child-checks.ts";

/** One end: the place just before its value, or (`after`) just behind it. */
export interface ChildEnd {
  readonly value: Value;
  readonly after: boolean;
  /** The value as the CHECK has it, and whether the place is behind it. */
  readonly written: Value;
  readonly writtenAfter: boolean;
}

export interface ChildRange {
  readonly part: ChildPart;
  /** null for an open end. */
  readonly lower: ChildEnd | null;
  readonly upper: ChildEnd | null;
}

/** Two neighbours in order, with what lies between them. */
export interface Neighbours {
  readonly below: ChildRange;
  readonly above: ChildRange;
  readonly relation: "overlap" | "gap" | "meet";
}

/**
 * Each interval with the one below it that reaches furthest, by lower end. Neighbours whose order cannot be told are left
 * out. Single values, as lists have them, leave no gaps between them.
 */
export function* childNeighbours({ column, children }: PartitionedByChecks): Generator<Neighbours> {
  const ranges = children
    .flatMap((part) =>
      part.bounds?.kind === "intervals" ? part.bounds.intervals.map((one) => rangeOf(part, one, column)) : [],
    )
    .toSorted((a, b) => order(a.lower, b.lower, -1, column) ?? 0);
  let reach: ChildRange | null = null;
  for (const range of ranges) {
    const below: ChildRange | null = reach;
    if (below !== null && below.part !== range.part) {
      const gap = order(below.upper, range.lower, 0, column);
      const listed = isPoint(below, column) || isPoint(range, column);
      if (gap !== null && (gap <= 0 || !isEmpty(range, column))) {
        const relation = gap > 0 ? "overlap" : gap < 0 && !listed ? "gap" : "meet";
        yield { below, above: range, relation };
      }
    }
    const further = below === null ? 1 : order(range.upper, below.upper, 1, column);
    if (further !== null && further > 0) reach = range;
  }
}

/** Negative where `a` comes first. `open` says what null is: -1 below everything, 1 above; 0: `a` above, `b` below. */
function order(a: ChildEnd | null, b: ChildEnd | null, open: -1 | 0 | 1, { collation }: Column): number | null {
  if (open === 0 && (a === null || b === null)) return 1;
  if (a === null || b === null) return a === b ? 0 : a === null ? open : -open;
  const compared = compareBoundValues(a.value, b.value, collation);
  return compared === null || compared !== 0 ? compared : Number(a.after) - Number(b.after);
}

function rangeOf(part: ChildPart, { lower, upper }: Interval, column: Column): ChildRange {
  return {
    part,
    lower: lower === null ? null : endOf(lower, !lower.inclusive, column),
    upper: upper === null ? null : endOf(upper, upper.inclusive, column),
  };
}

/** Behind 5 an integer column goes on with 6, behind 23:59:59.999999 a timestamp with midnight: nothing lies between. */
function endOf({ value }: End, after: boolean, { type }: Column): ChildEnd {
  const first = firstOfType(type, value, after);
  const place = first === null ? { value, after } : { value: first, after: false };
  return { ...place, written: value, writtenAfter: after };
}

function isPoint({ lower, upper }: ChildRange, column: Column): boolean {
  return lower !== null && upper !== null && compareBoundValues(lower.written, upper.written, column.collation) === 0;
}

function isEmpty({ lower, upper }: ChildRange, column: Column): boolean {
  return lower !== null && upper !== null && (order(lower, upper, 0, column) ?? -1) >= 0;
}
