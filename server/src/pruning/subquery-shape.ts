/** The shape of a subquery, which decides whether the planner merges it, and which conditions may go into it. */

import { functionsNamed } from "../catalog/values/builtins.ts";
import { evaluate } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { SelectQuery } from "../syntax/query.ts";
import type { Block } from "./block.ts";
import { expressionKey } from "./expression-key.ts";
import type { OutputColumn } from "./query-level.ts";
import type { Scope } from "./scope.ts";

/** Whether the planner makes a subquery one with the query around it: `is_simple_subquery`, and `is_simple_values`. */
export function isMergeable(query: SelectQuery): boolean {
  if (query.values !== null && query.values.length !== 1) return false;
  return (
    passesEmptiness(query) &&
    query.with.length === 0 &&
    !query.locks &&
    ![...query.targets.map(({ expression }) => expression), ...(query.values ?? []).flat()].some(
      (expression) => isVolatileCall(expression) || returnsSet(expression),
    )
  );
}

/** Whether a query gives no rows where its tables give none, as far as the planner sees it: nothing is done with the rows. */
export function passesEmptiness(query: SelectQuery, windows: "computed" | "unused" = "computed"): boolean {
  return (
    query.setOperation === null &&
    !isGrouped(query) &&
    !query.distinct &&
    query.orderBy.length === 0 &&
    !query.hasLimit &&
    (windows === "unused" || !query.targets.some(({ expression }) => hasWindow(expression)))
  );
}

/** Whether the arms of a UNION ALL may be scanned as one: `is_simple_union_all`. */
export function keepsAppend(query: SelectQuery): boolean {
  return query.orderBy.length === 0 && !query.hasLimit && !query.locks && query.with.length === 0;
}

/** Whether rows are put together: conditions from above are then conditions of HAVING. */
export function isGrouped(query: SelectQuery): boolean {
  return (
    query.groupBy.length > 0 ||
    query.having !== null ||
    [...query.targets.map(({ expression }) => expression), ...query.orderBy].some(hasAggregate)
  );
}

/**
 * Which output columns conditions from above may speak of to go into the query: `subquery_is_pushdown_safe` and
 * `check_output_expressions`. null where no condition goes in.
 */
export function openColumns(block: Block): readonly boolean[] | null {
  const { query } = block;
  if (query === null || query.hasLimit) return null;
  if (block.kind === "set-operation") {
    if (query.setOperation?.operator === "except") return null;
    const arms = block.arms.map((arm) => openColumns(arm));
    const [first = null, ...others] = arms;
    if (first === null || others.includes(null)) return null;
    return first.map(
      (open, index) => open && others.every((arm) => arm?.[index]) && block.columns?.[index]?.converted === false,
    );
  }
  if (query.commonGroups !== null || block.outputs === null) return null;
  const { scope } = block;
  const keysOf = (list: readonly Expression[]) => list.map((one) => expressionKey(one, scope));
  const windows = windowsOf(query).map(keysOf);
  return block.outputs.map((output) => isOpen(output, query, windows, scope));
}

/** What keeps conditions on some output columns, or on all, out of a query; null where nothing in it does. */
export function barrierOf(query: SelectQuery): string | null {
  if (query.hasLimit) return "LIMIT";
  if (query.targets.some(({ expression }) => hasWindow(expression)) || query.windows.length > 0)
    return "a window function that is not partitioned by it";
  if (query.distinctOn !== null) return "DISTINCT ON without it";
  return isGrouped(query) ? "a grouping" : null;
}

function isOpen(
  output: OutputColumn,
  query: SelectQuery,
  windows: readonly (readonly string[])[],
  queryScope: Scope,
): boolean {
  const { expression, scope } = output;
  if (isVolatile(expression, scope) || returnsSet(expression) || hasAggregate(expression) || hasWindow(expression))
    return false;
  const key = expressionKey(expression, scope);
  if (!windows.every((list) => list.includes(key))) return false;
  return (
    query.distinctOn === null || query.distinctOn.some((one) => isOutput(one, output.name, query, key, queryScope))
  );
}

/** `DISTINCT ON (1)`, the name of an output, or its expression. */
function isOutput(written: Expression, name: string, query: SelectQuery, key: string, scope: Scope): boolean {
  if (written.kind === "constant" && written.value.type === "integer") {
    const target = query.targets[Number(written.value.text) - 1];
    return target !== undefined && expressionKey(target.expression, scope) === key;
  }
  const isName = written.kind === "column" && written.names.length === 1 && written.names[0] === name;
  return isName || expressionKey(written, scope) === key;
}

/** The PARTITION BY of each window of a query. */
function windowsOf(query: SelectQuery): readonly (readonly Expression[])[] {
  const partitionOf = (name: string | null): readonly Expression[] => {
    const window = query.windows.find((one) => one.name === name);
    if (window === undefined) return [];
    return window.partitionBy.length > 0 ? window.partitionBy : partitionOf(window.base === name ? null : window.base);
  };
  const calls = [...query.targets.map(({ expression }) => expression), ...query.orderBy].flatMap((expression) => [
    ...insideOut(expression),
  ]);
  const used = calls.flatMap((part) =>
    part.kind === "call" && part.window !== null
      ? [part.window.partitionBy.length > 0 ? part.window.partitionBy : partitionOf(part.window.name)]
      : [],
  );
  return used.length === 0 ? [] : [...used, ...query.windows.map(({ name }) => partitionOf(name))];
}

export function hasWindow(expression: Expression): boolean {
  return insideOut(expression).some((part) => part.kind === "call" && part.window !== null);
}

export function hasAggregate(expression: Expression): boolean {
  for (const part of insideOut(expression)) {
    if (part.kind !== "call" || part.window !== null) continue;
    if (part.star || part.aggregateSyntax || part.distinct || isNamed(part.name, ({ kind }) => kind === "aggregate"))
      return true;
  }
  return false;
}

/** Whether a function in it gives several rows: then it stands for no value. */
export function returnsSet(expression: Expression): boolean {
  return insideOut(expression).some((part) => part.kind === "call" && isNamed(part.name, (one) => one.returnsSet));
}

export function isVolatile(expression: Expression, scope: Scope): boolean {
  return evaluate(expression, scope.context).kind === "volatile" || isVolatileCall(expression);
}

/** Whether one of PostgreSQL's own volatile functions is called in it. */
function isVolatileCall(expression: Expression): boolean {
  return insideOut(expression).some(
    (part) =>
      (part.kind === "call" && isNamed(part.name, ({ volatility }) => volatility === "volatile")) ||
      (part.kind === "subquery" && hasVolatileCall(part.query)),
  );
}

/** Whether a volatile function is called anywhere in a query. */
export function hasVolatileCall(query: unknown): boolean {
  if (typeof query !== "object" || query === null) return false;
  if (Array.isArray(query)) return query.some(hasVolatileCall);
  const node = query as Readonly<Record<string, unknown>>;
  if (
    node["kind"] === "call" &&
    isNamed(node["name"] as readonly string[], ({ volatility }) => volatility === "volatile")
  )
    return true;
  return Object.values(node).some(hasVolatileCall);
}

type BuiltinFunction = ReturnType<typeof functionsNamed>[number];

/** Whether PostgreSQL's own functions of that name, all or some of them, are of a kind. */
function isNamed(name: readonly string[], is: (one: BuiltinFunction) => boolean): boolean {
  if (name.length > 1 && name[0] !== "pg_catalog") return false;
  return functionsNamed(name.at(-1) ?? "").some(is);
}

/** The name that PostgreSQL gives an output column without one. */
export function impliedName(expression: Expression): string {
  switch (expression.kind) {
    case "column":
      return expression.names.at(-1) ?? "";
    case "call":
      return expression.name.at(-1) ?? "";
    case "cast":
      return impliedName(expression.operand) === "?column?"
        ? (expression.type.names.at(-1) ?? "")
        : impliedName(expression.operand);
    case "collate":
      return impliedName(expression.operand);
    case "coalesce":
      return "coalesce";
    case "case":
      return expression.otherwise === null || impliedName(expression.otherwise) === "?column?"
        ? "case"
        : impliedName(expression.otherwise);
    case "nullif":
      return "nullif";
    case "greatest-least":
      return expression.greatest ? "greatest" : "least";
    case "sql-value":
      return expression.name;
    case "array":
      return "array";
    case "row":
      return "row";
    case "subquery":
      return expression.variant === "exists"
        ? "exists"
        : expression.variant === "scalar"
          ? outputName(expression.query)
          : "array";
    default:
      return "?column?";
  }
}

function outputName(query: SelectQuery): string {
  const [target] = query.targets;
  return target === undefined ? "?column?" : (target.name ?? impliedName(target.expression));
}
