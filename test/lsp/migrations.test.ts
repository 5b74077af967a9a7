// Migration chains: a file starts from what the earlier ones leave, as they stand on disk or in the editor.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Diagnostic } from "vscode-languageserver/node";
import type { CatalogResult } from "../../server/src/lsp/protocol.ts";
import { lensTexts, startClient, type TestClient } from "./client.ts";

let directory: string;
let client: TestClient | undefined;

const first = "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);\n";
const second = "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n";
const third = "CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');\n";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-chain-"));
  mkdirSync(join(directory, "migrations"));
  write("partition-lens.json", JSON.stringify({ schema: { migrations: ["migrations/*.sql"] } }));
  write("migrations/V1__sales.sql", first);
  write("migrations/V2__sales_2024.sql", second);
  write("migrations/V10__late.sql", third);
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  writeFileSync(join(directory, path), text);
}

function uriOf(path: string): string {
  return pathToFileURL(join(directory, path)).href;
}

async function codes(uri: string): Promise<readonly unknown[]> {
  return (await client?.diagnostics(uri))?.map(({ code }) => code) ?? [];
}

describe.each(["vscode", "helix"] as const)("%s", (editor) => {
  it("a file collides with what an earlier one creates, and names the place", async () => {
    client = await startClient(editor, { rootUri: uriOf(".").replace(/\/\.?$/, "") });
    const uri = await client.open(third, uriOf("migrations/V10__late.sql"));
    const [overlap] = await client.diagnosticsWith(uri, (found) => found.length > 0);
    expect(overlap).toMatchObject({ code: "partition-overlap", severity: 1 });
    expect(overlap?.relatedInformation?.map(({ location }) => location.uri)).toEqual([
      uriOf("migrations/V2__sales_2024.sql"),
    ]);
  });

  it("an edit of an early file changes the findings of a later one", async () => {
    client = await startClient(editor, { rootUri: uriOf(".").replace(/\/\.?$/, "") });
    const late = await client.open(third, uriOf("migrations/V10__late.sql"));
    const overlaps = (found: readonly Diagnostic[]) => found.some(({ code }) => code === "partition-overlap");
    expect(await client.diagnosticsWith(late, overlaps)).not.toEqual([]);
    const early = await client.open(second, uriOf("migrations/V2__sales_2024.sql"));
    const at = second.indexOf("2025-01-01");
    await client.edit(early, at, at + "2025-01-01".length, "2024-03-01");
    const after = await client.diagnosticsWith(late, (found) => !overlaps(found));
    expect(after.filter(({ severity }) => severity === 1)).toEqual([]);
  });
});

it("the lens of a table tells what the whole chain leaves, and is another when a later file is", async () => {
  write("migrations/V10__late.sql", third.replaceAll("2024-0", "2026-0"));
  client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
  const uri = await client.open(first, uriOf("migrations/V1__sales.sql"));
  expect(lensTexts(await client.lenses(uri))).toEqual(["0: RANGE (d) · 2 partitions · 2024-01 … 2026-07 · 1 gap"]);
  await client.open("DROP TABLE sales;", uriOf("migrations/V10__late.sql"));
  expect(lensTexts(await client.lenses(uri))).toEqual(["0: RANGE (d) · no partitions yet · dropped later"]);
});

it("the catalog after a file holds what the earlier ones left", async () => {
  client = await startClient("minimal", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
  const uri = await client.open(second, uriOf("migrations/V2__sales_2024.sql"));
  const { relations } = await client.request<CatalogResult>("partitionLens/catalog", { textDocument: { uri } });
  expect(relations.map(({ name }) => name)).toEqual(["public.sales", "public.sales_2024"]);
});

it("a file that changes on disk counts once the editor says so", async () => {
  client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
  const uri = await client.open(third, uriOf("migrations/V10__late.sql"));
  expect(await codes(uri)).toContain("partition-overlap");
  write("migrations/V2__sales_2024.sql", "");
  const waiting = client;
  const refreshes = client.requested.length;
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("migrations/V2__sales_2024.sql"), type: 2 }],
  });
  await client.until(() => waiting.requested.slice(refreshes).includes("workspace/diagnostic/refresh"));
  expect(await codes(uri)).not.toContain("partition-overlap");
});

it("what Flyway's settings put in the place of placeholders counts, also once they change", async () => {
  rmSync(join(directory, "partition-lens.json"));
  write("flyway.conf", "flyway.placeholders.until=2025-01-01\n");
  write("migrations/V2__sales_2024.sql", second.replace("2025-01-01", "${until}"));
  client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
  const uri = await client.open(third, uriOf("migrations/V10__late.sql"));
  expect(await codes(uri)).toContain("partition-overlap");
  write("flyway.conf", "flyway.placeholders.until=2024-06-01\n");
  const waiting = client;
  const refreshes = client.requested.length;
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("flyway.conf"), type: 2 }],
  });
  await client.until(() => waiting.requested.slice(refreshes).includes("workspace/diagnostic/refresh"));
  expect(await codes(uri)).not.toContain("partition-overlap");
});

it("a file that is gone counts no more, and the others are as they were", async () => {
  write("migrations/V3__late.sql", third);
  client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
  const uri = await client.open(third.replace("late", "later"), uriOf("migrations/V10__late.sql"));
  const overlapped = async (): Promise<unknown> =>
    (await client?.diagnostics(uri))?.find(({ code }) => code === "partition-overlap")?.message;
  expect(await overlapped()).toMatch(/would overlap partition "sales_2024"/);
  rmSync(join(directory, "migrations/V2__sales_2024.sql"));
  const waiting = client;
  const refreshes = client.requested.length;
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: uriOf("migrations/V2__sales_2024.sql"), type: 3 }],
  });
  await client.until(() => waiting.requested.slice(refreshes).includes("workspace/diagnostic/refresh"));
  expect(await overlapped()).toMatch(/would overlap partition "late"/);
});

it("what a file makes of an earlier one's table is said in that file alone", async () => {
  const gap = "CREATE TABLE later PARTITION OF sales FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');\n";
  write("migrations/V10__late.sql", gap);
  write("migrations/V11__other.sql", "CREATE TABLE other (id int);\n");
  client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
  expect(await codes(await client.open(gap, uriOf("migrations/V10__late.sql")))).toContain("range-gap");
  expect(await codes(await client.open("CREATE TABLE other (id int);\n", uriOf("migrations/V11__other.sql")))).toEqual(
    [],
  );
});

describe("without a setting", () => {
  beforeEach(() => {
    write("partition-lens.json", "{}");
    mkdirSync(join(directory, "reports"));
    write("reports/1_first.sql", first);
    write("reports/2_second.sql", first);
    mkdirSync(join(directory, "app/migrations/2024-01-01-100000_sales"), { recursive: true });
    mkdirSync(join(directory, "app/migrations/2024-01-02-100000_late"));
    write("app/migrations/2024-01-01-100000_sales/up.sql", first + second);
    write("app/migrations/2024-01-02-100000_late/up.sql", third);
    write("app/migrations/2024-01-02-100000_late/down.sql", "DROP TABLE late;");
  });

  it("files that a tool's names and folders show are a chain, each folder one of its own", async () => {
    client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
    for (const path of ["migrations/V10__late.sql", "app/migrations/2024-01-02-100000_late/up.sql"]) {
      expect(await codes(await client.open(third, uriOf(path)))).toContain("partition-overlap");
    }
    expect(await codes(await client.open(first, uriOf("reports/2_second.sql")))).toEqual([]);
  });

  it("a file that comes to be beside others makes them a chain", async () => {
    rmSync(join(directory, "migrations/V1__sales.sql"));
    rmSync(join(directory, "migrations/V2__sales_2024.sql"));
    client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
    const uri = await client.open(third, uriOf("migrations/V10__late.sql"));
    expect(await codes(uri)).not.toContain("partition-overlap");
    write("migrations/V2__sales_2024.sql", first + second);
    const waiting = client;
    const refreshes = client.requested.length;
    await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
      changes: [{ uri: uriOf("migrations/V2__sales_2024.sql"), type: 1 }],
    });
    await client.until(() => waiting.requested.slice(refreshes).includes("workspace/diagnostic/refresh"));
    expect(await codes(uri)).toContain("partition-overlap");
  });

  it("a folder of them that comes, goes or is renamed as one counts, though the editor names the folder alone", async () => {
    client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
    const uri = await client.open("SELECT FROM sales WHERE d = '2024-03-01';", uriOf("queries/q.sql"));
    const asked = client;
    const names = async (): Promise<readonly string[]> =>
      (await asked.request<CatalogResult>("partitionLens/catalog", { textDocument: { uri } })).relations.map(
        ({ name }) => name,
      );
    const told = (path: string, type: number): Promise<void> =>
      asked.connection.sendNotification("workspace/didChangeWatchedFiles", { changes: [{ uri: uriOf(path), type }] });
    /** Asks again whenever the server says that something is other. */
    const become = async (...expected: readonly string[]): Promise<void> => {
      for (;;) {
        const seen = asked.requested.length;
        const found = await names();
        if (found.join() === expected.join()) return;
        await asked.until(() => asked.requested.slice(seen).includes("workspace/diagnostic/refresh"));
      }
    };
    rmSync(join(directory, "app"), { recursive: true });
    await told("app", 3);
    await become("public.sales", "public.sales_2024");
    const aside = `${directory}-aside`;
    renameSync(join(directory, "migrations"), aside);
    await told("migrations", 3);
    await become();
    mkdirSync(join(directory, "db"));
    renameSync(aside, join(directory, "db/migrations"));
    await told("db", 1);
    await become("public.sales", "public.sales_2024");
    mkdirSync(join(directory, "db/migrations/more"));
    write("db/migrations/more/V11__gone.sql", "DROP TABLE sales_2024;");
    await told("db/migrations/more", 1);
    await become("public.sales");
    expect(await asked.diagnostics(uri)).toEqual([]);
  });

  it("there is none where that is switched off", async () => {
    write("partition-lens.json", JSON.stringify({ "schema.detectMigrations": false }));
    client = await startClient("vscode", { rootUri: uriOf(".").replace(/\/\.?$/, "") });
    const uri = await client.open(third, uriOf("migrations/V10__late.sql"));
    expect(await codes(uri)).not.toContain("partition-overlap");
  });
});
