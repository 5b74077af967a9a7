/** Expressions over the known values of one row: partition keys and CHECK constraints. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { KeyElement } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { coerceConstant, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { ApplyContext } from "../outcome.ts";
import { constantExpression } from "../relations/constant-expression.ts";
import { columnNamed } from "../relations/constraint-shape.ts";

/** undefined where the value is not known; null is the SQL NULL. */
export type RowValue = Value | null | undefined;

/** A row's values by column name; a column that is not in it has no known value. */
export type RowValues = ReadonlyMap<string, RowValue>;

/** The values of a row for the key of a partitioned table; null where one of them is not known. */
export function keyValues(
  catalog: Catalog,
  table: Relation,
  row: RowValues,
  context: ApplyContext,
): readonly (Value | null)[] | null {
  const values: (Value | null)[] = [];
  for (const element of table.partitioning?.key.elements ?? []) {
    const value = keyValue(catalog, table, element, row, context);
    if (value === undefined) return null;
    values.push(value);
  }
  return values;
}

/** Whether a row passes a CHECK constraint: NULL passes too; null where it cannot be told. */
export function passesCheck(
  catalog: Catalog,
  table: Relation,
  check: Expression,
  row: RowValues,
  context: ApplyContext,
): boolean | null {
  const evaluation = evaluate(check, rowContext(catalog, context, table, row));
  if (evaluation.kind !== "constant") return null;
  if (evaluation.value === null) return true;
  return evaluation.value.family === "boolean" ? evaluation.value.value : null;
}

/** Whether a row fulfils a WHERE: NULL does not; null where it cannot be told. */
export function fulfils(
  catalog: Catalog,
  table: Relation,
  condition: Expression | null,
  row: RowValues,
  context: ApplyContext,
): boolean | null {
  return condition === null ? true : holds(condition, rowContext(catalog, context, table, row));
}

/** Whether a condition holds, whose columns are worth what the context says: NULL does not; null where it cannot be told. */
export function holds(condition: Expression, context: EvaluateContext): boolean | null {
  const evaluation = evaluate(condition, context);
  if (evaluation.kind !== "constant") return null;
  if (evaluation.value === null) return false;
  return evaluation.value.family === "boolean" ? evaluation.value.value : null;
}

/** The expression with the row's values in place of its columns; null where one of them is not known. */
export function overRow(catalog: Catalog, table: Relation, expression: Expression, row: RowValues): Expression | null {
  return withValues(expression, table, row, catalog);
}

/** The value of a key element for a row; undefined where it is not known. */
export function keyValue(
  catalog: Catalog,
  table: Relation,
  element: KeyElement,
  row: RowValues,
  context: ApplyContext,
): RowValue {
  if (element.column !== null) return row.get(element.column);
  if (element.expression === null || element.type === null) return undefined;
  const values = rowContext(catalog, context, table, row);
  const evaluation = evaluate(element.expression, values);
  if (evaluation.kind !== "constant") return undefined;
  const coerced = coerceConstant(evaluation, element.type, "implicit", values);
  return coerced.kind === "value" ? coerced.value : coerced.kind === "null" ? null : undefined;
}

/** The expression with the row's constants for its columns; null where one of them is not known. */
function withValues(expression: Expression, table: Relation, row: RowValues, catalog: Catalog): Expression | null {
  let complete = true;
  const replace = <T>(part: T): T => {
    if (Array.isArray(part)) return part.map(replace) as T;
    if (part === null || typeof part !== "object") return part;
    if (isColumnReference(part)) {
      const constant = constantFor(part, table, row, catalog);
      if (constant === null) complete = false;
      return (constant ?? part) as T;
    }
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, replace(value)])) as T;
  };
  const replaced = replace(expression);
  return complete ? replaced : null;
}

function isColumnReference(part: object): part is Extract<Expression, { kind: "column" }> {
  return "kind" in part && part.kind === "column" && "names" in part;
}

function constantFor(
  reference: Extract<Expression, { kind: "column" }>,
  table: Relation,
  row: RowValues,
  catalog: Catalog,
): Expression | null {
  const { range } = reference;
  const name = reference.names.at(-1) ?? "";
  const column = columnNamed(table, name);
  const value = row.get(name);
  if (column === null || value === undefined) return null;
  return constantExpression(value, column.type, catalog.settings, range);
}

/** The values of the row in the place of the table's columns. */
function rowContext(catalog: Catalog, context: ApplyContext, table: Relation, row: RowValues): EvaluateContext {
  return {
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: null,
    columnType: (names) => columnNamed(table, names.at(-1) ?? "")?.type ?? null,
    columnConstant: (names) => {
      const name = names.at(-1) ?? "";
      const [type, value] = [columnNamed(table, name)?.type, row.get(name)];
      return type === undefined || value === undefined ? undefined : { value, type };
    },
  };
}
