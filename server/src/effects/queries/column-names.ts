/** The names of columns in queries: what PostgreSQL refuses of those that nothing in FROM has, or that several items have. */

import { firstAnswer } from "../../catalog/access.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Expression } from "../../syntax/expression.ts";
import { operandsOf } from "../../syntax/expression-walk.ts";
import type {
  CommonTableExpression,
  FromItem,
  InsertQuery,
  MergeQuery,
  Query,
  RowNames,
  SelectQuery,
} from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import { itemsOfName } from "../../text/portions.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import {
  itemsOf,
  joined,
  leftmost,
  none,
  renamed,
  type Scope,
  sourcesOf,
  tableColumns,
  within,
} from "./column-sources.ts";
import { wrongAssignment, wrongCondition, wrongType } from "./expression-types.ts";
import { wrongSource, wrongTargets } from "./insert-source.ts";
import { unreachableWhen } from "./merge.ts";
import { checkColumn, checkQualified, refuse } from "./name-lookup.ts";
import { type ColumnSource, outputNames } from "./output-names.ts";
import { wrongOrder, wrongPosition } from "./sort-names.ts";

/**
 * The refusal of a name that is certainly wrong: no such column (42703), several of the name (42702), no such item of FROM
 * (42P01); of an operator or function that there certainly is not (42883); null where there is none, or where that cannot be
 * told. In functions any name may be a variable's.
 */
export function wrongColumnName(catalog: Catalog, query: Query, context: ApplyContext): Refusal | null {
  if (context.inFunction || context.describes === true) return null;
  return checkQuery(query, outermost(catalog, context));
}

/** The names of the columns that a query yields; null where they cannot be told. */
export function namesOfOutputs(catalog: Catalog, query: Query, context: ApplyContext): readonly string[] | null {
  if (query.kind !== "select") return null;
  const scope = outermost(catalog, context);
  return outputNames(query, itemsOf(leftmost(query), scope));
}

/** The refusal of what an expression names besides the columns of one table, or of its types; null where there is none. */
export function wrongOverTable(
  catalog: Catalog,
  expression: Expression,
  table: Pick<Relation, "schema" | "name">,
  context: ApplyContext,
): Refusal | null {
  if (context.inFunction || context.describes === true) return null;
  const source = { alias: table.name, ...tableColumns(table, catalog), merged: none };
  return first([expression], within([source], outermost(catalog, context)));
}

function outermost(catalog: Catalog, context: ApplyContext): Scope {
  return { levels: [], tables: new Map(), shut: [], found: new Map(), catalog, context };
}

function checkQuery(query: Query, outer: Scope): Refusal | null {
  const around = withTables(query.with, outer);
  if ("kind" in around) return around;
  switch (query.kind) {
    case "select":
      return checkSelect(query, around);
    case "insert":
      return checkInsert(query, around);
    case "update": {
      const scope = withTarget(query, query.from, around);
      if ("kind" in scope) return scope;
      const values = query.assignments.flatMap(({ value }) => value ?? []);
      return (
        condition(query.where, "WHERE", scope) ??
        first(values, scope) ??
        checkReturning(query.returning, query.rowNames, query.target, scope) ??
        wrongAssignment(query.assignments, query.target, scope)
      );
    }
    case "delete": {
      const scope = withTarget(query, query.using, around);
      if ("kind" in scope) return scope;
      return (
        condition(query.where, "WHERE", scope) ?? checkReturning(query.returning, query.rowNames, query.target, scope)
      );
    }
    case "merge":
      return checkMerge(query, around);
  }
}

/** `transformMergeStmt`: each action sees the rows that it is about. */
function checkMerge(query: MergeQuery, around: Scope): Refusal | null {
  const unreachable = unreachableWhen(query);
  if (unreachable !== null) return unreachable;
  const target = targetSource(query, around);
  const sources = checkItems([query.source], around);
  if ("kind" in sources) return sources;
  const [twice] = sources.filter(({ alias }) => alias === target.alias && alias !== null);
  if (twice !== undefined) {
    return refuse("42712", `name "${twice.alias}" specified more than once`, query.source.range, {
      detail: "The name is used both as MERGE target table and data source.",
    });
  }
  const both = within([target, ...sources], around);
  const refused = condition(query.on, "JOIN/ON", both);
  if (refused !== null) return refused;
  for (const { match, condition: when, action } of query.whens) {
    const scope =
      match === "matched"
        ? both
        : match === "not-matched-by-source"
          ? within([target, covered(sources)], around)
          : within([...sources, covered([target])], around);
    const values =
      action.kind === "update"
        ? action.assignments.flatMap(({ value }) => value ?? [])
        : action.kind === "insert"
          ? (action.values ?? [])
          : [];
    const wrong = condition(when, "WHEN", scope) ?? first(values, scope);
    if (wrong !== null) return wrong;
  }
  return checkReturning(query.returning, query.rowNames, query.target, both);
}

/** What is there and cannot be meant. */
function covered(sources: readonly ColumnSource[]): ColumnSource {
  return { alias: null, columns: [], merged: none, covers: sources.flatMap(({ alias }) => alias ?? []) };
}

/** The scope with the common table expressions, each of which sees those before it. */
function withTables(expressions: readonly CommonTableExpression[], outer: Scope): Scope | Refusal {
  if (expressions.length === 0) return outer;
  const tables = new Map(outer.tables);
  const scope = { ...outer, tables };
  for (const { name, recursive } of expressions) if (recursive) tables.set(name.name, null);
  for (const { name, columns, query, recursive, added = [] } of expressions) {
    const refused = checkQuery(query, scope);
    if (refused !== null) return refused;
    const outputs = query.kind === "select" ? outputNames(query, itemsOf(leftmost(query), scope)) : null;
    if (outputs !== null && columns.length > outputs.length && !recursive) {
      const message = `WITH query "${name.name}" has ${outputs.length} columns available but ${columns.length} columns specified`;
      return refuse("42P10", message, name.range);
    }
    const names = renamed(
      outputs,
      columns.map((column) => column.name),
    );
    tables.set(name.name, names === null ? null : [...names, ...added]);
  }
  return scope;
}

function checkSelect(query: SelectQuery, around: Scope): Refusal | null {
  if (query.setOperation !== null) {
    const refused = checkQuery(query.setOperation.left, around) ?? checkQuery(query.setOperation.right, around);
    if (refused !== null) return refused;
    const outputs = outputNames(query, itemsOf(leftmost(query), around));
    return wrongOrder(query, outputs, around.context.version, (expression) =>
      checkExpression(expression, within([{ alias: null, columns: outputs, merged: none }], around)),
    );
  }
  if (query.values !== null) {
    around.found.set(query, []);
    const items = itemsOfName * Math.max(1, query.values[0]?.length ?? 1);
    return firstAnswer(query.values, items, (row) => first(row, around));
  }
  const from = checkItems(query.from, around);
  if ("kind" in from) return from;
  around.found.set(query, from);
  const scope = within(from, around);
  const outputs = outputNames(query, from);
  const isOutput = (expression: Expression): boolean =>
    expression.kind === "constant" ||
    (isBare(expression) && (outputs === null || outputs.includes(expression.names[0] ?? "")));
  const written = (expressions: readonly Expression[]): readonly Expression[] =>
    expressions.filter((each) => !isOutput(each));
  return (
    first(
      query.targets.map(({ expression }) => expression),
      scope,
    ) ??
    condition(query.where, "WHERE", scope) ??
    condition(query.having, "HAVING", scope) ??
    first(written(query.orderBy), scope) ??
    wrongPosition(query, outputs, scope.context.version) ??
    first([...written(query.groupBy), ...written(query.distinctOn ?? [])], scope) ??
    first(
      query.windows.flatMap(({ partitionBy }) => partitionBy),
      scope,
    )
  );
}

function checkInsert(query: InsertQuery, around: Scope): Refusal | null {
  const { source } = query;
  const refused =
    wrongTargets(query, around) ??
    (source === null ? null : (checkQuery(source, around) ?? wrongSource(query, source, around)));
  if (refused !== null) return refused;
  const target = targetSource(query, around);
  // What ON CONFLICT names is looked at with its target.
  return checkReturning(query.returning, query.rowNames, query.target, within([target], around));
}

/** From 18 on RETURNING has the rows before and after as `old` and `new`, or by names of its own. */
function checkReturning(
  returning: readonly Expression[],
  names: RowNames = { old: "old", new: "new" },
  table: InsertQuery["target"],
  scope: Scope,
): Refusal | null {
  if (returning.length === 0 || scope.context.version < 18) return first(returning, scope);
  const [own = [], ...around] = scope.levels;
  const { columns } = tableColumns(table, scope.catalog);
  const rows = [names.old, names.new]
    .filter((alias) => own.every((source) => source.alias !== alias))
    .map((alias) => ({ alias, columns, merged: new Set(columns ?? []) }));
  // Columns that are not known are those of the target as well, and bare names find them there.
  return first(returning, { ...scope, levels: [[...own, ...rows], ...around] });
}

type Target = { readonly target: InsertQuery["target"]; readonly alias: string | null };

function targetSource({ target, alias }: Target, around: Scope): ColumnSource {
  return {
    alias: alias ?? target.name,
    hidden: alias === null ? undefined : target.name,
    ...tableColumns(target, around.catalog),
    merged: none,
  };
}

function withTarget(query: Target, items: readonly FromItem[], around: Scope): Scope | Refusal {
  const others = checkItems(items, around);
  return "kind" in others ? others : within([targetSource(query, around), ...others], around);
}

/** The sources of a FROM list; the refusal of a name in its subqueries, functions and join conditions. */
function checkItems(items: readonly FromItem[], around: Scope): readonly ColumnSource[] | Refusal {
  const sources: ColumnSource[] = [];
  for (const item of items) {
    const own = checkItem(item, sources, around);
    if ("kind" in own) return own;
    addAll(sources, own);
  }
  return sources;
}

function checkItem(item: FromItem, before: readonly ColumnSource[], around: Scope): readonly ColumnSource[] | Refusal {
  switch (item.kind) {
    case "subquery": {
      const refused = checkQuery(item.query, item.lateral ? within(before, around) : { ...around, shut: before });
      return refused ?? tooManyAliases(item, around) ?? sourcesOf(item, around);
    }
    case "function":
      return checkCalls(item.calls, within(before, around)) ?? sourcesOf(item, around);
    case "join": {
      const left = checkItem(item.left, before, around);
      if ("kind" in left) return left;
      const right = checkItem(item.right, [...before, ...left], around);
      if ("kind" in right) return right;
      const missing = missingInUsing(item, left, right);
      if (missing !== null) return missing;
      const refused = condition(item.on, "JOIN/ON", within([...left, ...right], around));
      return refused ?? joined(item, left, right);
    }
    case "relation":
      return tooManyAliases(item, around) ?? sourcesOf(item, around);
    case "other":
      return sourcesOf(item, around);
  }
}

/** Of several arrays `unnest` is as many functions, side by side. */
function checkCalls(calls: readonly Expression[], scope: Scope): Refusal | null {
  const isSeveral = (call: Expression): boolean =>
    call.kind === "call" && call.name.at(-1) === "unnest" && call.arguments.length > 1;
  return (
    firstName(calls, scope) ??
    first(
      calls.filter((call) => !isSeveral(call)),
      scope,
    )
  );
}

/** An alias that names more columns than there are. */
function tooManyAliases(item: Extract<FromItem, { kind: "relation" | "subquery" }>, around: Scope): Refusal | null {
  const { alias, columnAliases, range } = item;
  const available = columnAliases.length === 0 ? null : sourcesOf(item, around)[0]?.columns;
  if (available == null || alias === null || columnAliases.length <= available.length) return null;
  const message = `table "${alias}" has ${available.length} columns available but ${columnAliases.length} columns specified`;
  return rejected("statement-rejected", "42P10", message, range);
}

function missingInUsing(
  { using, range }: Extract<FromItem, { kind: "join" }>,
  left: readonly ColumnSource[],
  right: readonly ColumnSource[],
): Refusal | null {
  for (const name of using) {
    for (const [side, sources] of [
      ["left", left],
      ["right", right],
    ] as const) {
      if (sources.some(({ columns, merged }) => columns === null || (columns.includes(name) && !merged.has(name))))
        continue;
      return refuse("42703", `column "${name}" specified in USING clause does not exist in ${side} table`, range);
    }
  }
  return null;
}

/** Names come first: where one of them is wrong, nothing has a type. */
function first(expressions: readonly Expression[], scope: Scope): Refusal | null {
  return firstAnswer(
    expressions,
    itemsOfName,
    (expression) => checkExpression(expression, scope) ?? wrongType(expression, scope),
  );
}

function condition(expression: Expression | null, construct: string, scope: Scope): Refusal | null {
  if (expression === null) return null;
  return checkExpression(expression, scope) ?? wrongCondition(expression, construct, scope);
}

function firstName(expressions: readonly Expression[], scope: Scope): Refusal | null {
  return firstAnswer(expressions, itemsOfName, (expression) => checkExpression(expression, scope));
}

function checkExpression(expression: Expression, scope: Scope): Refusal | null {
  if (expression.kind === "column") return checkColumn(expression, scope);
  // What else is written in XMLTABLE, JSON_TABLE and the like has rules of its own.
  if (expression.kind === "other") return null;
  const refused = firstName(operandsOf(expression), scope);
  if (refused !== null) return refused;
  if (expression.kind === "field") return checkField(expression, scope);
  return expression.kind === "subquery" ? checkQuery(expression.query, scope) : null;
}

/** `(t).a` of a whole row is as good as `t.a`. */
function checkField({ operand, name, range }: Extract<Expression, { kind: "field" }>, scope: Scope): Refusal | null {
  if (!isBare(operand)) return null;
  const [table = ""] = operand.names;
  const isColumn = scope.levels.some((level) =>
    level.some(({ columns }) => columns === null || columns.includes(table)),
  );
  return isColumn ? null : checkQualified(table, name, range, scope);
}

function isBare(expression: Expression): expression is Extract<Expression, { kind: "column" }> {
  return expression.kind === "column" && expression.names.length === 1 && !expression.star;
}
