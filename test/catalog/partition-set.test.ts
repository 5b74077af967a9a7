/** The partition set against a plain list of partitions that is searched as PostgreSQL searches its bound arrays. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gapsOf, missingRemaindersOf } from "../../server/src/catalog/coverage.ts";
import {
  emptyPartitionSet,
  findConflict,
  partitionsInBoundOrder,
  route,
  withoutPartition,
  withPartition,
} from "../../server/src/catalog/partition-set.ts";
import type { Bound, PartitionKey, PartitionSet, RangeDatum } from "../../server/src/catalog/partitioning.ts";
import type { Value } from "../../server/src/catalog/value.ts";
import { baseTypeNamed } from "../../server/src/catalog/values/types.ts";
import { placesIn } from "../support/follow-edits.ts";

type RangeBound = Extract<Bound, { kind: "range" }>;
type Key = { readonly strategy: PartitionKey["strategy"]; readonly types: readonly string[] };

function keyOf({ strategy, types }: Key): PartitionKey {
  return {
    strategy,
    elements: types.map((type, index) => ({
      column: `k${index}`,
      expression: null,
      text: `k${index}`,
      type: baseTypeNamed(type),
      collation: type === "text" ? "en_US.utf8" : null,
      comparison: type === "text" ? "en_US.utf8" : null,
      customOrder: false,
      printedCollation: null,
      operatorClass: null,
      trust: "declared",
    })),
  };
}

const integer = (value: number): Value => ({ family: "integer", value: BigInt(value) });
const text = (value: string): Value => ({ family: "text", value });

function point(...datums: readonly (number | "min" | "max")[]): RangeDatum[] {
  return datums.map((datum) =>
    datum === "min"
      ? { kind: "minvalue" }
      : datum === "max"
        ? { kind: "maxvalue" }
        : { kind: "value", value: integer(datum) },
  );
}

function range(lower: RangeDatum[], upper: RangeDatum[]): RangeBound {
  return { kind: "range", lower, upper };
}

function fill(key: PartitionKey, bounds: readonly Bound[]): PartitionSet {
  return bounds.reduce((set, bound, index) => withPartition(set, key, bound, index + 1), emptyPartitionSet(key));
}

describe("range conflicts", () => {
  const key = keyOf({ strategy: "range", types: ["int4"] });
  const set = fill(key, [range(point("min"), point(0)), range(point(10), point(20)), range(point(20), point("max"))]);

  test("a bound in a gap has none", () => {
    expect(findConflict(set, key, range(point(0), point(10)))).toBeNull();
  });

  test("the partition that contains the lower bound is named first, else the next one", () => {
    const containing = findConflict(set, key, range(point(-5), point(15)));
    expect(containing).toEqual({ kind: "overlap", partition: 1, place: { side: "lower", index: 0 } });
    const next = findConflict(set, key, range(point(5), point(25)));
    expect(next).toEqual({ kind: "overlap", partition: 2, place: { side: "upper", index: 0 } });
  });

  test("an empty range is refused before any overlap", () => {
    expect(findConflict(set, key, range(point(12), point(12)))).toEqual({
      kind: "empty",
      place: { side: "lower", index: 0 },
    });
  });

  test("a partition that leaves makes room", () => {
    const smaller = withoutPartition(set, range(point(10), point(20)), 2);
    expect(findConflict(smaller, key, range(point(0), point(20)))).toBeNull();
    expect(findConflict(set, key, range(point(0), point(20)))).not.toBeNull();
  });
});

describe("other strategies", () => {
  test("the first value of a list that is taken is named", () => {
    const key = keyOf({ strategy: "list", types: ["int4"] });
    const set = fill(key, [
      { kind: "list", values: [integer(1), null] },
      { kind: "list", values: [integer(2)] },
    ]);
    expect(findConflict(set, key, { kind: "list", values: [integer(3), null, integer(2)] })).toEqual({
      kind: "overlap",
      partition: 1,
      place: { side: "value", index: 1 },
    });
    expect(findConflict(set, key, { kind: "list", values: [integer(3)] })).toBeNull();
  });

  test("moduli must divide one another, and residues may be taken by a smaller modulus", () => {
    const key = keyOf({ strategy: "hash", types: ["int4"] });
    const set = fill(key, [
      { kind: "hash", modulus: 4, remainder: 1 },
      { kind: "hash", modulus: 8, remainder: 2 },
    ]);
    expect(findConflict(set, key, { kind: "hash", modulus: 6, remainder: 0 })).toEqual({
      kind: "modulus",
      partition: 1,
      modulus: 4,
      factor: false,
    });
    expect(findConflict(set, key, { kind: "hash", modulus: 16, remainder: 10 })).toMatchObject({ partition: 2 });
    expect(findConflict(set, key, { kind: "hash", modulus: 2, remainder: 1 })).toMatchObject({ partition: 1 });
    expect(findConflict(set, key, { kind: "hash", modulus: 2, remainder: 0 })).toMatchObject({ partition: 2 });
    expect(findConflict(set, key, { kind: "hash", modulus: 2 ** 30, remainder: 2 ** 30 - 2 })).toBeNull();
    expect(findConflict(set, key, { kind: "hash", modulus: 2 ** 30, remainder: 2 ** 30 - 6 })).toMatchObject({
      partition: 2,
    });
    expect(findConflict(set, key, { kind: "hash", modulus: 2, remainder: 1 })).toMatchObject({ partition: 1 });
    expect(findConflict(set, key, { kind: "hash", modulus: 2, remainder: 0 })).toMatchObject({ partition: 2 });
    expect(missingRemaindersOf(set).map(({ remainder }) => remainder)).toEqual([0, 3, 4, 6, 7]);
  });

  test("a second default conflicts with the first", () => {
    const key = keyOf({ strategy: "list", types: ["int4"] });
    const set = fill(key, [{ kind: "default" }]);
    expect(findConflict(set, key, { kind: "default" })).toEqual({ kind: "default", partition: 1 });
  });

  test("NULL goes to the default of a range table, and nowhere without one", () => {
    const key = keyOf({ strategy: "range", types: ["int4"] });
    const all = fill(key, [range(point("min"), point("max"))]);
    expect(route(all, key, [null])).toEqual({ kind: "none" });
    expect(route(withPartition(all, key, { kind: "default" }, 9), key, [null])).toEqual({
      kind: "partition",
      partition: 9,
    });
  });
});

describe("values whose order is not known", () => {
  const key = keyOf({ strategy: "range", types: ["text"] });
  const between = (lower: string, upper: string): RangeBound =>
    range([{ kind: "value", value: text(lower) }], [{ kind: "value", value: text(upper) }]);

  test("are kept aside and claimed nothing of", () => {
    const set = fill(key, [between("a", "c"), between("B", "c")]);
    expect([...set.incomparable.keys()]).toEqual([2]);
    expect(findConflict(set, key, between("x", "z"))).toEqual({ kind: "undecided" });
  });

  test("overlap for sure where every order agrees", () => {
    const set = fill(key, [between("a", "c")]);
    expect(findConflict(set, key, between("b", "d"))).toMatchObject({ kind: "overlap", partition: 1 });
  });
});

describe("gaps", () => {
  test("lie between ranges and at open ends", () => {
    const key = keyOf({ strategy: "range", types: ["int4"] });
    const gaps = gapsOf(key, fill(key, [range(point(0), point(10)), range(point(20), point("max"))]));
    expect(gaps.map(({ lower, upper }) => [lower, upper])).toEqual([
      [point("min"), point(0)],
      [point(10), point(20)],
    ]);
  });

  test("of two whole-numbered columns close where the first steps by one", () => {
    const key = keyOf({ strategy: "range", types: ["int4", "int4"] });
    const full = fill(key, [range(point("min", "min"), point(1, "max")), range(point(2, "min"), point("max", "max"))]);
    expect(gapsOf(key, full)).toEqual([]);
    const open = fill(key, [range(point("min", "min"), point(1, "max")), range(point(3, "min"), point("max", "max"))]);
    expect(gapsOf(key, open)).toHaveLength(1);
  });

  test("of a list of booleans are the values not listed", () => {
    const key = keyOf({ strategy: "list", types: ["bool"] });
    const set = fill(key, [{ kind: "list", values: [{ family: "boolean", value: false }] }]);
    expect(gapsOf(key, set).map(({ lower }) => lower)).toEqual([
      [{ kind: "value", value: { family: "boolean", value: true } }],
    ]);
  });
});

describe("any sequence of two-column bounds", () => {
  const key = keyOf({ strategy: "range", types: ["int4", "int4"] });
  const datum = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom("min" as const, "max" as const) },
  );
  const end = fc.tuple(datum, datum).map(([first, second]) => point(first, typeof first === "number" ? second : first));
  const bounds = fc.array(
    fc.tuple(end, end).map(([lower, upper]) => range(lower, upper)),
    { maxLength: 12 },
  );

  test("is accepted and refused as by PostgreSQL's search of its arrays", () => {
    fc.assert(
      fc.property(bounds, (tried) => {
        const kept: { readonly bound: RangeBound; readonly id: number }[] = [];
        let set = emptyPartitionSet(key);
        for (const [index, bound] of tried.entries()) {
          const expected = checkNewBound(kept, bound);
          expect(findConflict(set, key, bound)).toEqual(expected);
          if (expected !== null) continue;
          kept.push({ bound, id: index + 1 });
          set = withPartition(set, key, bound, index + 1);
        }
        const inOrder = kept.toSorted((a, b) => compareBounds(a.bound.lower, true, b.bound.lower, true).order);
        expect(partitionsInBoundOrder(set)).toEqual(inOrder.map(({ id }) => id));
        for (const first of [0, 1, 2, 3, 4, 5, 6]) {
          const row = point(first, 3);
          const owner = kept.find(
            ({ bound }) =>
              compareBounds(bound.lower, true, row, true).order <= 0 &&
              compareBounds(row, false, bound.upper, false).order < 0,
          );
          const expected = owner === undefined ? { kind: "none" } : { kind: "partition", partition: owner.id };
          expect(route(set, key, [integer(first), integer(3)])).toEqual(expected);
        }
      }),
      { numRuns: 400 },
    );
  });
});

/** `check_new_partition_bound` for ranges, on arrays. */
function checkNewBound(
  kept: readonly { readonly bound: RangeBound; readonly id: number }[],
  bound: RangeBound,
): ReturnType<typeof findConflict> {
  const width = compareBounds(bound.lower, true, bound.upper, false);
  if (width.order >= 0) return { kind: "empty", place: { side: "lower", index: width.column } };
  const ends = kept
    .flatMap(({ bound: { lower, upper }, id }) => [
      { point: lower, lower: true, id: -1 },
      { point: upper, lower: false, id },
    ])
    .toSorted((a, b) => compareBounds(a.point, a.lower, b.point, b.lower).order);
  const points = ends.filter((each, index) => {
    const previous = ends[index - 1];
    return previous === undefined || compareBounds(previous.point, true, each.point, true).order !== 0;
  });
  let low = -1;
  let high = points.length - 1;
  let last = { order: 0, column: 0 };
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const probed = points[middle];
    if (probed === undefined) throw new Error("the search left the array");
    last = compareBounds(probed.point, probed.lower, bound.lower, true);
    if (last.order <= 0) {
      low = middle;
      if (last.order === 0) break;
    } else high = middle - 1;
  }
  const after = points[low + 1];
  if (after !== undefined && !after.lower) {
    const index = last.order === 0 ? 0 : last.column;
    return { kind: "overlap", partition: after.id, place: { side: "lower", index } };
  }
  if (after === undefined) return null;
  const fits = compareBounds(after.point, after.lower, bound.upper, false);
  if (fits.order >= 0) return null;
  return { kind: "overlap", partition: points[low + 2]?.id ?? -1, place: { side: "upper", index: fits.column } };
}

/** `partition_rbound_cmp` */
function compareBounds(
  a: readonly RangeDatum[],
  aIsLower: boolean,
  b: readonly RangeDatum[],
  bIsLower: boolean,
): { readonly order: number; readonly column: number } {
  const rank = { minvalue: -1, value: 0, maxvalue: 1 };
  let column = 0;
  let order = 0;
  for (; column < a.length; column += 1) {
    const [x, y] = [a[column], b[column]];
    if (x === undefined || y === undefined) throw new Error("points of different length");
    if (x.kind !== y.kind) return { order: rank[x.kind] - rank[y.kind], column };
    if (x.kind !== "value" || y.kind !== "value") break;
    order = numberOf(x.value) - numberOf(y.value);
    if (order !== 0) break;
  }
  if (order === 0 && aIsLower !== bIsLower) order = aIsLower ? 1 : -1;
  return { order, column: Math.min(column, a.length - 1) };
}

function numberOf(value: Value): number {
  return value.family === "integer" ? Number(value.value) : Number.NaN;
}

describe("earlier versions of a long set", () => {
  const versionsOf = (key: PartitionKey, bounds: readonly Bound[]): readonly PartitionSet[] => {
    const versions = [emptyPartitionSet(key)];
    for (const [index, bound] of bounds.entries())
      versions.push(withPartition(versions.at(-1) as PartitionSet, key, bound, index + 1));
    return versions;
  };
  // More than are kept as they were made; and they come in no order.
  const places = Array.from({ length: 700 }, (_, index) => (index * 401) % 700);

  test("have the ranges that they had", () => {
    const key = keyOf({ strategy: "range", types: ["int4"] });
    const bounds = places.map((place) => range(point(place), point(place + 1)));
    const versions = versionsOf(key, bounds);
    for (const index of [350, 1, 700, 33, 32, 31, 64, 699, 0, 257, 443]) {
      const there = bounds.slice(0, index);
      const found = [...(versions[index] as PartitionSet).ranges.values()];
      expect(found.map(({ partition }) => partition)).toEqual(
        places
          .slice(0, index)
          .map((place, at) => [place, at + 1] as const)
          .sort(([a], [b]) => a - b)
          .map(([, partition]) => partition),
      );
      // Not equal ones: what was found at a range is kept by it.
      for (const { lower, partition } of found) expect(lower).toBe(there[partition - 1]?.lower);
      expect((versions[index] as PartitionSet).all.size).toBe(index);
    }
  });

  test("have the remainders that they had", () => {
    const key = keyOf({ strategy: "hash", types: ["int4"] });
    const versions = versionsOf(
      key,
      places.map((remainder) => ({ kind: "hash", modulus: 700, remainder })),
    );
    for (const index of [699, 5, 400, 33]) {
      const { hashes } = versions[index] as PartitionSet;
      expect([...hashes.keys()].map(([, remainder]) => remainder)).toEqual(
        places.slice(0, index).sort((a, b) => a - b),
      );
    }
  });
});

describe("a bound that another partition has already", () => {
  test.each<[string, Key, Bound, Bound]>([
    ["default", { strategy: "range", types: ["int4"] }, { kind: "default" }, { kind: "default" }],
    ["range", { strategy: "range", types: ["int4"] }, range(point(0), point(10)), range(point(0), point(20))],
    [
      "hash",
      { strategy: "hash", types: ["int4"] },
      { kind: "hash", modulus: 2, remainder: 1 },
      { kind: "hash", modulus: 2, remainder: 1 },
    ],
    [
      "list",
      { strategy: "list", types: ["int4"] },
      { kind: "list", values: [integer(1), integer(2)] },
      { kind: "list", values: [integer(3), integer(2)] },
    ],
    ["null", { strategy: "list", types: ["int4"] }, { kind: "list", values: [null] }, { kind: "list", values: [null] }],
  ])("%s: each partition has one place, and the first keeps its own when the second goes", (_, made, bound, again) => {
    const key = keyOf(made);
    const first = fill(key, [bound]);
    const both = withPartition(first, key, again, 2);
    expect(placesIn(both)).toEqual([1, 2]);
    expect(placesIn(withoutPartition(both, again, 2))).toEqual([1]);
    expect(findConflict(withoutPartition(both, again, 2), key, again)).toEqual(findConflict(first, key, again));
    expect(placesIn(withoutPartition(first, bound, 2)), "one that is not there takes no place along").toEqual([1]);
  });

  test("a partition that has a value twice has it once", () => {
    const key = keyOf({ strategy: "list", types: ["numeric"] });
    const twice: Bound = { kind: "list", values: [integer(1), integer(1)] };
    expect(placesIn(fill(key, [twice]))).toEqual([1]);
  });
});
