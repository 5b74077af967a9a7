/** Connections for tests: short timeouts, no log, an environment without PG* variables. */

import {
  type ConnectionOptions,
  createDatabaseConnection,
  type DatabaseConnection,
} from "../../server/src/postgres/connection.ts";
import { readConnectionSettings } from "../../server/src/postgres/connection-settings.ts";

/** A signal that nobody raises. */
export const never: AbortSignal = new AbortController().signal;

export function connectionTo(connectionString: string, options: Partial<ConnectionOptions> = {}): DatabaseConnection {
  const settings = readConnectionSettings({
    connectionString,
    password: null,
    environment: { PGPASSFILE: "/nonexistent" },
  });
  if (!settings.ok) throw new Error(settings.problem.message);
  return createDatabaseConnection(settings.value, {
    statementTimeoutMilliseconds: 2_000,
    lockTimeoutMilliseconds: 200,
    idleInTransactionTimeoutMilliseconds: 10_000,
    idleCloseMilliseconds: 60_000,
    firstBackOffMilliseconds: 1_000,
    longestBackOffMilliseconds: 60_000,
    now: () => performance.now(),
    log: () => {},
    ...options,
  });
}
