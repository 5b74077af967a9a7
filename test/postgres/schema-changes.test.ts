/** What others change of a database is taken over as reading all of it again would, and where that is little, little is read. */

import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import type { DatabaseConnection, ReadSession } from "../../server/src/postgres/connection.ts";
import {
  changedSchemaInTurns,
  type DatabaseSnapshot,
  databaseSchema,
  readDatabase,
} from "../../server/src/postgres/introspect.ts";
import { readSchemaChanges } from "../../server/src/postgres/schema-changes.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { comparable } from "./comparable-catalog.ts";
import { connectionTo, never } from "./support.ts";

const reading = await readingForTests();

const setup = `CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE other (k int PRIMARY KEY, note text);
  CREATE TABLE t (k int NOT NULL, d date DEFAULT now(), m mood, CHECK (k >= 0), PRIMARY KEY (k)) PARTITION BY RANGE (k);
  CREATE INDEX t_d ON t (d); CREATE TABLE t_first PARTITION OF t FOR VALUES FROM (0) TO (10);
  CREATE TABLE l (k int, a text) PARTITION BY LIST (a); CREATE TABLE l_a PARTITION OF l FOR VALUES IN ('a');
  CREATE TABLE parent (k int, n text NOT NULL); CREATE TABLE child_0 () INHERITS (parent);
  CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';`;

/** What another session may do; `n` makes names and bounds that may be free, or taken. */
const changes: readonly ((n: number) => string)[] = [
  (n) => `CREATE TABLE t_${n} PARTITION OF t FOR VALUES FROM (${n}0) TO (${n + 1}0)`,
  (n) => `CREATE TABLE t_${n} PARTITION OF t (d NOT NULL) FOR VALUES FROM (${n}0) TO (${n + 1}0) PARTITION BY LIST (m)`,
  (n) => `CREATE TABLE t_${n}_sad PARTITION OF t_${n} FOR VALUES IN ('sad')`,
  (n) => `CREATE TABLE l_${n} PARTITION OF l FOR VALUES IN ('${n}', 'x${n}')`,
  (n) =>
    `CREATE TABLE free_${n} (LIKE t INCLUDING ALL); ALTER TABLE t ATTACH PARTITION free_${n} FOR VALUES FROM (${n}0) TO (${n + 1}0)`,
  (n) => `CREATE TABLE child_${n} (CHECK (k > ${n})) INHERITS (parent)`,
  (n) =>
    `CREATE TABLE alone_${n} (k int PRIMARY KEY, v text UNIQUE, w int CHECK (w > ${n})); CREATE INDEX ON alone_${n} (w, v)`,
  (n) => `CREATE TABLE refers_${n} (k int REFERENCES other (k))`,
  (n) => `CREATE TABLE serial_${n} (k serial, i int GENERATED ALWAYS AS IDENTITY)`,
  (n) => `DROP TABLE t_${n}`,
  (n) => `DROP TABLE l_${n}`,
  (n) => `DROP TABLE child_${n}`,
  (n) => `DROP TABLE alone_${n}, serial_${n} CASCADE`,
  (n) => `DROP TABLE refers_${n}`,
  (n) => `ALTER TABLE t DETACH PARTITION t_${n}`,
  (n) => `ALTER TABLE t ATTACH PARTITION t_${n} FOR VALUES FROM (${n}0) TO (${n + 1}0)`,
  (n) => `ALTER TABLE child_${n} NO INHERIT parent`,
  (n) => `ALTER TABLE t_${n} RENAME TO t_${n + 1}`,
  (n) => `ALTER TABLE t ADD COLUMN c_${n} int DEFAULT ${n}`,
  (n) => `ALTER TABLE t DROP COLUMN c_${n}`,
  () => "ALTER TABLE t ALTER COLUMN d DROP DEFAULT",
  () => "ALTER TABLE t ALTER COLUMN d SET DEFAULT '2020-01-01'",
  (n) => `ALTER TABLE other ADD CONSTRAINT note_${n} CHECK (note <> '${n}')`,
  (n) => `ALTER TABLE other DROP CONSTRAINT note_${n}`,
  (n) => `ALTER TABLE refers_${n} DROP CONSTRAINT refers_${n}_k_fkey`,
  (n) => `CREATE INDEX other_${n} ON other (note)`,
  (n) => `DROP INDEX other_${n}`,
  (n) => `CREATE FUNCTION g_${n}() RETURNS int LANGUAGE sql AS 'SELECT ${n}'`,
  (n) => `DROP FUNCTION g_${n}`,
  (n) => `CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END -- ${n}'`,
  (n) => `CREATE TRIGGER r_${n} BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION f()`,
  (n) => `DROP TRIGGER r_${n} ON other`,
  (n) => `CREATE POLICY p_${n} ON other USING (k > ${n})`,
  (n) => `DROP POLICY p_${n} ON other`,
  (n) => `COMMENT ON TABLE t_${n} IS 'number ${n}'`,
  () => "COMMENT ON TABLE other IS NULL",
  (n) => `GRANT SELECT ON t_${n} TO PUBLIC`,
  () => "GRANT SELECT ON other TO PUBLIC",
  () => "REVOKE ALL ON other FROM PUBLIC",
  () => "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
  (n) => `ALTER TABLE t_${n} SET (fillfactor = 50)`,
  (n) => `CREATE VIEW v_${n} AS SELECT k FROM t WHERE k < ${n}`,
  (n) => `DROP VIEW v_${n}`,
  (n) => `ALTER TYPE mood ADD VALUE IF NOT EXISTS 'm${n}'`,
  (n) => `CREATE DOMAIN dom_${n} AS int CHECK (VALUE > ${n}); CREATE TABLE alone_${n} (k dom_${n})`,
  (n) => `CREATE SCHEMA s_${n}; CREATE TABLE s_${n}.t_${n} PARTITION OF t FOR VALUES FROM (${n}0) TO (${n + 1}0)`,
  (n) => `DROP SCHEMA s_${n} CASCADE`,
  () => "INSERT INTO other VALUES (1, 'x') ON CONFLICT DO NOTHING; ANALYZE other",
  () => "VACUUM pg_class",
  () => "VACUUM FULL pg_class",
];

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  const replayOptions = { ...options, version: major };

  beforeAll(async () => {
    database = await createDatabase(major);
    connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
  });
  afterAll(async () => {
    await connection.close();
    await database.close();
  });

  async function readWhole(from = connection): Promise<{ snapshot: DatabaseSnapshot; catalog: Catalog }> {
    const read = await readDatabase(from, never);
    if (!read.ok) throw new Error(read.problem.message);
    return { snapshot: read.value, catalog: databaseSchema(read.value, reading, replayOptions).catalog };
  }

  async function begin(): Promise<void> {
    const { rows } = await database.client.query<{ nspname: string }>(
      "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
    );
    for (const { nspname } of rows) await database.client.query(`DROP SCHEMA ${nspname} CASCADE`);
    await database.client.query("ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC");
    await database.client.query(`CREATE SCHEMA public; ${setup}`);
  }

  /** The schema after what has changed, and how that was told. */
  async function follow(
    { snapshot, catalog }: { snapshot: DatabaseSnapshot; catalog: Catalog },
    through = connection,
  ): Promise<{ how: "same" | "changed" | "other"; snapshot: DatabaseSnapshot; catalog: Catalog }> {
    const { mark, rows } = snapshot;
    if (mark === null) throw new Error("no mark");
    const read = await readSchemaChanges(through, { mark, rows }, never);
    if (!read.ok) throw new Error(read.problem.message);
    if (read.value.kind === "same") return { how: "same", snapshot, catalog };
    if (read.value.kind === "other") return { how: "other", ...(await readWhole()) };
    const { changes: found } = read.value;
    const changed = atOnce(changedSchemaInTurns(snapshot, catalog, found, reading, replayOptions));
    return changed === null ? { how: "other", ...(await readWhole()) } : { how: "changed", ...changed };
  }

  test("after any changes it is what a fresh reading gives", async () => {
    const step = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: 1, max: 3 }));
    const told = { same: 0, changed: 0, other: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 6 }),
        async (rounds) => {
          await begin();
          let known = await readWhole();
          for (const round of rounds) {
            for (const [change, n] of round) await database.client.query(change(n)).catch(() => {});
            const { how, ...now } = await follow(known);
            told[how]++;
            expect(comparable(now.catalog)).toEqual(comparable((await readWhole()).catalog));
            known = now;
          }
        },
      ),
      { numRuns: Number(process.env["LONG_CHANGES"] ?? 15) },
    );
    expect(told.changed).toBeGreaterThan(0);
    expect(told.other).toBeGreaterThan(0);
  });

  test("every kind of change by itself, behind a table of each kind", async () => {
    for (const change of changes) {
      await begin();
      await database.client.query(
        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (10) TO (20); CREATE TABLE alone_1 (k int)",
      );
      for (const make of changes)
        if (/^CREATE (FUNCTION|TABLE refers|INDEX|POLICY|TRIGGER|VIEW)|ADD CON/.test(make(1)))
          await database.client.query(make(1));
      const known = await readWhole();
      await database.client.query(change(change(1).startsWith("CREATE") ? 2 : 1)).catch(() => {});
      const { how, catalog } = await follow(known);
      expect([how, change(1), comparable(catalog)]).toEqual([how, change(1), comparable((await readWhole()).catalog)]);
    }
  });

  test("a partition that comes or goes costs its own rows, also beside a transaction that does not end", async () => {
    await begin();
    await database.client.query(`DO $$ BEGIN FOR i IN 1..300 LOOP
      EXECUTE format('CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 10); END LOOP; END $$`);
    const old = new Client({ connectionString: database.connectionString });
    await old.connect();
    await old.query("BEGIN; SELECT txid_current()");
    try {
      const { counted, rowsRead } = counting(connection);
      let known = await readWhole();
      for (const [change, how] of [
        ["CREATE TABLE t_301 PARTITION OF t FOR VALUES FROM (3010) TO (3020)", "changed"],
        ["DROP TABLE t_17", "changed"],
        ["SELECT 1", "same"],
      ] as const) {
        await database.client.query(change);
        const before = rowsRead();
        const { how: told, ...now } = await follow(known, counted);
        expect(told).toBe(how);
        // One row for each relation is its id; of those that are there already no more is read.
        expect(rowsRead().described - before.described).toBeLessThan(how === "same" ? 5 : 12);
        known = now;
      }
    } finally {
      await old.end();
    }
  });
});

/** A connection that counts the rows that come: those that only have an id, and others. */
function counting(connection: DatabaseConnection) {
  let described = 0;
  const counted: DatabaseConnection = {
    ...connection,
    read: (work, signal) =>
      connection.read((session: ReadSession) => {
        const query: ReadSession["query"] = async (sql, values) => {
          const rows = await session.query(sql, values);
          described += rows.filter((row) => Object.keys(row).length > 2).length;
          return rows;
        };
        return work({ ...session, query });
      }, signal),
  };
  return { counted, rowsRead: () => ({ described }) };
}
