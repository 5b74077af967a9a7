/** Schema-based sharding: the tables of a distributed schema lie together, each with one shard. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Shards } from "../../catalog/shards.ts";
import { unsupportedConstraint } from "./constraints.ts";
import { type Change, changed, refused, unsupportedTable } from "./distribute.ts";
import { type Fault, internalError } from "./fault.ts";
import { shardedOf, withNewGroup } from "./groups.ts";
import { tieLocalTables } from "./local-tables.ts";
import {
  foreignKeysOf,
  foreignKeysTo,
  isCitusLocal,
  isDistributed,
  isReference,
  parentOfPartition,
  withShards,
} from "./tables.ts";
import { asPlain } from "./undistribute.ts";

/** The group of a distributed schema; null for any other. */
export function groupOfSchema(catalog: Catalog, schema: string): number | null {
  return catalog.sharded?.schemas.get(schema) ?? null;
}

/** The schema with a group of its own. */
export function withDistributedSchema(catalog: Catalog, schema: string): Catalog {
  const shape = { kind: "schema", shardCount: 1, replication: 1, type: null, collation: null } as const;
  const made = withNewGroup(catalog, shape);
  const sharded = shardedOf(made.catalog);
  return { ...made.catalog, sharded: { ...sharded, schemas: sharded.schemas.with(schema, made.group.id, true) } };
}

/** The schema as any other again; its tables are none of its business. */
export function withoutDistributedSchema(catalog: Catalog, schema: string): Catalog {
  const { sharded } = catalog;
  const group = sharded?.schemas.get(schema);
  if (sharded === undefined || group === undefined) return catalog;
  return {
    ...catalog,
    sharded: { ...sharded, schemas: sharded.schemas.without(schema), groups: sharded.groups.without(group) },
  };
}

/** `citus_schema_distribute` */
export function distributeSchema(catalog: Catalog, schema: string): Change {
  if (systemSchema.test(schema) || schema === "public")
    return refused(internalError(`${schema} schema cannot be distributed`));
  if (groupOfSchema(catalog, schema) !== null) return changed(catalog);
  const tables = tablesIn(catalog, schema);
  let next = catalog;
  for (const table of tables.filter(isCitusLocal)) next = asPlain(next, table);
  const made = withDistributedSchema(next, schema);
  return addTables(made, tables, schema);
}

const systemSchema = /^(?:pg_|information_schema$|citus|columnar)/;

function addTables(catalog: Catalog, tables: readonly Relation[], schema: string): Change {
  let next = catalog;
  for (const { id } of tables) {
    const table = relationById(next, id);
    if (table === null) continue;
    const unfit = cannotJoin(next, table);
    if (unfit !== null) return refused(unfit);
    next = withTenantTable(next, table, schema);
  }
  for (const { id } of tables) {
    const table = relationById(next, id);
    const fault = table === null ? null : unfitKeys(next, table);
    if (fault !== null) return refused(fault);
  }
  return changed(next);
}

/** The table as one of its distributed schema. */
export function withTenantTable(catalog: Catalog, table: Relation, schema: string): Catalog {
  const shards: Shards = {
    kind: "schema",
    method: "none",
    column: null,
    colocation: groupOfSchema(catalog, schema) ?? 0,
  };
  return withShards(catalog, table.id, shards);
}

/** What keeps a table out of a distributed schema, besides its foreign keys. */
export function cannotJoin(catalog: Catalog, table: Relation): Fault | null {
  if (isDistributed(table)) {
    return internalError("distributed schema cannot have distributed tables", {
      hint: "Undistribute distributed tables under 'citus_schema_distribute()'.",
    });
  }
  if (isReference(table)) {
    return internalError("distributed schema cannot have distributed tables", {
      hint: "Undistribute distributed tables under 'citus_schema_distribute()'.",
    });
  }
  if (table.partitionOf === null && (table.inherits.length > 0 || table.children.size > 0))
    return internalError("tables in a distributed schema cannot inherit or be inherited");
  const parent = parentOfPartition(catalog, table);
  if (parent !== null && parent.schema !== table.schema)
    return internalError("partitioning with tables in different schemas is not supported in distributed schemas");
  return unsupportedTable(table);
}

/** Foreign keys to the own schema and to reference tables only. */
export function unfitKeys(catalog: Catalog, table: Relation): Fault | null {
  for (const { referenced, constraint } of foreignKeysOf(catalog, table)) {
    if (referenced.schema === table.schema || isReference(referenced)) continue;
    return foreignKeyAway(table, referenced, constraint.name);
  }
  for (const { referencing, constraint } of foreignKeysTo(catalog, table)) {
    if (referencing.schema === table.schema) continue;
    return foreignKeyAway(referencing, table, constraint.name);
  }
  return table.shards === undefined ? null : unsupportedConstraint(catalog, table, table.shards, 1);
}

function foreignKeyAway(referencing: Relation, referenced: Relation, constraint: string): Fault {
  return internalError(
    "foreign keys from distributed schemas can only point to the same distributed schema or reference tables in regular schemas",
    {
      detail: `"${referencing.schema}.${referencing.name}" references "${referenced.schema}.${referenced.name}" via foreign key constraint "${constraint}"`,
    },
  );
}

/** `citus_schema_undistribute`: tables with foreign keys to reference tables stay known to Citus, as local ones. */
export function undistributeSchema(catalog: Catalog, schema: string): Change {
  const group = groupOfSchema(catalog, schema);
  if (group === null) return refused(internalError(`schema ${schema} is not distributed`));
  const tables = tablesIn(catalog, schema).filter(({ shards }) => shards?.colocation === group);
  let next = catalog;
  for (const table of tables) next = withShards(next, table.id, undefined);
  next = withoutDistributedSchema(next, schema);
  const tied = tables.filter((table) => foreignKeysOf(next, table).some(({ referenced }) => isReference(referenced)));
  return tieLocalTables(next, tied);
}

/** The tables in a schema, by age. */
export function tablesIn(catalog: Catalog, schema: string): readonly Relation[] {
  const isTable = ({ kind }: Relation): boolean =>
    kind === "table" || kind === "partitioned-table" || kind === "foreign-table";
  return [...catalog.relations.values()].filter((relation) => relation.schema === schema && isTable(relation));
}
