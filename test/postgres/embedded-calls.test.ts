/** Queries of tables that calls and blocks have divided: the embedded PostgreSQL is believed about what it could run, and nothing else. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partOf, schemaBefore } from "../../server/src/ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { predictedVerdict, verdictFor } from "../../server/src/pruning/verdict-of.ts";
import { textOfStatement } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { analyseText } from "../ide/support.ts";
import { readingForTests } from "../support/parser.ts";
import { embeddedPostgres, never } from "./support.ts";

let embedded: EmbeddedPostgres;
let reading: Reading;

beforeAll(async () => {
  [embedded, reading] = [await embeddedPostgres(), await readingForTests()];
});

afterAll(() => embedded.close());

/** Of each query that reads a table in parts: which survive, and who says so. */
async function told(text: string): Promise<readonly string[]> {
  const analysis = analyseText(text, reading);
  const lines: string[] = [];
  for (const step of analysis.steps) {
    if (predictedVerdict(step, analysis.options).relations.every(({ access }) => access === "insert")) continue;
    const schema = schemaBefore([partOf(analysis)], step);
    const planner = schema === null ? null : embedded.after(schema);
    const sql = textOfStatement(analysis.document, step.handle);
    for (const { survivors, source } of (await verdictFor(step, sql, planner, analysis.options, never)).relations)
      lines.push(`${survivors?.map(({ name }) => name).join(" ") ?? "unknown"}: ${source}`);
  }
  return lines;
}

const months = "CREATE TABLE m (d date NOT NULL) PARTITION BY RANGE (d);";
const make = `CREATE FUNCTION make(a date, b date, n text) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', n, a, b); END $$;`;
const parent = "create_parent('public.m', 'd', '1 month', p_start_partition := '2024-01-01')";
const other = `CREATE TABLE o (k int) PARTITION BY RANGE (k); CREATE TABLE o_1 PARTITION OF o FOR VALUES FROM (0) TO (10);`;
const january = "SELECT * FROM m WHERE d = '2024-01-15';";

test("partitions that a function of the file makes are there", async () => {
  const calls = "SELECT make('2024-01-01', '2024-02-01', 'm_1'); SELECT make('2024-02-01', '2024-03-01', 'm_2');";
  expect(await told(`${months}${make}${calls}${january}`)).toEqual(["m_1: embedded"]);
});

test.each([
  ["a call", `SELECT partman.${parent};`],
  ["a call in FROM", `SELECT * FROM partman.${parent};`],
  ["a block", `DO $$ BEGIN PERFORM partman.${parent}; END $$;`],
])("of a table that an extension divides by %s nothing is believed, of others all", async (_, call) => {
  const text = `${months}${other}${call}${january} SELECT * FROM o WHERE k = 3;`;
  expect(await told(text)).toEqual(["m_p20240101: predicted", "o_1: embedded"]);
});

test("a call behind the query costs it nothing", async () => {
  const first = "CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');";
  expect(await told(`${months}${first}${january}SELECT partman.${parent};`)).toEqual(["m_1: embedded"]);
});

test("the tables of pg_pathman's README are answered from the file", async () => {
  const text = readFileSync(new URL("../../sample/pathman.sql", import.meta.url), "utf8");
  expect((await told(text)).slice(0, 5)).toEqual([
    "hash_rel_34: predicted",
    "hash_rel_34: predicted",
    "hash_rel: predicted",
    "range_rel_28 range_rel_29: predicted",
    "range_rel_28 range_rel_29: predicted",
  ]);
});
