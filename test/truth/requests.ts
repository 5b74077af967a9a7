// Opens huge files in the server as it is built, and asks for all that editors ask for: the longest turn that each request costs.
// Usage: node scripts/with-toolchain.mjs test/truth/requests.ts [--only NAME] [--request NAME] [--profile]
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  type CodeLens,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { build } from "../../esbuild.mjs";
import { editors, positionIn } from "../lsp/client.ts";
import { type HugeFile, hugeFiles } from "./huge-files.ts";
import type { Order, Watched } from "./watched-server.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    request: { type: "string" },
    profile: { type: "boolean", default: false },
    /** Turns below that many milliseconds are not told. */
    least: { type: "string", default: "0" },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const directory = mkdtempSync(join(tmpdir(), "partition-lens-requests-"));
try {
  await build({ production: !values.profile, outdir: directory });
  for (const [name, file] of Object.entries(hugeFiles))
    if (values.only === undefined || name.includes(values.only)) await ask(name, file);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function ask(name: string, { text: make, place: placeIn }: HugeFile): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--import",
      join(import.meta.dirname, "watched-server.ts"),
      join(directory, "server.js"),
      "--stdio",
    ],
    { stdio: ["pipe", "pipe", "inherit", "ipc"] },
  );
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout as NonNullable<typeof child.stdout>),
    new StreamMessageWriter(child.stdin as NonNullable<typeof child.stdin>),
  );
  connection.onRequest((method, params) =>
    method === "workspace/configuration" ? (params as { items: unknown[] }).items.map(() => null) : null,
  );
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: editors.vscode,
    initializationOptions: {
      settings: { "embedded.enabled": false, "limits.maxFileSizeKb": 100_000, "inlayHints.enabled": true },
    },
  });
  await connection.sendNotification("initialized", {});
  const text = make();
  const uri = "file:///huge.sql";
  const textDocument = { uri };
  say(`${name} (${(text.length / 1000).toFixed(0)} kB)`);
  const place = placeIn(text);
  const position = positionIn(text, place);
  const whole = { start: { line: 0, character: 0 }, end: positionIn(text, text.length) };
  let lenses: readonly CodeLens[] = [];
  const at = { textDocument, position };
  const send = (method: string, params: unknown) => (): Promise<unknown> => connection.sendRequest(method, params);
  const requests: Readonly<Record<string, () => Promise<unknown>>> = {
    diagnostics: send("textDocument/diagnostic", { textDocument }),
    codeLens: async () =>
      (lenses = await connection.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument })),
    "codeLens/resolve": async () => {
      const line = position.line;
      const near = lenses.filter(({ range }) => range.start.line <= line && line <= range.end.line);
      for (const lens of [...near, ...lenses.slice(0, 5), ...lenses.slice(-5)])
        await connection.sendRequest("codeLens/resolve", lens);
    },
    hover: send("textDocument/hover", at),
    documentSymbol: send("textDocument/documentSymbol", { textDocument }),
    "codeAction at the cursor": send("textDocument/codeAction", {
      textDocument,
      range: { start: position, end: position },
      context: { diagnostics: [] },
    }),
    "codeAction of the whole file": send("textDocument/codeAction", {
      textDocument,
      range: whole,
      context: { diagnostics: [] },
    }),
    inlayHint: send("textDocument/inlayHint", { textDocument, range: whole }),
    definition: send("textDocument/definition", at),
    references: send("textDocument/references", { ...at, context: { includeDeclaration: true } }),
    documentHighlight: send("textDocument/documentHighlight", at),
    "workspace/symbol": send("workspace/symbol", { query: "t" }),
    survivors: send("partitionLens/survivors", { textDocument }),
    catalog: send("partitionLens/catalog", { textDocument }),
    partitionTree: send("partitionLens/partitionTree", { textDocument }),
    schemaTree: send("partitionLens/schemaTree", {}),
    schemaSource: send("partitionLens/schemaSource", { textDocument }),
    guide: send("partitionLens/guide", { ...at, answers: {} }),
    "guide to retention": send("partitionLens/guide", {
      textDocument,
      answers: { operation: "retention", table: "public.t", keep: "1", action: "detach" },
    }),
    "stage steps": send("partitionLens/stage", { textDocument, stage: "steps" }),
  };
  const measured = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    await order(child, { order: "begin", profile: values.profile });
    const problem = await act().then(
      (answer) => `${((JSON.stringify(answer ?? null)?.length ?? 0) / 1000).toFixed(0)} kB`,
      (error: Error) => error.message,
    );
    const { longest, all, work } = await order(child, { order: "end" });
    if (longest < Number(values.least)) return;
    say(`  ${what}: longest turn ${longest.toFixed(0)} ms of ${all.toFixed(0)} ms; ${problem}`);
    if (work !== "" && longest > 50) say(work);
  };
  const wanted = (what: string): boolean => values.request === undefined || what.includes(values.request);
  await measured("open", async () => {
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri, languageId: "sql", version: 1, text },
    });
    await requests["diagnostics"]?.();
  });
  for (const [what, act] of Object.entries(requests))
    if (wanted(what) || what === "codeLens") await measured(what, act);
  // After a key nothing is known of the text as it stands.
  let version = 1;
  for (const [what, act] of Object.entries(requests)) {
    if (!wanted(what)) continue;
    const end = { start: position, end: position };
    version++;
    await measured(`a key, and ${what}`, async () => {
      await connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [{ range: end, text: version % 2 === 0 ? " " : " " }],
      });
      return act();
    });
  }
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  await ended(child);
  connection.dispose();
}

function order(child: ChildProcess, given: Order): Promise<Watched> {
  return new Promise((done) => {
    child.once("message", (answer) => done(answer as Watched));
    child.send(given);
  });
}

function ended(child: ChildProcess): Promise<unknown> {
  return child.exitCode === null ? new Promise((done) => child.once("exit", done)) : Promise.resolve();
}
