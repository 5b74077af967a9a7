// One language server over standard input and output, as an editor sees it: the time from an edit to its diagnostics, and memory.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type InitializeResult,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { KeyScript } from "./scripts.ts";

/** A server to measure. */
export interface Measured {
  readonly command: readonly string[];
  /** What names its processes' executables; null for those that are started here alone. */
  readonly processes: string | null;
  readonly initializationOptions?: unknown;
}

/** Milliseconds, and megabytes of resident memory. */
export interface Measurement {
  readonly open: number;
  readonly bound: Percentiles;
  readonly name: Percentiles;
  readonly comment: Percentiles;
  readonly top: Percentiles;
  readonly resident: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** How many keys are typed of each kind: fewer where `seconds` have passed, but `least` always. */
export interface Keys {
  readonly warmUp: number;
  readonly measured: number;
  readonly least: number;
  readonly seconds: number;
}

/** Opens the script in a fresh server and types in it; `workspace` is an empty folder. */
export async function measureKeys(
  server: Measured,
  { text, bound, name, comment }: KeyScript,
  workspace: string,
  { warmUp, measured, least, seconds }: Keys,
): Promise<Measurement> {
  const editor = await startEditor(server, workspace);
  try {
    const open = await timed(() => editor.open(text));
    const type = async (there: Edit, back: Edit, warm: number): Promise<Percentiles> => {
      const times: number[] = [];
      const isSlow = (start: number): boolean => performance.now() - start > seconds * 1000;
      const start = performance.now();
      for (let count = 0; count < warm && !isSlow(start); count++) await editor.edit(count % 2 === 0 ? there : back);
      if (editor.edits() % 2 === 1) await editor.edit(back);
      const measuredFrom = performance.now();
      while (times.length < measured && (times.length < least || !isSlow(measuredFrom)))
        times.push(await editor.edit(times.length % 2 === 0 ? there : back));
      if (editor.edits() % 2 === 1) await editor.edit(back);
      return percentiles(times);
    };
    const insert = (at: number, added: string): readonly [Edit, Edit] => [
      { at, length: 0, text: added },
      { at, length: added.length, text: "" },
    ];
    const statement = "SELECT 1;\n";
    // One day longer or shorter: an overlap or a gap, as they come while somebody types.
    const digit = text[bound] ?? "1";
    const keys = {
      bound: await type(
        { at: bound, length: 1, text: digit === "1" ? "2" : "1" },
        { at: bound, length: 1, text: digit },
        warmUp,
      ),
      name: await type(...insert(name, "x"), 0),
      comment: await type(...insert(comment, "x"), 0),
      top: await type(...insert(0, statement), 0),
    };
    return { open, ...keys, resident: residentMegabytes(editor.pid, server.processes) };
  } finally {
    await editor.close();
  }
}

interface Edit {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

interface MeasuredEditor {
  readonly pid: number;
  readonly open: (text: string) => Promise<void>;
  /** Milliseconds from sending the edit to having its diagnostics; what an editor does with its own text is not among them. */
  readonly edit: (edit: Edit) => Promise<number>;
  /** How many there were. */
  readonly edits: () => number;
  readonly close: () => Promise<void>;
}

async function startEditor(server: Measured, workspace: string): Promise<MeasuredEditor> {
  const [command = "", ...options] = server.command;
  const child = spawn(command, options, { stdio: ["pipe", "pipe", "ignore"], cwd: workspace });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  let published: (version: number | undefined) => void = () => {};
  connection.onNotification("textDocument/publishDiagnostics", ({ version }: PublishDiagnosticsParams) =>
    published(version),
  );
  connection.onRequest((method, params) =>
    method === "workspace/configuration" ? (params as { items: unknown[] }).items.map(() => null) : null,
  );
  connection.listen();
  const rootUri = pathToFileURL(workspace).href;
  const initialized: InitializeResult = await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri,
    workspaceFolders: [{ uri: rootUri, name: "bench" }],
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      textDocument: { publishDiagnostics: { versionSupport: true }, diagnostic: {} },
      workspace: { configuration: true },
    },
    initializationOptions: server.initializationOptions,
  });
  await connection.sendNotification("initialized", {});
  const pulls = initialized.capabilities.diagnosticProvider !== undefined;
  const uri = `${rootUri}/bench.sql`;
  let document = TextDocument.create(uri, "sql", 0, "");
  let resultId: string | undefined;
  // Who publishes says for which version; who is asked answers for the last one.
  const diagnosed = async (send: () => Promise<void>): Promise<void> => {
    const { version } = document;
    const answered = pulls ? null : new Promise<void>((done) => (published = (of) => of === version && done()));
    await send();
    if (answered !== null) return answered;
    // As editors do, which have what was answered last.
    const params = { textDocument: { uri }, ...(resultId === undefined ? {} : { previousResultId: resultId }) };
    ({ resultId } = await connection.sendRequest<{ resultId?: string }>("textDocument/diagnostic", params));
  };
  return {
    pid: child.pid ?? 0,
    open: (text) => {
      document = TextDocument.create(uri, "sql", 1, text);
      const textDocument = { uri, languageId: "sql", version: 1, text };
      return diagnosed(() => connection.sendNotification("textDocument/didOpen", { textDocument }));
    },
    edit: ({ at, length, text }) => {
      const range = { start: document.positionAt(at), end: document.positionAt(at + length) };
      const contentChanges = [{ range, text }];
      document = TextDocument.update(document, contentChanges, document.version + 1);
      const textDocument = { uri, version: document.version };
      return timed(() =>
        diagnosed(() => connection.sendNotification("textDocument/didChange", { textDocument, contentChanges })),
      );
    },
    edits: () => document.version - 1,
    close: async () => {
      const left = new Promise((done) => child.once("exit", done));
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      child.stdin.end();
      const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await left;
      clearTimeout(late);
      connection.dispose();
      if (server.processes !== null) spawnSync("pkill", ["-x", server.processes.slice(0, 15)]);
    },
  };
}

/** Of the process, or of all that bear the name: the memory that the operating system says is in use. */
function residentMegabytes(pid: number, name: string | null): number {
  const pids = name === null ? [String(pid)] : readdirSync("/proc").filter((entry) => isCalled(entry, name));
  const kilobytes = pids.map((each) => Number(/VmRSS:\s+(\d+)/.exec(statusOf(each))?.[1] ?? 0));
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

function isCalled(entry: string, name: string): boolean {
  return /^\d+$/.test(entry) && /^Name:\s+(.*)$/m.exec(statusOf(entry))?.[1] === name.slice(0, 15);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    // It has ended since the folder was listed.
    return "";
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function percentiles(times: readonly number[]): Percentiles {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}
