/** Partitions that are made like another one are what a statement for each would have made of them. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { readPlainBound } from "../../server/src/postgres/bulk-partitions.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { type DatabaseSnapshot, databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { schemaScript } from "../../server/src/postgres/schema-script.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { comparable } from "./comparable-catalog.ts";
import { connectionTo, never } from "./support.ts";

const reading = await readingForTests();

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let connection: DatabaseConnection;

  beforeAll(async () => {
    database = await createDatabase(major);
    connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
  });
  afterAll(async () => {
    await connection.close();
    await database.close();
  });

  async function snapshotOf(ddl: string): Promise<DatabaseSnapshot> {
    await database.client.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${ddl}`);
    const read = await readDatabase(connection, never);
    if (!read.ok) throw new Error(read.problem.message);
    return read.value;
  }

  function schemaOf(snapshot: DatabaseSnapshot, bulk: boolean): { catalog: Catalog; declined: readonly string[] } {
    return databaseSchema(snapshot, reading, { ...options, version: major }, { bulk });
  }

  test.each([
    [
      "ranges, with key and index",
      `CREATE TABLE t (id bigint NOT NULL, at date NOT NULL, kind text DEFAULT 'x' NOT NULL, CHECK (id > 0), PRIMARY KEY (id, at))
        PARTITION BY RANGE (at); CREATE INDEX t_kind ON t (kind, lower(kind)) WHERE id > 5;
      DO $$ BEGIN FOR i IN 0..120 LOOP
        EXECUTE format('CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%L) TO (%L)', i, date '2020-01-01' + i, date '2020-01-01' + i + 1);
      END LOOP; END $$; CREATE TABLE t_rest PARTITION OF t DEFAULT`,
    ],
    [
      "lists, remainders, numbers, quotes, and ends without one",
      `CREATE TABLE l (a text, b int) PARTITION BY LIST (a);
      CREATE TABLE l_1 PARTITION OF l FOR VALUES IN ('it''s', 'b\\c'); CREATE TABLE l_2 PARTITION OF l FOR VALUES IN (NULL, 'x, y', ')');
      CREATE TABLE l_3 PARTITION OF l FOR VALUES IN ('MAXVALUE'); CREATE TABLE l_4 PARTITION OF l FOR VALUES IN ('true', '1');
      CREATE TABLE h (a int) PARTITION BY HASH (a);
      CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 0); CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 1);
      CREATE TABLE h_2 PARTITION OF h FOR VALUES WITH (MODULUS 6, REMAINDER 2); CREATE TABLE b (a bool, n numeric(8,2)) PARTITION BY LIST (a);
      CREATE TABLE b_1 PARTITION OF b FOR VALUES IN (true); CREATE TABLE b_2 PARTITION OF b FOR VALUES IN (false, NULL);
      CREATE TABLE n (a int, m numeric(8,2), s text) PARTITION BY RANGE (a, m, s);
      CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (MINVALUE, MINVALUE, MINVALUE) TO (-5, -2.5, 'MINVALUE');
      CREATE TABLE n_2 PARTITION OF n FOR VALUES FROM (-5, -2.5, 'MINVALUE') TO (7, MAXVALUE, MAXVALUE);
      CREATE TABLE n_3 PARTITION OF n FOR VALUES FROM (10, 1e3, 'q') TO (MAXVALUE, MAXVALUE, MAXVALUE)`,
    ],
    [
      "partitions that are not like the others",
      `CREATE TABLE other (k int PRIMARY KEY); CREATE SCHEMA app;
      CREATE TABLE t (k int, note text, n serial, own int REFERENCES other (k)) PARTITION BY RANGE (k);
      CREATE TABLE t_1 PARTITION OF t (note NOT NULL) FOR VALUES FROM (0) TO (10); CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20);
      CREATE UNLOGGED TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30); CREATE TABLE app.t_4 PARTITION OF t FOR VALUES FROM (30) TO (40);
      CREATE TABLE t_5 PARTITION OF t FOR VALUES FROM (40) TO (50) PARTITION BY LIST (note);
      CREATE TABLE t_5_a PARTITION OF t_5 FOR VALUES IN ('a'); CREATE TABLE t_5_b PARTITION OF t_5 FOR VALUES IN ('b');
      CREATE TABLE t_5_c PARTITION OF t_5 (note DEFAULT 'c') FOR VALUES IN ('c');
      CREATE TABLE joined (k int, note text, n int NOT NULL DEFAULT 7, own int, CHECK (k > 5)); ALTER TABLE t ATTACH PARTITION joined FOR VALUES FROM (50) TO (60);
      ALTER TABLE t_2 ADD CONSTRAINT mine CHECK (k < 100); CREATE INDEX own_name ON t_2 (note); CREATE INDEX t_note ON t (note);
      CREATE UNIQUE INDEX alone ON app.t_4 (k); ALTER TABLE t_2 ALTER COLUMN note SET DEFAULT 'y'`,
    ],
  ])("%s", async (_, ddl) => {
    const snapshot = await snapshotOf(ddl);
    const [alike, alone] = [schemaOf(snapshot, true), schemaOf(snapshot, false)];
    expect(alike.declined).toEqual([]);
    expect(alone.declined).toEqual([]);
    expect(comparable(alike.catalog)).toEqual(comparable(alone.catalog));
  });

  test("of a hundred like each other one is a statement", async () => {
    const snapshot = await snapshotOf(`CREATE TABLE t (k int) PARTITION BY RANGE (k);
      DO $$ BEGIN FOR i IN 0..99 LOOP EXECUTE format('CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$`);
    let parsed = 0;
    const parser: typeof reading.parser = {
      ...reading.parser,
      parse: (text) => {
        parsed++;
        return reading.parser.parse(text);
      },
    };
    const cache = { get: () => undefined, set: () => {} };
    const { catalog } = databaseSchema(snapshot, { parser, cache }, { ...options, version: major });
    expect(catalog.relations.size).toBe(101);
    expect(parsed).toBeLessThan(5);
    expect(schemaScript(snapshot.rows).length).toBeGreaterThan(100);
  });
});

test("a bound is read as the parser reads it, or left to it", () => {
  const datum = fc.oneof(
    fc
      .string({ unit: fc.constantFrom("a", "'", "\\", ",", " ", ")", "(", "é", "1") })
      .map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.integer({ min: 0 }).map(String),
    fc.constantFrom("true", "false", "NULL", "MINVALUE", "MAXVALUE", "'2020-01-01'::date", "1.5", "B'1'", "-3"),
  );
  const list = fc.array(datum, { minLength: 1, maxLength: 3 }).map((all) => `(${all.join(", ")})`);
  const bound = fc.oneof(
    fc.tuple(list, list).map(([from, to]) => `FOR VALUES FROM ${from} TO ${to}`),
    list.map((values) => `FOR VALUES IN ${values}`),
    fc.nat(99).map((modulus) => `FOR VALUES WITH (modulus ${modulus + 1}, remainder ${modulus})`),
    fc.constant("DEFAULT"),
  );
  const withoutPlaces = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, each) => (/range$|location/i.test(key) ? undefined : each)));
  let plain = 0;
  fc.assert(
    fc.property(bound, (text) => {
      const read = readPlainBound(text);
      if (read === null) return;
      plain++;
      const [placed] = parseDocument(`CREATE TABLE a PARTITION OF b ${text}`, reading).statements;
      const statement = placed?.statement;
      expect(withoutPlaces(read)).toEqual(
        withoutPlaces(statement?.kind === "create-table" ? statement.partitionOf?.bound : statement),
      );
    }),
    { numRuns: 1_000 },
  );
  expect(plain).toBeGreaterThan(300);
});
