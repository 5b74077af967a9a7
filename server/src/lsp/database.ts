/** The connection to a user's database, as commands open and close it, and what is known of its server. */

import { defaultPostgresVersion, postgresVersions } from "../config.ts";
import { createConnectedPlanner } from "../postgres/connected-planner.ts";
import { createDatabaseConnection, type DatabaseConnection } from "../postgres/connection.ts";
import { readConnectionSettings } from "../postgres/connection-settings.ts";
import type { Planner, PlannerProblem } from "../pruning/planner.ts";
import type { PostgresVersion } from "../schemes/scheme.ts";
import type { Log } from "./guard.ts";
import type { ConnectParams, ConnectResult } from "./protocol.ts";

export interface Database {
  readonly connect: (params: ConnectParams, signal: AbortSignal) => Promise<ConnectResult>;
  readonly disconnect: () => Promise<void>;
  /** null while nobody has connected. */
  readonly current: () => CurrentDatabase | null;
}

export interface CurrentDatabase {
  readonly name: string;
  readonly connection: DatabaseConnection;
  readonly planner: Planner;
  readonly serverVersion: number;
}

export interface DatabaseOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly log: Log;
  readonly onChange: () => void;
}

export function createDatabase(options: DatabaseOptions): Database {
  let current: CurrentDatabase | null = null;

  const disconnect = async (): Promise<void> => {
    const closing = current;
    current = null;
    if (closing === null) return;
    await closing.connection.close();
    options.onChange();
  };

  return {
    current: () => current,
    disconnect,
    connect: async ({ name, connectionString, password }, signal) => {
      const settings = readConnectionSettings({
        connectionString,
        password: password ?? null,
        environment: options.environment,
      });
      if (!settings.ok) return failed(settings.problem);
      const connection = createDatabaseConnection(settings.value, {
        statementTimeoutMilliseconds: 5_000,
        lockTimeoutMilliseconds: 500,
        idleInTransactionTimeoutMilliseconds: 10_000,
        idleCloseMilliseconds: 10 * 60_000,
        firstBackOffMilliseconds: 2_000,
        longestBackOffMilliseconds: 60_000,
        now: options.now,
        log: options.log.info,
      });
      const opened = await connection.connect(signal);
      if (!opened.ok) {
        await connection.close();
        return failed(opened.problem);
      }
      const { serverVersion } = opened.value;
      await disconnect();
      current = { name, connection, planner: createConnectedPlanner(connection), serverVersion };
      options.onChange();
      return { ok: true, name, serverVersion: versionText(serverVersion) };
    },
  };
}

/** The major that the model has for a server: the nearest one, where it is older or newer than all. */
export function majorOf(serverVersion: number | null): PostgresVersion {
  if (serverVersion === null) return defaultPostgresVersion;
  const major = Math.floor(serverVersion / 10_000);
  return postgresVersions.findLast((known) => known <= major) ?? postgresVersions[0];
}

/** 180004 → `18.4` */
export function versionText(serverVersion: number): string {
  return `${Math.floor(serverVersion / 10_000)}.${serverVersion % 10_000}`;
}

function failed({ kind, message }: PlannerProblem): ConnectResult {
  return { ok: false, kind, message };
}
