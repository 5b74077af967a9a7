/** Finding the written condition that a verdict speaks of. */

import type { Expression } from "../../syntax/expression.ts";
import { operandsOf } from "../../syntax/expression-walk.ts";
import type { FromItem, Query, SelectQuery } from "../../syntax/query.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";

export interface WrittenCondition {
  readonly expression: Expression;
  /** The ANDs of which it is a part, or itself. */
  readonly conjunction: Expression;
}

/** The largest expression of the statement's WHERE and ON clauses with exactly this range; null where there is none. */
export function conditionAt(statement: Statement, range: TextRange): WrittenCondition | null {
  const query = statement.kind === "query" || statement.kind === "create-table-as" ? statement.query : null;
  for (const condition of query === null ? [] : conditionsOf(query)) {
    const found = findIn(condition, range, null);
    if (found !== null) return found;
  }
  return null;
}

function findIn(expression: Expression, range: TextRange, ands: Expression | null): WrittenCondition | null {
  const conjunction = ands ?? expression;
  if (expression.range.start === range.start && expression.range.end === range.end) return { expression, conjunction };
  if (expression.range.start > range.start || expression.range.end < range.end) return null;
  if (expression.kind === "subquery") {
    for (const condition of conditionsOf(expression.query)) {
      const found = findIn(condition, range, null);
      if (found !== null) return found;
    }
  }
  for (const operand of operandsOf(expression)) {
    const found = findIn(operand, range, expression.kind === "and" ? conjunction : null);
    if (found !== null) return found;
  }
  return null;
}

function* conditionsOf(query: Query): Generator<Expression> {
  for (const { query: inner } of query.with) yield* conditionsOf(inner);
  switch (query.kind) {
    case "select":
      yield* conditionsOfSelect(query);
      break;
    case "insert":
      if (query.source !== null) yield* conditionsOfSelect(query.source);
      break;
    case "update":
      yield* conditionsOfFrom(query.from);
      if (query.where !== null) yield query.where;
      break;
    case "delete":
      yield* conditionsOfFrom(query.using);
      if (query.where !== null) yield query.where;
      break;
    case "merge":
      yield query.on;
      break;
  }
}

function* conditionsOfSelect(query: SelectQuery): Generator<Expression> {
  if (query.setOperation !== null) {
    yield* conditionsOf(query.setOperation.left);
    yield* conditionsOf(query.setOperation.right);
  }
  yield* conditionsOfFrom(query.from);
  if (query.where !== null) yield query.where;
  for (const { expression } of query.targets) yield expression;
}

function* conditionsOfFrom(items: readonly FromItem[]): Generator<Expression> {
  for (const item of items) {
    if (item.kind === "subquery") yield* conditionsOfSelect(item.query);
    if (item.kind !== "join") continue;
    yield* conditionsOfFrom([item.left, item.right]);
    if (item.on !== null) yield item.on;
  }
}
