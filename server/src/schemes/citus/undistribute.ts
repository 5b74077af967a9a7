/** undistribute_table: a table becomes one of PostgreSQL alone again. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type Change, changed, refused } from "./distribute.ts";
import { type Fault, internalError } from "./fault.ts";
import { automaticNeighbours, releaseLocalTables } from "./local-tables.ts";
import {
  connectedTables,
  foreignKeysOf,
  foreignKeysTo,
  parentOfPartition,
  partitionsOf,
  withShards,
} from "./tables.ts";

/** Applies undistribute_table, also to all tables that foreign keys connect with it where `cascade` says so. */
export function undistribute(catalog: Catalog, table: Relation, cascade: boolean): Change {
  const unfit = cannotUndistribute(catalog, table, cascade);
  if (unfit !== null) return refused(unfit);
  const isTied = tiesOf(catalog, table) !== null;
  const tables = cascade && isTied ? connectedTables(catalog, table) : [table];
  const loosened = automaticNeighbours(catalog, table);
  let next = catalog;
  for (const each of tables) {
    if (each.partitionOf !== null && each.id !== table.id) continue;
    next = asPlain(next, each);
  }
  return changed(releaseLocalTables(next, loosened));
}

/** The table and its partitions, none of which Citus knows any more. */
export function asPlain(catalog: Catalog, table: Relation): Catalog {
  let next = catalog;
  for (const each of [table, ...partitionsOf(catalog, table)]) {
    if (relationById(next, each.id)?.shards !== undefined) next = withShards(next, each.id, undefined);
  }
  return next;
}

function cannotUndistribute(catalog: Catalog, table: Relation, cascade: boolean): Fault | null {
  if (table.shards === undefined)
    return internalError("cannot undistribute table because the table is not distributed");
  const tenant = notAllowedInSchema(table, "undistribute_table");
  if (tenant !== null) return tenant;
  const tie = cascade ? null : tiesOf(catalog, table);
  if (tie !== null) {
    const name = `${table.schema}.${table.name}`;
    return internalError(`cannot complete operation because table ${table.name} ${tie}`, {
      hint: `Use cascade option to undistribute all the relations involved in a foreign key relationship with ${name} by executing SELECT undistribute_table($$${name}$$, cascade_via_foreign_keys=>true)`,
    });
  }
  return isPartitionOfAnother(catalog, table);
}

/** What is said of the table's foreign keys; null where it has none to or from another table. */
export function tiesOf(
  catalog: Catalog,
  table: Relation,
): "has a foreign key" | "is referenced by a foreign key" | null {
  const own = foreignKeysOf(catalog, table).some(({ referenced }) => referenced.id !== table.id);
  if (own) return "has a foreign key";
  return foreignKeysTo(catalog, table).length > 0 ? "is referenced by a foreign key" : null;
}

/** `ErrorIfTenantTable` */
export function notAllowedInSchema({ shards, schema, name }: Relation, operation: string): Fault | null {
  if (shards?.kind !== "schema") return null;
  return internalError(`${schema}.${name} is not allowed for ${operation} because it belongs to a distributed schema`);
}

/** `EnsureTableNotPartition` */
export function isPartitionOfAnother(catalog: Catalog, table: Relation): Fault | null {
  const parent = parentOfPartition(catalog, table);
  if (parent === null) return null;
  return internalError("cannot complete operation because table is a partition", {
    hint: `the parent table is "${parent.name}"`,
  });
}
