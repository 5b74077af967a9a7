/** What would fail half way, lose rows or be called like something else is refused beforehand; each time a real server shows why. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, scriptOf, statementsOf } from "./support.ts";

type Request = Readonly<Record<string, unknown>>;
const convert = (key = "k"): Request => ({ operation: "convert", table: "t", to: "declarative", key });
const children = `CREATE TABLE t (id int PRIMARY KEY, k int);
  CREATE TABLE c1 (CHECK (k >= 0 AND k < 10), PRIMARY KEY (id)) INHERITS (t);
  CREATE TABLE c2 (CHECK (k >= 10 AND k < 20), PRIMARY KEY (id)) INHERITS (t);`;
const temporal =
  "CREATE EXTENSION btree_gist; CREATE TABLE t (k int, r int4range, PRIMARY KEY (k, r WITHOUT OVERLAPS))";

describe("on PostgreSQL 18", () => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(18);
  });
  afterAll(() => database.close());

  it.each<{ title: string; schema: string; request: Request; refused: string; proof: string; error: string }>([
    {
      title: "a typed table, converted",
      schema: "CREATE TYPE y AS (k int); CREATE TABLE t OF y;",
      request: convert(),
      refused: "t is a typed table, which no partition may be: ALTER TABLE t NOT OF first",
      proof: "CREATE TABLE u (k int) PARTITION BY RANGE (k); ALTER TABLE u ATTACH PARTITION t DEFAULT",
      error: "cannot attach a typed table as partition",
    },
    {
      title: "a typed table, attached",
      schema: "CREATE TYPE y AS (k int); CREATE TABLE p OF y; CREATE TABLE t (k int) PARTITION BY RANGE (k);",
      request: { operation: "attach", table: "t", partition: "p", from: "0", to: "10" },
      refused: "p is a typed table, which no partition may be: ALTER TABLE p NOT OF first",
      proof: "ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (0) TO (10)",
      error: "cannot attach a typed table as partition",
    },
    {
      title: "a foreign table as child, below a unique key",
      schema: `CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w; CREATE TABLE t (k int PRIMARY KEY);
        CREATE FOREIGN TABLE c1 (CHECK (k >= 0 AND k < 10)) INHERITS (t) SERVER far;`,
      request: convert(),
      refused:
        "c1 is a foreign table, which can be no partition where a unique index spans all: drop t_pkey of t, or take c1 out with NO INHERIT",
      proof: `CREATE TABLE u (k int PRIMARY KEY) PARTITION BY RANGE (k); ALTER TABLE c1 NO INHERIT t; ALTER TABLE u ATTACH PARTITION c1 FOR VALUES FROM (0) TO (10)`,
      error: 'cannot attach foreign table "c1" as partition of partitioned table "u"',
    },
    {
      title: "a key WITHOUT OVERLAPS, converted",
      schema: `${temporal};`,
      request: convert(),
      refused: "the constraint t_pkey of t would be made once more by ATTACH",
      proof: "CREATE TABLE u (LIKE t INCLUDING ALL) PARTITION BY RANGE (k); ALTER TABLE u ATTACH PARTITION t DEFAULT",
      error: 'multiple primary keys for table "t" are not allowed',
    },
    {
      title: "a name that a type has",
      schema: `CREATE TYPE u AS ENUM ('a'); CREATE TABLE t (k int) PARTITION BY RANGE (k); CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);`,
      request: { operation: "split", table: "t", partition: "t_0", at: "5", name: "u" },
      refused: "there is a type u in public already",
      proof: "CREATE TABLE u (LIKE t)",
      error: 'type "u" already exists',
    },
    {
      title: "a copy whose name a type has",
      schema: `CREATE DOMAIN t_ahead AS int; CREATE TABLE t (k int PRIMARY KEY) PARTITION BY RANGE (k); CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);`,
      request: { operation: "split", table: "t", partition: "t_0", at: "5", style: "online" },
      refused: "there is a type t_ahead already: give it another name, or use the simple style",
      proof: "CREATE TABLE t_ahead (LIKE t)",
      error: 'type "t_ahead" already exists',
    },
  ])("$title", async ({ schema, request, refused, proof, error }) => {
    const { client } = database;
    const result = operate(reading, schema, request, 18);
    expect(result.ok ? result.value.sql : result.problem.message).toContain(refused);
    await client.query(`BEGIN; ${schema}`);
    await expect(client.query(proof)).rejects.toMatchObject({ message: error });
    await client.query("ROLLBACK");
  });

  it("names that are made up stay clear of types, and the script runs", async () => {
    const { client } = database;
    const schema = `CREATE DOMAIN t_default AS int; CREATE DOMAIN u_2 AS int; CREATE TABLE t (k int);
      CREATE TABLE u (k int) PARTITION BY RANGE (k); CREATE TABLE u_0 PARTITION OF u FOR VALUES FROM (0) TO (10);
      CREATE TABLE u_1 PARTITION OF u FOR VALUES FROM (10) TO (20);`;
    await client.query(`BEGIN; ${schema}`);
    for (const request of [convert(), { operation: "append", table: "u", count: 1 }])
      for (const sql of statementsOf(reading, scriptOf(reading, schema, request, 18).sql))
        if (!/^(?:BEGIN|COMMIT)$/.test(sql)) await client.query(sql);
    const { rows } = await client.query(
      "SELECT inhparent::regclass || ' ' || inhrelid::regclass AS part FROM pg_inherits WHERE inhrelid::regclass::text ~ '^[tu]_' ORDER BY 1",
    );
    expect(rows.map(({ part }) => part)).toEqual(["t t_default_2", "u u_0", "u u_1", "u u_3"]);
    await client.query("ROLLBACK");
  });

  it.each([
    ['"a, b"', '"a, b"'],
    ['"a""b" , c', '"a""b", c'],
    ["c", "c"],
  ])("a key is read with its quotes: %s", async (key, written) => {
    const { client } = database;
    const schema = 'CREATE TABLE t ("a, b" int NOT NULL, "a""b" int NOT NULL, c int NOT NULL);';
    await client.query(`BEGIN; ${schema}`);
    for (const sql of statementsOf(reading, scriptOf(reading, schema, convert(key), 18).sql))
      if (!/^(?:BEGIN|COMMIT)$/.test(sql)) await client.query(sql);
    const { rows } = await client.query("SELECT pg_get_partkeydef('t'::regclass) AS key");
    expect(rows).toEqual([{ key: `RANGE (${written})` }]);
    await client.query("ROLLBACK");
  });

  it("rows with NULL as key that others are bound to are not deleted with these", async () => {
    const { client } = database;
    const bound = 'CREATE TABLE bound (id int CONSTRAINT "to" REFERENCES c1 ON DELETE CASCADE);';
    const result = operate(reading, `${children}${bound}`, convert(), 18);
    expect(result.ok ? result.value.sql : result.problem.message).toBe(
      'rows whose key is NULL go to t_default, and the foreign key "to" of bound refers to c1 itself, and would change rows there when one moves (ON DELETE CASCADE): make it NO ACTION first, or drop it; or give the key NOT NULL',
    );
    // What the script would do.
    await client.query(`BEGIN; ${children}${bound} INSERT INTO c1 VALUES (1, NULL); INSERT INTO bound VALUES (1)`);
    await client.query("DELETE FROM ONLY c1 WHERE k IS NULL");
    expect((await client.query("SELECT FROM bound")).rowCount).toBe(0);
    await client.query("ROLLBACK");
    for (const other of [bound.replace(" ON DELETE CASCADE", ""), `ALTER TABLE t ALTER k SET NOT NULL; ${bound}`])
      expect(operate(reading, `${children}${other}`, convert(), 18).ok).toBe(true);
  });

  it("a trigger that lets no row in keeps a merge from losing rows; disabled, it does no harm", async () => {
    const { client } = database;
    const schema = `CREATE TABLE t (k int) PARTITION BY RANGE (k); CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);
      CREATE TABLE t_d PARTITION OF t DEFAULT; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER swallows BEFORE INSERT ON t_d FOR EACH ROW EXECUTE FUNCTION f();`;
    const request = { operation: "merge", table: "t", partitions: ["t_d", "t_0"] };
    const refused = operate(reading, schema, request, 18);
    expect(refused.ok ? refused.value.sql : refused.problem.message).toBe(
      "the trigger swallows of t_d returns NULL before INSERT, and rows that it does not let in would be lost: ALTER TABLE t_d DISABLE TRIGGER swallows first",
    );
    await client.query(`BEGIN; ${schema} INSERT INTO t VALUES (1)`);
    expect((await client.query("INSERT INTO t_d SELECT k FROM t_0")).rowCount).toBe(0);
    const off = "ALTER TABLE t_d DISABLE TRIGGER swallows;";
    await client.query(off);
    for (const sql of statementsOf(reading, scriptOf(reading, `${schema}${off}`, request, 18).sql))
      if (!/^(?:BEGIN|COMMIT)$/.test(sql)) await client.query(sql);
    expect((await client.query("SELECT tableoid::regclass::text AS part, k FROM t")).rows).toEqual([
      { part: "t_d", k: 1 },
    ]);
    await client.query("ROLLBACK");
    // What is moved out goes the same way back.
    const out = { operation: "move-rows", table: "t", create: true, start: "20", end: "30", interval: "10" };
    expect(scriptOf(reading, schema, out, 18).notes).toContain(
      "Before the undo disable swallows, which returns NULL before INSERT: rows that it does not let in would be lost.",
    );
  });

  it("the note names the triggers that fire for rows on the move: one that returns NULL stops the script", async () => {
    const { client } = database;
    const schema = `${children} CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER swallows BEFORE INSERT ON c1 FOR EACH ROW EXECUTE FUNCTION f();`;
    const script = scriptOf(reading, schema, convert(), 18);
    expect(script.notes).toContain(
      "Triggers fire for rows that go to a child or out of one: swallows. Where one returns NULL before INSERT the script stops, and nothing has changed: disable it meanwhile.",
    );
    const run = async (first: string): Promise<void> => {
      await client.query(`BEGIN; ${schema} INSERT INTO t VALUES (1, 5); ${first}`);
      for (const sql of statementsOf(reading, script.sql)) if (!/^(?:BEGIN|COMMIT)$/.test(sql)) await client.query(sql);
    };
    await expect(run("")).rejects.toMatchObject({
      code: "27000",
      message: "0 of 1 rows came into c1: a trigger or rule keeps the others out",
    });
    await client.query("ROLLBACK");
    await run("ALTER TABLE c1 DISABLE TRIGGER swallows;");
    expect((await client.query("SELECT FROM t")).rowCount).toBe(1);
    await client.query("ROLLBACK");
  });
});
