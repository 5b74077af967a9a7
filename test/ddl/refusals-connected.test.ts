/** What a database shows keeps an operation from being done: refused with what to do instead, where the server would refuse its script. */

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalog, withSettings } from "../../server/src/catalog/catalog.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operateOn, replayed, stepsOn } from "./support.ts";

const schema = `
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;
CREATE TABLE t (k int PRIMARY KEY) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_10 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE t_20 PARTITION OF t FOR VALUES FROM (20) TO (30);
CREATE TABLE t_40 PARTITION OF t FOR VALUES FROM (40) TO (50) PARTITION BY HASH (k);
CREATE TABLE t_40_0 PARTITION OF t_40 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE r (k int REFERENCES t_20);
CREATE TABLE l (k text) PARTITION BY LIST (k);
CREATE TABLE l_a PARTITION OF l FOR VALUES IN ('a', 'b');
CREATE FOREIGN TABLE l_f PARTITION OF l FOR VALUES IN ('f') SERVER far;
CREATE TABLE l_rest PARTITION OF l DEFAULT;
CREATE TABLE d (k int PRIMARY KEY) PARTITION BY RANGE (k);
CREATE TABLE d_0 PARTITION OF d FOR VALUES FROM (0) TO (10);
CREATE TABLE d_10 PARTITION OF d FOR VALUES FROM (10) TO (20);
CREATE TABLE h (k int PRIMARY KEY) PARTITION BY HASH (k);
CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;

const finish = (name: string): string =>
  `${name} is being detached: finish that first with ALTER TABLE … DETACH PARTITION ${name} FINALIZE`;

describe("what a database shows", () => {
  let reading: Reading;
  let database: TestDatabase;
  let catalog: Catalog;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(18);
    const { client } = database;
    await client.query(schema);
    const other = new Client(database);
    await other.connect();
    await client.query("SET lock_timeout = '100ms'");
    for (const [table, part] of [
      ["d", "d_0"],
      ["h", "h_0"],
    ]) {
      await other.query(`BEGIN; SELECT FROM ${table}`);
      await expect(client.query(`ALTER TABLE ${table} DETACH PARTITION ${part} CONCURRENTLY`)).rejects.toMatchObject({
        code: "55P03",
      });
      await other.query("ROLLBACK");
    }
    await other.end();
    const connection = connectionTo(database.connectionString);
    const snapshot = await readDatabase(connection, never);
    await connection.close();
    if (!snapshot.ok) throw new Error(snapshot.problem.message);
    const options = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" } as const;
    catalog = withSettings(databaseSchema(snapshot.value, reading, options).catalog, { searchPath: ["public"] });
  });
  afterAll(() => database.close());

  it.each<[Readonly<Record<string, unknown>>, string, string | null, string]>([
    [
      { operation: "split", table: "d", partition: "d_0", at: "5" },
      finish("d_0"),
      "ALTER TABLE d DETACH PARTITION d_0",
      "55000",
    ],
    [
      { operation: "merge", table: "d", partitions: ["d_10", "d_0"] },
      finish("d_0"),
      "ALTER TABLE d DETACH PARTITION d_0",
      "55000",
    ],
    [
      { operation: "detach", table: "d", partition: "d_0" },
      finish("d_0"),
      "ALTER TABLE d DETACH PARTITION d_0",
      "55000",
    ],
    [{ operation: "drop", table: "d", partition: "d_0" }, finish("d_0"), "ALTER TABLE d DETACH PARTITION d_0", "55000"],
    [
      { operation: "detach", table: "d", partition: "d_10", style: "online" },
      finish("d_0"),
      "ALTER TABLE d DETACH PARTITION d_10 CONCURRENTLY",
      "55000",
    ],
    [
      { operation: "retention", table: "d", keep: "1", action: "archive" },
      finish("d_0"),
      "ALTER TABLE d DETACH PARTITION d_0",
      "55000",
    ],
    [{ operation: "rehash", table: "h", modulus: 4 }, finish("h_0"), "ALTER TABLE h DETACH PARTITION h_0", "55000"],
    [
      { operation: "create-ranges", table: "d", start: "0", interval: "10" },
      "would overlap d_0",
      "CREATE TABLE more PARTITION OF d FOR VALUES FROM (0) TO (10)",
      "42P17",
    ],
    [
      { operation: "drop", table: "t", partition: "t_20" },
      "a foreign key of r refers to t_20 itself, which would be dropped",
      "DROP TABLE t_20",
      "2BP01",
    ],
    [
      { operation: "retention", table: "t", keep: "1", action: "drop" },
      "a foreign key of r refers to t_20 itself, which would be dropped: drop that key first, or detach",
      "DROP TABLE t_20",
      "2BP01",
    ],
    [
      { operation: "split", table: "t", partition: "t_20", at: "25" },
      "a foreign key of r refers to t_20 itself",
      null,
      "",
    ],
    [{ operation: "split", table: "t", partition: "t_40", at: "45" }, "t_40 is partitioned itself", null, ""],
    [{ operation: "merge", table: "t", partitions: ["t_0"] }, "must name two or more neighbours", null, ""],
    [{ operation: "merge", table: "t", partitions: ["t_10", "t_40"] }, "t_40 is partitioned itself", null, ""],
    [{ operation: "split", table: "l", partition: "l_f", values: ["f"] }, "l_f is a foreign table", null, ""],
    [
      { operation: "split", table: "l", partition: "l_rest", values: ["x", "f"] },
      "f belongs to l_f already: no row of the default has it",
      "CREATE TABLE more PARTITION OF l FOR VALUES IN ('x', 'f')",
      "42P17",
    ],
    [{ operation: "split", table: "t", partition: "t_0", at: "10" }, "10 does not lie inside t_0", null, ""],
    [
      { operation: "split", table: "t", partition: "t_0", at: "soon" },
      'invalid input syntax for type integer: "soon"',
      "SELECT 'soon'::int",
      "22P02",
    ],
  ])("%j: %s", async (request, message, statement, sqlstate) => {
    const result = operateOn(catalog, reading, request, 18);
    if (result.ok) throw new Error(result.value.sql);
    expect(result.problem.message).toContain(message);
    if (statement !== null) await expect(database.client.query(statement)).rejects.toMatchObject({ code: sqlstate });
  });

  it("is no reason to refuse what goes on beside a partition that is being detached", async () => {
    for (const request of [
      { operation: "append", table: "d" },
      { operation: "detach", table: "d", partition: "d_10" },
      { operation: "split", table: "h", partition: "h_1" },
    ]) {
      const result = operateOn(catalog, reading, request, 18);
      if (!result.ok) throw new Error(result.problem.message);
      const { client } = database;
      await client.query("BEGIN");
      for (const { sql, transaction } of result.value.steps) if (transaction === "inside") await client.query(sql);
      await client.query("ROLLBACK");
    }
  });

  it.each([
    "ALTER TABLE d DETACH PARTITION d_0",
    "ALTER TABLE d DETACH PARTITION d_0 CONCURRENTLY",
    "ALTER TABLE d DETACH PARTITION d_10 FINALIZE",
  ])("the replay refuses %s in the server's words", async (statement) => {
    const refusal = await database.client.query(statement).catch((error: unknown) => error);
    const { message, detail, hint, code } = refusal as Record<string, string | undefined>;
    const [step] = stepsOn(catalog, reading, statement);
    const { rejection = null } = step ?? {};
    expect([rejection?.sqlstate, rejection?.message, rejection?.detail, rejection?.hint]).toEqual([
      code,
      message,
      detail,
      hint,
    ]);
  });

  it("the replay completes what is pending", () => {
    const [step] = stepsOn(catalog, reading, "ALTER TABLE d DETACH PARTITION d_0 FINALIZE");
    expect(step?.rejection).toBeNull();
  });
});

it("a table of which only a part is known is not taken for one that is known", async () => {
  const reading = await readingForTests();
  const half = replayed(reading, "ALTER TABLE elsewhere ATTACH PARTITION e_1 FOR VALUES FROM (1) TO (2);", 18, false);
  for (const request of [
    { operation: "split", table: "elsewhere", partition: "e_1", at: "1" },
    { operation: "convert", table: "elsewhere", to: "declarative", key: "k" },
  ]) {
    const result = operateOn(half, reading, request, 18);
    if (result.ok) throw new Error(result.value.sql);
    expect(result.problem.message).toContain(
      "the columns of elsewhere are not all known here, nor what else it has: name the files that create it (setting schema.files, option --schema), or connect",
    );
  }
  const unseen = operateOn(half, reading, { operation: "append", table: "unseen" }, 18);
  expect(unseen.ok ? "" : unseen.problem.message).toContain(
    "name the files that create it (setting schema.files, option --schema), or connect to the database",
  );
});
