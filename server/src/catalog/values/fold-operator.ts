/** Folds operators: which one is meant, and what it gives. */

import type { Expression } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import type { Value } from "../value.ts";
import { castVolatility } from "./cast.ts";
import {
  coerceFolded,
  type Fold,
  type FoldContext,
  type Folded,
  leastConstant,
  mixed,
  type Problem,
  typeText,
  unsureType,
  withResult,
} from "./folded.ts";
import { computeOperator } from "./operators.ts";
import { type ArgumentType, chooseOperator, dataTypeOf } from "./overload.ts";
import { problem, type ValueProblem } from "./result.ts";

/** `left` null for a prefix operator. */
export function foldOperator(
  expression: Extract<Expression, { kind: "operator" }>,
  left: Folded | null,
  right: Folded,
  context: FoldContext,
): Fold {
  const parts = left === null ? [right] : [left, right];
  if (expression.schema !== undefined && expression.schema !== "pg_catalog")
    return { ...mixed(parts, null), type: unsureType, reason: "an operator of another schema" };
  const choice = chooseOperator(expression.operator, left === null ? undefined : left.type, right.type);
  switch (choice.kind) {
    case "unsure":
      return { ...mixed(parts, null), type: unsureType, reason: "an operator on types that are not known" };
    case "none":
      return { ...noOperator(expression.operator, left?.type, right.type), range: expression.range };
    case "ambiguous":
      return { ...ambiguousOperator(expression.operator, left?.type, right.type), range: expression.range };
    case "found": {
      const { found, result } = choice;
      const declared = found.left === null ? [found.right] : [found.left, found.right];
      const ranges =
        expression.left === null ? [expression.right.range] : [expression.left.range, expression.right.range];
      const operands = coerceArguments(parts, declared, ranges, context);
      if (operands.kind === "problem") return operands;
      const next: Folded = { ...operands.part, type: result ?? unsureType };
      const volatile: Folded = { ...next, volatility: leastConstant(next.volatility, found.volatility) };
      const { values } = operands;
      if (values === null) return volatile;
      if (values.includes(null)) return { ...volatile, value: null };
      const computed = computeOperator(
        found,
        found.left === null ? null : (values[0] ?? null),
        values.at(-1) as Value,
        context,
      );
      return withResult(volatile, computed, expression.range);
    }
  }
}

/** The arguments as values of the declared types; values null where one is not known. */
export function coerceArguments(
  parts: readonly Folded[],
  declared: readonly string[],
  ranges: readonly TextRange[],
  context: FoldContext,
): { readonly kind: "coerced"; readonly part: Folded; readonly values: (Value | null)[] | null } | Problem {
  let part = mixed(parts, "immutable");
  let values: (Value | null)[] | null = [];
  for (const [index, argument] of parts.entries()) {
    const name = declared[index] ?? "";
    const isPolymorphic = name.startsWith("any");
    const to = isPolymorphic ? (argument.type ?? unsureType) : dataTypeOf(name);
    if (argument.type !== null && !isPolymorphic)
      part = { ...part, volatility: leastConstant(part.volatility, castVolatility(argument.type, to)) };
    const result = coerceFolded(argument, to, "implicit", context);
    if (result?.kind === "problem") {
      const failure = { ...result, range: ranges[index] ?? { start: 0, end: 0 } };
      if (argument.type === null) return failure;
      part = { ...part, failure: part.failure ?? failure };
    }
    if (result?.kind === "value") values?.push(result.value);
    else if (result?.kind === "null") values?.push(null);
    else {
      values = null;
      if (result?.kind === "declined") part = { ...part, reason: part.reason ?? result.reason };
    }
  }
  return { kind: "coerced", part, values };
}

function noOperator(name: string, left: ArgumentType | undefined, right: ArgumentType): ValueProblem {
  const isPrefix = left === undefined;
  return problem(
    "42883",
    `operator does not exist: ${isPrefix ? "" : `${typeText(left)} `}${name} ${typeText(right)}`,
    {
      hint: isPrefix
        ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
        : "No operator matches the given name and argument types. You might need to add explicit type casts.",
    },
  );
}

function ambiguousOperator(name: string, left: ArgumentType | undefined, right: ArgumentType): ValueProblem {
  return problem(
    "42725",
    `operator is not unique: ${left === undefined ? "" : `${typeText(left)} `}${name} ${typeText(right)}`,
    {
      hint: "Could not choose a best candidate operator. You might need to add explicit type casts.",
    },
  );
}
