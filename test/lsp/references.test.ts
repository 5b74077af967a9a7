// Tables and partitions across a chain: their definition, every place that names them, and their symbols.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DocumentHighlight, Location, WorkspaceSymbol } from "vscode-languageserver/node";
import { startClient, type TestClient } from "./client.ts";

let directory: string;
let client: TestClient;
let query: string;

const files = {
  "db/migration/V1__sales.sql":
    "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);\nCREATE TABLE other (id int);\n",
  "db/migration/V2__parts.sql":
    "CREATE TABLE part PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nALTER TABLE part RENAME TO sales_2024;\n",
  "queries/a.sql": "SELECT * FROM sales;\nDELETE FROM sales_2024;\nSELECT * FROM sales s JOIN unknown u ON true;\n",
  // Nobody opens these: one asks the same tables, the other has a table of its own of that name.
  "queries/closed.sql": "-- not open\nSELECT count(*) FROM sales;\n",
  "queries/own.sql": "CREATE TABLE sales (k int);\nSELECT k FROM sales;\n",
} as const;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-references-"));
  for (const folder of ["db/migration", "queries"]) mkdirSync(join(directory, folder), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
  client = await startClient("vscode", {
    rootUri: pathToFileURL(directory).href,
    settings: { embedded: { enabled: false } },
  });
  query = await client.open(files["queries/a.sql"], uriOf("queries/a.sql"));
});
afterAll(async () => {
  await client?.close();
  rmSync(directory, { recursive: true, force: true });
});

function uriOf(path: string): string {
  return pathToFileURL(join(directory, path)).href;
}

/** `V1__sales.sql:0:13` */
function shown({ uri, range }: Location): string {
  return `${uri.slice(uri.lastIndexOf("/") + 1)}:${range.start.line}:${range.start.character}`;
}

const at = (line: number, character: number) => ({ textDocument: { uri: query }, position: { line, character } });

it.each([
  [0, 16, "V1__sales.sql:0:13"],
  [1, 14, "V2__parts.sql:0:13"],
])("the definition of what stands at %i:%i is %s", async (line, character, place) => {
  const location = await client.request<Location>("textDocument/definition", at(line, character));
  expect(shown(location)).toBe(place);
});

it.each([
  [0, 3],
  [2, 29],
])("nothing is defined at %i:%i", async (line, character) => {
  expect(await client.request("textDocument/definition", at(line, character))).toBeNull();
});

it("every place of the chain that names the table is a reference, and under other names too", async () => {
  const ask = async (line: number, character: number, includeDeclaration: boolean) =>
    (
      await client.request<Location[]>("textDocument/references", {
        ...at(line, character),
        context: { includeDeclaration },
      })
    )
      .map(shown)
      .sort();
  expect(await ask(0, 16, true)).toEqual([
    "V1__sales.sql:0:13",
    "V2__parts.sql:0:31",
    "a.sql:0:14",
    "a.sql:2:14",
    "closed.sql:1:21",
  ]);
  expect(await ask(1, 14, false)).toEqual(["V2__parts.sql:1:12", "a.sql:1:12"]);
});

it("highlights are those of the file", async () => {
  const found = await client.request<DocumentHighlight[]>("textDocument/documentHighlight", at(0, 16));
  expect(found.map(({ range }) => range.start)).toEqual([
    { line: 0, character: 14 },
    { line: 2, character: 14 },
  ]);
});

it("the symbols of the workspace are the tables that the chain leaves", async () => {
  const ask = async (text: string) =>
    (await client.request<WorkspaceSymbol[]>("workspace/symbol", { query: text })).map(({ name }) => name).sort();
  expect(await ask("")).toEqual(["other", "sales", "sales_2024"]);
  expect(await ask("SALES_")).toEqual(["sales_2024"]);
});
