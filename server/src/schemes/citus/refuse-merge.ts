/** MERGE as Citus refuses it: `ErrorIfMergeNotSupported`, and what neither a plan by shards nor one that moves rows can do. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { areColocated } from "../../catalog/shards.ts";
import type { EvaluateContext } from "../../catalog/values/evaluate.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { MergeAction, MergeQuery, MergeWhen } from "../../syntax/query.ts";
import { defaultMutability, mutabilityOf } from "./column-defaults.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { sameColumnType } from "./groups.ts";
import { conjunctsOf, isColumnNamed, isSameConstant } from "./query-conditions.ts";
import { isDistributed, isReference, isSingleShard } from "./tables.ts";

/** A MERGE between two tables that are known for sure. */
interface Merge {
  readonly query: MergeQuery;
  readonly target: Relation;
  readonly targetName: string;
  /** null where it is no table. */
  readonly source: Relation | null;
  readonly sourceName: string | null;
}

/** The refusal of a MERGE; null where none is certain. */
export function refuseMerge(catalog: Catalog, query: MergeQuery, context: ApplyContext): Fault | null {
  const target = tableAt(catalog, query.target);
  if (target === null) return null;
  const source = sourceOf(catalog, query);
  const isPlanned = target.shards !== undefined || source?.shards !== undefined;
  if (!isPlanned) return null;
  const item = query.source;
  const sourceName = item.kind === "relation" ? (item.alias ?? item.relation.name) : null;
  const merge: Merge = { query, target, targetName: query.alias ?? query.target.name, source, sourceName };
  return (
    refuseTables(merge) ??
    refuseMutable(catalog, merge, context) ??
    refuseKeyChange(merge) ??
    refuseCommonTables(query) ??
    refuseStrategy(merge)
  );
}

function tableAt(catalog: Catalog, name: MergeQuery["target"]): Relation | null {
  const table = findRelation(catalog, name);
  const isTable = table?.kind === "table" || table?.kind === "partitioned-table";
  return table !== null && isTable && table.knowledge === "full" ? table : null;
}

function sourceOf(catalog: Catalog, { source, with: around }: MergeQuery): Relation | null {
  if (source.kind !== "relation") return null;
  const { relation } = source;
  if (relation.schema === null && around.some(({ name }) => name.name === relation.name)) return null;
  return tableAt(catalog, relation);
}

/** `ErrorIfMergeHasUnsupportedTables`, in the order of the range table. */
function refuseTables({ target, source }: Merge): Fault | null {
  for (const table of [target, ...(source === null ? [] : [source])]) {
    const method = isDistributed(table) ? table.shards?.method : undefined;
    if (method === "append" || method === "range")
      return notSupported("For MERGE command, append/range distribution table is not supported yet");
    if (table === target && isReference(table))
      return notSupported("Reference table as target is not allowed in MERGE command");
  }
  return null;
}

/** No function that is not immutable may stand in it, nor in the default of a column that an INSERT leaves out. */
function refuseMutable(catalog: Catalog, { query, target }: Merge, context: ApplyContext): Fault | null {
  const values: EvaluateContext = { settings: catalog.settings, version: context.version, catalog, today: null };
  const written = query.whens.flatMap(({ condition, action }) => [
    ...(condition === null ? [] : [condition]),
    ...(action.kind === "update" ? action.assignments.flatMap(({ value }) => value ?? []) : []),
    ...(action.kind === "insert" ? (action.values ?? []) : []),
  ]);
  const isMutable =
    [query.on, ...written].some((each) => mutabilityOf(each, values) !== null) ||
    query.whens.some(({ action }) =>
      defaultsOf(action, target).some((column) => defaultMutability(column, values) !== null),
    );
  return isMutable
    ? internalError("non-IMMUTABLE functions are not yet supported in MERGE sql with distributed tables")
    : null;
}

/** The columns that an INSERT fills by their defaults. */
function defaultsOf(action: MergeAction, { columns: all }: Relation): readonly Column[] {
  if (action.kind !== "insert") return [];
  const { columns } = action;
  const values = action.values ?? [];
  const given =
    columns.length > 0 ? columns.map(({ name }) => name) : all.slice(0, values.length).map(({ name }) => name);
  return all.filter(({ name }) => {
    const at = given.indexOf(name);
    return at < 0 || values[at]?.kind === "other";
  });
}

/** `TargetEntryChangesValue` */
function refuseKeyChange({ query, target, targetName }: Merge): Fault | null {
  const key = isDistributed(target) ? (target.shards?.column ?? null) : null;
  if (key === null) return null;
  const isSet = query.whens
    .flatMap(({ action }) => (action.kind === "update" ? action.assignments : []))
    .some(({ column, value }) => column.name === key && value !== null && changesKey(query, value, key, targetName));
  return isSet ? notSupported("updating the distribution column is not allowed in MERGE actions") : null;
}

function changesKey({ on }: MergeQuery, value: Expression, key: string, table: string): boolean {
  if (value.kind === "column") return !isColumnNamed(value, key, table);
  if (value.kind !== "constant" && value.kind !== "cast") return value.kind === "operator";
  return !conjunctsOf(on).some(
    (each) =>
      each.kind === "operator" &&
      each.operator === "=" &&
      ((isColumnNamed(each.left, key, table) && isSameConstant(each.right, value)) ||
        (isColumnNamed(each.right, key, table) && isSameConstant(each.left, value))),
  );
}

function refuseCommonTables({ with: around }: MergeQuery): Fault | null {
  if (around.some(({ query }) => query.kind !== "select"))
    return internalError("CTEs with modifying actions are not yet supported in MERGE");
  return around.some(({ recursive }) => recursive)
    ? internalError("Recursive CTEs are not yet supported in MERGE")
    : null;
}

/** By shards where both lie together and are joined by their distribution columns, else with the source's rows moved. */
function refuseStrategy(merge: Merge): Fault | null {
  const { query, target, source } = merge;
  if (source === null || query.with.length > 0) return null;
  if (!isDistributed(target))
    return isDistributed(source)
      ? internalError("MERGE involving repartition of rows is supported only if the target is distributed")
      : null;
  if (source.shards === undefined)
    return internalError("MERGE INTO an distributed table from Postgres table is not yet supported");
  if (isSingleShard(target) || target.shards?.column == null) return null;
  const joining = joiningColumns(merge, target.shards.column);
  if (joining.length === 0) return conjunctsOf(query.on).some(mayJoin) ? null : withoutJoin();
  const key = columnNamed(target, target.shards.column);
  const same = joining.filter((column) => key !== null && sameColumnType(column.type, key.type));
  if (same.length === 0) return differentTypes();
  const isPushed =
    source.shards !== undefined &&
    areColocated(source.shards, target.shards) &&
    same.some(({ name }) => name === source.shards?.column);
  return refuseInsert(merge, target.shards.column, same, isPushed);
}

/** The columns of the source that the target's distribution column is said to be equal to. */
function joiningColumns({ query, source, sourceName, targetName }: Merge, key: string): readonly Column[] {
  const joining: Column[] = [];
  for (const each of conjunctsOf(query.on)) {
    if (each.kind !== "operator" || each.operator !== "=") continue;
    const { left, right } = each;
    const other = isColumnNamed(left, key, targetName) ? right : isColumnNamed(right, key, targetName) ? left : null;
    if (other?.kind !== "column" || other.names.at(-2) !== sourceName || source === null) continue;
    const column = columnNamed(source, other.names.at(-1) ?? "");
    if (column !== null) joining.push(column);
  }
  return joining;
}

/** Whether a condition may yet turn out to join by the key: anything but a plain comparison with other columns or constants. */
function mayJoin(condition: Expression): boolean {
  const isPlain = (part: Expression | null): boolean =>
    part?.kind === "constant" || (part?.kind === "column" && part.names.length === 2);
  return !(condition.kind === "operator" && isPlain(condition.left) && isPlain(condition.right));
}

/** What INSERT gives the distribution column has to be the source's column that it is joined by. */
function refuseInsert(
  { query, target, source, sourceName }: Merge,
  key: string,
  joining: readonly Column[],
  isPushed: boolean,
): Fault | null {
  const isInsert = ({ match, action }: MergeWhen): boolean =>
    match === "not-matched-by-target" && action.kind !== "nothing";
  const insert = query.whens.find(isInsert)?.action;
  if (insert?.kind !== "insert" || source === null) return null;
  if (insert.values === null) return internalError("cannot perform MERGE INSERT with DEFAULTS", arbitraryValues);
  const all = insert.columns.length > 0 ? insert.columns : target.columns;
  const value = insert.values[all.findIndex(({ name }) => name === key)];
  // A column that is left out has its default, or NULL: no column of the source either way.
  if (value === undefined) return internalError("MERGE INSERT must have distribution column as value");
  if (value.kind === "constant") {
    return internalError("MERGE INSERT is using unsupported expression type for distribution column", arbitraryValues);
  }
  if (value.kind !== "column" || value.names.length !== 2 || value.names[0] !== sourceName) return null;
  const column = value.names[1];
  if (isPushed) {
    return column === source.shards?.column
      ? null
      : internalError("MERGE INSERT must use the source table distribution column value");
  }
  return joining.some(({ name }) => name === column)
    ? null
    : internalError("MERGE INSERT must use the source's joining column for target's distribution column");
}

const arbitraryValues = {
  detail:
    "Inserting arbitrary values that don't correspond to the joined column values can lead to unpredictable outcomes where rows are incorrectly distributed among different shards",
};

function differentTypes(): Fault {
  return internalError(
    "In the MERGE ON clause, there is a datatype mismatch between target's distribution column and the expression originating from the source.",
    {
      detail:
        "If the types are different, Citus uses different hash functions for the two column types, which might lead to incorrect repartitioning of the result data",
    },
  );
}

function withoutJoin(): Fault {
  return internalError(
    "The required join operation is missing between the target's distribution column and any expression originating from the source. The issue may arise from a non-equi-join.",
    {
      detail:
        "Without a equi-join condition on the target's distribution column, the source rows cannot be efficiently redistributed, and the NOT-MATCHED condition cannot be evaluated unambiguously. This can result in incorrect or unexpected results when attempting to merge tables in a distributed setting",
    },
  );
}
