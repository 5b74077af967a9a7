// Generate… as a person goes through it: the questions, what is said while one types, the preview beside, and a way back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { openVSCode, type VSCode } from "./driver.ts";

let code: VSCode;
beforeAll(async () => {
  code = await openVSCode({ settings: { "workbench.activityBar.location": "hidden" } });
});
afterEach(async ({ task }) => await code?.recordFailure(task));
afterAll(async () => await code?.close());

const title = (text: string) => code.page.locator(".quick-input-title", { hasText: text });
const choice = (text: string | RegExp) => code.page.locator(".quick-input-list .monaco-list-row", { hasText: text });
const preview = (text: string | RegExp) =>
  code.page.locator('.monaco-editor[data-uri^="partition-lens-preview:"] .view-line', { hasText: text });

/** By the keyboard: a hover over the list would be in a mouse's way. */
async function choose(text: string): Promise<void> {
  await choice(text).first().waitFor();
  await code.page.keyboard.type(text);
  await code.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: text }).waitFor();
  await code.page.keyboard.press("Enter");
}

/** On the partition of 2024 of the sample, up to the question for the value at which it is split. */
async function splitFromCursor(): Promise<void> {
  const editor = await code.open("access_logs.sql");
  await editor
    .lens(/partitions/)
    .first()
    .waitFor();
  await code.goToLine(16);
  await code.runCommand("Partition Lens: Generate…");
  await choose("Split");
  await title("Split").waitFor();
  await choose("At another value");
  await code.page.locator(".quick-input-message", { hasText: "The first value of the upper part" }).waitFor();
}

it("goes back to the question before, and writes nothing when it is left", async () => {
  const before = readFileSync(join(code.workspace, "access_logs.sql"), "utf8");
  await splitFromCursor();
  await code.page.locator(".quick-input-titlebar .codicon-quick-input-back").click();
  await choice("At another value").first().waitFor();
  await code.page.keyboard.press("Escape");
  await preview(/./).first().waitFor({ state: "detached" });
  expect(readFileSync(join(code.workspace, "access_logs.sql"), "utf8")).toBe(before);
});

it("asks, checks what is typed, shows what comes of it, and writes it", async () => {
  const before = readFileSync(join(code.workspace, "access_logs.sql"), "utf8");
  await splitFromCursor();
  const input = code.page.locator(".quick-input-box input").first();
  await input.fill("2030-01-01");
  await code.page.locator(".quick-input-message", { hasText: "2030-01-01" }).waitFor();
  await preview("does not lie inside").first().waitFor();
  await input.fill("2024-07-01");
  await preview("+ access_logs_2024").first().waitFor();
  await preview("ATTACH PARTITION").first().waitFor();
  await code.screenshot("guide");
  await code.page.keyboard.press("Enter");
  await code.page.locator(".quick-input-message", { hasText: "The name of the new partition" }).waitFor();
  await code.screenshot("guide-name");
  await code.page.keyboard.press("Enter");
  await choice("Simple").first().or(choice("Write the script").first()).first().waitFor();
  await code.screenshot("guide-style");
  await code.page.keyboard.press("Enter");
  await preview(/./).first().waitFor({ state: "detached" });
  const written = await code.save("access_logs.sql", before);
  expect(written).toContain("ALTER TABLE access_logs ATTACH PARTITION access_logs_2024_07");
  expect(written.length).toBeGreaterThan(before.length);
  expect(written.startsWith(before.slice(0, before.indexOf("access_logs_default")))).toBe(true);
});
