// The hash space of Citus in shards, and groups of tables that come and go with their tables.
import { describe, expect, it } from "vitest";
import { emptyCatalog, withoutRelation, withRelation } from "../../server/src/catalog/catalog.ts";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import {
  hashRanges,
  nothingSharded,
  rangesOf,
  type Shards,
  shardCountOf,
  shardOfHash,
} from "../../server/src/catalog/shards.ts";
import { emptyRelation } from "../../server/src/effects/relations/lookup.ts";

describe("the hash space", () => {
  it("is divided as a server of Citus divides it", () => {
    expect(hashRanges(6)).toEqual([
      [-2147483648, -1431655767],
      [-1431655766, -715827885],
      [-715827884, -3],
      [-2, 715827879],
      [715827880, 1431655761],
      [1431655762, 2147483647],
    ]);
  });

  it("has each hash in the one shard whose range takes it", () => {
    const ranges = hashRanges(7);
    const hashes = ranges.flat();
    expect(hashes.map((hash) => shardOfHash(ranges, hash))).toEqual(ranges.flatMap((_, index) => [index, index]));
  });
});

describe("a colocation group", () => {
  const group = { id: 1, kind: "hash", shardCount: 4, replication: 1, type: null, collation: null } as const;
  const sharded = {
    ...nothingSharded,
    groups: nothingSharded.groups.with(1, { ...group, ranges: hashRanges(4), members: IdMap.empty() }),
    nextGroup: 2,
  };
  const shards: Shards = { kind: "distributed", method: "hash", column: "k", colocation: 1 };
  const table = (id: number) => ({ ...emptyRelation(id, "public", `t${id}`, "table"), shards });

  it("goes with its last table", () => {
    const start = { ...emptyCatalog({ complete: true, timeZone: "UTC" }), sharded };
    const both = withRelation(withRelation(start, table(1)), table(2));
    expect([...(both.sharded?.groups.get(1)?.members.keys() ?? [])]).toEqual([1, 2]);
    expect([shardCountOf(both.sharded, shards), rangesOf(both.sharded, shards)?.[3]?.[1]]).toEqual([4, 2147483647]);
    const one = withoutRelation(both, 1);
    expect(one.sharded?.groups.get(1)?.members.size).toBe(1);
    const { shards: _gone, ...plain } = table(2);
    expect(withRelation(one, plain).sharded?.groups.has(1)).toBe(false);
    expect(both.sharded?.groups.get(1)?.members.size).toBe(2);
  });
});
