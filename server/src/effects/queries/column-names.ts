/** The names of columns in queries: what PostgreSQL refuses of those that nothing in FROM has, or that several items have. */

import { type Catalog, knowsEveryObject } from "../../catalog/catalog.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import type { Expression } from "../../syntax/expression.ts";
import { operandsOf } from "../../syntax/expression-walk.ts";
import type { CommonTableExpression, FromItem, InsertQuery, Query, SelectQuery } from "../../syntax/query.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { type ColumnSource, outputNames } from "./output-names.ts";

/** What an expression sees: the sources of its query, then those of the queries around it. */
interface Scope {
  readonly levels: readonly (readonly ColumnSource[])[];
  /** The columns of the common table expressions in sight; null where they are not known. */
  readonly tables: ReadonlyMap<string, readonly string[] | null>;
  /** The items beside a subquery in FROM that LATERAL would let it see. */
  readonly shut: readonly ColumnSource[];
  /** What the queries that have been looked at select from: to find it anew for each level around would double with each. */
  readonly found: Map<SelectQuery, readonly ColumnSource[]>;
  readonly catalog: Catalog;
  readonly context: ApplyContext;
}

/**
 * The refusal of a name that is certainly wrong: no such column (42703), several of the name (42702), no such item of FROM
 * (42P01); null where there is none, or where that cannot be told. In functions any name may be a variable's.
 */
export function wrongColumnName(catalog: Catalog, query: Query, context: ApplyContext): Refusal | null {
  if (context.inFunction || context.describes === true) return null;
  return checkQuery(query, { levels: [], tables: new Map(), shut: [], found: new Map(), catalog, context });
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
      return first([...optional(query.where), ...values], scope) ?? checkReturning(query.returning, scope);
    }
    case "delete": {
      const scope = withTarget(query, query.using, around);
      if ("kind" in scope) return scope;
      return first(optional(query.where), scope) ?? checkReturning(query.returning, scope);
    }
    case "merge": {
      const scope = withTarget(query, [query.source], around);
      return "kind" in scope ? scope : first([query.on], scope);
    }
  }
}

/** The scope with the common table expressions, each of which sees those before it. */
function withTables(expressions: readonly CommonTableExpression[], outer: Scope): Scope | Refusal {
  if (expressions.length === 0) return outer;
  const tables = new Map(outer.tables);
  const scope = { ...outer, tables };
  for (const { name, recursive } of expressions) if (recursive) tables.set(name.name, null);
  for (const { name, columns, query } of expressions) {
    const refused = checkQuery(query, scope);
    if (refused !== null) return refused;
    tables.set(
      name.name,
      renamed(
        query.kind === "select" ? outputNames(query, itemsOf(query, scope)) : null,
        columns.map((column) => column.name),
      ),
    );
  }
  return scope;
}

function checkSelect(query: SelectQuery, around: Scope): Refusal | null {
  if (query.setOperation !== null) {
    return checkQuery(query.setOperation.left, around) ?? checkQuery(query.setOperation.right, around);
  }
  if (query.values !== null) {
    around.found.set(query, []);
    return first(query.values.flat(), around);
  }
  const from = checkItems(query.from, around);
  if ("kind" in from) return from;
  around.found.set(query, from);
  const scope = within(from, around);
  const outputs = outputNames(query, from);
  const isOutput = (expression: Expression): boolean =>
    isBare(expression) && (outputs === null || outputs.includes(expression.names[0] ?? ""));
  return first(
    [
      ...query.targets.map(({ expression }) => expression),
      ...optional(query.where),
      ...optional(query.having),
      ...[...query.orderBy, ...query.groupBy, ...(query.distinctOn ?? [])].filter((each) => !isOutput(each)),
      ...query.windows.flatMap(({ partitionBy }) => partitionBy),
    ],
    scope,
  );
}

function checkInsert(query: InsertQuery, around: Scope): Refusal | null {
  const refused = query.source === null ? null : checkQuery(query.source, around);
  if (refused !== null) return refused;
  const columns = tableColumns(query.target, around.catalog);
  const target = { alias: query.alias ?? query.target.name, columns, merged: none };
  // What ON CONFLICT names is looked at with its target.
  return checkReturning(query.returning, within([target], around));
}

/** From 18 on RETURNING has the rows before and after as `old` and `new`, or by names of its own. */
function checkReturning(returning: readonly Expression[], scope: Scope): Refusal | null {
  return first(
    scope.context.version < 18 ? returning : returning.filter((each) => each.kind !== "column" || isBare(each)),
    scope,
  );
}

function withTarget(
  { target, alias }: { readonly target: InsertQuery["target"]; readonly alias: string | null },
  items: readonly FromItem[],
  around: Scope,
): Scope | Refusal {
  const own = {
    alias: alias ?? target.name,
    hidden: alias === null ? undefined : target.name,
    columns: tableColumns(target, around.catalog),
    merged: none,
  };
  const others = checkItems(items, around);
  return "kind" in others ? others : within([own, ...others], around);
}

/** The sources of a FROM list; the refusal of a name in its subqueries, functions and join conditions. */
function checkItems(items: readonly FromItem[], around: Scope): readonly ColumnSource[] | Refusal {
  const sources: ColumnSource[] = [];
  for (const item of items) {
    const own = checkItem(item, sources, around);
    if ("kind" in own) return own;
    sources.push(...own);
  }
  return sources;
}

function checkItem(item: FromItem, before: readonly ColumnSource[], around: Scope): readonly ColumnSource[] | Refusal {
  switch (item.kind) {
    case "subquery": {
      const refused = checkQuery(item.query, item.lateral ? within(before, around) : { ...around, shut: before });
      return refused ?? sourcesOf(item, around);
    }
    case "function":
      return first(item.calls, within(before, around)) ?? sourcesOf(item, around);
    case "join": {
      const left = checkItem(item.left, before, around);
      if ("kind" in left) return left;
      const right = checkItem(item.right, [...before, ...left], around);
      if ("kind" in right) return right;
      const missing = missingInUsing(item, left, right);
      if (missing !== null) return missing;
      return first(optional(item.on), within([...left, ...right], around)) ?? joined(item, left, right);
    }
    default:
      return sourcesOf(item, around);
  }
}

/** The sources of a query's FROM list, nothing checked. */
function itemsOf(query: SelectQuery, around: Scope): readonly ColumnSource[] {
  const known = around.found.get(query);
  if (known !== undefined) return known;
  const inner = withTables(query.with, around);
  const sources = query.from.flatMap((item) => sourcesOf(item, "kind" in inner ? around : inner));
  around.found.set(query, sources);
  return sources;
}

function sourcesOf(item: FromItem, around: Scope): readonly ColumnSource[] {
  switch (item.kind) {
    case "relation": {
      const { relation, alias, columnAliases } = item;
      const own = relation.schema === null ? around.tables.get(relation.name) : undefined;
      const columns = own === undefined ? tableColumns(relation, around.catalog) : own;
      const hidden = alias === null ? undefined : relation.name;
      return [{ alias: alias ?? relation.name, hidden, columns: renamed(columns, columnAliases), merged: none }];
    }
    case "subquery": {
      const columns = outputNames(item.query, itemsOf(leftmost(item.query), around));
      return [{ alias: item.alias, columns: renamed(columns, item.columnAliases), merged: none }];
    }
    case "join":
      return joined(item, sourcesOf(item.left, around), sourcesOf(item.right, around));
    case "function": {
      const [call] = item.calls;
      const name = item.calls.length === 1 && call?.kind === "call" ? (call.name.at(-1) ?? null) : null;
      return [{ alias: item.alias ?? name, columns: null, merged: none }];
    }
    case "other":
      return [{ alias: item.alias, columns: null, merged: none }];
  }
}

/** A set operation has the names of its first query. */
function leftmost(query: SelectQuery): SelectQuery {
  return query.setOperation === null ? query : leftmost(query.setOperation.left);
}

function joined(
  { using, natural, alias }: Extract<FromItem, { kind: "join" }>,
  left: readonly ColumnSource[],
  right: readonly ColumnSource[],
): readonly ColumnSource[] {
  const sources = [...left, ...right];
  if (alias !== undefined) return [...sources, { alias, columns: null, merged: none }];
  const inBoth = natural ? commonNames(left, right) : using;
  if (inBoth === null) return [...sources, { alias: null, columns: null, merged: none }];
  if (inBoth.length === 0) return sources;
  return [
    ...sources.map((source) => ({ ...source, merged: new Set([...source.merged, ...inBoth]) })),
    { alias: null, columns: inBoth, merged: none },
  ];
}

function commonNames(left: readonly ColumnSource[], right: readonly ColumnSource[]): readonly string[] | null {
  if ([...left, ...right].some(({ columns }) => columns === null)) return null;
  const others = new Set(right.flatMap(({ columns, merged }) => (columns ?? []).filter((name) => !merged.has(name))));
  const own = left.flatMap(({ columns, merged }) => (columns ?? []).filter((name) => !merged.has(name)));
  return [...new Set(own)].filter((name) => others.has(name));
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

function tableColumns(name: InsertQuery["target"], catalog: Catalog): readonly string[] | null {
  const found = lookUpRelation(catalog, name);
  if (found.kind !== "found" || found.relation.knowledge !== "full" || !hasColumns.has(found.relation.kind))
    return null;
  return found.relation.columns.map((column) => column.name);
}

const hasColumns: ReadonlySet<string> = new Set([
  "table",
  "partitioned-table",
  "foreign-table",
  "view",
  "materialized-view",
]);

function renamed(columns: readonly string[] | null, names: readonly string[]): readonly string[] | null {
  return columns === null ? null : columns.map((column, index) => names[index] ?? column);
}

function first(expressions: readonly Expression[], scope: Scope): Refusal | null {
  for (const expression of expressions) {
    const refused = checkExpression(expression, scope);
    if (refused !== null) return refused;
  }
  return null;
}

function checkExpression(expression: Expression, scope: Scope): Refusal | null {
  if (expression.kind === "column") return checkColumn(expression, scope);
  // What else is written in XMLTABLE, JSON_TABLE and the like has rules of its own.
  if (expression.kind === "other") return null;
  const refused = first(operandsOf(expression), scope);
  return refused === null && expression.kind === "subquery" ? checkQuery(expression.query, scope) : refused;
}

function checkColumn(column: Extract<Expression, { kind: "column" }>, scope: Scope): Refusal | null {
  const { names, star, range } = column;
  const [name = "", member] = names;
  // Where @ stands before it, it is a parameter of some tool.
  if (scope.context.text?.[range.start - 1] === "@") return null;
  if (star) return names.length === 1 ? checkQualified(name, null, range, scope) : null;
  if (names.length > 2) return null;
  if (member !== undefined) return checkQualified(name, member, range, scope);
  for (const level of scope.levels) {
    const having = level.filter(({ columns, merged }) => columns?.includes(name) === true && !merged.has(name)).length;
    if (having > 1) return refuse("42702", `column reference "${name}" is ambiguous`, range);
    if (having === 1 || level.some(({ columns }) => columns === null)) return null;
  }
  const isRow = scope.levels.some((level) => level.some(({ alias }) => alias === name));
  if (isRow || systemColumns.has(name)) return null;
  return refuse("42703", `column "${name}" does not exist`, range);
}

/** `t.a`, or `t.*` where the member is null. */
function checkQualified(table: string, member: string | null, range: TextRange, scope: Scope): Refusal | null {
  for (const level of scope.levels) {
    const meant = level.filter(({ alias }) => alias === table);
    const [source] = meant;
    if (source === undefined) continue;
    if (meant.length > 1 || source.columns === null || member === null || source.columns.includes(member)) return null;
    // `t.f` is also a way to write `f(t)`.
    if (systemColumns.has(member) || mayBeFunction(member, scope.catalog)) return null;
    return refuse("42703", `column ${table}.${member} does not exist`, range);
  }
  const all = scope.levels.flat();
  if (all.some(({ alias, columns }) => alias === null && columns === null)) return null;
  const aliased = all.find(({ hidden }) => hidden === table);
  const isShut = scope.shut.some(({ alias }) => alias === table);
  const problem = aliased === undefined && !isShut ? "missing" : "invalid reference to";
  const message = `${problem} FROM-clause entry for table "${table}"`;
  if (aliased !== undefined) {
    return refuse("42P01", message, range, {
      hint: `Perhaps you meant to reference the table alias "${aliased.alias}".`,
    });
  }
  const there = `There is an entry for table "${table}", but it cannot be referenced from this part of the query.`;
  if (!isShut) return refuse("42P01", message, range);
  return refuse(
    "42P01",
    message,
    range,
    scope.context.version < 16
      ? { hint: there }
      : { detail: there, hint: "To reference that table, you must mark this subquery with LATERAL." },
  );
}

function mayBeFunction(name: string, catalog: Catalog): boolean {
  return !knowsEveryObject(catalog) || catalog.functions.has(name) || functionsNamed(name).length > 0;
}

const systemColumns: ReadonlySet<string> = new Set(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"]);

const none: ReadonlySet<string> = new Set();

function within(sources: readonly ColumnSource[], around: Scope): Scope {
  return { ...around, levels: [sources, ...around.levels] };
}

function isBare(expression: Expression): expression is Extract<Expression, { kind: "column" }> {
  return expression.kind === "column" && expression.names.length === 1 && !expression.star;
}

function refuse(
  sqlstate: string,
  message: string,
  range: TextRange,
  extra: { readonly detail?: string; readonly hint?: string } = {},
): Refusal {
  return rejected("statement-rejected", sqlstate, message, range, { position: range.start, ...extra });
}

function optional(expression: Expression | null): readonly Expression[] {
  return expression === null ? [] : [expression];
}
