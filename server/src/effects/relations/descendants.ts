/** The partitions and inheritance children below a relation. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { addAll } from "../../text/long-lists.ts";

/** Whether anything is directly below it. */
export function hasChildren(relation: Relation): boolean {
  return relation.children.size > 0 || (isPartitioned(relation) && relation.partitioning.partitions.all.size > 0);
}

/** The partitions or inheritance children directly below, in order of creation. */
export function childrenOf(catalog: Catalog, relation: Relation): Relation[] {
  const children: Relation[] = [];
  const add = (id: RelationId): void => {
    const child = relationById(catalog, id);
    if (child !== null) children.push(child);
  };
  for (const id of relation.partitioning?.partitions.all.keys() ?? []) add(id);
  for (const id of relation.children.keys()) add(id);
  return children;
}

/** The parents of a relation: the partitioned table it is a partition of, or those by inheritance. */
export function parentsOf(catalog: Catalog, relation: Relation): Relation[] {
  const ids = relation.partitionOf === null ? relation.inherits : [relation.partitionOf.parent];
  return ids.map((id) => relationById(catalog, id)).filter((parent) => parent !== null);
}

/** Everything below a relation, each once, parents before their children; the relation itself is not in it. */
export function descendantsOf(catalog: Catalog, relation: Relation): Relation[] {
  const found = new Map<RelationId, Relation>();
  const pending = childrenOf(catalog, relation);
  for (let at = 0; at < pending.length; at += 1) {
    const next = pending[at];
    if (next === undefined || found.has(next.id)) continue;
    found.set(next.id, next);
    addAll(pending, childrenOf(catalog, next));
  }
  return [...found.values()];
}

/** Whether `below` is `above` itself or somewhere under it. */
export function isSelfOrBelow(catalog: Catalog, below: Relation, above: Relation): boolean {
  return belowOrSelf(catalog, above)(below);
}

/** Tells which relations are `above` itself or somewhere under it. Whatever is asked, each relation is looked at once. */
export function belowOrSelf(catalog: Catalog, above: Relation): (relation: Relation) => boolean {
  const known = new Map<RelationId, boolean>([[above.id, true]]);
  const entered = new Set<RelationId>();
  return (relation) => {
    const pending = [relation];
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const parents = known.has(next.id) ? [] : parentsOf(catalog, next);
      const open = parents.filter(({ id }) => !known.has(id) && !entered.has(id));
      entered.add(next.id);
      addAll(pending, open);
      if (open.length > 0) continue;
      pending.pop();
      if (!known.has(next.id))
        known.set(
          next.id,
          parents.some(({ id }) => known.get(id) === true),
        );
    }
    return known.get(relation.id) === true;
  };
}
