/** COPY … FROM stdin with its data in the script: the rows that it brings, or the refusal of the first that cannot be stored. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { type CopyRow, readCopyRows } from "../../syntax/copy-data.ts";
import type { Copy } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { assignedValue, defaultValue } from "./assigned-value.ts";
import { routeRow } from "./insert.ts";
import { withRow, withUnknownRows } from "./known-rows.ts";
import type { RowValue, RowValues } from "./row-values.ts";
import { refuseUnbound, type StoredRow } from "./unbound-rows.ts";

/** Applies the data of a COPY into a table; what is not known of them may fit. */
export function copyRows(catalog: Catalog, copy: Copy, table: Relation, context: ApplyContext): Outcome {
  const unknown = applied(withUnknownRows(catalog, table.id));
  const { data, format } = copy;
  const columns = data === null || format === null ? null : columnsOf(copy, table, context);
  if (data === null || format === null || columns === null) return unknown;
  const { rows, complete } = readCopyRows(data.text, format);
  let next: Catalog | null = complete ? catalog : null;
  const stored: StoredRow[] = [];
  for (const row of rows) {
    const range = { start: data.start + row.range.start, end: data.start + row.range.end };
    const values = valuesOf(catalog, row, table, columns, range, context);
    if ("kind" in values) return values;
    const route = routeRow(catalog, table, { values, range }, context);
    if (route.kind === "rejected") return route;
    next = next === null || route.kind !== "leaf" ? null : withRow(next, route.relation, values, context);
    if (route.kind === "leaf") stored.push({ leaf: route.relation, row: { values, range } });
  }
  const isWhole = complete && stored.length === rows.length;
  const unbound = isWhole && next === null ? refuseUnbound(catalog, stored, context) : null;
  if (unbound !== null) return unbound;
  return next === null ? unknown : applied(next);
}

/** The columns that the fields are for; null where the options or the table leave that open. */
function columnsOf({ columns, format }: Copy, table: Relation, { version }: ApplyContext): readonly Column[] | null {
  if (table.knowledge !== "full" || table.triggers.length > 0) return null;
  // Before 15 only CSV has a header.
  if (format?.kind === "text" && format.header && version < 15) return null;
  const named = columns.map(({ name }) => columnNamed(table, name));
  const chosen = columns.length > 0 ? named : table.columns.filter(({ generated }) => generated === null);
  const found = chosen.flatMap((column) => (column === null || column.generated !== null ? [] : [column]));
  return found.length === chosen.length && new Set(found).size === found.length ? found : null;
}

function valuesOf(
  catalog: Catalog,
  { fields }: CopyRow,
  table: Relation,
  columns: readonly Column[],
  range: TextRange,
  context: ApplyContext,
): RowValues | Refusal {
  const evaluating = { settings: catalog.settings, version: context.version, catalog, today: context.today };
  const refuse = (message: string): Refusal => rejected("statement-rejected", "22P04", message, range);
  const values = new Map<string, RowValue>();
  if (fields.length > columns.length) return refuse("extra data after last expected column");
  for (const [index, column] of columns.entries()) {
    const field = fields[index];
    if (field === undefined) return refuse(`missing data for column "${column.name}"`);
    if (field === null) values.set(column.name, null);
    else {
      const value = { type: "string", text: field } as const;
      const assigned = assignedValue({ kind: "constant", value, range }, column, evaluating);
      if (assigned.kind === "rejected") return assigned;
      values.set(column.name, assigned.value);
    }
  }
  for (const column of table.columns) {
    if (!values.has(column.name)) values.set(column.name, defaultValue(column, evaluating));
  }
  return values;
}
