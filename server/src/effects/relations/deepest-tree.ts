/** How many levels a tree of tables may have that is followed: whoever walks it does so level by level, one call in another. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import { applied, type Outcome } from "../outcome.ts";
import { taintNamed } from "../taint.ts";
import { childrenOf, parentsOf } from "./descendants.ts";

/** Far beyond what anybody has; PostgreSQL goes on until its own stack is used up. */
const deepestTree = 100;
/** Relations looked at for the levels of one statement; a tree of more is wide, not deep. */
const mostVisited = 20_000;

/** Declines a statement that would make a tree deeper; null for all others. What it names is in doubt then. */
export function declineDeepTree(catalog: Catalog, statement: Statement): Outcome | null {
  const link = linkOf(statement);
  if (link === null) return null;
  const { child, parents } = link;
  const above = levels(
    parents.flatMap((name) => findRelation(catalog, name) ?? []),
    (one) => parentsOf(catalog, one),
  );
  const below = child === null ? [] : [findRelation(catalog, child)].filter((one) => one !== null);
  if (above + levels(below, (one) => childrenOf(catalog, one)) < deepestTree) return null;
  const words = [...parents, ...(child === null ? [] : [child])].map(({ name }) => name);
  const next = taintNamed(catalog, { kind: "named", words, beginnings: [] });
  return applied(next, `a tree of more than ${deepestTree} levels is not followed`);
}

/** What the statement puts below what; `child` is null for a table that is only made. */
function linkOf(
  statement: Statement,
): { readonly child: RelationName | null; readonly parents: readonly RelationName[] } | null {
  if (statement.kind === "create-table") {
    const parents = statement.partitionOf === null ? statement.inherits : [statement.partitionOf.parent];
    return parents.length === 0 ? null : { child: null, parents };
  }
  if (statement.kind !== "alter-table") return null;
  for (const action of statement.actions) {
    if (action.kind === "attach-partition") return { child: action.partition, parents: [statement.relation] };
    if (action.kind === "inherit") return { child: statement.relation, parents: [action.parent] };
  }
  return null;
}

/** The number of levels from these relations on, themselves the first; no more than the deepest that is followed. */
function levels(first: readonly Relation[], next: (relation: Relation) => readonly Relation[]): number {
  let level = new Map<RelationId, Relation>(first.map((one) => [one.id, one]));
  let visited = 0;
  for (let count = 0; count < deepestTree; count++) {
    visited += level.size;
    if (level.size === 0 || visited > mostVisited) return count;
    const further = new Map<RelationId, Relation>();
    for (const one of level.values()) for (const other of next(one)) further.set(other.id, other);
    level = further;
  }
  return deepestTree;
}
