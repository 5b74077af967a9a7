/** From the expressions of WHERE, ON and CHECK to the clauses that the planner works with. */

import type { DataType } from "../catalog/data-type.ts";
import { arrayElements } from "../catalog/values/array.ts";
import { coerceConstant, evaluate } from "../catalog/values/evaluate.ts";
import type { CastLevel, ValueContext } from "../catalog/values/result.ts";
import { baseType, resolveType } from "../catalog/values/types.ts";
import { chooseOperator, commonType } from "../schemes/relations/operand-types.ts";
import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import type { TextRange } from "../text/range.ts";
import {
  type Clause,
  type Comparison,
  type ComparisonOperator,
  combine,
  constantClause,
  isComparisonOperator,
  negateOperator,
} from "./clause.ts";
import { satisfies } from "./datum-order.ts";
import {
  castOperand,
  constantOperand,
  expressionKey,
  factsOf,
  isBinaryCoercible,
  type Operand,
  operandOf,
  relabelled,
  type Scope,
} from "./operand.ts";

/** The clause that an expression is as a condition; with `negated`, that `NOT` before it is. */
export function clauseOf(expression: Expression, scope: Scope, negated = false): Clause {
  const { range } = expression;
  const evaluation = evaluate(expression, scope.context);
  if (evaluation.kind === "constant") {
    if (evaluation.value === null) return constantClause(false, range);
    const value = coerceConstant(evaluation, booleanType, "implicit", scope.context);
    if (value.kind === "value" && value.value.family === "boolean")
      return constantClause(value.value.value !== negated, range);
  }
  switch (expression.kind) {
    case "and":
    case "or": {
      const kind = (expression.kind === "and") !== negated ? "and" : "or";
      const items = expression.operands.map((operand) => clauseOf(operand, scope, negated));
      return combine(kind, items, range);
    }
    case "not":
      return clauseOf(expression.operand, scope, !negated);
    case "operator":
      return operatorClause(expression, scope, negated);
    case "in":
      return inClause(expression, scope, expression.negated !== negated);
    case "between":
      return betweenClause(expression, scope, expression.negated !== negated);
    case "any-array":
      return anyArrayClause(expression, scope, negated);
    case "distinct-from": {
      const [left, right] = [expression.left, expression.right];
      const other = isNullLiteral(left) ? right : isNullLiteral(right) ? left : null;
      if (other === null) return opaque(expression, scope, negated, "other");
      // `x IS NOT DISTINCT FROM NULL` is `x IS NULL`.
      return { kind: "null-test", operand: operandOf(other, scope), negated: expression.negated === negated, range };
    }
    case "null-test": {
      if (expression.operand.kind === "row") return opaque(expression, scope, negated, "other");
      return {
        kind: "null-test",
        operand: operandOf(expression.operand, scope),
        negated: expression.negated !== negated,
        range,
      };
    }
    case "boolean-test": {
      const operand = operandOf(expression.operand, scope);
      const flipped = expression.negated !== negated;
      return { kind: "boolean-test", operand, value: expression.value, negated: flipped, range };
    }
    case "subquery":
      return opaque(expression, scope, negated, "subquery");
    case "column":
    case "cast":
    case "collate": {
      const operand = operandOf(expression, scope);
      if (operand.kind === "constant") return opaque(expression, scope, negated, "unknown");
      return { kind: "boolean", operand, negated, range };
    }
    default:
      return opaque(expression, scope, negated, "other");
  }
}

/** `left operator right` with the casts and the simplification that PostgreSQL does. */
export function comparisonOf(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  scope: Scope,
  range: TextRange,
  collations: readonly Collation[] = [collationOf(left), collationOf(right)],
): Comparison {
  const types = operatorTypes(operator, left, right);
  const collation = combineCollations(collations, types?.left ?? null);
  if (types === null)
    return { kind: "comparison", operator, left, right, types: null, stable: false, collation, range };
  return {
    kind: "comparison",
    operator,
    left: broughtTo(left, types.left, scope),
    right: broughtTo(right, types.right, scope),
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

type Of<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

const booleanType: DataType = { kind: "base", name: "bool", modifier: null };

function operatorClause(expression: Of<"operator">, scope: Scope, negated: boolean): Clause {
  const { left, right, range } = expression;
  const name = expression.operator === "!=" ? "<>" : expression.operator;
  if (left === null || !isComparisonOperator(name)) return opaque(expression, scope, negated, "other");
  const operator = negated ? negateOperator(name) : name;
  if (left.kind === "row" && right.kind === "row") return rowClause(expression, left, right, operator, scope, negated);
  if (left.kind === "row" || right.kind === "row") return opaque(expression, scope, negated, "other");
  // `(k > 5) = true` is `k > 5`: PostgreSQL looks through comparisons of conditions with constants.
  if (operator === "=" || operator === "<>") {
    for (const [constant, other] of [
      [right, left],
      [left, right],
    ] as const) {
      const truth = booleanConstant(constant, scope);
      if (truth !== null && isCondition(other)) return clauseOf(other, scope, truth !== (operator === "="));
    }
  }
  return foldComparison(comparisonOfExpressions(operator, left, right, scope, range), scope.context);
}

function comparisonOfExpressions(
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

function rowClause(
  expression: Of<"operator">,
  left: Of<"row">,
  right: Of<"row">,
  operator: ComparisonOperator,
  scope: Scope,
  negated: boolean,
): Clause {
  if ((operator !== "=" && operator !== "<>") || left.items.length !== right.items.length)
    return opaque(expression, scope, negated, "row-comparison");
  const items = left.items.flatMap((item, index) => {
    const other = right.items[index];
    return other === undefined
      ? []
      : [foldComparison(comparisonOfExpressions(operator, item, other, scope, expression.range), scope.context)];
  });
  return combine(operator === "=" ? "and" : "or", items, expression.range);
}

/** As `transformAExprIn`: constants and parameters become one array where they have a common type, columns comparisons of their own. */
function inClause(expression: Of<"in">, scope: Scope, negated: boolean): Clause {
  const { operand, items, range } = expression;
  const operator: ComparisonOperator = negated ? "<>" : "=";
  const kind = negated ? "and" : "or";
  const single = (item: Expression): Clause =>
    operand.kind === "row" && item.kind === "row"
      ? rowClause(
          { kind: "operator", operator, left: operand, right: item, range },
          operand,
          item,
          operator,
          scope,
          false,
        )
      : foldComparison(comparisonOfExpressions(operator, operand, item, scope, range), scope.context);
  if (operand.kind === "row") return combine(kind, items.map(single), range);
  const plain = items.filter((item) => factsOf(item, scope).columns.length === 0);
  if (plain.length <= 1) return combine(kind, items.map(single), range);
  const left = operandOf(operand, scope);
  const rights = plain.map((item) => operandOf(item, scope));
  const common = arrayElementType([left, ...rights]);
  if (common === null) return combine(kind, items.map(single), range);
  const array = arrayClause(
    operator,
    left,
    rights,
    common,
    negated,
    scope,
    range,
    collationOfExpression(operand, left),
  );
  const others = items.filter((item) => !plain.includes(item));
  return combine(kind, [array, ...others.map(single)], range);
}

function betweenClause(expression: Of<"between">, scope: Scope, negated: boolean): Clause {
  const { operand, low, high, range } = expression;
  const side = (operator: ComparisonOperator, bound: Expression): Clause =>
    foldComparison(
      comparisonOfExpressions(negated ? negateOperator(operator) : operator, operand, bound, scope, range),
      scope.context,
    );
  const within = (a: Expression, b: Expression): Clause =>
    combine(negated ? "or" : "and", [side(">=", a), side("<=", b)], range);
  if (!expression.symmetric) return within(low, high);
  return combine(negated ? "and" : "or", [within(low, high), within(high, low)], range);
}

function anyArrayClause(expression: Of<"any-array">, scope: Scope, negated: boolean): Clause {
  const { operand, array, range } = expression;
  const name = expression.operator === "!=" ? "<>" : expression.operator;
  if (!isComparisonOperator(name)) return opaque(expression, scope, negated, "other");
  const operator = negated ? negateOperator(name) : name;
  const all = expression.all !== negated;
  const left = operandOf(operand, scope);
  const elements = writtenElements(array, left, scope);
  if (elements === "null") return constantClause(false, range);
  const collation = collationOfExpression(operand, left);
  if (elements !== null) {
    const common = elements.type ?? arrayElementType(elements.operands);
    if (common !== null) return arrayClause(operator, left, elements.operands, common, all, scope, range, collation);
  }
  const whole = operandOf(array, scope);
  return { kind: "array-comparison", left, elements: [], all, array: "unknown", operand: whole, range };
}

function arrayClause(
  operator: ComparisonOperator,
  left: Operand,
  rights: readonly Operand[],
  elementType: DataType,
  all: boolean,
  scope: Scope,
  range: TextRange,
  collation: Collation,
): Clause {
  // The operator is that of the element type, even for an element that alone would have another.
  const elements = rights.map((right) => {
    const brought = broughtTo(right, elementType, scope);
    return comparisonOf(operator, left, brought, scope, range, [collation, null]);
  });
  const constant = elements.every(({ right }) => right.kind === "constant");
  const [first] = elements;
  const operand = constantOperand(null, elementType, range);
  return {
    kind: "array-comparison",
    left: first?.left ?? left,
    elements,
    all,
    array: constant ? "constant" : "list",
    operand,
    range,
  };
}

/** The elements of `ARRAY[…]`, `'{…}'` and casts of them; `null` (the word) for a NULL array, null where they are not written out. */
function writtenElements(
  array: Expression,
  left: Operand,
  scope: Scope,
): { readonly operands: readonly Operand[]; readonly type: DataType | null } | "null" | null {
  if (array.kind === "array") return { operands: array.items.map((item) => operandOf(item, scope)), type: null };
  if (array.kind === "cast" && array.operand.kind === "array") {
    const type = resolveType(scope.context.catalog, array.type);
    const elements = writtenElements(array.operand, left, scope);
    if (type.kind !== "array" || elements === null || elements === "null") return elements;
    return {
      operands: elements.operands.map((operand) => broughtTo(operand, type.element, scope, "explicit")),
      type: type.element,
    };
  }
  const evaluation = evaluate(array, scope.context);
  if (evaluation.kind !== "constant") return null;
  if (evaluation.value === null) return "null";
  const type =
    evaluation.type?.kind === "array" ? evaluation.type.element : evaluation.type === null ? left.type : null;
  const text =
    evaluation.value.family === "text"
      ? evaluation.value.value
      : evaluation.value.family === "opaque"
        ? evaluation.value.text
        : null;
  const texts = text === null ? null : arrayElements(text);
  if (type === null || texts === null) return null;
  const operands = texts.map((element) =>
    broughtTo(
      constantOperand(element === null ? null : { family: "text", value: element }, null, array.range),
      type,
      scope,
    ),
  );
  return { operands, type };
}

/** The type that `select_common_type` finds for operands; null where there is none or we cannot tell. */
function arrayElementType(operands: readonly Operand[]): DataType | null {
  if (operands.some((operand) => operand.type === null && !isUntyped(operand))) return null;
  const types = operands.map(({ type }) => type);
  const known = types.filter((type) => type !== null).map(baseType);
  const datetimes = known.map((type) =>
    type.kind === "base" ? ["date", "timestamp", "timestamptz"].indexOf(type.name) : -1,
  );
  if (known.length > 0 && datetimes.every((rank) => rank >= 0))
    return known[datetimes.indexOf(Math.max(...datetimes))] ?? null;
  const strings = known.map((type) => (type.kind === "base" ? type.name : ""));
  if (known.length > 0 && strings.every((name) => name === "text" || name === "varchar")) return known[0] ?? null;
  return commonType(types);
}

/** The types of the operator that PostgreSQL chooses for the operands; null where we cannot tell. */
function operatorTypes(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
): { readonly left: DataType; readonly right: DataType } | null {
  if (left.type === null && !isUntyped(left)) return null;
  if (right.type === null && !isUntyped(right)) return null;
  const choice = chooseOperator(operator, left.type, right.type);
  return choice.kind === "found" ? { left: choice.left, right: choice.right } : null;
}

/** A literal, NULL or parameter that takes the type of what it is compared with. */
function isUntyped(operand: Operand): boolean {
  return (
    operand.type === null &&
    (operand.kind === "constant" || (operand.kind === "run-time" && operand.cause === "parameter"))
  );
}

/** The operand as one of that type: a constant converted, anything else under a cast where one is needed. */
function broughtTo(operand: Operand, type: DataType, scope: Scope, level: CastLevel = "implicit"): Operand {
  const { range } = operand;
  if (operand.kind === "constant" || (operand.kind === "run-time" && operand.value !== undefined)) {
    const { value } = operand;
    if (value === undefined) return operand;
    const result = coerceConstant({ kind: "constant", value, type: operand.type }, type, level, scope.context);
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
type Collation = { readonly name: string; readonly explicit: boolean } | null;

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

function collationOfExpression(expression: Expression, operand: Operand): Collation {
  if (expression.kind === "collate") return { name: expression.collation.at(-1) ?? "", explicit: true };
  if (expression.kind === "cast") return collationOfExpression(expression.operand, operand);
  return collationOf(operand);
}

function combineCollations(collations: readonly Collation[], type: DataType | null): string | null {
  if (type !== null && !(type.kind === "base" && ["text", "varchar", "bpchar", "name"].includes(type.name)))
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

function booleanConstant(expression: Expression, scope: Scope): boolean | null {
  const evaluation = evaluate(expression, scope.context);
  if (evaluation.kind !== "constant" || evaluation.type === null || evaluation.value?.family !== "boolean") return null;
  return evaluation.value.value;
}

/** Expressions that are conditions by their form. */
function isCondition(expression: Expression): boolean {
  switch (expression.kind) {
    case "and":
    case "or":
    case "not":
    case "in":
    case "between":
    case "any-array":
    case "distinct-from":
    case "null-test":
    case "boolean-test":
    case "like":
      return true;
    case "operator":
      return expression.left !== null && isComparisonOperator(expression.operator);
    default:
      return false;
  }
}

function isNullLiteral(expression: Expression): boolean {
  return expression.kind === "constant" && expression.value.type === "null";
}

function opaque(
  expression: Expression,
  scope: Scope,
  negated: boolean,
  why: Extract<Clause, { kind: "opaque" }>["why"],
): Clause {
  const { range } = expression;
  const facts = factsOf(expression, scope);
  const evaluation = evaluate(expression, scope.context);
  // `NOT LIKE` and `IS NOT DISTINCT FROM` are the opposite of what they negate, as `NOT (…)` is.
  const written = (expression.kind === "like" || expression.kind === "distinct-from") && expression.negated;
  const positive: Expression =
    expression.kind === "like" || expression.kind === "distinct-from" ? { ...expression, negated: false } : expression;
  const volatility =
    evaluation.kind === "row-dependent" || evaluation.kind === "parameter"
      ? (evaluation.volatility ?? "unknown")
      : evaluation.kind === "stable" || evaluation.kind === "volatile"
        ? evaluation.kind
        : "unknown";
  const strict =
    expression.kind === "like" || (expression.kind === "operator" && expression.left !== null && why === "other");
  return {
    kind: "opaque",
    key: expressionKey(positive, scope),
    negated: negated !== written,
    why: facts.execution ? "subquery" : volatility === "volatile" ? "volatile" : why,
    columns: facts.columns,
    strictFor: strict ? operandsOf(expression).map((operand) => operandOf(operand, scope)) : [],
    volatility,
    range,
  };
}
