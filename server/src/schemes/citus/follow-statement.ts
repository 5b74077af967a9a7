/** What Citus does after PostgreSQL has run a statement of DDL: new partitions are distributed, new keys checked, schemas followed. */

import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { AlterTable, CreateTable, PlacedStatement, Rename } from "../../syntax/statement.ts";
import { unsupportedConstraint } from "./constraints.ts";
import { type Change, changed, continued, createCitusTable, refused, targetOfPartitions } from "./distribute.ts";
import { internalError, notSupported } from "./fault.ts";
import { groupById } from "./groups.ts";
import { automaticNeighbours, makeLocal, releaseLocalTables, tieLocalTables } from "./local-tables.ts";
import {
  cannotJoin,
  groupOfSchema,
  unfitKeys,
  withDistributedSchema,
  withoutDistributedSchema,
  withTenantTable,
} from "./schemas.ts";
import { managesNewTables, shardsSchemas } from "./settings.ts";
import { foreignKeysOf, isCitusLocal, isDistributed, isReference, parentOfPartition, withShards } from "./tables.ts";

/** The catalog after what Citus does besides, or its refusal of the whole statement. */
export function followStatement(before: Catalog, after: Catalog, { statement }: PlacedStatement): Change {
  switch (statement.kind) {
    case "create-table":
      return followCreate(before, after, statement);
    case "create-table-as":
      return statement.materializedView ? changed(after) : joinSchema(after, madeBy(before, after, statement.name));
    case "alter-table":
      return followAlter(before, after, statement);
    case "create-trigger": {
      const table = findRelation(after, statement.relation);
      const isFine = table === null || table.shards === undefined || isCitusLocal(table);
      return isFine ? changed(after) : refused(internalError("triggers are not supported on distributed tables"));
    }
    case "create-schema": {
      const { name } = statement.name;
      const isNew = !before.schemas.has(name) && after.schemas.has(name);
      return changed(isNew && shardsSchemas(before) ? withDistributedSchema(after, name) : after);
    }
    case "rename":
      return changed(followRename(after, statement));
    case "set-schema":
      return followSetSchema(before, after, findRelation(before, statement.relation));
    case "drop":
      return changed(followDrop(before, after, statement.objectType === "schema" ? statement.names : []));
    default:
      return changed(after);
  }
}

/** The relation that the statement has made; null where it was there already, or is not known. */
function madeBy(before: Catalog, after: Catalog, name: CreateTable["name"]): Relation | null {
  const made = findRelation(after, name);
  return made === null || relationById(before, made.id) !== null || made.knowledge !== "full" ? null : made;
}

function followCreate(before: Catalog, after: Catalog, statement: CreateTable): Change {
  const table = madeBy(before, after, statement.name);
  if (table === null || table.persistence === "temporary") return changed(after);
  const parent = parentOfPartition(after, table);
  if (parent?.shards !== undefined) return addPartition(after, parent, table);
  const ancestor = table.inherits.find((id) => relationById(after, id)?.shards !== undefined);
  if (groupOfSchema(after, table.schema) !== null) {
    if (statement.ofType !== null)
      return refused(notSupported("cannot create tables in a distributed schema using CREATE TABLE OF syntax"));
    return joinSchema(after, table);
  }
  if (ancestor !== undefined)
    return refused(
      relationById(after, ancestor)?.shards?.kind === "schema"
        ? internalError("tables in a distributed schema cannot inherit or be inherited")
        : internalError("non-distributed tables cannot inherit distributed tables"),
    );
  const managed = managesNewTables(after) && parent === null ? makeLocal(after, [table], false) : changed(after);
  return continued(managed, (catalog) => tie(catalog, table));
}

/** A table whose foreign keys refer to tables that Citus knows whole becomes a local one itself. */
function tie(catalog: Catalog, { id }: Relation): Change {
  const table = relationById(catalog, id);
  if (table === null || table.shards !== undefined) return changed(catalog);
  const isTied = foreignKeysOf(catalog, table).some(
    ({ referenced }) => isReference(referenced) || isCitusLocal(referenced),
  );
  return isTied ? tieLocalTables(catalog, [table]) : changed(catalog);
}

function joinSchema(catalog: Catalog, table: Relation | null): Change {
  if (table === null || table.persistence === "temporary") return changed(catalog);
  if (groupOfSchema(catalog, table.schema) === null) return changed(catalog);
  const unfit = cannotJoin(catalog, table);
  if (unfit !== null) return refused(unfit);
  const next = withTenantTable(catalog, table, table.schema);
  const keys = unfitKeys(next, relationById(next, table.id) ?? table);
  return keys === null ? changed(next) : refused(keys);
}

/** A partition of a table of Citus is made one itself. */
function addPartition(catalog: Catalog, parent: Relation, partition: Relation): Change {
  if (partition.shards !== undefined && !isCitusLocal(partition)) return changed(catalog);
  if (parent.shards?.kind === "schema") return joinSchema(catalog, partition);
  if (isCitusLocal(parent)) {
    return changed(withShards(catalog, partition.id, parent.shards));
  }
  const target = targetOfPartitions(parent);
  return target === null ? changed(catalog) : createCitusTable(catalog, partition, target);
}

function followAlter(before: Catalog, after: Catalog, statement: AlterTable): Change {
  const table = findRelation(after, statement.relation);
  if (table === null || table.knowledge !== "full" || table.index !== null) return changed(after);
  let change: Change = changed(after);
  for (const action of statement.actions) {
    switch (action.kind) {
      case "attach-partition":
        change = continued(change, (catalog) => attach(catalog, table, findRelation(catalog, action.partition)));
        break;
      case "add-constraint":
        change = continued(change, (catalog) => followConstraint(catalog, table));
        break;
      case "add-column":
        if (action.column.constraints.some(({ type }) => keyTypes.has(type)))
          change = continued(change, (catalog) => followConstraint(catalog, table));
        break;
      case "drop-constraint":
      case "drop-column": {
        const was = relationById(before, table.id);
        const loosened = was === null ? [] : automaticNeighbours(before, was);
        change = continued(change, (catalog) => changed(releaseLocalTables(catalog, loosened)));
        break;
      }
    }
  }
  return change;
}

const keyTypes: ReadonlySet<string> = new Set(["primary-key", "unique", "foreign-key", "exclude"]);

function attach(catalog: Catalog, parent: Relation, partition: Relation | null): Change {
  if (partition === null || parent.shards === undefined) return changed(catalog);
  return addPartition(catalog, parent, partition);
}

/** A new foreign key takes plain tables along where it ties them to whole ones; then all keys of the table are looked at. */
function followConstraint(catalog: Catalog, { id }: Relation): Change {
  const table = relationById(catalog, id);
  if (table === null) return changed(catalog);
  if (table.shards === undefined) return tie(catalog, table);
  const isWhole = isReference(table) || isCitusLocal(table);
  const plain = foreignKeysOf(catalog, table)
    .map(({ referenced }) => referenced)
    .filter(({ shards }) => shards === undefined);
  const tied = isWhole && plain.length > 0 ? tieLocalTables(catalog, plain) : changed(catalog);
  return continued(tied, (next) => {
    const now = relationById(next, id);
    if (now?.shards === undefined) return changed(next);
    const replication = isDistributed(now) ? (groupById(next, now.shards.colocation)?.replication ?? 1) : 1;
    const fault =
      now.shards.kind === "schema" ? unfitKeys(next, now) : unsupportedConstraint(next, now, now.shards, replication);
    return fault === null ? changed(next) : refused(fault);
  });
}

function followRename(catalog: Catalog, statement: Rename): Catalog {
  const { sharded } = catalog;
  const group = statement.objectType === "schema" ? sharded?.schemas.get(statement.relation.name) : undefined;
  if (sharded === undefined || group === undefined || catalog.schemas.has(statement.relation.name)) return catalog;
  const schemas = sharded.schemas.without(statement.relation.name).with(statement.newName.name, group, true);
  return { ...catalog, sharded: { ...sharded, schemas } };
}

/** A table that moves into a distributed schema, or out of one. */
function followSetSchema(before: Catalog, after: Catalog, was: Relation | null): Change {
  const table = was === null ? null : relationById(after, was.id);
  if (was === null || table === null || table.schema === was.schema || table.partitionOf !== null)
    return changed(after);
  const [from, to] = [was, table].map(({ schema }) => groupOfSchema(before, schema));
  if (from === null && to === null) return changed(after);
  const isTenant = table.shards?.kind === "schema";
  const plain = isTenant || isCitusLocal(table) ? withShards(after, table.id, undefined) : after;
  const moved = relationById(plain, table.id) ?? table;
  if (to !== null) return joinSchema(plain, moved);
  return tie(plain, moved);
}

function followDrop(before: Catalog, after: Catalog, schemas: readonly { readonly name: string }[]): Catalog {
  let next = after;
  for (const { name } of schemas) if (!next.schemas.has(name)) next = withoutDistributedSchema(next, name);
  const automatic = tiedBefore(before, next);
  return automatic.length === 0 ? next : releaseLocalTables(next, automatic);
}

/** The local tables that Citus made itself and that a table tied which is gone. */
function tiedBefore(before: Catalog, after: Catalog): readonly number[] {
  const gone = before.relations.changedFrom(after.relations).filter(({ id }) => relationById(after, id) === null);
  return gone.filter(isReference).flatMap((table) => automaticNeighbours(before, table));
}
