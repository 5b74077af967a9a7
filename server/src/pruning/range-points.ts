/** The bounds of a table's ranges as one row of points: what is other than in the last version of the table is put into that row. */

import type { Members } from "../catalog/access.ts";
import { comparePoints, decided } from "../catalog/partition-set.ts";
import type { PartitionKey, PartitionSet, RangeDatum, RangeEntry } from "../catalog/partitioning.ts";
import type { RelationId } from "../catalog/relation.ts";
import { differencesOf } from "../catalog/sorted-map.ts";

type Point = readonly RangeDatum[];

export interface RangePoints {
  /** The bounds of all partitions, each point once, ascending. */
  readonly points: readonly Point[];
  /** `below[i]`: the partition whose upper bound is `points[i]`, null in a gap; one entry more than points. */
  readonly below: readonly (RelationId | null)[];
}

interface Known extends RangePoints {
  readonly key: PartitionKey;
  readonly ranges: PartitionSet["ranges"];
}

const lastKnown = new WeakMap<Members, Known>();

/** Where a version has more ranges that are other than before, or others far apart, the row is made anew. */
const mostOthers = 16;
const mostBetween = 1024;

export function rangePointsOf({ ranges, members }: PartitionSet, key: PartitionKey): RangePoints {
  const last = lastKnown.get(members);
  const made = (last?.key === key ? changed(last, ranges, key) : null) ?? rowOf(ranges.values(), undefined, key);
  const { points } = made;
  const row: RangePoints = { points, below: made.below.length > points.length ? made.below : [...made.below, null] };
  lastKnown.set(members, { ...row, key, ranges });
  return row;
}

/** The points of ranges that stand one behind the other, behind the point `last`; as many entries below as points. */
function rowOf(entries: Iterable<RangeEntry>, last: Point | undefined, { elements }: PartitionKey): RangePoints {
  const collations = elements.map(({ comparison }) => comparison);
  const points: Point[] = [];
  const below: (RelationId | null)[] = [];
  let end = last;
  for (const { lower, upper, partition } of entries) {
    if (end === undefined || comparePoints(end, lower, collations) !== 0) {
      points.push(lower);
      below.push(null);
    }
    points.push(upper);
    below.push(partition);
    end = upper;
  }
  return { points, below };
}

/** The row of the last version with what is other; null where that is much, or where it stands cannot be told. */
function changed(last: Known, ranges: PartitionSet["ranges"], key: PartitionKey): RangePoints | null {
  if (ranges === last.ranges) return last;
  const others = decided(() => differencesOf(ranges, last.ranges, mostOthers));
  if (others === null) return null;
  if (others.length === 0) return last;
  const collations = key.elements.map(({ comparison }) => comparison);
  const ends = endsOf(others, collations);
  const sides = ends && decided(() => [ranges.nextLowerPair(ends[0]), ranges.nextHigherPair(ends[1])] as const);
  if (sides === null) return null;
  const [before, behind] = sides;
  const between = decided(() => entriesBetween(ranges, before?.[0], behind?.[1]));
  if (between === null || between.length > mostBetween) return null;
  const from = before === undefined ? -1 : placeOf(last.points, before[1].upper, collations);
  const to = behind === undefined ? last.points.length : placeOf(last.points, behind[1].upper, collations);
  if (from === null || to === null) return null;
  const row = rowOf(between, before?.[1].upper, key);
  return {
    points: last.points.slice(0, from + 1).concat(row.points, last.points.slice(to + 1)),
    below: last.below.slice(0, from + 1).concat(row.below, behind === undefined ? [null] : last.below.slice(to + 1)),
  };
}

type Collations = Parameters<typeof comparePoints>[2];

/** The lowest and the highest of the points; null where their order cannot be told. */
function endsOf(points: readonly Point[], collations: Collations): readonly [Point, Point] | null {
  let [lowest, highest] = [points[0] as Point, points[0] as Point];
  for (const point of points) {
    const [low, high] = [comparePoints(point, lowest, collations), comparePoints(point, highest, collations)];
    if (low === null || high === null) return null;
    if (low < 0) lowest = point;
    if (high > 0) highest = point;
  }
  return [lowest, highest];
}

/** The ranges behind the first key, up to and with the other one. */
function entriesBetween(
  ranges: PartitionSet["ranges"],
  before: Point | undefined,
  last: RangeEntry | undefined,
): readonly RangeEntry[] {
  const entries: RangeEntry[] = [];
  let pair = ranges.nextHigherPair(before);
  while (pair !== undefined && entries.length <= mostBetween) {
    entries.push(pair[1]);
    if (pair[1] === last) break;
    pair = ranges.nextHigherPair(pair[0]);
  }
  return entries;
}

/** Where a point stands in a row; null where it does not, or that cannot be told. */
function placeOf(points: readonly Point[], point: Point, collations: Collations): number | null {
  let [low, high] = [0, points.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = comparePoints(points[middle] as Point, point, collations);
    if (order === null) return null;
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}
