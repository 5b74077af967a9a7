/** Triggers that move rows whose key changes, on real servers: by inheritance, and for the partitions of PostgreSQL 10. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, promisedParts, replayed, scriptOf } from "./support.ts";

const request = { operation: "update-triggers", table: '"Log s"' };
const children = `CREATE TABLE "Log s" (id int PRIMARY KEY, "At" date NOT NULL, size int NOT NULL DEFAULT 1, note text);
CREATE TABLE "l'1" (CHECK ("At" >= '2024-01-01' AND "At" < '2024-02-01'), PRIMARY KEY (id)) INHERITS ("Log s");
CREATE TABLE l2 (id int, note text, size int, "At" date, PRIMARY KEY (id, "At"), CHECK ("At" >= '2024-02-01' AND "At" < '2024-03-01'));
ALTER TABLE l2 ALTER "At" SET NOT NULL, ALTER size SET NOT NULL;
ALTER TABLE l2 INHERIT "Log s";`;
const routed = `CREATE FUNCTION route() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW."At" >= '2024-01-01' AND NEW."At" < '2024-02-01' THEN INSERT INTO "l'1" (id, "At", size, note) VALUES (NEW.id, NEW."At", NEW.size, NEW.note);
  ELSIF NEW."At" >= '2024-02-01' AND NEW."At" < '2024-03-01' THEN INSERT INTO l2 (id, "At", size, note) VALUES (NEW.id, NEW."At", NEW.size, NEW.note);
  ELSE RAISE EXCEPTION 'no child for %', NEW."At"; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER routes BEFORE INSERT ON "Log s" FOR EACH ROW EXECUTE PROCEDURE route();`;
const partitions = `CREATE TABLE "Log s" (id int NOT NULL, "At" date, size int NOT NULL DEFAULT 1, note text) PARTITION BY RANGE ("At");
CREATE TABLE "l'1" PARTITION OF "Log s" (PRIMARY KEY (id)) FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE l2 PARTITION OF "Log s" (PRIMARY KEY (id)) FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');`;
const rows = `INSERT INTO "l'1" (id, "At", note) VALUES (1, '2024-01-05', 'a'), (2, '2024-01-06', 'b');
INSERT INTO l2 (id, "At", note, size) VALUES (3, '2024-02-05', 'c', 4);`;

const cases = [
  [18, "inheritance", `${children}${routed}`],
  [13, "inheritance", `${children}${routed}`],
  [10, "partitions", partitions],
] as const;

describe.each(cases)("on PostgreSQL %d, %s", (major, _, schema) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const run = async (sql: string): Promise<void> => {
    for (const each of parseDocument(sql, reading).statements)
      await database.client.query(sql.slice(each.start, each.end));
  };
  const found = async (): Promise<readonly string[]> =>
    (
      await database.client.query<{ row: string }>(
        `SELECT tableoid::regclass || ' ' || id || ' ' || "At" || ' ' || size || ' ' || note AS row FROM "Log s" ORDER BY id`,
      )
    ).rows.map(({ row }) => row);

  it("a row whose key changes goes where it belongs, and stays what it is", async () => {
    await database.client.query(`${schema}${rows}`);
    const script = scriptOf(reading, schema, request, major);
    await run(script.sql);
    await database.client.query(
      `UPDATE "Log s" SET "At" = '2024-02-28', size = 7 WHERE id = 1; UPDATE "l'1" SET note = 'x' WHERE id = 2; UPDATE l2 SET "At" = '2024-01-31' WHERE id = 3`,
    );
    expect(await found()).toEqual(["l2 1 2024-02-28 7 a", `"l'1" 2 2024-01-06 1 x`, `"l'1" 3 2024-01-31 4 c`]);
    await expect(database.client.query(`UPDATE "Log s" SET "At" = '2025-01-01' WHERE id = 2`)).rejects.toThrow(
      /no child for 2025-01-01|no partition of relation "Log s" found for row/,
    );
    expect(promisedParts(reading, schema, script, '"Log s"', major)).toEqual(["l'1", "l2"]);
    const after = replayed(reading, `${schema}\n${script.sql}`, major);
    expect(after.functions.has("Log s_moves")).toBe(true);
    // Once more it is refused, and the undo takes all of it away.
    const again = operate(reading, `${schema}\n${script.sql}`, request, major);
    expect(again.ok ? "" : again.problem.message).toContain("there is a function Log s_moves already");
    await run(script.undo ?? "");
    await expect(database.client.query(`UPDATE "Log s" SET "At" = '2024-01-02' WHERE id = 1`)).rejects.toThrow(
      /violates (?:check|partition) constraint/,
    );
    const { rows: left } = await database.client.query(
      "SELECT 1 FROM pg_trigger WHERE tgname LIKE '%moves' UNION ALL SELECT 1 FROM pg_proc WHERE proname LIKE '%moves'",
    );
    expect(left).toEqual([]);
  });
});

describe.each(cases)("what would be lost or doubled, on PostgreSQL %d, %s", (major, _, schema) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    await database.client.query(`${schema}${rows}`);
    await database.client.query(scriptOf(reading, schema, request, major).sql);
  });
  afterAll(() => database.close());
  const all = async (): Promise<readonly unknown[]> =>
    (await database.client.query('SELECT tableoid::regclass::text, id, "At"::text FROM public."Log s" ORDER BY id'))
      .rows;

  it("a temporary table of that name gets no rows", async () => {
    const { client } = database;
    await client.query(
      `BEGIN; CREATE TEMP TABLE "Log s" (id int, "At" date, size int, note text); UPDATE public."Log s" SET "At" = '2024-02-03' WHERE id = 1`,
    );
    expect(await all()).toContainEqual({ tableoid: "l2", id: 1, At: "2024-02-03" });
    expect((await client.query('SELECT FROM pg_temp."Log s"')).rowCount).toBe(0);
    await client.query("ROLLBACK");
  });

  it.each([
    [
      "a trigger",
      `CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER stays BEFORE DELETE ON "l'1" FOR EACH ROW EXECUTE PROCEDURE stays()`,
    ],
    ["a rule", `CREATE RULE stays AS ON DELETE TO "l'1" DO INSTEAD NOTHING`],
    [
      "a policy",
      `CREATE ROLE mover_${major}; GRANT USAGE ON SCHEMA public TO mover_${major}; GRANT ALL ON "Log s", "l'1", l2 TO mover_${major};
       ALTER TABLE "l'1" ENABLE ROW LEVEL SECURITY; SET LOCAL ROLE mover_${major}`,
    ],
  ])("%s that keeps the row from being deleted keeps it from being doubled", async (_title, sql) => {
    const { client } = database;
    const before = await all();
    await client.query(`BEGIN; ${sql}; SAVEPOINT here`);
    // By way of partitions of PostgreSQL 10, too, policies of the child count for the DELETE alone.
    await expect(client.query(`UPDATE "Log s" SET "At" = '2024-02-03' WHERE id = 1`)).rejects.toMatchObject({
      code: "27000",
      message: `a row of "l'1" cannot move: DELETE takes 0 rows instead of it`,
    });
    await client.query("ROLLBACK");
    expect(await all()).toEqual(before);
  });

  it.each(["CASCADE", "SET NULL"])(
    "a foreign key to a child with ON DELETE %s is refused, for it acts",
    async (action) => {
      const { client } = database;
      const key = `CREATE TABLE bound (id int, at date); ALTER TABLE l2 ADD UNIQUE (id); ALTER TABLE bound ADD CONSTRAINT "to" FOREIGN KEY (id) REFERENCES l2 (id) ON DELETE ${action};`;
      const refused = operate(reading, `${schema}${key}`, request, major);
      expect(refused.ok ? "" : refused.problem.message).toBe(
        `the foreign key "to" of bound refers to l2 itself, and would change rows there when one moves (ON DELETE ${action}): make it NO ACTION first, or drop it`,
      );
      // With the triggers that were there before, the rows would have gone.
      await client.query(
        `BEGIN; ${key} INSERT INTO bound VALUES (3); UPDATE "Log s" SET "At" = '2024-01-03' WHERE id = 3`,
      );
      expect((await client.query("SELECT id FROM bound WHERE id = 3")).rowCount).toBe(0);
      await client.query("ROLLBACK");
      const kept = operate(reading, `${schema}${key.replace(` ON DELETE ${action}`, "")}`, request, major);
      expect(kept.ok).toBe(true);
    },
  );
});

describe("where there is no need or no way it is refused", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });
  const pathman = (version: string): string =>
    `CREATE EXTENSION pg_pathman VERSION '${version}'; CREATE TABLE p (k int NOT NULL); SELECT create_range_partitions('p', 'k', 1, 100, 2);`;

  it.each<[string, string, string, 18 | 10]>([
    [
      "PostgreSQL does it itself",
      "CREATE TABLE t (k int) PARTITION BY LIST (k); CREATE TABLE p PARTITION OF t FOR VALUES IN (1);",
      "PostgreSQL moves rows of t itself when their key changes (from 11 on): no trigger is needed",
      18,
    ],
    [
      "no primary key",
      "CREATE TABLE t (k int); CREATE TABLE c (CHECK (k > 0 AND k < 5)) INHERITS (t);",
      "c has no primary key, by which its trigger would find the row that goes: add one first",
      18,
    ],
    [
      "a trigger of that name",
      `CREATE TABLE t (k int); CREATE TABLE c (PRIMARY KEY (k), CHECK (k > 0 AND k < 5)) INHERITS (t);
       CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t_moves BEFORE INSERT ON c EXECUTE FUNCTION f();`,
      "c has a trigger t_moves already",
      18,
    ],
    [
      "a column that only a child has",
      "CREATE TABLE t (k int); CREATE TABLE c (own text, PRIMARY KEY (k), CHECK (k > 0 AND k < 5)) INHERITS (t);",
      "c has the column own, which t has not: rows that move would lose it, so add it to t, or drop it",
      18,
    ],
    ["pg_pathman 1.5", pathman("1.5"), "pg_pathman moves rows of p itself when their key changes", 10],
  ])("%s", (_, schema, message, version) => {
    const table = schema.includes("TABLE p (") ? "p" : "t";
    const result = operate(reading, schema, { operation: "update-triggers", table }, version);
    expect(result.ok ? result.value.sql : result.problem.message).toContain(message);
  });

  it("children that nothing routes to, and pg_pathman 1.4", () => {
    const script = scriptOf(reading, children, request, 18);
    expect(script.notes.join(" ")).toContain('Nothing routes rows that are inserted into "Log s"');
    const call = scriptOf(reading, pathman("1.4"), { operation: "update-triggers", table: "p" }, 10);
    expect(call.sql).toContain("SELECT create_update_triggers('p'::regclass);");
  });
});
