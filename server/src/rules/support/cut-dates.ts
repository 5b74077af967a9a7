/** Bounds of date keys that are written with a time of the day, which is cut off when they are stored. */

import type { PartitionKey } from "../../catalog/partitioning.ts";
import { baseType } from "../../catalog/values/types.ts";
import type { ConstantValue, Expression } from "../../syntax/expression.ts";

/** Whether the key is one column, a date. */
export function isDateKey({ elements: [element, ...more] }: PartitionKey): boolean {
  const base = element === undefined || element.type === null ? null : baseType(element.type);
  return more.length === 0 && base?.kind === "base" && base.name === "date";
}

/** Whether the constant is the last minute of a day: the whole day was meant. */
export function endsWithDay(expression: Expression): boolean {
  const constant = constantOf(expression);
  return constant?.type === "string" && /[ T]23:59(?!\d)/.test(constant.text);
}

/** The literal of `2.5`, `-2.5`, `'2024-01-01'::date`, `date '2024-01-01'`. */
export function constantOf(expression: Expression): ConstantValue | null {
  if (expression.kind === "constant") return expression.value;
  if (expression.kind === "cast") return constantOf(expression.operand);
  return null;
}
