/** The rows that are kept of tables: what is known of them, and looking through them. */

import { type Catalog, type KnownRows, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { printValue } from "../../catalog/values/print.ts";
import { descendantsOf } from "../relations/descendants.ts";
import type { RowValues } from "./row-values.ts";

export function printKey(catalog: Catalog, leaf: Relation, name: string, row: RowValues): string {
  const [value, type] = [row.get(name), leaf.columns.find((column) => column.name === name)?.type];
  return value == null || type === undefined ? "?" : printValue(value, type, catalog.settings);
}

/** Whether the script may have left more rows than that in a table and those below it. */
export function mayHoldMoreThan(count: number, catalog: Catalog, table: Relation): boolean {
  if (catalog.rows.size === 0) return false;
  if (mayHaveMore(catalog, table)) return true;
  return [table, ...descendantsOf(catalog, table)].some((leaf) => {
    const known = catalog.rows.get(leaf.id);
    return known !== undefined && (!known.complete || known.rows.length > count);
  });
}

/** Whether the script has put rows into a table, or those below it, of which not all are known any more. */
export function mayHoldOthers(catalog: Catalog, table: Relation): boolean {
  if (catalog.rows.size === 0) return false;
  if (mayHaveMore(catalog, table)) return true;
  return [table, ...descendantsOf(catalog, table)].some((leaf) => catalog.rows.get(leaf.id)?.complete === false);
}

/** The first table among this one and those below it that has such a row. */
export function findRow(
  catalog: Catalog,
  table: Relation,
  matches: (row: RowValues, leaf: Relation) => boolean,
  only = false,
): Relation | null {
  // What a function or a DO block has done to the rows is not known.
  if (catalog.tainted || catalog.rows.size === 0) return null;
  const tables = only
    ? [table]
    : [table, ...(catalog.rows.size === 1 && catalog.rows.has(table.id) ? [] : descendantsOf(catalog, table))];
  for (const leaf of tables) {
    const known = catalog.rows.get(leaf.id);
    if (known?.rows.some((row) => matches(row, leaf)) === true) return leaf;
  }
  return null;
}

/** What is known of a table's rows; a table that the script has created starts without any. */
export function rowsOf(catalog: Catalog, table: Relation): KnownRows {
  const isNew = table.origin.kind === "statement" && table.kind !== "foreign-table" && table.knowledge === "full";
  const known = catalog.rows.get(table.id) ?? { rows: [], complete: isNew };
  return { ...known, complete: known.complete && !mayHaveMore(catalog, table) };
}

/** Whether rows may have come through a table above. */
export function mayHaveMore(catalog: Catalog, table: Relation): boolean {
  const parent = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  if (parent === null) return false;
  return catalog.rows.get(parent.id)?.complete === false || mayHaveMore(catalog, parent);
}

/** The catalog in which the values of these columns are not known any more, of rows of the table itself. */
export function withoutValues(catalog: Catalog, id: RelationId, columns: ReadonlySet<string>): Catalog {
  const known = catalog.rows.get(id);
  if (known === undefined || !known.rows.some((row) => [...columns].some((column) => row.has(column)))) return catalog;
  const rows = known.rows.map((row) => new Map([...row].filter(([name]) => !columns.has(name))));
  return withRows(catalog, id, { ...known, rows });
}

/** The catalog with these rows known of a table, and no others. */
export function withRows(catalog: Catalog, id: RelationId, rows: KnownRows): Catalog {
  return { ...catalog, rows: catalog.rows.with(id, rows) };
}
