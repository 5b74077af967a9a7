/** Correlated subqueries that Citus certainly refuses: they are planned with the query around them, or not at all. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { DeleteQuery, SelectQuery, UpdateQuery } from "../../syntax/query.ts";
import { type Fault, notSupported } from "./fault.ts";
import {
  areTablesColocated,
  equalitiesOf,
  type Joined,
  type Member,
  needsRepartitioning,
  notColocated,
  readItems,
} from "./joined-tables.ts";
import { repartitionsJoins } from "./settings.ts";
import { isDistributed, isSingleShard } from "./tables.ts";

interface Correlated {
  readonly query: SelectQuery;
  /** `EXISTS (…)` as a condition, which PostgreSQL may make a join. */
  readonly exists: boolean;
}

/** The refusal of a subquery of one table about one table around it; null where none is certain. */
export function refuseCorrelated(
  catalog: Catalog,
  query: SelectQuery | UpdateQuery | DeleteQuery,
  joined: Joined,
  context: ApplyContext,
): Fault | null {
  const [outer, ...others] = joined.members;
  if (outer === undefined || others.length > 0) return null;
  for (const { query: inside, exists } of subqueriesOf(query, joined)) {
    const isPlain =
      inside.with.length === 0 && inside.setOperation === null && inside.groupBy.length === 0 && inside.limit === null;
    const below = isPlain ? readItems(catalog, inside.from, inside.where, context) : null;
    const [inner, ...rest] = below?.members ?? [];
    if (below === null || inner === undefined || rest.length > 0) continue;
    if (inner.name === outer.name || !looksOut(inside, inner, outer)) continue;
    const fault = refusePair(catalog, { outer, inner, joined, below, exists });
    if (fault !== null) return fault;
  }
  return null;
}

/** `[NOT] EXISTS (…)` among the conditions, `(SELECT …)` among the outputs. */
function subqueriesOf(query: SelectQuery | UpdateQuery | DeleteQuery, { conditions }: Joined): readonly Correlated[] {
  const tests = conditions.flatMap((each): Correlated[] => {
    const inside = each.kind === "not" ? each.operand : each;
    if (inside.kind !== "subquery" || inside.variant !== "exists" || inside.query.kind !== "select") return [];
    return [{ query: inside.query, exists: inside === each }];
  });
  const outputs = query.kind === "select" ? query.targets : [];
  return [
    ...tests,
    ...outputs.flatMap(({ expression }): Correlated[] =>
      expression.kind === "subquery" && expression.variant === "scalar" && expression.query.kind === "select"
        ? [{ query: expression.query, exists: false }]
        : [],
    ),
  ];
}

/** Whether the conditions of a query speak of the table around it. */
function looksOut({ where }: SelectQuery, inner: Member, outer: Member): boolean {
  const isOuter = (part: Expression): boolean => {
    if (part.kind !== "column" || part.star) return false;
    const column = part.names.at(-1) ?? "";
    if (part.names.length > 1) return part.names.at(-2) === outer.name;
    return columnNamed(inner.table, column) === null && columnNamed(outer.table, column) !== null;
  };
  return where !== null && insideOut(where).some(isOuter);
}

interface Pair {
  readonly outer: Member;
  readonly inner: Member;
  readonly joined: Joined;
  readonly below: Joined;
  readonly exists: boolean;
}

function refusePair(catalog: Catalog, { outer, inner, joined, below, exists }: Pair): Fault | null {
  const [isOuterDivided, isInnerDivided] = [outer, inner].map(isDivided);
  const isPlain = ({ table }: Member): boolean => table.shards === undefined;
  const isPinned = (member: Member, around: Joined): boolean => {
    const shards = around.pins(member);
    return shards === "unknown" || (shards !== "all" && shards.size < 2);
  };
  if (isOuterDivided && isPlain(inner)) return isPinned(outer, joined) ? null : directJoin();
  if (isInnerDivided && isPlain(outer)) return isPinned(inner, below) ? null : directJoin();
  if (!isOuterDivided || !isInnerDivided || areTablesColocated(inner, outer)) return null;
  if (joined.pins(outer) === "unknown" || below.pins(inner) === "unknown") return null;
  // Where the subquery finds one row at most, it is a join like any other.
  const isJoin =
    exists && below.conditions.length === 1 && isUniqueBy(catalog, inner.table, joiningColumns(below, outer, inner));
  if (!isJoin) return notColocated(inner.table, outer.table);
  return repartitionsJoins(catalog) ? null : needsRepartitioning();
}

function isDivided({ table }: Member): boolean {
  return isDistributed(table) && !isSingleShard(table) && table.shards?.method === "hash";
}

function joiningColumns(below: Joined, outer: Member, inner: Member): readonly string[] {
  return equalitiesOf({ ...below, members: [outer, inner] }).map(
    ({ first, columns }) => columns[first === inner ? 0 : 1],
  );
}

function isUniqueBy(catalog: Catalog, { indexes }: Relation, columns: readonly string[]): boolean {
  return [...indexes].some((id) => {
    const index = relationById(catalog, id)?.index;
    return (
      index?.unique === true &&
      index.predicate === null &&
      index.columns.every((name) => name !== null && columns.includes(name))
    );
  });
}

function directJoin(): Fault {
  return notSupported("direct joins between distributed and local tables are not supported", {
    hint: "Use CTE's or subqueries to select from local tables and use them in joins",
  });
}
