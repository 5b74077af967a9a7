/** libpq's connection parameters: what a string, the environment and a password file say together. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../server/src/postgres/connect.ts";
import {
  type ConnectionInput,
  describeConnection,
  readConnectionSettings,
} from "../../server/src/postgres/connection-settings.ts";
import { withoutSecrets } from "../../server/src/postgres/errors.ts";

function read(
  connectionString: string | null,
  environment: ConnectionInput["environment"] = {},
  password: string | null = null,
) {
  const result = readConnectionSettings({
    connectionString,
    environment: { PGPASSFILE: "/nonexistent", ...environment },
    password,
  });
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

function problemOf(connectionString: string): string {
  const result = readConnectionSettings({ connectionString, environment: {}, password: null });
  return result.ok ? "no problem" : result.problem.message;
}

test("a URL gives host, port, user, password and database, percent-decoded", () => {
  const settings = read("postgresql://some%40one:p%2Fw@db.example:5433/my%20db?sslmode=require&connect_timeout=3");
  expect(settings).toMatchObject({
    hosts: [{ host: "db.example", port: 5433 }],
    user: "some@one",
    password: "p/w",
    database: "my db",
    sslMode: "require",
    connectTimeoutMilliseconds: 3000,
  });
});

test("a URL may name several hosts, IPv6 addresses, and a socket directory by query", () => {
  expect(read("postgres://u@a:1,b:2/d").hosts).toEqual([
    { host: "a", port: 1 },
    { host: "b", port: 2 },
  ]);
  expect(read("postgres://u@[::1]:6000/d").hosts).toEqual([{ host: "::1", port: 6000 }]);
  expect(read("postgres://u@/d?host=/run/pg&port=6001").hosts).toEqual([{ host: "/run/pg", port: 6001 }]);
});

test("key=value pairs may be quoted and escaped", () => {
  expect(read("host=h port = 7 user='a b' password='it\\'s' dbname=x\\ y")).toMatchObject({
    hosts: [{ host: "h", port: 7 }],
    user: "a b",
    password: "it's",
    database: "x y",
  });
});

test("the connection string goes before the environment, and the database is the user's by default", () => {
  const environment = { PGHOST: "env-host", PGUSER: "env-user", PGPASSWORD: "env-pw", PGSSLMODE: "disable" };
  expect(read("host=own", environment)).toMatchObject({
    hosts: [{ host: "own", port: 5432 }],
    user: "env-user",
    database: "env-user",
    password: "env-pw",
    sslMode: "disable",
  });
  expect(read(null, environment, "given").password).toBe("given");
});

test("a password file is read as libpq reads it, and not at all where others may read it", () => {
  const directory = mkdtempSync(join(tmpdir(), "passfile-"));
  const file = join(directory, "pgpass");
  try {
    writeFileSync(file, "# a comment\nother:*:*:*:no\nh:5432:*:u:a\\:b\\\\c\n", { mode: 0o600 });
    expect(read("host=h user=u dbname=d", { PGPASSFILE: file }).password).toBe("a:b\\c");
    expect(read("host=h user=v dbname=d", { PGPASSFILE: file }).password).toBeNull();
    if (process.platform !== "win32") {
      chmodSync(file, 0o644);
      expect(read("host=h user=u dbname=d", { PGPASSFILE: file }).password).toBeNull();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("what cannot be read is said without quoting what may be a password", () => {
  expect(problemOf("postgres://u:secret@with@at/d:x:y")).not.toContain("secret");
  expect(problemOf("secret words")).toBe(
    "the connection string is neither a URL (postgresql://user@host:port/database) nor key=value pairs",
  );
  expect(problemOf("sslmode=sometimes")).toMatch(/^invalid sslmode value; it is one of disable, /);
  expect(problemOf("port=99999")).toBe("invalid port number; it is a whole number from 1 to 65535");
  expect(problemOf("postgres://u:%zz@h/d")).toBe("the connection string has a wrong percent-encoding");
});

test("a password in the wrong place is not repeated", async () => {
  for (const key of ["sslmode", "sslnegotiation", "port", "connect_timeout"])
    expect(problemOf(`${key}=s3cret`)).not.toContain("s3cret");
  for (const words of ["host='s3cret!'", "host=s3cret.invalid", "host=127.0.0.1 sslmode=require sslrootcert=s3cret"]) {
    const settings = readConnectionSettings({ connectionString: words, password: null, environment: {} });
    if (!settings.ok) throw new Error(settings.problem.message);
    const timeouts = {
      statementTimeoutMilliseconds: 1_000,
      lockTimeoutMilliseconds: 1_000,
      idleInTransactionTimeoutMilliseconds: 1_000,
    };
    const result = await connect(settings.value, timeouts, new AbortController().signal);
    expect(result.ok ? "connected" : result.problem.message).not.toMatch(/s3cret|^connected/);
  }
});

test("what a connection names is read where it is a plain file", async () => {
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-named-"));
  try {
    const long = join(directory, "long");
    writeFileSync(long, `[shop]\nhost=db.example\n*:*:*:*:secret\n${"#\n".repeat(600_000)}`, { mode: 0o600 });
    for (const path of ["/dev/zero", directory, long]) {
      expect(read("host=db.example", { PGPASSFILE: path }).password).toBeNull();
      const service = { connectionString: "service=shop", environment: { PGSERVICEFILE: path }, password: null };
      expect(readConnectionSettings(service)).toMatchObject({
        ok: false,
        problem: { message: expect.stringContaining('definition of service "shop" not found') },
      });
      const settings = read(`host=127.0.0.1 port=1 sslmode=verify-ca sslrootcert=${path}`);
      const timeouts = {
        statementTimeoutMilliseconds: 1_000,
        lockTimeoutMilliseconds: 1_000,
        idleInTransactionTimeoutMilliseconds: 1_000,
      };
      expect(await connect(settings, timeouts, new AbortController().signal)).toMatchObject({
        ok: false,
        problem: { kind: "tls", message: expect.stringContaining("cannot be read") },
      });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("a connection is described without its password", () => {
  expect(describeConnection(read("postgres://u:secret@h:1/d"))).toBe("u@h:1/d");
});

test("a password that is no text in UTF-8 is not repeated either, and its message comes", () => {
  expect(withoutSecrets("the role \ud800x is wrong", ["\ud800x"])).toBe("the role *** is wrong");
});
