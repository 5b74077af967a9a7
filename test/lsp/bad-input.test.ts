// What the server does with text that is not SQL, too much of it, and clients that behave oddly.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import {
  type CodeLens,
  type Diagnostic,
  type DocumentDiagnosticReport,
  ErrorCodes,
  ResponseError,
} from "vscode-languageserver/node";
import { startClient, type TestClient } from "./client.ts";

let client: TestClient | undefined;
afterEach(async () => {
  const running = client;
  client = undefined;
  const errors = running?.logged.filter((line) => /failed|Error/.test(line));
  await running?.close();
  expect(errors ?? [], "exceptions in the log").toEqual([]);
});

const requests = ["codeLens", "documentSymbol", "hover", "codeAction", "inlayHint"];

/** Asks for everything that an editor asks for when a file is opened. */
async function askForAll(server: TestClient, uri: string): Promise<readonly Diagnostic[]> {
  const position = { line: 0, character: 0 };
  const range = { start: position, end: { line: 9, character: 0 } };
  for (const name of requests) {
    const context = { diagnostics: [] };
    await server.request(`textDocument/${name}`, { textDocument: { uri }, position, range, context });
  }
  return server.diagnostics(uri);
}

describe("a text that is not SQL", () => {
  const texts: Readonly<Record<string, string>> = {
    "nothing at all": "",
    "white space": " \n\t\n",
    prose: "Dear reader,\nthis isn't SQL; it's a letter (really).\n".repeat(50),
    bytes: Array.from({ length: 4_000 }, (_, index) => String.fromCharCode((index * 7919) % 65_536)).join(""),
    "a NUL and a BOM": "\ufeffSELECT 1;\0SELECT 2;",
    JSON: JSON.stringify({ a: ["it's", { b: "$$" }] }, null, 2),
    "an unterminated string": "CREATE TABLE t (a int); SELECT 'never ends\nCREATE TABLE u (a int);\n",
    "an unterminated dollar quote": "DO $body$ BEGIN\nSELECT 1;\n",
    "an unterminated comment": "/* /* */ SELECT 1",
    "deep nesting": `SELECT ${"(".repeat(5_000)}1${")".repeat(5_000)};`,
    "many semicolons": ";".repeat(20_000),
    "lone surrogates": "SELECT '\ud800' AS \udc00;",
  };
  it.each(Object.entries(texts))("%s", async (_, text) => {
    client = await startClient("vscode");
    const uri = await client.open(text);
    const diagnostics = await askForAll(client, uri);
    expect(diagnostics.length).toBeLessThanOrEqual(251);
    const foreign = diagnostics.filter(({ code }) => code !== "syntax-error" && code !== "too-many-findings");
    expect(foreign).toEqual([]);
  });
});

it("reports at most so many findings, and how many more there are", async () => {
  client = await startClient("vscode", { initializationOptions: { settings: { diagnostics: { maxPerFile: 10 } } } });
  const uri = await client.open("frobnicate;\n".repeat(100));
  const diagnostics = await client.diagnostics(uri);
  expect(diagnostics).toHaveLength(11);
  expect(diagnostics.at(-1)).toMatchObject({
    code: "too-many-findings",
    message: "90 more findings are not shown: the setting diagnostics.maxPerFile is 10.",
  });
});

describe("a file above the size limit", () => {
  const settings = { limits: { maxFileSizeKb: 10 } };
  const large = `CREATE TABLE t (a int) PARTITION BY RANGE (a);\nSELECT FROM WHERE;\n${"-- padding\n".repeat(2_000)}`;

  it("gets one information and nothing else", async () => {
    client = await startClient("vscode", { initializationOptions: { settings } });
    const uri = await client.open(large);
    expect(await askForAll(client, uri)).toEqual([
      expect.objectContaining({ code: "file-too-large", severity: 3, message: expect.stringContaining("is 10") }),
    ]);
    expect(await client.request("textDocument/codeLens", { textDocument: { uri } })).toEqual([]);
    await expect(client.request("partitionLens/catalog", { textDocument: { uri } })).rejects.toThrow("not analysed");
  });

  it("is analysed once it is small enough, and no more once it is not", async () => {
    client = await startClient("vscode", { initializationOptions: { settings } });
    const uri = await client.open(large);
    const padding = large.indexOf("-- padding");
    await client.edit(uri, padding, large.length, "");
    expect((await client.diagnostics(uri)).map(({ code }) => code)).toEqual(["syntax-error"]);
    await client.edit(uri, padding, padding, "-- padding\n".repeat(2_000));
    expect((await client.diagnostics(uri)).map(({ code }) => code)).toEqual(["file-too-large"]);
  });

  it("of 50 MB is taken in and left alone", async () => {
    client = await startClient("helix");
    const uri = await client.open("-- fifty megabytes of it\n".repeat(2_100_000));
    await client.edit(uri, 3, 3, "x");
    expect((await client.diagnostics(uri)).map(({ code }) => code)).toEqual(["file-too-large"]);
  });
});

describe("a client that behaves oddly", () => {
  it("asks for files that are not open", async () => {
    client = await startClient("vscode");
    expect(await askForAll(client, "file:///never-opened.sql")).toEqual([]);
  });

  it("resolves a lens that it made up, or whose statement is gone", async () => {
    client = await startClient("vscode", { initializationOptions: { icons: true } });
    const start = { line: 0, character: 0 };
    const madeUp = await client.request<CodeLens>("codeLens/resolve", { range: { start, end: start } });
    expect(madeUp.command?.title).toBe("partitions unknown");
    const uri = await client.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);\nSELECT * FROM t;");
    const lenses = await client.request<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
    await client.edit(uri, 0, client.text(uri).length, "-- nothing left");
    const gone = await client.request<CodeLens>("codeLens/resolve", lenses[1]);
    expect(gone.command?.title).toMatch(/^\$\(question\)\spartitions unknown: /);
  });

  it.each([
    ["leaves versions out", { version: null }, [{ version: null }, {}]],
    ["counts backwards", { version: 9 }, [{ version: 3 }, { version: 3 }]],
  ])("%s, and is told of each text what is found in it", async (_, first, others) => {
    client = await startClient("vscode");
    const uri = await client.open("SELECT 1;");
    const found = async (previousResultId?: string) => {
      const report = await client?.request<DocumentDiagnosticReport>("textDocument/diagnostic", {
        ...{ textDocument: { uri }, previousResultId },
      });
      return { codes: report?.kind === "full" ? report.items.map(({ code }) => code) : null, id: report?.resultId };
    };
    const change = (version: object, text: string) =>
      // `null` is how some clients write that there is no range.
      client?.connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, ...version },
        contentChanges: [{ range: null, text }],
      });
    await change(first, "SELECT 2;");
    let last = await found();
    expect(last.codes).toEqual([]);
    for (const version of others) {
      await change(version, "SELECT FROM WHERE;");
      last = await found(last.id);
      expect(last.codes).toEqual(["syntax-error"]);
      await change(version, "SELECT 3;");
      last = await found(last.id);
      expect(last.codes).toEqual([]);
    }
  });

  it("opens a file again with another text under the same version, and changes one that is not open", async () => {
    client = await startClient("vscode");
    const uri = await client.open("SELECT 1;");
    const ask = (previousResultId?: string) =>
      client?.request<DocumentDiagnosticReport>("textDocument/diagnostic", { textDocument: { uri }, previousResultId });
    const before = await ask();
    await client.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    await client.edit(uri, 0, 0, "FROM ");
    expect(await ask(before?.resultId)).toEqual({ kind: "full", items: [] });
    await client.open("SELECT FROM WHERE;", uri);
    expect(await ask(before?.resultId)).toMatchObject({ kind: "full", items: [{ code: "syntax-error" }] });
    // Opened twice, the second text counts.
    await client.open("SELECT 2;", uri);
    expect(await ask()).toMatchObject({ kind: "full", items: [] });
  });

  it("answers with an error when it is asked for its settings: those of the folder count", async () => {
    const folder = mkdtempSync(join(tmpdir(), "partition-lens-bad-"));
    try {
      const settingsFile = join(folder, "partition-lens.json");
      writeFileSync(settingsFile, '{ "rules": { "syntax-error": "hint" } }');
      client = await startClient("vscode", { rootUri: pathToFileURL(folder).href });
      client.connection.onRequest("workspace/configuration", () => {
        throw new ResponseError(ErrorCodes.InternalError, "no settings today");
      });
      writeFileSync(settingsFile, '{ "rules": { "syntax-error": "warning" } }');
      await client.connection.sendNotification("workspace/didChangeConfiguration", { settings: {} });
      const uri = await client.open("SELECT FROM WHERE;", pathToFileURL(join(folder, "a.sql")).href);
      expect(await client.diagnosticsWith(uri, ([one]) => one?.severity === 2)).toHaveLength(1);
      expect(client.logged.filter((line) => line.includes("no settings today"))).not.toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("sends settings that mean nothing", async () => {
    client = await startClient("vscode", { settings: { postgresVersion: "ancient", colour: 3 } });
    const uri = await client.open("SELECT 1;");
    expect(await client.diagnostics(uri)).toEqual([]);
    expect(client.logged.filter((line) => line.includes("postgresVersion"))).toHaveLength(1);
  });

  it("changes a file and asks at once, again and again", async () => {
    client = await startClient("vscode");
    const uri = await client.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);\n");
    const answers: Promise<unknown>[] = [];
    for (const [index, character] of [..."SELECT * FROM t WHERE a = 1;"].entries()) {
      const end = client.text(uri).length;
      await client.edit(uri, end, end, character);
      answers.push(client.diagnostics(uri), client.request("textDocument/codeLens", { textDocument: { uri } }));
      if (index % 7 === 0) answers.push(client.lenses(uri));
    }
    await Promise.all(answers);
    expect(await client.diagnostics(uri)).toEqual([]);
    expect(await client.lenses(uri)).toHaveLength(2);
  });
});

describe("malformed parameters", () => {
  const position = { line: 0, character: 0 };
  const uri = "file:///1.sql";
  const malformed: readonly (readonly [method: string, params: unknown])[] = [
    ...["codeLens", "documentSymbol", "hover", "codeAction", "inlayHint", "diagnostic"].flatMap((name) =>
      [null, 1, [], {}, { textDocument: null }, { textDocument: { uri: 7 } }].map(
        (params) => [`textDocument/${name}`, params] as const,
      ),
    ),
    ["textDocument/hover", { textDocument: { uri }, position: { line: "1", character: 0 } }],
    ["textDocument/hover", { textDocument: { uri }, position: { line: -1, character: 0.5 } }],
    ["textDocument/inlayHint", { textDocument: { uri }, range: { start: position } }],
    ["textDocument/codeAction", { textDocument: { uri }, range: { start: position, end: position } }],
    ["codeLens/resolve", { range: 1 }],
    ["codeLens/resolve", { range: { start: position, end: position }, data: 3 }],
    ["codeAction/resolve", { title: "x", data: { uri, request: { operation: "drop" } } }],
    ["workspace/executeCommand", { command: 1 }],
    ...["generate", "insertScript", "showPruning", "showPartitions", "showStage"].flatMap((name) =>
      [7, { uri: 7, textDocument: 7 }].map(
        (given) => ["workspace/executeCommand", { command: `partitionLens.${name}`, arguments: [given] }] as const,
      ),
    ),
    ["workspace/executeCommand", { command: "partitionLens.connect", arguments: [{ connectionString: 1 }] }],
    ...["survivors", "catalog", "partitionTree", "stage"].map((name) => [`partitionLens/${name}`, {}] as const),
    ["partitionLens/connect", { name: "x", connectionString: {} }],
  ];

  it("are refused as such, and are no errors of the server", async () => {
    client = await startClient("vscode");
    await client.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);\nSELECT * FROM t;");
    const codes: unknown[] = [];
    for (const [method, params] of malformed) {
      const error: unknown = await client.request(method, params).then(
        () => "answered",
        (refusal: unknown) => refusal,
      );
      const code = typeof error === "object" && error !== null && "code" in error ? error.code : error;
      codes.push(code === ErrorCodes.InvalidParams ? code : [method, params, code]);
    }
    expect(codes).toEqual(malformed.map(() => ErrorCodes.InvalidParams));
  });
});

describe("malformed notifications", () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: -1 } };
  const malformed: readonly (readonly [method: string, params: unknown])[] = [
    ...["didOpen", "didChange", "didClose"].flatMap((name) =>
      [null, [], {}, { textDocument: null }, { textDocument: { uri: 7 } }].map(
        (params) => [`textDocument/${name}`, params] as const,
      ),
    ),
    ["textDocument/didOpen", { textDocument: { uri: "file:///1.sql", version: 1, text: 7 } }],
    ["textDocument/didOpen", { textDocument: { uri: "file:///1.sql", version: "1", text: "" } }],
    ...[null, {}, [null], [{}], [{ text: 7 }], [{ text: "x", range: 1 }], [{ text: "x", range }]].map(
      (contentChanges) =>
        ["textDocument/didChange", { textDocument: { uri: "file:///1.sql", version: 2 }, contentChanges }] as const,
    ),
    ["workspace/didChangeConfiguration", null],
    ["workspace/didChangeWatchedFiles", null],
    ["workspace/didChangeWatchedFiles", { changes: [{ uri: null }] }],
  ];

  it("are refused as such, and change nothing", async () => {
    client = await startClient("vscode");
    const uri = await client.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);\nSELECT oops FROM;");
    for (const [method, params] of malformed)
      await client.connection.sendNotification(method, ...([params] as unknown[]));
    const asked = client;
    await client.until(() => asked.logged.filter((line) => line.includes("is refused")).length >= malformed.length);
    expect(await client.diagnostics(uri)).toHaveLength(1);
    expect(await client.lenses(uri)).toHaveLength(1);
  });

  it("nor does a greeting end the server", async () => {
    const greetings: readonly unknown[] = [
      { capabilities: { general: { markdown: { allowedTags: 1 } }, textDocument: { hover: { contentFormat: {} } } } },
      { capabilities: {}, initializationOptions: { clientCommands: 7, settings: "x", icons: [] } },
      { capabilities: {}, initializationOptions: [] },
      {},
      { capabilities: null, rootUri: null },
      { capabilities: { textDocument: { codeLens: { resolveSupport: {} }, codeAction: { resolveSupport: 1 } } } },
    ];
    for (const greeting of greetings) {
      const odd = await startClient("minimal", { greeting });
      const uri = await odd.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);");
      expect(await odd.request("textDocument/codeLens", { textDocument: { uri } })).toHaveLength(1);
      await odd.close();
    }
  });

  it("is refused where it is none at all, and the next one is heard", async () => {
    const refused = [null, [], { capabilities: 1 }, { capabilities: {}, workspaceFolders: [1] }];
    client = await startClient("minimal", { refused });
    expect(client.refusals).toEqual(refused.map(() => ErrorCodes.InvalidParams));
    const uri = await client.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);");
    expect(await client.request("textDocument/codeLens", { textDocument: { uri } })).toHaveLength(1);
  });
});

describe("settings", () => {
  it("take effect when they change", async () => {
    client = await startClient("vscode");
    const uri = await client.open("CREATE TABLE t (a int) PARTITION BY RANGE (a);\nSELECT oops FROM;");
    expect(await client.diagnostics(uri)).toHaveLength(1);
    expect(await client.lenses(uri)).toHaveLength(1);
    client.settings = { rules: { "syntax-error": "off" }, codeLens: { enabled: false } };
    const asked = client;
    const before = client.requested.length;
    await client.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    await client.until(() => asked.requested.slice(before).includes("workspace/diagnostic/refresh"));
    expect(await client.diagnostics(uri)).toEqual([]);
    expect(await client.lenses(uri)).toEqual([]);
  });
});
