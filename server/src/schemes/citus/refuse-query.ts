/** Queries that Citus' planner certainly refuses, whatever the rows and the nodes are. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import { mostRowsFollowed, readRows } from "../../effects/queries/insert-rows.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { DeleteQuery, FromItem, InsertQuery, Query, UpdateQuery } from "../../syntax/query.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { readItems } from "./joined-tables.ts";
import { conjunctsOf, isColumnNamed, isSameConstant } from "./query-conditions.ts";
import { refuseJoins } from "./refuse-joins.ts";
import { refuseMerge } from "./refuse-merge.ts";
import { isDistributed } from "./tables.ts";

/** The planner's refusal of a query that PostgreSQL itself has accepted; null where there is none for sure. */
export function refuseQuery(catalog: Catalog, query: Query, context: ApplyContext): Fault | null {
  for (const { query: inner } of query.with) {
    const fault = refuseQuery(catalog, inner, context) ?? refuseEmptyChange(catalog, inner, context);
    if (fault !== null) return fault;
  }
  switch (query.kind) {
    case "insert":
      return refuseInsert(catalog, query, context);
    case "update":
      return refuseUpdate(catalog, query) ?? refuseJoins(catalog, query, context);
    case "merge":
      return refuseMerge(catalog, query, context);
    default:
      return refuseJoins(catalog, query, context);
  }
}

/** A common table expression that changes rows of no shard: Citus looks for the shard all the same. */
function refuseEmptyChange(catalog: Catalog, query: Query, context: ApplyContext): Fault | null {
  if (query.kind !== "update" && query.kind !== "delete") return null;
  const joined = readItems(catalog, [targetItem(query)], query.where, context);
  const [member] = joined?.members ?? [];
  const others = query.kind === "update" ? query.from : query.using;
  if (joined === null || member === undefined || others.length > 0 || !isDistributed(member.table)) return null;
  const { method } = member.table.shards ?? {};
  const pinned = method === "hash" ? joined.pins(member) : "unknown";
  const isEmpty = (method === "range" && !catalog.tainted) || (typeof pinned !== "string" && pinned.size === 0);
  return isEmpty ? internalError("could not find valid entry for shard 0") : null;
}

function targetItem({ target, alias, range }: UpdateQuery | DeleteQuery): FromItem {
  return { kind: "relation", relation: target, alias, columnAliases: [], range };
}

function tableNamed(catalog: Catalog, name: InsertQuery["target"]): Relation | null {
  const table = findRelation(catalog, name);
  return table === null || table.knowledge !== "full" ? null : table;
}

/** Each row needs a value of the distribution column. */
function refuseInsert(catalog: Catalog, insert: InsertQuery, context: ApplyContext): Fault | null {
  const table = tableNamed(catalog, insert.target);
  const column = table?.shards?.column ?? null;
  if (table === null || column === null || !isDistributed(table) || table.rules.length > 0) return null;
  const conflict = insert.onConflict?.assignments ?? [];
  if (conflict.some(({ column: set, value }) => set.name === column && !isColumnNamed(value, column)))
    return changesDistributionColumn();
  const rows = readRows(catalog, insert, table, context, mostRowsFollowed);
  if (rows.kind !== "rows") return null;
  if (table.shards?.method !== "hash") return table.shards?.method === "none" ? null : withoutShards(catalog, table);
  const isGiven = insert.columns.length === 0 || insert.columns.some(({ name }) => name === column);
  const own = columnNamed(table, column);
  if (own === null || own.generated !== null || own.identity !== null) return null;
  for (const { values } of rows.rows) {
    if (values.get(column) !== null) continue;
    const message =
      isGiven || own.hasDefault
        ? "cannot perform an INSERT with NULL in the partition column"
        : "cannot perform an INSERT without a partition column value";
    return { sqlstate: "22004", message };
  }
  return null;
}

/** A table distributed by append or range gets its shards by other calls, which nothing here makes. */
function withoutShards(catalog: Catalog, { name }: Relation): Fault | null {
  if (catalog.tainted) return null;
  return {
    sqlstate: "55000",
    message: "could not find any shards",
    detail: `No shards exist for distributed table "${name}".`,
    hint: "Run master_create_worker_shards to create shards and try again.",
  };
}

function changesDistributionColumn(): Fault {
  return notSupported("modifying the partition value of rows is not allowed");
}

/** `TargetEntryChangesValue`: to itself, or to what the condition says that it is. */
function refuseUpdate(catalog: Catalog, update: UpdateQuery): Fault | null {
  const table = tableNamed(catalog, update.target);
  const column = table?.shards?.column ?? null;
  if (table === null || column === null || !isDistributed(table)) return null;
  const change = update.assignments.find((assignment) => assignment.column.name === column);
  if (change === undefined || isColumnNamed(change.value, column)) return null;
  const { value } = change;
  if (value === null) return null;
  if (value.kind === "constant" || value.kind === "cast") {
    const same = conjunctsOf(update.where).some(
      (each) =>
        each.kind === "operator" &&
        each.operator === "=" &&
        ((isColumnNamed(each.left, column) && isSameConstant(each.right, value)) ||
          (isColumnNamed(each.right, column) && isSameConstant(each.left, value))),
    );
    return same ? null : changesDistributionColumn();
  }
  return value.kind === "column" || value.kind === "operator" ? changesDistributionColumn() : null;
}
