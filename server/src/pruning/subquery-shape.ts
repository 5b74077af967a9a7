/** The shape of a subquery, which decides whether the planner merges it, and which conditions may go into it. */

import { evaluate } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut, operandsOf } from "../syntax/expression-walk.ts";
import type { SelectQuery } from "../syntax/query.ts";
import { expressionKey } from "./operand.ts";
import type { Environment, OutputColumn } from "./query-level.ts";

/** Whether the planner makes a subquery one with the query around it: `is_simple_subquery`. */
export function isMergeable(query: SelectQuery, environment: Environment): boolean {
  return (
    isPlainSelection(query) &&
    !query.distinct &&
    query.orderBy.length === 0 &&
    !query.locks &&
    query.from.length > 0 &&
    !query.targets.some(({ expression }) => evaluate(expression, environment.context).kind === "volatile")
  );
}

/** A selection without grouping, windows, limits or set operations: every row of it is one of its tables' join. */
export function isPlainSelection(query: SelectQuery): boolean {
  return (
    query.setOperation === null &&
    query.values === null &&
    query.groupBy.length === 0 &&
    query.having === null &&
    !query.hasLimit &&
    !query.targets.some(({ expression }) => hasAggregateOrWindow(expression))
  );
}

/** Whether a condition on this output column may go into the subquery: `subquery_is_pushdown_safe` and `qual_is_pushdown_safe`. */
export function passesConditions(query: SelectQuery, output: OutputColumn): boolean {
  if (query.hasLimit || query.setOperation !== null || query.values !== null) return false;
  const { expression, scope } = output;
  const key = expressionKey(expression, scope);
  const windows = query.targets.flatMap(({ expression: target }) => windowsIn(target));
  if (windows.some((partitionBy) => !partitionBy.some((part) => expressionKey(part, scope) === key))) return false;
  if (
    isPlainSelection({ ...query, targets: [] }) &&
    !query.targets.some(({ expression: target }) => hasAggregate(target))
  )
    return !hasAggregateOrWindow(expression);
  return query.groupBy.some((group) => expressionKey(group, scope) === key);
}

function windowsIn(expression: Expression): readonly (readonly Expression[])[] {
  const own = expression.kind === "call" && expression.window !== null ? [expression.window.partitionBy] : [];
  return [...own, ...operandsOf(expression).flatMap(windowsIn)];
}

function hasAggregateOrWindow(expression: Expression): boolean {
  return hasAggregate(expression) || windowsIn(expression).length > 0;
}

function hasAggregate(expression: Expression): boolean {
  for (const part of insideOut(expression)) {
    if (part.kind !== "call" || part.window !== null) continue;
    if (part.star || part.aggregateSyntax || part.distinct || aggregates.has(part.name.at(-1) ?? "")) return true;
  }
  return false;
}

const aggregates: ReadonlySet<string> = new Set([
  ...["count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg"],
  ...["jsonb_object_agg", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor", "stddev", "stddev_pop"],
  ...["stddev_samp", "variance", "var_pop", "var_samp", "corr", "covar_pop", "covar_samp", "any_value", "xmlagg"],
  ...["range_agg", "mode", "percentile_cont", "percentile_disc", "regr_slope", "regr_count"],
]);

/** The name that PostgreSQL gives an output column without one. */
export function impliedName(expression: Expression): string {
  switch (expression.kind) {
    case "column":
      return expression.names.at(-1) ?? "";
    case "call":
      return expression.name.at(-1) ?? "";
    case "cast":
      return impliedName(expression.operand);
    case "collate":
      return impliedName(expression.operand);
    default:
      return "?column?";
  }
}
