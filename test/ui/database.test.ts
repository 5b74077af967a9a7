// A migration against a connected database, as a person sees it: connect, read what is wrong, migrate elsewhere, refresh.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type PostgresServer, startServer } from "../support/postgres-server.ts";
import { openVSCode, type VSCode } from "./driver.ts";

const schema = `CREATE TABLE sales (d date NOT NULL, region text) PARTITION BY RANGE (d);
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
`;
const migration = `-- The tables are the database's: no file creates them.
CREATE TABLE sales_late PARTITION OF sales
  FOR VALUES FROM ('2024-07-01') TO ('2025-07-01');

SELECT region, count(*) FROM sales WHERE d >= '2024-03-01' GROUP BY region;
`;

let server: PostgresServer;
let database: pg.Client;
let code: VSCode;
beforeAll(async () => {
  server = await startServer(18);
  database = new pg.Client({ connectionString: server.connectionString });
  await database.connect();
  await database.query(schema);
  code = await openVSCode({ settings: { "partitionLens.reconnect": true } });
  writeFileSync(join(code.workspace, "late.sql"), migration);
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => {
  await code?.close();
  await database?.end();
  await server?.stop();
});

it("knows the database's tables once connected, and what became of them once refreshed", async () => {
  const editor = await code.open("late.sql");
  const { page } = code;
  const status = page.locator(".statusbar-item", { hasText: /this file|embedded PostgreSQL|schema from/ }).first();
  await status.waitFor();
  expect(await editor.squiggles("error").count()).toBe(0);

  await code.runCommand("Partition Lens: Connect…");
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: "Enter a connection string" });
  const input = page.locator('.quick-input-widget input[placeholder^="postgres://"]');
  // Where PG* variables describe a connection, a list comes first.
  await row.or(input).first().waitFor();
  if (await row.isVisible()) await page.keyboard.press("Enter");
  // What was typed stays to be put right, with what is wrong below it.
  const mistyped = server.connectionString.replace(String(server.port), "1");
  await input.fill(mistyped);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-message", { hasText: "Not connected" }).waitFor();
  await code.screenshot("connect-again");
  expect(await input.inputValue()).toBe(mistyped);
  await input.fill(server.connectionString);
  await page.keyboard.press("Enter");
  await editor.squiggles("error").first().waitFor();
  await editor.lens("1 of 2 partitions").first().waitFor();
  await code.runCommand("View: Show Partition Lens");
  await code.screenshot("connected");
  await code.hover(editor.word("'2024-07-01'"), 'partition "sales_late" would overlap partition "sales_2024"');
  await code.screenshot("connected-overlap");

  await database.query("ALTER TABLE sales DETACH PARTITION sales_2024");
  await code.runCommand("Partition Lens: Refresh Catalog");
  await editor.squiggles("error").first().waitFor({ state: "detached" });
  await page
    .locator(".statusbar-item", { hasText: /relations read/ })
    .first()
    .waitFor();
  await editor.lens("rejected").first().waitFor({ state: "detached" });
  await editor.lens("1 of 2 partitions · sales_late").first().waitFor();
  // The tree is told too.
  await page.locator(".pane-body .monaco-list-row", { hasText: "sales_2024" }).first().waitFor({ state: "detached" });
  await code.screenshot("connected-refreshed");
  expect(await code.toasts.count()).toBe(0);
});

it("says at once that the server is gone, and is back when it is", async () => {
  const editor = await code.open("late.sql");
  // What ends the test's own connection is no failure.
  database.on("error", () => {});
  await server.crash();
  await code.status(/disconnected/).waitFor();
  await code.screenshot("disconnected");
  await server.start();
  await code.status(/disconnected/).waitFor({ state: "detached" });
  await editor.lens("1 of 2 partitions · sales_late").first().waitFor();
  expect(await code.toasts.count()).toBe(0);
});
