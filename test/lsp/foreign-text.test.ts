// Names and constants of a file's making, in everything that the server shows: none is markup, a link, a command, an icon or a line.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lexer, type Token, type Tokens, walkTokens } from "marked";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CodeAction, DocumentSymbol, Hover } from "vscode-languageserver/node";
import { statusModel } from "../../client/src/status/status-model.ts";
import { lensTitle } from "../../server/src/ide/lens-title.ts";
import { commands, type PartitionTreeNode, type PartitionTreeResult } from "../../server/src/lsp/protocol.ts";
import { notificationText } from "../../server/src/text/foreign-text.ts";
import { bundleForTests } from "../support/bundle.ts";
import {
  hostileNames,
  hostileScript,
  wrongInLine,
  wrongInNotification,
  wrongInTitle,
} from "../support/hostile-names.ts";
import { positionIn, startClient, type TestClient } from "./client.ts";

let client: TestClient;
let uri: string;
beforeAll(async () => {
  const rules = { "name-contradicts-bound": "warning" };
  client = await startClient("vscode", {
    initializationOptions: { icons: true, settings: { diagnostics: { maxPerFile: 5_000 }, rules } },
  });
  uri = await client.open(hostileScript);
});
afterAll(() => client.close());

const ownIcons = ["question", "warning", "check", "circle-slash", "arrow-right", "error"];

/** What Markdown makes of the text that is more than text; our own bars are left out. */
function markup(markdown: string): readonly string[] {
  const found: string[] = [];
  walkTokens(lexer(markdown, { gfm: true }), (token: Token) => {
    const isBar =
      token.type === "html" && /^(?:<span style="color:var\(--vscode-[\w-]+\);">|<\/span>)$/.test(token.raw);
    if (["link", "image", "html", "def", "heading", "del", "em"].includes(token.type) && !isBar)
      found.push(`${token.type}: ${token.raw}`);
    if (token.type === "table" && (token as Tokens.Table).header.length !== 3) found.push(`table: ${token.raw}`);
  });
  return found;
}

/** The text that a reader sees, in which VS Code looks for icons when Markdown has done its work. */
function shownText(markdown: string): string {
  const texts: string[] = [];
  walkTokens(lexer(markdown), (token: Token) => {
    if (
      token.type === "codespan" ||
      (token.type === "text" && !("tokens" in token && token.tokens !== undefined)) ||
      token.type === "escape"
    )
      texts.push((token as Tokens.Text).text);
  });
  return texts.join("");
}

/** Every place where one of the names begins. */
function places(): readonly number[] {
  return [...hostileScript.matchAll(/(?<=TABLE |OF |FROM |RANGE \()"|FOR VALUES|SELECT/g)].map(
    ({ index }) => index + 1,
  );
}

const foreign = (wrong: readonly (string | null)[]): readonly string[] => wrong.filter((one) => one !== null);

it("hovers", async () => {
  const wrong: string[] = [];
  let hovers = 0;
  for (const offset of places()) {
    const position = positionIn(hostileScript, offset);
    const hover = await client.request<Hover | null>("textDocument/hover", { textDocument: { uri }, position });
    if (hover === null) continue;
    hovers++;
    const { value } = hover.contents as { value: string };
    wrong.push(...markup(value), ...foreign([wrongInTitle(shownText(value), ownIcons)]));
  }
  expect(wrong).toEqual([]);
  expect(hovers).toBeGreaterThan(5 * hostileNames.length);
});

it("hovers of an editor that draws no Markdown", async () => {
  const plain = await startClient("minimal");
  try {
    const file = await plain.open(hostileScript);
    const wrong: string[] = [];
    const shown: string[] = [];
    for (const offset of places()) {
      const position = positionIn(hostileScript, offset);
      const textDocument = { uri: file };
      const hover = await plain.request<Hover | null>("textDocument/hover", { textDocument, position });
      if (hover === null) continue;
      const { kind, value } = hover.contents as { kind: string; value: string };
      shown.push(value);
      expect(kind).toBe("plaintext");
      wrong.push(...foreign(value.split("\n").map(wrongInLine)));
      // Lines begin as ours do: none is one that a name has made.
      wrong.push(...value.split("\n").filter((line) => line.startsWith("FORGED")));
    }
    expect(wrong).toEqual([]);
    expect(shown.length).toBeGreaterThan(5 * hostileNames.length);
    // The names as they are, without what would keep Markdown from reading them.
    expect(shown.some((text) => text.includes("[a](command:evil.run)"))).toBe(true);
    expect(shown.filter((text) => /\\[[\]*]|&amp;|\*\*.*\*\*\n/.test(text.replaceAll("\\d\\", "")))).toEqual([]);
  } finally {
    await plain.close();
  }
});

it("lenses", async () => {
  const titles = (await client.lenses(uri)).map(({ command }) => command?.title ?? "");
  expect(foreign(titles.map((title) => wrongInTitle(title, ownIcons)))).toEqual([]);
  expect(titles.length).toBeGreaterThan(5 * hostileNames.length);
});

it("diagnostics and what they refer to", async () => {
  const diagnostics = await client.diagnostics(uri);
  const messages = diagnostics.flatMap(({ message, relatedInformation = [] }) => [
    message,
    ...relatedInformation.map((related) => related.message),
  ]);
  // One line says what is the matter and another what to do; no name makes a third.
  const lines = messages.map((message) => String(message).split("\n"));
  expect(foreign(lines.flatMap((each) => each.map(wrongInLine)))).toEqual([]);
  expect(lines.filter((each) => each.length > 2 || each.some((line) => line.startsWith("FORGED")))).toEqual([]);
  expect(messages.length).toBeGreaterThan(3 * hostileNames.length);
});

it("the outline", async () => {
  const symbols = await client.request<DocumentSymbol[]>("textDocument/documentSymbol", { textDocument: { uri } });
  const all = symbols.flatMap((symbol) => [symbol, ...(symbol.children ?? [])]);
  expect(foreign(all.flatMap(({ name, detail = "" }) => [wrongInTitle(name), wrongInTitle(detail)]))).toEqual([]);
  expect(all.filter(({ name }) => name.trim() === "")).toEqual([]);
  expect(all.length).toBeGreaterThan(5 * hostileNames.length);
});

it("the tree", async () => {
  const { roots } = await client.request<PartitionTreeResult>("partitionLens/partitionTree", { textDocument: { uri } });
  const all = roots.flatMap((node): readonly PartitionTreeNode[] => [node, ...node.children]);
  const texts = all.flatMap(({ label, description, tooltip }) => [label, description, ...tooltip.split("\n")]);
  expect(foreign(texts.map((text) => wrongInTitle(text)))).toEqual([]);
  expect(all.filter(({ tooltip }) => tooltip.split("\n").length > 2)).toEqual([]);
  expect(all.filter(({ kind }) => kind === "gap").length).toBeGreaterThan(hostileNames.length);
});

describe("actions", () => {
  it("titles, and the comments of the SQL that they write", async () => {
    const wrong: (string | null)[] = [];
    let comments = 0;
    for (const match of hostileScript.matchAll(/CREATE TABLE "(?:[^"]|"")*i1" PARTITION/g)) {
      const position = positionIn(hostileScript, match.index);
      const actions = await client.request<CodeAction[]>("textDocument/codeAction", {
        textDocument: { uri },
        range: { start: position, end: position },
        context: { diagnostics: [] },
      });
      for (const action of actions) {
        wrong.push(wrongInTitle(action.title));
        if (action.edit !== undefined || action.data === undefined) continue;
        const newText = await client
          .request<CodeAction>("codeAction/resolve", action)
          .then(({ edit }) => Object.values(edit?.changes ?? {}).flat()[0]?.newText ?? "")
          .catch((error: unknown) => `-- ${error instanceof Error ? error.message : error}`);
        const written = newText.split("\n").filter((line) => line.startsWith("--"));
        comments += written.length;
        wrong.push(...written.map(wrongInLine));
      }
    }
    expect(foreign(wrong)).toEqual([]);
    expect(comments).toBeGreaterThan(3 * hostileNames.length);
  });

  it("fixes", async () => {
    const end = positionIn(hostileScript, hostileScript.length);
    const actions = await client.request<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri },
      range: { start: { line: 0, character: 0 }, end },
      context: { diagnostics: [], only: ["quickfix"] },
    });
    expect(foreign(actions.map(({ title }) => wrongInTitle(title)))).toEqual([]);
    expect(actions.length).toBeGreaterThan(hostileNames.length);
  });
});

describe("notifications", () => {
  it("of what a lens stands for", async () => {
    for (const lens of await client.lenses(uri))
      if (lens.command?.arguments !== undefined)
        await client.request("workspace/executeCommand", { ...lens.command, title: undefined });
    const shown = client.notified.flatMap(({ method, params }) =>
      method === "window/showMessage" ? (params as { message: string }).message.split("\n") : [],
    );
    expect(foreign(shown.map(wrongInNotification))).toEqual([]);
    expect(shown.filter((line) => line.startsWith("FORGED"))).toEqual([]);
    expect(shown.length).toBeGreaterThan(5 * hostileNames.length);
  });

  it("of what cannot be done", async () => {
    for (const name of hostileNames) {
      const given = { textDocument: { uri }, operation: "append", table: `${name}nothing` };
      const refused = await client
        .request("workspace/executeCommand", { command: commands.generate, arguments: [given] })
        .then(() => "not refused")
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      expect(refused).not.toBe("not refused");
      expect(wrongInNotification(refused)).toBeNull();
    }
  });
});

it("the log", () => {
  const lines = client.logged.flatMap((entry) => entry.split("\n"));
  expect(foreign(lines.map(wrongInLine))).toEqual([]);
  expect(lines.filter((line) => line.startsWith("FORGED"))).toEqual([]);
});

it("a server's words and a connection's name, in everything that VS Code draws of them", () => {
  for (const name of hostileNames) {
    const { text, tooltip } = statusModel({ source: "connected", state: "failed", label: name, message: name });
    expect(wrongInTitle(text, ["warning"])).toBeNull();
    expect([...markup(tooltip), ...foreign([wrongInTitle(shownText(tooltip))])]).toEqual([]);
    expect(wrongInNotification(notificationText(`Not connected to ${name}: ${name}`))).toBeNull();
    const problem = lensTitle({ relations: [], problem: name }, "", { names: 3, sourceNote: () => name });
    expect(wrongInTitle(problem, ownIcons)).toBeNull();
    expect(notificationText(notificationText(name))).toBe(notificationText(name));
  }
});

it("the command line", async () => {
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-names-"));
  try {
    const file = join(directory, "a.sql");
    writeFileSync(file, hostileScript);
    const main = await bundleForTests("cli");
    for (const command of [["check"], ["survivors"], ["catalog"], ["show", "steps"]]) {
      const { stdout, stderr } = spawnSync(process.execPath, [main, ...command, file], { encoding: "utf8" });
      expect(stderr).toBe("");
      const lines = stdout.split("\n");
      expect(foreign(lines.map(wrongInLine))).toEqual([]);
      if (command[0] !== "show") expect(lines.filter((line) => line.startsWith("FORGED"))).toEqual([]);
      expect(lines.length).toBeGreaterThan(3 * hostileNames.length);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
