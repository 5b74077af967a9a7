/** isolate_tenant_to_new_shard: the hash of one value gets a shard of its own. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type ShardRange, shardOfHash } from "../../catalog/shards.ts";
import type { Value } from "../../catalog/value.ts";
import { hash32 } from "../../catalog/values/hash.ts";
import { columnNamed, primaryKeyOf } from "../../effects/relations/constraint-shape.ts";
import { type Change, changed, refused } from "./distribute.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { groupById, withRanges } from "./groups.ts";

/** The type of the value that a table is distributed by; null where it is not distributed by a hash. */
export function tenantType(table: Relation): DataType | null {
  const { shards } = table;
  return shards?.method === "hash" && shards.column !== null ? (columnNamed(table, shards.column)?.type ?? null) : null;
}

/** What isolate_tenant_to_new_shard does not take of a table; `tenant` as the argument prints. */
export function cannotIsolate(
  catalog: Catalog,
  table: Relation,
  tenant: string,
  cascade: boolean,
  mode: string,
): Fault | null {
  const { shards, name } = table;
  if (shards === undefined) return internalError(`relation ${name} is not distributed`);
  if (shards.method !== "hash") {
    return notSupported("cannot isolate tenant because tenant isolation is only support for hash distributed tables");
  }
  const members = groupById(catalog, shards.colocation)?.members;
  if (members !== undefined && members.size > 1 && !cascade) {
    return notSupported(`cannot isolate tenant because "${name}" has colocated tables`, {
      hint: `Use CASCADE option to isolate tenants for the colocated tables too. Example usage: isolate_tenant_to_new_shard('${name}', '${tenant}', 'CASCADE')`,
    });
  }
  if (mode !== "auto") return null;
  for (const id of members?.keys() ?? []) {
    const member = relationById(catalog, id);
    if (member === null || member.kind === "partitioned-table" || primaryKeyOf(member) !== null) continue;
    if (member.replicaIdentity === true) continue;
    return withoutIdentity(member);
  }
  return null;
}

function withoutIdentity({ name }: Relation): Fault {
  return notSupported(
    `cannot use logical replication to transfer shards of the relation ${name} since it doesn't have a REPLICA IDENTITY or PRIMARY KEY`,
    {
      detail:
        "UPDATE and DELETE commands on the shard will error out during logical replication unless there is a REPLICA IDENTITY or PRIMARY KEY.",
      hint: "If you wish to continue without a replica identity set the shard_transfer_mode to 'force_logical' or 'block_writes'.",
    },
  );
}

/** Splits the shard of the value in all tables that lie together; null where the hash is not known. */
export function isolate(catalog: Catalog, table: Relation, value: Value, type: DataType): Change | null {
  const group = groupById(catalog, table.shards?.colocation ?? 0);
  const hash = hash32(value, type);
  if (group === null || group.ranges === null || hash === null) return null;
  const index = shardOfHash(group.ranges, hash);
  const range = group.ranges[index];
  if (range === undefined) return null;
  const [min, max] = range;
  if (min === max) return refused(internalError(`table ${table.name} has already been isolated for the given value`));
  const parts: ShardRange[] = [
    [min, hash - 1],
    [hash, hash],
    [hash + 1, max],
  ];
  const split = parts.filter(([from, to]) => from <= to);
  return changed(
    withRanges(catalog, group, [...group.ranges.slice(0, index), ...split, ...group.ranges.slice(index + 1)]),
  );
}
