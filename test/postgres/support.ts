/** Connections for tests: short timeouts, no log, an environment without PG* variables. */

import { join } from "node:path";
import {
  type ConnectionOptions,
  createDatabaseConnection,
  type DatabaseConnection,
} from "../../server/src/postgres/connection.ts";
import { readConnectionSettings } from "../../server/src/postgres/connection-settings.ts";
import {
  createEmbeddedPostgres,
  type EmbeddedOptions,
  type EmbeddedPostgres,
} from "../../server/src/postgres/embedded-planner.ts";
import type { EmbeddedWorkerData } from "../../server/src/postgres/embedded-protocol.ts";

/** What the build does for the bundle: the files of the installed PGlite, and the snapshot made from it. */
export async function embeddedFiles(): Promise<EmbeddedWorkerData> {
  const script = new URL("../../scripts/embedded-snapshot.mjs", import.meta.url).href;
  const { ensureEmbeddedSnapshot, pgliteDirectory } = (await import(script)) as {
    ensureEmbeddedSnapshot(): Promise<string>;
    pgliteDirectory: string;
  };
  return {
    wasm: join(pgliteDirectory, "pglite.wasm"),
    data: join(pgliteDirectory, "pglite.data"),
    snapshot: await ensureEmbeddedSnapshot(),
  };
}

/** The embedded PostgreSQL straight from its sources. */
export async function embeddedPostgres(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  return createEmbeddedPostgres({ ...(await embeddedOptions()), ...options });
}

/** What it is created with where a test has no wishes. */
export async function embeddedOptions(): Promise<EmbeddedOptions> {
  return {
    worker: new URL("../../server/src/postgres/embedded-worker.ts", import.meta.url),
    files: await embeddedFiles(),
    startTimeoutMilliseconds: 240_000,
    statementTimeoutMilliseconds: 60_000,
    replayTimeoutMilliseconds: 60_000,
    retryMilliseconds: 600_000,
    idleCloseMilliseconds: 600_000,
    log: () => {},
  };
}

/** A signal that nobody raises. */
export const never: AbortSignal = new AbortController().signal;

export function connectionTo(
  connectionString: string,
  options: Partial<ConnectionOptions> = {},
  environment: Readonly<Record<string, string>> = {},
): DatabaseConnection {
  const settings = readConnectionSettings({
    connectionString,
    password: null,
    environment: { PGPASSFILE: "/nonexistent", ...environment },
  });
  if (!settings.ok) throw new Error(settings.problem.message);
  return createDatabaseConnection(settings.value, {
    // A busy machine takes its time; what is to be ended sets less.
    statementTimeoutMilliseconds: 30_000,
    lockTimeoutMilliseconds: 200,
    idleInTransactionTimeoutMilliseconds: 10_000,
    answerBytes: 8 * 1_048_576,
    idleCloseMilliseconds: 60_000,
    firstBackOffMilliseconds: 1_000,
    longestBackOffMilliseconds: 60_000,
    now: () => performance.now(),
    log: () => {},
    ...options,
  });
}
