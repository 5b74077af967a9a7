/** What the partitions of a table leave out: gaps between ranges and values, missing hash remainders. */

import { type Catalog, relationById } from "./catalog.ts";
import type { DataType } from "./data-type.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { noteMembers } from "./member-questions.ts";
import { type Overlap, overlapsOf } from "./overlap.ts";
import { collationsOf, comparePoints, hashModuli, hashOwner } from "./partition-set.ts";
import type { KeyElement, PartitionKey, PartitionSet, RangeDatum, RangeEntry } from "./partitioning.ts";
import { createRangeFinder } from "./range-finder.ts";
import type { Relation, RelationId } from "./relation.ts";
import type { Value } from "./value.ts";
import { compareValues } from "./values/compare.ts";
import { baseType } from "./values/types.ts";

/** The key values from `lower` up to but not including `upper`, on the whole key. MINVALUE and MAXVALUE are open ends. */
export interface CoverageGap {
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
  /** The partitions on both sides; null at an open end. */
  readonly below: RelationId | null;
  readonly above: RelationId | null;
}

export interface Coverage {
  readonly relation: RelationId;
  /**
   * What no partition takes, in ascending order, open ends included; empty when there is a default partition. Of list keys
   * only where the values of the type can be counted (integers, dates, booleans, enums).
   */
  readonly gaps: readonly CoverageGap[];
  /** Inheritance children that share values for sure; PostgreSQL keeps partitions apart. */
  readonly overlaps: readonly Overlap[];
  /** For hash tables: the residues that no partition takes, under the greatest modulus in use. */
  readonly missingRemainders: readonly { readonly modulus: number; readonly remainder: number }[];
  readonly hasDefault: boolean;
  /** Whether NULL in the key finds a partition; null for hash, which takes it like any value, and for CHECKs, which let it pass. */
  readonly takesNull: boolean | null;
  /** False while a partition's bound is unknown or cannot be ordered, or the table is not fully known: nothing is claimed. */
  readonly known: boolean;
}

/** What the parts of a table leave out and share; null for a relation that nothing divides. Kept with the relation. */
export function coverageOf(relation: Relation): Coverage | null {
  const layout = layoutOf(relation);
  if (layout === null) return null;
  noteMembers(layout.partitions, "all");
  const cached = coverages.get(relation) ?? coverageOfLayout(relation, layout);
  coverages.set(relation, cached);
  return cached;
}

const coverages = new WeakMap<Relation, Coverage>();

function coverageOfLayout(relation: Relation, { by, key, partitions, certain }: Layout): Coverage {
  const hasDefault = partitions.defaultPartition !== null;
  // What a remainder and a range leave together is not worked out.
  const isMixed = partitions.hashes.size > 0 && partitions.ranges.size > 0;
  const known = partitions.incomparable.size === 0 && !isMixed && certain && relation.knowledge !== "tainted";
  const open = known && !hasDefault;
  return {
    relation: relation.id,
    gaps: open ? gapsOf(key, partitions) : [],
    overlaps: by === "declarative" ? [] : overlapsOf(relation).filter((overlap) => overlap.certain),
    missingRemainders: known && key.strategy === "hash" ? missingRemaindersOf(partitions) : [],
    hasDefault,
    takesNull: by !== "declarative" || key.strategy === "hash" ? null : hasDefault || partitions.nullPartition !== null,
    known,
  };
}

/** The coverage of every partitioned table of the catalog, in order of creation. */
export function coverageOfAll(catalog: Catalog): Coverage[] {
  const coverages: Coverage[] = [];
  for (const id of catalog.relations.keys()) {
    const relation = relationById(catalog, id);
    const coverage = relation === null ? null : coverageOf(relation);
    if (coverage !== null) coverages.push(coverage);
  }
  return coverages;
}

/** The values that no partition of the set takes, whether or not a default partition catches them. */
export function gapsOf(key: PartitionKey, set: PartitionSet): CoverageGap[] {
  switch (key.strategy) {
    case "range":
      return gapsOfRanges(key, set);
    case "list": {
      const listed = listedValues(set, key);
      return listed === null ? gapsBetweenRanges(key, set) : gapsBetweenValues(key, listed);
    }
    case "hash":
      // Which values a remainder stands for cannot be said; that nothing is there can.
      return set.hashes.size === 0 ? gapsBetweenRanges(key, set) : [];
  }
}

/** With a greater modulus nobody looks at the residues that are missing. */
const greatestModulus = 1 << 16;

/**
 * The residues under the greatest modulus in use that no partition takes, ascending; none are told where there are too many
 * to look at, or where the moduli of inheritance children do not go into each other.
 */
export function missingRemaindersOf(set: PartitionSet): { readonly modulus: number; readonly remainder: number }[] {
  const moduli = hashModuli(set);
  const modulus = moduli.at(-1);
  if (modulus === undefined || modulus > greatestModulus || moduli.some((one) => modulus % one !== 0)) return [];
  const missing = [];
  for (let remainder = 0; remainder < modulus; remainder += 1) {
    if (hashOwner(set, moduli, remainder) === null) missing.push({ modulus, remainder });
  }
  return missing;
}

/**
 * Whether no value of the key lies between two points: they are equal, or the type is counted in whole steps and they are
 * neighbours, as `(1, MAXVALUE)` and `(2, MINVALUE)` are for integers. False also where it cannot be told.
 */
export function nothingBetween(key: PartitionKey, from: readonly RangeDatum[], to: readonly RangeDatum[]): boolean {
  const collations = collationsOf(key);
  const order = comparePoints(from, to, collations);
  if (order === null) return false;
  if (order >= 0) return true;
  for (const [index, element] of key.elements.entries()) {
    const [a, b] = [from[index], to[index]];
    if (a?.kind !== "value" || b?.kind !== "value") return false;
    if (a.after === true || b.after === true)
      return a.after === true && b.after !== true && follows(a.value, b.value, element);
    if (compareValues(a.value, b.value, element.comparison) === 0) continue;
    const next = successor(a.value, element.type);
    if (next === null || compareValues(next, b.value, element.comparison) !== 0) return false;
    // After the column that differs by one step, `from` must be at its very end and `to` at its very beginning.
    if (index + 1 === key.elements.length) return false;
    return from[index + 1]?.kind === "maxvalue" && to[index + 1]?.kind === "minvalue";
  }
  return true;
}

/** Whether the second value comes right behind the first. */
function follows(value: Value, other: Value, { type, comparison }: KeyElement): boolean {
  const next = successor(value, type);
  return next !== null && compareValues(next, other, comparison) === 0;
}

/** Partitions share no values, so what lies between two hangs on them alone; inheritance children may reach over others. */
function gapsOfRanges(key: PartitionKey, set: PartitionSet): CoverageGap[] {
  const { ranges } = set;
  const [first, last] = [ranges.minKey(), ranges.maxKey()];
  const [lowest, highest] = [first, last].map((at) => (at === undefined ? undefined : ranges.get(at)));
  // The keys of children go on behind the bound.
  const isOfChildren = first?.length !== key.elements.length;
  if (lowest === undefined || highest === undefined || isOfChildren) return gapsBetweenRanges(key, set);
  const lower: readonly RangeDatum[] = key.elements.map(() => ({ kind: "minvalue" }));
  const upper: readonly RangeDatum[] = key.elements.map(() => ({ kind: "maxvalue" }));
  return [
    ...(lowest.lower[0]?.kind === "minvalue"
      ? []
      : [{ lower, upper: lowest.lower, below: null, above: lowest.partition }]),
    ...findGaps(set, key),
    ...(highest.upper[0]?.kind === "maxvalue"
      ? []
      : [{ lower: highest.upper, upper, below: highest.partition, above: null }]),
  ];
}

const findGaps = createRangeFinder((below, above, key: PartitionKey): CoverageGap | null => {
  if (above === null || nothingBetween(key, below.upper, above.lower)) return null;
  // Where the order cannot be told, nothing is told of what lies between.
  if (comparePoints(below.upper, above.lower, collationsOf(key)) === null) return null;
  return { lower: below.upper, upper: above.lower, below: below.partition, above: above.partition };
});

/** Single values of inheritance children leave no gaps between them and others, as lists do not. */
function gapsBetweenRanges(key: PartitionKey, set: PartitionSet): CoverageGap[] {
  const collations = collationsOf(key);
  const gaps: CoverageGap[] = [];
  let lower: readonly RangeDatum[] = key.elements.map(() => ({ kind: "minvalue" }));
  let below: RangeEntry | null = null;
  for (const entry of set.ranges.values()) {
    const atBeginning: boolean = below === null && entry.lower[0]?.kind === "minvalue";
    const listed: boolean = entry.point === true || below?.point === true;
    if (!atBeginning && !listed && !nothingBetween(key, lower, entry.lower)) {
      // Where the order cannot be told, nothing is told of what lies between.
      if (below === null || comparePoints(lower, entry.lower, collations) !== null)
        gaps.push({ lower, upper: entry.lower, below: below?.partition ?? null, above: entry.partition });
    }
    // One child may reach further than others that begin behind it.
    if (below !== null && (comparePoints(entry.upper, lower, collations) ?? 1) <= 0) continue;
    lower = entry.upper;
    below = entry;
  }
  if (lower[0]?.kind !== "maxvalue") {
    const upper: readonly RangeDatum[] = key.elements.map(() => ({ kind: "maxvalue" }));
    gaps.push({ lower, upper, below: below?.partition ?? null, above: null });
  }
  return gaps;
}

/**
 * The values of lists in ascending order, each once; those of inheritance children are ranges of one value, and null is where
 * others of them take more.
 */
function listedValues({ values, ranges }: PartitionSet, key: PartitionKey): readonly Listed[] | null {
  const collations = collationsOf(key);
  const listed: Listed[] = [...values.entries()];
  let last: readonly RangeDatum[] | null = null;
  for (const { lower, point, partition } of ranges.values()) {
    const [value] = lower;
    if (point !== true || value?.kind !== "value") return null;
    if (last === null || comparePoints(last, lower, collations) !== 0) listed.push([value.value, partition]);
    last = lower;
  }
  return listed;
}

type Listed = readonly [value: Value, partition: RelationId];

function gapsBetweenValues(key: PartitionKey, listed: readonly Listed[]): CoverageGap[] {
  const element = key.elements[0];
  const type = element === undefined || element.type === null ? null : baseType(element.type);
  if (element === undefined || type === null) return [];
  const ends = countedEnds(type);
  if (ends === null) return [];

  const gaps: CoverageGap[] = [];
  let lower: RangeDatum = ends.first === null ? { kind: "minvalue" } : { kind: "value", value: ends.first };
  let below: RelationId | null = null;
  let finished = false;
  for (const [value, partition] of listed) {
    const atValue =
      lower.kind === "value" ? compareValues(lower.value, value, element.comparison) === 0 : isLeast(value);
    if (!atValue) gaps.push({ lower: [lower], upper: [{ kind: "value", value }], below, above: partition });
    const next = successor(value, type);
    below = partition;
    finished = next === null;
    if (next !== null) lower = { kind: "value", value: next };
  }
  if (!finished) gaps.push({ lower: [lower], upper: [{ kind: "maxvalue" }], below, above: null });
  return gaps;
}

/** The first value of a type whose values can be counted (null where there is no first); null for other types. */
function countedEnds(type: DataType): { readonly first: Value | null } | null {
  if (type.kind === "enum") {
    const label = type.labels[0];
    return label === undefined ? null : { first: { family: "enum", label, order: 0 } };
  }
  if (type.kind !== "base") return null;
  switch (type.name) {
    case "bool":
      return { first: { family: "boolean", value: false } };
    case "date":
      return { first: null };
    default:
      return integerGreatest.has(type.name) ? { first: null } : null;
  }
}

/** The next value of a type that is counted in whole steps; null at its end and for other types. */
function successor(value: Value, type: DataType | null): Value | null {
  const base = type === null ? null : baseType(type);
  if (base === null) return null;
  switch (value.family) {
    case "integer": {
      const greatest = base.kind === "base" ? integerGreatest.get(base.name) : undefined;
      if (greatest === undefined || value.value >= greatest) return null;
      return { family: "integer", value: value.value + 1n };
    }
    case "date":
      return Number.isFinite(value.days) ? { family: "date", days: value.days + 1 } : null;
    case "boolean":
      return value.value ? null : { family: "boolean", value: true };
    case "enum": {
      const order = value.order + 1;
      const label = base.kind === "enum" ? base.labels[order] : undefined;
      return label === undefined ? null : { family: "enum", label, order };
    }
    default:
      return null;
  }
}

const integerGreatest: ReadonlyMap<string, bigint> = new Map([
  ["int2", 32767n],
  ["int4", 2147483647n],
  ["int8", 9223372036854775807n],
]);

function isLeast(value: Value): boolean {
  return value.family === "date" && value.days === Number.NEGATIVE_INFINITY;
}
