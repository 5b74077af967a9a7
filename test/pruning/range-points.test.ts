// The row of a table's bounds after changes of few partitions is the one that is made of all of them.
import fc from "fast-check";
import { expect, it } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { emptyPartitionSet, withoutPartition, withPartition } from "../../server/src/catalog/partition-set.ts";
import type { Bound, PartitionKey, PartitionSet } from "../../server/src/catalog/partitioning.ts";
import { rangePointsOf } from "../../server/src/pruning/range-points.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();
const options = { version: 18, pathmanVersion: "1.5", today: "2026-01-31" } as const;

function keyOf(table: string): PartitionKey {
  const statements = parseDocument(table, reading);
  const start = emptyCatalog({ complete: true, timeZone: "UTC" });
  const steps = replay({ file: "a.sql", statements, start, options, previous: [] });
  const keys = [...(steps.at(-1)?.after.relations.values() ?? [])].flatMap(
    ({ partitioning }) => partitioning?.key ?? [],
  );
  return keys[0] as PartitionKey;
}

const key = keyOf("CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);");

function range(from: number, to: number): Bound {
  const point = (value: number) => [
    { kind: "value" as const, value: { family: "integer" as const, value: BigInt(value) } },
  ];
  return { kind: "range", lower: point(from), upper: point(to) } as Bound;
}

/** A partition for each ten values, which ends where it is said, or is not there. */
function bounds(ends: readonly (number | null)[]): readonly (Bound | null)[] {
  return ends.map((end, index) => (end === null ? null : range(index * 10, index * 10 + end)));
}

function setOf(all: readonly (Bound | null)[]): PartitionSet {
  let set = emptyPartitionSet(key);
  for (const [index, bound] of all.entries()) if (bound !== null) set = withPartition(set, key, bound, index);
  return set;
}

const anyEnd = fc.oneof({ weight: 4, arbitrary: fc.constant(10) }, fc.integer({ min: 1, max: 9 }), fc.constant(null));
const anyEnds = fc.array(anyEnd, { minLength: 1, maxLength: 60 });

it("whatever comes, goes or moves", () => {
  fc.assert(
    fc.property(
      anyEnds,
      fc.array(fc.array(fc.tuple(fc.nat(59), anyEnd), { maxLength: 20 }), { maxLength: 5 }),
      (first, edits) => {
        let ends = [...first];
        let set = setOf(bounds(ends));
        rangePointsOf(set, key);
        for (const changes of edits) {
          for (const [at, end] of changes) {
            if (at >= ends.length) continue;
            const [before, after] = [bounds(ends)[at] ?? null, bounds(ends.with(at, end))[at] ?? null];
            if (before !== null) set = withoutPartition(set, before, at);
            if (after !== null) set = withPartition(set, key, after, at);
            ends = ends.with(at, end);
          }
          expect(rangePointsOf(set, key)).toEqual(rangePointsOf(setOf(bounds(ends)), key));
        }
      },
    ),
    { seed: 20260131 },
  );
});

it("leaves the points that are far from the change the same objects", () => {
  const ends = Array.from({ length: 5_000 }, () => 10);
  const set = setOf(bounds(ends));
  const before = rangePointsOf(set, key);
  const moved = withPartition(withoutPartition(set, range(25_000, 25_010), 2_500), key, range(25_000, 25_005), 2_500);
  const after = rangePointsOf(moved, key);
  const known = new Set(before.points);
  expect(after.points.filter((point) => !known.has(point)).length).toBeLessThanOrEqual(4);
  expect(after.points.length).toBe(before.points.length + 1);
});
