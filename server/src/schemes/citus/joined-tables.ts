/** The tables that a query joins, as far as it is tables alone: by which equalities, and which shards conditions leave of each. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { areColocated, shardCountOf } from "../../catalog/shards.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { FromItem } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { sameColumnType } from "./groups.ts";
import { type Pinned, pinnedShards } from "./pinned-shards.ts";
import { conjunctsOf } from "./query-conditions.ts";
import { isSingleShard } from "./tables.ts";

/** A table in FROM. */
export interface Member {
  readonly table: Relation;
  readonly name: string;
  /** How many shards it has. */
  readonly count: number;
}

/** What a query joins, as far as it is tables alone. */
export interface Joined {
  readonly members: readonly Member[];
  readonly conditions: readonly Expression[];
  /** Whether rows without a match are kept anywhere. */
  readonly outer: boolean;
  /** The shards that the conditions leave of a member. */
  readonly pins: (member: Member) => Pinned;
}

/** The tables of a FROM list; null where something else stands in it, or a table that is not known for sure. */
export function readItems(
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
    addAll(conditions, conjunctsOf(item.on));
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

/** `a.x = b.y` between two members. */
export interface Equality {
  readonly first: Member;
  readonly second: Member;
  readonly columns: readonly [string, string];
}

export function equalitiesOf({ members, conditions }: Joined): readonly Equality[] {
  return conditions.flatMap((each) => {
    if (each.kind !== "operator" || each.operator !== "=") return [];
    const [a, b] = [memberColumn(each.left, members), memberColumn(each.right, members)];
    if (a === null || b === null || a.member === b.member) return [];
    return [{ first: a.member, second: b.member, columns: [a.column, b.column] as const }];
  });
}

export function memberColumn(
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

/** Whether equalities lead from each member to each other. */
export function areConnected(members: readonly Member[], equalities: readonly Equality[]): boolean {
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
export function areJoinedByKeys(members: readonly Member[], equalities: readonly Equality[]): boolean {
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

export function membersIn(expression: Expression, members: readonly Member[]): readonly Member[] {
  return insideOut(expression).flatMap((part) => memberColumn(part, members)?.member ?? []);
}

export function areTablesColocated(a: Member, b: Member): boolean {
  return a.table.shards !== undefined && b.table.shards !== undefined && areColocated(a.table.shards, b.table.shards);
}

export function haveSameType({ first, second, columns }: Equality): boolean {
  const [a, b] = [columnNamed(first.table, columns[0]), columnNamed(second.table, columns[1])];
  return a !== null && b !== null && a.type.kind !== "unknown" && sameColumnType(a.type, b.type);
}

export function notColocated(first: Relation, second: Relation): Fault {
  return notSupported("cannot push down this subquery", {
    detail: `${first.name} and ${second.name} are not colocated`,
  });
}

export function needsRepartitioning(): Fault {
  return internalError("the query contains a join that requires repartitioning", {
    hint: "Set citus.enable_repartition_joins to on to enable repartitioning",
  });
}
