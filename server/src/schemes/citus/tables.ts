/** What Citus asks of tables: of which kind they are, how they are called, and which foreign keys tie them together. */

import { type Catalog, dependentsOf, relationById, withRelation } from "../../catalog/catalog.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { nothingSharded, type Shards } from "../../catalog/shards.ts";
import { quoteIdentifier } from "../../syntax/names.ts";

/** A table that Citus divides: no reference table, no table of the coordinator alone. */
export function isDistributed({ shards }: Relation): boolean {
  return shards?.kind === "distributed" || shards?.kind === "schema";
}

export function isReference({ shards }: Relation): boolean {
  return shards?.kind === "reference";
}

/** A table of the coordinator that Citus knows. */
export function isCitusLocal({ shards }: Relation): boolean {
  return shards?.kind === "local";
}

/** One shard for all rows: `create_distributed_table('t', NULL)`, and the tables of distributed schemas. */
export function isSingleShard(relation: Relation): boolean {
  return isDistributed(relation) && relation.shards?.method === "none";
}

export function isPartitioned({ kind }: Relation): boolean {
  return kind === "partitioned-table";
}

/** As `generate_qualified_relation_name` spells it. */
export function qualifiedName({ schema, name }: Relation): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

export function parentOfPartition(catalog: Catalog, { partitionOf }: Relation): Relation | null {
  return partitionOf === null ? null : relationById(catalog, partitionOf.parent);
}

/** The partitions of a table in the order in which they were made. */
export function partitionsOf(catalog: Catalog, { partitioning }: Relation): readonly Relation[] {
  const ids = [...(partitioning?.partitions.all.keys() ?? [])];
  return ids.flatMap((id) => relationById(catalog, id) ?? []);
}

/** The relation with other shards, or with none. */
export function withShards(catalog: Catalog, id: RelationId, shards: Shards | undefined): Catalog {
  const relation = relationById(catalog, id);
  if (relation === null) return catalog;
  const { shards: _before, ...plain } = relation;
  if (shards === undefined) return withRelation(catalog, plain);
  // That anything is kept shows that Citus is there, also where no table is in a group.
  return withRelation({ ...catalog, sharded: catalog.sharded ?? nothingSharded }, { ...plain, shards });
}

export interface ForeignKey {
  readonly constraint: TableConstraint;
  readonly referencing: Relation;
  readonly referenced: Relation;
}

/** The table's own foreign keys. */
export function foreignKeysOf(catalog: Catalog, referencing: Relation): readonly ForeignKey[] {
  return referencing.constraints.flatMap((constraint) => {
    const target = constraint.references === null ? null : relationById(catalog, constraint.references.relation);
    return target === null ? [] : [{ constraint, referencing, referenced: target }];
  });
}

/** The foreign keys of other tables that refer to it. */
export function foreignKeysTo(catalog: Catalog, referenced: Relation): readonly ForeignKey[] {
  return dependentsOf(catalog, referenced.id).flatMap((id) => {
    const referencing = relationById(catalog, id);
    if (referencing === null || id === referenced.id) return [];
    return foreignKeysOf(catalog, referencing).filter((key) => key.referenced.id === referenced.id);
  });
}

/** More tables than these are not gone through. */
const connectedLimit = 10_000;

/** All tables that foreign keys connect with it, in either direction, itself among them; ascending by age. */
export function connectedTables(catalog: Catalog, start: Relation): readonly Relation[] {
  const found = new Map<RelationId, Relation>([[start.id, start]]);
  const waiting = [start];
  for (let next = waiting.pop(); next !== undefined && found.size < connectedLimit; next = waiting.pop()) {
    const neighbours = [
      ...foreignKeysOf(catalog, next).map(({ referenced }) => referenced),
      ...foreignKeysTo(catalog, next).map(({ referencing }) => referencing),
    ];
    for (const table of neighbours) {
      if (found.has(table.id)) continue;
      found.set(table.id, table);
      waiting.push(table);
    }
  }
  return [...found.values()].sort((a, b) => a.id - b.id);
}
