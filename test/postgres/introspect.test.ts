/** Reading a database's schema: the catalog is what the replay of the same statements gives, on every major that matters. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Catalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { printBound, printPartitionKey } from "../../server/src/catalog/print.ts";
import { formatType } from "../../server/src/catalog/values/types.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { databaseSchema, readDatabase, readSchemaStamp } from "../../server/src/postgres/introspect.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { agrees, type RecordedQueries } from "../oracle/score-queries.ts";
import { sampleFile } from "../oracle/truth.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

const schema = `
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE DOMAIN app.positive AS int CHECK (VALUE > 0);
CREATE FUNCTION app.bucket(t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length(t)';
CREATE TABLE app.base (id int PRIMARY KEY, note text DEFAULT 'x');
CREATE TABLE app."Sales" (d date NOT NULL, "Region" varchar(20), n numeric(8,2), m app.mood, CONSTRAINT positive CHECK (n > 0))
  PARTITION BY RANGE (d, lower("Region"));
CREATE TABLE app.late (d date NOT NULL, "Region" varchar(20), n numeric(8,2), m app.mood, CONSTRAINT positive CHECK (n > 0));
CREATE TABLE app.sales_1 PARTITION OF app."Sales" FOR VALUES FROM ('2023-01-01', MINVALUE) TO ('2024-01-01', 'm');
ALTER TABLE app."Sales" ATTACH PARTITION app.late FOR VALUES FROM ('2024-01-01', 'm') TO (MAXVALUE, MAXVALUE);
CREATE TABLE app.moods (m app.mood, b bool) PARTITION BY LIST (m);
CREATE TABLE app.moods_1 PARTITION OF app.moods FOR VALUES IN ('sad', NULL) PARTITION BY LIST (b);
CREATE TABLE app.moods_1_t PARTITION OF app.moods_1 FOR VALUES IN (true);
CREATE TABLE app.moods_x PARTITION OF app.moods DEFAULT;
CREATE TABLE app.h (id bigint, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE app.h_0 PARTITION OF app.h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE UNLOGGED TABLE app.logs (at timestamptz, level app.positive);
CREATE TABLE app.logs_1 (CHECK (at < '2023-01-01 00:00+00')) INHERITS (app.logs);
ALTER TABLE app.logs_1 ADD COLUMN extra int NOT NULL DEFAULT 5;
CREATE TABLE app.expr (t text) PARTITION BY RANGE (app.bucket(t));
CREATE VIEW app.big AS SELECT d, n FROM app."Sales" WHERE n > 100;
CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) AS c FROM app.base;
CREATE UNIQUE INDEX base_note ON app.base (note);
CREATE SEQUENCE app.numbers;
ALTER TABLE app.h ADD COLUMN base_id int REFERENCES app.base (id);
`;

function tables(catalog: Catalog): readonly string[] {
  const lines: string[] = [];
  for (const relation of catalog.relations.values()) {
    if (relation.kind === "index" || relation.kind === "partitioned-index") continue;
    const parts = [`${relation.kind} ${relation.persistence} ${relation.schema}.${relation.name}`];
    if (relation.partitioning !== null) parts.push(printPartitionKey(relation.partitioning.key));
    const link = relation.partitionOf;
    const parent = link === null ? undefined : catalog.relations.get(link.parent);
    if (link !== null && parent?.partitioning != null)
      parts.push(`of ${parent.name} ${printBound(link.bound, parent.partitioning.key, catalog.settings)}`);
    if (relation.inherits.length > 0)
      parts.push(`inherits ${relation.inherits.map((id) => catalog.relations.get(id)?.name)}`);
    parts.push(
      relation.columns
        .map(({ name, type, notNull }) => `${name} ${formatType(type, [])}${notNull ? " not null" : ""}`)
        .join(", "),
    );
    parts.push(
      relation.constraints
        .filter(({ type }) => type !== "not-null")
        .map(({ name, type }) => `${type} ${name}`)
        .sort()
        .join(", "),
    );
    lines.push(parts.join(" | "));
  }
  return lines.sort();
}

describe.each([13, 15, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let reading: Reading;

  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 20_000 });
  });

  afterAll(async () => {
    await connection.close();
    await database.close();
  });

  async function introspected() {
    const snapshot = await readDatabase(connection, never);
    if (!snapshot.ok) throw new Error(snapshot.problem.message);
    return databaseSchema(snapshot.value, reading, { ...options, version: major as PostgresVersion });
  }

  test("a schema with everything in it", async () => {
    await database.client.query(schema);
    const { catalog, declined, extensions } = await introspected();
    expect(declined).toEqual([]);
    expect(tables(catalog)).toEqual([
      "materialized-view permanent app.counted | c bigint | ",
      'partitioned-table permanent app.Sales | RANGE (d, lower(("Region")::text)) | d date not null, Region character varying(20), n numeric(8,2), m app.mood | check positive',
      "partitioned-table permanent app.expr | RANGE (app.bucket(t)) | t text | ",
      "partitioned-table permanent app.h | HASH (id) | id bigint not null, base_id integer | foreign-key h_base_id_fkey, primary-key h_pkey",
      "partitioned-table permanent app.moods | LIST (m) | m app.mood, b boolean | ",
      "partitioned-table permanent app.moods_1 | LIST (b) | of moods FOR VALUES IN ('sad', NULL) | m app.mood, b boolean | ",
      "sequence permanent app.numbers |  | ",
      "table permanent app.base | id integer not null, note text | primary-key base_pkey",
      "table permanent app.h_0 | of h FOR VALUES WITH (modulus 2, remainder 0) | id bigint not null, base_id integer | foreign-key h_base_id_fkey, primary-key h_0_pkey",
      "table permanent app.late | of Sales FOR VALUES FROM ('2024-01-01', 'm') TO (MAXVALUE, MAXVALUE) | d date not null, Region character varying(20), n numeric(8,2), m app.mood | check positive",
      "table permanent app.logs_1 | inherits logs | at timestamp with time zone, level app.positive, extra integer not null | check logs_1_at_check",
      "table permanent app.moods_1_t | of moods_1 FOR VALUES IN (true) | m app.mood, b boolean | ",
      "table permanent app.moods_x | of moods DEFAULT | m app.mood, b boolean | ",
      "table permanent app.sales_1 | of Sales FOR VALUES FROM ('2023-01-01', MINVALUE) TO ('2024-01-01', 'm') | d date not null, Region character varying(20), n numeric(8,2), m app.mood | check positive",
      "table unlogged app.logs | at timestamp with time zone, level app.positive | ",
      "view permanent app.big | d date, n numeric(8,2) | ",
    ]);
    expect(extensions).toEqual({ pathman: null, partman: null, citus: null });
    expect(catalog.databaseCollation).toBe("C");
    expect(catalog.settings.searchPath).toEqual(["$user", "public"]);
    const sales = findRelation(catalog, { schema: "app", name: "Sales" });
    expect(sales?.origin).toEqual({ kind: "database" });
    expect(sales?.constraints.map((constraint) => constraint.origin.kind)).not.toContain("statement");
  });

  test("partitions with NOT NULL of their own, of a parent that is shown and of one that belongs to an extension", async () => {
    await database.client.query(`
      CREATE SCHEMA p;
      CREATE TABLE p.shown (a int NOT NULL, b text, c date DEFAULT now()) PARTITION BY RANGE (a);
      CREATE TABLE p.shown_1 PARTITION OF p.shown (b NOT NULL) FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b);
      CREATE TABLE p.shown_1_x PARTITION OF p.shown_1 (c NOT NULL) FOR VALUES IN ('x');
      CREATE TABLE p.hidden (a int NOT NULL, b text) PARTITION BY RANGE (a);
      CREATE TABLE p.hidden_1 PARTITION OF p.hidden FOR VALUES FROM (0) TO (10);
      ALTER EXTENSION plpgsql ADD TABLE p.hidden`);
    const { catalog, declined } = await introspected();
    await database.client.query("ALTER EXTENSION plpgsql DROP TABLE p.hidden; DROP SCHEMA p CASCADE");
    expect(declined).toEqual([]);
    expect(tables(catalog).filter((line) => line.includes(" p."))).toEqual([
      "partitioned-table permanent p.shown | RANGE (a) | a integer not null, b text, c date | ",
      "partitioned-table permanent p.shown_1 | LIST (b) | of shown FOR VALUES FROM (0) TO (10) | a integer not null, b text not null, c date | ",
      "table permanent p.hidden_1 | a integer not null, b text | ",
      "table permanent p.shown_1_x | of shown_1 FOR VALUES IN ('x') | a integer not null, b text not null, c date not null | ",
    ]);
  });

  test("indexes of partitioned tables, with names of their own or by default, whole and in the making", async () => {
    await database.client.query(`
      CREATE SCHEMA i;
      CREATE TABLE i.plain (a int, b text) PARTITION BY RANGE (a);
      CREATE INDEX plain_a ON i.plain (a, lower(b));
      CREATE TABLE i.plain_1 PARTITION OF i.plain FOR VALUES FROM (0) TO (10) PARTITION BY LIST (b);
      CREATE TABLE i.plain_1_x PARTITION OF i.plain_1 FOR VALUES IN ('x');
      CREATE TABLE i.named (a int NOT NULL, b text) PARTITION BY RANGE (a);
      CREATE TABLE i.named_1 PARTITION OF i.named FOR VALUES FROM (0) TO (10);
      CREATE TABLE i.named_2 PARTITION OF i.named FOR VALUES FROM (10) TO (20);
      CREATE INDEX own_name ON i.named_1 (b);
      CREATE INDEX named_b ON i.named (b);
      ALTER TABLE i.named_1 ADD CONSTRAINT own_key UNIQUE (a, b);
      CREATE UNIQUE INDEX named_key ON i.named (a, b);
      CREATE INDEX "of ON ONLY one" ON ONLY i.named (a);
      CREATE INDEX named_1_a ON i.named_1 (a);
      ALTER INDEX i."of ON ONLY one" ATTACH PARTITION i.named_1_a;
      CREATE INDEX alone ON i.named_2 (a) WHERE b > 'x';
    `);
    const { rows } = await database.client.query(`
      SELECT c.relname AS name, x.indisvalid AS valid, p.relname AS parent
      FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
        LEFT JOIN pg_class p ON p.oid = h.inhparent
      WHERE c.relnamespace = 'i'::regnamespace ORDER BY c.relname COLLATE "C"`);
    const { catalog, declined } = await introspected();
    expect(declined).toEqual([]);
    const read = [...catalog.relations.values()].flatMap(({ schema, name, index }) => {
      if (schema !== "i" || index == null) return [];
      const parent = index.attachedTo === null ? null : (catalog.relations.get(index.attachedTo)?.name ?? "?");
      return [{ name, valid: index.valid, parent }];
    });
    expect(read.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(rows);
    expect(rows).toContainEqual({ name: "of ON ONLY one", valid: false, parent: null });
  });

  test("the stamp changes with the schema and with nothing else", async () => {
    const stamp = async () => {
      const result = await readSchemaStamp(connection, never);
      return result.ok ? result.value : result.problem.message;
    };
    const before = await stamp();
    await database.client.query("INSERT INTO app.base VALUES (1)");
    expect(await stamp()).toBe(before);
    await database.client.query("CREATE TABLE app.h_1 PARTITION OF app.h FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
    expect(await stamp()).not.toBe(before);
  });
});

test("the recorded schemas come back as they were recorded", async () => {
  const reading = await readingForTests();
  const database = await createDatabase(18);
  const connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 20_000 });
  const recordings = readFileSync(sampleFile, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RecordedQueries);
  const different: string[] = [];
  try {
    for (const { id, ddl, catalog } of recordings) {
      await database.client.query(
        "DROP SCHEMA IF EXISTS app, sales, archive, s, other CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; RESET ALL",
      );
      for (const statement of ddl) await database.client.query(statement).catch(() => {});
      await database.client.query("ROLLBACK");
      const { rows } = await database.client.query(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
      );
      const snapshot = await readDatabase(connection, never);
      if (!snapshot.ok) throw new Error(snapshot.problem.message);
      const read = databaseSchema(snapshot.value, reading, options);
      if (!agrees(read.catalog, catalog)) different.push(`script ${id}: ${read.declined.join("; ")}`);
      for (const { nspname } of rows)
        if (nspname !== "public") await database.client.query(`DROP SCHEMA "${nspname}" CASCADE`);
    }
  } finally {
    await connection.close();
    await database.close();
  }
  expect(different).toEqual([]);
});
