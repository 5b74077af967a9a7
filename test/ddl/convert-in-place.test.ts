/** A table that becomes the default partition of a new one of its name: the new one has all that it had, and the way back gives all again. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { attributesOf } from "./random/attributes.ts";
import { operate, promisedParts, scriptOf } from "./support.ts";

/** @param identity the column that counts */
const schemaWith = (identity: string): string => `
CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE "Sales" (id int ${identity}, n serial, k int NOT NULL CHECK (k >= 0), v int NOT NULL DEFAULT 7,
  kind int REFERENCES kinds ON DELETE SET NULL, twice int GENERATED ALWAYS AS (v * 2) STORED, note text, PRIMARY KEY (id, k)) WITH (fillfactor = 70);
CREATE INDEX sales_v ON "Sales" (v DESC NULLS LAST) WHERE v > 3;
CREATE UNIQUE INDEX "Sales unique" ON "Sales" (k, n) INCLUDE (v);
CREATE INDEX ON "Sales" (lower(note) text_pattern_ops);
CREATE STATISTICS sales_stat ON k, v FROM "Sales";
ALTER TABLE "Sales" ALTER COLUMN note SET STORAGE EXTERNAL, ALTER COLUMN v SET STATISTICS 77;
ALTER TABLE "Sales" ADD up int, ADD up_k int, ADD CONSTRAINT above FOREIGN KEY (up, up_k) REFERENCES "Sales";
CREATE TABLE notes (id int, k int, CONSTRAINT notes_to FOREIGN KEY (id, k) REFERENCES "Sales" ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE);
COMMENT ON TABLE "Sales" IS 'sold';
COMMENT ON COLUMN "Sales".v IS 'how many';
COMMENT ON INDEX sales_v IS 'often';
COMMENT ON CONSTRAINT "Sales_k_check" ON "Sales" IS 'never below';
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.note := coalesce(NEW.note, ''new''); RETURN NEW; END';
CREATE TRIGGER watched BEFORE INSERT ON "Sales" FOR EACH ROW WHEN (NEW.v > 0) EXECUTE FUNCTION watch();
CREATE TRIGGER off AFTER UPDATE OF v ON "Sales" FOR EACH ROW EXECUTE FUNCTION watch();
CREATE TRIGGER whole AFTER TRUNCATE ON "Sales" EXECUTE FUNCTION watch();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON "Sales" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION watch();
COMMENT ON TRIGGER whole ON "Sales" IS 'all of it';
ALTER TABLE "Sales" DISABLE TRIGGER off;
ALTER TABLE "Sales" ENABLE ALWAYS TRIGGER watched;
GRANT SELECT, INSERT ON "Sales" TO app;
REVOKE TRIGGER ON "Sales" FROM postgres;
GRANT UPDATE (v) ON "Sales" TO app WITH GRANT OPTION;
ALTER TABLE "Sales" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "Sales" FOR SELECT TO app USING ("Sales".k > 10);
CREATE PUBLICATION told FOR TABLE "Sales";
ALTER TABLE "Sales" OWNER TO postgres;`;
const unchecked = 'ALTER TABLE "Sales" ADD CONSTRAINT big CHECK (v > 5) NOT VALID;';

const rows = `
INSERT INTO kinds VALUES (1), (2);
INSERT INTO "Sales" (id, k, v, kind, note) OVERRIDING SYSTEM VALUE SELECT n * 3, n, n % 9, 1 + n % 2, CASE WHEN n % 3 = 0 THEN NULL ELSE repeat('x', n % 50) END FROM generate_series(0, 999) AS n;
UPDATE "Sales" SET up = 3, up_k = 1 WHERE k = 7;
INSERT INTO notes SELECT id, k FROM "Sales" WHERE k % 10 = 0;`;

const request = { operation: "convert", table: '"Sales"', to: "declarative", key: "k" };
const identity = "GENERATED ALWAYS AS IDENTITY (START 5 INCREMENT 3)";

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

  const run = async (sql: string): Promise<void> => {
    for (const each of parseDocument(sql, reading).statements)
      await database.client.query(sql.slice(each.start, each.end));
  };
  const contents = async (): Promise<readonly unknown[]> =>
    (await database.client.query('SELECT s::text FROM "Sales" s UNION ALL SELECT n::text FROM notes n ORDER BY 1'))
      .rows;
  /** What is said of the table as a whole; how rows are stored is said of the partition that holds them. */
  const ofWhole = (lines: readonly string[] = []): readonly string[] =>
    lines
      .map((line) => line.replace(/^(table) [rp]|^(statistics) \S+| \{fillfactor=70\}| method \d+/g, "$1$2"))
      .map((line) => line.replace(/ +/g, " "))
      .toSorted();

  it.each([
    ["with an identity column, and back", identity],
    ["without one, and back", "NOT NULL"],
  ])("%s", async (_, counting) => {
    await database.client.query(
      "ROLLBACK; RESET ALL; DROP PUBLICATION IF EXISTS told; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    );
    const schema = schemaWith(counting);
    await database.client.query(`${schema}${rows}`);
    await database.client.query(unchecked);
    const all = `CREATE ROLE app;${schema}${unchecked}`;
    const script = scriptOf(reading, all, request, major);
    expect(script.notes.some((note) => note.includes("does not get"))).toBe(false);
    const [before, there] = [await attributesOf(database.client, "public", major), await contents()];

    await run(script.sql);
    expect(await contents()).toEqual(there);
    const after = await attributesOf(database.client, "public", major);
    expect(ofWhole(after.get("Sales"))).toEqual(ofWhole(before.get("Sales")));
    expect(after.get("notes")).toEqual(before.get("notes"));
    expect([...after.keys()].toSorted()).toEqual(["Sales", "Sales_default", "kinds", "notes"]);
    expect(promisedParts(reading, all, script, '"Sales"', major)).toEqual(["Sales_default"]);
    // The partition keeps how its rows are stored, and has the triggers of the whole.
    expect(after.get("Sales_default")?.join("\n")).toContain("{fillfactor=70}");
    const { rows: fired } = await database.client.query(
      `SELECT tgname || tgenabled::text AS trigger FROM pg_trigger WHERE tgrelid = '"Sales_default"'::regclass AND tgname NOT LIKE 'RI_%' ORDER BY 1`,
    );
    expect(fired.map(({ trigger }) => trigger)).toEqual(["lateO", "offD", "watchedA"]);
    // Sequences go on where they were.
    const { rows: added } = await database.client.query(
      `INSERT INTO "Sales" (${counting === identity ? "" : "id, "}k, v) VALUES (${counting === identity ? "" : "8, "}5, 8) RETURNING id, n, note`,
    );
    expect(added).toEqual([{ id: counting === identity ? 5 : 8, n: 1001, note: "new" }]);
    const { rows: owned } = await database.client.query(
      "SELECT d.refobjid::regclass::text AS owner, s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.refobjsubid > 0 WHERE relkind = 'S' ORDER BY 2",
    );
    const sequences = counting === identity ? ["Sales_id_seq", "Sales_n_seq"] : ["Sales_n_seq"];
    expect(owned).toEqual(sequences.map((relname) => ({ owner: '"Sales"', relname })));
    await database.client.query('DELETE FROM "Sales" WHERE n = 1001');

    await run(script.undo ?? "SELECT 'no undo';");
    expect(await contents()).toEqual(there);
    const back = await attributesOf(database.client, "public", major);
    expect([...back.keys()]).toEqual([...before.keys()]);
    for (const [name, lines] of back) expect(lines).toEqual(before.get(name));
  });
});

describe.each([18, 13] as const)("a unique index without the key, on PostgreSQL %d", (major) => {
  it("stays on the old table and the children, with all the others", async () => {
    const reading = await readingForTests();
    const schema = `CREATE TABLE c (k int NOT NULL, n int, note text);
      CREATE UNIQUE INDEX c_n ON c (n); CREATE INDEX "c note" ON c (note);
      CREATE TABLE c_1 (CHECK (k >= 0 AND k < 10)) INHERITS (c); CREATE UNIQUE INDEX c_1_n ON c_1 (n);`;
    const script = scriptOf(reading, schema, { operation: "convert", table: "c", to: "declarative" }, major);
    expect(script.notes).toContainEqual(
      'The new c does not get, and c_default keeps: the index c_n, the index "c note".',
    );
    const { client, close } = await createDatabase(major);
    try {
      await client.query(
        `${schema} INSERT INTO c VALUES (5, 1, 'x'), (50, 2, 'y'); INSERT INTO c_1 VALUES (6, 3, 'z')`,
      );
      for (const sql of [script.sql, script.undo ?? ""])
        for (const each of parseDocument(sql, reading).statements) {
          await client.query(sql.slice(each.start, each.end));
        }
      const { rows: indexes } = await client.query(
        "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
      );
      expect(indexes.map(({ name }) => name)).toEqual(["c note", "c_1_n", "c_n"]);
      const { rows: found } = await client.query(
        "SELECT tableoid::regclass::text || ' ' || n AS row FROM c ORDER BY n",
      );
      expect(found.map(({ row }) => row)).toEqual(["c_1 1", "c 2", "c_1 3"]);
    } finally {
      await close();
    }
  });
});

describe("what stays with the old table is said", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });
  const table = `CREATE TABLE o (k int PRIMARY KEY); CREATE TABLE t (k int NOT NULL);
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';`;

  it.each<[string, string, string, 18 | 12]>([
    ["a rule", "CREATE RULE r AS ON DELETE TO t DO ALSO NOTHING;", "the rule r", 18],
    [
      "a trigger with transition tables",
      "CREATE TRIGGER a AFTER INSERT ON t REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION f();",
      "the trigger a",
      18,
    ],
    [
      "a trigger that PostgreSQL 12 does not have on partitioned tables",
      "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();",
      "the trigger a",
      12,
    ],
    [
      "a foreign key that is not validated",
      "ALTER TABLE t ADD CONSTRAINT to_o FOREIGN KEY (k) REFERENCES o NOT VALID;",
      "the foreign key to_o",
      18,
    ],
    ["rows published by a condition", "CREATE PUBLICATION told FOR TABLE t WHERE (k > 4);", "the publication told", 18],
  ])("%s", (_, statements, missing, version) => {
    const script = scriptOf(reading, table + statements, { ...request, table: "t" }, version);
    expect(script.notes).toContainEqual(`The new t does not get, and t_default keeps: ${missing}.`);
    expect(script.sql).not.toContain("CREATE TRIGGER");
  });

  it.each<[string, string, string]>([
    [
      "a column of its own",
      "CREATE TABLE c_1 (extra int, CHECK (k >= 0 AND k < 10)) INHERITS (c);",
      "c_1 has the column extra, which c has not: add it to c, or drop it",
    ],
    [
      "two parents",
      "CREATE TABLE o (v int); CREATE TABLE c_1 (CHECK (k >= 0 AND k < 10)) INHERITS (c, o);",
      "c_1 inherits from another table besides c, which a partition may not",
    ],
    [
      "children of its own",
      "CREATE TABLE c_1 (CHECK (k >= 0 AND k < 10)) INHERITS (c); CREATE TABLE c_1_1 () INHERITS (c_1);",
      "c_1 has children itself, which a partition may not",
    ],
    [
      "what its sibling has too",
      "CREATE TABLE c_1 (CHECK (k >= 0 AND k < 10)) INHERITS (c); CREATE TABLE c_2 (CHECK (k >= 5 AND k < 20)) INHERITS (c);",
      "the CHECKs of c_1 and c_2 overlap, which partitions may not",
    ],
    [
      "an identity column",
      "CREATE TABLE c_1 (CHECK (k >= 0 AND k < 10)) INHERITS (c); ALTER TABLE c_1 ALTER k ADD GENERATED ALWAYS AS IDENTITY;",
      "the column k of c_1 is an identity column",
    ],
    [
      "no place but the session's",
      "CREATE TEMP TABLE c_1 (CHECK (k >= 0 AND k < 10)) INHERITS (c);",
      "c_1 is a temporary table",
    ],
    [
      "a remainder",
      "CREATE TABLE c_0 (CHECK (k % 2 = 0)) INHERITS (c); CREATE TABLE c_1 (CHECK (k % 2 = 1)) INHERITS (c);",
      "the children of c are told apart by a remainder, which PostgreSQL's hash partitions are not",
    ],
  ])("a child that has %s cannot be a partition", (_, statements, message) => {
    const schema = `CREATE TABLE c (k int NOT NULL, v int); ${statements}`;
    const result = operate(reading, schema, { operation: "convert", table: "c", to: "declarative" }, 18);
    expect(result.ok ? result.value.sql : result.problem.message).toContain(message);
  });

  it("what PostgreSQL would not take is refused", () => {
    const refused = (statements: string, version: 18 | 16 | 11): string => {
      const result = operate(reading, statements, { ...request, table: "t" }, version);
      return result.ok ? "written" : result.problem.message;
    };
    expect(refused("CREATE TABLE t (k int, EXCLUDE USING btree (k WITH =));", 16)).toBe(
      'cannot create exclusion constraints on partitioned table "t"',
    );
    expect(refused("CREATE TABLE t (k int PRIMARY KEY); CREATE TABLE o (k int REFERENCES t);", 11)).toBe(
      "PostgreSQL 11 has no foreign keys to partitioned tables: o refers to t",
    );
    expect(refused("CREATE TABLE t (k int, CHECK (k > 0) NO INHERIT);", 18)).toBe(
      'cannot add NO INHERIT constraint to partitioned table "t"',
    );
  });
});
