// The servers that other tests rely on: the right major, the settings that make answers the same on every machine.
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "./database.ts";
import { startServer } from "./postgres-server.ts";

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(major);
  });
  afterAll(async () => await database.close());

  it("is that major, in UTC, UTF-8 and the C collation", async () => {
    const { rows } = await database.client.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('TimeZone') AS zone,
              current_setting('server_encoding') AS encoding, datcollate AS collation
         FROM pg_database WHERE datname = current_database()`,
    );
    expect(rows).toEqual([{ major, zone: "UTC", encoding: "UTF8", collation: "C" }]);
  });

  it("locks a thousand partitions in one transaction", async () => {
    await database.client.query("CREATE TABLE t (k int) PARTITION BY RANGE (k)");
    await database.client.query(`DO $$ BEGIN FOR i IN 0..999 LOOP
      EXECUTE format('CREATE TABLE t_%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$`);
    const { rows } = await database.client.query("SELECT count(*)::int AS leaves FROM pg_inherits");
    expect(rows).toEqual([{ leaves: 1000 }]);
  });

  it("asks every role but the superuser for a password", async () => {
    await database.client.query("CREATE ROLE reader LOGIN PASSWORD 'right'");
    const connectionString = database.connectionString.replace("postgres@", "reader:wrong@");
    await expect(new Client({ connectionString }).connect()).rejects.toMatchObject({ code: "28P01" });
    await database.client.query("DROP ROLE reader");
  });
});

it("a server of one's own is gone after stop, together with its connections", async () => {
  const server = await startServer(18);
  const client = new Client({ connectionString: server.connectionString });
  const lost = new Promise<Error>((seen) => client.once("error", seen));
  await client.connect();
  await server.stop();
  expect((await lost).message).toMatch(/terminat/i);
  await expect(new Client({ connectionString: server.connectionString }).connect()).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
});
