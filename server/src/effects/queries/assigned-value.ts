/** The values that INSERT and UPDATE give to columns, or what PostgreSQL refuses of them. */

import { type Catalog, nameKey } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Column } from "../../catalog/relation.ts";
import { coerceConstant, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { type Refusal, rejected } from "../outcome.ts";
import type { RowValue } from "./row-values.ts";

/** Whether DEFAULT stands in place of a value. */
export function isDefault(expression: Expression): boolean {
  return expression.kind === "other" && expression.description === "DEFAULT";
}

/** What a column gets that the statement gives no value: NULL, its default where that is a constant, or something unknown. */
export function defaultValue(column: Column, context: EvaluateContext): RowValue {
  if (column.generated !== null || column.identity !== null) return undefined;
  if (column.default === undefined && column.hasDefault) return undefined;
  const expression = column.default ?? domainDefault(column.type, context.catalog);
  if (expression === null) return undefined;
  const value = assignedValue(expression ?? nullConstant, column, context);
  return value.kind === "value" ? value.value : undefined;
}

const nullConstant: Expression = { kind: "constant", value: { type: "null" }, range: { start: 0, end: 0 } };

/** The DEFAULT of a domain, or of the domain under it; null where it is not known, undefined where there is none. */
function domainDefault(type: DataType, catalog: Catalog): Expression | null | undefined {
  for (let level = type; level.kind === "domain"; level = level.base) {
    const now = catalog.types.get(nameKey(level.schema, level.name));
    const own = now?.kind === "domain" ? now.default : null;
    if (own !== undefined) return own;
  }
  return undefined;
}

/** What a column becomes where the expression is assigned to it; undefined where that is not known. */
export function assignedValue(
  expression: Expression,
  column: Column,
  context: EvaluateContext,
): { readonly kind: "value"; readonly value: RowValue } | Refusal {
  const unknown = { kind: "value", value: undefined } as const;
  const evaluation = evaluate(expression, context);
  if (evaluation.kind === "problem") {
    const { sqlstate, message, detail, hint, range } = evaluation;
    return rejected("statement-rejected", sqlstate, message, range, { detail, hint });
  }
  if (evaluation.kind !== "constant" && evaluation.kind !== "stable") return unknown;
  if (column.type.kind === "unknown") return unknown;
  const coerced = coerceConstant(evaluation, column.type, "assignment", context);
  switch (coerced.kind) {
    case "value":
      // What depends on the time of day is not what it will be when the statement runs.
      return evaluation.kind === "stable" && dependsOnClock(expression)
        ? unknown
        : { kind: "value", value: coerced.value };
    case "null":
      return { kind: "value", value: null };
    case "problem": {
      const { sqlstate, message, detail, hint } = coerced;
      return rejected("statement-rejected", sqlstate, message, expression.range, { detail, hint });
    }
    case "no-cast": {
      // Arrays of arrays have the type of their innermost elements' arrays.
      if (evaluation.type === null || evaluation.type.kind === "array") return unknown;
      const types = [formatTypeName(column.type), formatTypeName(evaluation.type)];
      const message = `column "${column.name}" is of type ${types[0]} but expression is of type ${types[1]}`;
      return rejected("statement-rejected", "42804", message, expression.range, {
        hint: "You will need to rewrite or cast the expression.",
        position: expression.range.start,
      });
    }
    case "declined":
      return unknown;
  }
}

function dependsOnClock(expression: Expression): boolean {
  const words = JSON.stringify(expression, (key, value: unknown) => (key === "range" ? undefined : value));
  return /"(?:sql-value|now|clock_timestamp|today|tomorrow|yesterday)"/i.test(words);
}
