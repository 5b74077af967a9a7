/** The language server's entry: opens the connection (`--stdio`, `--node-ipc`) and hands the server what it needs of the process. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { findEmbeddedFiles, loadParser } from "../postgres/installed-files.ts";
import { startServer } from "./server.ts";

startServer(createConnection(ProposedFeatures.all), {
  parser: loadParser(),
  embedded: findEmbeddedFiles(),
  environment: process.env,
  today: () => new Date().toISOString().slice(0, 10),
  now: () => performance.now(),
  readFile: async (uri) => {
    // Folders of other schemes (virtual workspaces) have no files that this process could read.
    if (!uri.startsWith("file:")) return null;
    return readFile(fileURLToPath(uri), "utf8").catch(() => null);
  },
});
