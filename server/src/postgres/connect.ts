/** Opens one connection through `pg` the way libpq would: hosts in turn, `sslmode` with libpq's meaning, no transaction yet. */

import { checkServerIdentity, type ConnectionOptions as TlsOptions } from "node:tls";
import { Client, type ClientConfig } from "pg";
import type { PlannerProblem } from "../pruning/planner.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { problemOf, withoutSecrets } from "./errors.ts";
import { GuardedConnection } from "./guarded-connection.ts";
import { readSmallFile } from "./small-file.ts";

export interface SessionTimeouts {
  readonly statementTimeoutMilliseconds: number;
  readonly lockTimeoutMilliseconds: number;
  readonly idleInTransactionTimeoutMilliseconds: number;
}

export type ConnectResult =
  | {
      readonly ok: true;
      readonly client: Client;
      /** The client's own: what it may receive for each answer is for the user to say. */
      readonly connection: GuardedConnection;
      readonly host: string;
      readonly port: number;
      /** Whether the session has our settings by itself; false behind a pooler that takes none. */
      readonly startupSettings: boolean;
    }
  | { readonly ok: false; readonly problem: PlannerProblem };

/** The name under which `pg_stat_activity` shows us. */
export const applicationName = "Partition Lens";

/** Connects; the session is read-only by its own setting. An abort ends the attempt. */
export async function connect(
  settings: ConnectionSettings,
  timeouts: SessionTimeouts,
  signal: AbortSignal,
): Promise<ConnectResult> {
  let problem: PlannerProblem = { kind: "unreachable", message: "no host is given" };
  for (const { host, port } of settings.hosts) {
    for (const encrypted of encryptionAttempts(settings, host)) {
      if (signal.aborted) return { ok: false, problem: cancelled };
      const result = await connectOnce(settings, timeouts, { host, port, encrypted, startupSettings: true }, signal);
      if (result.ok) return result;
      problem = result.problem;
      if (!mayTryOtherEncryption(problem)) break;
    }
    // Only where nobody answers is the next host tried; a refusal is an answer.
    if (problem.kind !== "unreachable") break;
  }
  return { ok: false, problem: { ...problem, message: withoutSecrets(problem.message, [settings.password]) } };
}

export const cancelled: PlannerProblem = { kind: "cancelled", message: "the request was cancelled" };

interface Attempt {
  readonly host: string;
  readonly port: number;
  readonly encrypted: boolean;
  /** False for a connection pooler that takes none of our settings at the start of a session. */
  readonly startupSettings: boolean;
}

async function connectOnce(
  settings: ConnectionSettings,
  timeouts: SessionTimeouts,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<ConnectResult> {
  const { host, port } = attempt;
  let client: Client | null = null;
  let aborted = (): void => {};
  try {
    const config = clientConfig(settings, timeouts, attempt);
    const connection = new GuardedConnection(
      { ssl: config.ssl, sslNegotiation: config.sslnegotiation, keepAlive: true } as ClientConfig,
      greetingBytes,
    );
    const created = new Client({ ...config, connection } as ClientConfig);
    client = created;
    // A connection that dies while nobody waits for it must not end the process; whoever uses it next will notice.
    created.on("error", () => {});
    const abortion = new Promise<never>((_, reject) => {
      aborted = () => reject(new Error("aborted"));
      signal.addEventListener("abort", aborted);
    });
    await Promise.race([created.connect(), abortion]);
    return { ok: true, client: created, connection, host, port, startupSettings: attempt.startupSettings };
  } catch (error) {
    destroy(client);
    if (signal.aborted) return { ok: false, problem: cancelled };
    const problem = problemOf(error, "connecting", [settings.password]);
    // PgBouncer refuses what it does not track. Each transaction brings the same settings along once more.
    if (attempt.startupSettings && /unsupported startup parameter/.test(problem.message))
      return connectOnce(settings, timeouts, { ...attempt, startupSettings: false }, signal);
    return { ok: false, problem: { ...problem, message: `${placeOf(error, host, port)}: ${problem.message}` } };
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

/** What is no host may be a password that was put into its place. */
function placeOf(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const isHost = code !== "ENOTFOUND" && code !== "EAI_AGAIN" && /^[\w./:%-]+$/.test(host);
  return isHost ? `${host}:${port}` : "the host given";
}

/** Far more than any server says before the session begins: its parameters, and a few notices. */
const greetingBytes = 1_048_576;

/** Closes the socket without a word to the server. */
export function destroy(client: Client | null): void {
  const connection = (client as { connection?: { stream?: { destroy?(): void } } } | null)?.connection;
  connection?.stream?.destroy?.();
}

function clientConfig(settings: ConnectionSettings, timeouts: SessionTimeouts, attempt: Attempt): ClientConfig {
  const { password } = settings;
  const readOnly = "-c default_transaction_read_only=on";
  return {
    host: attempt.host,
    port: attempt.port,
    user: settings.user,
    database: settings.database,
    // Given as a function so that `pg` looks nowhere else: an undefined password sends it to its own password file reader.
    password: (() => password ?? undefined) as () => string,
    ssl: attempt.encrypted ? tlsOptions(settings, attempt.host) : false,
    sslnegotiation: settings.sslNegotiation,
    connectionTimeoutMillis: settings.connectTimeoutMilliseconds,
    ...(attempt.startupSettings
      ? {
          application_name: applicationName,
          // Ours last: the later setting wins.
          options: settings.options === null ? readOnly : `${settings.options} ${readOnly}`,
          statement_timeout: timeouts.statementTimeoutMilliseconds,
          lock_timeout: timeouts.lockTimeoutMilliseconds,
          idle_in_transaction_session_timeout: timeouts.idleInTransactionTimeoutMilliseconds,
        }
      : { application_name: applicationName }),
  };
}

/** Whether to encrypt, attempt by attempt. A Unix socket is never encrypted. */
function encryptionAttempts(settings: ConnectionSettings, host: string): readonly boolean[] {
  if (host.startsWith("/")) return [false];
  switch (settings.sslMode) {
    case "disable":
      return [false];
    case "allow":
      return [false, true];
    case "prefer":
      return [true, false];
    case "require":
    case "verify-ca":
    case "verify-full":
      return [true];
  }
}

/** Whether the other kind of connection may succeed: the server has no TLS, or its rules ask for (no) encryption. */
function mayTryOtherEncryption(problem: PlannerProblem): boolean {
  return problem.kind === "tls" || problem.sqlstate === "28000";
}

/** libpq verifies nothing below `verify-ca`, unless `require` meets a root certificate. */
function tlsOptions(settings: ConnectionSettings, host: string): TlsOptions {
  const { sslMode, sslRootCertificate } = settings;
  const client = {
    ...(settings.sslCertificate === null ? {} : { cert: readPem(settings.sslCertificate) }),
    ...(settings.sslKey === null ? {} : { key: readPem(settings.sslKey) }),
  };
  const verifies =
    sslMode === "verify-ca" || sslMode === "verify-full" || (sslMode === "require" && sslRootCertificate !== null);
  if (!verifies) return { ...client, rejectUnauthorized: false };
  const system = sslRootCertificate === "system";
  return {
    ...client,
    ...(sslRootCertificate === null || system ? {} : { ca: readPem(sslRootCertificate) }),
    rejectUnauthorized: true,
    checkServerIdentity: (_, certificate) =>
      sslMode === "verify-full" || system ? checkServerIdentity(host, certificate) : undefined,
  };
}

function readPem(path: string): string {
  try {
    return readSmallFile(path);
  } catch {
    throw Object.assign(new Error("a file that sslrootcert, sslcert or sslkey names cannot be read"), {
      code: "ERR_TLS_FILE",
    });
  }
}
