/** Walking the parts of a value expression. */

import { addAll } from "../text/long-lists.ts";
import type { Expression } from "./expression.ts";

/** The direct operands of an expression, in the order in which they are written. Subqueries are not entered. */
export function operandsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "constant":
    case "column":
    case "parameter":
    case "sql-value":
      return [];
    case "cast":
    case "collate":
    case "not":
    case "null-test":
    case "boolean-test":
      return [expression.operand];
    case "call":
      return expression.arguments.map((argument) => argument.value);
    case "operator":
      return expression.left === null ? [expression.right] : [expression.left, expression.right];
    case "and":
    case "or":
      return expression.operands;
    case "in":
      return kept(expression, expression.items.length, () => [expression.operand, ...expression.items]);
    case "between":
      return [expression.operand, expression.low, expression.high];
    case "any-array":
      return [expression.operand, expression.array];
    case "distinct-from":
    case "nullif":
      return [expression.left, expression.right];
    case "like":
      return [expression.operand, expression.pattern];
    case "coalesce":
    case "greatest-least":
    case "array":
    case "row":
      return expression.items;
    case "case":
      return kept(expression, expression.whens.length, () => [
        ...(expression.operand === null ? [] : [expression.operand]),
        ...expression.whens.flatMap((when) => [when.condition, when.result]),
        ...(expression.otherwise === null ? [] : [expression.otherwise]),
      ]);
    case "field":
      return [expression.operand];
    case "subquery":
      return expression.operand === null ? [] : [expression.operand];
    case "other":
      return expression.children;
  }
}

/** Of so many operands a list is kept with its expression, for it is asked for again and again. */
const leastKept = 256;

const longLists = new WeakMap<Expression, readonly Expression[]>();

function kept(expression: Expression, length: number, make: () => readonly Expression[]): readonly Expression[] {
  if (length < leastKept) return make();
  const known = longLists.get(expression) ?? make();
  longLists.set(expression, known);
  return known;
}

/** The expression and everything in it, operands before what they are operands of, as PostgreSQL's analysis meets them. */
export function insideOut(expression: Expression): readonly Expression[] {
  // No generator: one for each part, each handed through all above it, is most of the work of looking at a long condition.
  const found: Expression[] = [];
  const visit = (part: Expression): void => {
    operandsOf(part).forEach(visit);
    found.push(part);
  };
  visit(expression);
  return found;
}

/** Whether an expression over the rows of a table reads its column: `a`, `t.a`, `(t).a`, `(a).x`. */
export function mentionsColumn(expression: Expression, table: string, column: string): boolean {
  return insideOut(expression).some((part) => {
    if (part.kind === "column") return part.names.at(-1) === column;
    if (part.kind !== "field" || part.name !== column || part.operand.kind !== "column") return false;
    return part.operand.names.at(-1) === table;
  });
}

/** Of how many parts an expression is, itself included; no more than `most` are counted. */
export function countParts(expression: Expression, most: number): number {
  const waiting = [expression];
  let count = 0;
  for (let part = waiting.pop(); part !== undefined && count < most; part = waiting.pop()) {
    count++;
    addAll(waiting, operandsOf(part));
  }
  return count;
}

/** The expression with its columns under their own names alone: it may name the table that it was written for, and be of another one now. */
export function unqualified(expression: Expression): Expression {
  if (expression.kind === "column" && expression.names.length === 2)
    return { ...expression, names: expression.names.slice(1) };
  return mapOperands(expression, unqualified);
}

/** The expression with its direct operands replaced; the same object where none changes. Subqueries are not entered. */
export function mapOperands(expression: Expression, change: (operand: Expression) => Expression): Expression {
  const before = operandsOf(expression);
  const after = before.map(change);
  if (after.every((operand, index) => operand === before[index])) return expression;
  let next = 0;
  const take = (): Expression => {
    const operand = after[next];
    next += 1;
    if (operand === undefined) throw new Error("operands are taken in the order in which they are given");
    return operand;
  };
  const takeAll = (list: readonly Expression[]): Expression[] => list.map(take);
  switch (expression.kind) {
    case "constant":
    case "column":
    case "parameter":
    case "sql-value":
      return expression;
    case "cast":
    case "collate":
    case "not":
    case "null-test":
    case "boolean-test":
      return { ...expression, operand: take() };
    case "call":
      return { ...expression, arguments: expression.arguments.map((argument) => ({ ...argument, value: take() })) };
    case "operator":
      return { ...expression, left: expression.left === null ? null : take(), right: take() };
    case "and":
    case "or":
      return { ...expression, operands: takeAll(expression.operands) };
    case "in":
      return { ...expression, operand: take(), items: takeAll(expression.items) };
    case "between":
      return { ...expression, operand: take(), low: take(), high: take() };
    case "any-array":
      return { ...expression, operand: take(), array: take() };
    case "distinct-from":
    case "nullif":
      return { ...expression, left: take(), right: take() };
    case "like":
      return { ...expression, operand: take(), pattern: take() };
    case "coalesce":
    case "greatest-least":
    case "array":
    case "row":
      return { ...expression, items: takeAll(expression.items) };
    case "case":
      return {
        ...expression,
        operand: expression.operand === null ? null : take(),
        whens: expression.whens.map(() => ({ condition: take(), result: take() })),
        otherwise: expression.otherwise === null ? null : take(),
      };
    case "field":
      return { ...expression, operand: take() };
    case "subquery":
      return { ...expression, operand: expression.operand === null ? null : take() };
    case "other":
      return { ...expression, children: takeAll(expression.children) };
  }
}
