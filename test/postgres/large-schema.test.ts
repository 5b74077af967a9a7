/** Schemas of any width are read, page by page; and what cannot be read costs what it tells, and no more. */

import { afterEach, expect, test } from "vitest";
import { readSettings } from "../../server/src/config.ts";
import { createWorlds } from "../../server/src/ide/worlds.ts";
import { relationPages } from "../../server/src/postgres/catalog-queries.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import {
  type DatabaseSchema,
  databaseSchema,
  readDatabase,
  readSchemaStamp,
} from "../../server/src/postgres/introspect.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

const reading = await readingForTests();

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function made(setup: string, major: 13 | 18 = 18): Promise<TestDatabase> {
  const database = await createDatabase(major);
  closing.push(() => database.close());
  await database.client.query(setup);
  return database;
}

function opened(database: TestDatabase, more: Parameters<typeof connectionTo>[1] = {}): DatabaseConnection {
  const connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 60_000, ...more });
  closing.push(() => connection.close());
  return connection;
}

async function schemaOf(connection: DatabaseConnection): Promise<DatabaseSchema> {
  const snapshot = await readDatabase(connection, never);
  if (!snapshot.ok) throw new Error(snapshot.problem.message);
  return databaseSchema(snapshot.value, reading, options);
}

test.each([13, 18] as const)("60,000 columns are read in pages on PostgreSQL %i", async (major) => {
  const [tables, columns] = [60, 1_000];
  const database = await made(
    `CREATE TABLE first (k int PRIMARY KEY, n text DEFAULT 'x' COLLATE "C" NOT NULL);
    DO $$ BEGIN FOR i IN 1..${tables} LOOP
      EXECUTE 'CREATE TABLE wide_' || i || ' (' ||
        (SELECT string_agg('column_' || c || ' int', ', ') FROM generate_series(1, ${columns}) c) || ')';
    END LOOP; END $$;
    CREATE TABLE last (k int PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY); CREATE INDEX last_i ON last (i)`,
    major,
  );
  const pages = (await database.client.query(relationPages)).rows.length;
  expect(pages).toBeGreaterThan(1);
  expect(pages).toBeLessThan(5);
  // So much comes in all of them together, and a server that sends more than it was asked for is cut off as ever.
  const snapshot = await readDatabase(opened(database, { answerBytes: 4_000_000 }), never);
  if (!snapshot.ok) throw new Error(snapshot.problem.message);
  const { relations, indexes } = snapshot.value.rows;
  const widths = relations.map(({ name, columns: all }) => [name, (all as readonly unknown[]).length]);
  expect(widths).toEqual([
    ["first", 2],
    ...Array.from({ length: tables }, (_, index) => [`wide_${index + 1}`, columns]),
    ["last", 2],
  ]);
  expect(indexes.map(({ name }) => name)).toEqual(["last_i"]);
});

test("an empty schema, and what is made while the pages are read", async () => {
  const database = await made("SELECT 1");
  const connection = opened(database);
  expect((await schemaOf(connection)).catalog.relations.size).toBe(0);
  await database.client.query("CREATE TABLE t (k int)");
  const read = await connection.read(async (session) => {
    // Between the pages and the rows somebody makes one more.
    let isFirst = true;
    const query: typeof session.query = async (sql, values) => {
      const rows = await session.query(sql, values);
      if (sql === relationPages && isFirst) {
        isFirst = false;
        await database.client.query("CREATE TABLE u (k int)");
      }
      return rows;
    };
    return await readDatabase(
      { ...connection, read: async (work) => ({ ok: true, value: await work({ ...session, query }) }) },
      never,
    );
  }, never);
  const names = read.ok && read.value.ok ? read.value.value.rows.relations.map(({ name }) => name) : [];
  expect(names).toEqual(["t", "u"]);
});

/** What the model refuses of a script over the schema as it was read. */
function refusals({ catalog }: DatabaseSchema, text: string): readonly string[] {
  const document = parseDocument(text, reading);
  const worldFor = createWorlds({ reading, databaseCatalog: () => catalog, replayOptions: () => options });
  const start = worldFor(readSettings([]).settings, [document]);
  const { statements } = document;
  const steps = replay({ file: "a.sql", statements, start, options, previous: [], source: { text, reading } });
  return steps.flatMap(({ rejection }) => (rejection === null ? [] : [rejection.message]));
}

const setup = `CREATE TABLE t (k int) PARTITION BY RANGE (k); CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
  COMMENT ON TABLE t_1 IS 'the first';
  CREATE FUNCTION moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.k := 5; RETURN NEW; END $$;
  CREATE TRIGGER moved BEFORE INSERT ON t_1 FOR EACH ROW EXECUTE FUNCTION moved();`;

/** Statements that the server takes, and one that it refuses whatever it is that is not known. */
const script = `CREATE TRIGGER again BEFORE INSERT ON t_1 FOR EACH ROW EXECUTE FUNCTION moved();
  ALTER TABLE t_1 OWNER TO reader;
  SELECT * FROM nowhere;`;

test.each([
  ["pg_default_acl", ["privileges, comments, settings and publications of its tables are not known"]],
  ["pg_ts_config", ["its roles, tablespaces and servers are not known"]],
  ["pg_event_trigger", ["its triggers, rules and policies are not known, so any code may run"]],
  [
    "pg_proc",
    [
      "its functions are not known, so any of them may run",
      "its triggers, rules and policies are not known, so any code may run",
    ],
  ],
])("a role that may not read %s has the rest", async (table, lines) => {
  const database = await made(setup);
  const { client } = database;
  await client.query(`DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; REVOKE SELECT ON ${table} FROM PUBLIC`);
  closing.push(() => client.query("DROP OWNED BY reader; DROP ROLE reader"));
  const { socketDirectory, port } = database.server;
  const name = new URL(database.connectionString).pathname.slice(1);
  const connection = connectionTo(`host=${socketDirectory} port=${port} user=reader dbname=${name}`);
  closing.push(() => connection.close());
  expect(await readSchemaStamp(connection, never)).toMatchObject({ ok: true });
  const schema = await schemaOf(connection);
  expect(schema.declined).toEqual(lines.map((line) => `${line}: permission denied for table ${table}`));
  expect(schema.catalog.relations.size).toBe(2);
  expect(schema.catalog.belongingsCut).toBe(table === "pg_default_acl" ? true : undefined);
  // No error rests on what was not read, and others stay.
  expect(refusals(schema, script)).toEqual(['relation "nowhere" does not exist']);
});

test("a lock on what hangs on tables does not hide the tables", async () => {
  const database = await made(setup);
  const connection = opened(database, { lockTimeoutMilliseconds: 100 });
  await database.client.query("BEGIN; LOCK TABLE pg_default_acl IN ACCESS EXCLUSIVE MODE");
  const schema = await schemaOf(connection);
  await database.client.query("ROLLBACK");
  expect(schema.declined).toEqual([
    "privileges, comments, settings and publications of its tables are not known: canceling statement due to lock timeout",
  ]);
  expect(schema.catalog.relations.size).toBe(2);
  const again = await schemaOf(connection);
  expect([again.declined, again.catalog.belongingsCut]).toEqual([[], undefined]);
});
