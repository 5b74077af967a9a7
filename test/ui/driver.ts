// Drives VS Code's workbench as a person does, with the packaged extension on a copy of the sample workspace.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Locator, Page } from "playwright-core";
import { openBrowser, startWorkbench } from "../support/vscode-host/workbench.ts";

const root = resolve(import.meta.dirname, "../..");

/** The colour theme of VS Code: its own default, or one that somebody wants to see the extension in. */
const theme = process.env["SCREENSHOT_THEME"];

/** Where screenshots go; `npm run screenshots` takes those for the README from here. */
export const screenshotDirectory = join(root, ".cache/screenshots", theme ?? "");

/** An open file. Text is looked for in what is visible, so a test keeps to the files' tops or scrolls first. */
export type OpenEditor = {
  readonly squiggles: (severity: "error" | "warning" | "info") => Locator;
  /** The lens that shows this text. */
  readonly lens: (text: string | RegExp) => Locator;
  /** The place where this word (one token of the highlighting) is shown. */
  readonly word: (text: string | RegExp) => Locator;
  readonly line: (text: string | RegExp) => Locator;
};

export type VSCode = {
  readonly page: Page;
  /** Directory of the workspace's copy. */
  readonly workspace: string;
  open(file: string): Promise<OpenEditor>;
  goToLine(line: number): Promise<void>;
  /** Rests the mouse on a place until a hover with this text is shown. */
  hover(place: Locator, text: string | RegExp): Promise<Locator>;
  /** Opens the menu of fixes at a place, and returns its rows. */
  fixes(place: Locator): Promise<Locator>;
  /** Saves the active editor and returns what is on the disk once it differs from the given text. */
  save(file: string, before: string): Promise<string>;
  runCommand(title: string): Promise<void>;
  /** Chooses the row with this text in the list that is open or opens. */
  pick(text: string | RegExp): Promise<void>;
  /** The item of the status bar that shows this text. */
  readonly status: (text: string | RegExp) => Locator;
  /** Closes the window's page and opens it again, with what VS Code remembers of it. */
  reload(): Promise<void>;
  /** Notification toasts: a quiet extension shows none that nobody asked for. */
  readonly toasts: Locator;
  screenshot(name: string): Promise<void>;
  /** After a test that failed: keeps a screenshot and prints what VS Code shows, for who sees nothing but the test's output. */
  recordFailure(test: {
    readonly name: string;
    readonly result?: { readonly state: string } | undefined;
  }): Promise<void>;
  close(): Promise<void>;
};

export type OpenOptions = {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Texts of files that the workspace has besides, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whether the workspace begins as a copy of the sample; else it holds nothing but `files`. */
  readonly sample?: boolean;
};

/** Installs the package in a fresh VS Code and opens a workspace in it. */
export async function openVSCode({ settings = {}, files = {}, sample = true }: OpenOptions = {}): Promise<VSCode> {
  const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const vsix = join(root, `${name}-${version}.vsix`);
  if (!existsSync(vsix)) throw new Error(`${name}-${version}.vsix is missing: run \`npm run package\` first.`);
  mkdirSync(screenshotDirectory, { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-ui-"));
  const workspace = join(directory, "sample");
  if (sample) cpSync(join(root, "sample"), workspace, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), text);
  }
  const workbench = await startWorkbench({
    vsix,
    settings: {
      "editor.minimap.enabled": false,
      ...(theme === undefined ? {} : { "workbench.colorTheme": theme }),
      ...settings,
    },
  });
  const browser = await openBrowser();
  const { page } = browser;
  await page.goto(workbench.address(workspace));
  await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  const screenshot = async (name: string): Promise<void> => {
    // Hovers and menus fade in.
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(screenshotDirectory, `${name}.png`) });
  };

  return {
    page,
    workspace,
    async open(file) {
      const found = page.locator(".quick-input-list .monaco-list-row", { hasText: basename(file) }).first();
      const input = page.locator(".quick-input-widget input").first();
      // A file that was just written is not found until VS Code has seen it; a person asks again.
      for (let attempt = 0; attempt < 10; attempt++) {
        await page.keyboard.press("Control+p");
        await input.waitFor();
        await input.fill(file);
        if (await isShown(found)) break;
        await page.keyboard.press("Escape");
      }
      await page.keyboard.press("Enter");
      const editor = page.locator(`.monaco-editor[data-uri$="/${file}"]`);
      await editor.locator(".view-line").first().waitFor();
      return {
        squiggles: (severity) => editor.locator(`.squiggly-${severity}`),
        lens: (text) => editor.locator(".codelens-decoration", { hasText: text }),
        word: (text) => editor.locator(".view-line span span", { hasText: text }),
        line: (text) => editor.locator(".view-line", { hasText: text }),
      };
    },
    async goToLine(line) {
      await page.keyboard.press("Control+g");
      const input = page.locator(".quick-input-widget input").first();
      await input.waitFor();
      await input.fill(`:${line}`);
      await page.keyboard.press("Enter");
    },
    async hover(place, text) {
      // A hover that is still open would hide the place, or be taken for the next one.
      await page.mouse.move(0, 0);
      await page.locator(".monaco-hover:visible").first().waitFor({ state: "hidden" });
      await place.first().hover();
      const hover = page.locator(".monaco-hover:visible", { hasText: text }).first();
      await hover.waitFor();
      return hover;
    },
    async fixes(place) {
      const rows = page.locator(".action-widget .monaco-list-row.action");
      // VS Code drops the menu when lenses arrive and move the lines while it opens; a person presses the keys again.
      for (let attempt = 0; attempt < 5; attempt++) {
        await page.mouse.move(0, 0);
        await place.first().click();
        await page.keyboard.press("Control+.");
        if (await isShown(rows.first())) return rows;
        await page.keyboard.press("Escape");
      }
      throw new Error("The menu of fixes did not open.");
    },
    async save(file, before) {
      await page.keyboard.press("Control+s");
      const path = join(workspace, file);
      for (let attempt = 0; attempt < 100; attempt++) {
        const text = readFileSync(path, "utf8");
        // A file that is being written is empty for a moment.
        if (text !== before && text !== "") return text;
        await page.waitForTimeout(100);
      }
      throw new Error(`${file} was not saved.`);
    },
    async runCommand(title) {
      const found = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
      // A command that an extension has just brought is not listed until the list is opened again.
      for (let attempt = 0; attempt < 10; attempt++) {
        await page.keyboard.press("F1");
        const input = page.locator(".quick-input-widget input").first();
        await input.waitFor();
        await input.fill(`>${title}`);
        if (await isShown(found)) break;
        await page.keyboard.press("Escape");
      }
      await page.keyboard.press("Enter");
    },
    async pick(text) {
      await page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
    },
    status: (text) => page.locator(".statusbar-item", { hasText: text }).first(),
    async reload() {
      await page.goto("about:blank");
      await page.goto(workbench.address(workspace));
      await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    },
    toasts: page.locator(".notification-toast"),
    screenshot,
    async recordFailure({ name, result }) {
      if (result?.state !== "fail") return;
      const textsOf = async (selector: string) =>
        (await page.locator(selector).allInnerTexts()).filter((text) => text !== "");
      console.log(`${name}: shown when it failed`, {
        tabs: await textsOf(".tabs-container .tab"),
        lenses: await textsOf(".codelens-decoration"),
        lines: (await textsOf(".monaco-editor .view-lines")).map((text) => text.slice(0, 1000)),
        status: await textsOf(".statusbar-item"),
        notifications: await textsOf(".notification-toast"),
        log: logsIn(workbench.directory),
      });
      await screenshot(`failed-${name.replaceAll(/\W+/g, "-")}`);
    },
    async close() {
      await browser.close();
      await workbench.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The ends of the extension's log files. */
function logsIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => /Partition Lens[^/]*\.log$/.test(path))
    .map((path) => readFileSync(join(directory, path), "utf8").slice(-4000));
}

async function isShown(place: Locator): Promise<boolean> {
  return await place.waitFor({ timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}
