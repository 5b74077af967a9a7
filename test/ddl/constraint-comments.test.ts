/** Comments on constraints stay, of foreign keys both ways too, whatever takes a constraint off and gives it again, on real servers. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalog, withSettings } from "../../server/src/catalog/catalog.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operateOn, replayed, statementsOf } from "./support.ts";

const columns = `
  id int NOT NULL, k int NOT NULL, other int, code text,
  CONSTRAINT "the key" PRIMARY KEY (id, k), CONSTRAINT once UNIQUE (code, k),
  CONSTRAINT positive CHECK (id > 0), CONSTRAINT "to other" FOREIGN KEY (other) REFERENCES o`;

const around = `
CREATE TABLE back (id int, k int, CONSTRAINT was FOREIGN KEY (id, k) REFERENCES t ON DELETE CASCADE);
COMMENT ON CONSTRAINT was ON back IS 'x'; ALTER TABLE back RENAME CONSTRAINT was TO "to t";
COMMENT ON CONSTRAINT "to t" ON back IS 'it''s back';
COMMENT ON CONSTRAINT "the key" ON t IS 'key'; COMMENT ON CONSTRAINT once ON t IS 'once';
COMMENT ON CONSTRAINT positive ON t IS 'positive'; COMMENT ON CONSTRAINT "to other" ON t IS 'other';
ALTER TABLE t ADD CONSTRAINT short CHECK (id < 9000); COMMENT ON CONSTRAINT short ON t IS 'gone';
ALTER TABLE t DROP CONSTRAINT short; ALTER TABLE t ADD CONSTRAINT short CHECK (id < 9000);
COMMENT ON CONSTRAINT positive ON t IS NULL;`;

const rows = `
INSERT INTO o VALUES (1); INSERT INTO t SELECT g, g % 20, 1, 'c' || g FROM generate_series(1, 100) g;
INSERT INTO back SELECT id, k FROM t WHERE id < 10;`;

const divided = `
CREATE TABLE o (id int PRIMARY KEY);
CREATE TABLE t (${columns}) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_10 PARTITION OF t FOR VALUES FROM (10) TO (20);
ALTER TABLE t_0 ADD CONSTRAINT own FOREIGN KEY (other) REFERENCES o, ADD CONSTRAINT late CHECK (k > -1) NOT VALID,
  ADD CONSTRAINT single UNIQUE (id);
${around}
COMMENT ON CONSTRAINT own ON t_0 IS 'own'; COMMENT ON CONSTRAINT late ON t_0 IS 'late';
COMMENT ON CONSTRAINT single ON t_0 IS 'single';`;

const plain = `CREATE TABLE o (id int PRIMARY KEY); CREATE TABLE t (${columns}); ${around}`;

const cases = [
  ["split", divided, { partition: "t_0", at: "5", name: "n" }],
  ["split of the second", divided, { partition: "t_10", into: "2" }],
  ["merge", divided, { partitions: ["t_0", "t_10"] }],
  ["convert", plain, { to: "declarative", key: "k" }],
  ["convert online", plain, { to: "declarative", key: "k", start: "0", interval: "10", count: 2, style: "online" }],
] as const;

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const run = async (sql: string): Promise<void> => {
    for (const each of statementsOf(reading, sql)) await database.client.query(each);
  };

  const comments = async (): Promise<readonly string[]> => {
    const { rows: found } = await database.client.query<{ line: string }>(
      `SELECT conrelid::regclass || ': ' || conname || ': ' || obj_description(oid, 'pg_constraint') AS line FROM pg_constraint
       WHERE obj_description(oid, 'pg_constraint') IS NOT NULL AND connamespace = 'public'::regnamespace ORDER BY 1`,
    );
    return found.map(({ line }) => line);
  };

  describe.each(["files", "database"])("as the %s shows them", (from) => {
    it.each(cases)("%s", async (title, schema, request) => {
      await run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;");
      await run(schema + rows);
      const before = await comments();
      expect(before).toContain("back: to t: it's back");
      const catalog = from === "files" ? replayed(reading, schema, major) : await readSchema(reading, database, major);
      const [operation] = title.split(" ");
      const result = operateOn(catalog, reading, { operation, table: "t", ...request }, major);
      if (!result.ok) throw new Error(result.problem.message);
      const { sql, undo } = result.value;
      await run(sql);
      const after = await comments();
      // What hangs on the partition that holds the rows stays there too.
      expect(before.filter((line) => !after.includes(line))).toEqual([]);
      if (title === "split")
        expect(after).toEqual(expect.arrayContaining(["n: own: own", "n: late: late", "n: n_id_key: single"]));
      if (undo === null) throw new Error("no undo");
      await run(undo);
      expect(await comments()).toEqual(before);
    });
  });
});

async function readSchema(
  reading: Reading,
  { connectionString }: TestDatabase,
  version: PostgresVersion,
): Promise<Catalog> {
  const connection = connectionTo(connectionString);
  const snapshot = await readDatabase(connection, never);
  await connection.close();
  if (!snapshot.ok) throw new Error(snapshot.problem.message);
  const options = { version, pathmanVersion: "1.5", today: "2024-06-01" };
  const { catalog } = databaseSchema(snapshot.value, reading, options);
  return withSettings(catalog, { searchPath: ["public"] });
}
