/** The conditions of a query, one by one. */

import type { Expression } from "../../syntax/expression.ts";

/** The conditions that all have to hold. */
export function conjunctsOf(condition: Expression | null): readonly Expression[] {
  if (condition === null) return [];
  return condition.kind === "and" ? condition.operands.flatMap((each) => conjunctsOf(each)) : [condition];
}
