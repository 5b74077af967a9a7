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
  const { server, administrator } = await administered(major);
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  // To copy the files takes half the time of what is usual since PostgreSQL 15, and a run makes thousands of databases.
  await administrator.query(`CREATE DATABASE ${name}${major >= 15 ? " STRATEGY file_copy" : ""}`);
  const connectionString = server.connectionString.replace(/postgres$/, name);
  const client = new Client({ connectionString });
  await client.connect();
  return {
    client,
    connectionString,
    server,
    async close() {
      await client.end();
      if (major < 13)
        await administrator.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
        );
      await administrator.query(`DROP DATABASE IF EXISTS ${name}${major >= 13 ? " WITH (FORCE)" : ""}`);
    },
  };
}

/** What the types of `pg` leave out. */
interface Unreferenced {
  /** Lets the process end while the connection is open. */
  unref(): void;
}

interface Administered {
  readonly server: ServerAddress;
  readonly administrator: Client;
}

/** One connection for a test file to each server: a process of the server's for each database made and dropped costs more than that. */
const known = new Map<PostgresMajor, Promise<Administered>>();

function administered(major: PostgresMajor): Promise<Administered> {
  let connected = known.get(major);
  if (connected === undefined) {
    connected = connect(major);
    known.set(major, connected);
    connected.catch(() => known.delete(major));
  }
  return connected;
}

async function connect(major: PostgresMajor): Promise<Administered> {
  const server = await sharedServer(major);
  const administrator = new Client({ connectionString: server.connectionString });
  await administrator.connect();
  // The server ends with the run, and the test file whenever it likes.
  administrator.on("error", () => known.delete(major));
  (administrator as Client & Unreferenced).unref();
  return { server, administrator };
}
