/** Joins of distributed tables that Citus neither pushes down nor repartitions: those that it certainly refuses. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { areColocated } from "../../catalog/shards.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { DeleteQuery, FromItem, SelectQuery, UpdateQuery } from "../../syntax/query.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { sameColumnType } from "./groups.ts";
import { conjunctsOf } from "./query-conditions.ts";
import { repartitionsJoins } from "./settings.ts";
import { isDistributed, isReference, isSingleShard } from "./tables.ts";

/** A table in FROM. */
interface Member {
  readonly table: Relation;
  readonly name: string;
}

/** What a query joins, as far as it is tables alone. */
interface Joined {
  readonly members: readonly Member[];
  readonly conditions: readonly Expression[];
  /** Whether rows without a match are kept anywhere. */
  readonly outer: boolean;
}

/** The refusal of a query's joins, locks and correlated subqueries; null where none is certain. */
export function refuseJoins(catalog: Catalog, query: SelectQuery | UpdateQuery | DeleteQuery): Fault | null {
  if (query.with.length > 0) return null;
  if (query.kind === "select" && (query.setOperation !== null || query.values !== null || query.into !== null))
    return null;
  const items = query.kind === "select" ? query.from : query.kind === "update" ? query.from : query.using;
  const target: FromItem[] =
    query.kind === "select"
      ? []
      : [{ kind: "relation", relation: query.target, alias: query.alias, columnAliases: [], range: query.range }];
  const joined = readItems(catalog, [...target, ...items], query.where);
  if (joined === null) return null;
  const divided = joined.members.filter(({ table }) => isDistributed(table));
  // One shard each, and of a table that has none nothing is known.
  if (divided.length === 0 || divided.some(({ table }) => isSingleShard(table) || table.shards?.method !== "hash"))
    return null;
  if (joined.members.some(({ table }) => !isDistributed(table) && !isReference(table))) return null;
  const correlated = refuseCorrelated(catalog, joined);
  if (correlated !== null) return correlated;
  if (hasSubquery(query)) return null;
  if (divided.length === 1 && joined.members.length === 1)
    return query.kind === "select" && query.locks ? refuseLocks(divided[0], joined) : null;
  if (divided.length < 2) return null;
  return query.kind === "select" ? refuseSelect(catalog, query, joined, divided) : refuseChange(joined, divided);
}

function readItems(catalog: Catalog, items: readonly FromItem[], where: Expression | null): Joined | null {
  const members: Member[] = [];
  const conditions: Expression[] = [...conjunctsOf(where)];
  let outer = false;
  const visit = (item: FromItem): boolean => {
    if (item.kind === "relation") {
      const table = findRelation(catalog, item.relation);
      const isTable = table !== null && (table.kind === "table" || table.kind === "partitioned-table");
      if (!isTable || table.knowledge !== "full" || item.columnAliases.length > 0) return false;
      members.push({ table, name: item.alias ?? item.relation.name });
      return true;
    }
    if (item.kind !== "join" || item.natural || item.using.length > 0) return false;
    if (item.type !== "inner" && item.type !== "cross") outer = true;
    conditions.push(...conjunctsOf(item.on));
    return visit(item.left) && visit(item.right);
  };
  return items.every(visit) ? { members, conditions, outer } : null;
}

function hasSubquery(query: SelectQuery | UpdateQuery | DeleteQuery): boolean {
  const outputs = query.kind === "select" ? query.targets.map(({ expression }) => expression) : [];
  const rest = query.kind === "select" ? [...query.groupBy, ...query.orderBy, query.having] : [];
  return [query.where, ...outputs, ...rest].some((each) => each !== null && containsSubquery(each));
}

function containsSubquery(expression: Expression): boolean {
  return [...insideOut(expression)].some(({ kind }) => kind === "subquery");
}

/** FOR UPDATE needs one shard: that no equality on the distribution column stands there is certain enough. */
function refuseLocks(member: Member | undefined, { conditions }: Joined): Fault | null {
  const column = member?.table.shards?.column;
  if (member === undefined || column == null) return null;
  const mayPrune = conditions.some((each) => mentions(each, column) && !isRange(each));
  if (mayPrune || conditions.some(isConstant)) return null;
  return notSupported("could not run distributed query with FOR UPDATE/SHARE commands", {
    hint: "Consider using an equality filter on the distributed table's partition column.",
  });
}

function mentions(expression: Expression, column: string): boolean {
  return [...insideOut(expression)].some(
    (part) => part.kind === "column" && (part.star || part.names.at(-1) === column),
  );
}

/** A comparison of another kind than equality, which prunes no shard. */
function isRange(expression: Expression): boolean {
  if (expression.kind === "between" || expression.kind === "null-test") return true;
  return expression.kind === "operator" && ["<", "<=", ">", ">=", "<>"].includes(expression.operator);
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
  if (divided.length !== 2 || joined.members.length !== 2 || query.locks || isPinned(joined, divided)) return null;
  const [first, second] = divided;
  if (first === undefined || second === undefined) return null;
  const equalities = equalitiesOf(joined);
  const colocated = joinColocated(first, second, equalities);
  if (colocated) return null;
  if (joined.outer) {
    return areTablesColocated(first, second) ? null : notColocated(first.table, second.table);
  }
  if (equalities.length === 0) {
    const isCross = joined.conditions.every((each) => new Set(membersIn(each, divided)).size < 2);
    return isCross
      ? notSupported("cannot perform distributed planning on this query", {
          detail: "Cartesian products are currently unsupported",
        })
      : null;
  }
  if (repartitionsJoins(catalog) || !equalities.some((each) => haveSameType(each))) return null;
  return internalError("the query contains a join that requires repartitioning", {
    hint: "Set citus.enable_repartition_joins to on to enable repartitioning",
  });
}

function membersIn(expression: Expression, members: readonly Member[]): readonly Member[] {
  return [...insideOut(expression)].flatMap((part) => memberColumn(part, members)?.member ?? []);
}

/** Whether a value of a distribution column is told on each side, which may lead to one node. */
function isPinned(joined: Joined, divided: readonly Member[]): boolean {
  const isEqual = (each: Expression): boolean =>
    (each.kind === "operator" && each.operator === "=") ||
    each.kind === "in" ||
    each.kind === "any-array" ||
    each.kind === "or";
  const pinned = divided.filter(({ table, name }) =>
    joined.conditions.some((each) => {
      if (!isEqual(each) || membersIn(each, divided).some((member) => member.name !== name)) return false;
      return mentions(each, table.shards?.column ?? "");
    }),
  );
  if (pinned.length === divided.length) return true;
  if (joined.conditions.some(isConstant)) return true;
  // What one side is equal to, the other is where they are joined by it.
  const byKeys = equalitiesOf(joined).some(
    ({ first, second, columns }) =>
      columns[0] === first.table.shards?.column && columns[1] === second.table.shards?.column,
  );
  return pinned.length > 0 && byKeys;
}

function areTablesColocated(a: Member, b: Member): boolean {
  return a.table.shards !== undefined && b.table.shards !== undefined && areColocated(a.table.shards, b.table.shards);
}

function joinColocated(a: Member, b: Member, equalities: readonly Equality[]): boolean {
  if (!areTablesColocated(a, b)) return false;
  return equalities.some(
    ({ first, second, columns }) =>
      columns[0] === first.table.shards?.column && columns[1] === second.table.shards?.column,
  );
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
function refuseCorrelated(catalog: Catalog, joined: Joined): Fault | null {
  const [outer, ...others] = joined.members;
  if (outer === undefined || others.length > 0 || !isDistributed(outer.table)) return null;
  for (const each of joined.conditions) {
    const inside = each.kind === "not" ? each.operand : each;
    if (inside.kind !== "subquery" || inside.variant !== "exists") continue;
    const { query } = inside;
    const isPlain =
      query.with.length === 0 && query.setOperation === null && query.groupBy.length === 0 && query.limit === null;
    const below = isPlain ? readItems(catalog, query.from, query.where) : null;
    const [inner, ...rest] = below?.members ?? [];
    if (below === null || inner === undefined || rest.length > 0) continue;
    const both: Joined = { ...below, members: [outer, inner] };
    if (inner.name === outer.name || equalitiesOf(both).length === 0) continue;
    if (inner.table.shards === undefined) {
      return notSupported("direct joins between distributed and local tables are not supported", {
        hint: "Use CTE's or subqueries to select from local tables and use them in joins",
      });
    }
    const pinned = isPinned({ ...both, conditions: [...below.conditions, ...joined.conditions] }, [outer, inner]);
    if (isDistributed(inner.table) && !isSingleShard(inner.table) && !areTablesColocated(inner, outer) && !pinned)
      return notColocated(inner.table, outer.table);
  }
  return null;
}
