/** Expressions whose value must be the same for ever: of indexes and generated columns. */

import { expressionVolatility } from "../../catalog/values/evaluate.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { ExpressionScope } from "./expression-text.ts";

/** Whether a function in the expression is certainly not immutable (`contain_mutable_functions`). */
export function isMutable(
  expression: Expression,
  { catalog, context, columns }: Pick<ExpressionScope, "catalog" | "context" | "columns">,
): boolean {
  const volatility = expressionVolatility(expression, {
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: null,
    columnType: (names) => columns.find((column) => column.name === names.at(-1))?.type ?? null,
  });
  return volatility === "stable" || volatility === "volatile";
}
