// Rehearse as a person runs it: progress, the report beside the script, and what was found at the ends of its lines.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode({ settings: { "workbench.activityBar.location": "hidden" } });
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => await code?.close());

it("shows a row that a migration loses, and the locks that it takes", async () => {
  writeFileSync(
    join(code.workspace, "migrations/V4__split_apac.sql"),
    `-- Japan gets a partition of its own.
CREATE TABLE orders_jp (LIKE orders INCLUDING DEFAULTS);
INSERT INTO orders_jp SELECT * FROM orders_apac WHERE region = 'jp' AND ordered_on > '2001-01-05';
DELETE FROM orders_apac WHERE region = 'jp';
ALTER TABLE orders DETACH PARTITION orders_apac;
`,
  );
  const editor = await code.open("V4__split_apac.sql");
  await editor.line("DETACH").first().waitFor();
  await code.runCommand("Partition Lens: Rehearse");
  const report = code.page.locator(".monaco-editor .view-line", { hasText: "Rows are lost" }).first();
  await report.waitFor({ timeout: 120_000 });
  await editor.line("ACCESS EXCLUSIVE on orders, orders_apac").first().waitFor();
  await code.runCommand("View: Toggle Primary Side Bar Visibility");
  await code.page.locator(".explorer-folders-view").first().waitFor({ state: "hidden" });
  await code.screenshot("rehearsal");
  expect(await report.isVisible()).toBe(true);
  // A page to read: nothing asks whether it is to be saved.
  expect(await code.page.locator(".tab.dirty").count()).toBe(0);
});
