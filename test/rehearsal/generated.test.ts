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
CREATE TABLE orders_closed PARTITION OF orders FOR VALUES IN ('closed');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE TABLE visits (at timestamptz NOT NULL, page text) PARTITION BY RANGE (at);
CREATE TABLE visits_2024_01 PARTITION OF visits FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00');
CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
CREATE TABLE users (id int PRIMARY KEY, name text) PARTITION BY HASH (id);
CREATE TABLE users_0 PARTITION OF users FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE users_1 PARTITION OF users FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE logs (day date NOT NULL, note text);
CREATE TABLE logs_2024_01 (CHECK (day >= '2024-01-01' AND day < '2024-02-01')) INHERITS (logs);
CREATE TABLE logs_2024_02 (CHECK (day >= '2024-02-01' AND day < '2024-03-01')) INHERITS (logs);
CREATE TABLE plain (k int PRIMARY KEY, note text);`;

it.each([
  [{ operation: "split", table: "events", partition: "events_2024_01", at: "2024-01-16" }],
  [{ operation: "merge", table: "events", partitions: ["events_2024_01", "events_2024_02"] }],
  [{ operation: "append", table: "events", count: 2 }],
  [{ operation: "prepend", table: "events" }],
  [{ operation: "fill", table: "events" }],
  [{ operation: "detach", table: "events", partition: "events_2024_02" }],
  [{ operation: "split", table: "orders", partition: "orders_open", values: ["held"] }],
  [{ operation: "merge", table: "orders", partitions: ["orders_open", "orders_closed"] }],
  [{ operation: "merge", table: "orders", partitions: ["orders_rest", "orders_closed"] }],
  [{ operation: "move-rows", table: "orders", values: ["lost", "NULL"] }],
  [{ operation: "move-rows", table: "visits", start: "2024-02-01", end: "2024-05-01", interval: "1 month" }],
  [{ operation: "split", table: "users", partition: "users_1" }],
  [{ operation: "merge", table: "users", partitions: ["users_0", "users_1"] }],
  [{ operation: "rehash", table: "users", modulus: 3 }],
  [{ operation: "split", table: "logs", partition: "logs_2024_01", at: "2024-01-16" }],
  [{ operation: "merge", table: "logs", partitions: ["logs_2024_01", "logs_2024_02"] }],
  [{ operation: "append", table: "logs" }],
  [{ operation: "convert", table: "logs", to: "declarative" }],
  [{ operation: "convert", table: "plain", to: "declarative", key: "k" }],
])("%j", async (request) => {
  const { sql, undo } = scriptOf(reading, schema, request, 18);
  expect(undo).not.toBeNull();
  const report = await rehearsedText(reading, { sandboxes: reused.open, schema, script: sql, undo });
  expect(report.statements.filter(({ result }) => result.kind !== "ran")).toEqual([]);
  expect(report.outcome).toBe("clean");
  expect(report.tables?.length).toBeGreaterThan(6);
  expect(report.tables?.filter(({ lost, doubled, changed }) => lost + doubled + changed > 0)).toEqual([]);
  expect(report.undo).toMatchObject({ differences: [], restored: true });
});

it("moves the rows of an inheritance parent, which nothing takes back", async () => {
  const { sql, undo } = scriptOf(reading, schema, { operation: "move-rows", table: "logs" }, 18);
  expect(undo).toBeNull();
  const report = await rehearsedText(reading, { sandboxes: reused.open, schema, script: sql });
  expect(report.statements.filter(({ result }) => result.kind !== "ran")).toEqual([]);
  expect(report.outcome).toBe("clean");
});
