/** Joins partitions to their parents in the catalog, and takes them apart. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { withoutPartition, withPartition, withUncertainPartition } from "../../catalog/partition-set.ts";
import type { PartitionLink, Relation, RelationId } from "../../catalog/relation.ts";

/**
 * Makes `child` a partition of the table that the link names; both are replaced in the catalog.
 *
 * @param certain whether PostgreSQL accepts the bound for sure
 */
export function linkPartition(catalog: Catalog, child: Relation, link: PartitionLink, certain: boolean): Catalog {
  const next = withRelation(catalog, { ...child, partitionOf: link });
  const parent = relationById(next, link.parent);
  if (parent === null || !isPartitioned(parent)) return next;
  const { key, partitions } = parent.partitioning;
  return withRelation(next, {
    ...parent,
    partitioning: {
      key,
      partitions: certain
        ? withPartition(partitions, key, link.bound, child.id)
        : withUncertainPartition(partitions, link.bound, child.id),
    },
  });
}

/**
 * Takes a partition out of its parent's set and makes it a table of its own; its columns and constraints stay as they are.
 * Also for a partition that is dropped: call it first, then remove the relation. Any other relation leaves the catalog
 * unchanged.
 */
export function unlinkPartition(catalog: Catalog, partition: RelationId): Catalog {
  const child = relationById(catalog, partition);
  if (child === null || child.partitionOf === null) return catalog;
  const { parent: parentId, bound } = child.partitionOf;
  const next = withRelation(catalog, { ...child, partitionOf: null });
  const parent = relationById(next, parentId);
  if (parent === null || !isPartitioned(parent)) return next;
  const { key, partitions } = parent.partitioning;
  return withRelation(next, {
    ...parent,
    partitioning: { key, partitions: withoutPartition(partitions, bound, partition) },
  });
}
