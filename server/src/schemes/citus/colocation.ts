/** update_distributed_table_colocation: a table leaves its group, or joins that of another. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ColocationGroup } from "../../catalog/shards.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import { type Change, type Colocation, changed, refused } from "./distribute.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { groupById, sameColumnType, withNewGroup, withRanges } from "./groups.ts";
import { replicationSetting } from "./settings.ts";
import { isCitusLocal, isDistributed, partitionsOf, withShards } from "./tables.ts";
import { notAllowedInSchema } from "./undistribute.ts";

/** Applies update_distributed_table_colocation. */
export function updateColocation(catalog: Catalog, table: Relation, colocateWith: Colocation): Change {
  if (colocateWith.kind === "missing") return refused(colocateWith.fault);
  if (colocateWith.kind !== "table") {
    const fault = mustBeHashed(table) ?? notAllowedInSchema(table, "update_distributed_table_colocation");
    return fault === null ? leaveGroup(catalog, table) : refused(fault);
  }
  const source = colocateWith.table;
  if (isCitusLocal(source) || isCitusLocal(table))
    return refused(notSupported("local tables cannot be colocated with other tables"));
  const fault =
    mustBeHashed(source) ??
    mustBeHashed(table) ??
    notAllowedInSchema(table, "update_distributed_table_colocation") ??
    notAllowedInSchema(source, "update_distributed_table_colocation") ??
    mismatch(catalog, source, table);
  if (fault !== null) return refused(fault);
  return changed(moveTo(catalog, table, source.shards?.colocation ?? 0));
}

/** `EnsureHashOrSingleShardDistributedTable` */
function mustBeHashed(table: Relation): Fault | null {
  const { shards } = table;
  const isHashed = isDistributed(table) && (shards?.method === "hash" || shards?.method === "none");
  return isHashed ? null : notSupported(`relation ${table.name} should be a hash or single shard distributed table`);
}

function mismatch(catalog: Catalog, source: Relation, table: Relation): Fault | null {
  if (source.id === table.id) return null;
  const cannot = (what: string): Fault =>
    internalError(`cannot colocate tables ${source.name} and ${table.name}`, {
      detail: `${what} don't match for ${source.name} and ${table.name}.`,
    });
  const [theirs, own] = [source, table].map((each) => columnNamed(each, each.shards?.column ?? ""));
  const sameTypes = theirs == null || own == null ? theirs === own : sameColumnType(theirs.type, own.type);
  if (!sameTypes) return cannot("Distribution column types");
  const [first, second] = [source, table].map((each) => groupById(catalog, each.shards?.colocation ?? 0));
  if (first?.ranges?.length !== second?.ranges?.length) return cannot("Shard counts");
  if (JSON.stringify(first?.ranges) !== JSON.stringify(second?.ranges)) return cannot("Shard intervals");
  return null;
}

/** `BreakColocation`: a group of its own, with the shards as they are. */
function leaveGroup(catalog: Catalog, table: Relation): Change {
  const group = groupById(catalog, table.shards?.colocation ?? 0);
  if (group === null) return changed(catalog);
  const shape: ColocationGroup = {
    ...group,
    shardCount: group.ranges?.length ?? 1,
    replication: replicationSetting(catalog),
  };
  const made = withNewGroup(catalog, shape);
  const same = group.ranges === null ? made.catalog : withRanges(made.catalog, made.group, group.ranges);
  return changed(moveTo(same, table, made.group.id));
}

function moveTo(catalog: Catalog, table: Relation, colocation: number): Catalog {
  let next = catalog;
  for (const { id } of [table, ...partitionsOf(catalog, table)]) {
    const shards = relationById(next, id)?.shards;
    if (shards !== undefined) next = withShards(next, id, { ...shards, colocation });
  }
  return next;
}
