/** Connection service files, as libpq reads them: which file, which parameters, what goes before what. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConnectionSettings } from "../../server/src/postgres/connection-settings.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

let directory: string;
let environment: Readonly<Record<string, string>>;
let database: TestDatabase;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-service-"));
  environment = { PGSERVICEFILE: join(directory, "own.conf"), PGSYSCONFDIR: directory, PGPASSFILE: "/nonexistent" };
  database = await createDatabase();
  const { hostname, port, pathname } = new URL(database.connectionString);
  write("own.conf", [
    "# comments and empty lines count for nothing",
    "",
    "[other]",
    "host=elsewhere",
    "[shop]",
    `host=${hostname}`,
    `  port=${port}  `,
    "user=postgres",
    `dbname=${pathname.slice(1)}`,
    "host=never",
    "[shop]",
    "host=never",
    "[broken]",
    "host localhost s3cret",
    "[nested]",
    "service=shop",
    "[both]",
    "user=own",
  ]);
  write("pg_service.conf", ["[both]", "user=system", "[system]", "host=db.example", "password=s3cret"]);
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await database.close();
});

function write(name: string, lines: readonly string[]): void {
  writeFileSync(join(directory, name), lines.join("\r\n"));
}

function read(connectionString: string, more: Readonly<Record<string, string>> = {}) {
  return readConnectionSettings({ connectionString, password: null, environment: { ...environment, ...more } });
}

test.each(["service=shop", "postgresql:///?service=shop"])(
  "%s connects to the server that the file names",
  async (text) => {
    const connection = connectionTo(text, {}, environment);
    const result = await connection.read((session) => session.query("SELECT current_database() AS name"), never);
    await connection.close();
    expect(result).toEqual({ ok: true, value: [{ name: new URL(database.connectionString).pathname.slice(1) }] });
  },
);

test("PGSERVICE names one too", () => {
  expect(read("", { PGSERVICE: "system" })).toMatchObject({
    ok: true,
    value: { hosts: [{ host: "db.example", port: 5432 }], password: "s3cret" },
  });
});

test("the connection string goes before the file, and the file before the environment", () => {
  expect(read("service=shop user=me", { PGUSER: "env", PGDATABASE: "env", PGHOST: "env" })).toMatchObject({
    ok: true,
    value: { user: "me", database: new URL(database.connectionString).pathname.slice(1) },
  });
  expect(read("service=both", { PGHOST: "env" })).toMatchObject({
    ok: true,
    value: { user: "own", hosts: [{ host: "env" }] },
  });
});

describe("what cannot be read is said, without the line, which may hold a password", () => {
  test.each([
    ["nothing", /^definition of service "nothing" not found$/],
    ["broken", /^syntax error in service file ".*own\.conf", line 14$/],
    ["nested", /^nested service specifications not supported in service file ".*own\.conf", line 16$/],
  ])("service=%s", (service, message) => {
    const result = read(`service=${service}`);
    expect(result.ok ? "" : result.problem.message).toMatch(message);
    expect(JSON.stringify(result)).not.toContain("s3cret");
  });
});
