/** The connection to a real server: read-only, cancelled on the server, reopened when it died, clear when it fails. */

import { spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { startServer } from "../support/postgres-server.ts";
import { connectionTo, never } from "./support.ts";

let database: TestDatabase;
const opened: DatabaseConnection[] = [];

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
  await database.close();
});

function open(connectionString = database.connectionString, options: Parameters<typeof connectionTo>[1] = {}) {
  const connection = connectionTo(connectionString, options);
  opened.push(connection);
  return connection;
}

test("the session is read-only by its own settings, and so is each transaction", async () => {
  const result = await open().read(
    (session) =>
      session.query(
        `SELECT reset_val, name FROM pg_settings
         WHERE name IN ('default_transaction_read_only', 'statement_timeout', 'lock_timeout', 'application_name') ORDER BY name`,
      ),
    never,
  );
  expect(result).toEqual({
    ok: true,
    value: [
      { name: "application_name", reset_val: "Partition Lens" },
      { name: "default_transaction_read_only", reset_val: "on" },
      { name: "lock_timeout", reset_val: "200" },
      { name: "statement_timeout", reset_val: "30000" },
    ],
  });
});

test("nothing can be written, and the next request finds a fresh transaction", async () => {
  await database.client.query("CREATE TABLE public.audit (x int)");
  const connection = open();
  const written = await connection.read((session) => session.query("INSERT INTO public.audit VALUES (1)"), never);
  expect(written).toMatchObject({ ok: false, problem: { kind: "rejected", sqlstate: "25006" } });
  const switched = await connection.read(async (session) => {
    await session.query("SET TRANSACTION READ WRITE");
    await session.query("INSERT INTO public.audit VALUES (1)");
  }, never);
  expect(switched).toMatchObject({ ok: false, problem: { sqlstate: "25001" } });
  const counted = await connection.read(
    (session) => session.query("SELECT count(*)::int AS n FROM public.audit"),
    never,
  );
  expect(counted).toEqual({ ok: true, value: [{ n: 0 }] });
});

test("two statements in one text are refused", async () => {
  const result = await open().read((session) => session.query("SELECT 1; SELECT 2"), never);
  expect(result).toMatchObject({ ok: false, problem: { kind: "rejected", sqlstate: "42601" } });
});

test("a statement that takes too long is ended by the server", async () => {
  const connection = open(database.connectionString, { statementTimeoutMilliseconds: 2_000 });
  const result = await connection.read((session) => session.query("SELECT pg_sleep(60)"), never);
  expect(result).toMatchObject({ ok: false, problem: { kind: "timeout", sqlstate: "57014" } });
});

test("an abort cancels the statement on the server, and the connection stays usable", async () => {
  const connection = open(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
  const abort = new AbortController();
  const running = connection.read((session) => {
    setTimeout(() => abort.abort(), 100);
    return session.query("SELECT pg_sleep(50) AS cancelled_on_the_server");
  }, abort.signal);
  expect(await running).toEqual({ ok: false, problem: { kind: "cancelled", message: "the request was cancelled" } });
  const { rows } = await database.client.query(
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%cancelled_on_the_server%' AND state = 'active' AND pid <> pg_backend_pid()",
  );
  expect(rows).toEqual([]);
  expect(await connection.read((session) => session.query("SELECT 1 AS one"), never)).toEqual({
    ok: true,
    value: [{ one: 1 }],
  });
  expect(await connection.read(async () => 1, AbortSignal.abort())).toMatchObject({
    ok: false,
    problem: { kind: "cancelled" },
  });
});

test("a wrong password, a missing one, a missing role and a missing database are told apart, without the secret", async () => {
  const { client, server } = database;
  const role = `role_${crypto.randomUUID().slice(0, 8)}`;
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'right-secret'`);
  try {
    const at = (user: string, path = "postgres") => `postgres://${user}@127.0.0.1:${server.port}/${path}`;
    const lines: string[] = [];
    const ask = async (connectionString: string) => {
      const result = await open(connectionString, { log: (line) => lines.push(line) }).read(
        async () => "connected",
        never,
      );
      return result.ok ? result.value : `${result.problem.kind}: ${result.problem.message}`;
    };
    expect(await ask(at(`${role}:right-secret`))).toBe("connected");
    const place = `127.0.0.1:${server.port}`;
    expect(await ask(at(`${role}:wrong-secret`))).toBe(
      `authentication: ${place}: password authentication failed for user "${role}"`,
    );
    expect(await ask(at(role))).toBe(`authentication: ${place}: the server asks for a password, and none is known`);
    expect(await ask(at("postgres", "no_such_database"))).toBe(
      `database-missing: ${place}: database "no_such_database" does not exist`,
    );
    expect(lines.join("\n")).not.toContain("secret");
    expect(lines.join("\n")).toContain("password authentication failed");
  } finally {
    await client.query(`DROP ROLE ${role}`);
  }
});

test("a server that is down is asked again only after the back-off, or when the user says so", async () => {
  let clock = 0;
  const lines: string[] = [];
  const connection = open("postgres://postgres@127.0.0.1:1/postgres", {
    now: () => clock,
    log: (line) => lines.push(line),
  });
  const ask = async () => {
    const result = await connection.read(async () => 1, never);
    return result.ok ? "connected" : `${result.problem.kind}: ${result.problem.message}`;
  };
  const refused = "unreachable: 127.0.0.1:1: connection refused; is the server running there?";
  expect(await ask()).toBe(refused);
  expect(await ask()).toBe(refused);
  expect(lines).toHaveLength(1);
  clock += 1_000;
  expect(await ask()).toBe(refused);
  expect(lines).toHaveLength(2);
  clock += 1_999;
  expect(await ask()).toBe(refused);
  expect(lines).toHaveLength(2);
  expect(await connection.connect(never)).toMatchObject({ ok: false });
  expect(lines).toHaveLength(3);
  expect(connection.state()).toMatchObject({ kind: "failed", problem: { kind: "unreachable" } });
});

test("a database that dies in mid-query is reported, and the next request connects again", async () => {
  const connection = open(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
  const result = await connection.read(async (session) => {
    const [row] = await session.query("SELECT pg_backend_pid() AS pid");
    setTimeout(() => void database.client.query("SELECT pg_terminate_backend($1)", [row?.["pid"]]), 50);
    return session.query("SELECT pg_sleep(50)");
  }, never);
  expect(result).toEqual({
    ok: false,
    problem: {
      kind: "died",
      sqlstate: "57P01",
      message: "the server ended the connection: terminating connection due to administrator command",
    },
  });
  expect(await connection.read(async () => "again", never)).toEqual({ ok: true, value: "again" });
});

test("a connection that died while nobody used it is replaced without a word", async () => {
  const connection = open();
  const first = await connection.read((session) => session.query("SELECT pg_backend_pid() AS pid"), never);
  const pid = first.ok ? first.value[0]?.["pid"] : null;
  await database.client.query("SELECT pg_terminate_backend($1)", [pid]);
  const second = await connection.read((session) => session.query("SELECT pg_backend_pid() AS pid"), never);
  expect(second.ok).toBe(true);
  expect(second).not.toEqual(first);
});

test("a server that goes away for good under an open connection ends the request and refuses the next", async () => {
  const server = await startServer(18);
  const connection = open(server.connectionString, { statementTimeoutMilliseconds: 60_000 });
  expect(await connection.read(async () => 1, never)).toEqual({ ok: true, value: 1 });
  const running = connection.read(async (session) => {
    setTimeout(() => void server.stop(), 50);
    return session.query("SELECT pg_sleep(50)");
  }, never);
  expect(await running).toMatchObject({ ok: false, problem: { kind: "died" } });
  expect(await connection.read(async () => 1, never)).toMatchObject({ ok: false, problem: { kind: "unreachable" } });
});

test("a Unix socket works", async () => {
  const { socketDirectory, port } = database.server;
  const connection = open(`host=${socketDirectory} port=${port} user=postgres dbname=postgres`);
  const result = await connection.read((session) => session.query("SELECT inet_client_addr() AS address"), never);
  expect(result).toEqual({ ok: true, value: [{ address: null }] });
});

test("sslmode=require is refused by a server without TLS, prefer goes on without", async () => {
  const required = await open(`${database.connectionString}?sslmode=require`).read(async () => 1, never);
  expect(required).toMatchObject({ ok: false, problem: { kind: "tls" } });
  const preferred = await open(`${database.connectionString}?sslmode=prefer`).read(async () => 1, never);
  expect(preferred).toEqual({ ok: true, value: 1 });
});

test("requests wait for each other", async () => {
  const connection = open();
  const order: string[] = [];
  await Promise.all(
    ["a", "b", "c"].map((name) =>
      connection.read(async (session) => {
        order.push(`${name} begins`);
        await session.query("SELECT 1");
        order.push(`${name} ends`);
      }, never),
    ),
  );
  expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("the types of parameters are read without running anything", async () => {
  const result = await open().read(
    (session) => session.parameterTypes("SELECT * FROM pg_class WHERE oid = $1 AND relname = $2 AND relnatts > $3"),
    never,
  );
  expect(result).toEqual({ ok: true, value: [26, 19, 21] });
});

test("a statement whose client has died is ended by the server itself", async () => {
  const support = new URL("./support.ts", import.meta.url).href;
  const script = `import { connectionTo, never } from ${JSON.stringify(support)};
    const connection = connectionTo(${JSON.stringify(database.connectionString)});
    void connection.read((session) => session.query("SELECT pg_sleep(25) AS left_alone"), never);`;
  const client = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "inherit" });
  const running = async (): Promise<number> => {
    const { rows } = await database.client.query<{ count: number }>(
      "SELECT count(*)::int FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%left_alone%' AND pid <> pg_backend_pid()",
    );
    return rows[0]?.count ?? 0;
  };
  await expect.poll(running, { timeout: 15_000, interval: 100 }).toBe(1);
  client.kill("SIGKILL");
  await expect.poll(running, { timeout: 12_000, interval: 200 }).toBe(0);
}, 40_000);
