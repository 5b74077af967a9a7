/** Rows that the script itself has inserted: what later statements check against them, and when they are forgotten. */

import { type Catalog, dependentsOf, type KnownRows, relationById } from "../../catalog/catalog.ts";
import { emptyPartitionSet, route, withoutDefaultPartition, withPartition } from "../../catalog/partition-set.ts";
import type { Bound, PartitionSet } from "../../catalog/partitioning.ts";
import type { IndexInfo, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { addAll } from "../../text/long-lists.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, regarding, rejected } from "../outcome.ts";
import { childrenOf, descendantsOf } from "../relations/descendants.ts";
import { isCertain } from "./certain-rows.ts";
import { findRow, mayHaveMore, mayHoldOthers, printKey, rowsOf, withRows } from "./kept-rows.ts";
import { keyValues, passesCheck, type RowValues } from "./row-values.ts";

/** More rows of one table are not kept. */
export const mostRows = 100;

/**
 * Notes a row that a leaf takes; null where it is not certain that nothing refuses the row. Where `looksUp` is false, foreign keys
 * may.
 */
export function withRow(
  catalog: Catalog,
  leafId: RelationId,
  row: RowValues,
  context: ApplyContext,
  looksUp = true,
): Catalog | null {
  const leaf = relationById(catalog, leafId);
  if (leaf === null) return null;
  const before = rowsOf(catalog, leaf);
  if (before.rows.length >= mostRows || !isCertain(catalog, leaf, before, row, context, looksUp)) return null;
  const known = new Map<string, Value | null>();
  for (const [name, value] of row) if (value !== undefined) known.set(name, value);
  return withRows(catalog, leafId, { ...before, rows: [...before.rows, known] });
}

/** Notes that a table, or the leaves below it, may have got rows that are not known. */
export function withUnknownRows(catalog: Catalog, tableId: RelationId): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  const before = rowsOf(catalog, table);
  return before.complete ? withRows(catalog, tableId, { ...before, complete: false }) : catalog;
}

/** The same for rows of constants, of which it cannot be told whether they were stored, and where. */
export function withUndecidedRows(catalog: Catalog, tableId: RelationId): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  return withRows(catalog, tableId, { ...rowsOf(catalog, table), complete: false, undecided: true });
}

/** Forgets the rows of a table and all below it, and of those that foreign keys may take along, one after the other. */
export function withoutKnownRows(catalog: Catalog, tableId: RelationId): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null || catalog.rows.size === 0) return catalog;
  let next = catalog;
  for (const id of reachedFrom(catalog, table)) {
    const known = catalog.rows.get(id);
    if (known !== undefined && known.rows.length > 0) next = withRows(next, id, { rows: [], complete: false });
  }
  return next;
}

/** A table with all below it, and those whose foreign keys refer to one of them or to a table above. */
function reachedFrom(catalog: Catalog, table: Relation): ReadonlySet<RelationId> {
  const reached = new Set<RelationId>();
  const pending: Relation[] = [table];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (reached.has(next.id)) continue;
    reached.add(next.id);
    addAll(pending, childrenOf(catalog, next));
    for (let above: Relation | null = next; above !== null; ) {
      for (const id of dependentsOf(catalog, above.id)) {
        const other = relationById(catalog, id);
        if (other !== null) pending.push(other);
      }
      above = above.partitionOf === null ? null : relationById(catalog, above.partitionOf.parent);
    }
  }
  return reached;
}

/**
 * Whether the script has put rows into a table, or one below it, of which nothing is known: those of queries, of constants
 * that could not be followed, or any after something ran that could not be. Rows of other scripts are taken to fit.
 */
export function hasObscureRows(catalog: Catalog, id: RelationId | null): boolean {
  const table = id === null ? null : relationById(catalog, id);
  return table !== null && mayHoldOthers(catalog, table);
}

/** Whether of a row that the script has inserted it cannot be told whether it belongs to a bound of the parent. */
export function hasRowsBesides(
  catalog: Catalog,
  table: Relation,
  parent: Relation,
  bound: Bound,
  context: ApplyContext,
): boolean {
  const isInside = insideOf(catalog, parent, bound, context);
  return findRow(catalog, table, (row) => isInside(row) === null) !== null;
}

/** The refusal of a bound that a known row of the table to be attached does not fit. */
export function refuseRowsOutside(
  catalog: Catalog,
  table: Relation,
  parent: Relation,
  bound: Bound,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  const isInside = insideOf(catalog, parent, bound, context);
  const leaf = findRow(catalog, table, (row) => isInside(row) === false);
  if (leaf === null) return null;
  const relation = context.version >= 13 ? ` of relation "${leaf.name}"` : "";
  const message = `partition constraint${relation} is violated by some row`;
  return regarding(rejected("attach-mismatch", "23514", message, range), leaf);
}

/**
 * The refusal of a bound that claims a known row of the default partition. ATTACH names the table that holds the row, CREATE TABLE
 * the default partition.
 */
export function refuseRowsOfDefault(
  catalog: Catalog,
  parent: Relation,
  bound: Bound,
  range: TextRange,
  context: ApplyContext,
  command: "attach" | "create",
): Refusal | null {
  const id = parent.partitioning?.partitions.defaultPartition ?? null;
  const partition = id === null ? null : relationById(catalog, id);
  if (partition === null) return null;
  const isInside = insideOf(catalog, parent, bound, context);
  const leaf = findRow(catalog, partition, (row) => isInside(row) === true);
  if (leaf === null) return null;
  const name = command === "create" ? ` "${partition.name}"` : context.version >= 13 ? ` "${leaf.name}"` : "";
  const message = `updated partition constraint for default partition${name} would be violated by some row`;
  const related = [
    { relation: partition.id, origin: partition.origin, message: "the default partition holds the row" },
  ];
  return regarding(rejected("default-conflict", "23514", message, range, { related }), leaf);
}

/** The refusal of NOT NULL for a column in which a known row has NULL. */
export function refuseNulls(
  catalog: Catalog,
  table: Relation,
  column: string,
  only: boolean,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  const leaf = findRow(catalog, table, (row) => row.get(column) === null, only);
  if (leaf === null) return null;
  const relation = context.version >= 13 ? ` of relation "${leaf.name}"` : "";
  const message = `column "${column}"${relation} contains null values`;
  return regarding(rejected("statement-rejected", "23502", message, range), leaf);
}

/** The refusal of a CHECK constraint that a known row does not pass. */
export function refuseUnchecked(
  catalog: Catalog,
  table: Relation,
  check: TableConstraint,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  const { expression } = check;
  if (expression === null || !check.validated || !check.enforced) return null;
  const fails = (row: RowValues, leaf: Relation): boolean =>
    passesCheck(catalog, leaf, expression, row, context) === false;
  const leaf = findRow(catalog, table, fails, check.noInherit);
  if (leaf === null) return null;
  const relation = context.version >= 13 ? ` of relation "${leaf.name}"` : "";
  const message = `check constraint "${check.name}"${relation} is violated by some row`;
  return regarding(rejected("statement-rejected", "23514", message, range), leaf);
}

/** The refusal of a row whose key a known row of the leaf has already. */
export function refuseDuplicate(catalog: Catalog, leaf: Relation, row: RowValues, range: TextRange): Refusal | null {
  const { rows } = rowsOf(catalog, leaf);
  if (catalog.tainted || rows.length === 0 || leaf.triggers.length > 0) return null;
  for (const id of [...leaf.indexes].sort((a, b) => a - b)) {
    const relation = relationById(catalog, id);
    const columns = relation?.index == null ? null : keyOf(relation.index);
    if (relation === null || columns === null || !rows.some((other) => isSameKey(columns, other, row))) continue;
    const shown = columns.map((name) => printKey(catalog, leaf, name, row));
    return rejected(
      "statement-rejected",
      "23505",
      `duplicate key value violates unique constraint "${relation.name}"`,
      range,
      { detail: `Key (${columns.map(quoteIdentifier).join(", ")})=(${shown.join(", ")}) already exists.` },
    );
  }
  return null;
}

/** The columns of a unique index over plain columns and all rows; null for any other. */
export function keyOf({ unique, predicate, columns, definition, valid }: IndexInfo): readonly string[] | null {
  const names = columns.filter((column) => column !== null);
  const isPlain = unique && valid && predicate === null && names.length === columns.length;
  // SET CONSTRAINTS may put the check of a deferrable one off.
  return isPlain && definition?.deferrable !== true && definition?.initiallyDeferred !== true ? names : null;
}

/** Whether two rows have the same key; NULLs are never the same. */
export function isSameKey(columns: readonly string[], one: RowValues, other: RowValues): boolean {
  return columns.every((name) => {
    const [mine, theirs] = [one.get(name), other.get(name)];
    return mine != null && theirs != null && compareValues(mine, theirs, null) === 0;
  });
}

/** Whether the rows that the script has inserted certainly pass a CHECK. */
export function rowsPass(catalog: Catalog, table: Relation, check: TableConstraint, context: ApplyContext): boolean {
  const { expression } = check;
  if (!check.validated || !check.enforced || expression === null) return true;
  return everyTable(catalog, table, check.noInherit, (known, leaf) =>
    known.rows.every((row) => passesCheck(catalog, leaf, expression, row, context) === true),
  );
}

/** Whether the rows that the script has inserted cannot repeat a key: no table has got more than one. */
export function rowsAreDistinct(catalog: Catalog, table: Relation): boolean {
  return everyTable(catalog, table, false, (known) => known.rows.length <= 1);
}

/** Whether the script has inserted no row. */
export function hasNoRows(catalog: Catalog, table: Relation): boolean {
  return everyTable(catalog, table, false, (known) => known.rows.length === 0);
}

/** Whether a table that the script has created has certainly got no row. */
export function isEmpty(catalog: Catalog, table: Relation): boolean {
  if (catalog.tainted || table.knowledge !== "full" || table.triggers.length > 0) return false;
  return [table, ...descendantsOf(catalog, table)].every((leaf) => {
    const known = rowsOf(catalog, leaf);
    return known.complete && known.rows.length === 0;
  });
}

/** The refusal of a new column without a value where a known row would need one. */
export function refuseRowsWithout(
  catalog: Catalog,
  table: Relation,
  column: string,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  const leaf = findRow(catalog, table, () => true);
  if (leaf === null) return null;
  const relation = context.version >= 13 ? ` of relation "${leaf.name}"` : "";
  const message = `column "${column}"${relation} contains null values`;
  return regarding(rejected("statement-rejected", "23502", message, range), leaf);
}

function everyTable(
  catalog: Catalog,
  table: Relation,
  only: boolean,
  holds: (known: KnownRows, leaf: Relation) => boolean,
): boolean {
  if (catalog.rows.size === 0) return true;
  return [table, ...(only ? [] : descendantsOf(catalog, table))].every((leaf) => {
    const known = catalog.rows.get(leaf.id);
    return known === undefined ? !mayHaveMore(catalog, leaf) : known.complete && holds(known, leaf);
  });
}

/** Tells of rows whether they belong to a bound of the parent; null where it cannot be told. */
export function insideOf(
  catalog: Catalog,
  parent: Relation,
  bound: Bound,
  context: ApplyContext,
): (row: RowValues) => boolean | null {
  const { partitioning } = parent;
  if (partitioning === null) return () => null;
  const { key, partitions } = partitioning;
  // The set in which the bound stands alone: of a long list it is made once, and not for each row.
  let set: PartitionSet | null = null;
  return (row) => {
    const values = keyValues(catalog, parent, row, context);
    if (values === null) return null;
    set ??=
      bound.kind === "default"
        ? withoutDefaultPartition(partitions)
        : withPartition(emptyPartitionSet(key), key, bound, 0);
    const found = route(set, key, values);
    return found.kind === "undecided" ? null : (found.kind === "none") === (bound.kind === "default");
  };
}
