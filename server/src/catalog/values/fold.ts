/** Folds expressions: the type, the volatility and, where it can be computed, the value of every part. */

import type { Expression } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import type { Volatility } from "./builtins.ts";
import { canCast, castVolatility } from "./cast.ts";
import { foldCall } from "./fold-call.ts";
import { foldArray, foldChoice } from "./fold-choice.ts";
import { foldConstant, foldSqlValue } from "./fold-literal.ts";
import { foldOperator } from "./fold-operator.ts";
import {
  coerceFolded,
  type Fold,
  type FoldContext,
  type Folded,
  folded,
  mixed,
  type Problem,
  unsureType,
  withoutFailure,
  withResult,
} from "./folded.ts";
import { readValue } from "./input.ts";
import { problem, type ValueContext } from "./result.ts";
import { baseTypeNamed, formatTypeName, resolveType } from "./types.ts";

export function foldExpression(expression: Expression, context: FoldContext): Fold {
  switch (expression.kind) {
    case "constant":
      return foldConstant(expression.value);
    case "cast":
      return foldCast(expression, context);
    case "collate":
      return foldExpression(expression.operand, context);
    case "column":
      return folded(expression.star ? unsureType : (context.columnType?.(expression.names) ?? unsureType), {
        depends: "row",
      });
    case "parameter":
      return folded(context.parameterType?.(expression.number) ?? unsureType, { depends: "parameter" });
    case "sql-value":
      return foldSqlValue(expression.name, context);
    case "operator": {
      const { left, right } = expression;
      const parts = foldAll(left === null ? [right] : [left, right], context);
      if ("kind" in parts) return parts;
      const [first, second] = parts;
      if (first === undefined) return folded(unsureType, { volatility: null });
      return unlessUnsure(
        parts,
        second === undefined
          ? foldOperator(expression, null, first, context)
          : foldOperator(expression, first, second, context),
      );
    }
    case "call": {
      const parts = foldAll(
        expression.arguments.map((argument) => argument.value),
        context,
      );
      return "kind" in parts ? parts : unlessUnsure(parts, foldCall(expression, parts, context));
    }
    case "array": {
      const parts = foldAll(expression.items, context);
      if ("kind" in parts) return parts;
      return unlessUnsure(parts, foldArray(parts, rangesOf(expression.items), expression.range, context));
    }
    case "not":
      return foldParts([expression.operand], context, boolean, ([value]) => negated(value));
    case "and":
      return foldParts(expression.operands, context, boolean, (values) => conjunction(values, false));
    case "or":
      return foldParts(expression.operands, context, boolean, (values) => conjunction(values, true));
    case "null-test":
      return foldParts([expression.operand], context, boolean, ([value]) =>
        value === undefined ? undefined : { family: "boolean", value: (value === null) !== expression.negated },
      );
    case "coalesce":
      return foldItems("COALESCE", expression.items, expression.range, context, firstKnown);
    case "nullif":
      return foldParts([expression.left, expression.right], context, unsureType, unknownValue);
    case "greatest-least":
      return foldItems(
        expression.greatest ? "GREATEST" : "LEAST",
        expression.items,
        expression.range,
        context,
        unknownValue,
      );
    case "case":
      return foldCase(expression, context);
    case "boolean-test":
      return foldParts([expression.operand], context, boolean, unknownValue);
    case "in":
      return foldParts([expression.operand, ...expression.items], context, boolean, unknownValue);
    case "between":
      return foldParts([expression.operand, expression.low, expression.high], context, boolean, unknownValue);
    case "any-array":
      return foldParts([expression.operand, expression.array], context, boolean, unknownValue);
    case "distinct-from":
      return foldParts([expression.left, expression.right], context, boolean, unknownValue);
    case "like":
      return foldParts([expression.operand, expression.pattern], context, boolean, unknownValue);
    case "row":
      return foldParts(expression.items, context, baseTypeNamed("record"), unknownValue);
    case "subquery":
      return folded(unsureType, { depends: "row", volatility: null, reason: "a subquery" });
    case "other":
      return foldParts(expression.children, context, unsureType, unknownValue, null);
  }
}

const boolean = baseTypeNamed("bool");

function foldCast(expression: Extract<Expression, { kind: "cast" }>, context: FoldContext): Fold {
  const to = resolveType(context.catalog, expression.type);
  const { operand } = expression;
  // `ARRAY[]` takes its type from the cast around it.
  if (operand.kind === "array" && to.kind === "array") {
    const items = operand.items.map(
      (item): Expression => ({ ...expression, operand: item, type: { ...expression.type, arrayDimensions: 0 } }),
    );
    if (operand.items.every((item) => item.kind !== "array")) {
      const parts = foldAll(items, context);
      return "kind" in parts ? parts : withType(foldArray(parts, rangesOf(items), operand.range, context), to);
    }
  }
  const part = foldExpression(operand, context);
  if (part.kind === "problem") return part;
  const volatility = part.type === null ? "immutable" : castVolatility(part.type, to);
  const result = coerceFolded(part, to, "explicit", context);
  if (
    result?.kind === "no-cast" ||
    (result === undefined && part.type !== null && canCast(part.type, to, "explicit") === false)
  )
    return unlessUnsure([part], cannotCast(part.type, to, expression.range));
  // A literal is read when the statement is analysed, anything else when it is computed.
  if (result?.kind === "problem" && part.type === null) return { ...result, range: operand.range };
  const next = mixed([part], volatility);
  return withResult({ ...next, type: to }, result, operand.range);
}

function cannotCast(from: DataType | null, to: DataType, range: TextRange): Fold {
  const names = `${from === null ? "unknown" : formatTypeName(from)} to ${formatTypeName(to)}`;
  return { ...problem("42846", `cannot cast type ${names}`), range };
}

function withType(part: Fold, type: DataType): Fold {
  return part.kind === "folded" ? { ...part, type } : part;
}

/** All parts in order. What comes after a part that is not understood may be preceded by an error of that part. */
function foldAll(expressions: readonly Expression[], context: FoldContext): readonly Folded[] | Problem {
  const parts: Folded[] = [];
  let isSure = true;
  for (const expression of expressions) {
    const part = foldExpression(expression, context);
    if (part.kind === "problem" && isSure) return part;
    const next = part.kind === "problem" ? folded(unsureType, { volatility: null, reason: part.message }) : part;
    isSure &&= next.volatility !== null;
    parts.push(next);
  }
  return parts;
}

/** Where a part is not understood, it may be that which PostgreSQL refuses. */
function unlessUnsure(parts: readonly Folded[], result: Fold): Fold {
  if (result.kind === "folded" || parts.every((part) => part.volatility !== null)) return result;
  return folded(unsureType, { volatility: null, reason: result.message });
}

function rangesOf(expressions: readonly Expression[]): readonly TextRange[] {
  return expressions.map((expression) => expression.range);
}

function foldItems(
  construct: "COALESCE" | "CASE" | "GREATEST" | "LEAST",
  items: readonly Expression[],
  range: TextRange,
  context: FoldContext,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
): Fold {
  const parts = foldAll(items, context);
  if ("kind" in parts) return parts;
  return unlessUnsure(parts, foldChoice(construct, parts, rangesOf(items), range, context, compute));
}

function foldCase(expression: Extract<Expression, { kind: "case" }>, context: FoldContext): Fold {
  const conditions = expression.whens.map((branch) => branch.condition);
  const tests = foldParts(
    expression.operand === null ? conditions : [expression.operand, ...conditions],
    context,
    boolean,
    unknownValue,
  );
  if (tests.kind === "problem") return tests;
  // PostgreSQL begins with ELSE.
  const results = expression.whens.map((branch) => branch.result);
  const all = expression.otherwise === null ? results : [expression.otherwise, ...results];
  const choice = foldItems("CASE", all, expression.range, context, unknownValue);
  return choice.kind === "problem" ? choice : { ...mixed([tests, choice], "immutable"), type: choice.type };
}

function unknownValue(): undefined {
  return undefined;
}

/** An expression whose parts may fail at run time without its failing: a failure there is no claim. */
function foldParts(
  parts: readonly Expression[],
  context: FoldContext,
  type: DataType,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
  volatility: Volatility | null = "immutable",
): Fold {
  const results = foldAll(parts, context);
  if ("kind" in results) return results;
  const all = results.map(withoutFailure);
  const next = mixed(all, volatility);
  const values = all.map((part) => asBoolean(part, type, context));
  return { ...next, type, value: compute(values) };
}

/** Conditions may be written as text: `not 'f'`. */
function asBoolean(part: Folded, type: DataType, context: ValueContext): Value | null | undefined {
  if (type !== boolean || part.type !== null || part.value?.family !== "text") return part.value;
  const read = readValue(part.value.value, boolean, context);
  return read.kind === "value" ? read.value : undefined;
}

function negated(value: Value | null | undefined): Value | null | undefined {
  return value?.family === "boolean" ? { family: "boolean", value: !value.value } : value === null ? null : undefined;
}

/** AND, or with `deciding` true OR: one deciding value is enough, else all must be known. */
function conjunction(values: readonly (Value | null | undefined)[], deciding: boolean): Value | null | undefined {
  if (values.some((value) => value?.family === "boolean" && value.value === deciding))
    return { family: "boolean", value: deciding };
  if (values.includes(undefined)) return undefined;
  return values.includes(null) ? null : { family: "boolean", value: !deciding };
}

function firstKnown(values: readonly (Value | null | undefined)[]): Value | null | undefined {
  for (const value of values) if (value !== null) return value;
  return null;
}
