// Workspaces that nobody would set up on purpose: the answer is as true there, and nothing stands still.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SchemaSourceResult, SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import { lensTexts, startClient, type TestClient } from "./client.ts";

let directory: string;
let client: TestClient | undefined;

const table = "CREATE TABLE sales (d date NOT NULL, amount int) PARTITION BY RANGE (d);\n";
const year = (n: number) =>
  `CREATE TABLE sales_${n} PARTITION OF sales FOR VALUES FROM ('${n}-01-01') TO ('${n + 1}-01-01');\n`;
const query = "SELECT amount FROM sales WHERE d = '2025-03-01';\n";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-odd-"));
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
  return pathToFileURL(join(directory, path)).href;
}

async function start(): Promise<TestClient> {
  client = await startClient("vscode", {
    rootUri: pathToFileURL(directory).href,
    settings: { embedded: { enabled: false } },
  });
  return client;
}

async function survivors(started: TestClient, uri: string): Promise<readonly (readonly string[] | null)[]> {
  const { statements } = await started.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
  return statements.flatMap(({ relations }) => relations.map(({ survivors: names }) => names));
}

const source = (started: TestClient, uri: string) =>
  started.request<SchemaSourceResult>("partitionLens/schemaSource", { textDocument: { uri } });

it("two chains with the same table: none is guessed, and each file of a chain knows its own", async () => {
  const a = write("a/migrations/0001_sales.sql", table + year(2025));
  write("b/migrations/0001_sales.sql", table + year(2024));
  const started = await start();
  const uri = await started.open(query, write("queries/q.sql", query));
  expect(await source(started, uri)).toMatchObject({ label: null, unknown: ["sales"] });
  expect((await source(started, uri)).choices.map(({ label }) => label)).toEqual([
    "1 migration in a/migrations",
    "1 migration in b/migrations",
  ]);
  expect(await survivors(started, uri)).toEqual([]);
  expect(await started.diagnostics(uri)).toEqual([]);
  const member = await started.open(table + year(2025) + query, a);
  expect(await survivors(started, member)).toEqual([["public.sales_2025"]]);
});

it("scripts and changelogs that include each other in a circle come to an end", async () => {
  const one = write("sql/one.sql", `\\i two.sql\n${table}${year(2025)}${query}`);
  write("sql/two.sql", "\\i one.sql\n");
  const changeset = `--liquibase formatted sql\n--changeset me:1\n${table}${year(2025)}`;
  write("db/changelog/001.sql", changeset);
  write(
    "db/changelog/a.xml",
    `<databaseChangeLog><include file="b.xml" relativeToChangelogFile="true"/></databaseChangeLog>`,
  );
  write(
    "db/changelog/b.xml",
    `<databaseChangeLog><include file="a.xml" relativeToChangelogFile="true"/><include file="001.sql" relativeToChangelogFile="true"/></databaseChangeLog>`,
  );
  const started = await start();
  const uri = await started.open(`\\i two.sql\n${table}${year(2025)}${query}`, one);
  expect((await started.diagnostics(uri)).filter(({ severity }) => severity === 1)).toEqual([]);
  // In a circle no changelog is the first: what runs is not known, and nothing is guessed.
  const other = await started.open(query, write("q.sql", query));
  expect(await source(started, other)).toMatchObject({ label: null, unknown: ["sales"] });
  expect(await started.diagnostics(other)).toEqual([]);
});

it("a file that is a migration and a query is a migration: it starts from those before it, not from the end", async () => {
  write("migrations/0001_sales.sql", table + year(2025));
  const both = query + year(2026);
  const uri = write("migrations/0002_look.sql", both);
  write("migrations/0003_gone.sql", "DROP TABLE sales_2025;\n");
  const started = await start();
  await started.open(both, uri);
  expect(await survivors(started, uri)).toEqual([["public.sales_2025"]]);
  expect(lensTexts(await started.lenses(uri))).toEqual([expect.stringMatching(/^0: 1 of 1 partitions? · sales_2025/)]);
});

it("scripts of Alembic's revisions are ordered by their numbers; where names tell no order none is made up", async () => {
  const revision = (id: string, before: string | null) =>
    `revision = "${id}"\ndown_revision = ${before === null ? "None" : `"${before}"`}\n`;
  write("alembic/versions/ff00aa11bb22_sales.py", revision("ff00aa11bb22", null));
  write("alembic/versions/ff00aa11bb22_sales.sql", table + year(2025));
  write("alembic/versions/0a0b0c0d0e0f_gone.py", revision("0a0b0c0d0e0f", "ff00aa11bb22"));
  const gone = "DROP TABLE sales_2025;\n";
  const last = write("alembic/versions/0a0b0c0d0e0f_gone.sql", gone);
  const started = await start();
  const uri = await started.open(query, write("queries/q.sql", query));
  expect(await source(started, uri)).toMatchObject({ label: null, unknown: ["sales"] });
  expect(await started.diagnostics(await started.open(gone, last))).toEqual([]);
  await started.close();
  rmSync(join(directory, "alembic"), { recursive: true });
  write("alembic/versions/0001_sales.sql", table + year(2025));
  write("alembic/versions/0002_more.sql", year(2026));
  const numbered = await start();
  const again = await numbered.open(query, uri);
  expect(await source(numbered, again)).toMatchObject({ label: "2 migrations in alembic/versions", unknown: [] });
  expect(await survivors(numbered, again)).toEqual([["public.sales_2025"]]);
});

it.each([
  ["typescript", "ts", "const q = `SELECT amount FROM sales WHERE d = '2025-03-01';\nconst r = 'never closed;\n"],
  ["python", "py", 'q = """SELECT amount FROM sales WHERE d = %s\nr = "open\n'],
  ["go", "go", "q := `SELECT amount FROM sales\n"],
  ["ruby", "rb", "q = <<~SQL\n  SELECT amount FROM sales\n"],
  ["php", "php", "<?php $q = <<<SQL\nSELECT amount FROM sales\n"],
])("a program with broken quotes (%s) has no finding and keeps nobody waiting", async (language, ending, text) => {
  write("migrations/0001_sales.sql", table + year(2025));
  const started = await start();
  await started.open(query, write("q.sql", query));
  const uri = write(`src/broken.${ending}`, text);
  await started.open(text, uri, language);
  expect(await started.diagnostics(uri)).toEqual([]);
  await started.lenses(uri);
  // The next file is answered as ever.
  expect(await survivors(started, pathToFileURL(join(directory, "q.sql")).href)).toEqual([["public.sales_2025"]]);
});

it("links to devices without an end are not read", async () => {
  for (const [name, target] of [
    ["partition-lens.json", "/dev/zero"],
    ["flyway.conf", "/dev/zero"],
    ["flyway.toml", "/dev/stdin"],
    ["migrations/atlas.sum", "/dev/zero"],
    ["migrations/V2__zero.sql", "/dev/zero"],
  ] as const) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    symlinkSync(target, join(directory, name));
  }
  write("migrations/V1__sales.sql", table + year(2024));
  const started = await start();
  const uri = await started.open(year(2025), write("migrations/V3__more.sql", year(2025)));
  const problems = await started.diagnostics(uri);
  expect(problems.filter(({ severity }) => severity === 1)).toEqual([]);
  const uri4 = await started.open(query, write("migrations/V4__query.sql", query));
  expect(await survivors(started, uri4)).toEqual([["public.sales_2025"]]);
});

it("a migration that is too long to be read may have done anything: nothing rests on it", async () => {
  write("migrations/V1__sales.sql", table + year(2024));
  // It might have dropped the table.
  truncateSync(new URL(write("migrations/V2__long.sql", "")), 65 * 1_048_576);
  const started = await start();
  const again = await started.open(table, write("migrations/V3__again.sql", table));
  expect(await started.diagnostics(again)).toEqual([]);
  const twice = table + table;
  const surely = await started.open(twice, write("migrations/V4__twice.sql", twice));
  expect((await started.diagnostics(surely)).map(({ message }) => String(message).split("\n")[0])).toEqual([
    'relation "sales" already exists.',
  ]);
});
