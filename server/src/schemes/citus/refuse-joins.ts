/** Joins of distributed tables that Citus neither pushes down nor repartitions: those that it certainly refuses. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { DeleteQuery, FromItem, SelectQuery, UpdateQuery } from "../../syntax/query.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import {
  areConnected,
  areJoinedByKeys,
  areTablesColocated,
  equalitiesOf,
  haveSameType,
  type Joined,
  type Member,
  membersIn,
  needsRepartitioning,
  notColocated,
  readItems,
} from "./joined-tables.ts";
import { refuseCorrelated } from "./refuse-correlated.ts";
import { repartitionsJoins } from "./settings.ts";
import { isDistributed, isReference, isSingleShard } from "./tables.ts";

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
  const correlated = refuseCorrelated(catalog, query, joined, context);
  if (correlated !== null) return correlated;
  const divided = joined.members.filter(({ table }) => isDistributed(table));
  const local = query.kind === "select" || hasSubquery(query) ? null : refuseLocalCompany(joined);
  if (local !== null) return local;
  if (query.kind === "select" && query.locks) {
    const unsharded = joined.members.length === 1 ? refuseUnsharded(catalog, divided[0], joined) : null;
    if (unsharded !== null) return unsharded;
  }
  // One shard each, and of a table that has none nothing is known.
  if (divided.length === 0 || divided.some(({ table }) => isSingleShard(table) || table.shards?.method !== "hash"))
    return null;
  if (joined.members.some(({ table }) => !isDistributed(table) && !isReference(table))) return null;
  if (hasSubquery(query)) return null;
  if (divided.length === 1 && joined.members.length === 1)
    return query.kind === "select" && query.locks ? refuseLocks(divided[0], joined) : null;
  if (divided.length < 2) return null;
  return query.kind === "select" ? refuseSelect(catalog, query, joined, divided) : refuseChange(joined, divided);
}

function hasSubquery(query: SelectQuery | UpdateQuery | DeleteQuery): boolean {
  const outputs = query.kind === "select" ? query.targets.map(({ expression }) => expression) : [];
  const rest = query.kind === "select" ? [...query.groupBy, ...query.orderBy, query.having] : [];
  return [query.where, ...outputs, ...rest].some((each) => each !== null && containsSubquery(each));
}

function containsSubquery(expression: Expression): boolean {
  return insideOut(expression).some(({ kind }) => kind === "subquery");
}

/** FOR UPDATE needs one shard. */
function refuseLocks(member: Member | undefined, { pins }: Joined): Fault | null {
  const pinned = member === undefined ? "unknown" : pins(member);
  const count = member?.count ?? 0;
  if (pinned === "unknown" || (pinned === "all" ? count : pinned.size) < 2) return null;
  return lockedEverywhere();
}

function lockedEverywhere(): Fault {
  return notSupported("could not run distributed query with FOR UPDATE/SHARE commands", {
    hint: "Consider using an equality filter on the distributed table's partition column.",
  });
}

/** A table distributed by append whose shards nobody has made. */
function refuseUnsharded(catalog: Catalog, member: Member | undefined, { conditions }: Joined): Fault | null {
  const { shards } = member?.table ?? {};
  if (catalog.tainted || shards?.method !== "append") return null;
  const isEqual = conditions.some(
    (each) =>
      insideOut(each).some((part) => part.kind === "column" && part.names.at(-1) === shards.column) &&
      !(each.kind === "not" || (each.kind === "operator" && each.operator !== "=")),
  );
  return isEqual ? null : lockedEverywhere();
}

/** Rows of a reference table cannot be changed by those of a table that Citus does not know. */
function refuseLocalCompany({ members, conditions }: Joined): Fault | null {
  const [target, other, ...others] = members;
  if (target === undefined || other === undefined || others.length > 0 || conditions.some(isConstant)) return null;
  if (!isReference(target.table) || other.table.shards !== undefined) return null;
  return internalError(`relation ${other.table.name} is not distributed`);
}

function isConstant(expression: Expression): boolean {
  return !insideOut(expression).some(({ kind }) => kind === "column");
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
    return isCross ? cartesianProduct() : null;
  }
  if (!areConnected(divided, equalities)) return null;
  // An equality of columns of different types brings no tables together.
  if (!areConnected(divided, equalities.filter(haveSameType)))
    return others.length > 0
      ? cartesianProduct()
      : notSupported(
          "complex joins are only supported when all distributed tables are joined on their distribution columns with equal operator",
        );
  if (repartitionsJoins(catalog)) return null;
  return needsRepartitioning();
}

function cartesianProduct(): Fault {
  return notSupported("cannot perform distributed planning on this query", {
    detail: "Cartesian products are currently unsupported",
  });
}

/** Whether one shard of each may be told, which lie on one node perhaps; or nothing may be left at all. */
function isPinned(joined: Joined, divided: readonly Member[]): boolean {
  const pins = divided.map((member) => joined.pins(member));
  if (joined.conditions.some(isConstant)) return true;
  if (pins.some((shards) => shards === "unknown" || (shards !== "all" && shards.size === 0))) return true;
  return pins.every((shards) => typeof shards !== "string" && shards.size === 1);
}

/** UPDATE … FROM and DELETE … USING of another group, or of the same one by other columns. */
function refuseChange(joined: Joined, divided: readonly Member[]): Fault | null {
  const [first, second] = divided;
  if (divided.length !== 2 || first === undefined || second === undefined || isPinned(joined, divided)) return null;
  if (!areTablesColocated(first, second)) return notColocated(first.table, second.table);
  const isFree = divided.every((member) => joined.pins(member) === "all");
  if (!isFree || areJoinedByKeys(divided, equalitiesOf(joined))) return null;
  return notSupported(
    "complex joins are only supported when all distributed tables are co-located and joined on their distribution columns",
  );
}
