// The workspace is the schema, as a person sees it: whose tables a query file has, and where new DDL goes.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode();
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await code.screenshot(`failed-${task.name.replaceAll(/\W+/g, "-")}`);
});
afterAll(async () => await code?.close());

it("lenses know the tables of the migrations beside, and the status bar says which", async () => {
  const editor = await code.open("queries/orders.sql");
  await editor.lens("1 of 2 partitions · orders_apac").first().waitFor();
  await code.status("schema from 3 migrations in migrations").waitFor();
  await code.screenshot("query-file");
  expect(await editor.squiggles("error").count()).toBe(0);
});

/** Opens the menu of refactorings where this word stands, and chooses one. */
async function refactor(word: string, title: string): Promise<void> {
  const editor = code.page.locator(".editor-instance .view-line span span", { hasText: word });
  const row = code.page.locator(".action-widget .monaco-list-row.action", { hasText: title });
  // VS Code drops the menu when lenses arrive and move the lines while it opens; a person presses the keys again.
  for (let attempt = 0; attempt < 5; attempt++) {
    await editor.first().click();
    await code.page.keyboard.press("Control+Shift+R");
    const isOpen = await row
      .first()
      .waitFor({ timeout: 10_000 })
      .then(
        () => true,
        () => false,
      );
    if (isOpen) return row.first().click();
    await code.page.keyboard.press("Escape");
  }
  throw new Error(`The menu of refactorings has no ${title}.`);
}

it("DDL asked for in an old migration opens as a new one beside, selected and not saved", async () => {
  const file = "migrations/V1__create_orders.sql";
  const before = readFileSync(join(code.workspace, file), "utf8");
  const old = await code.open(file);
  await old.lens("partition").first().waitFor();
  await refactor("orders_emea", "Append");
  const written = code.page.locator('.monaco-editor[data-uri$="/migrations/V4__append_orders_emea.sql"]');
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
