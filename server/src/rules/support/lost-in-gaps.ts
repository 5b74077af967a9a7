/** Which gaps of a table's ranges hold a bound that some statement of the file had in mind: told for all gaps at once. */

import type { CoverageGap } from "../../catalog/coverage.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import { type LostBound, rangesMeet } from "./table-history.ts";

export interface LostInGap {
  readonly any: boolean;
  /** Whether one of the statements was refused. */
  readonly refused: boolean;
}

/** Of so many bounds whose place among the gaps cannot be told each gap is compared; more are taken to lie in all of them. */
const mostUnplaced = 64;

/**
 * For each of the gaps, which are in ascending order and share nothing. Gaps and bounds may both be as many as the file has
 * statements, so none is compared with all of the others.
 */
export function lostInGaps(
  gaps: readonly CoverageGap[],
  lost: readonly LostBound[],
  key: PartitionKey,
): (gap: number) => LostInGap {
  // At each gap, how many bounds more than in the one before begin to lie there.
  const [all, refused] = [new Int32Array(gaps.length + 1), new Int32Array(gaps.length + 1)];
  const lies = (from: number, to: number, isRefused: boolean): void => {
    for (const counts of isRefused ? [all, refused] : [all]) {
      counts[from] = (counts[from] ?? 0) + 1;
      counts[to] = (counts[to] ?? 0) - 1;
    }
  };
  let unplaced = 0;
  for (const { bound, refused: isRefused } of lost) {
    if (bound.kind !== "range") continue;
    const place = placeAmong(gaps, bound, key);
    if (place !== null) {
      if (place.from < place.to) lies(place.from, place.to, isRefused);
    } else if (++unplaced > mostUnplaced) lies(0, gaps.length, isRefused);
    else {
      for (const [index, gap] of gaps.entries()) if (rangesMeet(gap, bound, key)) lies(index, index + 1, isRefused);
    }
  }
  for (const counts of [all, refused])
    for (let index = 1; index < gaps.length; index++) counts[index] = (counts[index] ?? 0) + (counts[index - 1] ?? 0);
  return (gap) => ({ any: (all[gap] ?? 0) > 0, refused: (refused[gap] ?? 0) > 0 });
}

/** The gaps that the range meets; null where some cannot be compared with it. */
function placeAmong(
  gaps: readonly CoverageGap[],
  { lower, upper }: Extract<Bound, { readonly kind: "range" }>,
  key: PartitionKey,
): { readonly from: number; readonly to: number } | null {
  const collations = collationsOf(key);
  /** The first gap of which the point is such that the order says so. */
  const first = (point: readonly RangeDatum[], side: "lower" | "upper", least: number): number | null => {
    let [low, high] = [0, gaps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = comparePoints(gaps[middle]?.[side] ?? [], point, collations);
      if (order === null) return null;
      if (order >= least) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const [from, to] = [first(lower, "upper", 1), first(upper, "lower", 0)];
  return from === null || to === null ? null : { from, to };
}
