/** `x = NULL` under `transform_null_equals`: PostgreSQL reads it as `x IS NULL`. */

import type { Expression } from "../../syntax/expression.ts";
import type { SessionSettings } from "../catalog.ts";

/** The test for NULL that an operator expression stands for under the session's settings, or the expression itself. */
export function readNullEquals(
  expression: Extract<Expression, { kind: "operator" }>,
  settings: SessionSettings,
): Extract<Expression, { kind: "operator" | "null-test" }> {
  const { left, right, operator, schema, range } = expression;
  if (settings.transformNullEquals !== true || operator !== "=" || schema !== undefined || left === null)
    return expression;
  const operand = isNull(right) ? left : isNull(left) ? right : null;
  return operand === null ? expression : { kind: "null-test", operand, negated: false, range };
}

/** Whether NULL is written there, without a cast. */
export function isNull(expression: Expression): boolean {
  return expression.kind === "constant" && expression.value.type === "null";
}
