/** What names of columns may come from at one place of a query: the items of FROM with their columns and types, level by level. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { FromItem, InsertQuery, SelectQuery } from "../../syntax/query.ts";
import type { ApplyContext } from "../outcome.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { type ColumnSource, columnsOfStar, outputNames } from "./output-names.ts";

/** What an expression sees: the sources of its query, then those of the queries around it. */
export interface Scope {
  readonly levels: readonly (readonly ColumnSource[])[];
  /** The columns of the common table expressions in sight; null where they are not known. */
  readonly tables: ReadonlyMap<string, readonly string[] | null>;
  /** The items beside it that it may not see: those beside a subquery in FROM without LATERAL, those under a join's alias. */
  readonly shut: readonly ColumnSource[];
  /** What the queries that have been looked at select from: to find it anew for each level around would double with each. */
  readonly found: Map<SelectQuery, readonly ColumnSource[]>;
  readonly catalog: Catalog;
  readonly context: ApplyContext;
}

export const none: ReadonlySet<string> = new Set();

/** The scope with one more level inside. */
export function within(sources: readonly ColumnSource[], around: Scope): Scope {
  return { ...around, levels: [sources, ...around.levels] };
}

/** The sources that an item of FROM brings, nothing checked. */
export function sourcesOf(item: FromItem, around: Scope): readonly ColumnSource[] {
  switch (item.kind) {
    case "relation": {
      const { relation, alias, columnAliases } = item;
      const own = relation.schema === null ? around.tables.get(relation.name) : undefined;
      const hidden = alias === null ? undefined : relation.name;
      const table = own === undefined ? tableColumns(relation, around.catalog) : { columns: own };
      const columns = renamed(table.columns, columnAliases);
      return [{ alias: alias ?? relation.name, hidden, ...table, columns, merged: none }];
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

/** The sources of a query's FROM list, nothing checked. */
export function itemsOf(query: SelectQuery, around: Scope): readonly ColumnSource[] {
  const known = around.found.get(query);
  if (known !== undefined) return known;
  const tables = new Map(around.tables);
  const inner = { ...around, tables };
  for (const { name, columns, query: each, recursive } of query.with) {
    const outputs = recursive || each.kind !== "select" ? null : outputNames(each, itemsOf(leftmost(each), inner));
    tables.set(
      name.name,
      renamed(
        outputs,
        columns.map((column) => column.name),
      ),
    );
  }
  const sources = query.from.flatMap((item) => sourcesOf(item, inner));
  around.found.set(query, sources);
  return sources;
}

/** A set operation has the names of its first query. */
export function leftmost(query: SelectQuery): SelectQuery {
  return query.setOperation === null ? query : leftmost(query.setOperation.left);
}

type Join = Extract<FromItem, { kind: "join" }>;

/** The sources of a join: an alias of the whole hides what is joined. */
export function joined(
  join: Join,
  left: readonly ColumnSource[],
  right: readonly ColumnSource[],
): readonly ColumnSource[] {
  const { alias, columnAliases = [] } = join;
  const sources = mergedSources(join, left, right);
  if (alias === undefined) return sources;
  if (join.aliasOfUsing === true) return [...sources, { alias, columns: join.using, merged: new Set(join.using) }];
  const covers = sources.flatMap((source) => [
    ...(source.covers ?? []),
    ...(source.alias === null ? [] : [source.alias]),
  ]);
  return [{ alias, columns: renamed(columnsOfStar(undefined, sources), columnAliases), merged: none, covers }];
}

function mergedSources(
  { using, natural }: Join,
  left: readonly ColumnSource[],
  right: readonly ColumnSource[],
): readonly ColumnSource[] {
  const sources = [...left, ...right];
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

/** The columns of a table or view; null where they are not known for sure. */
export function tableColumns(
  name: Pick<InsertQuery["target"], "schema" | "name">,
  catalog: Catalog,
): Pick<ColumnSource, "columns" | "types"> {
  const found = lookUpRelation(catalog, name);
  if (found.kind !== "found" || !hasColumns.has(found.relation.kind)) return { columns: null };
  const { columns, knowledge, outputsUnknown, outputs } = found.relation;
  if (outputsUnknown === true) return { columns: outputs ?? null };
  if (knowledge !== "full") return { columns: null };
  return { columns: columns.map((column) => column.name), types: columns.map(({ type }) => type) };
}

const hasColumns: ReadonlySet<string> = new Set([
  "table",
  "partitioned-table",
  "foreign-table",
  "view",
  "materialized-view",
]);

/** The first names replaced by those that an alias gives. */
export function renamed(columns: readonly string[] | null, names: readonly string[]): readonly string[] | null {
  return columns === null ? null : columns.map((column, index) => names[index] ?? column);
}

/** The type of the column that a name means; undefined where it is not known, or none is meant. */
export function typeOfColumn(names: readonly string[], { levels }: Scope): DataType | undefined {
  const [first = "", member, ...more] = names;
  if (more.length > 0) return undefined;
  for (const level of levels) {
    if (member !== undefined) {
      const [source, ...others] = level.filter(({ alias }) => alias === first);
      if (source === undefined) continue;
      return others.length > 0 ? undefined : typeIn(source, member);
    }
    if (level.some(({ columns }) => columns === null)) return undefined;
    const having = level.filter(({ columns, merged }) => columns?.includes(first) === true && !merged.has(first));
    if (having.length > 0) return having.length > 1 || having[0] === undefined ? undefined : typeIn(having[0], first);
  }
  return undefined;
}

function typeIn({ columns, types }: ColumnSource, name: string): DataType | undefined {
  const index = columns?.indexOf(name) ?? -1;
  return index < 0 || columns?.lastIndexOf(name) !== index ? undefined : types?.[index];
}
