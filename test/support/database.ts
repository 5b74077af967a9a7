// Gives a test its own empty database on a real PostgreSQL server that all test files of the run share.
import { Client } from "pg";
import { inject } from "vitest";
import type { ServerAddress } from "./global-setup.ts";
import type { PostgresMajor } from "./postgres-binaries.ts";

/** A database of its own and a connection to it as superuser. */
export type TestDatabase = {
  readonly client: Client;
  readonly connectionString: string;
  readonly server: ServerAddress;
  /** Closes the connection and drops the database, ending whoever else is connected to it. */
  close(): Promise<void>;
};

/** The shared server of that major, started at the first call of the run. */
export async function sharedServer(major: PostgresMajor = 18): Promise<ServerAddress> {
  const response = await ask(`http://127.0.0.1:${inject("postgresServers")}/${major}`, 3);
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return JSON.parse(body) as ServerAddress;
}

/** A connection that was kept open may be closed just when it is used again: on a busy machine that happens. */
async function ask(url: string, attempts: number): Promise<Response> {
  try {
    return await fetch(url);
  } catch (error) {
    if (attempts <= 1) throw error;
    return ask(url, attempts - 1);
  }
}

/** Makes an empty database on the shared server of that major. Call `close` in `afterAll`, `afterEach` or `finally`. */
export async function createDatabase(major: PostgresMajor = 18): Promise<TestDatabase> {
  const server = await sharedServer(major);
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await asAdministrator(server, `CREATE DATABASE ${name}`);
  const connectionString = server.connectionString.replace(/postgres$/, name);
  const client = new Client({ connectionString });
  await client.connect();
  return {
    client,
    connectionString,
    server,
    async close() {
      await client.end();
      // DROP DATABASE … WITH (FORCE) came with PostgreSQL 13.
      await asAdministrator(server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
      await asAdministrator(server, `DROP DATABASE IF EXISTS ${name}`);
    },
  };
}

async function asAdministrator(server: ServerAddress, sql: string): Promise<void> {
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
