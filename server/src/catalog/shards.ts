/** How Citus divides tables into shards: what it keeps of each table, and the groups of tables whose shards lie together. */

import type { DataType } from "./data-type.ts";
import { IdMap } from "./id-map.ts";
import type { RelationId } from "./relation-id.ts";
import { type BTree, mapByText } from "./sorted-map.ts";

/** What Citus keeps of one table (`pg_dist_partition`). */
export interface Shards {
  /** `schema`: a table of a distributed schema. `local`: a table of the coordinator that Citus knows. */
  readonly kind: "distributed" | "reference" | "local" | "schema";
  /** `none`: one shard, whatever the row. */
  readonly method: "hash" | "append" | "range" | "none";
  /** The distribution column, which follows renames; null where there is none. */
  readonly column: string | null;
  /** Its group of colocated tables; 0 where it is in none. */
  readonly colocation: number;
  /** Citus itself made it a local table, because a foreign key ties it to a reference table. */
  readonly automatic?: true | undefined;
  /** The ids of its shards in the order of their ranges, where a database has told them. */
  readonly ids?: readonly number[] | undefined;
}

/** The hashes of a shard, both ends included. */
export type ShardRange = readonly [min: number, max: number];

/** Tables whose shards have the same ranges and lie on the same nodes (`pg_dist_colocation`). */
export interface ColocationGroup {
  readonly id: number;
  readonly kind: "hash" | "single" | "reference" | "schema";
  /** As asked for: a shard that is split does not change it. */
  readonly shardCount: number;
  readonly replication: number;
  /** Of the distribution column; null where there is none. */
  readonly type: DataType | null;
  readonly collation: string | null;
  /** In ascending order; null for the one shard of tables without a distribution column. */
  readonly ranges: readonly ShardRange[] | null;
  /** The tables in it; with the last of them the group goes, but for that of a schema. */
  readonly members: IdMap<true>;
  /** Where its shards lie, in the order of their ranges, where a database has told it; null of one that is nowhere. */
  readonly nodes?: readonly (string | null)[] | undefined;
}

/** What Citus keeps besides the tables. */
export interface ShardedTables {
  readonly groups: IdMap<ColocationGroup>;
  readonly nextGroup: number;
  /** The distributed schemas, with their groups. */
  readonly schemas: BTree<string, number>;
  /** How many nodes may get shards, where a database has told it. */
  readonly workers?: number | undefined;
}

export const nothingSharded: ShardedTables = { groups: IdMap.empty(), nextGroup: 1, schemas: mapByText() };

/** The hash space in so many equal parts, the last of which takes what is left. */
export function hashRanges(count: number): readonly ShardRange[] {
  const width = Math.floor(2 ** 32 / count);
  return Array.from({ length: count }, (_, index) => {
    const min = -(2 ** 31) + index * width;
    return [min, index === count - 1 ? 2 ** 31 - 1 : min + width - 1] as const;
  });
}

/** Where in the ranges a hash lies. The ranges leave no gap. */
export function shardOfHash(ranges: readonly ShardRange[], hash: number): number {
  let [low, high] = [0, ranges.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (hash > (ranges[middle]?.[1] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many shards the table has. */
export function shardCountOf(sharded: ShardedTables | undefined, shards: Shards): number {
  if (shards.method === "append" || shards.method === "range") return 0;
  return rangesOf(sharded, shards)?.length ?? 1;
}

/** The ranges of the table's shards; null where it has one shard for all rows, or has none made by a hash. */
export function rangesOf(sharded: ShardedTables | undefined, shards: Shards): readonly ShardRange[] | null {
  return shards.method === "hash" ? (sharded?.groups.get(shards.colocation)?.ranges ?? null) : null;
}

/** Whether the shards of the two lie together. */
export function areColocated(a: Shards, b: Shards): boolean {
  return a.colocation !== 0 && a.colocation === b.colocation;
}

interface Member {
  readonly id: RelationId;
  readonly shards?: Shards | undefined;
}

/** `ShardedTables` after a relation has changed from `previous` to `next`: its groups know their tables. */
export function shardedAfter(
  sharded: ShardedTables | undefined,
  previous: Member | null,
  next: Member | null,
): ShardedTables | undefined {
  const [from, to] = [previous?.shards?.colocation ?? 0, next?.shards?.colocation ?? 0];
  const id = (next ?? previous)?.id ?? 0;
  if (sharded === undefined || from === to) return sharded;
  const groups = withMember(withoutMember(sharded.groups, from, id), to, id);
  return { ...sharded, groups };
}

function withMember(groups: ShardedTables["groups"], id: number, table: RelationId): ShardedTables["groups"] {
  const group = groups.get(id);
  return group === undefined ? groups : groups.with(id, { ...group, members: group.members.with(table, true) });
}

function withoutMember(groups: ShardedTables["groups"], id: number, table: RelationId): ShardedTables["groups"] {
  const group = groups.get(id);
  if (group === undefined) return groups;
  const members = group.members.without(table);
  const isLast = group.kind !== "schema" && members.size === 0;
  return isLast ? groups.without(id) : groups.with(id, { ...group, members });
}
