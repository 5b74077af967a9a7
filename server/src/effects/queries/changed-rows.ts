/** UPDATE, DELETE and TRUNCATE of rows that the script itself has inserted: what is refused, and which rows are left. */

import { type Catalog, dependentsOf, type KnownRows, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import type { DeleteQuery, UpdateQuery } from "../../syntax/query.ts";
import type { TextRange } from "../../text/range.ts";
import type { ApplyContext, Refusal } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { assignedValue, defaultValue, isDefault } from "./assigned-value.ts";
import { routeUpdated } from "./insert.ts";
import type { Row } from "./insert-rows.ts";
import { rowsOf, withRows } from "./kept-rows.ts";
import { withoutKnownRows } from "./known-rows.ts";
import { type ChangedRow, refuseUnbinding } from "./referenced-rows.ts";
import { refersToKnownRow } from "./referred-rows.ts";
import { fulfils, overRow, type RowValue, type RowValues } from "./row-values.ts";
import { refuseUnbound, type StoredRow } from "./unbound-rows.ts";

/** What becomes of an UPDATE: the rows that it leaves, or the refusal of what it makes of one that is there for sure. */
export function updateRows(
  catalog: Catalog,
  update: UpdateQuery,
  table: Relation,
  context: ApplyContext,
): Catalog | Refusal {
  const forgotten = withoutKnownRows(catalog, table.id);
  const tables = tablesWithRows(catalog, table, update.target.only);
  if (tables === null || update.from.length > 0 || update.with.length > 0) return forgotten;
  const range = rangeOf(update);
  const after = new Map<number, RowValues[]>(tables.map((leaf) => [leaf.id, []]));
  const changed: ChangedRow[] = [];
  const stored: StoredRow[] = [];
  let isTold = true;
  let isSure = tables.every((leaf) => rowsOf(catalog, leaf).complete && !isBoundElsewhere(catalog, leaf, update));
  for (const leaf of tables) {
    for (const row of rowsOf(catalog, leaf).rows) {
      const isMeant = fulfils(catalog, leaf, update.where, row, context);
      if (isMeant !== true) {
        if (isMeant === null) isSure = isTold = false;
        after.get(leaf.id)?.push(row);
        continue;
      }
      const values = assigned(catalog, leaf, update, row, context);
      const route = routeUpdated(catalog, table, leaf, { values, range }, context);
      if (route.kind === "rejected") return route;
      changed.push({ leaf, row, values });
      if (route.kind === "leaf")
        stored.push({
          leaf: route.relation,
          row: { values, range },
          before: route.relation === leaf.id ? row : undefined,
        });
      else isTold = false;
      const rows = route.kind === "leaf" ? after.get(route.relation) : undefined;
      if (rows === undefined) isSure = false;
      else rows.push(values);
    }
  }
  const refusal = isTold
    ? (refuseUnbinding(catalog, tables, changed, range, context) ??
      refuseUnboundBy(catalog, update, tables, stored, context))
    : null;
  if (refusal !== null) return refusal;
  if (!isSure || !stored.every((row) => isBound(catalog, row))) return forgotten;
  let next = forgotten;
  for (const [id, rows] of after) next = withRows(next, id, { rows: rows.map(known), complete: true });
  return next;
}

/**
 * The refusal of changed rows by foreign keys of their own, where no other key may refuse them before, and all that are changed
 * are given the same: which of several is named hangs on the order in which rows lie.
 */
function refuseUnboundBy(
  catalog: Catalog,
  update: UpdateQuery,
  tables: readonly Relation[],
  stored: readonly StoredRow[],
  context: ApplyContext,
): Refusal | null {
  const columns = new Set(update.assignments.map(({ column }) => column.name));
  const [first, ...others] = stored;
  if (first === undefined || tables.some((leaf) => isKeyed(catalog, leaf, columns) || isReferredTo(catalog, leaf)))
    return null;
  if (!tables.every((leaf) => rowsOf(catalog, leaf).complete)) return null;
  const [top] = tables;
  const tied = (top?.constraints ?? []).filter((key) => key.type === "foreign-key").flatMap((key) => key.columns);
  const isAlike = ({ row }: StoredRow): boolean => tied.every((name) => isSame(row, first.row, name));
  // A partition may have keys of its own.
  if (
    others.length > 0 &&
    (!others.every(isAlike) || tables.some((leaf) => leaf.constraints.length !== top?.constraints.length))
  )
    return null;
  let emptied = catalog;
  for (const leaf of tables) emptied = withRows(emptied, leaf.id, { rows: [], complete: true });
  return refuseUnbound(emptied, stored, context);
}

/** Whether all that foreign keys of its table ask for of a row is certainly there. */
function isBound(catalog: Catalog, { leaf, row }: StoredRow): boolean {
  const keys = relationById(catalog, leaf)?.constraints.filter(({ type }) => type === "foreign-key") ?? [];
  return keys.every((key) => !key.enforced || refersToKnownRow(catalog, key, row.values));
}

function isSame(one: Row, other: Row, name: string): boolean {
  const [mine, theirs] = [one.values.get(name), other.values.get(name)];
  return mine === theirs || (mine != null && theirs != null && compareValues(mine, theirs, "C") === 0);
}

/** The rows that a DELETE leaves; or the refusal, where others are bound to one of them for sure. */
export function deleteRows(
  catalog: Catalog,
  query: DeleteQuery,
  table: Relation,
  context: ApplyContext,
): Catalog | Refusal {
  const forgotten = withoutKnownRows(catalog, table.id);
  const tables = tablesWithRows(catalog, table, query.target.only);
  if (tables === null || query.using.length > 0 || query.with.length > 0) return forgotten;
  let next = forgotten;
  const deleted: ChangedRow[] = [];
  let isTold = true;
  for (const leaf of tables) {
    const before = rowsOf(catalog, leaf);
    const answers = before.rows.map((row) => fulfils(catalog, leaf, query.where, row, context));
    const rows = before.rows.filter((_, index) => answers[index] === false);
    if (answers.includes(null)) isTold = false;
    for (const [index, row] of before.rows.entries())
      if (answers[index] === true) deleted.push({ leaf, row, values: null });
    // A row that others refer to may stay, and keep all others.
    const complete = before.complete && !answers.includes(null) && !isReferredTo(catalog, leaf);
    next = withRows(next, leaf.id, { rows, complete });
  }
  const refusal = isTold ? refuseUnbinding(catalog, tables, deleted, query.target.range, context) : null;
  return refusal ?? next;
}

/** Tables that have been emptied as a whole, with what they held before. */
export function emptyTables(catalog: Catalog, tables: readonly Relation[]): Catalog {
  let next = catalog;
  for (const table of tables) {
    next = withoutKnownRows(next, table.id);
    const isQuiet = table.triggers.length === 0 && table.knowledge === "full" && !catalog.tainted;
    if (isQuiet && catalog.rows.get(table.id) !== undefined)
      next = withRows(next, table.id, { rows: [], complete: true });
  }
  return next;
}

/** The tables that a statement looks through; null where triggers, rules or policies may make something else of it. */
function tablesWithRows(catalog: Catalog, table: Relation, only: boolean): readonly Relation[] | null {
  if (catalog.tainted || catalog.rows.size === 0 || catalog.settings.role !== undefined) return null;
  const tables = [table, ...(only ? [] : descendantsOf(catalog, table))];
  const isPlain = ({ triggers, rules, knowledge, kind }: Relation): boolean =>
    triggers.length === 0 &&
    rules.length === 0 &&
    knowledge === "full" &&
    (kind === "table" || kind === "partitioned-table");
  return tables.every(isPlain) ? tables : null;
}

/** Whether keys, or those who refer to the rows, may refuse the new values of the columns that are set. */
function isBoundElsewhere(catalog: Catalog, leaf: Relation, { assignments }: UpdateQuery): boolean {
  const columns = new Set(assignments.map(({ column }) => column.name));
  const isExclusive = leaf.constraints.some(({ type }) => type === "exclude");
  return isKeyed(catalog, leaf, columns) || isExclusive || isReferredTo(catalog, leaf);
}

function isKeyed(catalog: Catalog, leaf: Relation, columns: ReadonlySet<string>): boolean {
  return leaf.indexes.some((id) => {
    const index = relationById(catalog, id)?.index;
    return index?.unique === true && index.columns.some((column) => column === null || columns.has(column));
  });
}

/** Whether foreign keys refer to a table, or to one above it. */
function isReferredTo(catalog: Catalog, table: Relation): boolean {
  const refers = dependentsOf(catalog, table.id).some((id) =>
    relationById(catalog, id)?.constraints.some(({ references }) => references?.relation === table.id),
  );
  const own = table.constraints.some(({ references }) => references?.relation === table.id);
  const parent = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  return refers || own || (parent !== null && isReferredTo(catalog, parent));
}

/** The row with its new values; those that cannot be told are not known any more. */
function assigned(
  catalog: Catalog,
  leaf: Relation,
  { assignments }: UpdateQuery,
  row: RowValues,
  context: ApplyContext,
): RowValues {
  const evaluating = { settings: catalog.settings, version: context.version, catalog, today: context.today };
  const values = new Map<string, RowValue>(row);
  // What is computed of others may have changed with them.
  for (const { name, generated } of leaf.columns) if (generated !== null) values.delete(name);
  for (const { column, value } of assignments) {
    const target = columnNamed(leaf, column.name);
    if (target === null) continue;
    const expression = value === null || isDefault(value) ? null : overRow(catalog, leaf, value, row);
    if (value !== null && isDefault(value)) values.set(column.name, defaultValue(target, evaluating));
    else if (expression === null) values.set(column.name, undefined);
    else {
      const result = assignedValue(expression, target, evaluating);
      values.set(column.name, result.kind === "value" ? result.value : undefined);
    }
  }
  return values;
}

function known(row: RowValues): KnownRows["rows"][number] {
  const values = new Map<string, Value | null>();
  for (const [name, value] of row) if (value !== undefined) values.set(name, value);
  return values;
}

/** From the first column that is set to the last value. */
function rangeOf({ assignments, target }: UpdateQuery): TextRange {
  const [first, last] = [assignments[0], assignments.at(-1)];
  if (first === undefined || last === undefined) return target.range;
  return { start: first.column.range.start, end: (last.value ?? last.column).range.end };
}
