/** How keys, bounds and gaps are spelled wherever people read them. */

import type { Catalog, SessionSettings } from "../catalog/catalog.ts";
import { relationById } from "../catalog/catalog.ts";
import { type Coverage, type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import type { DataType } from "../catalog/data-type.ts";
import { partitionsInBoundOrder } from "../catalog/partition-set.ts";
import type { PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import { printBound, printBoundDatum, printPartitionKey } from "../catalog/print.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { printValue } from "../catalog/values/print.ts";
import { baseType } from "../catalog/values/types.ts";

/** `schema.name`, unquoted, as all answers to outsiders have it. */
export function fullName(relation: { readonly schema: string; readonly name: string }): string {
  return `${relation.schema}.${relation.name}`;
}

/** The name alone where the schema is `public`. */
export function shortName(relation: { readonly schema: string; readonly name: string }): string {
  return relation.schema === "public" ? relation.name : fullName(relation);
}

/** As `pg_get_partkeydef` spells it; null where the relation is not partitioned. */
export function keyText(relation: Relation): string | null {
  return relation.partitioning === null ? null : printPartitionKey(relation.partitioning.key);
}

/** As `pg_get_expr(relpartbound, oid)` spells it; null where the relation is no partition, or where it cannot be told. */
export function boundText(catalog: Catalog, relation: Relation): string | null {
  const link = relation.partitionOf;
  const parent = link === null ? null : relationById(catalog, link.parent);
  if (link === null || parent === null || parent.partitioning === null || link.bound.kind === "unknown") return null;
  return printBound(link.bound, parent.partitioning.key, catalog.settings);
}

/** The same for people: says of a partition whose bound cannot be told that it cannot; empty for what has none. */
export function boundLabel(catalog: Catalog, relation: Relation): string {
  return boundText(catalog, relation) ?? (relation.partitionOf === null ? "" : "bound not known");
}

/** One end of a range without quotes, columns separated by commas: `2024-01-01`, `MINVALUE`, `5, b`. */
export function pointText(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return point.map((datum, index) => datumText(datum, key.elements[index]?.type ?? null, settings)).join(", ");
}

/** One end of a range as it stands between the parentheses of FROM and TO. */
export function quotedPointText(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return point.map((datum, index) => printBoundDatum(datum, key, index, settings)).join(", ");
}

/** The partitions of a partitioned table in bound order, the children of an inheritance parent in order of creation. */
export function partitionsOf(catalog: Catalog, relation: Relation): readonly Relation[] {
  const ids =
    relation.partitioning === null
      ? [...relation.children.keys()]
      : partitionsInBoundOrder(relation.partitioning.partitions);
  return ids.map((id: RelationId) => relationById(catalog, id)).filter((partition) => partition !== null);
}

/**
 * What lies between partitions and belongs to none: gaps between two ranges, and labels of an enum or boolean that no list
 * takes. That a range ends somewhere is no gap.
 */
export function gapsBetween(
  relation: Relation,
  coverage: Coverage | null = coverageOf(relation),
): readonly CoverageGap[] {
  if (relation.partitioning === null || coverage === null) return [];
  const { key } = relation.partitioning;
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

export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function isCounted(type: DataType): boolean {
  return type.kind === "enum" || (type.kind === "base" && type.name === "bool");
}

function datumText(datum: RangeDatum, type: DataType | null, settings: SessionSettings): string {
  return datum.kind === "value" ? printValue(datum.value, type ?? unknownType, settings) : datum.kind.toUpperCase();
}

const unknownType: DataType = { kind: "unknown", schema: null, name: "unknown" };
