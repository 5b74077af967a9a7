/** The one place where exceptions end: they are bugs, so they are logged and the editor gets an answer without them. */

import { type CancellationToken, LSPErrorCodes, ResponseError } from "vscode-languageserver/node";

export interface Log {
  readonly error: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
}

/** A refusal for people: what they asked for cannot be done, and the message says what to change. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

/** The document changed, or the client gave up, while the answer was being worked out. */
export class OutdatedError extends Error {
  override readonly name = "OutdatedError";
}

export interface Guard {
  /** A request that must answer something: on an exception it answers `fallback`. */
  readonly answer: <Params, Result>(
    what: string,
    fallback: Result,
    handle: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
  ) => (params: Params, token: CancellationToken) => Promise<Result | ResponseError>;
  /** A request whose refusals and errors the client shows. */
  readonly request: <Params, Result>(
    what: string,
    handle: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
  ) => (params: Params, token: CancellationToken) => Promise<Result | ResponseError>;
  /** Anything that nobody waits for. */
  readonly notice: <Params extends readonly unknown[]>(
    what: string,
    handle: (...params: Params) => Promise<void> | void,
  ) => (...params: Params) => void;
}

export function createGuard(log: Log): Guard {
  const report = (what: string, error: unknown): void =>
    log.error(`${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);

  const run = async <Params, Result>(
    what: string,
    handle: (params: Params, signal: AbortSignal) => Promise<Result> | Result,
    params: Params,
    token: CancellationToken,
    onBug: () => Result | ResponseError,
  ): Promise<Result | ResponseError> => {
    const controller = new AbortController();
    const listener = token.onCancellationRequested(() => controller.abort());
    if (token.isCancellationRequested) controller.abort();
    try {
      const result = await handle(params, controller.signal);
      return controller.signal.aborted ? cancelled() : result;
    } catch (error) {
      if (controller.signal.aborted) return cancelled();
      if (error instanceof OutdatedError) return new ResponseError(LSPErrorCodes.ContentModified, error.message);
      if (error instanceof RefusedError) return new ResponseError(LSPErrorCodes.RequestFailed, error.message);
      report(what, error);
      return onBug();
    } finally {
      listener.dispose();
    }
  };

  return {
    answer: (what, fallback, handle) => (params, token) => run(what, handle, params, token, () => fallback),
    request: (what, handle) => (params, token) =>
      run(
        what,
        handle,
        params,
        token,
        () => new ResponseError(LSPErrorCodes.RequestFailed, `${what} failed; the server's log says more`),
      ),
    notice:
      (what, handle) =>
      (...params) => {
        void (async () => handle(...params))().catch((error: unknown) => {
          if (!(error instanceof OutdatedError)) report(what, error);
        });
      },
  };
}

function cancelled(): ResponseError {
  return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
}
