// What is found at ranges: the same as anew after any changes, and only what is other is looked at.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DataType } from "../../server/src/catalog/data-type.ts";
import { emptyPartitionSet, withoutPartition, withPartition } from "../../server/src/catalog/partition-set.ts";
import type { Bound, PartitionKey, PartitionSet, RangeEntry } from "../../server/src/catalog/partitioning.ts";
import { createRangeFinder } from "../../server/src/catalog/range-finder.ts";

const key: PartitionKey = {
  strategy: "range",
  elements: [
    {
      column: "k",
      expression: null,
      text: "k",
      type: { kind: "base", name: "int4" } as DataType,
      collation: null,
      comparison: null,
      customOrder: false,
      printedCollation: null,
      operatorClass: null,
      trust: "declared",
    },
  ],
};

function bound(from: number, to: number): Bound {
  const datum = (value: number) => ({ kind: "value", value: { family: "integer", value: BigInt(value) } }) as const;
  return { kind: "range", lower: [datum(from)], upper: [datum(to)] };
}

/** A set with ranges of ten from those tens on, each under the number of its ten. */
function setOf(tens: Iterable<number>): PartitionSet {
  let set = emptyPartitionSet(key);
  for (const ten of tens) set = withPartition(set, key, bound(ten * 10, ten * 10 + 10), ten + 1);
  return set;
}

/** Finds the ends behind which the next range does not begin, counting how often it looks. */
function createGapFinder() {
  let looks = 0;
  const find = createRangeFinder(({ upper, partition }: RangeEntry, next: RangeEntry | null, odd: boolean) => {
    looks++;
    const isGap = next !== null && JSON.stringify(upper, asText) !== JSON.stringify(next.lower, asText);
    return isGap && (odd || partition % 2 === 0) ? partition : null;
  });
  return { find, looks: () => looks };
}

function asText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

test("after any changes the same is found as in a set that nobody has seen", () => {
  const tens = fc.uniqueArray(fc.nat(60), { maxLength: 60 });
  const changes = fc.array(fc.record({ ten: fc.nat(60), odd: fc.boolean() }), { maxLength: 20 });
  fc.assert(
    fc.property(tens, changes, (some, toggles) => {
      const { find } = createGapFinder();
      let set = setOf(some);
      const there = new Set(some);
      for (const { ten, odd } of toggles) {
        const own = bound(ten * 10, ten * 10 + 10);
        set = there.has(ten) ? withoutPartition(set, own, ten + 1) : withPartition(set, key, own, ten + 1);
        if (!there.delete(ten)) there.add(ten);
        const anew = setOf(there);
        expect([...find(set, odd)]).toEqual([...createGapFinder().find(anew, odd)]);
      }
    }),
  );
});

test("a bound that is other costs looks at it and at the one in front of it", () => {
  const { find, looks } = createGapFinder();
  const set = setOf(Array.from({ length: 5_000 }, (_, ten) => ten));
  expect([...find(set, true)]).toEqual([]);
  const before = looks();
  const without = withoutPartition(set, bound(25_000, 25_010), 2_501);
  const other = withPartition(without, key, bound(25_000, 25_009), 2_501);
  expect([...find(other, true)]).toEqual([2_501]);
  expect([...find(set, true)]).toEqual([]);
  expect(looks() - before).toBeLessThanOrEqual(4);
  expect([...find(other, false)]).toEqual([]);
  expect(looks() - before).toBeGreaterThan(5_000);
});
