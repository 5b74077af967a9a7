// What a database's pg_pathman, pg_partman and Citus keep enters the catalog; what cannot be read of it breaks nothing.
// The extensions are in no server that can be run here: their tables are made as their scripts make them, and belong to them.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Catalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { layoutOf } from "../../server/src/catalog/layout.ts";
import { managerNamed } from "../../server/src/catalog/managers.ts";
import { parametersOf, pathmanTableOf } from "../../server/src/catalog/pathman-config.ts";
import { rangesOf } from "../../server/src/catalog/shards.ts";
import { defaultSettings } from "../../server/src/config.ts";
import { databaseStart, removalsFrom, withoutCreated } from "../../server/src/ide/database-world.ts";
import { shardsText } from "../../server/src/ide/lens-title.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { databaseSchema, readDatabase, readSchemaStamp } from "../../server/src/postgres/introspect.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { runRules } from "../../server/src/rules/run.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { citusTables, pathmanAndPartmanTables } from "./extension-schemas.ts";
import { connectionTo, never } from "./support.ts";

let reading: Reading;
let database: TestDatabase;
const opened: DatabaseConnection[] = [];

beforeAll(async () => {
  reading = await readingForTests();
});

afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
});

async function read(user = "postgres") {
  const { socketDirectory, port } = database.server;
  const dbname = new URL(database.connectionString).pathname.slice(1);
  const connection = connectionTo(`host=${socketDirectory} port=${port} user=${user} dbname=${dbname}`, {
    statementTimeoutMilliseconds: 20_000,
  });
  opened.push(connection);
  const snapshot = await readDatabase(connection, never);
  if (!snapshot.ok) throw new Error(snapshot.problem.message);
  return databaseSchema(snapshot.value, reading, { ...options, version: 15 });
}

/** What each statement of a file above the database is refused for, and what its queries visit. */
function told(catalog: Catalog, text: string): readonly string[] {
  const replayOptions = { ...options, version: 15, pathmanVersion: "auto" } as const;
  const steps = replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start: databaseStart(catalog, { ...defaultSettings, "schema.complete": true }),
    options: replayOptions,
    previous: [],
    source: { text, reading },
  });
  return steps.map((step) => {
    if (step.declined.length > 0) return `? ${step.declined.join()}`;
    if (step.rejection !== null) return step.rejection.message;
    const { relations } = predictedVerdict(step, replayOptions);
    return relations
      .map(({ relation, shards, survivors }) => {
        const visited = shards === undefined ? "" : ` ${shardsText({ shards })}`;
        return `${relation.name}${visited}: ${survivors?.map(({ name }) => name).join(" ")}`;
      })
      .join("; ");
  });
}

/** What the rule about time zones says of a file above the database. */
function warned(catalog: Catalog, text: string): readonly string[] {
  const document = parseDocument(text, reading);
  const replayOptions = { ...options, version: 15, pathmanVersion: "auto", timeZone: "UTC" } as const;
  const start = databaseStart(catalog, defaultSettings);
  const source = { text, reading };
  const { statements } = document;
  const steps = replay({ file: "a.sql", statements, start, options: replayOptions, previous: [], source });
  const findings = runRules({
    file: "a.sql",
    document,
    steps,
    final: finalCatalog(start, steps),
    options: replayOptions,
    reading,
    severities: {},
    startInFile: () => null,
  });
  return findings.flatMap(({ rule, message }) => (rule === "partman-timezone" ? message : []));
}

describe("Citus", () => {
  beforeAll(async () => {
    database = await createDatabase(15);
    await database.client.query(citusTables);
  }, 120_000);
  afterAll(() => database.close());

  test("tables are distributed as its catalogs say, by the column that they name", async () => {
    const { catalog, declined } = await read();
    expect(declined).toEqual([]);
    const shardsOf = (schema: string, name: string) => findRelation(catalog, { schema, name })?.shards;
    expect(shardsOf("app", "events")).toEqual({
      kind: "distributed",
      method: "hash",
      column: "user_id",
      colocation: 7,
      ids: [102008, 102009, 102010, 102011],
    });
    expect(shardsOf("app", "users")?.column).toBe("user_id");
    expect(shardsOf("app", "plans")).toMatchObject({ kind: "reference", method: "none", colocation: 3 });
    expect(shardsOf("app", "notes")).toMatchObject({ kind: "local", colocation: 0 });
    expect(shardsOf("tenant", "orders")).toMatchObject({ kind: "schema", colocation: 9 });
    expect(shardsOf("app", "plain")).toBeUndefined();
    const { sharded } = catalog;
    const group = sharded?.groups.get(7);
    expect(group?.ranges?.map(([min]) => min)).toEqual([-2147483648, -1073741824, 0, 1073741824]);
    expect(group?.nodes).toEqual(["left:5432", "right:5433", "left:5432", "right:5433"]);
    expect([...(group?.members.keys() ?? [])]).toHaveLength(3);
    const users = shardsOf("app", "users");
    expect(users && rangesOf(sharded, users)).toHaveLength(4);
    expect([sharded?.nextGroup, sharded?.workers, sharded?.schemas.get("tenant")]).toEqual([10, 2, 9]);
  });

  test("files above it are told shards, refusals and nodes", async () => {
    const { catalog } = await read();
    const text = `
      SELECT * FROM app.events WHERE user_id = 42 AND day = '2024-05-05';
      SELECT create_distributed_table('app.users', 'user_id');
      UPDATE app.users SET user_id = 1;
      SET citus.shard_replication_factor = 3;
      SELECT create_distributed_table('app.plain', 'id');`;
    expect(told(catalog, text)).toEqual([
      "events 1 of 4 shards on right:5433: events_24",
      'table "users" is already distributed',
      "modifying the partition value of rows is not allowed",
      "",
      "replication_factor (3) exceeds number of worker nodes (2)",
    ]);
  });

  test("what moves or splits shards takes no wrong forms, and what it leaves is not claimed", async () => {
    const { catalog } = await read();
    const visited = "SELECT * FROM app.events WHERE user_id = 42 AND day = '2024-05-05';";
    const calls = (text: string) => told(catalog, `${text} ${visited}`);
    expect(
      calls(`SELECT citus_add_node('w', 5432, -1, 'primary', 'default');
      SELECT citus_move_shard_placement(102008, 'left', 5432, 'right', 5433, 'block_writes');
      SELECT rebalance_table_shards('app.users', threshold := 0.1, max_shard_moves => 2);`),
    ).toEqual(["", "", "", "events 1 of 4 shards: events_24"]);
    expect(calls("SELECT citus_remove_node('nohost', 5432);")).toEqual([
      "? citus: whether there is such a node is not known",
      "events 1 of 4 shards on right:5433: events_24",
    ]);
    const split = calls("SELECT citus_split_shard_by_split_points(102010, ARRAY['100'], ARRAY[2, 3], 'block_writes');");
    expect(split[0]).toBe("? citus: into which shards a shard is split is not followed");
    expect(split[1]).not.toContain("of 4 shards");
  });

  test("a role that may not read them breaks nothing, and nothing is claimed of what they may say", async () => {
    await database.client.query(`
      CREATE ROLE without_citus LOGIN; GRANT USAGE ON SCHEMA app, meta TO without_citus;
      GRANT SELECT ON meta.pg_dist_shard TO without_citus`);
    try {
      const { catalog, declined } = await read("without_citus");
      expect(declined).toContain("citus 13.2-1: meta.pg_dist_partition may not be read by this role");
      expect(findRelation(catalog, { schema: "app", name: "events" })?.shards).toBeUndefined();
      expect(catalog.unread).toEqual(["citus"]);
      expect(
        told(
          catalog,
          "SELECT create_distributed_table('app.users', 'nosuch'); SELECT 1 FROM app.events WHERE day = '2024-05-05';",
        ),
      ).toEqual([
        '? whether it is refused is not known: column "nosuch" of relation "users" does not exist',
        "events: events_24",
      ]);
    } finally {
      await database.client.query("DROP OWNED BY without_citus; DROP ROLE without_citus");
    }
  });

  test("a range that is missing is no guess", async () => {
    await database.client.query("BEGIN; DELETE FROM meta.pg_dist_shard WHERE shardid = 102018; COMMIT");
    const { catalog, declined } = await read();
    expect(declined).toEqual(["citus 13.2-1: how app.users is distributed is not understood"]);
    expect(findRelation(catalog, { schema: "app", name: "users" })?.knowledge).toBe("tainted");
  });
});

describe("pg_pathman and pg_partman", () => {
  beforeAll(async () => {
    database = await createDatabase(15);
    await database.client.query(pathmanAndPartmanTables);
  }, 120_000);
  afterAll(() => database.close());

  test("tables are divided and managed as their configuration says", async () => {
    const { catalog, declined } = await read();
    expect(declined).toEqual([]);
    const journal = findRelation(catalog, { schema: "public", name: "journal" });
    expect(journal && pathmanTableOf(catalog, journal)).toMatchObject({
      type: "range",
      expression: "dt",
      interval: "1 mon",
    });
    expect(journal && parametersOf(catalog, journal.id)).toEqual({ enableParent: false, auto: false, callback: null });
    const manager = managerNamed(catalog, "pg_partman", "public.hits");
    expect(manager?.version).toBe("5.2.4");
    expect(manager?.row.get("premake")).toEqual({ family: "integer", value: 30n });
    expect(manager?.row.get("constraint_cols")).toEqual({
      family: "array",
      elements: [{ family: "text", value: "id" }],
    });
    // What a version does not have has its default; when it ran last is not known.
    expect(manager?.row.get("epoch")).toEqual({ family: "text", value: "none" });
    expect([manager?.row.has("maintenance_last_run"), manager?.row.has("something_new")]).toEqual([false, false]);
    expect(manager?.sub?.get("premake")).toEqual({ family: "integer", value: 2n });
  });

  test("a divided table has the layout of its registration", async () => {
    const { catalog } = await read();
    const journal = findRelation(catalog, { schema: "public", name: "journal" });
    expect(journal === null ? null : layoutOf(journal)).toMatchObject({
      by: "pathman",
      stray: "refused",
      certain: true,
    });
  });

  test("the stamp is another once a row of a configuration is", async () => {
    const { socketDirectory, port } = database.server;
    const dbname = new URL(database.connectionString).pathname.slice(1);
    const connection = connectionTo(`host=${socketDirectory} port=${port} user=postgres dbname=${dbname}`);
    opened.push(connection);
    const stamp = async (): Promise<string> => {
      const answer = await readSchemaStamp(connection, never);
      return answer.ok ? answer.value : answer.problem.message;
    };
    const first = await stamp();
    expect(await stamp()).toBe(first);
    await database.client.query("UPDATE partman.part_config SET premake = 31");
    const second = await stamp();
    expect(second).not.toBe(first);
    await database.client.query("UPDATE partman.part_config SET maintenance_last_run = now() + interval '1 hour'");
    expect(await stamp()).toBe(second);
    await database.client.query("UPDATE ext.pathman_config_params SET auto = true");
    expect(await stamp()).not.toBe(second);
    await database.client.query(
      "UPDATE partman.part_config SET premake = 30; UPDATE ext.pathman_config_params SET auto = false",
    );
  });

  test("a version that is not known is said, and nothing is claimed of its calls", async () => {
    const setVersions = (partman: string, pathman: string) =>
      database.client.query(`UPDATE pg_extension SET extversion = CASE extname WHEN 'pg_partman' THEN '${partman}' ELSE '${pathman}' END
        WHERE extname IN ('pg_partman', 'pg_pathman')`);
    await setVersions("6.0.1", "2.0");
    const { catalog, declined } = await read();
    await setVersions("5.2.4", "1.5");
    expect(declined).toEqual([
      "pg_pathman 2.0: this version is not known, so what it keeps is not read",
      "pg_partman 6.0.1: this version is not known, so what it keeps is not read",
    ]);
    expect(catalog.unread).toEqual(["pg_pathman", "pg_partman"]);
    expect(told(catalog, "SELECT partman.create_parent('public.hits', 'at', '1 day');")).toEqual([
      expect.stringMatching(/^\? /),
    ]);
    expect(told(catalog, "SELECT * FROM hits")).toEqual([expect.stringMatching(/^hits/)]);
  });

  test("files above it are pruned by them, and their calls go on from there", async () => {
    const { catalog } = await read();
    const text = `
      SELECT * FROM journal WHERE dt = '2024-02-10';
      SET search_path = public, ext;
      SELECT create_range_partitions('journal', 'dt', '2024-01-01'::timestamp, '1 month'::interval, 2);
      SELECT append_range_partition('journal', 'journal_next');
      SELECT * FROM journal WHERE dt = '2024-03-10';
      SELECT partman.create_parent('public.hits', 'at', '1 day');`;
    expect(told(catalog, text)).toEqual([
      "journal: journal_2",
      "",
      'table "journal" has already been partitioned',
      "",
      "journal: journal_next",
      expect.stringContaining('duplicate key value violates unique constraint "part_config_parent_table_pkey"'),
    ]);
  });

  test("maintenance in another time zone than that in which days of a set begin at midnight is warned of", async () => {
    const databaseName = new URL(database.connectionString).pathname.slice(1);
    await database.client.query(`CREATE TABLE hits_p PARTITION OF hits FOR VALUES FROM ('2024-01-31 23:00+00') TO ('2024-02-01 23:00+00');
      ALTER DATABASE "${databaseName}" SET TimeZone = 'UTC'`);
    const { catalog } = await read();
    expect(warned(catalog, "SELECT partman.run_maintenance('public.hits');")).toEqual([
      expect.stringMatching(
        /^The newest partition of "public.hits" begins at 23:00 in the time zone of this session, UTC, so/,
      ),
    ]);
    expect(warned(catalog, "SET TimeZone = 'Europe/Berlin'; SELECT partman.run_maintenance();")).toEqual([]);
    await database.client.query("DROP TABLE hits_p");
  });

  test("the database tells the version, whatever version the calls of a file are of", async () => {
    const { catalog } = await read();
    expect(
      told(
        catalog,
        "SET search_path = public, ext; SELECT append_partition('journal'); SELECT partman.create_parent('public.journal', 'dt', 'native', 'daily');",
      ),
    ).toEqual([
      "",
      "function append_partition(unknown) does not exist",
      "daily is not a valid partitioning type for pg_partman",
    ]);
  });

  test("what a file registers itself it meets as new", async () => {
    const { catalog } = await read();
    const text = `
      CREATE TABLE hits (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);
      SELECT partman.create_parent('public.hits', 'at', '1 day');
      DO $$ BEGIN PERFORM ext.create_range_partitions('journal', 'dt', '2024-01-01'::timestamp, '1 month'::interval, 2); END $$;`;
    const removals = removalsFrom(catalog, [parseDocument(text, reading)]);
    const start = withoutCreated(catalog, removals, reading, { ...options, version: 15 });
    expect(told(start, text)).toEqual(["", "", ""]);
  });

  test("a column whose type brings functions of its own is not read, and none of them runs", async () => {
    await database.client.query(`
      CREATE TYPE loud AS ENUM ('x');
      CREATE FUNCTION leak(loud) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called'; END $$;
      CREATE FUNCTION shout(loud) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called'; END $$;
      CREATE CAST (loud AS json) WITH FUNCTION leak(loud);
      CREATE CAST (loud AS text) WITH FUNCTION shout(loud);
      ALTER TABLE partman.part_config ADD COLUMN "a loud one" loud DEFAULT 'x';
      ALTER TABLE ext.pathman_config ALTER COLUMN range_interval TYPE loud USING 'x'`);
    // That these columns would call them.
    await expect(database.client.query("SELECT to_jsonb(t) FROM partman.part_config t")).rejects.toThrow("called");
    await expect(database.client.query("SELECT range_interval::text FROM ext.pathman_config")).rejects.toThrow(
      "called",
    );
    const { catalog, declined } = await read();
    expect(declined).toEqual([]);
    expect(managerNamed(catalog, "pg_partman", "public.hits")).not.toBeNull();
    await database.client.query(`
      ALTER TABLE partman.part_config DROP COLUMN "a loud one";
      ALTER TABLE ext.pathman_config ALTER COLUMN range_interval TYPE text USING '1 mon'`);
  });

  test("a view in the place of a table, columns of another version and a policy are said and not read", async () => {
    await database.client.query(`
      CREATE ROLE careful LOGIN; GRANT USAGE ON SCHEMA ext, partman TO careful;
      GRANT SELECT ON ALL TABLES IN SCHEMA ext, partman TO careful;
      CREATE FUNCTION spy() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'called'; END $$;
      CREATE POLICY spies ON ext.pathman_config FOR SELECT USING (spy());
      ALTER TABLE partman.part_config RENAME COLUMN control TO steering`);
    const { catalog, declined } = await read("careful");
    expect(declined).toEqual([
      "pg_pathman 1.5: ext.pathman_config has policies",
      "pg_partman 5.2.4: partman.part_config has no column control",
    ]);
    expect(catalog.unread).toEqual(["pg_pathman", "pg_partman"]);
    expect(
      told(
        catalog,
        "SELECT ext.create_range_partitions('journal', 'dt', '2024-01-01'::timestamp, '1 month'::interval, 2);",
      ),
    ).toEqual(['? whether it is refused is not known: can\'t partition table "journal" with existing children']);
    await database.client.query(`
      ALTER EXTENSION pg_partman DROP TABLE partman.part_config;
      ALTER TABLE partman.part_config RENAME TO kept;
      CREATE VIEW partman.part_config AS SELECT *, spy() FROM partman.kept;
      ALTER EXTENSION pg_partman ADD VIEW partman.part_config`);
    expect((await read("careful")).declined).toContain("pg_partman 5.2.4: partman.part_config is no plain table");
    await database.client.query("DROP OWNED BY careful; DROP ROLE careful");
  });
});
