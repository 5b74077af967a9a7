// A language client for tests: starts the real server on standard input and output, under the capabilities of an editor.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import {
  type ClientCapabilities,
  type CodeLens,
  createMessageConnection,
  type Diagnostic,
  type InitializeResult,
  type MessageConnection,
  type PublishDiagnosticsParams,
  type Range,
  type RegistrationParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { bundleForTests } from "../support/bundle.ts";

/** The server as it stands in the sources, where the embedded PostgreSQL is found too. */
export const serverSources = join(import.meta.dirname, "../../server/src/lsp/main.ts");

/** What editors of each kind can do, as far as the server looks at it. */
export const editors = {
  /** VS Code with our extension, as vscode-languageclient 11 announces it. */
  vscode: {
    general: { markdown: { parser: "marked", allowedTags: ["span", "table", "tr", "td"] } },
    textDocument: {
      synchronization: { dynamicRegistration: true },
      codeLens: { dynamicRegistration: true, resolveSupport: { properties: ["command"] } },
      hover: { contentFormat: ["markdown", "plaintext"] },
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      inlayHint: {},
      diagnostic: {
        relatedInformation: true,
        codeDescriptionSupport: true,
        dataSupport: true,
        tagSupport: { valueSet: [1, 2] },
      },
      codeAction: {
        codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "refactor"] } },
        resolveSupport: { properties: ["edit"] },
        isPreferredSupport: true,
        dataSupport: true,
      },
    },
    workspace: {
      configuration: true,
      didChangeConfiguration: { dynamicRegistration: true },
      codeLens: { refreshSupport: true },
      diagnostics: { refreshSupport: true },
      inlayHint: { refreshSupport: true },
    },
  },
  /** Neovim: pulls diagnostics, draws lenses, and resolves them without saying so. */
  neovim: {
    textDocument: {
      codeLens: {},
      hover: { contentFormat: ["markdown", "plaintext"] },
      documentSymbol: { hierarchicalDocumentSymbolSupport: true },
      diagnostic: {},
      codeAction: {
        codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } },
        resolveSupport: { properties: ["edit"] },
        dataSupport: true,
      },
    },
    workspace: { configuration: true, codeLens: { refreshSupport: true } },
  },
  /** Helix: is sent diagnostics, has no lenses, but inlay hints. */
  helix: {
    textDocument: {
      publishDiagnostics: { relatedInformation: true },
      hover: { contentFormat: ["markdown"] },
      inlayHint: {},
      codeAction: {
        codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } },
        resolveSupport: { properties: ["edit"] },
        dataSupport: true,
      },
    },
    workspace: { configuration: true, inlayHint: {} },
  },
  /** A client that says nothing at all of itself. */
  minimal: {},
} as const satisfies Readonly<Record<string, ClientCapabilities>>;

export type Editor = keyof typeof editors;

export interface TestClient {
  readonly connection: MessageConnection;
  readonly initialized: InitializeResult;
  readonly open: (text: string, uri?: string, languageId?: string) => Promise<string>;
  /** Replaces `[start, end)` of the text that was last sent for the file. */
  readonly edit: (uri: string, start: number, end: number, newText: string) => Promise<void>;
  readonly request: <Answer>(method: string, params?: unknown) => Promise<Answer>;
  readonly diagnostics: (uri: string) => Promise<readonly Diagnostic[]>;
  /**
   * The diagnostics as soon as the condition holds of them. What is sent first may be from before the settings or another file
   * were read, or from before an edit elsewhere; a client is then sent others, or told to ask again.
   */
  readonly diagnosticsWith: (
    uri: string,
    condition: (diagnostics: readonly Diagnostic[]) => boolean,
  ) => Promise<readonly Diagnostic[]>;
  /** The lenses, resolved by another request where they are not already. */
  readonly lenses: (uri: string) => Promise<readonly CodeLens[]>;
  /** Requests of the server, by method, in order. */
  readonly requested: readonly string[];
  /** What the server has asked to be sent or asked for, by method. */
  readonly registered: ReadonlyMap<string, { readonly documentSelector?: readonly { language?: string }[] }>;
  readonly notified: readonly { readonly method: string; readonly params: unknown }[];
  /** What the server wrote to the log. */
  readonly logged: readonly string[];
  /** The codes with which `refused` was answered. */
  readonly refusals: readonly unknown[];
  /** Waits until the condition holds after some message of the server. */
  readonly until: (condition: () => boolean) => Promise<void>;
  /** Answers to `workspace/configuration` from now on. */
  settings: unknown;
  readonly text: (uri: string) => string;
  /** Of the server's process. */
  readonly pid: number | undefined;
  /** The code with which that process ends. */
  readonly ended: Promise<number | null>;
  readonly close: () => Promise<number | null>;
}

export interface ClientOptions {
  readonly initializationOptions?: unknown;
  readonly settings?: unknown;
  readonly rootUri?: string;
  /** Parameters of `initialize` that take the place of the usual ones. */
  readonly greeting?: unknown;
  /** Parameters of `initialize` that are sent before, and refused. */
  readonly refused?: readonly unknown[];
  /** What the client answers to everything that the server asks of it, from the first question on. */
  readonly answerToAll?: (method: string) => unknown;
  /** What to run instead of a bundle made for the tests, which finds no embedded PostgreSQL. */
  readonly server?: string;
}

/** Starts a server and says hello. Call `close` when done. */
export async function startClient(editor: Editor, options: ClientOptions = {}): Promise<TestClient> {
  const server = options.server ?? (await bundleForTests("lsp"));
  const child = spawn(process.execPath, ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", server, "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const requested: string[] = [];
  const registered = new Map<string, { readonly documentSelector?: readonly { language?: string }[] }>();
  const notified: { method: string; params: unknown }[] = [];
  const logged: string[] = [];
  const refusals: unknown[] = [];
  const waiting = new Set<() => void>();
  const published = new Map<string, PublishDiagnosticsParams>();
  const texts = new Map<string, { text: string; version: number }>();
  const noticed = (): void => {
    for (const check of [...waiting]) check();
  };

  connection.onNotification((method, params: unknown) => {
    notified.push({ method, params });
    if (method === "window/logMessage") logged.push((params as { message: string }).message);
    if (method === "textDocument/publishDiagnostics") {
      const diagnostics = params as PublishDiagnosticsParams;
      published.set(diagnostics.uri, diagnostics);
    }
    noticed();
  });
  connection.onRequest((method, params: unknown) => {
    requested.push(method);
    if (method === "client/registerCapability")
      for (const { method: name, registerOptions } of (params as RegistrationParams).registrations)
        registered.set(name, registerOptions ?? {});
    noticed();
    if (options.answerToAll !== undefined) return options.answerToAll(method);
    if (method === "workspace/configuration")
      return (params as { items: readonly unknown[] }).items.map(() => client.settings ?? null);
    return null;
  });
  connection.listen();

  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });

  const client: TestClient = {
    connection,
    initialized: { capabilities: {} },
    requested,
    registered,
    notified,
    logged,
    refusals,
    pid: child.pid,
    ended: ended(child),
    until,
    settings: options.settings ?? null,
    text: (uri) => texts.get(uri)?.text ?? "",
    open: async (text, uri = `file:///${texts.size + 1}.sql`, languageId = "sql") => {
      texts.set(uri, { text, version: 1 });
      await connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId, version: 1, text },
      });
      return uri;
    },
    edit: async (uri, start, end, newText) => {
      const known = texts.get(uri);
      if (known === undefined) throw new Error(`${uri} is not open`);
      const range = { start: positionIn(known.text, start), end: positionIn(known.text, end) };
      known.text = known.text.slice(0, start) + newText + known.text.slice(end);
      known.version++;
      await connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: known.version },
        contentChanges: [{ range, text: newText }],
      });
    },
    request: (method, params) => connection.sendRequest(method, params),
    diagnostics: async (uri) => {
      if (client.initialized.capabilities.diagnosticProvider !== undefined) {
        const report = await connection.sendRequest<{ items: Diagnostic[] }>("textDocument/diagnostic", {
          textDocument: { uri },
        });
        return report.items;
      }
      await until(() => published.get(uri)?.version === texts.get(uri)?.version);
      return published.get(uri)?.diagnostics ?? [];
    },
    diagnosticsWith: async (uri, condition) => {
      for (;;) {
        const [sent, asked] = [notified.length, requested.length];
        const diagnostics = await client.diagnostics(uri);
        if (condition(diagnostics)) return diagnostics;
        await until(
          () =>
            requested.slice(asked).includes("workspace/diagnostic/refresh") ||
            notified.slice(sent).some(({ params }) => (params as { uri?: unknown } | null)?.uri === uri),
        );
      }
    },
    lenses: async (uri) => {
      const lenses = await connection.sendRequest<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
      return Promise.all(
        lenses.map((lens) =>
          lens.command === undefined ? connection.sendRequest<CodeLens>("codeLens/resolve", lens) : lens,
        ),
      );
    },
    close: async () => {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      const code = await ended(child);
      connection.dispose();
      return code;
    },
  };
  for (const params of options.refused ?? []) {
    const code = await connection.sendRequest("initialize", ...([params] as unknown[])).then(
      () => "answered",
      (error: { readonly code?: unknown }) => error.code,
    );
    refusals.push(code);
  }
  const greeting = options.greeting ?? {
    processId: process.pid,
    rootUri: options.rootUri ?? null,
    capabilities: editors[editor],
    initializationOptions: options.initializationOptions,
  };
  const initialized = await connection.sendRequest<InitializeResult>("initialize", greeting);
  Object.assign(client, { initialized });
  await connection.sendNotification("initialized", {});
  return client;
}

/** `a.title` for each lens, with the line above which it stands, as a reader sees them. */
export function lensTexts(lenses: readonly CodeLens[]): readonly string[] {
  return lenses.map(({ range, command }) => `${range.start.line}: ${command?.title ?? "no command"}`);
}

export function textAt(text: string, range: Range): string {
  const lines = text.split("\n");
  const offset = ({ line, character }: Range["start"]): number =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
  return text.slice(offset(range.start), offset(range.end));
}

export function positionIn(text: string, offset: number): Range["start"] {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode === null ? new Promise((done) => child.once("exit", done)) : Promise.resolve(child.exitCode);
}
