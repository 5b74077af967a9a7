// A file of the installation that is missing or damaged turns its feature off and says so; the server goes on.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StatusParams } from "../../server/src/lsp/protocol.ts";
import { bundleForTests } from "../support/bundle.ts";
import { startClient, type TestClient } from "./client.ts";

let client: TestClient | undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partition-lens-"));
});
afterEach(async () => {
  const running = client;
  client = undefined;
  await running?.close();
  rmSync(folder, { recursive: true });
});

const text = `CREATE TABLE t (a int) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
SELECT * FROM t WHERE a = 1;
-- partition-lens-ignore range-gap
SELECT 'never ends`;

const require = createRequire(import.meta.url);
const parser = require.resolve("libpg-query/wasm/libpg-query.wasm");
const embedded = dirname(require.resolve("@electric-sql/pglite"));

/** A folder as the extension's own, with these files in it. */
async function start(files: Readonly<Record<string, Buffer | string>>): Promise<TestClient> {
  const server = join(folder, "server.js");
  copyFileSync(await bundleForTests("lsp"), server);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return startClient("vscode", { server, initializationOptions: { clientCommands: ["none"] } });
}

function statusOf({ notified }: TestClient): StatusParams | undefined {
  return notified.findLast(({ method }) => method === "partitionLens/status")?.params as StatusParams | undefined;
}

function shownBy({ notified }: TestClient): readonly string[] {
  return notified
    .filter(({ method }) => method === "window/showMessage")
    .map(({ params }) => (params as { message: string }).message);
}

const whole = readFileSync(parser);

describe("the parser", () => {
  it.each<[string, Readonly<Record<string, Buffer>>]>([
    ["missing", {}],
    ["empty", { "libpg-query.wasm": Buffer.alloc(0) }],
    ["cut off", { "libpg-query.wasm": whole.subarray(0, whole.length >> 1) }],
    ["another file", { "libpg-query.wasm": Buffer.from("Dear reader,") }],
    ["another module", { "libpg-query.wasm": Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) }],
  ])("%s: nothing is read, nothing is found, and the status says why", async (_, files) => {
    client = await start(files);
    const asked = client;
    const uri = await client.open(text);
    expect(await client.diagnostics(uri)).toEqual([]);
    for (const name of ["codeLens", "documentSymbol"])
      expect(await client.request(`textDocument/${name}`, { textDocument: { uri } })).toEqual([]);
    await client.edit(uri, 0, 0, "-- more\n");
    expect(await client.diagnostics(uri)).toEqual([]);
    await client.until(() => shownBy(asked).length > 0);
    expect(shownBy(client)).toEqual([expect.stringContaining("libpg-query.wasm in its folder is missing or damaged")]);
    expect(statusOf(client)).toMatchObject({ state: "failed", message: expect.stringContaining("reads no SQL") });
    await expect(client.request("partitionLens/catalog", { textDocument: { uri } })).rejects.toThrow("reads no SQL");
    expect(client.logged.filter((line) => /failed/.test(line))).toEqual([]);
  });
});

describe("the embedded PostgreSQL", () => {
  const files = {
    "libpg-query.wasm": whole,
    "embedded-worker.js": "throw new Error('damaged');",
    "pglite.wasm": readFileSync(join(embedded, "pglite.wasm")),
    "pglite.data": readFileSync(join(embedded, "pglite.data")),
    "pglite-one-database.tar.gz": "no archive",
  };

  it("missing: the file alone predicts, and people are told once", async () => {
    const { "pglite.data": _, ...others } = files;
    client = await start(others);
    const asked = client;
    const uri = await client.open(text);
    expect((await client.lenses(uri)).at(-1)?.command?.title).toMatch(/1 of 1/);
    await client.until(() => shownBy(asked).length > 0);
    expect(shownBy(client)).toEqual([expect.stringContaining("the embedded PostgreSQL is missing")]);
    expect(statusOf(client)).toMatchObject({ state: "ready", message: expect.stringContaining("is missing") });
  });

  it.each<[string, Readonly<Record<string, Buffer | string>>]>([
    ["a worker that throws", files],
    ["a worker that is no program", { ...files, "embedded-worker.js": "}{" }],
    ["a worker that ends", { ...files, "embedded-worker.js": "process.exit(0);" }],
  ])("%s: the file alone predicts, and the status says so", async (_, damaged) => {
    client = await start(damaged);
    const asked = client;
    const uri = await client.open(text);
    expect((await client.lenses(uri)).at(-1)?.command?.title).toMatch(/1 of 1/);
    await client.until(() => statusOf(asked)?.state === "failed");
    expect(statusOf(client)?.message).toContain("does not start");
    expect((await client.lenses(uri)).at(-1)?.command?.title).toMatch(/1 of 1/);
  });
});
