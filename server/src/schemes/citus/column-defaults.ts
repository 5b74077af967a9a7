/** What of a query may give another value each time: functions that are not immutable, and defaults that call them. */

import type { Column } from "../../catalog/relation.ts";
import { type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";

/** The most changeable function that an expression calls; null where it calls immutable ones alone, as far as that is known. */
export function mutabilityOf(expression: Expression, context: EvaluateContext): "volatile" | "stable" | null {
  let found: "stable" | null = null;
  for (const part of insideOut(expression)) {
    if (part.kind !== "call" && part.kind !== "sql-value") continue;
    const { kind } = evaluate(part, context);
    if (kind === "volatile") return kind;
    if (kind === "stable") found = kind;
  }
  return found;
}

/** The same of a column's default. */
export function defaultMutability(column: Column, context: EvaluateContext): "volatile" | "stable" | null {
  if (column.generated !== null) return null;
  if (column.identity !== null) return "volatile";
  if (column.default !== undefined) return mutabilityOf(column.default, context);
  // What a serial column takes from its sequence is not kept as an expression.
  const isWhole = column.type.kind === "base" && ["int2", "int4", "int8"].includes(column.type.name);
  return column.hasDefault && isWhole ? "volatile" : null;
}
