/** The one connection to a user's database: opened on request, read-only, closed when idle, reopened when it died. */

import { createConnection } from "node:net";
import type { Client, QueryConfig } from "pg";
import type { PlannerProblem } from "../pruning/planner.ts";
import { cancelled, connect, destroy, type SessionTimeouts } from "./connect.ts";
import { type ConnectionSettings, describeConnection } from "./connection-settings.ts";
import { problemOf, withoutSecrets } from "./errors.ts";

export interface ConnectionOptions extends SessionTimeouts {
  /** After this time without a request the connection is closed; the next request opens it again. */
  readonly idleCloseMilliseconds: number;
  /** After a failed attempt to connect, requests get the same answer without a new attempt for this time, doubled each time. */
  readonly firstBackOffMilliseconds: number;
  readonly longestBackOffMilliseconds: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** One line for the log; never holds a secret. */
  readonly log: (line: string) => void;
}

/** What the editor shows of a connection. */
export type ConnectionState =
  | { readonly kind: "closed" }
  | { readonly kind: "connecting" }
  | { readonly kind: "open"; readonly serverVersion: number }
  | { readonly kind: "failed"; readonly problem: PlannerProblem };

export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: PlannerProblem };

/** A row by column names. */
export type Row = Readonly<Record<string, unknown>>;

/** One read-only transaction. */
export interface ReadSession {
  /** As `server_version_num`. */
  readonly serverVersion: number;
  /**
   * Runs one statement through the extended protocol, where PostgreSQL itself refuses a text with a second statement.
   * Rejects with the error of `pg`.
   */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** The types that PostgreSQL infers for `$1` … as OIDs, by parsing alone: nothing is planned or run. */
  parameterTypes(sql: string): Promise<readonly number[]>;
}

export interface DatabaseConnection {
  /** `user@host:port/database` */
  readonly description: string;
  state(): ConnectionState;
  /**
   * Runs the work in a transaction of its own, `READ ONLY` and rolled back whatever happens; requests wait for each other.
   * An abort cancels the statement on the server.
   */
  read<T>(work: (session: ReadSession) => Promise<T>, signal: AbortSignal): Promise<ReadResult<T>>;
  /** Forgets earlier failures and connects now: the answer to a command of the user. */
  connect(signal: AbortSignal): Promise<ReadResult<{ readonly serverVersion: number }>>;
  /** Ends the connection; a later request opens it again. */
  close(): Promise<void>;
}

interface LiveConnection {
  readonly client: Client;
  readonly host: string;
  readonly port: number;
  readonly serverVersion: number;
  dead: boolean;
  /** Whether a request has succeeded on it, so that its death now is the end of an old connection and no verdict on the request. */
  used: boolean;
}

export function createDatabaseConnection(settings: ConnectionSettings, options: ConnectionOptions): DatabaseConnection {
  const description = describeConnection(settings);
  const secrets = [settings.password];
  let live: LiveConnection | null = null;
  let failure: { readonly problem: PlannerProblem; readonly until: number; readonly delay: number } | null = null;
  let connecting = false;
  let turn: Promise<unknown> = Promise.resolve();
  let idleTimer: NodeJS.Timeout | undefined;

  const log = (line: string): void => options.log(withoutSecrets(line, secrets));

  function state(): ConnectionState {
    if (connecting) return { kind: "connecting" };
    if (live !== null && !live.dead) return { kind: "open", serverVersion: live.serverVersion };
    return failure === null ? { kind: "closed" } : { kind: "failed", problem: failure.problem };
  }

  async function acquire(signal: AbortSignal): Promise<ReadResult<LiveConnection>> {
    if (live !== null && !live.dead) return { ok: true, value: live };
    live = null;
    if (failure !== null && options.now() < failure.until) return { ok: false, problem: failure.problem };
    connecting = true;
    const opened = await openConnection(settings, options, signal).finally(() => {
      connecting = false;
    });
    if (opened.ok) {
      failure = null;
      live = opened.value;
      watch(live, () => log(`${description}: the server ended the connection`));
      log(`${description}: connected, server version ${live.serverVersion}`);
    } else if (opened.problem.kind !== "cancelled") {
      const delay = Math.min(
        failure === null ? options.firstBackOffMilliseconds : failure.delay * 2,
        options.longestBackOffMilliseconds,
      );
      failure = { problem: opened.problem, until: options.now() + delay, delay };
      log(`${description}: ${opened.problem.message}`);
    }
    return opened;
  }

  async function attempt<T>(
    work: (session: ReadSession) => Promise<T>,
    signal: AbortSignal,
    mayRetry: boolean,
  ): Promise<ReadResult<T>> {
    const acquired = await acquire(signal);
    if (!acquired.ok) return acquired;
    const connection = acquired.value;
    const outcome = await runReadOnly(connection, options, work, signal);
    if (outcome.kind === "done") {
      connection.used = true;
      return { ok: true, value: outcome.value };
    }
    // A connection that slept through a restart of the server or of the machine fails at its first word: once more, afresh.
    if (outcome.kind === "never-began" && connection.used && mayRetry && !signal.aborted)
      return attempt(work, signal, false);
    if (signal.aborted) return { ok: false, problem: cancelled };
    const problem = problemOf(outcome.error, "running", secrets);
    return { ok: false, problem };
  }

  function inTurn<T>(request: () => Promise<T>): Promise<T> {
    clearTimeout(idleTimer);
    const result = turn.then(request);
    turn = result
      .catch(() => {})
      .then(() => {
        clearTimeout(idleTimer);
        idleTimer = setTimeout(() => void closeNow(), options.idleCloseMilliseconds);
        idleTimer.unref();
      });
    return result;
  }

  async function closeNow(): Promise<void> {
    const closing = live;
    live = null;
    clearTimeout(idleTimer);
    if (closing === null || closing.dead) return;
    closing.dead = true;
    await closing.client.end().catch(() => {});
    log(`${description}: closed`);
  }

  return {
    description,
    state,
    read: (work, signal) =>
      inTurn(async () => (signal.aborted ? { ok: false, problem: cancelled } : attempt(work, signal, true))),
    connect(signal) {
      return inTurn(async () => {
        failure = null;
        return attempt(async ({ serverVersion }) => ({ serverVersion }), signal, true);
      });
    },
    close: () => inTurn(closeNow),
  };
}

async function openConnection(
  settings: ConnectionSettings,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<ReadResult<LiveConnection>> {
  const connected = await connect(settings, options, signal);
  if (!connected.ok) return connected;
  const { client, host, port } = connected;
  try {
    const { rows } = await extendedQuery(client, "SHOW server_version_num", []);
    const serverVersion = Number(rows[0]?.["server_version_num"]);
    return { ok: true, value: { client, host, port, serverVersion, dead: false, used: false } };
  } catch (error) {
    destroy(client);
    return { ok: false, problem: problemOf(error, "connecting", [settings.password]) };
  }
}

function watch(connection: LiveConnection, died: () => void): void {
  const end = (): void => {
    if (!connection.dead) died();
    connection.dead = true;
  };
  connection.client.on("error", end);
  connection.client.on("end", end);
}

type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** The connection was gone before the transaction began. */
  | { readonly kind: "never-began"; readonly error: unknown }
  | { readonly kind: "failed"; readonly error: unknown };

async function runReadOnly<T>(
  connection: LiveConnection,
  options: ConnectionOptions,
  work: (session: ReadSession) => Promise<T>,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  const { client } = connection;
  let giveUp: NodeJS.Timeout | undefined;
  let cancelling: Promise<void> = Promise.resolve();
  const onAbort = (): void => {
    cancelling = sendCancelRequest(connection);
    giveUp = setTimeout(() => abandon(connection), 2_000);
  };
  signal.addEventListener("abort", onAbort);
  try {
    try {
      await query(connection, options, "BEGIN TRANSACTION READ ONLY", []);
    } catch (error) {
      if (isServerError(error)) return { kind: "failed", error };
      abandon(connection);
      return { kind: "never-began", error };
    }
    try {
      // Again for this transaction alone: a pooler may have put us on a session without our settings.
      await query(connection, options, transactionSettings, [
        `${options.statementTimeoutMilliseconds}ms`,
        `${options.lockTimeoutMilliseconds}ms`,
        `${options.idleInTransactionTimeoutMilliseconds}ms`,
      ]);
      const value = await work({
        serverVersion: connection.serverVersion,
        query: (sql, values = []) => query(connection, options, sql, values),
        parameterTypes: (sql) => withDeadline(connection, options, () => describeParameters(client, sql)),
      });
      return { kind: "done", value };
    } catch (error) {
      return { kind: "failed", error };
    } finally {
      // A cancellation still under way would hit the next request.
      await cancelling;
      await query(connection, options, "ROLLBACK", []).catch(() => abandon(connection));
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(giveUp);
  }
}

const transactionSettings = `SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
  set_config('idle_in_transaction_session_timeout', $3, true)`;

async function query(
  connection: LiveConnection,
  options: ConnectionOptions,
  sql: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const { rows } = await withDeadline(connection, options, () => extendedQuery(connection.client, sql, values));
  return rows;
}

/** The server's own timeout comes first; this one is for a network that swallows the answer. */
async function withDeadline<T>(
  connection: LiveConnection,
  options: ConnectionOptions,
  run: () => Promise<T>,
): Promise<T> {
  const deadline = setTimeout(
    () => abandon(connection),
    options.statementTimeoutMilliseconds + options.lockTimeoutMilliseconds + 5_000,
  );
  try {
    return await run();
  } finally {
    clearTimeout(deadline);
  }
}

function extendedQuery(client: Client, text: string, values: readonly unknown[]): Promise<{ readonly rows: Row[] }> {
  // Without `queryMode` a query without values goes through the simple protocol, which takes several statements at once.
  const config: QueryConfig & { readonly queryMode: "extended" } = { text, values: [...values], queryMode: "extended" };
  return client.query<Record<string, unknown>>(config);
}

/** The part of `pg`'s connection that speaks single messages of the protocol. */
interface ProtocolConnection {
  parse(message: { readonly text: string; readonly name: string }): void;
  describe(message: { readonly type: "S"; readonly name: string }): void;
  sync(): void;
  on(event: "parameterDescription", listener: (message: ParameterDescription) => void): void;
  off(event: "parameterDescription", listener: (message: ParameterDescription) => void): void;
}

interface ParameterDescription {
  readonly dataTypeIDs: readonly number[];
}

/** Sends Parse and Describe, and no Bind or Execute. */
function describeParameters(client: Client, text: string): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    let types: readonly number[] = [];
    const remember = (message: ParameterDescription): void => {
      types = message.dataTypeIDs;
    };
    const submittable = {
      submit(connection: ProtocolConnection) {
        connection.on("parameterDescription", remember);
        connection.parse({ text, name: "" });
        connection.describe({ type: "S", name: "" });
        connection.sync();
      },
      handleRowDescription() {},
      handleError(error: unknown, connection: ProtocolConnection) {
        connection.off("parameterDescription", remember);
        reject(error);
      },
      handleReadyForQuery(connection: ProtocolConnection) {
        connection.off("parameterDescription", remember);
        resolve(types);
      },
    };
    client.query(submittable as unknown as Parameters<Client["query"]>[0]);
  });
}

/**
 * Asks the server to cancel what the connection runs, as libpq's PQcancel does: over a connection of its own, without
 * authentication. Resolves when the server has closed that connection, which it does after it has passed the signal on.
 */
function sendCancelRequest(connection: LiveConnection): Promise<void> {
  const { processID, secretKey } = connection.client as unknown as {
    processID: number | null;
    secretKey: number | null;
  };
  if (processID === null || secretKey === null) return Promise.resolve();
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(cancelRequestCode, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  const { host, port } = connection;
  return new Promise((resolve) => {
    const socket = host.startsWith("/") ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host);
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("connect", () => socket.end(message));
    socket.resume();
  });
}

const cancelRequestCode = 80_877_102;

function abandon(connection: LiveConnection): void {
  connection.dead = true;
  destroy(connection.client);
}

/** Whether PostgreSQL answered, rather than the connection breaking. */
function isServerError(error: unknown): boolean {
  return (
    error instanceof Error && "severity" in error && "code" in error && !/^57P0|^08|^25P0[34]/.test(String(error.code))
  );
}
