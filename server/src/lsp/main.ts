/** The language server's entry: opens the connection (`--stdio`, `--node-ipc`) and hands the server what it needs of the process. */

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import picomatch from "picomatch";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { createInstalledEmbedded, loadParser } from "../postgres/installed-files.ts";
import { startServer } from "./server.ts";

startServer(createConnection(ProposedFeatures.all), {
  parser: loadParser(),
  createEmbedded: createInstalledEmbedded,
  environment: process.env,
  today: () => new Date().toISOString().slice(0, 10),
  now: () => performance.now(),
  readFile: readText,
  findFiles,
});

async function readText(uri: string): Promise<string | null> {
  // Folders of other schemes (virtual workspaces) have no files that this process could read.
  if (!uri.startsWith("file:")) return null;
  return readFile(fileURLToPath(uri), "utf8").catch(() => null);
}

async function findFiles(folder: string, globs: readonly string[]): Promise<readonly string[]> {
  if (!folder.startsWith("file:")) return [];
  const root = fileURLToPath(folder);
  const matches = picomatch([...globs]);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => matches(relative(root, path).split(sep).join("/")))
    .map((path) => pathToFileURL(path).href);
}
