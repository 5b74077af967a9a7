/** Two things of one name, of all kinds that share names: the second is refused as a real server refuses it, and never where it does not. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { statementsOf, stepsOn } from "../ddl/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

/** What has the name x, or the name of the array type of something called x. */
const makers: Readonly<Record<string, string>> = {
  table: "CREATE TABLE x (a int)",
  "partitioned table": "CREATE TABLE x (a int) PARTITION BY LIST (a)",
  view: "CREATE VIEW x AS SELECT a FROM source",
  "materialized view": "CREATE MATERIALIZED VIEW x AS SELECT a FROM source",
  sequence: "CREATE SEQUENCE x",
  index: "CREATE INDEX x ON source (a)",
  constraint: "ALTER TABLE source ADD CONSTRAINT x UNIQUE (a)",
  "foreign table": "CREATE FOREIGN TABLE x (a int) SERVER far",
  enum: "CREATE TYPE x AS ENUM ('a')",
  "composite type": "CREATE TYPE x AS (a int)",
  "range type": "CREATE TYPE x AS RANGE (subtype = int4)",
  domain: "CREATE DOMAIN x AS int",
  "shell type": "CREATE TYPE x",
  "enum with the name of its array": "CREATE TYPE _x AS ENUM ('a')",
};

const others: Readonly<Record<string, string>> = {
  ...makers,
  "IF NOT EXISTS": "CREATE TABLE IF NOT EXISTS x (a int)",
  "table AS": "CREATE TABLE x AS SELECT a FROM source",
  "view OR REPLACE": "CREATE OR REPLACE VIEW x AS SELECT a FROM source",
  partition: "CREATE TABLE whole (a int) PARTITION BY LIST (a); CREATE TABLE x PARTITION OF whole DEFAULT",
  "temporary table": "CREATE TEMP TABLE x (a int)",
  "renamed table": "CREATE TABLE y (b int); ALTER TABLE y RENAME TO x",
  "renamed view": "CREATE VIEW y AS SELECT a FROM source; ALTER VIEW y RENAME TO x",
  "renamed sequence": "CREATE SEQUENCE y; ALTER SEQUENCE y RENAME TO x",
  "renamed index": "CREATE TABLE y (b int); CREATE INDEX i ON y (b); ALTER INDEX i RENAME TO x",
  "renamed constraint": "CREATE TABLE y (b int CONSTRAINT c UNIQUE); ALTER TABLE y RENAME CONSTRAINT c TO x",
  "renamed type": "CREATE TYPE y AS ENUM ('q'); ALTER TYPE y RENAME TO x",
  "renamed composite type": "CREATE TYPE y AS (b int); ALTER TYPE y RENAME TO x",
  "renamed domain": "CREATE DOMAIN y AS int; ALTER DOMAIN y RENAME TO x",
  "moved table": "CREATE SCHEMA o; CREATE TABLE o.x (b int); ALTER TABLE o.x SET SCHEMA public",
  "moved sequence": "CREATE SCHEMA o; CREATE SEQUENCE o.x; ALTER SEQUENCE o.x SET SCHEMA public",
  "moved type": "CREATE SCHEMA o; CREATE TYPE o.x AS ENUM ('a'); ALTER TYPE o.x SET SCHEMA public",
  "moved domain": "CREATE SCHEMA o; CREATE DOMAIN o.x AS int; ALTER DOMAIN o.x SET SCHEMA public",
};

/** The array types of others have names that nobody keeps here. */
const unseen = /^enum with the name of its array → moved /;

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    await database.client.query("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w");
  });
  afterAll(() => database.close());

  it.each(Object.entries(makers))("after a %s", async (title, first) => {
    const { client } = database;
    const differing: unknown[] = [];
    let refused = 0;
    for (const [kind, second] of Object.entries(others)) {
      const sql = `CREATE TABLE source (a int); ${first}; ${second};`;
      await client.query("BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      let said = "";
      for (const statement of statementsOf(reading, sql)) {
        try {
          await client.query(statement);
        } catch (error) {
          const { code, message } = error as { readonly code: string; readonly message: string };
          said = `${code} ${message}`;
          break;
        }
      }
      await client.query("ROLLBACK");
      const servers = "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;";
      const steps = stepsOn(emptyCatalog({ complete: true, timeZone: "UTC" }), reading, servers + sql, major);
      const rejection = steps.find((step) => step.rejection !== null)?.rejection ?? null;
      const ours = rejection === null ? "" : `${rejection.sqlstate} ${rejection.message}`;
      if (said !== "") refused += 1;
      if (ours !== said && !(ours === "" && unseen.test(`${title} → ${kind}`))) differing.push([kind, said, ours]);
    }
    expect(differing).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });
});
