/** The one connection to a user's database: opened on request, read-only, closed when idle, reopened when it died. */

import type { PlannerProblem } from "../pruning/planner.ts";
import { cancelled } from "./connect.ts";
import { type ConnectionSettings, describeConnection } from "./connection-settings.ts";
import { problemOf, withoutSecrets } from "./errors.ts";
import {
  type LiveConnection,
  openSession,
  type ReadResult,
  type ReadSession,
  runReadOnly,
  type SessionOptions,
} from "./read-only-session.ts";

export type { ReadResult, ReadSession, Row } from "./read-only-session.ts";

export interface ConnectionOptions extends SessionOptions {
  /** After this time without a request the connection is closed; the next request opens it again. */
  readonly idleCloseMilliseconds: number;
  /** After a failed attempt to connect, requests get the same answer without a new attempt for this time, doubled each time. */
  readonly firstBackOffMilliseconds: number;
  readonly longestBackOffMilliseconds: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** One line for the log; never holds a secret. */
  readonly log: (line: string) => void;
  /** An open connection was ended by the server, or by what lies between. */
  readonly onLost?: (() => void) | undefined;
}

/** Enough for the schema of tens of thousands of partitions, and not for an answer that never ends. */
export const answerBytes = 128 * 1_048_576;

const ended: PlannerProblem = { kind: "died", message: "the server ended the connection" };

/** What the editor shows of a connection. */
export type ConnectionState =
  | { readonly kind: "closed" }
  | { readonly kind: "connecting" }
  | { readonly kind: "open"; readonly serverVersion: number; readonly isSuperuser: boolean }
  | { readonly kind: "failed"; readonly problem: PlannerProblem };

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
    if (live !== null && !live.dead) {
      const { serverVersion, isSuperuser } = live;
      return { kind: "open", serverVersion, isSuperuser };
    }
    return failure === null ? { kind: "closed" } : { kind: "failed", problem: failure.problem };
  }

  async function acquire(signal: AbortSignal): Promise<ReadResult<LiveConnection>> {
    if (live !== null && !live.dead) return { ok: true, value: live };
    live = null;
    if (failure !== null && options.now() < failure.until) return { ok: false, problem: failure.problem };
    connecting = true;
    const opened = await openSession(settings, options, signal).finally(() => {
      connecting = false;
    });
    if (opened.ok) {
      failure = null;
      live = opened.value;
      watch(live, lost);
      log(`${description}: connected, server version ${live.serverVersion}`);
    } else if (opened.problem.kind !== "cancelled") {
      waitOut(opened.problem);
    }
    return opened;
  }

  /** The next request tries at once: the connection was good a moment ago. */
  function lost(): void {
    log(`${description}: ${ended.message}`);
    failure = { problem: ended, until: options.now(), delay: options.firstBackOffMilliseconds / 2 };
    options.onLost?.();
  }

  function waitOut(problem: PlannerProblem): void {
    const delay = Math.min(
      failure === null ? options.firstBackOffMilliseconds : failure.delay * 2,
      options.longestBackOffMilliseconds,
    );
    failure = { problem, until: options.now() + delay, delay };
    log(`${description}: ${problem.message}`);
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
    const problem = problemOf(outcome.error, "running", secrets);
    // Each new connection would keep one more backend busy.
    if (connection.overdue) waitOut(problem);
    return { ok: false, problem: signal.aborted ? cancelled : problem };
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

function watch(connection: LiveConnection, died: () => void): void {
  const end = (): void => {
    if (!connection.dead) died();
    connection.dead = true;
  };
  connection.client.on("error", end);
  connection.client.on("end", end);
}
