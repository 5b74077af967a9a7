/** Comparisons with the operator, the casts and the collation that PostgreSQL chooses for them. */

import type { DataType } from "../catalog/data-type.ts";
import { coerceConstant, type EvaluateContext } from "../catalog/values/evaluate.ts";
import type { CastLevel, ValueContext } from "../catalog/values/result.ts";
import { sameTypeName } from "../catalog/values/types.ts";
import { chooseOperator } from "../effects/relations/operand-types.ts";
import type { Expression } from "../syntax/expression.ts";
import type { TextRange } from "../text/range.ts";
import { type Clause, type Comparison, type ComparisonOperator, constantClause } from "./clause.ts";
import { satisfies } from "./datum-order.ts";
import { isBinaryCoercible } from "./expression-key.ts";
import { castOperand, constantOperand, type Operand, operandOf, relabelled } from "./operand.ts";
import type { Scope } from "./scope.ts";

/** `left operator right` with the casts and the simplification that PostgreSQL does. */
export function comparisonOf(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  scope: Scope,
  range: TextRange,
  collations: readonly Collation[] = [collationOf(left), collationOf(right)],
): Comparison {
  const types = operatorTypes(operator, left, right, scope.context);
  const collation = combineCollations(collations, types?.left ?? null);
  if (types === null)
    return { kind: "comparison", operator, left, right, types: null, stable: false, collation, range };
  return {
    kind: "comparison",
    operator,
    left: broughtTo(left, types.left, scope.context),
    right: broughtTo(right, types.right, scope.context),
    types,
    stable: isStableOperator(types.left, types.right),
    collation,
    range,
  };
}

/** A comparison as a condition: a constant where both sides are, or one is NULL; the column itself for `b = true`. */
export function foldComparison(comparison: Comparison, context: ValueContext): Clause {
  const { operator, left, right, range } = comparison;
  const isNull = (operand: Operand): boolean => operand.kind === "constant" && operand.value === null;
  if (comparison.types !== null && (isNull(left) || isNull(right))) return constantClause(false, range);
  if (left.kind === "constant" && right.kind === "constant" && left.value !== null && right.value !== null) {
    if (comparison.types === null || comparison.stable) return comparison;
    const { types, collation } = comparison;
    const [a, b] = [
      { value: left.value, type: types.left },
      { value: right.value, type: types.right },
    ];
    const truth = satisfies(operator, a, b, collation, context);
    return truth === null ? comparison : constantClause(truth, range);
  }
  for (const [constant, other] of [
    [right, left],
    [left, right],
  ] as const) {
    if (constant.kind !== "constant" || constant.value?.family !== "boolean") continue;
    if (operator !== "=" && operator !== "<>") continue;
    return { kind: "boolean", operand: other, negated: constant.value.value !== (operator === "="), range };
  }
  return comparison;
}

/** The comparison of two expressions. */
export function comparisonOfExpressions(
  operator: ComparisonOperator,
  left: Expression,
  right: Expression,
  scope: Scope,
  range: TextRange,
): Comparison {
  const operands = [operandOf(left, scope), operandOf(right, scope)] as const;
  const collations = [collationOfExpression(left, operands[0]), collationOfExpression(right, operands[1])];
  return comparisonOf(operator, operands[0], operands[1], scope, range, collations);
}

/** The types of the operator that PostgreSQL chooses for the operands; null where we cannot tell. */
function operatorTypes(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  { catalog }: EvaluateContext,
): { readonly left: DataType; readonly right: DataType } | null {
  if (left.type === null && !isUntyped(left)) return null;
  if (right.type === null && !isUntyped(right)) return null;
  const row = rowType(left, right) ?? rowType(right, left);
  // A type of the script's own may have operators of its own.
  if (row !== null && catalog.hasUnkeptObjects !== true && !catalog.code.has(`operator ${operator}`))
    return { left: row, right: row };
  const choice = chooseOperator(operator, left.type, right.type);
  return choice.kind === "found" ? { left: choice.left, right: choice.right } : null;
}

/** The composite type of an operand that is compared with another of the type, or with NULL: any two of them are compared as records. */
function rowType({ type }: Operand, other: Operand): DataType | null {
  if (type?.kind !== "composite") return null;
  if (other.type?.kind === "composite") return sameTypeName(type, other.type) ? type : null;
  return other.type === null && other.kind === "constant" && other.value === null ? type : null;
}

/** A literal, NULL or parameter that takes the type of what it is compared with. */
export function isUntyped(operand: Operand): boolean {
  return (
    operand.type === null &&
    (operand.kind === "constant" || (operand.kind === "run-time" && operand.cause === "parameter"))
  );
}

/** The operand as one of that type: a constant converted, anything else under a cast where one is needed. */
export function broughtTo(
  operand: Operand,
  type: DataType,
  context: EvaluateContext,
  level: CastLevel = "implicit",
): Operand {
  const { range } = operand;
  if (operand.kind === "constant" || (operand.kind === "run-time" && operand.value !== undefined)) {
    const { value } = operand;
    if (value === undefined) return operand;
    const result = coerceConstant({ kind: "constant", value, type: operand.type }, type, level, context);
    if (result.kind === "value" || result.kind === "null") {
      const coerced = result.kind === "null" ? null : result.value;
      return operand.kind === "constant" ? constantOperand(coerced, type, range) : { ...operand, type, value: coerced };
    }
    const key = `${operand.key} as ?`;
    return {
      kind: "run-time",
      key,
      range,
      type,
      cause: operand.kind === "constant" ? "unknown" : operand.cause,
      value: undefined,
    };
  }
  if (operand.kind === "run-time") return { ...operand, type };
  if (operand.type === null) return operand;
  if (isBinaryCoercible(operand.type, type)) return relabelled(operand, type);
  return castOperand(operand, type);
}

function isStableOperator(left: DataType, right: DataType): boolean {
  const names = [left, right].map((type) => (type.kind === "base" ? type.name : ""));
  return names.includes("timestamptz") && (names.includes("date") || names.includes("timestamp"));
}

/** A collation as it reaches an operator: written, from a column, or none. */
export type Collation = { readonly name: string; readonly explicit: boolean } | null;

function collationOf(operand: Operand): Collation {
  // The type `name` brings its own collation along.
  if (operand.type?.kind === "base" && operand.type.name === "name") return { name: "C", explicit: false };
  if (operand.kind === "column") {
    const { collation } = operand.column;
    return collation === null ? null : { name: collation, explicit: false };
  }
  if (operand.kind !== "expression") return null;
  const implicit = operand.columns.flatMap(({ collation }) =>
    collation === null ? [] : [{ name: collation, explicit: false }],
  );
  const name = chosenCollation(implicit);
  return name === null ? null : { name, explicit: false };
}

/** The collation that an expression brings to an operator. */
export function collationOfExpression(expression: Expression, operand: Operand): Collation {
  if (expression.kind === "collate") return { name: expression.collation.at(-1) ?? "", explicit: true };
  if (expression.kind === "cast") return collationOfExpression(expression.operand, operand);
  return collationOf(operand);
}

function combineCollations(collations: readonly Collation[], type: DataType | null): string | null {
  const element = type?.kind === "array" ? type.element : type;
  if (element !== null && !(element.kind === "base" && ["text", "varchar", "bpchar", "name"].includes(element.name)))
    return null;
  return chosenCollation(collations.filter((collation) => collation !== null)) ?? "default";
}

/** A written collation goes before those of columns, and among these any goes before the database's own. */
function chosenCollation(collations: readonly NonNullable<Collation>[]): string | null {
  const explicit = collations.filter((collation) => collation.explicit);
  const names = new Set((explicit.length > 0 ? explicit : collations).map(({ name }) => name));
  if (names.size > 1 && explicit.length === 0) names.delete("default");
  const [name = null] = names;
  return names.size > 1 ? "conflict" : name;
}
