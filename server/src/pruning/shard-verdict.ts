/** The shards of a mention of a distributed table: what conditions leave, where rows are put, and what joins bring along. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { areColocated, rangesOf, shardOfHash } from "../catalog/shards.ts";
import { hash32 } from "../catalog/values/hash.ts";
import type { ApplyContext } from "../effects/outcome.ts";
import { readRows } from "../effects/queries/insert-rows.ts";
import { defaultMutability } from "../schemes/citus/column-defaults.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { CommonTableExpression, FromItem, InsertQuery, Query, SelectQuery } from "../syntax/query.ts";
import { conjunctsOf } from "./clause.ts";
import type { TableReference } from "./conditions.ts";
import { clauseOf } from "./predicate.ts";
import { allShards, hasShards, pruneShards, type ShardVerdict } from "./shards.ts";
import { hasWindow } from "./subquery-shape.ts";

/** The shards of each mention that has any. All mentions of one query are given together. */
export function shardsOfMentions(
  references: readonly TableReference[],
  query: Query,
  catalog: Catalog,
  context: ApplyContext,
): ReadonlyMap<TableReference, ShardVerdict> {
  const found = new Map<TableReference, ShardVerdict>();
  for (const reference of references) {
    if (!hasShards(reference.mention.relation)) continue;
    found.set(reference, ownShards(reference, query, catalog, context));
  }
  return found.size < 2 && query.kind !== "merge" ? found : together(found, query, catalog, context);
}

/**
 * The query as Citus plans it where its tables do not lie together: subqueries and common table expressions run before, each by
 * itself, so that no condition goes into them or comes out (`RecursivelyPlanNonColocatedSubqueries`).
 */
export function asPlannedByCitus(query: Query, references: readonly TableReference[], catalog: Catalog): Query {
  const divided = references.filter(({ mention }) => hasShards(mention.relation) && mention.access !== "insert");
  const groups = new Set(divided.map(({ mention }) => mention.relation.shards?.colocation));
  if (groups.size < 2) return query;
  // Where nothing is left of one table, the whole query goes to one node.
  const isEmpty = divided.some(({ mention, clauses, scope }) => {
    const { relation, reference } = mention;
    return pruneShards(catalog, { relation, reference, clauses, scope }).survivors?.length === 0;
  });
  return isEmpty ? query : { ...query, with: query.with.map(runsBefore), ...itemsApart(query) };
}

function runsBefore(expression: CommonTableExpression): CommonTableExpression {
  return { ...expression, materialized: true };
}

function itemsApart(query: Query): Partial<Pick<SelectQuery, "from">> {
  return query.kind === "select" ? { from: query.from.map(apart) } : {};
}

function apart(item: FromItem): FromItem {
  switch (item.kind) {
    case "join":
      return { ...item, left: apart(item.left), right: apart(item.right) };
    case "subquery":
      // As OFFSET 0 keeps it apart.
      return item.lateral ? item : { ...item, query: { ...item.query, hasLimit: true } };
    default:
      return item;
  }
}

function ownShards(
  { mention, clauses, scope }: TableReference,
  query: Query,
  catalog: Catalog,
  context: ApplyContext,
): ShardVerdict {
  const { relation, reference, access } = mention;
  const all = allShards(catalog, relation);
  if (relation.knowledge !== "full") return { ...all, survivors: null };
  if (access === "insert") {
    const insert = insertAt(query, mention.range.start);
    return insert === null ? { ...all, survivors: null } : insertedShards(catalog, insert, relation, context);
  }
  const pruned = pruneShards(catalog, { relation, reference, clauses, scope });
  if (pruned.survivors?.length !== 0 || !isAlone(query)) return pruned;
  return fastPath(query, { mention, clauses, scope }, catalog) ?? pruned;
}

/** The INSERT whose target stands there: the query itself, or a common table expression of it. */
function insertAt(query: Query, start: number): InsertQuery | null {
  if (query.kind === "insert" && query.target.range.start === start) return query;
  for (const { query: inner } of query.with) {
    const found = insertAt(inner, start);
    if (found !== null) return found;
  }
  return null;
}

/** Where the rows go that the statement spells out; of those of a query it is not known. */
function insertedShards(catalog: Catalog, insert: InsertQuery, table: Relation, context: ApplyContext): ShardVerdict {
  const all = allShards(catalog, table);
  const { shards } = table;
  const unknown = { ...all, survivors: null };
  const rows = readRows(catalog, insert, table, context);
  if (shards === undefined || rows.kind !== "rows") return unknown;
  if (shards.method === "none") return all;
  const ranges = rangesOf(catalog.sharded, shards);
  const column = table.columns.find(({ name }) => name === shards.column);
  if (ranges === null || column === undefined) return unknown;
  const found = new Set<number>();
  for (const { values } of rows.rows) {
    const value = values.get(column.name);
    const hash = value == null ? null : hash32(value, column.type);
    if (hash === null) return unknown;
    found.add(shardOfHash(ranges, hash));
  }
  return { ...all, survivors: [...found].sort((a, b) => a - b) };
}

/** Whether the query reads or changes one table and nothing else. */
function isAlone(query: Query): boolean {
  if (query.with.length > 0) return false;
  if (query.kind === "select") {
    const isComputed = query.distinct || query.targets.some(({ expression }) => hasWindow(expression));
    return !isComputed && query.setOperation === null && query.from.length === 1 && query.from[0]?.kind === "relation";
  }
  return (query.kind === "update" && query.from.length === 0) || (query.kind === "delete" && query.using.length === 0);
}

/** Citus' short way for one table: the one value that the column is compared with decides, whatever else is said. */
function fastPath(
  query: Query,
  { mention, scope }: Pick<TableReference, "mention" | "clauses" | "scope">,
  catalog: Catalog,
): ShardVerdict | null {
  const where = query.kind === "insert" || query.kind === "merge" ? null : query.where;
  const { relation, reference } = mention;
  if (relation.shards?.method === "none") return allShards(catalog, relation);
  const column = relation.shards?.column;
  if (where === null || column == null) return null;
  const named = conditionsOf(where).filter((each) => mentionsColumn(each, column));
  const [only, ...others] = named;
  if (only?.kind !== "operator" || only.operator !== "=" || others.length > 0) return null;
  const clauses = conjunctsOf(clauseOf(only, scope));
  const verdict = pruneShards(catalog, { relation, reference, clauses, scope });
  return verdict.survivors?.length === 1 ? verdict : null;
}

function conditionsOf(where: Expression): readonly Expression[] {
  return where.kind === "and" ? where.operands.flatMap(conditionsOf) : [where];
}

function mentionsColumn(expression: Expression, column: string): boolean {
  return insideOut(expression).some((part) => part.kind === "column" && part.names.at(-1) === column);
}

/** What is pushed down together visits the same shards of all its tables. */
function together(
  own: ReadonlyMap<TableReference, ShardVerdict>,
  query: Query,
  catalog: Catalog,
  context: ApplyContext,
): ReadonlyMap<TableReference, ShardVerdict> {
  if (query.kind === "insert") return withSource(own, query, catalog, context);
  if (query.kind === "merge" && query.source.kind === "relation" && own.size < 2) return withoutTarget(own);
  const joined = innerJoin(query, catalog);
  const mentions = [...own.entries()].filter(([{ mention }]) => mention.access !== "insert");
  const [first, ...others] = mentions;
  if (first === undefined || others.length === 0) return own;
  const group = first[0].mention.relation.shards?.colocation;
  const isOneGroup = others.every(([{ mention }]) => mention.relation.shards?.colocation === group);
  if (!isOneGroup || group === 0) return query.kind === "merge" ? withoutTarget(own) : own;
  const sets = mentions.map(([, { survivors }]) => survivors);
  if (sets.some((set) => set === null)) return own;
  if (query.kind === "merge" || isCorrelated(query)) {
    // What is pushed down as one visits each shard that any of its tables needs.
    const all = [...new Set(sets.flatMap((set) => set ?? []))].sort((a, b) => a - b);
    return new Map([...own].map(([reference, verdict]) => [reference, { ...verdict, survivors: all }] as const));
  }
  if (joined === null || joined.length !== mentions.length) return own;
  const [start = [], ...rest] = sets.map((set) => set ?? []);
  const common = rest.reduce((kept, set) => kept.filter((index) => set.includes(index)), start);
  return new Map([...own].map(([reference, verdict]) => [reference, { ...verdict, survivors: common }] as const));
}

/** The tables of a query that is an inner join of tables and nothing more; null for any other. */
function innerJoin(query: Query, catalog: Catalog): readonly Relation[] | null {
  if (query.kind !== "select" || query.with.length > 0 || query.setOperation !== null) return null;
  const tables: Relation[] = [];
  const visit = (item: FromItem): boolean => {
    if (item.kind === "join")
      return (item.type === "inner" || item.type === "cross") && visit(item.left) && visit(item.right);
    const table = item.kind === "relation" ? findRelation(catalog, item.relation) : null;
    if (table === null || table.kind === "view") return false;
    if (hasShards(table)) tables.push(table);
    return true;
  };
  return query.from.every(visit) ? tables : null;
}

/** Where MERGE moves rows between shards, which of them its target needs is known when it runs. */
function withoutTarget(own: ReadonlyMap<TableReference, ShardVerdict>): ReadonlyMap<TableReference, ShardVerdict> {
  return new Map(
    [...own].map(([reference, verdict]) => {
      const isTarget = reference.mention.access === "merge";
      return [reference, isTarget ? { ...verdict, survivors: null } : verdict] as const;
    }),
  );
}

/** Rows of a table that lies with the target stay in their shards, where the distribution columns are the same. */
function withSource(
  own: ReadonlyMap<TableReference, ShardVerdict>,
  insert: InsertQuery,
  catalog: Catalog,
  { version }: ApplyContext,
): ReadonlyMap<TableReference, ShardVerdict> {
  const entries = [...own.entries()];
  const target = entries.find(([{ mention }]) => mention.access === "insert");
  const [source, ...others] = entries.filter((entry) => entry !== target);
  if (target === undefined || source === undefined || others.length > 0 || !isPlainSelect(insert)) return own;
  const [to, from] = [target[0].mention.relation, source[0].mention.relation];
  if (to.shards === undefined || from.shards === undefined || !areColocated(to.shards, from.shards)) return own;
  const { column } = to.shards;
  const names = insert.columns.length > 0 ? insert.columns.map(({ name }) => name) : to.columns.map(({ name }) => name);
  const expression = insert.source?.targets[names.indexOf(column ?? "")]?.expression;
  const values = { settings: catalog.settings, version, catalog, today: null };
  // What a volatile function gives is computed in one place.
  const isVolatile = to.columns.some(
    (each) => !names.includes(each.name) && defaultMutability(each, values) === "volatile",
  );
  if (isVolatile) return own;
  const isSame =
    column === null ||
    (expression?.kind === "column" && !expression.star && expression.names.at(-1) === from.shards.column);
  return isSame ? new Map(own).set(target[0], { ...target[1], survivors: source[1].survivors }) : own;
}

/** A SELECT of one table that neither groups nor limits. */
function isPlainSelect({ source, with: around }: InsertQuery): boolean {
  return (
    source !== null &&
    around.length === 0 &&
    source.with.length === 0 &&
    source.setOperation === null &&
    source.from.length === 1 &&
    source.from[0]?.kind === "relation" &&
    source.groupBy.length === 0 &&
    !source.distinct &&
    source.limit === null
  );
}

/** Whether subqueries of a condition or an output look at the rows around them, so that they are pushed down with them. */
function isCorrelated(query: Query): boolean {
  if (query.kind !== "select" || query.with.length > 0 || query.setOperation !== null) return false;
  const outer = new Set(
    query.from.flatMap((item) => (item.kind === "relation" ? [item.alias ?? item.relation.name] : [])),
  );
  const parts = [query.where, ...query.targets.map(({ expression }) => expression)].flatMap((each) =>
    each === null ? [] : insideOut(each),
  );
  const below = parts.filter((part) => part.kind === "subquery");
  return (
    below.length > 0 &&
    below.every(({ query: inner }) =>
      [inner.where].some(
        (where) =>
          where !== null &&
          insideOut(where).some(
            (part) => part.kind === "column" && part.names.length > 1 && outer.has(part.names.at(-2) ?? ""),
          ),
      ),
    )
  );
}
