/** Random tables of pg_pathman, Citus and pg_partman: the calls that are written, replayed, give the partitions that arithmetic promises. */

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import type { Bound } from "../../server/src/catalog/partitioning.ts";
import { spellBound } from "../../server/src/catalog/written-bound.ts";
import { divisionOf } from "../../server/src/ddl/division.ts";
import { resolveRelation } from "../../server/src/ddl/writer.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, operateOn, replayed } from "./support.ts";

type Range = readonly [lower: number, upper: number];
type Request = Readonly<Record<string, unknown>>;

/** An operation, drawn from numbers that mean something once the partitions are known. */
interface Drawn {
  readonly operation: string;
  readonly place: number;
  readonly other: number;
  readonly count: number;
}

const drawn = (operations: readonly string[]): fc.Arbitrary<Drawn> =>
  fc.record({
    operation: fc.constantFrom(...operations),
    place: fc.nat(1000),
    other: fc.nat(1000),
    count: fc.integer({ min: 1, max: 3 }),
  });

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function partsIn(
  catalog: Catalog,
  table: string,
): readonly { readonly name: string; readonly bound: Bound; readonly text: string }[] {
  const relation = resolveRelation(catalog, table);
  const division = relation === null ? { message: `${table} is gone` } : divisionOf(relation, { catalog });
  if ("message" in division) throw new Error(division.message);
  return division.parts.map(({ name, bound }) => ({
    name,
    bound,
    text: spellBound(bound, division.key, catalog.settings),
  }));
}

/** The script of a request behind a schema, replayed; null where the request is refused. */
function after(sql: string, request: Request): string | null {
  const result = operate(reading, sql, request, 17);
  return result.ok ? `${sql}\n${result.value.sql}` : null;
}

describe("pg_pathman", () => {
  const operations = ["append", "prepend", "split", "merge", "detach", "drop", "create-ranges", "attach"];

  /** What the operation is asked for, and the ranges that there are then; null where it is to be refused. */
  function asked(
    { operation, place, other, count }: Drawn,
    ranges: readonly (Range & { readonly [index: number]: number })[],
    names: readonly string[],
    step: number,
  ): { readonly request: Request; readonly ranges: readonly Range[] | null } {
    const at = place % ranges.length;
    const [lower, upper] = ranges[at] ?? [0, 0];
    const [first, last] = [ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0];
    const partition = names[at] ?? "";
    const without = ranges.filter((_, index) => index !== at);
    switch (operation) {
      case "append":
        return {
          request: { count },
          ranges: [
            ...ranges,
            ...Array.from({ length: count }, (_, n): Range => [last + n * step, last + (n + 1) * step]),
          ],
        };
      case "prepend":
        return {
          request: { count },
          ranges: [
            ...Array.from(
              { length: count },
              (_, n): Range => [first - (count - n) * step, first - (count - n - 1) * step],
            ),
            ...ranges,
          ],
        };
      case "split": {
        const value = lower + (other % (upper - lower + 1));
        const fits = value > lower && value < upper;
        return {
          request: { partition, at: String(value) },
          ranges: fits
            ? ranges.flatMap((each, index): Range[] =>
                index === at
                  ? [
                      [lower, value],
                      [value, upper],
                    ]
                  : [each],
              )
            : null,
        };
      }
      case "merge": {
        const next = ranges[at + 1];
        const fits = next !== undefined && next[0] === upper;
        return {
          request: { partitions: [partition, names[at + 1] ?? partition] },
          ranges: fits
            ? ranges.flatMap((each, index): Range[] =>
                index === at ? [[lower, next[1]]] : index === at + 1 ? [] : [each],
              )
            : null,
        };
      }
      case "create-ranges":
      case "attach": {
        const from = last + (other % 7);
        const ends =
          operation === "attach"
            ? { partition: "more", from: String(from), to: String(from + step) }
            : { start: String(from), end: String(from + step) };
        return { request: ends, ranges: [...ranges, [from, from + step]] };
      }
      default:
        return { request: { partition }, ranges: without };
    }
  }

  it("its calls give what they are for, one operation behind the other", () => {
    let [done, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 2, max: 6 }),
        fc.array(drawn(operations), { minLength: 1, maxLength: 3 }),
        (start, step, count, list) => {
          let sql = `CREATE EXTENSION pg_pathman; CREATE TABLE t (id int NOT NULL, v text);
            SELECT create_range_partitions('t', 'id', ${start}, ${step}, ${count});
            CREATE TABLE more (LIKE t INCLUDING ALL);`;
          let ranges: readonly Range[] = Array.from(
            { length: count },
            (_, n): Range => [start + n * step, start + (n + 1) * step],
          );
          for (const [index, each] of list.entries()) {
            if (
              ranges.length < 2 ||
              (each.operation === "attach" && list.findIndex(({ operation }) => operation === "attach") < index)
            )
              continue;
            const names = partsIn(replayed(reading, sql, 17), "t").map(({ name }) => name);
            const { request, ranges: promised } = asked(each, ranges, names, step);
            const next = after(sql, { ...request, operation: each.operation, table: "t" });
            expect([each.operation, request, next === null]).toEqual([each.operation, request, promised === null]);
            if (next === null || promised === null) {
              refused += 1;
              continue;
            }
            const parts = partsIn(replayed(reading, next, 17), "t").map(({ text }) => text);
            expect(parts).toEqual(promised.map(([lower, upper]) => `FOR VALUES FROM (${lower}) TO (${upper})`));
            [sql, ranges] = [next, promised];
            done += 1;
          }
        },
      ),
      { numRuns: 200, seed: 12 },
    );
    expect(done).toBeGreaterThan(200);
    expect(refused).toBeGreaterThan(10);
  });
});

const month = (number: number): string => {
  const [year, index] = [2020 + Math.floor(number / 12), number % 12];
  return `${year}-${String(index + 1).padStart(2, "0")}-01`;
};

describe.each([
  [
    "Citus",
    (first: number, count: number) => `CREATE EXTENSION citus;
      CREATE TABLE t (tenant int, at date NOT NULL) PARTITION BY RANGE (at);
      ${Array.from({ length: count }, (_, n) => `CREATE TABLE t_p${n} PARTITION OF t FOR VALUES FROM ('${month(first + n)}') TO ('${month(first + n + 1)}');`).join("\n")}
      SELECT create_distributed_table('t', 'tenant');`,
    ["append", "detach", "drop"],
  ],
  [
    "pg_partman",
    (
      first: number,
      count: number,
    ) => `CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman VERSION '5.2.4';
      CREATE TABLE t (tenant int, at date NOT NULL) PARTITION BY RANGE (at);
      ${Array.from({ length: count }, (_, n) => `CREATE TABLE t_p${month(first + n).replaceAll("-", "")} PARTITION OF t FOR VALUES FROM ('${month(first + n)}') TO ('${month(first + n + 1)}');`).join("\n")}`,
    ["detach", "drop"],
  ],
] as const)("%s", (_, schema, operations) => {
  it("its tables have what was asked for", () => {
    let done = 0;
    fc.assert(
      fc.property(
        fc.nat(60),
        fc.integer({ min: 3, max: 7 }),
        fc.array(drawn(operations), { minLength: 1, maxLength: 2 }),
        (first, count, list) => {
          let sql = schema(first, count);
          let months: readonly number[] = Array.from({ length: count }, (_each, n) => first + n);
          for (const { operation, place, count: more } of list) {
            const parts = partsIn(replayed(reading, sql, 17), "t");
            const at = place % parts.length;
            const last = Math.max(...months);
            const request = operation === "append" ? { count: more } : { partition: parts[at]?.name };
            const next = after(sql, { ...request, operation, table: "t" });
            if (next === null) throw new Error(`${operation} is refused`);
            months =
              operation === "append"
                ? [...months, ...Array.from({ length: more }, (_each, n) => last + n + 1)]
                : months.filter((_each, index) => index !== at);
            sql = next;
            expect(partsIn(replayed(reading, sql, 17), "t").map(({ text }) => text)).toEqual(
              months.map((each) => `FOR VALUES FROM ('${month(each)}') TO ('${month(each + 1)}')`),
            );
            done += 1;
          }
        },
      ),
      { numRuns: 60, seed: 12 },
    );
    expect(done).toBeGreaterThan(60);
  });
});

it("a merge over a gap is refused for pg_pathman as for any other", () => {
  const sql = `CREATE EXTENSION pg_pathman; CREATE TABLE t (id int NOT NULL);
    SELECT create_range_partitions('t', 'id', 0, 10, 3); SELECT drop_range_partition('t_2');`;
  const result = operateOn(
    replayed(reading, sql, 17),
    reading,
    { operation: "merge", table: "t", partitions: ["t_1", "t_3"] },
    17,
  );
  expect(result.ok ? "" : result.problem.message).toContain("t_1 and t_3 are not adjacent");
});
