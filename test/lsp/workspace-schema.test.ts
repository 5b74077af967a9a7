// Query files: what makes no tables of its own starts from the end of the workspace's chain, a dump, or the files of a setting.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Hover } from "vscode-languageserver/node";
import { filesToRead } from "../../server/src/ide/schema-source.ts";
import type { CatalogResult, SchemaSourceResult, SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import { type ClientOptions, type Editor, editors, startClient, type TestClient } from "./client.ts";

let directory: string;
let client: TestClient | undefined;

const table = "CREATE TABLE sales (d date NOT NULL, amount int) PARTITION BY RANGE (d);\n";
const early = "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n";
const late = "CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n";
const query = "SELECT amount FROM sales WHERE d = '2025-03-01';\n";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-schema-"));
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

function uriOf(path: string): string {
  return pathToFileURL(join(directory, path)).href;
}

async function start(editor: Editor = "vscode", options: ClientOptions = {}): Promise<TestClient> {
  client = await startClient(editor, {
    rootUri: pathToFileURL(directory).href,
    settings: { embedded: { enabled: false } },
    ...options,
  });
  return client;
}

async function survivors(uri: string): Promise<readonly (readonly string[] | null)[]> {
  const { statements } = (await client?.request<SurvivorsResult>("partitionLens/survivors", {
    textDocument: { uri },
  })) ?? { statements: [] };
  return statements.flatMap(({ relations }) => relations.map(({ survivors: names }) => names));
}

async function source(uri: string): Promise<SchemaSourceResult | undefined> {
  return client?.request<SchemaSourceResult>("partitionLens/schemaSource", { textDocument: { uri } });
}

function writeFlyway(folder: string): void {
  write(`${folder}/V1__sales.sql`, table);
  write(`${folder}/V2__early.sql`, early);
  write(`${folder}/V10__late.sql`, late);
}

describe("a file that makes none of the tables it uses starts from", () => {
  it("the end of the folder's only chain: lens, hover, survivors, catalog and source say so", async () => {
    writeFlyway("db/migration");
    const started = await start();
    const uri = await started.open(query, uriOf("queries/report.sql"));
    expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
    const [lens] = await started.lenses(uri);
    expect(lens?.command?.title).toMatch(/1 of 2 partitions/);
    const hover = await started.request<Hover>("textDocument/hover", {
      textDocument: { uri },
      position: { line: 0, character: 22 },
    });
    expect(JSON.stringify(hover.contents)).toContain("sales_2025");
    const { relations } = await started.request<CatalogResult>("partitionLens/catalog", { textDocument: { uri } });
    expect(relations.map(({ name }) => name)).toEqual(["public.sales", "public.sales_2024", "public.sales_2025"]);
    expect(await source(uri)).toEqual({ label: "3 migrations in db/migration", unknown: [], choices: [] });
  });

  it("the chain of schema.migrations, before any other", async () => {
    writeFlyway("db/migration");
    write("own/a.sql", table);
    write("own/b.sql", early);
    write("partition-lens.json", JSON.stringify({ "schema.migrations": ["own/*.sql"] }));
    await start();
    const uri = await client?.open(query, uriOf("db/queries/report.sql"));
    expect(await survivors(uri ?? "")).toEqual([[]]);
    expect((await source(uri ?? ""))?.label).toBe("2 migrations");
  });

  it("the chain nearest upwards", async () => {
    writeFlyway("one/db/migration");
    write("two/migrations/0001_a.sql", table);
    await start();
    const first = (await client?.open(query, uriOf("one/src/a.sql"))) ?? "";
    const second = (await client?.open(query, uriOf("two/src/a.sql"))) ?? "";
    expect(await survivors(first)).toEqual([["public.sales_2025"]]);
    expect((await source(second))?.label).toBe("1 migration in two/migrations");
  });

  it("of several the one that creates its tables; else what is picked, and that is remembered", async () => {
    writeFlyway("one/db/migration");
    write("two/migrations/0001_a.sql", "CREATE TABLE orders (id int);");
    await start();
    const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
    expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
    const both = (await client?.open("SELECT FROM sales, orders;", uriOf("queries/b.sql"))) ?? "";
    const asked = await source(both);
    expect(asked).toMatchObject({ label: null, unknown: ["sales", "orders"] });
    expect(asked?.choices.map(({ label }) => label)).toEqual([
      "3 migrations in one/db/migration",
      "1 migration in two/migrations",
    ]);
    await client?.request("partitionLens/pickSchema", { folder: uriOf("queries"), key: asked?.choices[1]?.key });
    expect(await source(both)).toMatchObject({ label: "1 migration in two/migrations", unknown: ["sales"] });
    expect((await source(uri))?.label).toBe("1 migration in two/migrations");
  });

  it.each([
    ["db/structure.sql", "", "structure.sql in db"],
    ["schema.sql", "", "schema.sql"],
    ["db/everything.sql", "--\n-- PostgreSQL database dump\n--\n\n", "everything.sql in db"],
    [
      "out/head.sql",
      "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);\n\n-- Running upgrade  -> 1975ea83b712\n\n",
      "head.sql in out",
    ],
  ])("a dump: %s", async (path, beginning, label) => {
    write(path, beginning + table + early + late);
    await start();
    const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
    expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
    expect((await source(uri))?.label).toBe(label);
  });

  it("the files of schema.files, in the order of the globs", async () => {
    write("z/tables.sql", table);
    write("a/partitions.sql", early + late);
    write("partition-lens.json", JSON.stringify({ schema: { files: ["z/*.sql", "a/*.sql"] } }));
    await start();
    const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
    expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
    expect((await source(uri))?.label).toBe("2 files");
  });

  it("the files of schema.files, of which one pattern is none of ours", async () => {
    write("z/tables.sql", table + early + late);
    write("partition-lens.json", JSON.stringify({ schema: { files: ["z/*.sql", "(b+)+.sql"] } }));
    await start();
    const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
    expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
    expect(client?.logged.join("\n")).toMatch(/the glob \(b\+\)\+\.sql of schema\.files is not taken: /);
  });

  it("nothing where it makes its own tables, or changes those of others", async () => {
    writeFlyway("db/migration");
    await start();
    const own = (await client?.open(table + query, uriOf("queries/own.sql"))) ?? "";
    expect(await client?.diagnostics(own)).toEqual([]);
    const change = (await client?.open("ALTER TABLE sales ADD COLUMN amount int;", uriOf("scripts/old.sql"))) ?? "";
    expect(await client?.diagnostics(change)).toEqual([]);
    expect((await source(change))?.label).toBeNull();
  });

  it("nothing where detection is switched off", async () => {
    writeFlyway("db/migration");
    write("partition-lens.json", JSON.stringify({ "schema.detectMigrations": false }));
    await start();
    const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
    expect(await survivors(uri)).toEqual([]);
  });
});

it("what the file creates itself is new to it, though the chain has it", async () => {
  writeFlyway("db/migration");
  await start();
  const uri = (await client?.open(late, uriOf("scripts/late.sql"))) ?? "";
  expect((await client?.diagnostics(uri))?.filter(({ severity }) => severity === 1)).toEqual([]);
  const overlapping = (await client?.open(late.replace("sales_2025", "more"), uriOf("scripts/more.sql"))) ?? "";
  expect((await client?.diagnostics(overlapping))?.map(({ code }) => code)).toContain("partition-overlap");
});

it("query files feed neither the schema nor each other", async () => {
  writeFlyway("db/migration");
  write(
    "queries/a.sql",
    "CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
  );
  await start();
  const uri = (await client?.open("SELECT FROM sales WHERE d = '2026-01-01';", uriOf("queries/b.sql"))) ?? "";
  expect(await survivors(uri)).toEqual([[]]);
});

it("an unknown table is an error under schema.complete, and no more than named without", async () => {
  writeFlyway("db/migration");
  await start();
  const text = "SELECT FROM sales, orders;";
  const uri = (await client?.open(text, uriOf("queries/a.sql"))) ?? "";
  expect(await client?.diagnostics(uri)).not.toContainEqual(expect.objectContaining({ severity: 1 }));
  expect(await source(uri)).toMatchObject({ label: "3 migrations in db/migration", unknown: ["orders"] });
  await client?.close();
  write("partition-lens.json", JSON.stringify({ "schema.complete": true }));
  await start();
  const again = (await client?.open(text, uriOf("queries/a.sql"))) ?? "";
  expect((await client?.diagnostics(again))?.map(({ message }) => message).join("\n")).toContain(
    'relation "orders" does not exist',
  );
});

it("unsaved edits of the chain count, and so does a migration that is not saved yet", async () => {
  writeFlyway("db/migration");
  const started = await start();
  const uri = await started.open(query, uriOf("queries/a.sql"));
  expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
  const edited = await started.open(late, uriOf("db/migration/V10__late.sql"));
  await started.edit(edited, 0, late.length, "");
  expect(await survivors(uri)).toEqual([[]]);
  await started.open(late.replace("sales_2025", "anew"), `untitled:${join(directory, "db/migration/V11__anew.sql")}`);
  expect(await survivors(uri)).toEqual([["public.anew"]]);
});

it("files that come to be on disk count once the editor says so", async () => {
  await start();
  const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
  expect(await survivors(uri)).toEqual([]);
  writeFlyway("db/migration");
  const waiting = client;
  const refreshes = waiting?.requested.length ?? 0;
  await client?.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("db/migration/V1__sales.sql"), type: 1 }],
  });
  await waiting?.until(() => waiting.requested.slice(refreshes).includes("workspace/diagnostic/refresh"));
  expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
});

it("five thousand query files are listed, and not read", async () => {
  writeFlyway("db/migration");
  mkdirSync(join(directory, "queries"));
  for (let index = 0; index < 5_000; index += 1) writeFileSync(join(directory, `queries/q${index}.sql`), query);
  await start();
  const uri = (await client?.open(query, uriOf("queries/q17.sql"))) ?? "";
  expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
  // Of each folder one file is read, to see what its kind is.
  const queries = Array.from({ length: 5_000 }, (_, index) => `queries/q${index}.sql`);
  expect(filesToRead([...queries, "db/migration/V1__sales.sql"])).toEqual([
    "queries/q0.sql",
    "db/migration/V1__sales.sql",
  ]);
});

it("of several workspace folders each has a schema of its own", async () => {
  writeFlyway("one/db/migration");
  write("two/db/migration/V1__sales.sql", table + early);
  const folders = ["one", "two"].map((name) => ({ name, uri: uriOf(name) }));
  await start("vscode", {
    greeting: { processId: process.pid, rootUri: null, capabilities: editors.vscode, workspaceFolders: folders },
  });
  const first = (await client?.open(query, uriOf("one/queries/a.sql"))) ?? "";
  const second = (await client?.open(query, uriOf("two/queries/a.sql"))) ?? "";
  expect(await survivors(first)).toEqual([["public.sales_2025"]]);
  expect(await survivors(second)).toEqual([[]]);
  expect((await source(second))?.label).toBe("1 migration in db/migration");
});

it("a chain with a hole in its numbers, and a workspace without any SQL, are no trouble", async () => {
  await start();
  const alone = (await client?.open(query, uriOf("a.sql"))) ?? "";
  expect(await source(alone)).toEqual({ label: null, unknown: ["sales"], choices: [] });
  // What an extension keeps is nobody's to create.
  const kept = (await client?.open("DELETE FROM pathman_config WHERE relname = 'sales';", uriOf("b.sql"))) ?? "";
  expect((await source(kept))?.unknown).toEqual([]);
  await client?.close();
  write("migrations/0001_sales.sql", table);
  write("migrations/0007_late.sql", late);
  await start();
  const uri = (await client?.open(query, uriOf("queries/a.sql"))) ?? "";
  expect(await survivors(uri)).toEqual([["public.sales_2025"]]);
});
