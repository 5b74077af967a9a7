/** Which tables a query mentions, and under which conditions each is scanned: what the planner's first steps make of it. */

import { findRelation, relationById, withSettings } from "../catalog/catalog.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { RelationName } from "../syntax/names.ts";
import type { CommonTableExpression, FromItem, Query, SelectQuery } from "../syntax/query.ts";
import { comparisonOf, foldComparison } from "./comparison.ts";
import { conditionsOfTables, type TableReference } from "./conditions.ts";
import { operandOf, type Scope } from "./operand.ts";
import {
  type CommonTable,
  type Environment,
  emptyLevel,
  type NamedColumns,
  type OutputColumn,
  type QualLevel,
  scopeOf,
  type TableMention,
  visibleColumns,
} from "./query-level.ts";
import { impliedName, isMergeable, isPlainSelection, passesConditions } from "./subquery-shape.ts";

/** The tables that a query mentions, in the order of mention, also in its subqueries and common table expressions. */
export function referencesOf(query: Query, environment: Environment): readonly TableReference[] {
  const collector: Collector = { references: [], next: 1, depth: 0 };
  collectQuery(query, environment, collector);
  return collector.references.toSorted((a, b) => a.mention.range.start - b.mention.range.start);
}

interface Collector {
  readonly references: TableReference[];
  next: number;
  /** How many views within views are being followed. */
  depth: number;
}

/** One query: its names, and where a FROM item's conditions go. */
interface Place {
  readonly names: NamedColumns[];
  readonly scope: Scope;
  readonly environment: Environment;
  readonly collector: Collector;
}

function collectQuery(query: Query, around: Environment, collector: Collector): void {
  const level = emptyLevel();
  fillLevel(query, level, around, collector);
  collector.references.push(...conditionsOfTables(level, around));
}

/** Puts a query's tables and conditions into a level: its own, or that of the query with which it is planned as one. */
function fillLevel(query: Query, level: QualLevel, around: Environment, collector: Collector): readonly OutputColumn[] {
  const environment = withCommonTables(query.with, query, around, collector);
  const names: NamedColumns[] = [];
  const scope = scopeOf(names, environment);
  const place: Place = { names, scope, environment, collector };
  switch (query.kind) {
    case "select":
      return fillSelect(query, level, place);
    case "insert":
      addTable(query.target, query.alias, "insert", level, place);
      if (query.source !== null) collectQuery(query.source, environment, collector);
      collectSubqueries(query.returning, place);
      return [];
    case "update":
    case "delete":
      addTable(query.target, query.alias, query.kind, level, place);
      for (const item of query.kind === "update" ? query.from : query.using) addItem(item, level, place);
      addCondition(query.where, level, place);
      if (query.kind === "update")
        collectSubqueries(
          query.assignments.flatMap(({ value }) => value ?? []),
          place,
        );
      collectSubqueries(query.returning, place);
      return [];
    case "merge": {
      // The source is kept whole; the target is searched for its matches, unless rows without a match are wanted too.
      const target = query.notMatchedBySource ? level : emptyLevel();
      if (target !== level) level.nullable.push(target);
      addTable(query.target, query.alias, "merge", target, place);
      addItem(query.source, level, place);
      if (target !== level) target.conditions.push({ expression: query.on, scope });
      collectSubqueries([query.on], place);
      return [];
    }
  }
}

function fillSelect(query: SelectQuery, level: QualLevel, place: Place): readonly OutputColumn[] {
  const { environment, collector, scope } = place;
  if (query.setOperation !== null) {
    // Conditions from above may go into each arm; that is not followed.
    for (const arm of [query.setOperation.left, query.setOperation.right]) {
      const below = emptyLevel(true);
      fillLevel(arm, below, environment, collector);
      level.subqueries.push(below);
    }
    return [];
  }
  for (const item of query.from) addItem(item, level, place);
  addCondition(query.where, level, place);
  collectSubqueries(
    [
      ...query.targets.map(({ expression }) => expression),
      ...query.groupBy,
      ...(query.having === null ? [] : [query.having]),
      ...query.orderBy,
      ...(query.values ?? []).flat(),
    ],
    place,
  );
  return query.targets.map(({ expression }) => ({ expression, scope }));
}

function addCondition(expression: Expression | null, level: QualLevel, place: Place): void {
  if (expression === null) return;
  level.conditions.push({ expression, scope: place.scope });
  collectSubqueries([expression], place);
}

/** Subqueries in expressions are planned by themselves; columns of the query around are known when they run. */
function collectSubqueries(expressions: readonly Expression[], place: Place): void {
  const environment = { ...place.environment, outer: place.scope };
  for (const expression of expressions)
    for (const part of insideOut(expression))
      if (part.kind === "subquery") collectQuery(part.query, environment, place.collector);
}

function withCommonTables(
  definitions: readonly CommonTableExpression[],
  query: Query,
  around: Environment,
  collector: Collector,
): Environment {
  let environment = around;
  for (const definition of definitions) {
    const { name, query: own, recursive, materialized } = definition;
    const mentions = countMentions(name.name, query, definition);
    const mayBeInlined = own.kind === "select" && !recursive && !own.locks && around.context.version >= 12;
    const inlined = mayBeInlined && (materialized === false || (materialized === null && mentions === 1));
    const recursion = recursive
      ? new Map(environment.commonTables).set(name.name, ownName(definition, environment))
      : null;
    // A query that nobody reads is not planned; one that writes runs all the same.
    if (!inlined && (mentions > 0 || own.kind !== "select"))
      collectQuery(own, recursion === null ? environment : { ...environment, commonTables: recursion }, collector);
    const common: CommonTable = { definition, environment, inlined };
    environment = { ...environment, commonTables: new Map(environment.commonTables).set(name.name, common) };
  }
  return environment;
}

function ownName(definition: CommonTableExpression, environment: Environment): CommonTable {
  return { definition, environment, inlined: false };
}

/** How often a query, but not the definition itself, reads from a name. */
function countMentions(name: string, query: Query, own: CommonTableExpression): number {
  let count = 0;
  const visit = (value: unknown): void => {
    if (value === own || typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    const node = value as Readonly<Record<string, unknown>>;
    const relation = node["relation"] as RelationName | undefined;
    if (node["kind"] === "relation" && relation?.name === name && relation.schema === null) count++;
    for (const part of Object.values(node)) visit(part);
  };
  visit(query);
  return count;
}

function addItem(item: FromItem, level: QualLevel, place: Place): void {
  switch (item.kind) {
    case "relation":
      addNamedItem(item, level, place);
      break;
    case "subquery": {
      const outer = item.lateral ? place.scope : place.environment.outer;
      addSubquery(item.query, item.alias, item.columnAliases, level, place, { ...place.environment, outer });
      break;
    }
    case "join":
      addJoin(item, level, place);
      break;
    case "function":
      collectSubqueries(item.calls, place);
      addUnknown(item.alias, place);
      break;
    case "other":
      addUnknown(item.alias, place);
      break;
  }
}

function addUnknown(name: string | null, place: Place): void {
  place.names.push({ name, schema: null, source: { kind: "unknown" } });
}

/** A table, a view, or the name of a common table expression. */
function addNamedItem(item: Extract<FromItem, { kind: "relation" }>, level: QualLevel, place: Place): void {
  const { relation, alias, columnAliases } = item;
  const common = relation.schema === null ? place.environment.commonTables.get(relation.name) : undefined;
  if (common === undefined) {
    addTable(relation, alias, "select", level, place, columnAliases);
    return;
  }
  const name = alias ?? relation.name;
  const { query, columns } = common.definition;
  if (!common.inlined || query.kind !== "select") {
    addUnknown(name, place);
    return;
  }
  const aliases =
    columns.length > 0 ? columns.map((column, index) => columnAliases[index] ?? column.name) : columnAliases;
  addSubquery(query, name, aliases, level, place, common.environment);
}

function addTable(
  written: RelationName,
  alias: string | null,
  access: TableMention["access"],
  level: QualLevel,
  place: Place,
  columnAliases: readonly string[] = [],
): void {
  const { catalog } = place.environment;
  const relation = findRelation(catalog, written);
  const name = alias ?? written.name;
  const schema = alias === null ? (relation?.schema ?? written.schema) : null;
  if (relation === null) {
    place.names.push({ name, schema, source: { kind: "unknown" } });
    return;
  }
  const { view } = place.environment;
  const mention: TableMention = {
    reference: place.collector.next++,
    relation,
    only: written.only,
    alias: name,
    access: view?.access ?? access,
    range: view?.range ?? written.range,
    throughView: view !== null,
  };
  if (relation.kind === "view") addView(mention, name, schema, columnAliases, level, place);
  else {
    level.tables.push(mention);
    place.names.push({ name, schema, source: { kind: "table", mention, columnAliases } });
  }
}

/** A view is a subquery whose names were looked up when it was made. */
function addView(
  mention: TableMention,
  name: string,
  schema: string | null,
  columnAliases: readonly string[],
  level: QualLevel,
  place: Place,
): void {
  const { relation, range, access } = mention;
  const { environment, collector } = place;
  const { view } = relation;
  if (view !== undefined && collector.depth < deepestView) {
    const catalog = withSettings(environment.catalog, { searchPath: view.searchPath });
    const within: Environment = {
      catalog,
      context: { ...environment.context, catalog },
      commonTables: new Map(),
      outer: null,
      view: { range, access },
    };
    const aliases = relation.columns.map((column, index) => columnAliases[index] ?? column.name);
    collector.depth++;
    addSubquery(view.query, name, aliases, level, place, within, schema);
    collector.depth--;
    return;
  }
  // Its query is not known, only what it reads.
  const below = emptyLevel(true);
  for (const id of relation.dependsOn) {
    const read = relationById(environment.catalog, id);
    if (read === null) continue;
    below.tables.push({ ...mention, reference: collector.next++, relation: read, only: false, throughView: true });
  }
  level.subqueries.push(below);
  place.names.push({ name, schema, source: { kind: "unknown" } });
}

/** A view that reads itself through others, as only a wrong catalog can have it, is not followed for ever. */
const deepestView = 20;

function addSubquery(
  query: SelectQuery,
  name: string | null,
  aliases: readonly string[],
  level: QualLevel,
  place: Place,
  environment: Environment,
  schema: string | null = null,
): void {
  const merged = isMergeable(query, environment);
  const below = merged ? level : emptyLevel();
  const outputs = fillLevel(query, below, environment, place.collector);
  if (!merged) level.subqueries.push(below);
  const columns = new Map<string, OutputColumn | null>();
  for (const [index, output] of outputs.entries()) {
    const { expression } = output;
    if (expression.kind === "column" && expression.star) {
      // `SELECT *` passes the columns on that are known.
      continue;
    }
    const visible = aliases[index] ?? query.targets[index]?.name ?? impliedName(expression);
    columns.set(visible, merged || passesConditions(query, output) ? output : null);
  }
  const star = outputs.find(({ expression }) => expression.kind === "column" && expression.star);
  if (star !== undefined) addStarColumns(query, columns, merged || isPlainSelection(query), star.scope);
  place.names.push({ name, schema, source: { kind: "subquery", columns } });
}

/** The columns of `SELECT *` over tables whose columns are known. */
function addStarColumns(
  query: SelectQuery,
  columns: Map<string, OutputColumn | null>,
  passes: boolean,
  scope: Scope,
): void {
  const { catalog } = scope.context;
  for (const item of query.from) {
    if (item.kind !== "relation") continue;
    const relation = findRelation(catalog, item.relation);
    for (const { name } of relation?.columns ?? []) {
      const expression: Expression = {
        kind: "column",
        names: [item.alias ?? item.relation.name, name],
        star: false,
        range: item.range,
      };
      if (!columns.has(name)) columns.set(name, passes ? { expression, scope } : null);
    }
  }
}

function addJoin(join: Extract<FromItem, { kind: "join" }>, level: QualLevel, place: Place): void {
  const { type } = join;
  const side = (nullable: boolean): QualLevel => {
    if (!nullable) return level;
    const below = emptyLevel();
    level.nullable.push(below);
    return below;
  };
  const left = side(type === "right" || type === "full");
  const right = side(type === "left" || type === "full");
  const before = place.names.length;
  addItem(join.left, left, place);
  const between = place.names.length;
  addItem(join.right, right, place);
  // The condition of an outer join filters its nullable side alone; that of a full join neither.
  const filtered = type === "left" ? right : type === "right" ? left : type === "full" ? null : level;
  if (join.on !== null) {
    filtered?.conditions.push({ expression: join.on, scope: place.scope });
    collectSubqueries([join.on], place);
  }
  const leftNames = place.names.slice(before, between);
  const rightNames = place.names.slice(between);
  const using = join.natural ? commonColumns(leftNames, rightNames) : join.using;
  for (const column of using) {
    const operand = (names: readonly NamedColumns[]) =>
      operandOf({ kind: "column", names: [column], star: false, range: join.range }, scopeOf(names, place.environment));
    const equality = comparisonOf("=", operand(leftNames), operand(rightNames), place.scope, join.range);
    filtered?.merges.push(foldComparison(equality, place.scope.context));
  }
}

function commonColumns(left: readonly NamedColumns[], right: readonly NamedColumns[]): readonly string[] {
  const columns = (all: readonly NamedColumns[]) => all.flatMap((names) => visibleColumns(names) ?? []);
  const rightColumns = new Set(columns(right));
  return columns(left).filter((column) => rightColumns.has(column));
}
