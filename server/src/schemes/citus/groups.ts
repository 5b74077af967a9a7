/** Groups of colocated tables: which one a new table joins, and what a new one is. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { IdMap } from "../../catalog/id-map.ts";
import {
  type ColocationGroup,
  hashRanges,
  nothingSharded,
  type ShardedTables,
  type ShardRange,
} from "../../catalog/shards.ts";

/** What Citus keeps besides the tables, also where nothing is distributed yet. */
export function shardedOf(catalog: Catalog): ShardedTables {
  return catalog.sharded ?? nothingSharded;
}

/** A new group, which the caller fills with a table. */
export function withNewGroup(
  catalog: Catalog,
  group: Pick<ColocationGroup, "kind" | "shardCount" | "replication" | "type" | "collation">,
): { readonly catalog: Catalog; readonly group: ColocationGroup } {
  const sharded = shardedOf(catalog);
  const id = sharded.nextGroup;
  const ranges = group.kind === "hash" ? hashRanges(group.shardCount) : null;
  const made: ColocationGroup = { ...group, id, ranges, members: IdMap.empty() };
  return {
    catalog: { ...catalog, sharded: { ...sharded, groups: sharded.groups.with(id, made), nextGroup: id + 1 } },
    group: made,
  };
}

/** The oldest group of hash-distributed tables of that type and number of shards, whoever made it; null where there is none. */
export function defaultGroup(
  catalog: Catalog,
  type: DataType,
  shardCount: number,
  replication: number,
): ColocationGroup | null {
  for (const group of shardedOf(catalog).groups.values()) {
    const isSame = group.kind === "hash" && group.shardCount === shardCount && group.replication === replication;
    if (isSame && group.type !== null && sameColumnType(group.type, type)) return group;
  }
  return null;
}

/** The group of a kind of which there is one at most; null where there is none. */
export function groupOfKind(catalog: Catalog, kind: "single" | "reference"): ColocationGroup | null {
  for (const group of shardedOf(catalog).groups.values()) if (group.kind === kind) return group;
  return null;
}

export function groupById(catalog: Catalog, id: number): ColocationGroup | null {
  return shardedOf(catalog).groups.get(id) ?? null;
}

/** The group with other ranges: one of its shards has been split. */
export function withRanges(catalog: Catalog, group: ColocationGroup, ranges: readonly ShardRange[]): Catalog {
  const sharded = shardedOf(catalog);
  return {
    ...catalog,
    sharded: { ...sharded, groups: sharded.groups.with(group.id, { ...group, ranges, nodes: undefined }) },
  };
}

/** Whether two columns are of one type, whatever its modifiers. */
export function sameColumnType(a: DataType, b: DataType): boolean {
  return typeKey(a) === typeKey(b);
}

function typeKey(type: DataType): string {
  switch (type.kind) {
    case "base":
      return type.name;
    case "array":
      return `${typeKey(type.element)}[]`;
    default:
      return `${type.kind} ${type.schema ?? ""}.${type.name}`;
  }
}
