// The view Partitions as a person sees it: the workspace's tables whichever file is in front, what is missing, and what fills it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode();
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => await code?.close());

const row = (text: string | RegExp) => code.page.locator(".pane-body .monaco-list-row", { hasText: text });

it("shows what the migrations leave, opens a partition's file on a click, and stays as it is", async () => {
  await code.open("queries/orders.sql");
  await code.runCommand("View: Show Partition Lens");
  await row("LIST (region)").first().waitFor();
  await row("orders_emea").first().waitFor();
  await row("orders_apac").first().click();
  await code.page.locator('.monaco-editor[data-uri$="/V1__create_orders.sql"]').waitFor();
  await row("orders_apac").first().waitFor();
  expect(await row("LIST (region)").count()).toBe(1);
  await code.screenshot("tree");
});

it("begins with what is missing, fills it in an untitled document, and is filtered by name or bound", async () => {
  const text = ["CREATE TABLE days (d date) PARTITION BY RANGE (d);"];
  for (let day = 0; day < 120; day++) {
    if (day === 60) continue;
    const at = (offset: number): string => new Date(Date.UTC(2024, 0, 1 + day + offset)).toISOString().slice(0, 10);
    text.push(`CREATE TABLE days_${day} PARTITION OF days FOR VALUES FROM ('${at(0)}') TO ('${at(1)}');`);
  }
  writeFileSync(join(code.workspace, "days.sql"), text.join("\n"));
  await code.open("days.sql");
  await row("RANGE (d)").first().waitFor();
  if ((await row("gap").count()) === 0) await row("RANGE (d)").first().click();
  const gap = row("2024-03-01 … 2024-03-02");
  await gap.first().waitFor();
  expect(await row("2024-01-01 … 2024-02-20").count()).toBe(1);
  await code.page.mouse.move(200, 600);
  await code.screenshot("tree-gap");
  await gap.first().hover();
  await gap.locator(".action-label").first().click();
  const preview = code.page.locator('.monaco-editor[data-uri^="partition-lens-preview:"] .view-line');
  await preview.filter({ hasText: "ATTACH PARTITION" }).first().waitFor();
  await code.page.locator(".quick-input-message", { hasText: "The name of the new partition" }).waitFor();
  await code.screenshot("tree-gap-preview");
  await code.page.keyboard.press("Enter");
  await code.page.locator(".quick-input-list .monaco-list-row", { hasText: "Write the script" }).first().waitFor();
  await code.page.keyboard.press("Enter");
  await preview.first().waitFor({ state: "detached" });
  const written = code.page.locator('.monaco-editor[data-uri^="untitled:"] .view-line', {
    hasText: "ATTACH PARTITION",
  });
  await written.first().waitFor();
  await code.runCommand("Partition Lens: Filter Partitions…");
  const input = code.page.locator(".quick-input-widget input").first();
  await input.fill("2024-04-0");
  await code.page.keyboard.press("Enter");
  await row("days_91").first().waitFor();
  expect(await row("orders").count()).toBe(0);
  await code.screenshot("tree-filtered");
  await code.runCommand("Partition Lens: Show All Partitions");
  await row("LIST (region)").first().waitFor();
  expect(await code.toasts.count()).toBe(0);
});
