/** The language server's entry: opens the connection (`--stdio`, `--node-ipc`) and hands the server what it needs of the process. */

import { existsSync, realpathSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createConnection, Message, type MessageStrategy, ProposedFeatures } from "vscode-languageserver/node";
import { createInstalledEmbedded, createInstalledSandboxes, loadParser } from "../postgres/installed-files.ts";
import { loadExpressionLibrary } from "../syntax/expression-text.ts";
import { globMatcher, slashedGlob } from "../text/globs.ts";
import { greatest } from "../text/long-lists.ts";
import { sourceText } from "../text/source-text.ts";
import { canonicalUri, createSpellings, inCaseOf, withUris } from "./canonical-uri.ts";
import { withCapabilities } from "./greeting.ts";
import { limitHeap } from "./heap-limits.ts";
import { createLongStatements } from "./long-statements.ts";
import { startServer } from "./server.ts";

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

startServer(createConnection(ProposedFeatures.all, { messageStrategy }), {
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
  timestamp: () => new Date().toISOString(),
  today: () => new Date().toISOString().slice(0, 10),
  now: () => performance.now(),
  readFile: readText,
  findFiles,
});

/** Beside the bundle, or the source where sources run as they are; null where it is missing. */
function longStatementWorker(): string | null {
  const paths = ["js", "ts"].map((end) => fileURLToPath(new URL(`./long-statement-worker.${end}`, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? null;
}

async function readText(uri: string): Promise<string | null> {
  const path = pathOf(uri);
  if (path === null) return null;
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > mostBytes) return null;
    return sourceText(await readFile(path)).text;
  } catch {
    return null;
  }
}

/** null for what this process cannot read: other schemes (virtual workspaces), and servers' names outside of Windows. */
function pathOf(uri: string): string | null {
  if (!uri.startsWith("file:")) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

/** Longer files of a workspace are not read, nor what is no file: a link in it may lead to a device without an end. */
const mostBytes = 64 * 1_048_576;

async function findFiles(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  const root = pathOf(folder);
  if (root === null) return [];
  const matches = globMatcher(globs);
  const paths = await filesBelow(root, greatest(globs.map(slashedGlob).map(depthOf)));
  return paths
    .filter((path) => matches(relative(root, path).split(sep).join("/")))
    .map((path) => canonicalUri(pathToFileURL(path).href));
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

/** How many folders deep files may lie that the glob matches. */
function depthOf(glob: string): number {
  return glob.includes("**") ? Number.POSITIVE_INFINITY : glob.split("/").length - 1;
}

async function filesBelow(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = entries.map(async (entry): Promise<readonly string[]> => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && depth > 0 && !skippedFolders.has(entry.name) ? filesBelow(path, depth - 1) : [];
  });
  return (await Promise.all(found)).flat();
}

/** Large, and never a project's own. */
const skippedFolders: ReadonlySet<string> = new Set(["node_modules", ".git"]);
