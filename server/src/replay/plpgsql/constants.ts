/** Evaluates expressions over PL/pgSQL's variables, as far as constants and the date tell their values. */

import type { DataType } from "../../catalog/data-type.ts";
import { type EvaluateContext, evaluate, expressionType } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { mayCompute, sizeOf } from "../../catalog/values/work.ts";
import type { Expression, TypeName } from "../../syntax/expression.ts";
import { mapOperands } from "../../syntax/expression-walk.ts";
import type { TextRange } from "../../text/range.ts";
import { arrayFunction, elementAt, isArrayFunction, joinArrays } from "./array-functions.ts";
import { type Built, buildText, isBuilder, joinTexts } from "./builders.ts";
import { relationExists } from "./existence.ts";
import { assignTo, dayLong, type TypedValue, textOf, type Variables } from "./typed-value.ts";

const textType = baseTypeNamed("text");

/**
 * The value of an expression over variables; null where it cannot be told, undefined where PostgreSQL fails. The clock counts as
 * far as the date tells it: `date_trunc('month', now())` is the same all day, `now()` is not and has two values.
 */
export function evaluateWith(
  expression: Expression,
  variables: Variables,
  context: EvaluateContext,
): TypedValue | null | undefined {
  const timeless = evaluateOnce(expression, variables, { ...context, today: null });
  if (timeless !== null || context.today === null) return timeless;
  const first = evaluateOnce(expression, variables, context);
  const last = first == null ? first : evaluateOnce(expression, variables, { ...context, atEndOfDay: true });
  return first == null || last == null ? null : dayLong(first, last, context);
}

function evaluateOnce(
  expression: Expression,
  variables: Variables,
  context: EvaluateContext,
): TypedValue | null | undefined {
  const constant = withConstants(expression, variables, context);
  if (constant === null) return null;
  const result = evaluate(constant, context);
  if (result.kind === "problem") return undefined;
  if (result.kind !== "constant" && result.kind !== "stable") return null;
  return result.value === undefined ? null : { value: result.value, type: result.type };
}

/** What a value is at the moment of the context; null where that depends on a clock that it does not tell. */
function atMoment(typed: TypedValue, { today, atEndOfDay }: EvaluateContext): TypedValue | null {
  if (typed.late === undefined) return typed;
  if (today === null) return null;
  return { value: atEndOfDay === true ? typed.late : typed.value, type: typed.type };
}

/** The expression with variables and string-building calls replaced by constants; null where one has no known value. */
function withConstants(expression: Expression, variables: Variables, context: EvaluateContext): Expression | null {
  let known = true;
  const change = (part: Expression): Expression => {
    if (!known) return part;
    const exists = relationExists(part, context.catalog, (inside) => {
      const found = evaluateOnce(inside, variables, context);
      return found == null ? null : (textOf(found, context) ?? null);
    });
    if (exists !== undefined) {
      if (exists === null) known = false;
      return {
        kind: "constant",
        value: { type: "boolean", text: exists === true ? "true" : "false" },
        range: part.range,
      };
    }
    if (part.kind === "column" || part.kind === "parameter") {
      const name = part.kind === "parameter" ? `$${part.number}` : part.names.join(".");
      const held = part.kind === "column" && part.star ? undefined : variables.get(name);
      // A name that is no variable is a column, and nothing of a row is known here.
      const variable = held == null ? null : atMoment(held, context);
      const constant = variable === null ? null : constantExpression(variable, part.range, context);
      if (constant === null) known = false;
      return constant ?? part;
    }
    const inside = mapOperands(part, change);
    if (!known) return inside;
    const built = builtBy(inside, context);
    if (built === undefined) return inside;
    const constant = constantExpression(built, part.range, context);
    if (constant === null) known = false;
    return constant ?? inside;
  };
  const changed = change(expression);
  return known ? changed : null;
}

function constantExpression(typed: TypedValue, range: TextRange, context: EvaluateContext): Expression | null {
  const text = mayCompute(sizeOf(typed.value), context.work) ? textOf(typed, context) : undefined;
  if (text === undefined) return null;
  const literal: Expression = {
    kind: "constant",
    value: text === null ? { type: "null" } : { type: "string", text },
    range,
  };
  if (typed.type === null) return literal;
  const type = typeNameOf(typed.type, range);
  return type === null ? null : { kind: "cast", operand: literal, type, range };
}

function typeNameOf(type: DataType, range: TextRange): TypeName | null {
  const plain = { modifiers: [], arrayDimensions: 0, setOf: false, range };
  switch (type.kind) {
    case "base":
      return { ...plain, names: ["pg_catalog", type.name] };
    case "enum":
    case "domain":
      return { ...plain, names: [type.schema, type.name] };
    case "array": {
      const element = typeNameOf(type.element, range);
      return element === null ? null : { ...element, arrayDimensions: 1 };
    }
    case "composite":
    case "unknown":
      return null;
  }
}

function textValue(text: Built): TypedValue | undefined {
  if (text === undefined) return undefined;
  return { value: text === null ? null : { family: "text", value: text }, type: textType };
}

/** What is built of constants by functions of texts and arrays, `||` and subscripts; undefined for all else, and where it is not known. */
function builtBy(expression: Expression, context: EvaluateContext): TypedValue | undefined {
  switch (expression.kind) {
    case "operator": {
      if (expression.operator !== "||" || expression.left === null || expression.schema !== undefined) return undefined;
      const [left, right] = constantsOf([expression.left, expression.right], context) ?? [];
      if (left === undefined || right === undefined) return undefined;
      return joinArrays(left, right, context) ?? textValue(joinTexts(left, right, context));
    }
    case "other": {
      const isSubscript = expression.description === "A_Indirection" && expression.children.length === 2;
      const [array, index] = (isSubscript ? constantsOf(expression.children, context) : null) ?? [];
      return array === undefined || index === undefined ? undefined : elementAt(array, index);
    }
    case "call": {
      const { name } = expression;
      const ownName = name.at(-1) ?? "";
      const isKnown = isBuilder(name) || (isArrayFunction(ownName) && (name.length === 1 || name[0] === "pg_catalog"));
      if (!isKnown || isOwn(name, context)) return undefined;
      if (expression.arguments.some((argument) => argument.variadic || argument.name !== undefined)) return undefined;
      const values = constantsOf(
        expression.arguments.map(({ value }) => value),
        context,
      );
      if (values === null) return undefined;
      return arrayFunction(ownName, values, context) ?? textValue(buildText(name, values, context));
    }
    case "case":
      return chosenBranch(expression, context);
    default:
      return undefined;
  }
}

/** The result of the first condition that holds, as one of the type that all results are brought to. */
function chosenBranch(
  expression: Extract<Expression, { kind: "case" }>,
  context: EvaluateContext,
): TypedValue | undefined {
  const { operand, whens, otherwise, range } = expression;
  const type = expressionType(expression, context) ?? textType;
  const finished = (result: Expression | null): TypedValue | undefined => {
    const value = result === null ? { value: null, type } : evaluateOnce(result, new Map(), context);
    return value == null ? undefined : (assignTo(value, type, context) ?? undefined);
  };
  for (const { condition, result } of whens) {
    const test: Expression =
      operand === null ? condition : { kind: "operator", operator: "=", left: operand, right: condition, range };
    const holds = evaluateOnce(test, new Map(), context);
    if (holds == null || (holds.value !== null && holds.value.family !== "boolean")) return undefined;
    if (holds.value?.family === "boolean" && holds.value.value) return finished(result);
  }
  return finished(otherwise);
}

function constantsOf(parts: readonly Expression[], context: EvaluateContext): readonly TypedValue[] | null {
  const values: TypedValue[] = [];
  for (const part of parts) {
    const value = evaluateOnce(part, new Map(), context) ?? null;
    if (value === null) return null;
    values.push(value);
  }
  return values;
}

/** Whether the script has a function of that name too, which may be the one that is meant. */
function isOwn(name: readonly string[], { catalog }: EvaluateContext): boolean {
  return name.length === 1 && catalog.functions.has(name[0] ?? "");
}

/** A variable's value in place of its name; any other expression, and a variable that is not known, as it is. */
export function withKnownVariables(expression: Expression, variables: Variables, context: EvaluateContext): Expression {
  if (expression.kind !== "column" && expression.kind !== "parameter") return expression;
  const name = expression.kind === "parameter" ? `$${expression.number}` : expression.names.join(".");
  const held = variables.get(name);
  return held == null ? expression : (constantExpression(held, expression.range, context) ?? expression);
}
