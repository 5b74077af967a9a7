// DO blocks whose effect their text does not tell: run in the embedded PostgreSQL in the background, then known to everything else.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbeddedSnapshot } from "../../scripts/embedded-snapshot.mjs";
import type { CatalogResult } from "../../server/src/lsp/protocol.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { serverSources, startClient, type TestClient } from "./client.ts";

const sales = "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);\n";
/** `sha256` is not computed by the replay, so the loop is not followed. */
const block = `DO $$
DECLARE y int;
BEGIN
  FOR y IN SELECT g FROM generate_series(2023, 2024) AS g WHERE sha256(g::text::bytea) <> '' LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF sales FOR VALUES FROM (%L) TO (%L)', 'sales_' || y, make_date(y, 1, 1), make_date(y + 1, 1, 1));
  END LOOP;
END $$;
`;
const overlapping = "CREATE TABLE extra PARTITION OF sales FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');\n";

let client: TestClient | undefined;
let database: TestDatabase | undefined;
afterEach(async () => {
  await client?.close();
  await database?.close();
  client = undefined;
  database = undefined;
});
beforeAll(ensureEmbeddedSnapshot);

async function start(settings: Readonly<Record<string, unknown>> = {}): Promise<TestClient> {
  client = await startClient("vscode", {
    server: serverSources,
    initializationOptions: { clientCommands: [], settings },
  });
  return client;
}

async function tables(uri: string): Promise<readonly string[]> {
  const result = await client?.request<CatalogResult>("partitionLens/catalog", { textDocument: { uri } });
  return result?.relations.map(({ name, bound }) => `${name} ${bound}`) ?? [];
}

/** Waits until something was said in the log. */
async function logged(running: TestClient, pattern: RegExp): Promise<void> {
  await running.until(() => running.logged.some((line) => pattern.test(line)));
}

describe("a DO block in an open file", () => {
  it("is run when the typing pauses, and errors behind it appear", async () => {
    const running = await start();
    const uri = await running.open(sales + block + overlapping);
    expect(await running.diagnostics(uri)).toEqual([]);
    await logged(running, /statement 2 of .* was run in the embedded PostgreSQL/);
    await running.until(() => running.requested.includes("workspace/diagnostic/refresh"));
    expect(await tables(uri)).toEqual([
      "public.sales null",
      "public.sales_2023 FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
      "public.sales_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    ]);
    const [finding] = (await running.diagnostics(uri)).filter(({ severity }) => severity === 1);
    expect(finding).toMatchObject({ code: "partition-overlap", range: { start: { line: 8 } } });
    expect(finding?.message).toMatch(/^partition "extra" would overlap partition "sales_2024"/);
    expect(finding?.relatedInformation?.[0]?.location.range.start.line).toBe(1);

    // A change behind the block, or in a query before it, leaves it known; one of the table before it does not.
    const comment = running.text(uri).length;
    await running.edit(uri, comment, comment, "SELECT 1;\n");
    expect(await tables(uri)).toHaveLength(3);
    await running.edit(uri, sales.indexOf("(d date"), sales.indexOf("(d date"), "/* */ ");
    await running.edit(uri, 0, 0, "CREATE TABLE sales_2023 (d date);\n");
    expect(await tables(uri)).toEqual([
      "public.sales_2023 null",
      "public.sales null",
      "public.extra FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
    ]);
    await logged(running, /is not known: .*relation "sales_2023" already exists/);
  });

  it("that never ends is ended, and the server goes on", async () => {
    const running = await start();
    const uri = await running.open(`${sales}DO $$ BEGIN EXECUTE 'DROP TABLE sales'; LOOP END LOOP; END $$;\n`);
    expect(await running.diagnostics(uri)).toEqual([]);
    await logged(running, /statement 2 of .* is not known: .*did not answer in time/);
    expect(await running.diagnostics(uri)).toEqual([]);
    expect(await tables(uri)).toEqual(["public.sales null"]);
  });

  it("is not run where that is switched off, nor while a database is connected", async () => {
    const off = await start({ "embedded.enabled": false });
    const uri = await off.open(sales + block);
    await off.diagnostics(uri);
    expect(await tables(uri)).toEqual(["public.sales null"]);
    await off.close();

    database = await createDatabase();
    const connected = await start();
    await connected.request("partitionLens/connect", { name: "shop", connectionString: database.connectionString });
    const second = await connected.open(sales + block);
    await connected.diagnostics(second);
    await new Promise((resume) => setTimeout(resume, 1_500));
    expect(connected.logged.filter((line) => /embedded PostgreSQL/.test(line))).toEqual([]);
    const { rows } = await database.client.query("SELECT relname FROM pg_class WHERE relname LIKE 'sales%'");
    expect(rows).toEqual([]);
  });
});
