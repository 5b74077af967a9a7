/** Joins of distributed tables that Citus neither pushes down nor repartitions: those that it certainly refuses. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { areColocated, shardCountOf } from "../../catalog/shards.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { DeleteQuery, FromItem, SelectQuery, UpdateQuery } from "../../syntax/query.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { sameColumnType } from "./groups.ts";
import { type Pinned, pinnedShards } from "./pinned-shards.ts";
import { conjunctsOf } from "./query-conditions.ts";
import { repartitionsJoins } from "./settings.ts";
import { isDistributed, isReference, isSingleShard } from "./tables.ts";

/** A table in FROM. */
interface Member {
  readonly table: Relation;
  readonly name: string;
  /** How many shards it has. */
  readonly count: number;
}

/** What a query joins, as far as it is tables alone. */
interface Joined {
  readonly members: readonly Member[];
  readonly conditions: readonly Expression[];
  /** Whether rows without a match are kept anywhere. */
  readonly outer: boolean;
  /** The shards that the conditions leave of a member. */
  readonly pins: (member: Member) => Pinned;
}

/** The refusal of a query's joins, locks and correlated subqueries; null where none is certain. */
export function refuseJoins(
  catalog: Catalog,
  query: SelectQuery | UpdateQuery | DeleteQuery,
  context: ApplyContext,
): Fault | null {
  if (query.with.length > 0) return null;
  if (query.kind === "select" && (query.setOperation !== null || query.values !== null || query.into !== null))
    return null;
  const items = query.kind === "select" ? query.from : query.kind === "update" ? query.from : query.using;
  const target: FromItem[] =
    query.kind === "select"
      ? []
      : [{ kind: "relation", relation: query.target, alias: query.alias, columnAliases: [], range: query.range }];
  const joined = readItems(catalog, [...target, ...items], query.where, context);
  if (joined === null) return null;
  const divided = joined.members.filter(({ table }) => isDistributed(table));
  // One shard each, and of a table that has none nothing is known.
  if (divided.length === 0 || divided.some(({ table }) => isSingleShard(table) || table.shards?.method !== "hash"))
    return null;
  if (joined.members.some(({ table }) => !isDistributed(table) && !isReference(table))) return null;
  const correlated = refuseCorrelated(catalog, joined, context);
  if (correlated !== null) return correlated;
  if (hasSubquery(query)) return null;
  if (divided.length === 1 && joined.members.length === 1)
    return query.kind === "select" && query.locks ? refuseLocks(divided[0], joined) : null;
  if (divided.length < 2) return null;
  return query.kind === "select" ? refuseSelect(catalog, query, joined, divided) : refuseChange(joined, divided);
}

function readItems(
  catalog: Catalog,
  items: readonly FromItem[],
  where: Expression | null,
  context: ApplyContext,
): Joined | null {
  const members: Member[] = [];
  const conditions: Expression[] = [...conjunctsOf(where)];
  let outer = false;
  const visit = (item: FromItem): boolean => {
    if (item.kind === "relation") {
      const table = findRelation(catalog, item.relation);
      const isTable = table !== null && (table.kind === "table" || table.kind === "partitioned-table");
      if (!isTable || table.knowledge !== "full" || item.columnAliases.length > 0) return false;
      const count = table.shards === undefined ? 0 : shardCountOf(catalog.sharded, table.shards);
      members.push({ table, name: item.alias ?? item.relation.name, count });
      return true;
    }
    if (item.kind !== "join" || item.natural || item.using.length > 0) return false;
    if (item.type !== "inner" && item.type !== "cross") outer = true;
    conditions.push(...conjunctsOf(item.on));
    return visit(item.left) && visit(item.right);
  };
  if (!items.every(visit)) return null;
  const { settings } = catalog;
  const values = { settings, version: context.version, catalog, today: null };
  const pins = (member: Member): Pinned =>
    isSingleShard(member.table)
      ? "all"
      : pinnedShards(catalog, member.table, member.name, ofMember(member, members, conditions), values);
  return { members, conditions, outer, pins };
}

/** The conditions that speak of the member alone, or of constants. */
function ofMember(
  member: Member,
  members: readonly Member[],
  conditions: readonly Expression[],
): readonly Expression[] {
  return members.length === 1
    ? conditions
    : conditions.filter((each) => membersIn(each, members).every((other) => other === member));
}

function hasSubquery(query: SelectQuery | UpdateQuery | DeleteQuery): boolean {
  const outputs = query.kind === "select" ? query.targets.map(({ expression }) => expression) : [];
  const rest = query.kind === "select" ? [...query.groupBy, ...query.orderBy, query.having] : [];
  return [query.where, ...outputs, ...rest].some((each) => each !== null && containsSubquery(each));
}

function containsSubquery(expression: Expression): boolean {
  return [...insideOut(expression)].some(({ kind }) => kind === "subquery");
}

/** FOR UPDATE needs one shard. */
function refuseLocks(member: Member | undefined, { pins }: Joined): Fault | null {
  const pinned = member === undefined ? "unknown" : pins(member);
  const count = member?.count ?? 0;
  if (pinned === "unknown" || (pinned === "all" ? count : pinned.size) < 2) return null;
  return notSupported("could not run distributed query with FOR UPDATE/SHARE commands", {
    hint: "Consider using an equality filter on the distributed table's partition column.",
  });
}

function isConstant(expression: Expression): boolean {
  return ![...insideOut(expression)].some(({ kind }) => kind === "column");
}

/** `a.x = b.y` between two members. */
interface Equality {
  readonly first: Member;
  readonly second: Member;
  readonly columns: readonly [string, string];
}

function equalitiesOf({ members, conditions }: Joined): readonly Equality[] {
  return conditions.flatMap((each) => {
    if (each.kind !== "operator" || each.operator !== "=") return [];
    const [a, b] = [memberColumn(each.left, members), memberColumn(each.right, members)];
    if (a === null || b === null || a.member === b.member) return [];
    return [{ first: a.member, second: b.member, columns: [a.column, b.column] as const }];
  });
}

function memberColumn(
  expression: Expression | null,
  members: readonly Member[],
): { readonly member: Member; readonly column: string } | null {
  if (expression?.kind !== "column" || expression.star) return null;
  const column = expression.names.at(-1) ?? "";
  const name = expression.names.length > 1 ? expression.names.at(-2) : null;
  const fitting = members.filter((member) =>
    name === null ? columnNamed(member.table, column) !== null : member.name === name,
  );
  const [only, ...others] = fitting;
  return only === undefined || others.length > 0 ? null : { member: only, column };
}

function refuseSelect(catalog: Catalog, query: SelectQuery, joined: Joined, divided: readonly Member[]): Fault | null {
  if (joined.members.length !== divided.length || query.locks || isPinned(joined, divided)) return null;
  const equalities = equalitiesOf(joined);
  const [first, second, ...others] = divided;
  if (first === undefined || second === undefined || areJoinedByKeys(divided, equalities)) return null;
  if (joined.outer) {
    return others.length > 0 || areTablesColocated(first, second) ? null : notColocated(first.table, second.table);
  }
  if (equalities.length === 0) {
    const isCross = joined.conditions.every((each) => new Set(membersIn(each, divided)).size < 2);
    return isCross
      ? notSupported("cannot perform distributed planning on this query", {
          detail: "Cartesian products are currently unsupported",
        })
      : null;
  }
  if (repartitionsJoins(catalog) || !areConnected(divided, equalities.filter(haveSameType))) return null;
  return internalError("the query contains a join that requires repartitioning", {
    hint: "Set citus.enable_repartition_joins to on to enable repartitioning",
  });
}

/** Whether equalities lead from each member to each other. */
function areConnected(members: readonly Member[], equalities: readonly Equality[]): boolean {
  const reached = new Set(members.slice(0, 1));
  for (let grows = true; grows; ) {
    const before = reached.size;
    for (const { first, second } of equalities) {
      if (reached.has(first)) reached.add(second);
      else if (reached.has(second)) reached.add(first);
    }
    grows = reached.size > before;
  }
  return reached.size === members.length;
}

/** Whether all lie together, joined by their distribution columns. */
function areJoinedByKeys(members: readonly Member[], equalities: readonly Equality[]): boolean {
  const byKeys = equalities.filter(
    ({ first, second, columns }) =>
      areTablesColocated(first, second) &&
      (areSingle(first, second) ||
        (columns[0] === first.table.shards?.column && columns[1] === second.table.shards?.column)),
  );
  return (
    areConnected(members, byKeys) ||
    members.every((member) => members.every((other) => areSingle(member, other) && areTablesColocated(member, other)))
  );
}

function areSingle(a: Member, b: Member): boolean {
  return isSingleShard(a.table) && isSingleShard(b.table);
}

function membersIn(expression: Expression, members: readonly Member[]): readonly Member[] {
  return [...insideOut(expression)].flatMap((part) => memberColumn(part, members)?.member ?? []);
}

/** Whether one shard of each may be told, which lie on one node perhaps; or nothing may be left at all. */
function isPinned(joined: Joined, divided: readonly Member[]): boolean {
  const pinned = divided.filter((member) => {
    const shards = joined.pins(member);
    return shards === "unknown" || (shards !== "all" && shards.size === 1);
  });
  return (
    pinned.length === divided.length ||
    joined.conditions.some(isConstant) ||
    divided.some((member) => joined.pins(member) === "unknown")
  );
}

function areTablesColocated(a: Member, b: Member): boolean {
  return a.table.shards !== undefined && b.table.shards !== undefined && areColocated(a.table.shards, b.table.shards);
}

function haveSameType({ first, second, columns }: Equality): boolean {
  const [a, b] = [columnNamed(first.table, columns[0]), columnNamed(second.table, columns[1])];
  return a !== null && b !== null && a.type.kind !== "unknown" && sameColumnType(a.type, b.type);
}

function notColocated(first: Relation, second: Relation): Fault {
  return notSupported("cannot push down this subquery", {
    detail: `${first.name} and ${second.name} are not colocated`,
  });
}

/** UPDATE … FROM and DELETE … USING of another group. */
function refuseChange(joined: Joined, divided: readonly Member[]): Fault | null {
  const [first, second] = divided;
  if (divided.length !== 2 || first === undefined || second === undefined || isPinned(joined, divided)) return null;
  return areTablesColocated(first, second) ? null : notColocated(first.table, second.table);
}

/** `EXISTS (SELECT … FROM b WHERE a.k = b.k)` over tables that do not lie together. */
function refuseCorrelated(catalog: Catalog, joined: Joined, context: ApplyContext): Fault | null {
  const [outer, ...others] = joined.members;
  if (outer === undefined || others.length > 0 || !isDistributed(outer.table)) return null;
  for (const each of joined.conditions) {
    const inside = each.kind === "not" ? each.operand : each;
    if (inside.kind !== "subquery" || inside.variant !== "exists") continue;
    const { query } = inside;
    const isPlain =
      query.with.length === 0 && query.setOperation === null && query.groupBy.length === 0 && query.limit === null;
    const below = isPlain ? readItems(catalog, query.from, query.where, context) : null;
    const [inner, ...rest] = below?.members ?? [];
    if (below === null || inner === undefined || rest.length > 0) continue;
    const both: Joined = { ...below, members: [outer, inner] };
    if (inner.name === outer.name || equalitiesOf(both).length === 0) continue;
    if (inner.table.shards === undefined) {
      return notSupported("direct joins between distributed and local tables are not supported", {
        hint: "Use CTE's or subqueries to select from local tables and use them in joins",
      });
    }
    const pinned = joined.pins(outer) === "unknown" || below.pins(inner) === "unknown";
    if (isDistributed(inner.table) && !areTablesColocated(inner, outer) && !pinned)
      return notColocated(inner.table, outer.table);
  }
  return null;
}
