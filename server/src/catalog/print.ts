/** Keys and bounds as PostgreSQL prints them, and a readable dump of a whole catalog. */

import { quoteIdentifier } from "../syntax/names.ts";
import { type Catalog, relationById, type SessionSettings } from "./catalog.ts";
import { isPartitioned, schemeOf } from "./layout.ts";
import { partitionsInBoundOrder } from "./partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "./partitioning.ts";
import type { Column, Relation, RelationId } from "./relation.ts";
import { shardCountOf } from "./shards.ts";
import type { Value } from "./value.ts";
import { printBoundValue } from "./values/print.ts";
import { formatType } from "./values/types.ts";

/** As `pg_get_partkeydef` prints it: `RANGE (a, lower(b) COLLATE "C")`. */
export function printPartitionKey(key: PartitionKey): string {
  const elements = key.elements.map((element) => {
    const collation = element.printedCollation === null ? "" : ` COLLATE ${quoteIdentifier(element.printedCollation)}`;
    const operatorClass = element.operatorClass === null ? "" : ` ${quoteIdentifier(element.operatorClass)}`;
    return `${element.text}${collation}${operatorClass}`;
  });
  return `${key.strategy.toUpperCase()} (${elements.join(", ")})`;
}

/** As `pg_get_expr(relpartbound, oid)` prints it: `FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)`, `DEFAULT`. */
export function printBound(bound: Bound, key: PartitionKey, settings: SessionSettings): string {
  switch (bound.kind) {
    case "default":
      return "DEFAULT";
    case "hash":
      return `FOR VALUES WITH (modulus ${bound.modulus}, remainder ${bound.remainder})`;
    case "list": {
      const values = bound.values.map((value) => printKeyValue(value, key, 0, settings));
      return `FOR VALUES IN (${values.join(", ")})`;
    }
    case "range":
      return `FOR VALUES FROM ${printPoint(bound.lower, key, settings)} TO ${printPoint(bound.upper, key, settings)}`;
    case "unknown":
      return "";
  }
}

/** One end of a range in its parentheses, as `get_range_partbound_string` prints it: `('a', MINVALUE)`. */
export function printPoint(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return `(${point.map((datum, index) => printBoundDatum(datum, key, index, settings)).join(", ")})`;
}

/** One value of a range's end: `MINVALUE`, `MAXVALUE`, or the constant in quotes where PostgreSQL quotes it. */
export function printBoundDatum(
  datum: RangeDatum,
  key: PartitionKey,
  column: number,
  settings: SessionSettings,
): string {
  return datum.kind === "value" ? printKeyValue(datum.value, key, column, settings) : datum.kind.toUpperCase();
}

/** All relations with their columns, keys, bounds and constraints, partitions under their parents, in creation order. */
export function printCatalog(catalog: Catalog): string {
  const lines: string[] = [];
  const settings = catalog.settings;
  lines.push(`search_path ${settings.searchPath.join(", ")}; TimeZone ${settings.timeZone}`);
  if (catalog.tainted) lines.push("tainted: something ran that could not be read");
  for (const relation of catalog.relations.values()) {
    if (relation.partitionOf === null) printRelation(catalog, relation, 0, lines);
  }
  for (const [name, type] of catalog.types.entries()) {
    const labels = type.kind === "enum" ? ` (${type.labels.join(", ")})` : "";
    lines.push(`type ${name.replace("\0", ".")}: ${type.kind}${labels}`);
  }
  return `${lines.join("\n")}\n`;
}

function printKeyValue(value: Value | null, key: PartitionKey, column: number, settings: SessionSettings): string {
  if (value === null) return "NULL";
  const type = key.elements[column]?.type ?? { kind: "unknown", schema: null, name: "unknown" };
  return printBoundValue(value, type, settings);
}

function printRelation(catalog: Catalog, relation: Relation, depth: number, lines: string[]): void {
  const indent = "  ".repeat(depth);
  lines.push(`${indent}${headOf(catalog, relation)}`);
  for (const column of relation.columns) lines.push(`${indent}    ${columnText(column)}`);
  for (const constraint of relation.constraints) {
    lines.push(`${indent}    ${constraint.type} ${constraint.name}: ${constraint.text}`);
  }
  if (!isPartitioned(relation)) return;
  for (const id of partitionsInBoundOrder(relation.partitioning.partitions)) {
    const partition = relationById(catalog, id);
    if (partition !== null) printRelation(catalog, partition, depth + 1, lines);
  }
}

function headOf(catalog: Catalog, relation: Relation): string {
  const words = [`${relation.schema}.${relation.name}`, relation.kind];
  if (relation.knowledge !== "full") words.push(`(${relation.knowledge})`);
  if (relation.persistence !== "permanent") words.push(relation.persistence);
  const scheme = schemeOf(catalog, relation);
  if (scheme !== "declarative") words.push(scheme);
  if (isPartitioned(relation)) words.push(`PARTITION BY ${printPartitionKey(relation.partitioning.key)}`);
  const parent = relation.partitionOf === null ? null : relationById(catalog, relation.partitionOf.parent);
  if (relation.partitionOf !== null && parent !== null && isPartitioned(parent)) {
    words.push(printBound(relation.partitionOf.bound, parent.partitioning.key, catalog.settings));
    if (relation.partitionOf.detachPending) words.push("(detach pending)");
  }
  const { shards } = relation;
  if (shards !== undefined)
    words.push(
      `${shards.kind} ${shards.column ?? ""} group ${shards.colocation} of ${shardCountOf(catalog.sharded, shards)} shards`,
    );
  if (relation.inherits.length > 0) words.push(`INHERITS (${namesOf(catalog, relation.inherits)})`);
  return words.join(" ");
}

function namesOf(catalog: Catalog, ids: readonly RelationId[]): string {
  return ids.map((id) => relationById(catalog, id)?.name ?? "?").join(", ");
}

function columnText(column: Column): string {
  const words = [column.name, formatType(column.type)];
  if (column.notNull) words.push("not null");
  if (column.collation !== null && column.collation !== "default") words.push(`collate ${column.collation}`);
  if (column.generated !== null) words.push(`generated ${column.generated}`);
  if (column.identity !== null) words.push(`identity ${column.identity}`);
  if (column.hasDefault) words.push("default");
  if (column.inheritedFrom > 0) words.push(column.local ? "inherited and local" : "inherited");
  return words.join(" ");
}
