/** A connected database below the files: what a script has done to it already is no mistake in the script. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { readSettings, type Settings } from "../../server/src/config.ts";
import { createWorlds } from "../../server/src/ide/worlds.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { type Recording, sampleFile } from "../oracle/truth.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
let connection: DatabaseConnection;
let reading: Reading;
const settings: Settings = readSettings([]).settings;

beforeAll(async () => {
  reading = await readingForTests();
  database = await createDatabase(18);
  connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 20_000 });
});

afterAll(async () => {
  await connection.close();
  await database.close();
});

/** An empty database in which the statements have been run; what fails is left out. */
async function databaseAfter(statements: readonly string[]): Promise<void> {
  const { rows } = await database.client.query(
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
  );
  for (const { nspname } of rows) await database.client.query(`DROP SCHEMA "${nspname}" CASCADE`);
  await database.client.query("CREATE SCHEMA public");
  await database.client.query("RESET ALL");
  for (const sql of statements) await database.client.query(sql).catch(() => {});
  await database.client.query("ROLLBACK");
}

async function schema(): Promise<Catalog> {
  const snapshot = await readDatabase(connection, never);
  if (!snapshot.ok) throw new Error(snapshot.problem.message);
  return databaseSchema(snapshot.value, reading, options).catalog;
}

/** The script over the database as it is now. */
async function over(text: string): Promise<readonly Step[]> {
  const catalog = await schema();
  const document = parseDocument(text, reading);
  const worldFor = createWorlds({ reading, databaseCatalog: () => catalog, replayOptions: () => options });
  const start = worldFor(settings, [document]);
  const { statements } = document;
  return replay({ file: "a.sql", statements, start, options, previous: [], source: { text, reading } });
}

async function refusals(text: string): Promise<readonly string[]> {
  return (await over(text)).flatMap(({ rejection }) => (rejection === null ? [] : [rejection.message]));
}

describe("a script that has been run already", () => {
  const recordings = readFileSync(sampleFile, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recording);

  test("has no mistake, whatever it has made", { timeout: 300_000 }, async () => {
    const alarms: string[] = [];
    for (const { id, ddl, results } of recordings) {
      const accepted = ddl.filter((_, index) => results[index]?.ok === true);
      await databaseAfter(accepted);
      for (const message of await refusals(accepted.join(";\n"))) alarms.push(`script ${id}: ${message}`);
    }
    expect(alarms).toEqual([]);
  });
});

describe("a script above a database that it has not been run on", () => {
  const tables = [
    "CREATE TABLE sales (d date NOT NULL, region text) PARTITION BY RANGE (d)",
    "CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
    "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "CREATE TABLE loose (d date NOT NULL, region text)",
    "CREATE TABLE narrow (d date NOT NULL)",
    "CREATE EXTENSION pg_trgm",
  ];
  beforeAll(() => databaseAfter(tables));

  test.each([
    [
      "CREATE TABLE x PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01')",
      /overlap partition "sales_2024"/,
    ],
    [
      "ALTER TABLE sales ATTACH PARTITION loose FOR VALUES FROM ('2024-06-01') TO ('2025-07-01')",
      /overlap partition "sales_2024"/,
    ],
    [
      "ALTER TABLE sales ATTACH PARTITION narrow FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
      /missing column "region"/,
    ],
    [
      "ALTER TABLE sales ADD PRIMARY KEY (region)",
      /unique constraint on partitioned table must include all partitioning columns/,
    ],
    ["ALTER TABLE sales ATTACH PARTITION nowhere DEFAULT", /relation "nowhere" does not exist/],
    ["SELECT * FROM slaes", /relation "slaes" does not exist/],
    ["SELECT * FROM app.sales", /relation "app.sales" does not exist/],
    ["INSERT INTO sales VALUES ('2026-01-01', 'x')", /no partition of relation "sales" found for row/],
    ["DROP TABLE sales; SELECT * FROM sales_2024", /relation "sales_2024" does not exist/],
  ])("%s", async (sql, message) => {
    expect(await refusals(sql)).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    ["SELECT * FROM sales, pg_class, information_schema.tables"],
    ["CREATE TEMP TABLE t AS SELECT * FROM sales; SELECT * FROM t, pg_temp.t AS again"],
    [
      "ALTER TABLE sales DETACH PARTITION sales_2024; CREATE TABLE x PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01')",
    ],
    ["CREATE TABLE IF NOT EXISTS sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"],
    ["CREATE EXTENSION pg_trgm; CREATE EXTENSION IF NOT EXISTS pg_trgm"],
    ["ALTER TABLE sales DETACH PARTITION sales_2022; DROP TABLE IF EXISTS sales_2022"],
    ["ALTER TABLE sales RENAME TO sales_old; CREATE TABLE sales (d date) PARTITION BY RANGE (d)"],
    [
      "DROP TABLE sales; CREATE TABLE sales (d date) PARTITION BY RANGE (d); CREATE TABLE sales_2024 PARTITION OF sales DEFAULT",
    ],
  ])("%s is right", async (sql) => {
    expect(await refusals(sql)).toEqual([]);
  });
});
