/** Rows and pages of tables, asked of real servers: what is not counted yet is told as such on every major. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { readRelationSizes } from "../../server/src/postgres/relation-sizes.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  beforeAll(async () => {
    database = await createDatabase(major);
    await database.client.query(`
      CREATE TABLE t (a int) PARTITION BY LIST (a);
      CREATE TABLE "T one" PARTITION OF t FOR VALUES IN (1);
      CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);
      INSERT INTO t SELECT 1 FROM generate_series(1, 1000);
      INSERT INTO t SELECT 2 FROM generate_series(1, 10);
    `);
    await database.client.query('ANALYZE "T one"');
    connection = connectionTo(database.connectionString);
  });
  afterAll(async () => {
    await connection?.close();
    await database?.close();
  });

  it("tells what ANALYZE counted, and of the others that nothing did", async () => {
    const result = await readRelationSizes(connection, never);
    if (!result.ok) throw new Error(result.problem.message);
    const [one, two, ...others] = [...result.value].sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(others).toEqual([]);
    expect(one).toMatchObject({ schema: "public", name: "T one", rows: 1000 });
    expect(one?.bytes).toBeGreaterThan(0);
    expect(two).toEqual({ schema: "public", name: "t2", rows: null, bytes: 0 });
  });
});
