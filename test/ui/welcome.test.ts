// The first minutes with a workspace that holds no SQL, and a server that its .env file names.
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type PostgresServer, startServer } from "../support/postgres-server.ts";
import { openVSCode, type VSCode } from "./driver.ts";

let server: PostgresServer;
let code: VSCode;
beforeAll(async () => {
  server = await startServer(18);
  code = await openVSCode({
    sample: false,
    files: { "README.md": "# Nothing yet\n", ".env": `DATABASE_URL=${server.connectionString}\n` },
  });
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => {
  await code?.close();
  await server?.stop();
});

it("says what appears here, and offers a database and the setting", async () => {
  await code.runCommand("View: Show Partition Lens");
  const welcome = code.page.locator(".welcome-view-content:visible");
  await welcome.filter({ hasText: "The partitioned tables of this workspace appear here" }).waitFor();
  expect(await welcome.getByText("Connect…").count()).toBe(1);
  expect(await welcome.getByText("Say Where the Schema Is").count()).toBe(1);
  await code.screenshot("welcome");
});

it("connects to what .env names once it is chosen, and says that there are no partitioned tables", async () => {
  const { page } = code;
  await page.locator(".welcome-view-content:visible").getByText("Connect…").click();
  const row = page.locator(".quick-input-list .monaco-list-row", { hasText: "DATABASE_URL in .env" });
  await row.waitFor();
  await code.screenshot("connect-from-env");
  await row.click();
  await page
    .locator(".welcome-view-content:visible", { hasText: "The connected database shows its user no partitioned table" })
    .waitFor();
  await code.screenshot("welcome-connected");
  expect(await code.toasts.count()).toBe(0);
});

it("shows a table that somebody makes in the database, once the catalog is read again", async () => {
  const database = new pg.Client({ connectionString: server.connectionString });
  await database.connect();
  try {
    await database.query("CREATE TABLE readings (at date NOT NULL) PARTITION BY RANGE (at)");
  } finally {
    await database.end();
  }
  await code.page.locator(".welcome-view-content:visible").getByText("Refresh Catalog").click();
  await code.page.locator(".pane-body .monaco-list-row", { hasText: "readings" }).first().waitFor();
});

it("says without any file too that the server is gone, and keeps what is known of it", async () => {
  await server.crash();
  await code.status(/disconnected/).waitFor();
  await code.runCommand("Partition Lens: Refresh Catalog");
  await code.toasts.filter({ hasText: "The schema was not read" }).filter({ hasText: "connection refused" }).waitFor();
  await code.screenshot("refresh-failed");
  expect(await code.page.locator(".pane-body .monaco-list-row", { hasText: "readings" }).count()).toBe(1);
  await server.start();
  await code.runCommand("Partition Lens: Refresh Catalog");
  await code.status(/disconnected/).waitFor({ state: "detached" });
});
