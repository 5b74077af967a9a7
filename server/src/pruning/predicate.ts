/** From the expressions of WHERE, ON and CHECK to the clauses that the planner works with. */

import { notedPortion } from "../catalog/access.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { RangeEnd } from "../catalog/value.ts";
import { coerceConstant, evaluate } from "../catalog/values/evaluate.ts";
import { readNullEquals } from "../catalog/values/null-equals.ts";
import { elementOfRange, type RangeValue } from "../catalog/values/range.ts";
import { baseType, sameType } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import { addAll } from "../text/long-lists.ts";
import { cutForPortions, itemsOfCondition } from "../text/portions.ts";
import { arrayClause, arrayElementType, writtenElements } from "./array-clause.ts";
import {
  type Clause,
  type ComparisonOperator,
  combine,
  constantClause,
  isComparisonOperator,
  negateOperator,
} from "./clause.ts";
import { collationOfExpression, comparisonOf, comparisonOfExpressions, foldComparison } from "./comparison.ts";
import { factsOf } from "./expression-facts.ts";
import { expressionKey } from "./expression-key.ts";
import { constantOperand, operandOf } from "./operand.ts";
import type { Scope } from "./scope.ts";
import { chosenBranch } from "./simplify.ts";

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
  const chosen = chosenBranch(expression, scope.context);
  if (chosen !== null) return clauseOf(chosen, scope, negated);
  switch (expression.kind) {
    case "and":
    case "or": {
      const kind = (expression.kind === "and") !== negated ? "and" : "or";
      return combine(kind, clausesOf(expression.operands, scope, negated), range);
    }
    case "not":
      return clauseOf(expression.operand, scope, !negated);
    case "operator": {
      const read = readNullEquals(expression, scope.context.settings);
      return read.kind === "operator" ? operatorClause(read, scope, negated) : clauseOf(read, scope, negated);
    }
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

/** Of a long list portion by portion. */
function clausesOf(operands: readonly Expression[], scope: Scope, negated: boolean): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const some of cutForPortions(operands, itemsOfCondition)) {
    const read = () => some.map((operand) => clauseOf(operand, scope, negated));
    addAll(clauses, notedPortion(some.length * itemsOfCondition, read));
  }
  return clauses;
}

type Of<Kind extends Expression["kind"]> = Extract<Expression, { kind: Kind }>;

const booleanType: DataType = { kind: "base", name: "bool", modifier: null };

function operatorClause(expression: Of<"operator">, scope: Scope, negated: boolean): Clause {
  const { left, right, range } = expression;
  const name = expression.operator === "!=" ? "<>" : expression.operator;
  if (left !== null && (name === "<@" || name === "@>")) {
    const [element, container] = name === "<@" ? [left, right] : [right, left];
    const contained = containmentClause(element, container, expression, scope, negated);
    if (contained !== null) return contained;
  }
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

/**
 * From 17 on the planner makes comparisons with the ends of a constant range (`elem_contained_by_range_support`). Where the range
 * is not known here, it may do so all the same. null where no range is meant.
 */
function containmentClause(
  element: Expression,
  container: Expression,
  whole: Of<"operator">,
  scope: Scope,
  negated: boolean,
): Clause | null {
  const evaluation = evaluate(container, scope.context);
  const type = "type" in evaluation ? evaluation.type : operandOf(container, scope).type;
  const elementName = type?.kind === "base" ? elementOfRange(type.name) : null;
  if (type !== null && elementName === null) return null;
  const operand = operandOf(element, scope);
  const { range } = whole;
  const isRead = evaluation.kind === "constant" && evaluation.value?.family === "range" && !negated;
  const elementType: DataType | null =
    elementName === null ? null : { kind: "base", name: elementName, modifier: null };
  if (scope.context.version < 17 || !isRead || elementType === null || !isOfType(operand.type, elementType))
    return opaque(whole, scope, negated, "contained");
  const { ends } = evaluation.value as RangeValue;
  if (ends === null) return constantClause(false, range);
  const end = ({ value, inclusive }: RangeEnd, operator: ">" | "<"): readonly Clause[] => {
    if (value === null) return [];
    const constant = constantOperand(value, elementType, container.range);
    return [comparisonOf(inclusive ? `${operator}=` : operator, operand, constant, scope, range)];
  };
  return combine("and", [...end(ends.lower, ">"), ...end(ends.upper, "<")], range);
}

function isOfType(type: DataType | null, wanted: DataType): boolean {
  return type !== null && sameType(baseType(type), wanted);
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
  const isPlain = items.map((item) => factsOf(item, scope).columns.length === 0);
  const plain = items.filter((_, index) => isPlain[index]);
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
  const others = items.filter((_, index) => isPlain[index] === false);
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
    source: { expression, scope, negated },
    range,
  };
}
