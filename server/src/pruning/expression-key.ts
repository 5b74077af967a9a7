/** Keys of expressions: the same for those that PostgreSQL's `equal()` takes for the same, with their names resolved. */

import type { DataType } from "../catalog/data-type.ts";
import type { Value } from "../catalog/value.ts";
import { castBetween } from "../catalog/values/builtins.ts";
import { coerceConstant, type EvaluateContext, evaluate, expressionType } from "../catalog/values/evaluate.ts";
import { baseType, resolveType, sameType, withoutModifier } from "../catalog/values/types.ts";
import { chooseFunction, chooseOperator } from "../effects/relations/operand-types.ts";
import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import type { ColumnOfReference, Scope } from "./scope.ts";
import { chosenBranch, inlinedCall } from "./simplify.ts";

/** The key of an expression with its names resolved; worked out once for each scope. */
export function expressionKey(expression: Expression, scope: Scope): string {
  const ofScope = keys.get(scope) ?? new WeakMap<Expression, string>();
  keys.set(scope, ofScope);
  const key = ofScope.get(expression) ?? keyAnew(expression, scope);
  ofScope.set(expression, key);
  return key;
}

const keys = new WeakMap<Scope, WeakMap<Expression, string>>();

function keyAnew(expression: Expression, scope: Scope): string {
  const evaluation = evaluate(expression, scope.context);
  if (evaluation.kind === "constant") return `constant(${typeKey(evaluation.type)} ${valueKey(evaluation.value)})`;
  const chosen = chosenBranch(expression, scope.context);
  if (chosen !== null) return expressionKey(chosen, scope);
  const inner = operandKeys(expression, scope);
  switch (expression.kind) {
    case "column": {
      const resolved = scope.resolve(expression.names);
      if (resolved.kind === "column") return columnKey(resolved.column);
      if (resolved.kind === "derived") return expressionKey(resolved.expression, resolved.scope);
      return `${resolved.kind}(${expression.names.join(".")})`;
    }
    case "cast": {
      if (isRelabelling(expression, scope)) return inner[0] ?? "";
      return castKey(inner[0] ?? "", resolveType(scope.context.catalog, expression.type));
    }
    case "call": {
      // `extract(year from d)` and `date_part('year', d)` are different functions since 14, and both are written here as called.
      const name = expression.name.filter((part) => part !== "pg_catalog").join(".");
      const inlined = inlinedCall(name, expression, scope.context);
      if (inlined !== null) return expressionKey(inlined, scope);
      const converted = conversionOf(name, expression, scope);
      if (converted !== null) return castKey(inner[0] ?? "", converted);
      const marks = `${expression.distinct ? " distinct" : ""}${expression.window === null ? "" : " over"}`;
      return `${name}${marks}(${inner.join(", ")})`;
    }
    case "operator":
      return `(${expression.operator} ${inner.join(", ")})`;
    case "collate":
      return inner[0] ?? "";
    case "parameter":
      return `$${expression.number}`;
    case "sql-value":
      return expression.name;
    case "subquery":
      // Two subqueries are never the same expression, as far as we look.
      return `subquery@${expression.range.start}`;
    case "null-test":
    case "boolean-test":
    case "in":
    case "between":
    case "distinct-from":
    case "like":
    case "any-array":
    case "greatest-least":
    case "field":
    case "other":
      return `${expression.kind} ${discriminator(expression)}(${inner.join(", ")})`;
    default:
      return `${expression.kind}(${inner.join(", ")})`;
  }
}

/** The type to which a call in the form `date(x)` casts: PostgreSQL takes it for the cast, or the cast for that function. */
function conversionOf(
  name: string,
  { arguments: given, distinct, window }: Extract<Expression, { kind: "call" }>,
  { context }: Scope,
): DataType | null {
  const [argument, ...more] = given;
  if (argument === undefined || argument.name !== undefined || more.length > 0 || distinct || window !== null)
    return null;
  const from = expressionType(argument.value, context);
  if (from === null) return null;
  const source = baseType(from);
  const { range } = argument.value;
  const target = resolveType(context.catalog, {
    names: [name],
    modifiers: [],
    arrayDimensions: 0,
    setOf: false,
    range,
  });
  if (source.kind !== "base" || target.kind !== "base" || source.name === target.name) return null;
  return castBetween(source.name, target.name) === null ? null : target;
}

/** The keys of the operands; a literal without a type is one of the type that the operator or function takes. */
function operandKeys(expression: Expression, scope: Scope): readonly string[] {
  const { context } = scope;
  const operands = operandsOf(expression);
  const isCall = expression.kind === "call" || (expression.kind === "operator" && expression.left !== null);
  const evaluations = isCall ? operands.map((operand) => evaluate(operand, context)) : [];
  const isUntyped = (index: number): boolean => {
    const evaluation = evaluations[index];
    return evaluation?.kind === "constant" && evaluation.type === null;
  };
  const taken = operands.some((_, index) => isUntyped(index)) ? parameterTypes(expression, operands, context) : null;
  return operands.map((operand, index) => {
    const [evaluation, type] = [evaluations[index], taken?.[index] ?? null];
    if (evaluation === undefined || type === null || !isUntyped(index)) return expressionKey(operand, scope);
    const result = coerceConstant(evaluation, type, "implicit", context);
    if (result.kind !== "value" && result.kind !== "null") return expressionKey(operand, scope);
    return `constant(${typeKey(type)} ${valueKey(result.kind === "null" ? null : result.value)})`;
  });
}

/** The types that an operator or one of PostgreSQL's own functions takes; null where that is not known. */
function parameterTypes(
  expression: Expression,
  operands: readonly Expression[],
  context: EvaluateContext,
): readonly DataType[] | null {
  const types = operands.map((operand) => {
    const evaluation = evaluate(operand, context);
    return evaluation.kind === "constant" ? evaluation.type : expressionType(operand, context);
  });
  const isUnknown = types.some(
    (type, index) => type === null && evaluate(operands[index] as Expression, context).kind !== "constant",
  );
  if (isUnknown) return null;
  if (expression.kind === "operator") {
    const [left = null, right = null] = types;
    const choice = chooseOperator(expression.operator, left, right);
    return choice.kind === "found" ? [choice.left, choice.right] : null;
  }
  if (expression.kind !== "call" || expression.name.length > 2) return null;
  const choice = chooseFunction(expression.name.at(-1) ?? "", types);
  return choice.kind === "found" ? choice.arguments : null;
}

/** Whether a value of the one type is taken as one of the other without any conversion, which PostgreSQL's matching looks through. */
export function isBinaryCoercible(from: DataType, to: DataType): boolean {
  const [a, b] = [baseType(from), baseType(to)];
  if (a.kind !== "base" || b.kind !== "base") return sameType(a, b);
  if (a.name === b.name) return b.modifier === null || sameType(a, b);
  return b.modifier === null && (relabels.get(a.name)?.includes(b.name) ?? false);
}

const relabels: ReadonlyMap<string, readonly string[]> = new Map([
  ["text", ["varchar", "bpchar"]],
  ["varchar", ["text", "bpchar"]],
  ["cidr", ["inet"]],
]);

export function columnKey(column: ColumnOfReference): string {
  return `#${column.reference}.${column.name}`;
}

/** A text that is the same for equal values of one family and differs otherwise. */
export function valueKey(value: Value | null): string {
  return dataKey(value);
}

/** Values are plain data. */
function dataKey(data: unknown): string {
  return typeof data === "object" && data !== null ? `{${Object.values(data).map(dataKey).join(",")}}` : String(data);
}

export function castKey(inner: string, to: DataType): string {
  return `cast(${inner} as ${typeKey(to)})`;
}

export function typeKey(type: DataType | null): string {
  if (type === null) return "unknown";
  const plain = baseType(withoutModifier(type));
  if (plain.kind === "base") return plain.name;
  if (plain.kind === "array") return `${typeKey(plain.element)}[]`;
  return plain.kind === "domain" ? typeKey(plain.base) : `${plain.schema}.${plain.name}`;
}

/** A written cast that changes nothing of the value: it is looked through. */
export function isRelabelling(expression: Extract<Expression, { kind: "cast" }>, scope: Scope): boolean {
  const evaluation = evaluate(expression.operand, scope.context);
  const from = "type" in evaluation ? evaluation.type : null;
  return from !== null && isBinaryCoercible(from, resolveType(scope.context.catalog, expression.type));
}

function discriminator(expression: Expression): string {
  switch (expression.kind) {
    case "null-test":
    case "in":
    case "distinct-from":
      return String(expression.negated);
    case "boolean-test":
      return `${expression.negated} ${expression.value}`;
    case "between":
      return `${expression.negated} ${expression.symmetric}`;
    case "like":
      return `${expression.negated} ${expression.variant}`;
    case "any-array":
      return `${expression.operator} ${expression.all}`;
    case "greatest-least":
      return String(expression.greatest);
    case "field":
      return expression.name;
    case "other":
      return expression.description;
    default:
      return "";
  }
}
