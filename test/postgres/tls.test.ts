/** `sslmode` in each of its modes, with libpq's meaning, against a real server with TLS. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startServer } from "../support/postgres-server.ts";
import { connectionTo, never } from "./support.ts";

const folder = join(import.meta.dirname, "../fixtures/tls");
const authority = join(folder, "ca.crt");
const another = join(folder, "other-ca.crt");
let server: PostgresServer;

beforeAll(async () => {
  const pem = (name: string) => readFileSync(join(folder, name), "utf8");
  // The certificate is for the name localhost alone, and no authority of the system has signed it.
  server = await startServer(18, { tls: { certificate: pem("server.crt"), key: pem("server.key") } });
});
afterAll(() => server.stop());

/** `tls` or `plain`, as the server itself sees the connection; else `refused` and why. */
async function outcome(words: string): Promise<string> {
  const connection = connectionTo(`port=${server.port} user=postgres dbname=postgres ${words}`);
  const result = await connection.read(
    (session) => session.query("SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()"),
    never,
  );
  await connection.close();
  if (!result.ok) return `refused: ${result.problem.kind}`;
  return result.value[0]?.["ssl"] === true ? "tls" : "plain";
}

// https://www.postgresql.org/docs/18/libpq-ssl.html, tables 32.1 and 32.2
test.each([
  ["sslmode=disable", "plain"],
  ["sslmode=allow", "plain"],
  ["sslmode=prefer", "tls"],
  ["", "tls"],
  ["sslmode=require", "tls"],
  // A root certificate makes it what verify-ca is, for backwards compatibility.
  [`sslmode=require sslrootcert=${authority}`, "tls"],
  [`sslmode=require sslrootcert=${another}`, "refused: tls"],
  [`sslmode=verify-ca sslrootcert=${authority}`, "tls"],
  [`sslmode=verify-ca sslrootcert=${another}`, "refused: tls"],
  ["sslmode=verify-ca sslrootcert=system", "refused: tls"],
  [`sslmode=verify-full sslrootcert=${authority}`, "refused: tls"],
  [`sslmode=verify-full sslrootcert=${another}`, "refused: tls"],
])("host=127.0.0.1 %s: %s", async (words, expected) => {
  expect(await outcome(`host=127.0.0.1 ${words}`)).toBe(expected);
});

test.each([
  [`sslmode=verify-full sslrootcert=${authority}`, "tls"],
  [`sslmode=verify-full sslrootcert=${authority} sslnegotiation=direct`, "tls"],
  [`sslmode=verify-full sslrootcert=${another}`, "refused: tls"],
])("host=localhost %s: %s", async (words, expected) => {
  expect(await outcome(`host=localhost ${words}`)).toBe(expected);
});

test("over a Unix socket there is no TLS, and none is asked for", async () => {
  const host = `host=${server.socketDirectory}`;
  expect(await outcome(`${host} sslmode=prefer`)).toBe("plain");
  expect(await outcome(`${host} sslmode=require`)).toBe("plain");
});
