/** At no moment of a script does somebody read rows that row security or privileges kept from them, and triggers leave moved rows alone. */

import type { Client } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { type Catalog, withSettings } from "../../server/src/catalog/catalog.ts";
import type { Script } from "../../server/src/ddl/script.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operateOn, replayed } from "./support.ts";

const table =
  "CREATE TABLE t (id int NOT NULL, k int NOT NULL, note text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);";
const part = "CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (20);";
const rows = "INSERT INTO t SELECT n, n, 'secret' FROM generate_series(0, 15) n;";
const family = `CREATE TABLE t (k int NOT NULL, note text);
  CREATE TABLE c0 (CONSTRAINT c CHECK (k >= 0 AND k < 10)) INHERITS (t); CREATE TABLE c1 (CONSTRAINT c CHECK (k >= 10 AND k < 20)) INHERITS (t);`;
const familyRows = "INSERT INTO t SELECT n, 'secret' FROM generate_series(0, 29) n;";

const plain = "CREATE TABLE t (id int NOT NULL, k int NOT NULL, note text, PRIMARY KEY (id, k));";
const converts = {
  operation: "convert",
  table: "t",
  to: "declarative",
  key: "k",
  start: "0",
  end: "20",
  interval: "10",
  style: "online",
};

interface Case {
  readonly title: string;
  readonly schema: string;
  readonly rows: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** What only a connected database shows. */
  readonly databaseOnly?: true;
}

const splits = { operation: "split", table: "t", partition: "p", at: "10", name: "q" };
const policy =
  "ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON p USING (note = current_user::text); GRANT SELECT ON p TO other;";
const ofFamily = ["c0", "c1"]
  .map(
    (name) =>
      `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON ${name} USING (false); GRANT SELECT ON ${name} TO other;`,
  )
  .join("\n");
const moves = { operation: "move-rows", table: "t", create: true, start: "20", end: "30", interval: "10" };
const cases: readonly Case[] = [
  {
    title: "a policy, split online",
    schema: `${table}${part} ALTER TABLE p ${policy}`,
    rows,
    request: { ...splits, style: "online" },
  },
  {
    title: "a policy forced on the owner, split online",
    schema: `${table}${part} ALTER TABLE p FORCE ROW LEVEL SECURITY; ALTER TABLE p ${policy}`,
    rows,
    request: { ...splits, style: "online" },
  },
  {
    title: "a policy, converted online",
    schema: `${plain} ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO other; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY a ON t USING (note = current_user::text); GRANT SELECT ON t TO other;`,
    rows,
    request: converts,
  },
  {
    title: "default privileges and nothing granted of the table, converted online",
    schema: `${plain} REVOKE ALL ON t FROM other; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO other;`,
    rows,
    request: converts,
    databaseOnly: true,
  },
  {
    title: "default privileges and nothing granted of the partition, split online",
    schema: `${table}${part} REVOKE ALL ON p FROM other; REVOKE ALL ON t FROM other; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO other;`,
    rows,
    request: { ...splits, style: "online" },
  },
  {
    title: "default privileges for PUBLIC, taken of the partition",
    schema: `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC; ${table}${part} REVOKE SELECT ON p, t FROM PUBLIC;`,
    rows,
    request: splits,
  },
  {
    title: "default privileges for PUBLIC, granted and taken of the partition",
    schema: `ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; ${table}${part} GRANT SELECT ON p TO PUBLIC; REVOKE ALL ON p, t FROM PUBLIC;`,
    rows,
    request: splits,
  },
  {
    title: "default privileges that are younger than the partition",
    schema: `${table}${part} ALTER DEFAULT PRIVILEGES GRANT SELECT, UPDATE ON TABLES TO PUBLIC, other;`,
    rows,
    request: splits,
    databaseOnly: true,
  },
  {
    title: "policies of children, rows moved in batches",
    schema: `${family}${ofFamily}`,
    rows: familyRows,
    request: { ...moves, batch: 4 },
  },
];

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  const other = `other_${crypto.randomUUID().replaceAll("-", "")}`;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  describe.each(["the statements", "the database"] as const)("as %s show it", (source) => {
    const shown = cases.filter(({ databaseOnly }) => databaseOnly !== true || source === "the database");
    it.each(shown)("$title", async (each) => {
      const database = await createDatabase(major);
      const { client } = database;
      await client.query(`CREATE ROLE ${other}`);
      try {
        const schema = each.schema.replace(/\bother\b/g, other);
        await client.query(`${schema}${each.rows}`);
        const catalog = source === "the database" ? await connected(database) : replayed(reading, schema, major);
        const script = scriptOn(catalog, each.request);
        expect(await readableBy(client)).toEqual([]);
        let checks = 0;
        const seen = new Set<string>();
        await run(client, script, async () => {
          checks += 1;
          for (const name of await readableBy(client)) seen.add(name);
        });
        expect([...seen]).toEqual([]);
        expect(checks).toBeGreaterThan(0);
        const { rows: own } = await client.query("SELECT FROM t WHERE note = 'secret'");
        expect(own.length).toBeGreaterThanOrEqual(16);
      } finally {
        await client.query(`DROP OWNED BY ${other} CASCADE; DROP ROLE ${other}`);
        await database.close();
      }
    });
  });

  it.each([null, 4])("a trigger of the children is made once the rows have moved (batch %s)", async (batch) => {
    const database = await createDatabase(major);
    const { client } = database;
    try {
      const trigger = (name: string): string =>
        `CREATE TRIGGER lose BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION lose();`;
      const schema = `${family} CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;${trigger("c0")}${trigger("c1")}`;
      await client.query(`${schema} INSERT INTO t SELECT n, 'x' FROM generate_series(20, 29) n;`);
      const script = scriptOn(replayed(reading, schema, major), { ...moves, ...(batch === null ? {} : { batch }) });
      await run(client, script, async () => {});
      const { rows: left } = await client.query(
        'SELECT tableoid::regclass::text AS "of", count(*)::int FROM t GROUP BY 1',
      );
      expect(left).toEqual([{ of: "c2", count: 10 }]);
      const { rows: made } = await client.query(
        `SELECT FROM pg_trigger WHERE tgname = 'lose' AND tgrelid = 'c2'::regclass`,
      );
      expect(made).toHaveLength(1);
      expect(script.notes.filter((note) => note.startsWith("Triggers fire"))).toEqual([
        expect.stringContaining(": lose."),
      ]);
    } finally {
      await database.close();
    }
  });

  async function connected(database: TestDatabase): Promise<Catalog> {
    const connection = connectionTo(database.connectionString);
    const snapshot = await readDatabase(connection, never);
    await connection.close();
    if (!snapshot.ok) throw new Error(snapshot.problem.message);
    const { catalog } = databaseSchema(snapshot.value, reading, {
      version: major,
      pathmanVersion: "1.5",
      today: "2024-06-01",
    });
    return withSettings(catalog, { searchPath: ["public"] });
  }

  function scriptOn(catalog: Catalog, request: Readonly<Record<string, unknown>>): Script {
    const result = operateOn(catalog, reading, request, major);
    if (!result.ok) throw new Error(result.problem.message);
    return result.value;
  }

  /** Statement by statement; `between` whenever no transaction is open, and so others see what is there. */
  async function run(client: Client, { sql }: Script, between: () => Promise<void>): Promise<void> {
    let isOpen = false;
    for (const { start, end } of parseDocument(sql, reading).statements) {
      const text = sql.slice(start, end);
      await client.query(text);
      if (/^\s*(--.*\s+)*BEGIN\b/.test(text)) isOpen = true;
      else if (/^\s*COMMIT\b/.test(text)) isOpen = false;
      if (!isOpen) await between();
    }
  }

  /** The tables of which the other role reads a row. */
  async function readableBy(client: Client): Promise<readonly string[]> {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND has_table_privilege($1, oid, 'SELECT')",
      [other],
    );
    const found: string[] = [];
    for (const { name } of tables) {
      await client.query(`SET ROLE ${other}`);
      const { rows: read } = await client.query(`SELECT FROM "${name}" LIMIT 1`);
      await client.query("RESET ROLE");
      if (read.length > 0) found.push(name);
    }
    return found;
  }
});
