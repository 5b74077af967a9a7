/** The CHECK of a partition as pg_pathman reads it: its range, or its place among the hash partitions. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { coerceConstant, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import type { Expression } from "../../syntax/expression.ts";

export type CheckForm =
  /** null: no end to that side. `inOrder`: `>=` stands first. */
  | {
      readonly kind: "range";
      readonly lower: Expression | null;
      readonly upper: Expression | null;
      readonly inOrder: boolean;
      /** What stands to the left of the first comparison. */
      readonly key: Expression;
    }
  | { readonly kind: "hash"; readonly modulus: Expression; readonly remainder: Expression; readonly key: Expression };

/** The form of a CHECK, whatever its constants and its key are; null where it has neither. */
export function checkForm(expression: Expression): CheckForm | null {
  const hash = hashForm(expression);
  if (hash !== null) return hash;
  const parts = expression.kind === "and" ? expression.operands : [expression];
  if (parts.length > 2) return null;
  let [lower, upper, key]: (Expression | null)[] = [null, null, null];
  for (const part of parts) {
    if (part.kind !== "operator" || part.left === null) return null;
    key ??= part.left;
    if (part.operator === ">=" && lower === null) lower = part.right;
    else if (part.operator === "<" && upper === null) upper = part.right;
    else return null;
  }
  const first = parts[0];
  const inOrder = parts.length === 2 && first?.kind === "operator" && first.operator === ">=";
  return key == null ? null : { kind: "range", lower: lower ?? null, upper: upper ?? null, inOrder, key };
}

/** `key % 4 = 1`, and what later versions write themselves: `get_hash_part_idx(hashint4(key), 4) = 1`. */
function hashForm(expression: Expression): CheckForm | null {
  if (expression.kind !== "operator" || expression.operator !== "=" || expression.left === null) return null;
  const { left, right } = expression;
  if (left.kind === "operator" && left.operator === "%" && left.left !== null)
    return { kind: "hash", modulus: left.right, remainder: right, key: left.left };
  if (left.kind !== "call" || !/^get_hash(?:_part_idx)?$/.test(left.name.at(-1) ?? "")) return null;
  const [hashed, modulus] = left.arguments.map(({ value }) => value);
  const key = hashed?.kind === "call" ? hashed.arguments[0]?.value : undefined;
  return key === undefined || modulus === undefined ? null : { kind: "hash", modulus, remainder: right, key };
}

/** The constant of a comparison as a value of the key's type; null where it is none, or NULL. */
export function constantOf(expression: Expression, type: DataType, context: EvaluateContext): Value | null {
  const result = coerceConstant(evaluate(expression, context), type, "explicit", context);
  return result.kind === "value" ? result.value : null;
}

/** A constant whole number, such as a modulus; null where it is none. */
export function wholeNumber(expression: Expression, context: EvaluateContext): number | null {
  const evaluation = evaluate(expression, context);
  const value = evaluation.kind === "constant" ? evaluation.value : null;
  return value?.family === "integer" ? Number(value.value) : null;
}
