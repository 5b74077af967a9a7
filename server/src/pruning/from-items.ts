/** The items of FROM and USING: tables, views, subqueries, functions and joins, put into the level of the query that reads them. */

import { findRelation, relationById, withSettings } from "../catalog/catalog.ts";
import type { ViewRelation } from "../catalog/relation.ts";
import { expressionType } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";
import type { RelationName } from "../syntax/names.ts";
import type { FromItem, SelectQuery } from "../syntax/query.ts";
import { addAll } from "../text/long-lists.ts";
import { emptyLevel, type QualLevel, referencesBelow } from "./block.ts";
import type { Clause } from "./clause.ts";
import { comparisonOf, foldComparison } from "./comparison.ts";
import { operandOf } from "./operand.ts";
import {
  type Environment,
  type NamedColumns,
  scopeFrom,
  scopeOf,
  type TableMention,
  type TypedColumn,
  type VisibleColumn,
  visibleColumns,
} from "./query-level.ts";
import { type Place, readInto, readSelect, readSubqueries } from "./references.ts";
import { derivedColumn, type ResolvedColumn } from "./scope.ts";
import { addCondition } from "./semi-joins.ts";
import { columnsOfBlock, outsideOf } from "./set-operation.ts";
import { impliedName, isMergeable } from "./subquery-shape.ts";

export function addItem(item: FromItem, level: QualLevel, place: Place): void {
  switch (item.kind) {
    case "relation":
      addNamedItem(item, level, place);
      break;
    case "subquery": {
      const { environment } = place;
      const around = item.lateral ? { ...environment, outer: place.scope, joinsOuter: true } : environment;
      addSubquery(item.query, item.alias, item.columnAliases, level, place, around);
      break;
    }
    case "join":
      addJoin(item, level, place);
      break;
    case "function":
      readSubqueries(item.calls, place);
      addFunction(item, level, place);
      break;
    case "other":
      addUnknown(item.alias, place);
      break;
  }
}

function addUnknown(name: string | null, place: Place): void {
  place.names.push({ name, schema: null, source: { kind: "unknown" } });
}

/** A function in FROM that gives one column of a known type. */
function addFunction(item: Extract<FromItem, { kind: "function" }>, level: QualLevel, place: Place): void {
  const [call] = item.calls;
  const type = call === undefined ? null : expressionType(call, place.scope.context);
  if (call === undefined || item.calls.length > 1 || type === null || type.kind === "composite") {
    addUnknown(item.alias, place);
    return;
  }
  const name = item.alias ?? impliedName(call);
  addComputed([{ name: item.columnAliases[0] ?? name, type, collation: null }], name, true, level, place);
}

/** What is read by itself, and of which no more is known than its columns. */
function addComputed(
  columns: readonly TypedColumn[],
  name: string | null,
  open: boolean,
  level: QualLevel,
  place: Place,
): void {
  const reference = place.reader.next++;
  level.items.push({ kind: "other", reference });
  place.names.push({ name, schema: null, source: { kind: "columns", columns: asColumnsOf(reference, columns), open } });
}

function asColumnsOf(reference: number, columns: readonly TypedColumn[]): readonly VisibleColumn[] {
  // By position: several may have one name.
  return columns.map(({ name, type, collation }, index) => ({
    name,
    resolved: { kind: "column", column: { reference, relation: null, name: String(index + 1), type, collation } },
  }));
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
  const { reader } = place;
  if (common.inlined && query.kind === "select" && reader.inlined < deepestInlined && reader.next < mostReferences) {
    const written = columns.map((column) => column.name);
    const aliases =
      columnAliases.length > written.length ? columnAliases : written.map((own, index) => columnAliases[index] ?? own);
    reader.inlined++;
    addSubquery(query, name, aliases, level, place, { ...common.environment, joinsOuter: false });
    reader.inlined--;
  } else if (common.columns === null) addUnknown(name, place);
  else {
    const visible = common.columns.map((column, index) => ({ ...column, name: columnAliases[index] ?? column.name }));
    addComputed(visible, name, false, level, place);
  }
}

export function addTable(
  written: RelationName,
  alias: string | null,
  access: TableMention["access"],
  level: QualLevel,
  place: Place,
  columnAliases: readonly string[] = [],
): void {
  const { catalog, view } = place.environment;
  const bound = view?.relations.find(
    (one) => one.written.schema === written.schema && one.written.name === written.name,
  );
  const relation = bound === undefined ? findRelation(catalog, written) : relationById(catalog, bound.relation);
  const name = alias ?? written.name;
  const schema = alias === null ? (bound?.schema ?? relation?.schema ?? written.schema) : null;
  if (relation === null) {
    place.names.push({ name, schema, source: { kind: "unknown" } });
    return;
  }
  const mention: TableMention = {
    reference: place.reader.next++,
    relation,
    only: written.only,
    alias: name,
    access: view?.access ?? access,
    range: view?.range ?? written.range,
    throughView: view !== null,
  };
  const columns = bound?.columns ?? null;
  if (relation.kind === "view") addView(mention, { name, schema, columnAliases, bound: columns }, level, place);
  else {
    level.items.push({ kind: "table", mention });
    place.names.push({ name, schema, source: { kind: "table", mention, columnAliases, bound: columns } });
  }
}

/** How a query, or another view, names a view. */
interface ViewMention {
  readonly name: string;
  readonly schema: string | null;
  readonly columnAliases: readonly string[];
  /** The columns that it had when the view that reads it was made. */
  readonly bound: ViewRelation["columns"];
}

/** A view is a subquery whose names were looked up when it was made. */
function addView(
  mention: TableMention,
  { name, schema, columnAliases, bound }: ViewMention,
  level: QualLevel,
  place: Place,
): void {
  const { relation, range, access } = mention;
  const { environment, reader } = place;
  const { view } = relation;
  if (view !== undefined && reader.views < deepestView && reader.next < mostReferences) {
    const catalog = withSettings(environment.catalog, { searchPath: view.searchPath });
    const within: Environment = {
      catalog,
      context: { ...environment.context, catalog },
      commonTables: new Map(),
      outer: null,
      joinsOuter: false,
      view: { range, access, relations: view.relations },
    };
    const own = relation.columns.length > 0 ? relation.columns.map((column) => column.name) : view.outputs;
    // A view gets new columns only behind those that it has: their positions stay.
    const then = bound?.map(({ as }) => as) ?? own;
    const renamed = new Map(relation.columns.length > 0 ? [] : view.renamed.map(({ as, name: now }) => [as, now]));
    const aliases =
      columnAliases.length > then.length ? columnAliases : then.map((one, index) => columnAliases[index] ?? one);
    reader.views++;
    addSubquery(view.query, name, aliases, level, place, within, schema);
    reader.views--;
    const added = place.names.pop();
    if (added?.source.kind === "columns") {
      const columns = added.source.columns
        .slice(0, bound?.length)
        .map((column, index) => ({ ...column, name: columnAliases[index] ?? renamed.get(column.name) ?? column.name }));
      place.names.push({ ...added, source: { ...added.source, columns } });
    }
    return;
  }
  // Its query is not known, only what it reads.
  for (const id of relation.dependsOn) {
    const read = relationById(environment.catalog, id);
    if (read === null) continue;
    const inside: TableMention = {
      ...mention,
      reference: reader.next++,
      relation: read,
      only: false,
      throughView: true,
    };
    reader.blocks.push({
      kind: "select",
      query: null,
      level: { ...emptyLevel(), items: [{ kind: "table", mention: inside }] },
      scope: place.scope,
      outputs: null,
      uses: [],
      incomplete: true,
    });
  }
  place.names.push({ name, schema, source: { kind: "unknown" } });
}

/** A view that reads itself through others, as only a wrong catalog can have it, is not followed for ever. */
const deepestView = 20;
/** Common table expressions that read each other in turn, each in the place of its mention. */
const deepestInlined = 100;
/** Views and common table expressions that each read another twice double what is read from one to the next. */
const mostReferences = 1_000;

/** A subquery that is planned as one with the query that reads it, or by itself. */
export function addSubquery(
  query: SelectQuery,
  name: string | null,
  aliases: readonly string[],
  level: QualLevel,
  place: Place,
  environment: Environment,
  schema: string | null = null,
): void {
  const { reader } = place;
  const push = (columns: readonly VisibleColumn[] | null): void => {
    const visible = columns?.map((column, index) => ({ ...column, name: aliases[index] ?? column.name }));
    place.names.push({
      name,
      schema,
      source: { kind: "columns", columns: visible ?? [], open: visible === undefined },
    });
  };
  if (isMergeable(query)) {
    const { outputs } = readInto(query, level, environment, reader);
    push(
      outputs?.map((output) => {
        const { expression, scope } = outsideOf(output);
        return { name: output.name, resolved: derivedColumn(expression, scope) };
      }) ?? null,
    );
    return;
  }
  const block = readSelect(query, { ...environment, joinsOuter: false }, reader);
  const columns = columnsOfBlock(block);
  const reference = reader.next++;
  level.items.push({ kind: "subquery", reference, block });
  push(columns === null ? null : asColumnsOf(reference, columns));
}

function addJoin(join: Extract<FromItem, { kind: "join" }>, level: QualLevel, place: Place): void {
  const { type } = join;
  const left = type === "right" || type === "full" ? emptyLevel() : level;
  const right = type === "left" || type === "full" ? emptyLevel() : level;
  const before = place.names.length;
  addItem(join.left, left, place);
  const between = place.names.length;
  addItem(join.right, right, place);
  const leftNames = place.names.slice(before, between);
  const rightNames = place.names.slice(between);
  // The join's own condition sees the columns as they are, before rows without a match make NULLs of them.
  const scope = scopeOf([...leftNames, ...rightNames], place.environment);
  const merges = mergesOf(join, leftNames, rightNames, place);
  const conditions = merges.map(({ clause }) => ({ clause }));
  if (type === "inner" || type === "cross") {
    addAll(level.conditions, conditions);
    addCondition(join.on, level, scope, place);
  } else {
    // Subqueries in the condition of an outer join become joins on the side that is not kept whole.
    const inner = type === "left" ? right : type === "right" ? left : null;
    const on = inner === null ? { ...emptyLevel(), conditions } : { ...inner, conditions };
    addCondition(join.on, on, scope, place, inner === null ? new Set() : referencesBelow(inner));
    if (inner === null) level.outerJoins.push({ type: "full", left, right, on: conditions });
    else level.outerJoins.push({ type: "left", right: inner, on: conditions });
    if (type !== "right") nullColumns(place.names, between, right, place);
    if (type !== "left") nullColumns(place.names, before, left, place, between);
  }
  if (merges.length > 0) addMergedColumns(merges, type, before, between, place);
}

interface Merge {
  readonly column: string;
  readonly left: ResolvedColumn;
  readonly right: ResolvedColumn;
  readonly clause: Clause;
}

/** Equalities of USING and NATURAL. */
function mergesOf(
  join: Extract<FromItem, { kind: "join" }>,
  leftNames: readonly NamedColumns[],
  rightNames: readonly NamedColumns[],
  place: Place,
): readonly Merge[] {
  const using = join.natural ? commonColumns(leftNames, rightNames) : join.using;
  const [left, right] = [leftNames, rightNames].map((names) =>
    scopeOf(names, { ...place.environment, outer: null, joinsOuter: false }),
  );
  if (left === undefined || right === undefined) return [];
  return using.map((column) => {
    const written: Expression = { kind: "column", names: [column], star: false, range: join.range };
    const equality = comparisonOf("=", operandOf(written, left), operandOf(written, right), place.scope, join.range);
    const clause = foldComparison(equality, place.scope.context);
    return { column, left: left.resolve([column]), right: right.resolve([column]), clause };
  });
}

/** The merged columns come first, and hide those that they are made of. */
function addMergedColumns(
  merges: readonly Merge[],
  type: Extract<FromItem, { kind: "join" }>["type"],
  before: number,
  between: number,
  place: Place,
): void {
  const { names, environment } = place;
  const [leftNames, rightNames] = [names.slice(before, between), names.slice(between)];
  const sides = [leftNames, rightNames].map((side) =>
    scopeOf(side, { ...environment, outer: null, joinsOuter: false }),
  );
  const columns = merges.map(({ column }): VisibleColumn => {
    const [left, right] = sides.map((side): ResolvedColumn => side.resolve([column]));
    const unknown: ResolvedColumn = { kind: "unknown" };
    if (type !== "full") return { name: column, resolved: (type === "right" ? right : left) ?? unknown };
    return { name: column, resolved: coalesced(left ?? unknown, right ?? unknown, place) };
  });
  const hidden = new Set(merges.map(({ column }) => column));
  for (let index = before; index < names.length; index++) {
    const one = names[index];
    if (one !== undefined) names[index] = { ...one, merged: new Set([...(one.merged ?? []), ...hidden]) };
  }
  names.splice(before, 0, { name: null, schema: null, source: { kind: "columns", columns, open: false } });
}

/** The merged column of a full join: `COALESCE(left, right)`. */
function coalesced(left: ResolvedColumn, right: ResolvedColumn, place: Place): ResolvedColumn {
  const range = { start: 0, end: 0 };
  const sides = { left, right };
  const items = (["left", "right"] as const).map(
    (side): Expression => ({ kind: "column", names: [side], star: false, range }),
  );
  const scope = scopeFrom(([name]) => (name === "left" ? sides.left : sides.right), place.environment.context);
  return derivedColumn({ kind: "coalesce", items, range }, scope);
}

/**
 * What an outer join may null is no longer what the subquery computes: `PlaceHolderVar`. Columns stay columns, and so do
 * strict expressions over them.
 */
function nullColumns(
  names: NamedColumns[],
  from: number,
  level: QualLevel,
  place: Place,
  to: number = names.length,
): void {
  for (let index = from; index < to; index++) {
    const one = names[index];
    if (one?.source.kind !== "columns") continue;
    const columns = one.source.columns.map((column): VisibleColumn => {
      if (column.resolved.kind !== "derived") return column;
      const operand = operandOf(column.resolved.expression, column.resolved.scope);
      if (operand.kind === "column" || (operand.kind === "expression" && operand.strictFor.some(isColumn)))
        return column;
      const reference = place.reader.next++;
      level.items.push({ kind: "other", reference });
      const held = { reference, relation: null, name: column.name, type: operand.type, collation: null };
      return { name: column.name, resolved: { kind: "column", column: held } };
    });
    names[index] = { ...one, source: { ...one.source, columns } };
  }
}

function isColumn({ kind }: { readonly kind: string }): boolean {
  return kind === "column";
}

function commonColumns(left: readonly NamedColumns[], right: readonly NamedColumns[]): readonly string[] {
  const columns = (all: readonly NamedColumns[]) => all.flatMap((names) => visibleColumns(names) ?? []);
  const rightColumns = new Set(columns(right));
  return columns(left).filter((column) => rightColumns.has(column));
}
