/** How keys, bounds and gaps are spelled wherever people read them. */

import { type Catalog, findRelation, type SessionSettings } from "../catalog/catalog.ts";
import { ownChecks } from "../catalog/child-layout.ts";
import { type Coverage, type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import type { DataType } from "../catalog/data-type.ts";
import { isPartitioned, layoutOf, partIdsOf, partsOf, placeOf } from "../catalog/layout.ts";
import type { PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import { printBound, printBoundDatum, printPartitionKey } from "../catalog/print.ts";
import type { Relation } from "../catalog/relation.ts";
import { shortBound, shortRange } from "../catalog/short-bound.ts";
import { baseType } from "../catalog/values/types.ts";
import type { RelationVerdict } from "../pruning/verdict.ts";

/** `schema.name`, unquoted, as all answers to outsiders have it. */
export function fullName(relation: { readonly schema: string; readonly name: string }): string {
  return `${relation.schema}.${relation.name}`;
}

/** The name alone where the schema is `public`. */
export function shortName(relation: { readonly schema: string; readonly name: string }): string {
  return relation.schema === "public" ? relation.name : fullName(relation);
}

/** As `pg_get_partkeydef` spells it; null where nothing divides the relation's rows. */
export function keyText(relation: Relation): string | null {
  const layout = layoutOf(relation);
  return layout === null ? null : printPartitionKey(layout.key);
}

/**
 * As `pg_get_expr(relpartbound, oid)` spells it, that of an inheritance child as if it were a partition; null where the
 * relation is no part, where its bound cannot be told, or where FOR VALUES has no words for it.
 */
export function boundText(catalog: Catalog, relation: Relation): string | null {
  const place = placeOf(catalog, relation);
  if (place === null || place.bound.kind === "unknown") return null;
  return printBound(place.bound, place.layout.key, catalog.settings);
}

/**
 * The bound for people, as short as its type allows (`2024-01-01 … 2024-02-01`); where it is not known it says what there is
 * instead. Empty for what is no part.
 */
export function boundLabel(catalog: Catalog, relation: Relation): string {
  const place = placeOf(catalog, relation);
  if (place !== null && place.bound.kind !== "unknown")
    return shortBound(place.bound, place.layout.key, catalog.settings);
  if (relation.partitionOf !== null) return "bound not known";
  const checks = relation.inherits.length === 0 ? [] : ownChecks(relation);
  return checks.map(({ text }) => `CHECK (${text})`).join(" ");
}

/** The bounds of neighbours in one: from where the first begins to where the last ends; null where they have no such bounds. */
export function boundsTogether(
  catalog: Catalog,
  first: Pick<Relation, "schema" | "name">,
  last: Pick<Relation, "schema" | "name">,
): string | null {
  const [from, to] = [findRelation(catalog, first), findRelation(catalog, last)];
  if (from === null || to === null) return null;
  if (from.id === to.id) return boundLabel(catalog, from);
  const [a, b] = [placeOf(catalog, from), placeOf(catalog, to)];
  if (a === null || b === null || a.parent.id !== b.parent.id) return null;
  if (a.bound.kind !== "range" || b.bound.kind !== "range") return null;
  return shortRange(a.bound.lower, b.bound.upper, a.layout.key, catalog.settings);
}

/** What a number of the relation's parts is called: children are parts that the parent's own rows stand beside. */
export function partWord(relation: Relation, count: number): string {
  const [one, many] = isPartitioned(relation) ? ["partition", "partitions"] : ["child", "children"];
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * How many parts a relation has directly below it, the default partition among them: `4 partitions (incl. default)`,
 * `3 children`. The one count that lenses, hovers, tree and outline tell of a table.
 */
export function partsText(relation: Relation): string {
  const withDefault = layoutOf(relation)?.partitions.defaultPartition != null;
  return `${partWord(relation, partIdsOf(relation).length)}${withDefault ? " (incl. default)" : ""}`;
}

/**
 * How many partitions hold rows, where that is another number than those directly below: `12 leaf partitions`. Queries count these.
 * Empty where it is the same; an inheritance parent's children are tables, and counted with it elsewhere.
 */
export function leavesText(catalog: Catalog, relation: Relation): readonly string[] {
  if (!isPartitioned(relation)) return [];
  const parts = partsOf(catalog, relation);
  if (!parts.some(isPartitioned)) return [];
  const leaves = countLeaves(catalog, parts, 0);
  return leaves === parts.length ? [] : [counted(leaves, "leaf partition")];
}

/** As deep as anybody nests partitions. */
const deepest = 50;

function countLeaves(catalog: Catalog, parts: readonly Relation[], depth: number): number {
  if (depth > deepest) return parts.length;
  return parts.reduce(
    (sum, part) => sum + (isPartitioned(part) ? countLeaves(catalog, partsOf(catalog, part), depth + 1) : 1),
    0,
  );
}

/** One end of a range as it stands between the parentheses of FROM and TO. */
export function quotedPointText(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return point.map((datum, index) => printBoundDatum(datum, key, index, settings)).join(", ");
}

/**
 * What lies between partitions and belongs to none: gaps between two ranges, and labels of an enum or boolean that no list
 * takes. That a range ends somewhere is no gap.
 */
export function gapsBetween(
  relation: Relation,
  coverage: Coverage | null = coverageOf(relation),
): readonly CoverageGap[] {
  const key = layoutOf(relation)?.key;
  if (key === undefined || coverage === null) return [];
  if (key.strategy === "range") return coverage.gaps.filter((gap) => gap.below !== null && gap.above !== null);
  const type = key.elements[0]?.type ?? null;
  return key.strategy === "list" && type !== null && isCounted(baseType(type)) ? coverage.gaps : [];
}

/** `1 gap`, `2 missing remainders`; empty where nothing is wrong. */
export function coverageProblems(relation: Relation): readonly string[] {
  const coverage = coverageOf(relation);
  const gaps = gapsBetween(relation, coverage).length;
  const missing = coverage?.missingRemainders.length ?? 0;
  const overlaps = coverage?.overlaps.length ?? 0;
  return [
    ...(gaps > 0 ? [counted(gaps, "gap")] : []),
    ...(overlaps > 0 ? [counted(overlaps, "overlap")] : []),
    ...(missing > 0 ? [counted(missing, "missing remainder")] : []),
  ];
}

/** What the leaves of a verdict are called: an inheritance parent, with rows of its own, is no partition. */
export function leafWord({ relation, leaves }: Pick<RelationVerdict, "relation" | "leaves">): "partition" | "table" {
  const own = leaves.some(({ schema, name }) => schema === relation.schema && name === relation.name);
  return own && leaves.length > 1 ? "table" : "partition";
}

export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function isCounted(type: DataType): boolean {
  return type.kind === "enum" || (type.kind === "base" && type.name === "bool");
}
