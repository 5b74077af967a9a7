/** A partition that is made like another one of the same table: ten thousand cost no more than what they do not have in common. */

import { type Catalog, nameKey, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { withPartition } from "../../catalog/partition-set.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { BoundSpecification } from "../../syntax/statement.ts";
import type { ApplyContext } from "../outcome.ts";
import { checkConflict, readPartitionBound } from "./partition-bound.ts";

/**
 * Whether CREATE TABLE … PARTITION OF, with nothing but a bound, would give another partition of `parent` all that `partition` has, which
 * such a statement has made: nothing of it bears a name of its own, and nothing has been added since.
 */
export function mayBeRepeated(parent: Relation, partition: Relation): boolean {
  return (
    isPartitioned(parent) &&
    partition.partitionOf?.parent === parent.id &&
    [parent, partition].every(({ knowledge, doubtful, touched }) => knowledge === "full" && !doubtful && !touched) &&
    partition.kind === "table" &&
    [...parent.indexes, ...partition.indexes, ...partition.triggers, ...partition.rules].length === 0 &&
    [...partition.dependsOn, ...partition.inherits, ...(partition.code ?? [])].length === 0 &&
    partition.children.size === 0 &&
    partition.registration === undefined &&
    // A foreign key or a key of its own would have another name.
    partition.constraints.every(
      ({ type, name, index }) =>
        (type === "check" || type === "not-null") && index === null && parent.constraints.named(name)?.type === type,
    )
  );
}

/** A partition to be made. */
export interface PartitionAlike {
  readonly schema: string;
  readonly name: string;
  /** What it says of places in a text means nothing; null where it was not understood. */
  readonly bound: BoundSpecification | null;
}

/**
 * The catalog with more partitions, as CREATE TABLE … PARTITION OF with nothing but its bound would make each.
 *
 * @param sibling another one of the same table, of which `mayBeRepeated` holds
 * @returns also those that are not made, by their places in the list: a statement has to be run to know what it does, for the name may be
 * taken, or the bound be refused or not understood
 */
export function withPartitionsLike(
  catalog: Catalog,
  sibling: Relation,
  wanted: readonly PartitionAlike[],
  context: ApplyContext,
): { readonly catalog: Catalog; readonly left: readonly number[] } {
  const link = sibling.partitionOf;
  let parent = link === null ? null : relationById(catalog, link.parent);
  const left: number[] = [];
  let next = catalog;
  for (const [index, { schema, name, bound: written }] of wanted.entries()) {
    const key = nameKey(schema, name);
    const isFree = next.schemas.has(schema) && !next.names.has(key) && !next.types.has(key);
    const bound =
      parent === null || written === null || !isFree ? null : boundFor(next, parent, name, written, context);
    if (bound === null || link === null || parent === null || !isPartitioned(parent)) {
      left.push(index);
      continue;
    }
    const partition = { ...sibling, id: next.nextId, schema, name, partitionOf: { ...link, bound } };
    const { key: partitionKey, partitions } = parent.partitioning;
    // The parent is put into the catalog once, with all of them.
    const partitioning = {
      key: partitionKey,
      partitions: withPartition(partitions, partitionKey, bound, partition.id),
    };
    parent = { ...parent, partitioning };
    next = withRelation(next, partition);
  }
  return { catalog: parent === null ? next : withRelation(next, parent), left };
}

/** The bound as the parent takes it for sure; else null. */
function boundFor(
  catalog: Catalog,
  parent: Relation,
  name: string,
  written: BoundSpecification,
  context: ApplyContext,
): Bound | null {
  const read = readPartitionBound(catalog, parent, written, context);
  if (read.kind === "rejected" || read.declined.length > 0 || read.catalog !== catalog) return null;
  return checkConflict(read, name, written, context).kind === "none" ? read.bound : null;
}
