/** Finds the WebAssembly and data that the server needs: beside the bundle, or where sources that run as they are find them. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import type { OpenSandbox } from "../rehearsal/sandbox.ts";
import { createParser, type Parser } from "../syntax/parser.ts";
import { createEmbeddedPostgres, type EmbeddedPostgres } from "./embedded-planner.ts";
import type { EmbeddedWorkerData } from "./embedded-protocol.ts";
import { createFairEmbedded } from "./fair-embedded.ts";
import { createSandboxes } from "./rehearsal-sandbox.ts";

/** Starts the parser from PostgreSQL's grammar. */
export async function loadParser(): Promise<Parser> {
  useBaselineCompiler();
  const path = beside("libpg-query.wasm") ?? packageFile("libpg-query/wasm/libpg-query.wasm");
  return createParser(await readFile(path));
}

/**
 * Keeps V8 from compiling WebAssembly a second time, with optimizations. The state machine of PostgreSQL's grammar is one function,
 * which takes 540 MB to optimize, and the embedded PostgreSQL has more of its like; none runs long enough to make up for it: 8,000
 * statements are read in the same time. For threads too, so it has to come before the first module is compiled.
 */
function useBaselineCompiler(): void {
  for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);
}

/** The embedded PostgreSQL, not started yet; null where its files are missing. */
export function createInstalledEmbedded(log: (line: string) => void): EmbeddedPostgres | null {
  const found = findEmbeddedFiles();
  if (found === null) {
    log("the embedded PostgreSQL is off: its files are not beside the server");
    return null;
  }
  const create = (): EmbeddedPostgres =>
    createEmbeddedPostgres({
      ...found,
      startTimeoutMilliseconds: 30_000,
      statementTimeoutMilliseconds: 10_000,
      replayTimeoutMilliseconds: 20_000,
      retryMilliseconds: 60_000,
      idleCloseMilliseconds: 5 * 60_000,
      log,
    });
  return createFairEmbedded({ create, patienceMilliseconds: 2_000, mostWaiting: 100, mostWaitingInCommon: 2_000 });
}

/** Sandboxes for rehearsals; null where the files of the embedded PostgreSQL are missing. */
export function createInstalledSandboxes(): OpenSandbox | null {
  const found = findEmbeddedFiles();
  if (found === null) return null;
  return createSandboxes({
    ...found,
    startTimeoutMilliseconds: 30_000,
    statementTimeoutMilliseconds: 20_000,
    wholeMilliseconds: 600_000,
    memoryBytes: 1_500_000_000,
    usedBytes: () => process.memoryUsage.rss(),
  });
}

/** What the embedded PostgreSQL is started from; null where its files are missing. */
function findEmbeddedFiles(): { readonly worker: string; readonly files: EmbeddedWorkerData } | null {
  const bundled = beside("embedded-worker.js");
  const found =
    bundled === null
      ? filesOfSources()
      : {
          worker: bundled,
          wasm: beside("pglite.wasm"),
          data: beside("pglite.data"),
          snapshot: beside("pglite-one-database.tar.gz"),
        };
  if (found === null) return null;
  const { worker, wasm, data, snapshot } = found;
  return wasm === null || data === null || snapshot === null ? null : { worker, files: { wasm, data, snapshot } };
}

function filesOfSources() {
  const installed = installedPackage();
  if (installed === null) return null;
  const { directory, version } = installed;
  const own = (path: string): string | null => existing(fileURLToPath(new URL(path, import.meta.url)));
  const worker = own("./embedded-worker.ts");
  if (worker === null) return null;
  return {
    worker,
    wasm: existing(join(directory, "pglite.wasm")),
    data: existing(join(directory, "pglite.data")),
    snapshot: own(`../../../.cache/pglite-${version}/pglite-one-database.tar.gz`),
  };
}

/** null where there is no package: beside a bundle, of which a file is gone. */
function installedPackage(): { readonly directory: string; readonly version: string } | null {
  try {
    const directory = dirname(packageFile("@electric-sql/pglite"));
    const manifest: unknown = createRequire(import.meta.url)(join(directory, "../package.json"));
    return { directory, version: (manifest as { readonly version: string }).version };
  } catch {
    return null;
  }
}

function beside(name: string): string | null {
  return existing(fileURLToPath(new URL(name, import.meta.url)));
}

function packageFile(specifier: string): string {
  return createRequire(import.meta.url).resolve(specifier);
}

function existing(path: string): string | null {
  return existsSync(path) ? path : null;
}
