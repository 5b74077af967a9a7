/** The ordered set of a table's partitions: adding, removing, finding conflicts, routing rows, all in logarithmic time. */

import { cutForPortions } from "../text/portions.ts";
import { notedPortion } from "./access.ts";
import { IdMap } from "./id-map.ts";
import { noteMembers } from "./member-questions.ts";
import { changedSet, longerSet, newSet, type Parts, partsOf } from "./noted-set.ts";
import type { Bound, PartitionKey, PartitionSet, RangeDatum, RangeEntry } from "./partitioning.ts";
import type { RelationId } from "./relation-id.ts";
import { representationOf } from "./representation.ts";
import { mapBy } from "./sorted-map.ts";
import type { Value } from "./value.ts";
import { compareValues } from "./values/compare.ts";
import { hashRemainder } from "./values/hash.ts";

/** The datum of a bound at which PostgreSQL points (from 14 on); `whole` is the bound itself. */
export type BoundPlace =
  | { readonly side: "lower" | "upper"; readonly index: number }
  | { readonly side: "value"; readonly index: number }
  | { readonly side: "whole" };

/** Why a bound cannot stand beside the partitions of a set, found in the order of PostgreSQL's `check_new_partition_bound`. */
export type BoundConflict =
  | { readonly kind: "default"; readonly partition: RelationId }
  | { readonly kind: "empty"; readonly place: BoundPlace }
  | { readonly kind: "overlap"; readonly partition: RelationId; readonly place: BoundPlace }
  | {
      readonly kind: "modulus";
      readonly partition: RelationId;
      /** The modulus of `partition`, which does not go with the new one. */
      readonly modulus: number;
      /** Whether the new modulus should be a factor of `modulus` (else a multiple of it). */
      readonly factor: boolean;
    }
  /** Values that cannot be compared (text under an unknown collation, an unknown bound) may collide. */
  | { readonly kind: "undecided" };

/** The one partition that takes a row. */
export type Route =
  | { readonly kind: "partition"; readonly partition: RelationId }
  | { readonly kind: "none" }
  | { readonly kind: "undecided"; readonly reason: string };

/** A set without partitions for tables with this key; its order is that of the key's types and collations. */
export function emptyPartitionSet(key: PartitionKey): PartitionSet {
  return newSet(noParts(key));
}

function noParts(key: PartitionKey): Parts {
  const collations = collationsOf(key);
  const isCustom = key.elements[0]?.customOrder === true;
  return {
    ranges: mapBy<readonly RangeDatum[], RangeEntry>((a, b) => compareRangeBounds(a, b, collations)),
    values: mapBy<Value, RelationId>(isCustom ? (a, b) => compareCustom(a, b) : (a, b) => compareListed(a, b)),
    nullPartition: null,
    hashes: mapBy<readonly [number, number, number?], RelationId>((a, b) => a[0] - b[0] || a[1] - b[1]),
    defaultPartition: null,
    incomparable: IdMap.empty(),
    all: IdMap.empty(),
  };
}

/** The same for the inheritance children of a table, which may overlap and have several ranges each. */
export function emptyChildSet(key: PartitionKey): PartitionSet {
  const collations = collationsOf(key);
  return newSet({
    ...noParts(key),
    ranges: mapBy<readonly RangeDatum[], RangeEntry>(
      (a, b) => compareRangeBounds(a, b, collations) || compareDatums(a[1], b[1], null),
    ),
    hashes: mapBy<readonly [number, number, number?], RelationId>(
      (a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] ?? -1) - (b[2] ?? -1),
    ),
  });
}

/** A range of an inheritance child, of a key of one column. */
export interface ChildRange {
  readonly lower: RangeDatum;
  readonly upper: RangeDatum;
  readonly point: boolean;
}

/** Adds an inheritance child with the ranges that it takes; where one of them cannot be ordered it is kept aside. */
export function withChildRanges(
  set: PartitionSet,
  partition: RelationId,
  entries: readonly ChildRange[],
): PartitionSet {
  const placed = entries.map(({ lower, upper, point }, index) => {
    const entry: RangeEntry = { lower: [lower], upper: [upper], partition, ...(point ? { point } : {}) };
    return [childKey(lower, partition, index), entry] as const;
  });
  const longer = decided(() => longerSet(set, withPlaced(placed, partition)));
  return longer ?? withUncertainPartition(set, { kind: "unknown" }, partition);
}

function withPlaced(
  placed: readonly (readonly [key: readonly RangeDatum[], entry: RangeEntry])[],
  partition: RelationId,
): (parts: Parts) => Parts {
  return (parts) => {
    const ranges = placed.reduce((all, [key, entry]) => all.with(key, entry, true), parts.ranges);
    return { ...parts, all: parts.all.with(partition, true), ranges };
  };
}

/** Adds an inheritance child with `key % modulus = remainder`. */
export function withChildRemainder(
  set: PartitionSet,
  partition: RelationId,
  { modulus, remainder }: { readonly modulus: number; readonly remainder: number },
): PartitionSet {
  const parts = partsOf(set);
  const hashes = parts.hashes.with([modulus, remainder, partition], partition, true);
  return changedSet(set, { ...parts, all: parts.all.with(partition, true), hashes });
}

/** Removes an inheritance child; `entries` is with what it was added, null where its bounds were not known. */
export function withoutChildPart(
  set: PartitionSet,
  partition: RelationId,
  entries: readonly ChildRange[] | { readonly modulus: number; readonly remainder: number } | null,
): PartitionSet {
  const parts = partsOf(set);
  const all = parts.all.without(partition);
  if (entries === null || parts.incomparable.has(partition))
    return changedSet(set, { ...parts, all, incomparable: parts.incomparable.without(partition) });
  if ("modulus" in entries) {
    const hashes = parts.hashes.without([entries.modulus, entries.remainder, partition]);
    return changedSet(set, { ...parts, all, hashes });
  }
  const ranges = entries.reduce(
    (left, { lower }, index) => left.without(childKey(lower, partition, index)),
    parts.ranges,
  );
  return changedSet(set, { ...parts, all, ranges });
}

/** A child's ranges are counted, and so are the children: no other range of the table has the number. */
function childKey(lower: RangeDatum, partition: RelationId, index: number): readonly RangeDatum[] {
  const number = BigInt(partition) * BigInt(mostChildRanges) + BigInt(index);
  return [lower, { kind: "value", value: { family: "integer", value: number } }];
}

/** How many ranges a child may have at most; whoever adds one with more keeps it aside. */
export const mostChildRanges = 1 << 12;

/** Adds a partition that PostgreSQL may have refused: it is kept aside, so that no conflict with it is claimed and no row goes to it. */
export function withUncertainPartition(set: PartitionSet, bound: Bound, partition: RelationId): PartitionSet {
  noteMembers(set, bound);
  const parts = partsOf(set);
  const all = parts.all.with(partition, true);
  return changedSet(set, { ...parts, all, incomparable: parts.incomparable.with(partition, bound) });
}

/**
 * Adds a partition whose bound conflicts with none of the set. A bound that cannot be ordered is kept aside, and so is one whose place
 * another partition has: the set is not what PostgreSQL's would be then, and each of its partitions still stands somewhere.
 */
export function withPartition(set: PartitionSet, key: PartitionKey, bound: Bound, partition: RelationId): PartitionSet {
  noteMembers(set, bound, key);
  const parts = partsOf(set);
  const all = parts.all.with(partition, true);
  const aside = (): PartitionSet => withUncertainPartition(set, bound, partition);
  const isFree = (taken: RelationId | null | undefined): boolean => (taken ?? partition) === partition;
  if (bound.kind === "default") {
    if (!isFree(parts.defaultPartition)) return aside();
    return changedSet(set, { ...parts, all, defaultPartition: partition });
  }
  if (bound.kind === "hash") {
    if (!isFree(parts.hashes.get([bound.modulus, bound.remainder]))) return aside();
    return longerSet(set, withRemainder(bound.modulus, bound.remainder, partition));
  }
  if (bound.kind === "unknown") return aside();
  if (bound.kind === "range") {
    if (bound.lower.length !== key.elements.length || bound.upper.length !== key.elements.length) return aside();
    const entry: RangeEntry = { lower: bound.lower, upper: bound.upper, partition };
    const longer = decided(() => longerSet(set, withRange(entry)));
    // Two partitions never share a lower bound.
    return longer === null || partsOf(longer).ranges.size !== parts.ranges.size + 1 ? aside() : longer;
  }
  if (bound.values.includes(null) && !isFree(parts.nullPartition)) return aside();
  const nullPartition = bound.values.includes(null) ? partition : parts.nullPartition;
  let values: PartitionSet["values"] | null = parts.values;
  for (const some of cutForPortions(bound.values, itemsOfListed)) {
    const given: PartitionSet["values"] = values;
    values = notedPortion(some.length * itemsOfListed, () => withListed(given, some, partition));
    if (values === null) return aside();
  }
  return changedSet(set, { ...parts, all, values, nullPartition });
}

function withRange(entry: RangeEntry): (parts: Parts) => Parts {
  return (parts) => {
    const ranges = parts.ranges.with(entry.lower, entry, true);
    return { ...parts, all: parts.all.with(entry.partition, true), ranges };
  };
}

function withRemainder(modulus: number, remainder: number, partition: RelationId): (parts: Parts) => Parts {
  return (parts) => {
    const hashes = parts.hashes.with([modulus, remainder], partition, true);
    return { ...parts, all: parts.all.with(partition, true), hashes };
  };
}

/** As much as this is a value that is put into a set or looked for in it. */
const itemsOfListed = 4;

/** As much as that is a bound that is looked for in a set or put into it. */
function itemsOfBound(bound: Bound): number {
  return bound.kind === "list" ? bound.values.length * itemsOfListed : 0;
}

/** null where one of them cannot be compared, or another partition has it. */
function withListed(
  values: PartitionSet["values"],
  more: readonly (Value | null)[],
  partition: RelationId,
): PartitionSet["values"] | null {
  return decided(() => {
    let all = values;
    for (const value of more) {
      if (value === null) continue;
      if ((all.get(value) ?? partition) !== partition) return null;
      all = all.with(value, partition, true);
    }
    return all;
  });
}

/** Removes a partition; `bound` is the bound with which it was added. Where it is not among them, another one may have its place. */
export function withoutPartition(set: PartitionSet, bound: Bound, partition: RelationId): PartitionSet {
  noteMembers(set, bound);
  const parts = partsOf(set);
  if (!parts.all.has(partition)) return set;
  const all = parts.all.without(partition);
  if (parts.incomparable.has(partition))
    return changedSet(set, { ...parts, all, incomparable: parts.incomparable.without(partition) });
  switch (bound.kind) {
    case "default":
      return changedSet(set, { ...parts, all, defaultPartition: null });
    case "hash":
      return changedSet(set, { ...parts, all, hashes: parts.hashes.without([bound.modulus, bound.remainder]) });
    case "range":
      return changedSet(set, { ...parts, all, ranges: parts.ranges.without(bound.lower) });
    case "list": {
      let { values, nullPartition } = parts;
      for (const value of bound.values) {
        if (value === null) nullPartition = null;
        else values = values.without(value);
      }
      return changedSet(set, { ...parts, all, values, nullPartition });
    }
    case "unknown":
      return changedSet(set, { ...parts, all });
  }
}

/** The set as if it had no default partition. */
export function withoutDefaultPartition(set: PartitionSet): PartitionSet {
  return changedSet(set, { ...partsOf(set), defaultPartition: null });
}

/** Whether a partition is kept aside, because PostgreSQL may have refused it or its bound cannot be compared; null for none. */
export function isKeptAside(set: PartitionSet, partition: RelationId): boolean | null {
  const { all, incomparable } = partsOf(set);
  return all.has(partition) ? incomparable.has(partition) : null;
}

/** The partitions that one of the sets has and the other has not; null for more than `most`. */
export function differingPartitions(a: PartitionSet, b: PartitionSet, most: number): ReadonlySet<RelationId> | null {
  return partsOf(a).all.differences(partsOf(b).all, most);
}

/**
 * Whether what a set says of the room for one bound may hang on whether it has a partition with the other: they share values,
 * or how they stand to each other is not known.
 */
export function mayMeet(a: Bound, b: Bound, key: PartitionKey | null): boolean {
  if (a.kind === "default" || b.kind === "default") return a.kind === b.kind;
  if (key === null || a.kind !== b.kind || a.kind === "unknown") return true;
  // What goes with one modulus goes with it again: whoever has the same one and another remainder is of no interest.
  if (a.kind === "hash" && b.kind === "hash") return a.modulus !== b.modulus || a.remainder === b.remainder;
  if (a.kind === "range" && b.kind === "range") {
    const collations = collationsOf(key);
    const [ab, ba] = [comparePoints(a.lower, b.upper, collations), comparePoints(b.lower, a.upper, collations)];
    // Where one of them is empty or ends before it begins, they are told apart by where they begin.
    const starts = comparePoints(a.lower, b.lower, collations);
    return ab === null || ba === null || (ab < 0 && ba < 0) || starts === null || starts === 0;
  }
  if (a.kind !== "list" || b.kind !== "list") return true;
  if (key.elements[0]?.customOrder === true || a.values.length * b.values.length > mostComparedValues) return true;
  return a.values.some((value) =>
    b.values.some((other) =>
      value === null || other === null ? value === other : (decided(() => compareListed(value, other)) ?? 0) === 0,
    ),
  );
}

const mostComparedValues = 10_000;

/** What forbids a partition with this bound, or null: the first thing that PostgreSQL's check comes to. */
export function findConflict(set: PartitionSet, key: PartitionKey, bound: Bound): BoundConflict | null {
  noteMembers(set, bound, key);
  return notedPortion(itemsOfBound(bound), () => {
    const conflict = firstConflict(set, key, bound);
    // Which values a search comes by, and so whether one of them cannot be compared, hangs on all of them.
    if (metUnknownOrder || conflict?.kind === "undecided") noteMembers(set, "all");
    return conflict;
  });
}

function firstConflict(set: PartitionSet, key: PartitionKey, bound: Bound): BoundConflict | null {
  metUnknownOrder = false;
  const parts = partsOf(set);
  switch (bound.kind) {
    case "default":
      return parts.defaultPartition === null ? null : { kind: "default", partition: parts.defaultPartition };
    case "hash":
      return findHashConflict(parts, bound);
    case "list":
      return findListConflict(parts, bound.values);
    case "range":
      return findRangeConflict(set, key, bound);
    case "unknown":
      return parts.all.size === 0 ? null : { kind: "undecided" };
  }
}

/** Which partition takes a row with these key values, one for each key element. */
export function route(set: PartitionSet, key: PartitionKey, values: readonly (Value | null)[]): Route {
  const parts = partsOf(set);
  noteMembers(set, key.strategy === "hash" ? "all" : placeOf(key, values), key);
  metUnknownOrder = false;
  const direct = key.strategy === "hash" ? routeByHash(set, key, values) : routeByOrder(parts, key, values);
  if (metUnknownOrder) noteMembers(set, "all");
  if (direct.kind !== "none") return direct;
  if (parts.incomparable.size > 0) {
    return { kind: "undecided", reason: "there are partitions whose bounds cannot be compared" };
  }
  return set.defaultPartition === null ? direct : { kind: "partition", partition: set.defaultPartition };
}

/**
 * The partitions in the order in which PostgreSQL keeps and prints them: ranges by bound, lists by their smallest value,
 * hash partitions by modulus and remainder; then those that cannot be ordered, then the default partition.
 */
export function partitionsInBoundOrder(set: PartitionSet): readonly RelationId[] {
  noteMembers(set, "all");
  const known = orders.get(set) ?? boundOrder(set);
  orders.set(set, known);
  return known;
}

/** A set never changes, and many ask for its order. */
const orders = new WeakMap<PartitionSet, readonly RelationId[]>();

function boundOrder(set: PartitionSet): readonly RelationId[] {
  const ordered = new Set<RelationId>();
  for (const entry of set.ranges.values()) ordered.add(entry.partition);
  for (const partition of set.values.values()) ordered.add(partition);
  if (set.nullPartition !== null) ordered.add(set.nullPartition);
  for (const partition of set.hashes.values()) ordered.add(partition);
  for (const partition of set.incomparable.keys()) ordered.add(partition);
  if (set.defaultPartition !== null) ordered.add(set.defaultPartition);
  return [...ordered];
}

/**
 * Orders two points of a range key as PostgreSQL's `partition_rbound_cmp` does without its lower/upper rule: MINVALUE and
 * MAXVALUE end the comparison. null where two values cannot be compared.
 */
export function comparePoints(
  a: readonly RangeDatum[],
  b: readonly RangeDatum[],
  collations: readonly Comparison[],
): number | null {
  return decided(() => compareRangeBounds(a, b, collations));
}

/** The moduli in use, ascending. */
export function hashModuli(set: Pick<PartitionSet, "hashes">): number[] {
  const moduli: number[] = [];
  let pair = set.hashes.nextHigherPair(undefined);
  while (pair !== undefined) {
    const modulus = pair[0][0];
    moduli.push(modulus);
    pair = set.hashes.nextHigherPair([modulus, Number.POSITIVE_INFINITY]);
  }
  return moduli;
}

/** The hash partition that takes rows whose hash has this remainder modulo `modulus`, a multiple of all moduli in use. */
export function hashOwner(set: PartitionSet, moduli: readonly number[], remainder: number): RelationId | null {
  for (const modulus of moduli) {
    const first = set.hashes.nextHigherPair([modulus, (remainder % modulus) - 0.5]);
    if (first?.[0][0] === modulus && first[0][1] === remainder % modulus) return first[1];
  }
  return null;
}

// A comparison inside a tree cannot answer "unknown"; it notes it here, and `decided` looks before it trusts the result.
// Every answer that is not "unknown" is certain, so a search whose path met none is right whatever the collation is.
let metUnknownOrder = false;

/** What the work gives; null where a comparison that it made inside a tree has no answer. */
export function decided<T>(compute: () => T): T | null {
  metUnknownOrder = false;
  const result = compute();
  return metUnknownOrder ? null : result;
}

function decidedOrder(order: number | null): number {
  if (order !== null) return order;
  metUnknownOrder = true;
  return -1;
}

/** How the values of each column are compared: by a collation (null for types without one), or not at all. */
type Comparison = string | null | typeof customOrder;

const customOrder = Symbol("custom order");

const collationsByKey = new WeakMap<PartitionKey, readonly Comparison[]>();

/** The comparisons of a key's columns, for `comparePoints`. Kept with the key: bounds are compared by the thousand. */
export function collationsOf(key: PartitionKey): readonly Comparison[] {
  let collations = collationsByKey.get(key);
  if (collations === undefined) {
    collations = key.elements.map((element) => (element.customOrder ? customOrder : element.comparison));
    collationsByKey.set(key, collations);
  }
  return collations;
}

function compareCustom(a: Value, b: Value): number {
  return representationOf(a) === representationOf(b) ? 0 : decidedOrder(null);
}

/**
 * Listed values are only ever looked up, so any order will do that keeps equal ones together: texts go by their code
 * points, and of an unknown type equal texts are equal values.
 */
function compareListed(a: Value, b: Value): number {
  if (a.family === "opaque" && b.family === "opaque") return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
  return decidedOrder(compareValues(a, b, "C"));
}

function compareRangeBounds(
  a: readonly RangeDatum[],
  b: readonly RangeDatum[],
  collations: readonly Comparison[],
): number {
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const order = compareDatums(a[index], b[index], collations[index] ?? null);
    if (order !== 0) return order;
    if (a[index]?.kind !== "value") return 0;
  }
  return 0;
}

function compareDatums(a: RangeDatum | undefined, b: RangeDatum | undefined, collation: Comparison): number {
  if (a?.kind === "value" && b?.kind === "value") {
    const order =
      collation === customOrder
        ? compareCustom(a.value, b.value)
        : decidedOrder(compareValues(a.value, b.value, collation));
    return order || Number(a.after === true) - Number(b.after === true);
  }
  return datumRank(a) - datumRank(b);
}

function datumRank(datum: RangeDatum | undefined): number {
  return datum?.kind === "minvalue" ? -1 : datum?.kind === "maxvalue" ? 1 : 0;
}

function findRangeConflict(
  set: PartitionSet,
  key: PartitionKey,
  bound: Extract<Bound, { kind: "range" }>,
): BoundConflict | null {
  const collations = collationsOf(key);
  const { ranges, incomparable } = partsOf(set);
  const { lower, upper } = bound;
  const width = comparePoints(lower, upper, collations);
  if (width === null) return { kind: "undecided" };
  if (width >= 0) return { kind: "empty", place: { side: "lower", index: differingColumn(lower, upper, collations) } };

  const found = decided((): BoundConflict | null => {
    const below = ranges.getPairOrNextLower(lower)?.[1];
    if (below !== undefined && compareRangeBounds(below.upper, lower, collations) > 0) {
      const index = key.elements.length === 1 ? 0 : columnOfLastComparison(set, lower, collations);
      return { kind: "overlap", partition: below.partition, place: { side: "lower", index } };
    }
    const above = ranges.nextHigherPair(lower)?.[1];
    if (above !== undefined && compareRangeBounds(above.lower, upper, collations) < 0) {
      const index = differingColumn(above.lower, upper, collations);
      return { kind: "overlap", partition: above.partition, place: { side: "upper", index } };
    }
    return null;
  });
  const undecided = metUnknownOrder;
  if (found !== null) return found;
  return undecided || incomparable.size > 0 ? { kind: "undecided" } : null;
}

/** The column at which two points part, counted from 0; the column at which the comparison stopped where they are equal. */
function differingColumn(
  a: readonly RangeDatum[],
  b: readonly RangeDatum[],
  collations: readonly Comparison[],
): number {
  const last = Math.min(a.length, b.length) - 1;
  for (let index = 0; index < last; index += 1) {
    if (compareDatums(a[index], b[index], collations[index] ?? null) !== 0 || a[index]?.kind !== "value") return index;
  }
  return last;
}

/**
 * The column that decided the last comparison of PostgreSQL's binary search for `lower` (`partition_range_bsearch`): with
 * several key columns that is where its error points, even when it is not where the bounds meet.
 */
function columnOfLastComparison(
  set: PartitionSet,
  lower: readonly RangeDatum[],
  collations: readonly Comparison[],
): number {
  const points: { readonly datums: readonly RangeDatum[]; readonly lower: boolean }[] = [];
  for (const entry of set.ranges.values()) {
    const previous = points[points.length - 1];
    // Where one partition ends and the next begins, PostgreSQL keeps one point, the upper bound.
    if (previous === undefined || compareRangeBounds(previous.datums, entry.lower, collations) !== 0) {
      points.push({ datums: entry.lower, lower: true });
    }
    points.push({ datums: entry.upper, lower: false });
  }
  let low = -1;
  let high = points.length - 1;
  let column = 0;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const point = points[middle];
    if (point === undefined) break;
    const order = compareRangeBounds(point.datums, lower, collations);
    const equal = order === 0 && point.lower;
    column = equal ? 0 : differingColumn(point.datums, lower, collations);
    if (order <= 0) {
      low = middle;
      if (equal) break;
    } else {
      high = middle - 1;
    }
  }
  return column;
}

function findListConflict(set: Parts, values: readonly (Value | null)[]): BoundConflict | null {
  let undecided = set.incomparable.size > 0;
  for (const [index, value] of values.entries()) {
    const partition = value === null ? set.nullPartition : decided(() => set.values.get(value) ?? null);
    if (value !== null && metUnknownOrder) undecided = true;
    if (partition !== null) return { kind: "overlap", partition, place: { side: "value", index } };
  }
  return undecided ? { kind: "undecided" } : null;
}

function findHashConflict(
  set: Parts,
  bound: { readonly modulus: number; readonly remainder: number },
): BoundConflict | null {
  const { modulus, remainder } = bound;
  if (set.hashes.size === 0) return set.incomparable.size > 0 ? { kind: "undecided" } : null;
  const next = set.hashes.nextHigherPair([modulus, remainder]);
  const previous = set.hashes.getPairOrNextLower([modulus, remainder]);
  if (previous !== undefined && modulus % previous[0][0] !== 0) {
    return { kind: "modulus", partition: previous[1], modulus: previous[0][0], factor: false };
  }
  if (next !== undefined && next[0][0] % modulus !== 0) {
    return { kind: "modulus", partition: next[1], modulus: next[0][0], factor: true };
  }
  const partition = sharesRows(set, modulus, remainder);
  return partition === null ? null : { kind: "overlap", partition, place: { side: "whole" } };
}

/**
 * The partition that takes rows of that remainder, of several the one with the lowest remainder of the greatest modulus. Each
 * modulus divides the greater ones, so of the remainders themselves, which may be a thousand million, none is gone through.
 */
function sharesRows(set: Parts, modulus: number, remainder: number): RelationId | null {
  for (const smaller of hashModuli(set)) {
    if (smaller > modulus) break;
    const partition = set.hashes.get([smaller, remainder % smaller]);
    if (partition !== undefined) return partition;
  }
  let [lowest, found]: [number, RelationId | null] = [Number.POSITIVE_INFINITY, null];
  for (const [[greater, own], partition] of set.hashes.entries([modulus, Number.POSITIVE_INFINITY])) {
    if (greater > modulus && own % modulus === remainder && own < lowest) [lowest, found] = [own, partition];
  }
  return found;
}

/** The bound of a partition that would take these key values and no others. */
function placeOf(key: PartitionKey, values: readonly (Value | null)[]): Bound {
  if (key.strategy === "list") return { kind: "list", values: values.slice(0, 1) };
  const point = values.flatMap((value): readonly RangeDatum[] => (value === null ? [] : [{ kind: "value", value }]));
  return { kind: "range", lower: point, upper: point };
}

function routeByOrder(set: Parts, key: PartitionKey, values: readonly (Value | null)[]): Route {
  if (key.strategy === "list") {
    const value = values[0] ?? null;
    if (value === null) return routed(set.nullPartition);
    const partition = decided(() => set.values.get(value) ?? null);
    return metUnknownOrder ? undecidedOrder : routed(partition);
  }
  const point: RangeDatum[] = [];
  for (const value of values) {
    // A range partition takes no NULL, not even one without ends; only the default partition does.
    if (value === null) return { kind: "none" };
    point.push({ kind: "value", value });
  }
  const collations = collationsOf(key);
  const partition = decided(() => {
    const entry = set.ranges.getPairOrNextLower(point)?.[1];
    return entry !== undefined && compareRangeBounds(entry.upper, point, collations) > 0 ? entry.partition : null;
  });
  return metUnknownOrder ? undecidedOrder : routed(partition);
}

const undecidedOrder: Route = { kind: "undecided", reason: "the order of the key's values is not known" };

function routeByHash(set: PartitionSet, key: PartitionKey, values: readonly (Value | null)[]): Route {
  const types = [];
  for (const { type, customOrder: isCustom } of key.elements) {
    if (isCustom) return { kind: "undecided", reason: "an operator class of the user's hashes the key" };
    if (type === null) return { kind: "undecided", reason: "the type of the key is not known" };
    types.push(type);
  }
  for (const modulus of hashModuli(set)) {
    const remainder = hashRemainder(values, types, modulus);
    if (remainder === null) return { kind: "undecided", reason: "the hash of the key is not known" };
    const partition = set.hashes.get([modulus, remainder]);
    if (partition !== undefined) return routed(partition);
  }
  return { kind: "none" };
}

function routed(partition: RelationId | null): Route {
  return partition === null ? { kind: "none" } : { kind: "partition", partition };
}
