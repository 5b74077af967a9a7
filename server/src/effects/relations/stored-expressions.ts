/** DEFAULT and GENERATED expressions, checked against the whole table that they stand in. */

import type { Column } from "../../catalog/relation.ts";
import { lacksCast } from "../../catalog/values/cast.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { ColumnDefinition, CreateTable } from "../../syntax/statement.ts";
import { type Refusal, rejected } from "../outcome.ts";
import { type ColumnSetting, checkDefault, wrongType } from "./column-definition.ts";
import { analyzeExpression } from "./expression-text.ts";
import { isMutable } from "./volatility.ts";

/**
 * The refusal of what a new table's columns compute: generation expressions, and the defaults that the column list of
 * PARTITION OF gives to columns whose types come from the parent.
 *
 * @param columns all of the table's; null where some may not be known
 */
export function checkStoredExpressions(
  create: CreateTable,
  columns: readonly Column[],
  allColumns: boolean,
  setting: ColumnSetting,
): Refusal | null {
  for (const element of create.elements) {
    if (element.kind !== "column") continue;
    const column = columns.find((candidate) => candidate.name === element.name.name);
    if (column === undefined) continue;
    const refusal =
      checkGeneration(element, column, columns, allColumns, setting) ??
      (element.type === null ? checkWrittenDefault(element, column, setting) : null);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** `cookDefault` of a generated column. */
export function checkGeneration(
  definition: ColumnDefinition,
  column: Column,
  columns: readonly Column[],
  allColumns: boolean,
  setting: ColumnSetting,
): Refusal | null {
  const expression = definition.constraints.find(({ type }) => type === "generated")?.expression ?? null;
  if (expression === null) return null;
  const { catalog, context, table } = setting;
  const unfit = column.generated === "virtual" ? unfitForVirtual(column, expression) : null;
  if (unfit !== null) return unfit;
  const place = "column generation expressions";
  const analysis = analyzeExpression(expression, { catalog, context, table, columns, allColumns, place });
  if (analysis.kind === "fault") return refuse(analysis.sqlstate, analysis.message, expression, analysis);
  const generated = analysis.columns.find(
    (name) => columns.find((candidate) => candidate.name === name && candidate.generated !== null) !== undefined,
  );
  if (generated !== undefined) {
    const message = `cannot use generated column "${generated}" in column generation expression`;
    return refuse("42P17", message, expression, {
      detail: "A generated column cannot reference another generated column.",
    });
  }
  if (isMutable(expression, { catalog, context, columns })) {
    return refuse("42P17", "generation expression is not immutable", expression);
  }
  const { type } = analysis;
  if (expression.kind === "constant" && expression.value.type === "string") {
    return checkDefault(expression, column, setting);
  }
  if (type === null || column.type.kind === "unknown" || !lacksCast(type, column.type, "assignment", catalog))
    return null;
  return wrongType(column, type, expression, catalog.settings.searchPath);
}

/** `CheckAttributeType`: virtual columns are of PostgreSQL's own types only. */
function unfitForVirtual({ name, type }: Column, expression: Expression): Refusal | null {
  if (type.kind === "domain") {
    return refuse("0A000", `virtual generated column "${name}" cannot have a domain type`, expression);
  }
  const isOwn = type.kind === "base" || type.kind === "unknown" || type.kind === "array";
  if (isOwn) return null;
  return refuse("0A000", `virtual generated column "${name}" cannot have a user-defined type`, expression, {
    detail: "Virtual generated columns that make use of user-defined types are not yet supported.",
  });
}

function checkWrittenDefault(definition: ColumnDefinition, column: Column, setting: ColumnSetting): Refusal | null {
  const expression = definition.constraints.find(({ type }) => type === "default")?.expression ?? null;
  return expression === null ? null : checkDefault(expression, column, setting);
}

function refuse(
  sqlstate: string,
  message: string,
  expression: Expression,
  extra: { readonly detail?: string | undefined; readonly hint?: string | undefined } = {},
): Refusal {
  const { detail, hint } = extra;
  return rejected("statement-rejected", sqlstate, message, expression.range, { detail, hint });
}
