/** What inheritance children take, leave out and share, held against what a real server lets their CHECK constraints pass. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Catalog, emptyCatalog, findRelation, relationById } from "../../server/src/catalog/catalog.ts";
import type { CheckedBound } from "../../server/src/catalog/child-parts.ts";
import { coverageOf } from "../../server/src/catalog/coverage.ts";
import { layoutOf } from "../../server/src/catalog/layout.ts";
import { collationsOf, comparePoints } from "../../server/src/catalog/partition-set.ts";
import type { PartitionKey, RangeDatum } from "../../server/src/catalog/partitioning.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { randomNumbers } from "../pruning/random-numbers.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
let database: TestDatabase;
beforeAll(async () => {
  reading = await readingForTests();
  database = await createDatabase(18);
});
afterAll(() => database.close());

const day = (index: number) => new Date(Date.UTC(2024, 0, 27 + index)).toISOString().slice(0, 10);
const numbers = Array.from({ length: 18 }, (_, index) => index);

/** Each type with values to probe, some of which the constraints compare with. */
const types = {
  integer: numbers.map((index) => `${index - 3}`),
  date: numbers.map((index) => `'${day(index)}'`),
  timestamp: numbers.flatMap((index) => [`'${day(index)}'`, `'${day(index)} 23:59:59.999999'`]),
  "timestamp(0)": numbers.flatMap((index) => [`'${day(index)}'`, `'${day(index)} 23:59:59'`]),
  "numeric(4,1)": numbers.flatMap((index) => [`${index}`, `${index}.9`]),
  numeric: numbers.flatMap((index) => [`${index}`, `${index}.9`]),
  'text COLLATE "C"': numbers.map((index) => `'${String.fromCharCode(97 + index)}'`),
} as const;

type Random = () => number;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

/** A condition on `k` of one of the forms that people write. */
function condition(random: Random, values: readonly string[], depth = 0): string {
  const value = () => pick(random, values);
  const [first, second] = [Math.floor(random() * values.length), Math.floor(random() * values.length)];
  const [low, high] = [values[Math.min(first, second)], values[Math.max(first, second)]];
  const nested = () => condition(random, values, depth + 1);
  const forms: (() => string)[] = [
    () => `k >= ${low} AND k < ${high}`,
    () => `k > ${low} AND k <= ${high}`,
    () => `k BETWEEN ${low} AND ${high}`,
    () => `${low} <= k AND ${high} > k`,
    () => `k ${pick(random, ["<", "<=", ">", ">=", "=", "<>"])} ${value()}`,
    () => `k IN (${value()}, ${value()})`,
    () => `k NOT BETWEEN ${low} AND ${high}`,
    ...(depth < 2
      ? [() => `(${nested()}) OR (${nested()})`, () => `NOT (${nested()})`, () => `(${nested()}) AND (${nested()})`]
      : []),
  ];
  return pick(random, forms)();
}

function catalogOf(text: string): Catalog {
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const statements = parseDocument(text, reading).statements;
  const options = { version: 18, pathmanVersion: "1.5", today: "2025-01-01" } as const;
  const steps = replay({ file: "a.sql", statements, start, options, previous: [], source: { text, reading } });
  expect(steps.flatMap((step) => step.rejection?.message ?? [])).toEqual([]);
  return finalCatalog(start, steps);
}

function table(catalog: Catalog, name: string): Relation {
  const relation = findRelation(catalog, { schema: null, name });
  if (relation === null) throw new Error(`no ${name}`);
  return relation;
}

/** The place of each value on the key, by way of a child that takes no other. */
function placesOf(type: string, values: readonly string[]): readonly RangeDatum[] {
  const children = values.map((value, index) => `CREATE TABLE v${index} (CHECK (k = ${value})) INHERITS (t);`);
  const catalog = catalogOf(`CREATE TABLE t (k ${type}); ${children.join("\n")}`);
  return values.map((_, index) => {
    const entries = boundOf(table(catalog, "t"), table(catalog, `v${index}`))?.entries ?? null;
    const [only] = entries === null || "modulus" in entries ? [] : entries;
    if (only === undefined) throw new Error(`no place for ${values[index]}`);
    return only.lower;
  });
}

function boundOf({ childLayout }: Relation, child: Relation): CheckedBound | undefined {
  return childLayout?.children.get(child.id)?.columns.get("k");
}

function holds(key: PartitionKey, place: RangeDatum, lower: RangeDatum, upper: RangeDatum): boolean {
  const collations = collationsOf(key);
  const [begins, ends] = [comparePoints([lower], [place], collations), comparePoints([place], [upper], collations)];
  if (begins === null || ends === null) throw new Error("the order is not known");
  return begins <= 0 && ends < 0;
}

/** For each child, which of the values its CHECK lets pass. */
async function accepted(type: string, values: readonly string[], checks: readonly string[]): Promise<boolean[][]> {
  const columns = checks.map((check) => `array_agg((${check}) IS NOT FALSE ORDER BY n)`);
  const rows = values.map((value, index) => `(CAST(${value} AS ${type.replace(/ COLLATE.*/, "")}), ${index})`);
  const source = type.includes("COLLATE") ? 'SELECT v.k COLLATE "C" AS k, n' : "SELECT v.k, n";
  const { rows: found } = await database.client.query<boolean[][]>({
    text: `SELECT ${columns.join(", ")} FROM (${source} FROM (VALUES ${rows.join(", ")}) v (k, n)) t`,
    rowMode: "array",
  });
  return found[0] ?? [];
}

test.each(Object.entries(types))("%s", async (type, values) => {
  const random = randomNumbers(20_240_127);
  const places = placesOf(type, values);
  let [told, gaps, overlaps] = [0, 0, 0];
  for (let round = 0; round < 60; round += 1) {
    const checks = Array.from({ length: 2 + Math.floor(random() * 3) }, () => condition(random, values));
    const children = checks.map((check, index) => `CREATE TABLE c${index} (CHECK (${check})) INHERITS (t);`);
    const catalog = catalogOf(`CREATE TABLE t (k ${type}); ${children.join("\n")}`);
    const parent = table(catalog, "t");
    const layout = layoutOf(parent);
    const coverage = coverageOf(parent);
    if (layout === null || coverage === null) continue;
    const truth = await accepted(type, values, checks);
    const within = (lower: readonly RangeDatum[], upper: readonly RangeDatum[]) =>
      places.flatMap((place, index) =>
        holds(layout.key, place, lower[0] as RangeDatum, upper[0] as RangeDatum) ? [index] : [],
      );
    for (const [index, check] of checks.entries()) {
      const entries = boundOf(parent, table(catalog, `c${index}`))?.entries ?? null;
      if (entries === null || "modulus" in entries) continue;
      told += 1;
      const takes = new Set(entries.flatMap(({ lower, upper }) => within([lower], [upper])));
      expect({ check, takes: values.filter((_, at) => takes.has(at)) }).toEqual({
        check,
        takes: values.filter((_, at) => truth[index]?.[at] === true),
      });
    }
    const isFree = (at: number) => truth.every((child) => child[at] !== true);
    const inGaps = coverage.gaps.flatMap(({ lower, upper }) => within(lower, upper));
    gaps += inGaps.length;
    expect({ checks, wronglyFree: inGaps.filter((at) => !isFree(at)) }).toEqual({ checks, wronglyFree: [] });
    const hasPoints = [...layout.partitions.ranges.values()].some(({ point }) => point === true);
    if (coverage.known && !hasPoints) {
      const free = values.flatMap((_, at) => (isFree(at) ? [at] : []));
      expect({ checks, free: inGaps.toSorted((a, b) => a - b) }).toEqual({ checks, free });
    }
    for (const { first, second, lower, upper } of coverage.overlaps) {
      const pair = [first, second].map((id) => Number(relationById(catalog, id)?.name.slice(1)));
      const shared = within(lower, upper);
      overlaps += shared.length;
      const apart = shared.filter((at) => !pair.every((child) => truth[child]?.[at] === true));
      expect({ checks, pair, apart }).toEqual({ checks, pair, apart: [] });
    }
  }
  // Else it would show nothing.
  expect([told > 50, gaps > 50, overlaps > 50]).toEqual([true, true, true]);
});
