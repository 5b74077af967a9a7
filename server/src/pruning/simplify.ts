/** What the planner makes of an expression before it compares: branches that are always taken, functions written out. */

import { compareValues } from "../catalog/values/compare.ts";
import { type EvaluateContext, evaluate, expressionType } from "../catalog/values/evaluate.ts";
import type { Expression, FunctionCall } from "../syntax/expression.ts";

/**
 * What is left of an expression whatever its columns hold: the branch of a CASE, COALESCE or NULLIF that is always the one, the
 * operand that decides an AND or OR; null where that depends on more than constants.
 */
export function chosenBranch(expression: Expression, context: EvaluateContext): Expression | null {
  if (expression.kind === "nullif")
    // Older planners leave it: 13 does, 15 does not.
    return context.version >= 15 && isNull(expression.right, context) ? expression.left : null;
  if (expression.kind === "and" || expression.kind === "or") {
    const decides = expression.kind === "or" ? "true" : "false";
    // The word itself: whether longer conditions are constant is asked where conditions are put together.
    for (const operand of expression.operands)
      if (operand.kind === "constant" && operand.value.type === "boolean" && operand.value.text === decides)
        return operand;
    return null;
  }
  if (expression.kind === "coalesce") {
    const [first] = expression.items.filter((item) => !isNull(item, context));
    if (first === undefined) return null;
    const evaluation = evaluate(first, context);
    const isOnly = expression.items.every((item) => item === first || isNull(item, context));
    return isOnly || (evaluation.kind === "constant" && evaluation.value !== null) ? first : null;
  }
  if (expression.kind !== "case") return null;
  for (const { condition, result } of expression.whens) {
    const holds = isTaken(expression.operand, condition, context);
    if (holds === null) return null;
    if (holds) return result;
  }
  const { range } = expression;
  return expression.otherwise ?? { kind: "constant", value: { type: "null" }, range };
}

function isNull(expression: Expression, context: EvaluateContext): boolean {
  const evaluation = evaluate(expression, context);
  return evaluation.kind === "constant" && evaluation.value === null;
}

/** Whether a WHEN is taken; null where that is not the same for all rows. */
function isTaken(operand: Expression | null, condition: Expression, context: EvaluateContext): boolean | null {
  const given = evaluate(condition, context);
  if (given.kind !== "constant") return null;
  if (operand === null) {
    if (given.value === null) return false;
    return given.value.family === "boolean" ? given.value.value : null;
  }
  const compared = evaluate(operand, context);
  if (compared.kind !== "constant") return null;
  if (compared.value === null || given.value === null) return false;
  const order = compareValues(compared.value, given.value, context.catalog.databaseCollation ?? "default");
  return order === null ? null : order === 0;
}

/** Functions of PostgreSQL that are written in SQL, as the planner writes them out; null for others. */
export function inlinedCall(name: string, call: FunctionCall, context: EvaluateContext): Expression | null {
  const [argument] = call.arguments;
  if (argument === undefined || call.arguments.length > 1 || context.version < 12) return null;
  if (name !== "round" && name !== "trunc") return null;
  const type = expressionType(argument.value, context);
  if (type?.kind !== "base" || type.name !== "numeric") return null;
  const { range } = call;
  const zero: Expression = { kind: "constant", value: { type: "integer", text: "0" }, range };
  return { ...call, arguments: [argument, { value: zero, variadic: false }] };
}
