// What the server asks of its client, answered with nothing, with nonsense, with an error, late, or never.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CancellationTokenSource, ErrorCodes, LSPErrorCodes, ResponseError } from "vscode-languageserver/node";
import { editors, startClient, type TestClient } from "./client.ts";

let folder: string;
let client: TestClient | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "partition-lens-odd-answers-"));
});
afterEach(async () => {
  const running = client;
  client = undefined;
  const errors = running?.logged.filter((line) => / failed: /.test(line));
  const code = await running?.close();
  rmSync(folder, { recursive: true, force: true });
  expect(errors ?? [], "exceptions in the log").toEqual([]);
  expect(code ?? 0).toBe(0);
});

/** VS Code, and all else that has the server ask something. */
const capabilities = {
  ...editors.vscode,
  textDocument: { ...editors.vscode.textDocument, codeLens: { dynamicRegistration: true } },
  workspace: {
    ...editors.vscode.workspace,
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceFolders: true,
  },
};

/** All that the server asks: `test/architecture.test.ts` holds that one file asks. */
const asked = [
  ...new Set(
    readFileSync(join(import.meta.dirname, "../../server/src/lsp/asked-client.ts"), "utf8").match(
      /(?<=ask\(")[\w/]+(?=")/g,
    ),
  ),
  "workspace/codeLens/refresh",
  "workspace/inlayHint/refresh",
  "workspace/diagnostic/refresh",
];

function start(answerToAll?: (method: string) => unknown): Promise<TestClient> {
  const greeting = {
    ...{ processId: process.pid, rootUri: null, capabilities },
    workspaceFolders: [{ uri: uriOf(""), name: "odd" }],
  };
  return startClient("vscode", { greeting, ...(answerToAll === undefined ? {} : { answerToAll }) });
}

function uriOf(path: string): string {
  return pathToFileURL(join(folder, path)).href;
}

const script =
  "CREATE TABLE t (a int) PARTITION BY RANGE (a);\nCREATE TABLE t_1 PARTITION OF t DEFAULT;\nSELECT oops FROM;\n";

function insertScript(uri: string): { readonly command: string; readonly arguments: readonly unknown[] } {
  const given = { operation: "detach", table: "t", partition: "t_1", textDocument: { uri } };
  return { command: "partitionLens.insertScript", arguments: [given] };
}

const answers: Readonly<Record<string, { readonly answer: () => unknown; readonly said: RegExp }>> = {
  null: { answer: () => null, said: /does not say whether it has made the edit/ },
  nonsense: { answer: () => "nonsense", said: /does not say whether/ },
  "a number": { answer: () => 7, said: /does not say whether/ },
  "a list of nonsense": { answer: () => [["x"], null, 7], said: /does not say whether/ },
  "an object that says nothing": { answer: () => ({ applied: "yes", settings: 7 }), said: /does not say whether/ },
  "a refusal": { answer: () => ({ applied: false }), said: /^the editor did not take the edit$/ },
  "a refusal with a reason": {
    answer: () => ({ applied: false, failureReason: "read-only\u202e [x](command:y)" }),
    said: /^the editor did not take the edit: read-only/,
  },
  "an error": {
    answer: () => new ResponseError(ErrorCodes.InternalError, "not today"),
    said: /^the editor did not take the edit: not today$/,
  },
  "that it knows no such request": {
    answer: () => new ResponseError(ErrorCodes.MethodNotFound, "Unhandled method"),
    said: /^this editor does not let others edit$/,
  },
};

describe("a client that answers to all that it is asked", () => {
  it.each(Object.entries(answers))("%s", async (_, { answer, said }) => {
    const running = await start(answer);
    client = running;
    const uri = await running.open(script, uriOf("a.sql"));
    expect((await running.diagnostics(uri)).map(({ code }) => code)).toEqual(["syntax-error"]);
    expect(await running.lenses(uri)).toHaveLength(1);
    // The settings of the folder count, whatever the client says of its own.
    writeFileSync(join(folder, "partition-lens.json"), '{ "rules": { "syntax-error": "hint" } }');
    await running.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    await running.diagnosticsWith(uri, ([one]) => one?.severity === 4);
    const refusal = await running.request("workspace/executeCommand", insertScript(uri)).then(
      () => "done",
      ({ message, code }: ResponseError<void>) => {
        expect(code).toBe(LSPErrorCodes.RequestFailed);
        return message;
      },
    );
    expect(refusal).toMatch(said);
    expect(refusal).not.toMatch(/\u202e/);
    expect([...new Set(running.requested)].sort()).toEqual([...asked].sort());
  });

  it("nothing, ever: what does not need it goes on, and what does can be given up", async () => {
    const running = await start(() => new Promise(() => {}));
    client = running;
    const uri = await running.open(script, uriOf("a.sql"));
    expect((await running.diagnostics(uri)).map(({ code }) => code)).toEqual(["syntax-error"]);
    writeFileSync(join(folder, "partition-lens.json"), '{ "rules": { "syntax-error": "hint" } }');
    await running.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    await running.diagnosticsWith(uri, ([one]) => one?.severity === 4);
    const source = new CancellationTokenSource();
    const inserted = running.connection.sendRequest("workspace/executeCommand", insertScript(uri), source.token);
    await running.until(() => running.requested.includes("workspace/applyEdit"));
    source.cancel();
    await expect(inserted).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled });
    expect([...new Set(running.requested)].sort()).toEqual([...asked].sort());
    expect(running.logged.filter((line) => line.includes("has not yet said its settings"))).not.toEqual([]);
  });

  it("its settings when nobody waits for them any more: they count from then on", async () => {
    let say = (_: unknown): void => {};
    const late = new Promise((done) => {
      say = done;
    });
    const running = await start((method) => (method === "workspace/configuration" ? late : null));
    client = running;
    const uri = await running.open(script, uriOf("a.sql"));
    expect((await running.diagnostics(uri)).map(({ severity }) => severity)).toEqual([1]);
    await running.until(() => running.logged.some((line) => line.includes("has not yet said its settings")));
    say([{ rules: { "syntax-error": "warning" } }]);
    await running.diagnosticsWith(uri, ([one]) => one?.severity === 2);
    // What it said last counts where it is slow again.
    await running.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
    await running.until(() => running.requested.filter((method) => method === "workspace/configuration").length > 2);
    expect((await running.diagnostics(uri)).map(({ severity }) => severity)).toEqual([2]);
  });
});

describe("other folders", () => {
  it("come and go by what the client says of them, without a question", async () => {
    mkdirSync(join(folder, "other"));
    writeFileSync(join(folder, "other", "partition-lens.json"), '{ "rules": { "syntax-error": "hint" } }');
    const running = await start((method) => {
      if (method === "workspace/workspaceFolders") throw new Error("nobody asks that");
      return null;
    });
    client = running;
    const uri = await running.open("SELECT oops FROM;", uriOf("other/a.sql"));
    await running.diagnosticsWith(uri, ([one]) => one?.severity === 1);
    const other = { uri: `${uriOf("other")}/`, name: "other" };
    const change = (added: readonly unknown[], removed: readonly unknown[]): Promise<void> =>
      running.connection.sendNotification("workspace/didChangeWorkspaceFolders", { event: { added, removed } });
    await change([other, other], []);
    await running.diagnosticsWith(uri, ([one]) => one?.severity === 4);
    await change([], [{ uri: uriOf("other"), name: "" }]);
    await running.diagnosticsWith(uri, ([one]) => one?.severity === 1);
    for (const odd of [null, {}, { event: null }, { event: { added: [null], removed: [] } }])
      await running.connection.sendNotification("workspace/didChangeWorkspaceFolders", ...([odd] as unknown[]));
    await running.until(() => running.logged.filter((line) => line.includes("is refused")).length >= 4);
  });
});
