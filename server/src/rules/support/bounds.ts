/** Bounds in rules: what a statement's bound stores, and how a point of a key is written in SQL. */

import { readBound } from "../../catalog/bound.ts";
import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Bound, Partitioning, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { printBoundValue } from "../../catalog/values/print.ts";
import type { StepContext } from "../rule.ts";
import type { Placement } from "./placements.ts";

export interface PlacedBound {
  readonly parent: Relation;
  readonly partitioning: Partitioning;
  readonly bound: Bound;
}

/** The parent as it stands before the statement, and the bound as PostgreSQL would store it; null where either is unknown. */
export function placedBound({ step, options }: StepContext, placement: Placement): PlacedBound | null {
  const parent = findRelation(step.before, placement.parent);
  if (parent === null || parent.partitioning === null) return null;
  const reading = readBound(placement.bound, parent.partitioning.key, {
    catalog: step.before,
    version: options.version,
  });
  if (reading.kind !== "bound" || reading.bound.kind === "unknown") return null;
  return { parent, partitioning: parent.partitioning, bound: reading.bound };
}

/** `('2024-01-01', MINVALUE)` */
export function printPoint(point: readonly RangeDatum[], key: PartitionKey, catalog: Catalog): string {
  return `(${point.map((datum, index) => printDatum(datum, index, key, catalog)).join(", ")})`;
}

/** A value of a list bound; `NULL` for null. */
export function printListValue(value: Value | null, key: PartitionKey, catalog: Catalog): string {
  return value === null ? "NULL" : printValueOf(value, 0, key, catalog);
}

function printDatum(datum: RangeDatum, index: number, key: PartitionKey, catalog: Catalog): string {
  return datum.kind === "value" ? printValueOf(datum.value, index, key, catalog) : datum.kind.toUpperCase();
}

function printValueOf(value: Value, index: number, key: PartitionKey, catalog: Catalog): string {
  const type = key.elements[index]?.type;
  return type === null || type === undefined ? "?" : printBoundValue(value, type, catalog.settings);
}
