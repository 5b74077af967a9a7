/** Keys of types that are seldom keys, of rows and ranges, against the plans of a real server: exactly what it scans. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { scannedBy, withSchema } from "./planned.ts";
import { predictLast, readingForTests } from "./support.ts";

let database: TestDatabase;
let reading: Reading;
beforeAll(async () => {
  [database, reading] = [await createDatabase(18), await readingForTests()];
});
afterAll(() => database.close());

const rows = [
  "create type pair as (a int, b text)",
  "create table t (k pair, v int) partition by list (k)",
  "create table t_0 partition of t for values in ('(2,x)', '(1,z)')",
  "create table t_1 partition of t for values in ('(1,y)', null)",
];
const ranges = [
  "create table t (k daterange, v int) partition by range (k)",
  "create table t_0 partition of t for values from ('empty') to ('[2024-02-01,2024-03-01)')",
  "create table t_1 partition of t for values from ('[2024-02-01,2024-03-01)') to ('[2024-05-01,2024-06-01)')",
];
const bits = [
  "create table t (k bit(4), v int) partition by list (k)",
  "create table t_0 partition of t for values in (B'0001')",
  "create table t_1 partition of t for values in (B'0010', B'1111')",
];

test.each([
  ...[
    "k = cast('(1,z)' as pair)",
    "k = cast('(1,y)' as pair) and v = 1",
    "k < cast('(1,y)' as pair)",
    "k = null and v = 1",
    "k in (cast('(2,x)' as pair), null)",
    "k not in (cast('(2,x)' as pair), cast('(1,z)' as pair))",
    "k = k",
    "k is null",
  ].map((where) => [where, rows] as const),
  ...[
    "k = '[2024-02-01,2024-03-01)'",
    "k = '[2024-02-01,2024-02-29]'",
    "k < '[2024-02-01,2024-03-01)'",
    "k >= '(2024-01-31,2024-03-01)'",
    "k between '[2024-01-01,2024-02-01)' and '[2024-01-15,2024-02-01)'",
    "k = 'empty' or k = '[2024-01-01,2024-02-01)'",
    "k = cast('[2024-03-01,2024-03-02)' as daterange)",
    "k is null",
  ].map((where) => [where, ranges] as const),
  ...["k = ~B'1110'", "k = 2::bit(4)", "k = B'0011' & B'0001'", "k in (B'1111', '0001')"].map(
    (where) => [where, bits] as const,
  ),
])("%s", async (where, ddl) => {
  const query = `select * from t where ${where}`;
  await withSchema(database.client, ddl, async (accepted) => {
    expect(accepted).toHaveLength(ddl.length);
    const planned = await scannedBy(database.client, query);
    const [relation] = predictLast(`${accepted.join(";\n")};\n${query}`, reading).relations;
    const predicted = relation?.survivors?.map(({ name }) => name).sort();
    expect([predicted, relation?.certainty]).toEqual([planned, "exact"]);
  });
});

test("only what is joined with others may be left unread for them", () => {
  const ddl =
    "create table t (k int[]) partition by list ((k[1])); create table t_1 partition of t for values in (1); create table t_2 partition of t for values in (2);";
  const saidOf = (query: string): readonly string[] => {
    const [relation] = predictLast(`${ddl}\n${query}`, reading).relations;
    expect(relation?.certainty).toBe("at-most");
    return relation?.reasons.map(({ message }) => message) ?? [];
  };
  const unread = "the planner may find that what it is joined with gives no rows";
  const further = "conditions further out may prune more";
  const alone = saidOf("select * from t where k[1] = 1");
  expect(alone).not.toContain(unread);
  expect(alone).not.toContain(further);
  expect(saidOf("select * from t x, t y where x.k[1] = 1 and y.k[1] = 2")).toContain(unread);
});
