// The tree of the workspace: the end of its migrations and the open files with tables of their own, whichever file is in front.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Hover, MarkupContent } from "vscode-languageserver/node";
import type { GenerateResult, SchemaTreeParams, SchemaTreeResult } from "../../server/src/lsp/protocol.ts";
import { createDatabase } from "../support/database.ts";
import { startClient, type TestClient } from "./client.ts";

let directory: string;
let client: TestClient;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-tree-"));
});
afterEach(async () => {
  await client.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return pathToFileURL(file).href;
}

async function start(initializationOptions: unknown = { clientCommands: [] }): Promise<void> {
  client = await startClient("vscode", {
    rootUri: pathToFileURL(directory).href,
    settings: { embedded: { enabled: false } },
    initializationOptions,
  });
}

const tree = (params: SchemaTreeParams = {}): Promise<SchemaTreeResult> =>
  client.request<SchemaTreeResult>("partitionLens/schemaTree", params);

const labels = ({ rows }: SchemaTreeResult): readonly string[] =>
  rows.map(({ kind, label, description }) => `${kind} ${label}: ${description}`);

const sales = "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);\n";
const year = (name: string, from: number, to: number): string =>
  `CREATE TABLE ${name} PARTITION OF sales FOR VALUES FROM ('${from}-01-01') TO ('${to}-01-01');\n`;
const alone = "CREATE TABLE h (k int) PARTITION BY HASH (k);\n";

function writeMigrations(): void {
  write("migrations/V1__sales.sql", sales + year("sales_2023", 2023, 2024));
  write("migrations/V2__more.sql", year("sales_2025", 2025, 2026));
}

it("shows what the migrations leave before any file is open, and a gap to fill on top", async () => {
  writeMigrations();
  await start();
  const top = await tree();
  expect(labels(top)).toEqual(["table sales: 1 gap · 2 partitions · RANGE (d)"]);
  expect(top).toMatchObject({ label: "2 migrations in migrations", problems: 1 });
  const of = top.rows[0]?.children ?? undefined;
  const { rows } = await tree({ of });
  expect(rows.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
    "gap gap",
    "partition sales_2023",
    "partition sales_2025",
  ]);
  expect(rows[1]?.definition?.uri).toMatch(/\/migrations\/V1__sales\.sql$/);
  const script = await client.request<GenerateResult>("workspace/executeCommand", {
    command: "partitionLens.generate",
    arguments: [rows[0]?.generate],
  });
  expect(script.sql).toContain("ATTACH PARTITION");
});

it("is behind the symbols of the workspace too, before any file is open", async () => {
  writeMigrations();
  await start();
  const symbols = await client.request<readonly { readonly name: string }[]>("workspace/symbol", { query: "sales_" });
  expect(symbols.map(({ name }) => name).sort()).toEqual(["sales_2023", "sales_2025"]);
});

it("is where a partition that a query names tells its place from", async () => {
  writeMigrations();
  await start();
  const query = "SELECT * FROM sales_2025;";
  const uri = await client.open(query, write("queries/a.sql", query));
  const position = { line: 0, character: query.indexOf("sales_2025") };
  const hover = await client.request<Hover>("textDocument/hover", { textDocument: { uri }, position });
  expect((hover.contents as MarkupContent).value.replaceAll(/[`*\\]/g, "").replaceAll("\u00a0", " ")).toMatch(
    /^sales_2025 partition 2 of 2 of sales[\s\S]*sales_2023[\s\S]*2025-01-01 … 2026-01-01/,
  );
});

it("fills missing remainders, and says where the tables come from", async () => {
  write("schema.sql", `${alone}CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 3, REMAINDER 0);`);
  await start();
  const top = await tree();
  expect(top).toMatchObject({ label: "schema.sql", problems: 2 });
  const { rows } = await tree({ of: top.rows[0]?.children ?? undefined });
  expect(rows.map(({ kind, description }) => `${kind} ${description}`)).toEqual([
    "missing-remainder remainder 1 of 3",
    "missing-remainder remainder 2 of 3",
    "partition remainder 0 of 3",
  ]);
  const { sql } = await client.request<GenerateResult>("workspace/executeCommand", {
    command: "partitionLens.generate",
    arguments: [rows[0]?.generate],
  });
  expect(sql.match(/REMAINDER \d/gi)?.map((each) => each.toLowerCase())).toEqual(
    expect.arrayContaining(["remainder 1", "remainder 2"]),
  );
});

it("stays the same whichever file is opened, and grows by a file with tables of its own", async () => {
  writeMigrations();
  await start();
  const before = await tree();
  const first = pathToFileURL(join(directory, "migrations/V1__sales.sql")).href;
  await client.open(sales + year("sales_2023", 2023, 2024), first);
  await client.open("SELECT * FROM sales;", write("queries/a.sql", "SELECT * FROM sales;"));
  const after = await tree();
  expect(labels(after)).toEqual(labels(before));
  expect(after.rows.map(({ id }) => id)).toEqual(before.rows.map(({ id }) => id));
  await client.open(alone, write("alone.sql", alone));
  expect(labels(await tree())).toEqual([
    "table sales: 1 gap · 2 partitions · RANGE (d) · 2 migrations in migrations",
    "table h: 0 partitions · HASH (k) · alone.sql",
  ]);
  expect((await tree({ filter: "sales_2025" })).rows.map(({ label }) => label)).toEqual(["sales"]);
});

it("says that it is another once a migration is edited or changed on disk", async () => {
  writeMigrations();
  await start();
  const { revision } = await tree();
  expect((await tree()).revision).toBe(revision);
  const uri = write("migrations/V3__fill.sql", year("sales_2024", 2024, 2025));
  const told = (): number => client.notified.filter(({ method }) => method === "partitionLens/treeChanged").length;
  const before = told();
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri, type: 1 }] });
  await client.until(() => told() > before);
  const after = await tree();
  expect(labels(after)).toEqual(["table sales: 3 partitions · RANGE (d)"]);
  expect(after.revision).not.toBe(revision);
  await client.open("", uri);
  expect(labels(await tree())).toEqual(["table sales: 1 gap · 2 partitions · RANGE (d)"]);
});

it("is that of the database while one is connected, with what it last counted", async () => {
  const database = await createDatabase(18);
  try {
    await database.client.query(`${sales}${year("sales_2023", 2023, 2024)}
      INSERT INTO sales SELECT '2023-05-01' FROM generate_series(1, 1000);`);
    await database.client.query("ANALYZE sales_2023");
    writeMigrations();
    await start();
    await tree();
    await client.request("partitionLens/connect", { name: "shop", connectionString: database.connectionString });
    const top = await tree();
    expect(top.label).toBe("shop");
    expect(top.rows.map(({ label, description }) => `${label}: ${description}`)).toEqual([
      expect.stringMatching(/^sales: 1 partition · ≈ 1 k rows · \d+ kB · RANGE \(d\)$/),
    ]);
    await client.request("partitionLens/disconnect");
    expect((await tree()).label).toBe("2 migrations in migrations");
  } finally {
    await database.close();
  }
});

it("is empty in a workspace without any SQL, and for a place that is gone", async () => {
  await start();
  expect(await tree()).toMatchObject({ rows: [], label: null, problems: 0 });
  expect((await tree({ of: { source: "gone" } })).rows).toEqual([]);
  await expect(tree({ of: { source: 1 } } as unknown as SchemaTreeParams)).rejects.toMatchObject({ code: -32602 });
});
