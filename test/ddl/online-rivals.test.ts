/** What comes between a copy and those who write meanwhile: keys that move, triggers that write again, locks, strangers. */

import { Client } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { scriptOf, statementsOf } from "./support.ts";

const convert = { operation: "convert", table: "t", to: "declarative", key: "k", start: "0", end: "1000" };
const asCopy = { ...convert, interval: "500", batch: 100, style: "online" };
const split = { operation: "split", table: "t", partition: "t_0", at: "500", batch: 100, style: "online" };
const rehash = { operation: "rehash", table: "t", modulus: 3, batch: 100, style: "online" };

const columns = "k int NOT NULL, id int NOT NULL, v int, total int, PRIMARY KEY (k, id)";
const plain = `CREATE TABLE t (${columns});`;
const ranges = `CREATE TABLE t (${columns}) PARTITION BY RANGE (k); CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10000);`;
const hashes = `CREATE TABLE t (${columns}) PARTITION BY HASH (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
const rows = "INSERT INTO t SELECT n, n, 1, 10 FROM generate_series(1, 900) AS n;";

type Request = Readonly<Record<string, unknown>>;

const operations: readonly (readonly [string, string, Request])[] = [
  ["convert", plain, asCopy],
  ["split", ranges, split],
  ["rehash", hashes, rehash],
];

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  /** Runs `body` beside a script, with the statements before its copies, the copies, and those after. */
  async function beside(
    schema: string,
    request: Request,
    body: (
      database: TestDatabase,
      other: Client,
      texts: {
        readonly before: readonly string[];
        readonly copies: readonly string[];
        readonly after: readonly string[];
      },
    ) => Promise<void>,
  ): Promise<void> {
    const texts = statementsOf(reading, scriptOf(reading, schema, request, major).sql);
    const isCopy = (text: string): boolean => text.startsWith("DO ") && text.includes("LOOP");
    const [first, last] = [texts.findIndex(isCopy), texts.findLastIndex(isCopy)];
    const database = await createDatabase(major);
    const other = new Client(database);
    try {
      await other.connect();
      for (const each of statementsOf(reading, schema + rows)) await database.client.query(each);
      await body(database, other, {
        before: texts.slice(0, first),
        copies: texts.slice(first, last + 1),
        after: texts.slice(last + 1),
      });
    } finally {
      await other.end();
      await database.close();
    }
  }

  const run = async ({ client }: TestDatabase, texts: readonly string[]): Promise<void> => {
    for (const text of texts) await client.query(text);
  };

  /** Until somebody waits for a lock. */
  const waiting = async (client: Client): Promise<void> => {
    for (;;) {
      const { rowCount } = await client.query("SELECT FROM pg_locks WHERE NOT granted LIMIT 1");
      if (rowCount === 1) return;
    }
  };

  it.each(operations)(
    "%s: a row that gets a key far away while its lock is waited for loses no other",
    async (_, schema, request) => {
      await beside(schema, request, async (database, other, { before, copies, after }) => {
        await run(database, before);
        await other.query(
          "BEGIN; UPDATE t SET k = 850 WHERE id = 50; DELETE FROM t WHERE id = 100; UPDATE t SET k = 0 WHERE id = 70",
        );
        const watcher = new Client(database);
        await watcher.connect();
        const copying = run(database, copies);
        await waiting(watcher);
        await watcher.end();
        await other.query("COMMIT");
        await copying;
        await run(database, after);
        const { rows: found } = await database.client.query(
          "SELECT count(*)::int, count(DISTINCT id)::int AS ids, max(k) FILTER (WHERE id = 50) AS moved FROM t",
        );
        expect(found).toEqual([{ count: 899, ids: 899, moved: 850 }]);
      });
    },
  );

  const again = `CREATE FUNCTION add_total() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET total = NEW.v * 10 WHERE k = NEW.k; RETURN NULL; END $$;
CREATE TRIGGER add_total AFTER INSERT OR UPDATE OF v ON t FOR EACH ROW EXECUTE FUNCTION add_total();
CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.k = 9 THEN INSERT INTO t VALUES (9, 9, 0, 0); END IF; RETURN NULL; END $$;
CREATE TRIGGER back AFTER DELETE ON t FOR EACH ROW EXECUTE FUNCTION back();`;
  const ahead = `CREATE FUNCTION other_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.k = 16 THEN UPDATE t SET total = 99 WHERE k = 15 AND v = 7; END IF; RETURN NEW; END $$;
CREATE TRIGGER other_row BEFORE UPDATE OF v ON t FOR EACH ROW EXECUTE FUNCTION other_row();`;

  it.each(operations)(
    "%s: a row that a trigger changes again is copied as it is in the end",
    async (_, schema, request) => {
      await beside(`${schema}\n${again}\n${ahead}`, request, async (database, other, { before, copies, after }) => {
        await run(database, [...before, ...copies]);
        for (const sql of [
          "UPDATE t SET v = 7 WHERE k IN (5, 15, 16)",
          "INSERT INTO t (k, id, v) VALUES (901, 1, 4), (902, 2, 5)",
          "UPDATE t SET k = k + 1000 WHERE k > 290",
          "UPDATE t SET k = k - 1 WHERE k > 1200",
          "DELETE FROM t WHERE k IN (8, 9)",
        ])
          await other.query(sql);
        const { rows: truth } = await other.query("SELECT t::text FROM t ORDER BY 1");
        expect(truth).toContainEqual({ t: "(5,5,7,70)" });
        expect(truth).toContainEqual({ t: "(9,9,0,0)" });
        await run(database, after);
        const { rows: found } = await other.query("SELECT t::text FROM t ORDER BY 1");
        expect(found).toEqual(truth);
      });
    },
  );

  it("no writer is aborted for the sake of the copy", async () => {
    await beside(plain, asCopy, async (database, other, { before, copies, after }) => {
      await run(database, before);
      await other.query("BEGIN; UPDATE t SET v = 2 WHERE k = 50");
      const watcher = new Client(database);
      await watcher.connect();
      const copying = run(database, copies);
      await waiting(watcher);
      await watcher.end();
      await other.query("UPDATE t SET v = 2 WHERE k = 3; COMMIT");
      await copying;
      await run(database, after);
      const { rows: found } = await other.query("SELECT count(*)::int, sum(v)::int FROM t");
      expect(found).toEqual([{ count: 900, sum: 902 }]);
    });
  });

  it("a row that stays locked ends the copy, not the other way round", async () => {
    await beside(plain, asCopy, async (database, other, { before, copies: [copy = ""], after }) => {
      await run(database, before);
      await other.query("BEGIN; SELECT FROM t WHERE k = 250 FOR UPDATE");
      const hasty = copy.replace("'500ms'", "'5ms'").replace(/failures >= \d+/, "failures >= 3");
      expect(hasty).toContain("failures >= 3");
      await expect(database.client.query(hasty)).rejects.toMatchObject({ code: "55P03" });
      const { rows: kept } = await other.query("SELECT count(*)::int FROM t_ahead");
      expect(kept[0]?.count).toBeGreaterThanOrEqual(199);
      expect(kept[0]?.count).toBeLessThan(250);
      await other.query("COMMIT");
      await run(database, [copy, ...after]);
      expect((await other.query("SELECT count(*)::int FROM t")).rows).toEqual([{ count: 900 }]);
    });
  });

  it("nobody else can fire the trigger by a table of his own", async () => {
    await beside(plain, asCopy, async (database, other, { before, copies, after }) => {
      await run(database, [...before, ...copies]);
      await other.query(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stranger') THEN CREATE ROLE stranger; END IF; END $$; SET ROLE stranger",
      );
      await other.query(`CREATE TEMP TABLE mine (${columns})`);
      await expect(
        other.query("CREATE TRIGGER evil AFTER INSERT OR DELETE ON mine FOR EACH ROW EXECUTE FUNCTION t_ahead_sync()"),
      ).rejects.toMatchObject({ code: "42501" });
      await other.query("RESET ROLE");
      await run(database, after);
      expect((await other.query("SELECT count(*)::int FROM t")).rows).toEqual([{ count: 900 }]);
    });
  });

  it.each(operations)("%s: all tables are published", async (_, schema, request) => {
    await beside(
      `${schema} CREATE PUBLICATION everything FOR ALL TABLES;`,
      request,
      async (database, other, { before, copies, after }) => {
        await run(database, [...before, ...copies, ...after]);
        expect((await other.query("SELECT count(*)::int FROM t")).rows).toEqual([{ count: 900 }]);
      },
    );
  });

  it("key columns may be called as variables of PL/pgSQL are", async () => {
    const named = `CREATE TABLE t (k int, found int DEFAULT 1, failures int DEFAULT 2, tg_op int DEFAULT 3, id int, v int, total int, PRIMARY KEY (k, found, failures, tg_op));`;
    const texts = statementsOf(reading, scriptOf(reading, named, asCopy, major).sql);
    const database = await createDatabase(major);
    try {
      await database.client.query(`${named} INSERT INTO t (k) SELECT generate_series(1, 300)`);
      const copy = texts.findLastIndex((text) => text.startsWith("DO ") && text.includes("LOOP"));
      await run(database, texts.slice(0, copy + 1));
      await database.client.query(
        "UPDATE t SET found = 7 WHERE k = 5; DELETE FROM t WHERE k = 6; INSERT INTO t (k) VALUES (600)",
      );
      await run(database, texts.slice(copy + 1));
      const { rows: found } = await database.client.query("SELECT count(*)::int, max(found) FROM t");
      expect(found).toEqual([{ count: 300, max: 7 }]);
    } finally {
      await database.close();
    }
  });

  it("forced row security that hides rows from its owner stops the script while nothing has changed", async () => {
    const database = await createDatabase(major);
    try {
      await database.client.query(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'own') THEN CREATE ROLE own; END IF; END $$; GRANT ALL ON SCHEMA public TO own",
      );
      const schema = `${plain} ALTER TABLE t OWNER TO own; ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (v < 5);`;
      await database.client.query(`${schema} SET ROLE own`);
      const script = scriptOf(reading, `CREATE ROLE own; ${schema}`, asCopy, major);
      await expect(run(database, statementsOf(reading, script.sql))).rejects.toMatchObject({ code: "42501" });
      await database.client.query("ROLLBACK");
      const { rows: left } = await database.client.query(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
      );
      expect(left).toEqual([{ relname: "t" }]);
      await database.client.query("INSERT INTO t VALUES (1, 1, 1, 1)");
    } finally {
      await database.close();
    }
  });

  const simple = { operation: "convert", table: "t", to: "declarative", key: "k" };
  const unproved =
    major < 18 ? "ADD CONSTRAINT nn CHECK (note IS NOT NULL) NOT VALID" : "ADD CONSTRAINT nn NOT NULL note NOT VALID";
  it.each([...operations, ["convert in the simple style", plain, simple] as const])(
    "%s: rows that violate a constraint which is not validated go along",
    async (_, schema, request) => {
      const told = `${schema} ALTER TABLE t ADD COLUMN note text; ALTER TABLE t ${unproved};`;
      const script = scriptOf(reading, told, request, major);
      const database = await createDatabase(major);
      try {
        await database.client.query(`${schema} ALTER TABLE t ADD COLUMN note text; ${rows} ALTER TABLE t ${unproved};`);
        await run(database, statementsOf(reading, script.sql));
        expect((await database.client.query("SELECT count(*)::int FROM t")).rows).toEqual([{ count: 900 }]);
        await expect(database.client.query("INSERT INTO t VALUES (2000, 1)")).rejects.toMatchObject({
          code: major < 18 ? "23514" : "23502",
        });
        const { rows: states } = await database.client.query(
          "SELECT convalidated FROM pg_constraint WHERE conname = 'nn' AND conrelid = 't'::regclass",
        );
        expect(states).toEqual([{ convalidated: false }]);
      } finally {
        await database.close();
      }
    },
  );
});
