/** Queries that Citus' planner certainly refuses, whatever the rows and the nodes are. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import { readRows } from "../../effects/queries/insert-rows.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { InsertQuery, MergeQuery, Query, UpdateQuery } from "../../syntax/query.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { conjunctsOf } from "./query-conditions.ts";
import { refuseJoins } from "./refuse-joins.ts";
import { isDistributed, isReference } from "./tables.ts";

/** The planner's refusal of a query that PostgreSQL itself has accepted; null where there is none for sure. */
export function refuseQuery(catalog: Catalog, query: Query, context: ApplyContext): Fault | null {
  for (const { query: inner } of query.with) {
    const fault = refuseQuery(catalog, inner, context);
    if (fault !== null) return fault;
  }
  switch (query.kind) {
    case "insert":
      return refuseInsert(catalog, query, context);
    case "update":
      return refuseUpdate(catalog, query) ?? refuseJoins(catalog, query, context);
    case "merge":
      return refuseMerge(catalog, query);
    default:
      return refuseJoins(catalog, query, context);
  }
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
  if (conflict.some(({ column: set, value }) => set.name === column && !isColumn(value, column)))
    return changesDistributionColumn();
  const rows = readRows(catalog, insert, table, context);
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
  if (change === undefined || isColumn(change.value, column)) return null;
  const { value } = change;
  if (value === null) return null;
  if (value.kind === "constant" || value.kind === "cast") {
    const same = conjunctsOf(update.where).some(
      (each) =>
        each.kind === "operator" &&
        each.operator === "=" &&
        ((isColumn(each.left, column) && sameConstant(each.right, value)) ||
          (isColumn(each.right, column) && sameConstant(each.left, value))),
    );
    return same ? null : changesDistributionColumn();
  }
  return value.kind === "column" || value.kind === "operator" ? changesDistributionColumn() : null;
}

function isColumn(expression: Expression | null, column: string): boolean {
  return expression?.kind === "column" && !expression.star && expression.names.at(-1) === column;
}

/** Whether they may be the same constant, under whatever casts. */
function sameConstant(a: Expression | null, b: Expression): boolean {
  const [first, second] = [a, b].map((each) => (each === null ? null : constantText(each)));
  return first === null || second === null || first === second;
}

function constantText(expression: Expression): string | null {
  if (expression.kind === "cast") return constantText(expression.operand);
  if (expression.kind !== "constant" || expression.value.type === "null") return null;
  return expression.value.text;
}

function refuseMerge(catalog: Catalog, merge: MergeQuery): Fault | null {
  const target = tableNamed(catalog, merge.target);
  if (target === null) return null;
  if (isReference(target)) return notSupported("Reference table as target is not allowed in MERGE command");
  if (!isDistributed(target) || merge.source.kind !== "relation" || merge.with.length > 0) return null;
  const source = tableNamed(catalog, merge.source.relation);
  const isPlain =
    source !== null && source.shards === undefined && (source.kind === "table" || isPartitionedTable(source));
  return isPlain ? internalError("MERGE INTO an distributed table from Postgres table is not yet supported") : null;
}

function isPartitionedTable({ kind }: Relation): boolean {
  return kind === "partitioned-table";
}
