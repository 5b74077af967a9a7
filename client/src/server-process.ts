/** Starts the language server in its own process and speaks to it. */

import * as path from "node:path";
import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  TransportKind,
  WorkDoneProgress,
} from "vscode-languageclient/node";
import type { InitializationOptions } from "../../server/src/lsp/protocol.ts";
import { rememberedPicks } from "./commands/pick-schema.ts";
import type { Log } from "./log.ts";
import { sqlLanguages } from "./settings.ts";

/** What the rest of the client needs of the server. */
export interface Server {
  readonly start: () => Promise<void>;
  /** Whether it runs or is about to: it does not where there is nothing to do; a request starts it. */
  readonly isStarted: () => boolean;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Sends a request; rejects with the server's own message. */
  readonly request: <Answer>(method: string, params?: unknown) => Promise<Answer>;
  /** Runs one of the server's commands. */
  readonly execute: <Answer>(command: string, argument: unknown) => Promise<Answer>;
  /** The same for work that takes a while: it can be cancelled, and says how far it is. */
  readonly executeLong: <Answer>(
    command: string,
    argument: unknown,
    cancellation: vscode.CancellationToken,
    progress: (message: string) => void,
  ) => Promise<Answer>;
  readonly onNotification: <Params>(method: string, listener: (params: Params) => void) => vscode.Disposable;
  /** Document URIs in the form in which the server knows them, and back. */
  readonly toServerUri: (uri: vscode.Uri) => string;
  readonly toEditorRange: (range: { start: vscodePosition; end: vscodePosition }) => vscode.Range;
}

type vscodePosition = { readonly line: number; readonly character: number };

const schemes = ["file", "untitled", "vscode-vfs"] as const;

/** Hovers may run these commands from links; every other `command:` link in them is dead. */
const hoverCommands = ["partitionLens.showPruning", "partitionLens.showPartitions"] as const;

export function createServer(context: vscode.ExtensionContext, log: Log, clientCommands: readonly string[]): Server {
  const module = path.join(context.extensionPath, "dist", "server.js");
  const serverOptions: ServerOptions = {
    run: { module, transport: TransportKind.ipc },
    debug: {
      module,
      transport: TransportKind.ipc,
      options: { execArgv: ["--nolazy", "--inspect=6019"] },
    },
  };
  // Asked for at each start: what was picked meanwhile is known then.
  const initializationOptions = (): InitializationOptions => ({
    clientCommands,
    icons: true,
    trusted: vscode.workspace.isTrusted,
    schemaPicks: rememberedPicks(context),
  });
  const watcher = vscode.workspace.createFileSystemWatcher(
    "**/{*.sql,*.pgsql,*.sql.conf,sqitch.plan,_journal.json,atlas.sum,metadata.toml,flyway.conf,flyway.toml,flyway.user.toml,*changelog*.xml,*changelog*.y{,a}ml,partition-lens.json}",
  );
  // Of a folder that goes with all that is in it VS Code tells no more than its own name, which no pattern for files matches.
  const folderWatcher = vscode.workspace.createFileSystemWatcher("**", false, true, false);
  context.subscriptions.push(watcher, folderWatcher);
  const options: LanguageClientOptions = {
    documentSelector: schemes.flatMap((scheme) => sqlLanguages.map((language) => ({ scheme, language }))),
    initializationOptions,
    outputChannel: log,
    synchronize: { configurationSection: "partitionLens", fileEvents: [watcher, foldersAmong(folderWatcher)] },
    markdown: { isTrusted: { enabledCommands: [...hoverCommands] }, supportHtml: true, supportThemeIcons: true },
  };
  let nextToken = 1;
  const client = new LanguageClient("partitionLens", "Partition Lens", serverOptions, options);
  // The client keeps the last listener of a method only.
  const listeners = new Map<string, Set<(params: unknown) => void>>();
  return {
    start: () => client.start(),
    isStarted: () => !client.needsStart(),
    restart: () => client.restart(),
    stop: () => client.stop(),
    request: (method, params) => client.sendRequest(method, params),
    execute: (command, argument) => client.sendRequest("workspace/executeCommand", { command, arguments: [argument] }),
    executeLong: async (command, argument, cancellation, progress) => {
      const workDoneToken = `partition-lens-${nextToken++}`;
      const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
        if (value.kind === "report" && value.message !== undefined) progress(value.message);
      });
      try {
        const params = { command, arguments: [argument], workDoneToken };
        return await client.sendRequest("workspace/executeCommand", params, cancellation);
      } finally {
        listening.dispose();
      }
    },
    onNotification: <Params>(method: string, listener: (params: Params) => void) => {
      const known = listeners.get(method);
      const all = known ?? new Set();
      const own = (params: unknown): void => listener(params as Params);
      all.add(own);
      if (known === undefined) {
        listeners.set(method, all);
        client.onNotification(method, (params: unknown) => {
          for (const each of all) each(params);
        });
      }
      return { dispose: () => void all.delete(own) };
    },
    toServerUri: (uri) => client.code2ProtocolConverter.asUri(uri),
    toEditorRange: (range) => client.protocol2CodeConverter.asRange(range),
  };
}

/** Whether a name with this ending may be a folder's: `V2.1` is, `main.js` is not. */
function isFolderLike(ending: string): boolean {
  return ending === "" || ending === ".d" || /^\.\d+$/.test(ending);
}

/** The same events, without those of names with an ending: building a project makes and removes such files all the time. */
function foldersAmong(watcher: vscode.FileSystemWatcher): vscode.FileSystemWatcher {
  const only =
    (event: vscode.Event<vscode.Uri>): vscode.Event<vscode.Uri> =>
    (listener, self, disposables) =>
      event(
        (uri) => {
          if (isFolderLike(path.posix.extname(uri.path))) listener.call(self, uri);
        },
        undefined,
        disposables,
      );
  return {
    ignoreCreateEvents: watcher.ignoreCreateEvents,
    ignoreChangeEvents: watcher.ignoreChangeEvents,
    ignoreDeleteEvents: watcher.ignoreDeleteEvents,
    onDidCreate: only(watcher.onDidCreate),
    onDidChange: only(watcher.onDidChange),
    onDidDelete: only(watcher.onDidDelete),
    dispose: () => watcher.dispose(),
  };
}
