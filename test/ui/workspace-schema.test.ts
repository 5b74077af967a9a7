// The workspace is the schema, as a person sees it: whose tables a query file has, and where new DDL goes.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

/** A table with so many partitions of ten keys each. */
function visits(partitions: number): string {
  const lines = ["CREATE TABLE visits (k int, note text) PARTITION BY RANGE (k);"];
  for (let from = 0; from < partitions; from++)
    lines.push(
      `CREATE TABLE visits_${from} PARTITION OF visits FOR VALUES FROM (${from * 10}) TO (${from * 10 + 10});`,
    );
  return lines.join("\n");
}

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode({
    files: {
      "shop_a/migrations/V1__visits.sql": visits(2),
      "shop_b/migrations/V1__visits.sql": visits(3),
      "reports/visits.sql": "SELECT * FROM visits WHERE k = 5;\n",
    },
  });
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => await code?.close());

it("lenses know the tables of the migrations beside, and the status bar says which", async () => {
  const editor = await code.open("queries/orders.sql");
  await editor.lens("1 of 2 partitions · orders_apac").first().waitFor();
  await code.status("schema from 3 migrations in migrations").waitFor();
  await code.screenshot("query-file");
  expect(await editor.squiggles("error").count()).toBe(0);
});

/** Chooses one of the refactorings where this word stands, until what it opens is there. */
async function refactor(word: string, title: string, opened: Locator): Promise<void> {
  const editor = code.page.locator(".editor-instance .view-line span span", { hasText: word });
  const row = code.page.locator(".action-widget .monaco-list-row.action", { hasText: title });
  const comes = (place: Locator): Promise<boolean> =>
    place
      .first()
      .waitFor({ timeout: 10_000 })
      .then(
        () => true,
        () => false,
      );
  // VS Code drops the menu, or a click in it, when lenses arrive and move the lines; a person asks again.
  for (let attempt = 0; attempt < 5; attempt++) {
    await editor.first().click();
    await code.page.keyboard.press("Control+Shift+R");
    if (await comes(row)) {
      await row
        .first()
        .click({ timeout: 10_000 })
        .catch(() => {});
      if (await comes(opened)) return;
    }
    await code.page.keyboard.press("Escape");
  }
  throw new Error(`${title} opened nothing.`);
}

it("DDL asked for in an old migration opens as a new one beside, selected and not saved", async () => {
  const file = "migrations/V1__create_orders.sql";
  const before = readFileSync(join(code.workspace, file), "utf8");
  const old = await code.open(file);
  await old.lens("partition").first().waitFor();
  const written = code.page.locator('.monaco-editor[data-uri$="/migrations/V4__append_orders_emea.sql"]');
  await refactor("orders_emea", "Append", written);
  await written.locator(".view-line", { hasText: "orders_emea_2026" }).first().waitFor();
  await code.status("V4__append_orders_emea.sql is new and not saved yet").waitFor();
  await written.locator(".selected-text").first().waitFor();
  expect(await code.page.locator(".tab.dirty", { hasText: "V4__append_orders_emea.sql" }).count()).toBe(1);
  expect(await old.line("CREATE TABLE orders (").first().isVisible()).toBe(true);
  await code.screenshot("new-migration");
  expect(readFileSync(join(code.workspace, file), "utf8")).toBe(before);
  expect(existsSync(join(code.workspace, "migrations/V4__append_orders_emea.sql"))).toBe(false);

  await code.page.keyboard.press("Control+s");
  await code.page.locator(".tab:not(.dirty)", { hasText: "V4__append_orders_emea.sql" }).waitFor();
  expect(readFileSync(join(code.workspace, "migrations/V4__append_orders_emea.sql"), "utf8")).toContain(
    "orders_emea_2026",
  );
});

it("asks once which of two chains a folder's files are for, and remembers it", async () => {
  const status = code.page.locator(".statusbar-item", { hasText: "which schema?" });
  await code.open("reports/visits.sql");
  await status.first().waitFor();
  await code.screenshot("which-schema");
  await status.first().click();
  await code.pick("Schema from 1 migration in shop_b/migrations");
  const editor = await code.open("reports/visits.sql");
  await editor.lens("1 of 3 partitions").first().waitFor();
  await code.status("schema from 1 migration in shop_b/migrations").waitFor();

  await code.reload();
  const again = await code.open("reports/visits.sql");
  await again.lens("1 of 3 partitions").first().waitFor();
  expect(await status.count()).toBe(0);
});
