/** Generated scripts in rehearsal: each runs, loses no row, is announced with the locks that it takes, and its undo brings all back. */

import { afterAll, beforeAll, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { scriptOf } from "../ddl/support.ts";
import { readingForTests } from "../support/parser.ts";
import { rehearsedText, reusedSandbox } from "./support.ts";

let reading: Reading;
let reused: Awaited<ReturnType<typeof reusedSandbox>>;

beforeAll(async () => {
  reading = await readingForTests();
  reused = await reusedSandbox();
});
afterAll(() => reused.end());

const schema = `
CREATE TABLE kinds (kind text PRIMARY KEY);
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text REFERENCES kinds, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2024_02 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE events_2024_04 PARTITION OF events FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
CREATE TABLE orders (id int NOT NULL, state text) PARTITION BY LIST (state);
CREATE TABLE orders_open PARTITION OF orders FOR VALUES IN ('open', 'held');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;`;

it.each([
  [{ operation: "split", table: "events", partition: "events_2024_01", at: "2024-01-16" }],
  [{ operation: "merge", table: "events", partitions: ["events_2024_01", "events_2024_02"] }],
  [{ operation: "append", table: "events", count: 2 }],
  [{ operation: "prepend", table: "events" }],
  [{ operation: "fill", table: "events" }],
])("%j", async (request) => {
  const { sql, undo } = scriptOf(reading, schema, request, 18);
  expect(undo).not.toBeNull();
  const report = await rehearsedText(reading, { sandboxes: reused.open, schema, script: sql, undo });
  expect(report.statements.filter(({ result }) => result.kind !== "ran")).toEqual([]);
  expect(report.outcome).toBe("clean");
  expect(report.tables?.map(({ lost, doubled, changed }) => [lost, doubled, changed])).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(report.undo).toMatchObject({ differences: [], restored: true });
});
