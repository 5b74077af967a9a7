/** The tables at the end of a partition tree or an inheritance tree: those that hold rows. */

import { madeInPortions, noteAll, rememberedPortion, spaces } from "../catalog/access.ts";
import { type Catalog, relationById } from "../catalog/catalog.ts";
import { hasParts, holdsRows, isPartitioned } from "../catalog/layout.ts";
import { comparePoints, isKeptAside, partitionsInBoundOrder } from "../catalog/partition-set.ts";
import type { Partitioning, PartitionKey, PartitionSet, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";

/** Whether it has a tree below it, or stands in one. */
export function isInTree(relation: Relation): boolean {
  return hasParts(relation) || relation.partitionOf !== null || relation.inherits.length > 0;
}

/** All leaves below a relation, in bound order; an inheritance parent holds rows itself and comes first. */
export function leavesOf(catalog: Catalog, relation: Relation): readonly Relation[] {
  noteAll(spaces.relations);
  const lists = known.get(catalog.relations) ?? new Map<RelationId, readonly Relation[]>();
  known.set(catalog.relations, lists);
  // How many there are below the parts is not known before, so it is a portion always.
  return rememberedPortion(
    partCount(relation),
    () => lists.get(relation.id),
    () => {
      const list = findLeaves(catalog, relation);
      lists.set(relation.id, list);
      return list;
    },
  );
}

/** Queries of one table mostly follow each other, and the list is the same until some relation changes. */
const known = new WeakMap<Catalog["relations"], Map<RelationId, readonly Relation[]>>();

function findLeaves(catalog: Catalog, relation: Relation): readonly Relation[] {
  const leaves = new Map<RelationId, Relation>();
  const visit = (one: Relation): void => {
    if (leaves.has(one.id)) return;
    if (holdsRows(one)) leaves.set(one.id, one);
    for (const child of plannedParts(catalog, one)) visit(child);
  };
  visit(relation);
  return [...leaves.values()];
}

/** The parts directly below in the order in which PostgreSQL plans them: partitions by bound, children by creation. */
export function plannedParts(catalog: Catalog, relation: Relation): readonly Relation[] {
  const ids = isPartitioned(relation)
    ? partitionsInBoundOrder(relation.partitioning.partitions)
    : [...relation.children.keys()];
  return relationsById(catalog, ids);
}

/** Those of the partitions that are in the set, in bound order. */
export function partitionsAmong(
  catalog: Catalog,
  { partitions, key }: Partitioning,
  wanted: ReadonlySet<RelationId>,
): readonly Relation[] {
  // Most conditions on the key leave one, for which the order need not be known.
  if (wanted.size <= 1) return relationsById(catalog, [...wanted]);
  const few = wanted.size <= mostSorted ? inRangeOrder(relationsById(catalog, [...wanted]), partitions, key) : null;
  if (few !== null) return few;
  return relationsById(
    catalog,
    partitionsInBoundOrder(partitions).filter((id) => wanted.has(id)),
  );
}

function partCount({ partitioning, children }: Relation): number {
  return Math.max(partitioning?.partitions.all.size ?? 0, children.size);
}

/** More are picked out of the order of all. */
const mostSorted = 64;

/** Partitions of ranges by their bounds; null where some are none, or their order cannot be told. */
function inRangeOrder(
  relations: readonly Relation[],
  partitions: PartitionSet,
  key: PartitionKey,
): readonly Relation[] | null {
  const collations = key.elements.map(({ comparison }) => comparison);
  const placed: { readonly relation: Relation; readonly lower: readonly RangeDatum[] }[] = [];
  for (const relation of relations) {
    const bound = relation.partitionOf?.bound;
    if (bound?.kind !== "range" || isKeptAside(partitions, relation.id) !== false) return null;
    placed.push({ relation, lower: bound.lower });
  }
  let isTold = true;
  placed.sort((a, b) => {
    const order = comparePoints(a.lower, b.lower, collations);
    isTold &&= order !== null && order !== 0;
    return order ?? 0;
  });
  return isTold ? placed.map(({ relation }) => relation) : null;
}

function relationsById(catalog: Catalog, ids: readonly RelationId[]): readonly Relation[] {
  return madeInPortions(ids, 1, (id) => relationById(catalog, id) ?? []);
}

/** The relation at the top of the tree; itself when it is in none. An inheritance child of several parents has several. */
export function rootsOf(catalog: Catalog, relation: Relation): Relation[] {
  const parents = relation.partitionOf === null ? relation.inherits : [relation.partitionOf.parent];
  const known = parents.map((id) => relationById(catalog, id)).filter((parent) => parent !== null);
  return known.length === 0 ? [relation] : [...new Set(known.flatMap((parent) => rootsOf(catalog, parent)))];
}
