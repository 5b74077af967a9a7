/** A plain table converted by copying: nothing that it had is lost, the way back gives it again, and a copy that was stopped goes on. */

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { attributesOf } from "./random/attributes.ts";
import { operate, promisedParts, scriptOf } from "./support.ts";

const schema = `
CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE "Sales" (id int GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 3), n serial, k int NOT NULL CHECK (k >= 0), v int NOT NULL DEFAULT 7,
  kind int REFERENCES kinds ON DELETE SET NULL, twice int GENERATED ALWAYS AS (v * 2) STORED, note text, PRIMARY KEY (id, k)) WITH (fillfactor = 70);
CREATE INDEX sales_v ON "Sales" (v) WHERE v > 3;
CREATE UNIQUE INDEX "Sales unique" ON "Sales" (k, n);
CREATE STATISTICS sales_stat ON k, v FROM "Sales";
ALTER TABLE "Sales" ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN v SET STATISTICS 77;
CREATE TABLE notes (id int, k int, CONSTRAINT notes_to FOREIGN KEY (id, k) REFERENCES "Sales" ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE);
COMMENT ON TABLE "Sales" IS 'sold';
COMMENT ON COLUMN "Sales".v IS 'how many';
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := coalesce(NEW.note, ''new''); RETURN NEW; END';
CREATE TRIGGER watched BEFORE INSERT ON "Sales" FOR EACH ROW WHEN (NEW.v > 0) EXECUTE FUNCTION watch();
CREATE TRIGGER off AFTER UPDATE ON "Sales" FOR EACH ROW EXECUTE FUNCTION watch();
ALTER TABLE "Sales" DISABLE TRIGGER off;
GRANT SELECT, INSERT ON "Sales" TO app;
GRANT UPDATE (v) ON "Sales" TO app WITH GRANT OPTION;
ALTER TABLE "Sales" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "Sales" FOR SELECT TO app USING ("Sales".k > 10);
CREATE PUBLICATION told FOR TABLE "Sales";`;

const rows = `
INSERT INTO kinds VALUES (1), (2);
INSERT INTO "Sales" (k, v, kind, note) SELECT n, n % 9, 1 + n % 2, CASE WHEN n % 3 = 0 THEN NULL ELSE repeat('x', n % 50) END FROM generate_series(0, 999) AS n;
ALTER TABLE "Sales" ADD CONSTRAINT big CHECK (v > 5) NOT VALID;
INSERT INTO notes SELECT id, k FROM "Sales" WHERE k % 10 = 0;`;

const request = {
  operation: "convert",
  table: '"Sales"',
  to: "declarative",
  key: "k",
  start: "0",
  end: "800",
  interval: "400",
  batch: 100,
  style: "online",
};
const unchecked = 'ALTER TABLE "Sales" ADD CONSTRAINT big CHECK (v > 5) NOT VALID;';

describe.each([18, 15, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    await database.client.query(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app; END IF; END $$",
    );
  });
  afterAll(() => database.close());

  const start = async (): Promise<void> => {
    await database.client.query(
      "RESET ALL; DROP PUBLICATION IF EXISTS told; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    );
    await database.client.query(schema);
    await database.client.query(rows);
  };
  const run = async (sql: string): Promise<void> => {
    for (const each of parseDocument(sql, reading).statements)
      await database.client.query(sql.slice(each.start, each.end));
  };
  const contents = async (): Promise<readonly unknown[]> =>
    (await database.client.query('SELECT s::text FROM "Sales" s UNION ALL SELECT n::text FROM notes n ORDER BY 1'))
      .rows;
  const next = async (): Promise<unknown> =>
    (
      await database.client.query(
        `SELECT last_value, is_called, seqincrement::int FROM "Sales_id_seq", pg_sequence WHERE seqrelid = '"Sales_id_seq"'::regclass`,
      )
    ).rows;

  it("loses no row and nothing that the table had, and comes back", async () => {
    await start();
    const all = `CREATE ROLE app;${schema}${unchecked}`;
    const script = scriptOf(reading, all, request, major);
    expect(script.notes.some((note) => note.includes("does not get"))).toBe(false);
    expect(script.notes.join(" ")).toMatch(/names of PostgreSQL's own .*: sales_stat/);
    const [before, there] = [await attributesOf(database.client, "public", major), await contents()];
    await run(script.sql);
    expect(await contents()).toEqual(there);
    const after = await attributesOf(database.client, "public", major);
    // How rows are stored is said of the partitions, which hold them.
    const told = (lines: readonly string[] = []): readonly string[] =>
      lines
        .map((line) => line.replace(/^(table) [rp]|^(statistics) \S+| \{fillfactor=70\}| method \d+/g, "$1$2"))
        .map((line) => line.replace(/ +/g, " "))
        .toSorted();
    expect(told(after.get("Sales"))).toEqual(told(before.get("Sales")));
    expect(after.get("notes")).toEqual(before.get("notes"));
    const parts = ["Sales_0", "Sales_400", "Sales_default"];
    expect([...after.keys()].toSorted()).toEqual(["Sales", ...parts, "kinds", "notes"]);
    expect(promisedParts(reading, all, script, '"Sales"', major)).toEqual(parts);
    for (const part of parts) expect(after.get(part)?.join("\n")).toContain("{fillfactor=70}");
    // Identity and serial go on where they were.
    const { rows: added } = await database.client.query(
      'INSERT INTO "Sales" (k, v) VALUES (5, 8) RETURNING id, n, note',
    );
    expect(added).toEqual([{ id: 5 + 3 * 1000, n: 1001, note: "new" }]);
    await database.client.query('DELETE FROM "Sales" WHERE n = 1001');
    expect(await next()).toEqual([{ last_value: "3005", is_called: true, seqincrement: 3 }]);

    await run(script.undo ?? "");
    expect(await contents()).toEqual(there);
    const back = await attributesOf(database.client, "public", major);
    expect([...back.keys()]).toEqual([...before.keys()]);
    for (const [name, lines] of back) expect(told(lines)).toEqual(told(before.get(name)));
  });

  it("a copy that was stopped goes on where it was", async () => {
    await start();
    const script = scriptOf(reading, `CREATE ROLE app;${schema}${unchecked}`, request, major);
    const there = await contents();
    const { statements } = parseDocument(script.sql, reading);
    const texts = statements.map((each) => script.sql.slice(each.start, each.end));
    const copy = texts.findIndex((text) => text.startsWith("DO "));
    for (const text of texts.slice(0, copy)) await database.client.query(text);
    const other = new Client(database);
    await other.connect();
    await other.query('BEGIN; SELECT FROM "Sales" WHERE k = 500 FOR UPDATE');
    const { rows: session } = await other.query<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    const stopped = expect(database.client.query(texts[copy] ?? "")).rejects.toMatchObject({ code: "57014" });
    for (;;) {
      const { rowCount } = await other.query("SELECT FROM pg_locks WHERE NOT granted LIMIT 1");
      if (rowCount === 1) break;
    }
    await other.query("SELECT pg_cancel_backend($1)", [session[0]?.pid]);
    await stopped;
    await other.query('ROLLBACK; DELETE FROM "Sales" WHERE k = 3; UPDATE "Sales" SET v = 100 WHERE k IN (4, 900)');
    const copiedBy = await database.client.query('SELECT count(*)::int AS count FROM "Sales_ahead"');
    expect(copiedBy.rows[0]).toMatchObject({ count: expect.any(Number) });
    expect(copiedBy.rows[0]?.count).toBeGreaterThan(300);
    expect(copiedBy.rows[0]?.count).toBeLessThan(600);
    const changed = await contents();
    expect(changed).not.toEqual(there);
    for (const text of texts.slice(copy)) await database.client.query(text);
    expect(await contents()).toEqual(changed);
    await other.end();
  });
});

describe("what cannot be copied is refused", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  const to = { operation: "convert", table: "t", to: "declarative", key: "k", style: "online" };
  it.each<[string, string, Readonly<Record<string, unknown>>, string]>([
    ["no primary key", "CREATE TABLE t (k int NOT NULL);", { modulus: 2, strategy: "hash" }, "t has no primary key"],
    [
      "a key without the column",
      "CREATE TABLE t (id int PRIMARY KEY, k int);",
      { start: "0", interval: "10" },
      "unique constraint on partitioned table must include all partitioning columns",
    ],
    [
      "a unique index without the column",
      "CREATE TABLE t (id int, k int, PRIMARY KEY (id, k)); CREATE UNIQUE INDEX ON t (id);",
      { start: "0", interval: "10" },
      "unique constraint on partitioned table must include all partitioning columns",
    ],
    [
      "a view",
      "CREATE TABLE t (k int PRIMARY KEY); CREATE VIEW v AS SELECT k FROM t;",
      { start: "0", interval: "10" },
      "the view v depends on t and would go on with the table that it is now: drop it first",
    ],
    [
      "itself",
      "CREATE TABLE t (k int PRIMARY KEY, parent int REFERENCES t);",
      { start: "0", interval: "10" },
      "t refers to itself",
    ],
    [
      "a partitioned table that refers to it",
      "CREATE TABLE t (k int PRIMARY KEY); CREATE TABLE p (k int REFERENCES t) PARTITION BY LIST (k);",
      { start: "0", interval: "10" },
      "a foreign key of p, which is partitioned, refers to t",
    ],
    [
      "a foreign key that is not validated",
      "CREATE TABLE o (k int PRIMARY KEY); CREATE TABLE t (k int PRIMARY KEY); ALTER TABLE t ADD CONSTRAINT old FOREIGN KEY (k) REFERENCES o NOT VALID;",
      { start: "0", interval: "10" },
      "rows of t may violate old, which is not validated",
    ],
    [
      "children",
      "CREATE TABLE t (k int PRIMARY KEY); CREATE TABLE c (CHECK (k > 0)) INHERITS (t);",
      { start: "0", interval: "10" },
      "convert has an online style for plain tables",
    ],
    [
      "a deferrable key",
      "CREATE TABLE t (k int PRIMARY KEY DEFERRABLE);",
      { start: "0", interval: "10" },
      "the primary key t_pkey of t is DEFERRABLE",
    ],
    [
      "a key without overlaps",
      "CREATE TABLE t (k int4range, span int4range, PRIMARY KEY (k, span WITHOUT OVERLAPS));",
      { strategy: "hash", modulus: 2 },
      "the primary key t_pkey of t is WITHOUT OVERLAPS",
    ],
    [
      "rows published by a condition",
      "CREATE TABLE t (k int PRIMARY KEY); CREATE PUBLICATION told FOR TABLE t WHERE (k > 4);",
      { start: "0", interval: "10" },
      "the publication told takes rows of t by a condition",
    ],
    [
      "a function of the trigger's name",
      "CREATE TABLE t (k int PRIMARY KEY); CREATE FUNCTION t_ahead_sync() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      { start: "0", interval: "10" },
      "there is a function t_ahead_sync already",
    ],
    [
      "a value in two words",
      "CREATE TABLE t (k bool PRIMARY KEY);",
      { strategy: "list", values: ["true", "false", "t"] },
      "t is there twice",
    ],
    [
      "a start after today",
      "CREATE TABLE t (k date PRIMARY KEY);",
      { start: "2030-01-01", interval: "1 month" },
      '"start" lies behind today',
    ],
    ["no start", "CREATE TABLE t (k int PRIMARY KEY);", { interval: "10" }, '"start" must say where the first range'],
    ["no width", "CREATE TABLE t (k int PRIMARY KEY);", { start: "0" }, '"interval" must say how wide the ranges are'],
    ["no values", "CREATE TABLE t (k int PRIMARY KEY);", { strategy: "list" }, '"values" must list the values'],
    ["no modulus", "CREATE TABLE t (k int PRIMARY KEY);", { strategy: "hash" }, '"modulus" must say how many'],
    [
      "a temporary table",
      "CREATE TEMP TABLE t (k int PRIMARY KEY);",
      { start: "0", interval: "10" },
      "t is a temporary table: create it partitioned",
    ],
    [
      "a foreign table",
      "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE t (k int) SERVER far;",
      { start: "0", interval: "10" },
      "t is no table (foreign table)",
    ],
    [
      "a partition",
      "CREATE TABLE p (k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE t PARTITION OF p FOR VALUES IN (1);",
      { start: "0", interval: "10" },
      "t is a part of another table",
    ],
    [
      "what an earlier run has left",
      "CREATE TABLE t (k int PRIMARY KEY); CREATE TABLE t_before (k int);",
      { start: "0", interval: "10" },
      "there is a relation t_before already",
    ],
  ])("%s", (_, sql, given, message) => {
    const result = operate(reading, sql, { ...to, ...given }, 18);
    if (result.ok) throw new Error(result.value.sql);
    expect(result.problem.message).toContain(message);
  });
});
