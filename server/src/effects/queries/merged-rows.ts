/** MERGE with VALUES: the rows that it certainly inserts, and PostgreSQL's refusal of one that nothing takes. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { EvaluateContext } from "../../catalog/values/evaluate.ts";
import type { MergeAction, MergeQuery } from "../../syntax/query.ts";
import type { ApplyContext, Refusal } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { routeRow } from "./insert.ts";
import { readRow } from "./insert-rows.ts";
import { rowsOf } from "./kept-rows.ts";
import { holds, type RowValues } from "./row-values.ts";
import { knowsAllRows } from "./unbound-rows.ts";
import { overValues, rowsOfValues, type ValuesRow } from "./values-rows.ts";

/** Whether the statement may insert rows. */
export function addsRows({ whens }: MergeQuery): boolean {
  return whens.some(({ action }) => action.kind === "insert");
}

/** The refusal of a row of VALUES that matches none of the rows that are there, and that no partition or constraint takes. */
export function refuseMerged(
  catalog: Catalog,
  query: MergeQuery,
  table: Relation,
  context: ApplyContext,
): Refusal | null {
  const evaluating = { settings: catalog.settings, version: context.version, catalog, today: null };
  if (!addsRows(query) || table.partitionOf !== null) return null;
  const given = rowsOfValues(query.source, query.with, evaluating);
  const there = given === null ? null : rowsThere(catalog, table, context);
  if (given === null || there === null) return null;
  for (const row of given) {
    const inRow = overValues(row, evaluating);
    const refused = isUnmatched(query, table, row, there, evaluating)
      ? refuseInsert(catalog, query, table, row, inRow, context)
      : null;
    if (refused !== null) return refused;
  }
  return null;
}

/** All rows of the table; null where they are not known. */
function rowsThere(catalog: Catalog, table: Relation, context: ApplyContext): readonly RowValues[] | null {
  const tables = [table, ...descendantsOf(catalog, table)];
  const isKnown = tables.every((each) => knowsAllRows(catalog, each, context));
  return isKnown ? tables.flatMap((each) => rowsOf(catalog, each).rows) : null;
}

/** Whether ON holds for the row and none of those that are there. */
function isUnmatched(
  query: MergeQuery,
  table: Relation,
  row: ValuesRow,
  there: readonly RowValues[],
  context: EvaluateContext,
): boolean {
  const alias = query.alias ?? query.target.name;
  return there.every((other) => {
    const isTarget = (names: readonly string[]): boolean => names.length === 1 || names.at(-2) === alias;
    const typeOf = (names: readonly string[]) =>
      isTarget(names) ? (columnNamed(table, names.at(-1) ?? "")?.type ?? null) : null;
    const over = overValues(row, {
      ...context,
      columnType: typeOf,
      columnConstant: (names) => {
        const [type, value] = [typeOf(names), other.get(names.at(-1) ?? "")];
        return type === null || value === undefined ? undefined : { type, value };
      },
    });
    return holds(query.on, over) === false;
  });
}

/** The refusal of what the first action that the row meets inserts of it. */
function refuseInsert(
  catalog: Catalog,
  query: MergeQuery,
  table: Relation,
  source: ValuesRow,
  inRow: EvaluateContext,
  context: ApplyContext,
): Refusal | null {
  const action = firstMet(query, inRow);
  if (action?.kind !== "insert" || action.hasParts) return null;
  const { columns, values } = action;
  const expressions = values ?? [];
  const names =
    columns.length > 0
      ? columns.map(({ name }) => name)
      : table.columns.slice(0, expressions.length).map(({ name }) => name);
  const insert = { ...action, target: query.target };
  const row = readRow(insert, table, names, expressions, inRow, source.range);
  if (row.kind === "rejected") return row;
  const route = routeRow(catalog, table, row.row, context);
  return route.kind === "rejected" ? route : null;
}

/** The action that an unmatched row meets first; null where that cannot be told, or where there is none. */
function firstMet({ whens }: MergeQuery, inRow: EvaluateContext): MergeAction | null {
  for (const { match, condition, action } of whens) {
    if (match !== "not-matched-by-target") continue;
    const isMet = condition === null ? true : holds(condition, inRow);
    if (isMet === null) return null;
    if (isMet) return action;
  }
  return null;
}
