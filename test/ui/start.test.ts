// The README's first command: it prints an address, behind which the extension works on the sample, and stops on Ctrl+C.
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/vscode-host/workbench.ts";

const root = resolve(import.meta.dirname, "../..");
let start: ChildProcess;
let address: string;
let browser: Awaited<ReturnType<typeof openBrowser>>;

beforeAll(async () => {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  start = spawn(process.execPath, ["scripts/with-toolchain.mjs", "scripts/start.mjs", "--web"], { cwd: root, env });
  address = await printedAddress(start);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  start?.kill("SIGKILL");
});

it("shows the sample with lenses from the embedded PostgreSQL, without any configuration", async () => {
  await browser.page.goto(address);
  const editor = browser.page.locator('.monaco-editor[data-uri$="/access_logs.sql"]');
  await editor
    .locator(".codelens-decoration", { hasText: /1 of 4 partitions/ })
    .first()
    .waitFor();
  await editor.locator(".codelens-decoration", { hasText: "embedded PostgreSQL" }).first().waitFor();
});

it("shows what a command has to say", async () => {
  const { page } = browser;
  await page.locator(".statusbar-item", { hasText: "embedded PostgreSQL" }).first().click();
  const rows = page.locator(".quick-input-list .monaco-list-row");
  await rows.filter({ hasText: "Connect…" }).first().waitFor();
  // What only makes sense with a database is offered with one.
  expect(await rows.filter({ hasText: /Refresh|Disconnect/ }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").first().fill(">Partition Lens: Forget Password");
  await rows.filter({ hasText: "Forget Password" }).first().waitFor();
  await page.keyboard.press("Enter");
  const toast = page.locator(".notification-toast", { hasText: "No connection is known" });
  await toast.waitFor();
  expect(await toast.isVisible()).toBe(true);
});

it("stops on Ctrl+C, together with the server", async () => {
  const ended = new Promise((done) => start.once("exit", done));
  start.kill("SIGINT");
  expect(await ended).toBe(0);
  await expect(fetch(address)).rejects.toThrow("fetch failed");
});

function printedAddress(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk;
      const match = /http:\/\/127\.0\.0\.1:\S+/.exec(output);
      if (match !== null) found(match[0]);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => failed(new Error(`npm start ended with ${code}:\n${output}`)));
  });
}
