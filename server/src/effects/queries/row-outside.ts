/** Names the row, of those that the script has inserted, that keeps a table from being attached. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ApplyContext } from "../outcome.ts";
import { findRow, printKey } from "./kept-rows.ts";
import { insideOf } from "./known-rows.ts";
import type { RowValues } from "./row-values.ts";

/** The key of the first known row that does not fit the bound, as PostgreSQL writes keys: `(at) = (2026-05-05)`; null where none is known. */
export function keyOutside(
  catalog: Catalog,
  table: Relation,
  parent: Relation,
  bound: Bound,
  context: ApplyContext,
): string | null {
  let outside: RowValues | null = null;
  const isInside = insideOf(catalog, parent, bound, context);
  const leaf = findRow(catalog, table, (row) => {
    if (isInside(row) !== false) return false;
    outside = row;
    return true;
  });
  const columns = parent.partitioning?.key.elements.flatMap(({ column }) => column ?? []) ?? [];
  if (leaf === null || outside === null || columns.length === 0) return null;
  const row: RowValues = outside;
  return `(${columns.join(", ")}) = (${columns.map((name) => printKey(catalog, leaf, name, row)).join(", ")})`;
}
