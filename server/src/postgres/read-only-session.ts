/** One session on a user's server, and the read-only transactions in it: all that is ever sent goes through here. */

import { createConnection } from "node:net";
import type { Client, QueryConfig } from "pg";
import type { PlannerProblem } from "../pruning/planner.ts";
import { connect, destroy, type SessionTimeouts } from "./connect.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { problemOf } from "./errors.ts";
import { ConnectionFault, type GuardedConnection } from "./guarded-connection.ts";

export interface SessionOptions extends SessionTimeouts {
  /** What the server may send in one transaction, in bytes; above it the connection ends. */
  readonly answerBytes: number;
}

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

export interface LiveConnection {
  readonly client: Client;
  readonly connection: GuardedConnection;
  /** Whether the server can look now and then, while it works, whether we are still there. */
  readonly checksClient: boolean;
  readonly host: string;
  readonly port: number;
  readonly serverVersion: number;
  readonly isSuperuser: boolean;
  dead: boolean;
  /** Whether a request has succeeded on it, so that its death now is the end of an old connection and no verdict on the request. */
  used: boolean;
  /** Whether it was given up while the server went on working, for which it may need the backend for long. */
  overdue: boolean;
}

/** Connects, and asks the server what it is. */
export async function openSession(
  settings: ConnectionSettings,
  options: SessionOptions,
  signal: AbortSignal,
): Promise<ReadResult<LiveConnection>> {
  const connected = await connect(settings, options, signal);
  if (!connected.ok) return connected;
  const { client, connection, host, port } = connected;
  const live = { client, connection, host, port, dead: false, used: false, overdue: false };
  try {
    const serverVersion = Number(await shown(client, "server_version_num"));
    if (!(serverVersion >= oldestServerVersion)) throw new ConnectionFault(tooOld(serverVersion));
    const isSuperuser = (await shown(client, "is_superuser")) === "on";
    const checksClient = serverVersion >= 140_000 && (await canCheckClient(client));
    return { ok: true, value: { ...live, serverVersion, isSuperuser, checksClient } };
  } catch (error) {
    destroy(client);
    return { ok: false, problem: problemOf(error, "connecting", [settings.password]) };
  }
}

/** Before 10 there was no declarative partitioning. */
const oldestServerVersion = 100_000;

function tooOld(serverVersion: number): string {
  return Number.isNaN(serverVersion)
    ? "the server does not say which PostgreSQL it is"
    : `the server is PostgreSQL ${Math.floor(serverVersion / 10_000)}; Partition Lens reads 10 and later`;
}

/** SHOW looks no name up, whatever the session's search_path is. */
async function shown(client: Client, setting: string): Promise<unknown> {
  const { rows } = await extendedQuery(client, `SHOW ${setting}`, []);
  return rows[0]?.[setting];
}

/** Whether the server's operating system lets it notice, in the middle of a statement, that we are gone. */
async function canCheckClient(client: Client): Promise<boolean> {
  await extendedQuery(client, "BEGIN TRANSACTION READ ONLY", []);
  try {
    await extendedQuery(client, `SELECT ${clientCheck}`, []);
    return true;
  } catch {
    return false;
  } finally {
    await extendedQuery(client, "ROLLBACK", []);
  }
}

const clientCheck = "pg_catalog.set_config('client_connection_check_interval', '2s', true)";

export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** The connection was gone before the transaction began. */
  | { readonly kind: "never-began"; readonly error: unknown }
  | { readonly kind: "failed"; readonly error: unknown };

export async function runReadOnly<T>(
  connection: LiveConnection,
  options: SessionOptions,
  work: (session: ReadSession) => Promise<T>,
  signal: AbortSignal,
): Promise<Outcome<T>> {
  const { client } = connection;
  let giveUp: NodeJS.Timeout | undefined;
  let cancelling: Promise<void> = Promise.resolve();
  const onAbort = (): void => {
    cancelling = sendCancelRequest(connection);
    giveUp = setTimeout(() => abandonOverdue(connection), 2_000);
  };
  signal.addEventListener("abort", onAbort);
  try {
    try {
      connection.connection.allow(options.answerBytes);
      await query(connection, options, "BEGIN TRANSACTION READ ONLY", []);
    } catch (error) {
      if (isServerError(error)) return { kind: "failed", error };
      abandon(connection);
      return { kind: "never-began", error };
    }
    try {
      await begin(connection, options);
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
      if (!connection.dead) await withDeadline(connection, options, () => end(client)).catch(() => abandon(connection));
      connection.connection.allow(idleBytes);
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(giveUp);
  }
}

/**
 * What holds for this transaction alone, whatever a pooler or somebody's reset has made of the session: our own queries look
 * names up in `pg_catalog` and nowhere before it, so that nobody's functions and operators stand in for PostgreSQL's; limits
 * of time; and that nothing can be written, which the server is asked to confirm.
 */
async function begin(connection: LiveConnection, options: SessionOptions): Promise<void> {
  const timeouts = [
    options.statementTimeoutMilliseconds,
    options.lockTimeoutMilliseconds,
    options.idleInTransactionTimeoutMilliseconds,
  ].map((milliseconds) => `${milliseconds}ms`);
  const [row] = await query(
    connection,
    options,
    `SELECT pg_catalog.set_config('search_path', '${ownSearchPath}', true),
      pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),
      pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true)${connection.checksClient ? `, ${clientCheck}` : ""},
      pg_catalog.current_setting('transaction_read_only') AS read_only`,
    timeouts,
  );
  if (row?.["read_only"] === "on") return;
  abandon(connection);
  throw new ConnectionFault("the transaction is not read-only, so nothing is asked of this server");
}

/** Temporary objects would come first if they were not named. */
const ownSearchPath = "pg_catalog, pg_temp";

/** What a server may say while nobody asks: that it shuts down, or that a setting has changed. */
const idleBytes = 1_048_576;

/** One message, so that a pooler gives both to one server. What planning has locked for the session is let go. */
async function end(client: Client): Promise<void> {
  await client.query("ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()");
}

async function query(
  connection: LiveConnection,
  options: SessionOptions,
  sql: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  const { rows } = await withDeadline(connection, options, () => extendedQuery(connection.client, sql, values));
  return rows;
}

/** The server's own timeout comes first; this one is for a network that swallows the answer. */
async function withDeadline<T>(connection: LiveConnection, options: SessionOptions, run: () => Promise<T>): Promise<T> {
  const deadline = setTimeout(
    () => abandonOverdue(connection),
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

/** For a server that goes on with what it was told to stop. */
function abandonOverdue(connection: LiveConnection): void {
  connection.overdue = true;
  abandon(connection);
}

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
