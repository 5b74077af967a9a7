/** The language server's entry: opens the connection (`--stdio`, `--node-ipc`) and hands the server what it needs of the process. */

import { Console } from "node:console";
import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  createConnection,
  Message,
  type MessageReader,
  type MessageStrategy,
  ProposedFeatures,
} from "vscode-languageserver/node";
import { limitHeap } from "../postgres/heap-limits.ts";
import { createInstalledEmbedded, createInstalledSandboxes, loadParser } from "../postgres/installed-files.ts";
import { loadExpressionLibrary } from "../syntax/expression-text.ts";
import { createSpellings, inCaseOf, withUris } from "./canonical-uri.ts";
import { withCapabilities } from "./greeting.ts";
import { createLongStatements } from "./long-statements.ts";
import { startServer } from "./server.ts";
import { createWorkspaceFiles } from "./workspace-files.ts";
import { createMessageWriter } from "./written-messages.ts";

limitHeap();

/** Windows and macOS take `A.sql` for `a.sql`; the disk knows one of them. */
const isCaseIgnored = process.platform === "win32" || process.platform === "darwin";
const spellings = createSpellings(isCaseIgnored ? caseOnDisk : undefined);
// Whatever comes in names files in one way; a message that is nothing of the kind is left to those who check it.
const messageStrategy: MessageStrategy = {
  handleMessage: (given, next) => {
    const message = withCapabilities(given);
    return next(
      Message.isRequest(message) || Message.isNotification(message)
        ? Object.assign(message, { params: withUris(message.params, spellings.canonical) })
        : message,
    );
  },
};

startServer(connect(), {
  spellings,
  parser: loadParser(),
  library: loadExpressionLibrary(),
  createEmbedded: createInstalledEmbedded,
  sandboxes: createInstalledSandboxes,
  createLongStatements: (reports) =>
    createLongStatements({
      ...{ worker: longStatementWorker(), timeoutMilliseconds: 60_000, idleCloseMilliseconds: 60_000 },
      ...reports,
    }),
  environment: process.env,
  onUncaught,
  timestamp: () => new Date().toISOString(),
  today: () => new Date().toISOString().slice(0, 10),
  now: () => performance.now(),
  createWorkspaceFiles,
});

/**
 * What nobody has caught would end the process, and with it what all files of the editor are told, though nearly always it is one
 * forgotten promise: so the server goes on. It ends where nobody is there any more to whom it could say anything, and where this does not end.
 */
function onUncaught(report: (error: unknown) => void): void {
  let count = 0;
  const uncaught = (error: unknown): void => {
    count += 1;
    if (count > mostUncaught || isGone(error)) process.exit(1);
    try {
      report(error);
    } catch {
      process.exit(1);
    }
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
}

const mostUncaught = 1_000;

/** Whether the client has closed its end. */
function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "EPIPE" || code === "ERR_IPC_CHANNEL_CLOSED" || code === "ERR_STREAM_DESTROYED";
}

/** The way that the command line names, as `vscode-languageserver` has them; over standard output messages are written by us. */
function connect(): Parameters<typeof startServer>[0] {
  if (!process.argv.includes("--stdio")) return createConnection(ProposedFeatures.all, { messageStrategy });
  globalThis.console = new Console(process.stderr);
  const writer = createMessageWriter(process.stdout);
  // The stream itself, which the package takes as well: it ends the process where the stream ends.
  const input = process.stdin as unknown as MessageReader;
  return createConnection(ProposedFeatures.all, input, writer, { messageStrategy });
}

/** Beside the bundle, or the source where sources run as they are; null where it is missing. */
function longStatementWorker(): string | null {
  const paths = ["js", "ts"].map((end) => fileURLToPath(new URL(`./long-statement-worker.${end}`, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** The path of a URI as the disk spells it. */
function caseOnDisk(path: string): string {
  try {
    const real = pathToFileURL(
      realpathSync.native(fileURLToPath(`file://${path.split("/").map(encodeURIComponent).join("/")}`)),
    );
    return inCaseOf(
      path,
      decodeURIComponent(real.pathname).replace(/^\/[A-Z]:/, (drive) => drive.toLowerCase()),
    );
  } catch {
    return path;
  }
}
