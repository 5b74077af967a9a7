// The main job as a person sees it: open a file, read the lenses, hover, apply a fix, save.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode();
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => await code?.close());

it("underlines an overlap, explains it, repairs it, and the repair is saved", async () => {
  const file = "mistakes.sql";
  const before = readFileSync(join(code.workspace, file), "utf8");
  const editor = await code.open(file);
  await editor.squiggles("error").first().waitFor();
  await editor.lens("partition").first().waitFor();
  await code.screenshot("mistakes");

  await code.hover(
    editor.word("'2023-12-31'"),
    'partition "access_logs_2024" would overlap partition "access_logs_2023"',
  );
  await code.screenshot("overlap-hover");

  const fixes = await code.fixes(editor.word("'2023-12-31'"));
  await code.screenshot("overlap-fixes");
  expect(await fixes.count()).toBeGreaterThan(0);
  await code.page.keyboard.press("Enter");
  await editor.squiggles("error").first().waitFor({ state: "detached" });
  const after = await code.save(file, before);
  expect(after).not.toMatch(/FROM \('2023-12-31'\)/);
  await code.screenshot("overlap-repaired");
});

it("says above each query which partitions it reads, and in the hover why", async () => {
  const editor = await code.open("queries.sql");
  await editor
    .lens(/1 of 4 partitions/)
    .first()
    .waitFor();
  await editor
    .lens(/all 4 partitions/)
    .first()
    .waitFor();
  await code.page.mouse.move(0, 0);
  await code.screenshot("queries");
  await code.hover(editor.line("'2024-05-02'").locator("span span", { hasText: "SELECT" }), "Reads 1 of 4 partitions");
  await code.screenshot("query-hover");
});

it("counts the sixty months of range_rel", async () => {
  const editor = await code.open("range_rel.sql");
  await code.goToLine(75);
  await editor
    .lens(/2 of 60 partitions .* embedded PostgreSQL/)
    .first()
    .waitFor();
  await editor
    .lens(/all 60 partitions.* embedded PostgreSQL/)
    .first()
    .waitFor();
  await code.screenshot("range-rel");
});

it("reads the calls of pg_pathman's README, and says what its queries read", async () => {
  const editor = await code.open("pathman.sql");
  await editor
    .lens(/hash_rel_34/)
    .first()
    .waitFor();
  await editor
    .lens(/range_rel_28, range_rel_29/)
    .first()
    .waitFor();
  expect(await editor.squiggles("error").count()).toBe(0);
  await code.page.mouse.move(0, 0);
  await code.screenshot("pathman");
});

it("shows no notification that nobody asked for", async () => {
  expect(await code.toasts.count()).toBe(0);
});
