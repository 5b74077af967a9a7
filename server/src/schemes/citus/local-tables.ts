/** Tables of the coordinator that Citus knows: made by request or along with a foreign key, and given back with the last of those. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Shards } from "../../catalog/shards.ts";
import { unsupportedConstraint } from "./constraints.ts";
import { alreadyDistributed, type Change, changed, refused } from "./distribute.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { tiesLocalTables } from "./settings.ts";
import {
  connectedTables,
  foreignKeysOf,
  foreignKeysTo,
  isCitusLocal,
  isReference,
  parentOfPartition,
  partitionsOf,
  withShards,
} from "./tables.ts";

const localShards: Shards = { kind: "local", method: "none", column: null, colocation: 0 };

/** `citus_add_local_table_to_metadata` */
export function addLocalTable(catalog: Catalog, table: Relation, cascade: boolean): Change {
  if (isCitusLocal(table)) {
    const asked = cascade ? connectedTables(catalog, table).filter(isCitusLocal) : [table];
    return changed(asked.reduce((next, { id }) => withShards(next, id, localShards), catalog));
  }
  const unfit = cannotBeLocal(catalog, table);
  if (unfit !== null) return refused(unfit);
  const isTied = foreignKeysOf(catalog, table).length > 0 || foreignKeysTo(catalog, table).length > 0;
  if (isTied && !cascade) {
    const name = `${table.schema}.${table.name}`;
    return refused(
      notSupported(`relation ${name} is involved in a foreign key relationship with another table`, {
        hint: `Use cascade_via_foreign_keys option to add all the relations involved in a foreign key relationship with ${name} to citus metadata by executing SELECT citus_add_local_table_to_metadata($$${name}$$, cascade_via_foreign_keys=>true)`,
      }),
    );
  }
  return makeLocal(catalog, isTied ? connectedTables(catalog, table) : [table], false);
}

function cannotBeLocal(catalog: Catalog, table: Relation): Fault | null {
  const { name, kind } = table;
  if (table.shards !== undefined) return alreadyDistributed(table);
  const isTable = kind === "table" || kind === "partitioned-table" || kind === "foreign-table";
  const inherits = table.partitionOf === null && (table.inherits.length > 0 || table.children.size > 0);
  if (!isTable || inherits) {
    return notSupported(
      `cannot add local table "${name}" to metadata, only regular tables, partitioned tables and foreign tables can be added to citus metadata `,
    );
  }
  if (table.persistence === "temporary")
    return notSupported("constraints on temporary tables may reference only temporary tables");
  const parent = parentOfPartition(catalog, table);
  if (parent === null) return null;
  return internalError(`cannot add local table ${name} to metadata since it is a partition of ${parent.name}`, {
    hint: `Instead, add the parent table "${parent.name}" to metadata.`,
  });
}

/** Makes those of the tables that Citus does not know local ones, with their partitions. */
export function makeLocal(catalog: Catalog, tables: readonly Relation[], automatic: boolean): Change {
  const shards: Shards = automatic ? { ...localShards, automatic: true } : localShards;
  let next = catalog;
  const made: RelationId[] = [];
  for (const { id } of tables) {
    const table = relationById(next, id);
    if (table === null || table.shards !== undefined || table.partitionOf !== null) continue;
    const unfit = cannotBeLocal(next, table);
    if (unfit !== null) return refused(unfit);
    for (const each of [table, ...partitionsOf(next, table)]) {
      next = withShards(next, each.id, shards);
      made.push(each.id);
    }
  }
  for (const id of made) {
    const table = relationById(next, id);
    const fault = table === null ? null : unsupportedConstraint(next, table, shards, 1);
    if (fault !== null) return refused(fault);
  }
  return changed(next);
}

/**
 * `ConvertPostgresLocalTablesToCitusLocalTables`: a foreign key between these tables, some of which Citus knows as whole tables,
 * takes the others along with all that are tied to them.
 */
export function tieLocalTables(catalog: Catalog, tables: readonly Relation[]): Change {
  if (!tiesLocalTables(catalog)) return changed(catalog);
  let next = catalog;
  for (const table of tables) {
    if (relationById(next, table.id)?.shards !== undefined) continue;
    const made = makeLocal(next, connectedTables(next, table), true);
    if (made.kind === "refused") return made;
    next = made.catalog;
  }
  return changed(next);
}

/** `UndistributeDisconnectedCitusLocalTables`: local tables that Citus made itself go back when no reference table ties them any more. */
export function releaseLocalTables(catalog: Catalog, candidates: readonly RelationId[]): Catalog {
  if (!tiesLocalTables(catalog)) return catalog;
  let next = catalog;
  for (const id of candidates) {
    const table = relationById(next, id);
    if (table?.shards?.automatic !== true || table.partitionOf !== null) continue;
    const connected = connectedTables(next, table);
    if (connected.some(isReference)) continue;
    for (const each of connected) {
      if (each.shards?.automatic !== true) continue;
      for (const part of [each, ...partitionsOf(next, each)]) next = withShards(next, part.id, undefined);
    }
  }
  return next;
}

/** The local tables that Citus made itself, among those that foreign keys connect with a table. */
export function automaticNeighbours(catalog: Catalog, table: Relation): readonly RelationId[] {
  return connectedTables(catalog, table)
    .filter(({ shards }) => shards?.automatic === true)
    .map(({ id }) => id);
}
