/** The tables at the end of a partition tree or an inheritance tree: those that hold rows. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { partitionsInBoundOrder } from "../catalog/partition-set.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";

/** Whether queries on the relation reach other relations below it. */
export function hasTree(relation: Relation): boolean {
  return relation.partitioning !== null || relation.children.length > 0;
}

/** All leaves below a relation, in bound order; an inheritance parent holds rows itself and comes first. */
export function leavesOf(catalog: Catalog, relation: Relation): Relation[] {
  const leaves = new Map<RelationId, Relation>();
  const visit = (one: Relation): void => {
    if (leaves.has(one.id)) return;
    if (one.partitioning === null) leaves.set(one.id, one);
    for (const child of childrenInOrder(catalog, one)) visit(child);
  };
  visit(relation);
  return [...leaves.values()];
}

/** Partitions in bound order, or children by inheritance in order of creation. */
export function childrenInOrder(catalog: Catalog, relation: Relation): Relation[] {
  const ids =
    relation.partitioning === null ? relation.children : partitionsInBoundOrder(relation.partitioning.partitions);
  return ids.map((id) => relationById(catalog, id)).filter((child) => child !== null);
}

/** The relation at the top of the tree; itself when it is in none. An inheritance child of several parents has several. */
export function rootsOf(catalog: Catalog, relation: Relation): Relation[] {
  const parents = relation.partitionOf === null ? relation.inherits : [relation.partitionOf.parent];
  const known = parents.map((id) => relationById(catalog, id)).filter((parent) => parent !== null);
  return known.length === 0 ? [relation] : [...new Set(known.flatMap((parent) => rootsOf(catalog, parent)))];
}
