/** What went wrong with a database, in the words that people are shown; no message holds a secret. */

import type { PlannerProblem, PlannerProblemKind } from "../pruning/planner.ts";
import { wellFormed } from "../text/well-formed.ts";
import { ConnectionFault } from "./guarded-connection.ts";

/** Where an error came up: while connecting, or while a statement was under way. */
export type ErrorPhase = "connecting" | "running";

/**
 * Sorts an error of `pg`, PGlite or Node into the closed list.
 * `secrets` are replaced wherever they occur in the message, whoever put them there.
 */
export function problemOf(error: unknown, phase: ErrorPhase, secrets: readonly (string | null)[]): PlannerProblem {
  if (error instanceof ConnectionFault) {
    const kind = error.kind ?? (phase === "connecting" ? "unreachable" : "died");
    return { kind, message: withoutSecrets(error.message, secrets) };
  }
  // `pg` trips over messages that do not belong together.
  if (error instanceof TypeError || error instanceof RangeError)
    return problemOf(
      new ConnectionFault(`the server does not speak PostgreSQL's protocol (${error.message})`),
      phase,
      secrets,
    );
  const { code, message } = describe(error);
  const clean = withoutSecrets(message, secrets);
  const sqlstate = code !== null && /^[0-9A-Z]{5}$/.test(code) && !(code in connectionCodes) ? code : undefined;
  const kind =
    sqlstate === undefined ? kindOfConnectionError(code, message, phase) : kindOfSqlstate(sqlstate, message, phase);
  return { kind, message: sentence(kind, clean, sqlstate), sqlstate };
}

/** Replaces the secrets, as they are and percent-encoded. */
export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === null || secret === "") continue;
    clean = clean.replaceAll(secret, "***").replaceAll(encodeURIComponent(wellFormed(secret)), "***");
  }
  return clean;
}

/** Node's codes that mean that the way to the server is closed, each with what to tell. */
const connectionCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused; is the server running there?",
  ENOENT: "there is no such socket; is the server running there?",
  EACCES: "no permission to use the socket",
  ENOTFOUND: "the host name cannot be resolved",
  EAI_AGAIN: "the host name cannot be resolved now",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
};

function describe(error: unknown): { readonly code: string | null; readonly message: string } {
  if (!(error instanceof Error)) return { code: null, message: String(error) };
  // Where a name has several addresses, Node reports one error for each.
  const [first]: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  if (first !== undefined) return describe(first);
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  const known = code === null ? undefined : connectionCodes[code];
  return { code, message: known ?? (error.message === "" ? "an error without a message" : error.message) };
}

function kindOfSqlstate(sqlstate: string, message: string, phase: ErrorPhase): PlannerProblemKind {
  if (sqlstate === "28P01" || sqlstate === "28000") return "authentication";
  if (sqlstate === "3D000") return "database-missing";
  if (sqlstate === "57014") return /user request/.test(message) ? "cancelled" : "timeout";
  if (sqlstate === "25P03" || sqlstate === "25P04") return "timeout";
  if (sqlstate === "55P03") return "locked";
  if (sqlstate === "42501") return "permission";
  // operator_intervention (shutdown, crash, starting up), connection exceptions, and too many connections.
  if (/^57P0|^08|^53300$/.test(sqlstate)) return phase === "connecting" ? "unreachable" : "died";
  return "rejected";
}

function kindOfConnectionError(code: string | null, message: string, phase: ErrorPhase): PlannerProblemKind {
  // `pg` asks for the password only when the server wants one.
  if (/password must be a (?:non-empty )?string/i.test(message)) return "authentication";
  if (/^SASL: SCRAM|server signature/.test(message)) return "authentication";
  if (/does not support SSL|SSL connection/.test(message)) return "tls";
  if (code !== null && /^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED|^UNABLE_TO|^HOSTNAME_MISMATCH|^EPROTO$/.test(code))
    return "tls";
  return phase === "connecting" ? "unreachable" : "died";
}

function sentence(kind: PlannerProblemKind, message: string, sqlstate: string | undefined): string {
  if (kind === "authentication" && sqlstate === undefined && /must be a/.test(message))
    return "the server asks for a password, and none is known";
  if (kind === "died") return `the server ended the connection: ${message}`;
  return message;
}
