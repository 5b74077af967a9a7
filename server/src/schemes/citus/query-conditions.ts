/** The conditions of a query, one by one, and what they compare. */

import type { Expression } from "../../syntax/expression.ts";

/** The conditions that all have to hold. */
export function conjunctsOf(condition: Expression | null): readonly Expression[] {
  if (condition === null) return [];
  return condition.kind === "and" ? condition.operands.flatMap((each) => conjunctsOf(each)) : [condition];
}

/** Whether an expression is a bare column of that name; with `table`, one that no other table's name qualifies. */
export function isColumnNamed(expression: Expression | null, column: string, table: string | null = null): boolean {
  if (expression?.kind !== "column" || expression.star || expression.names.at(-1) !== column) return false;
  return table === null || expression.names.length === 1 || expression.names.at(-2) === table;
}

/** Whether they may be the same constant, under whatever casts. A column is none. */
export function isSameConstant(a: Expression | null, b: Expression): boolean {
  if (a?.kind === "column") return false;
  const [first, second] = [a, b].map((each) => (each === null ? null : constantText(each)));
  return first === null || second === null || first === second;
}

function constantText(expression: Expression): string | null {
  if (expression.kind === "cast") return constantText(expression.operand);
  if (expression.kind !== "constant" || expression.value.type === "null") return null;
  return expression.value.text;
}
