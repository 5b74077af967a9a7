/** The one place where exceptions end: they are bugs, so they are logged and the editor gets an answer without them. */

import { type CancellationToken, ErrorCodes, LSPErrorCodes, ResponseError } from "vscode-languageserver/node";
import { notificationText } from "../text/foreign-text.ts";
import { InvalidParametersError } from "./parameters.ts";
import type { RefusalData } from "./protocol.ts";

export interface Log {
  readonly error: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
}

/** A refusal for people: what they asked for cannot be done, and the message says what to change. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** The argument of the command that is wrong, where one is. */
  readonly argument: string | undefined;

  constructor(message: string, argument?: string) {
    super(message);
    this.argument = argument;
  }
}

export interface Guard {
  /** For the log, with the stack. */
  readonly report: (what: string, error: unknown) => void;
  /** The same for what may come up again and again: the same exception is logged once. */
  readonly reportOnce: (what: string, error: unknown) => void;
  /** A request that must answer something: on an exception it answers `fallback`. */
  readonly answer: <Params, Result>(
    what: string,
    fallback: Result,
    handle: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
  ) => (params: Params, token: CancellationToken) => Promise<Result>;
  /** A request whose refusals and errors the client shows. */
  readonly request: <Params, Result>(
    what: string,
    handle: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
  ) => (params: Params, token: CancellationToken) => Promise<Result>;
  /** Anything that nobody waits for; what the client sends in another shape is refused in the log. */
  readonly notice: <Params extends readonly unknown[]>(
    what: string,
    handle: (...params: Params) => Promise<void> | void,
  ) => (...params: Params) => void;
}

/** Beyond it what was logged is forgotten, and may be logged again. */
const mostRemembered = 100;

export function createGuard(log: Log): Guard {
  const report = (what: string, error: unknown): void =>
    log.error(`${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);

  const reported = new Set<string>();
  const reportOnce = (what: string, error: unknown): void => {
    const key = `${what}\0${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    if (reported.has(key)) return;
    if (reported.size >= mostRemembered) reported.clear();
    reported.add(key);
    report(what, error);
  };

  const run = async <Params, Result>(
    what: string,
    handle: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
    params: Params,
    token: CancellationToken,
    onBug: () => Result,
  ): Promise<Result> => {
    const controller = new AbortController();
    const listener = token.onCancellationRequested(() => controller.abort());
    if (token.isCancellationRequested) controller.abort();
    try {
      const result = await handle(params, controller.signal);
      if (controller.signal.aborted) throw cancelled();
      return result;
    } catch (error) {
      if (controller.signal.aborted) throw cancelled();
      if (error instanceof RefusedError)
        throw new ResponseError(
          LSPErrorCodes.RequestFailed,
          notificationText(error.message),
          error.argument === undefined ? undefined : ({ argument: error.argument } satisfies RefusalData),
        );
      if (error instanceof InvalidParametersError) throw new ResponseError(ErrorCodes.InvalidParams, error.message);
      report(what, error);
      return onBug();
    } finally {
      listener.dispose();
    }
  };

  return {
    report,
    reportOnce,
    answer: (what, fallback, handle) => (params, token) => run(what, handle, params, token, () => fallback),
    request: (what, handle) => (params, token) =>
      run(what, handle, params, token, () => {
        throw new ResponseError(LSPErrorCodes.RequestFailed, `${what} failed; the server's log says more`);
      }),
    notice:
      (what, handle) =>
      (...params) => {
        void (async () => handle(...params))().catch((error: unknown) => {
          if (error instanceof InvalidParametersError) log.warn(`${what} is refused: ${error.message}`);
          else report(what, error);
        });
      },
  };
}

function cancelled(): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
}
