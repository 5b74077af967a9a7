/** All that the server asks of its client: whatever comes back, or nothing at all, is an answer. */

import {
  type Connection,
  ErrorCodes,
  type RegistrationParams,
  ResponseError,
  type WorkspaceEdit,
} from "vscode-languageserver/node";

/** What became of an edit: null where the client has made it, else why not, for people. */
export type NotEdited = string | null;

export interface AskedClient {
  /** The settings of a folder (null: without one); a client that gives none has said null. Rejects with what the client says instead. */
  readonly configuration: (folder: string | null) => Promise<unknown>;
  /** Asks to be sent more. A client that refuses goes on as before. */
  readonly register: (registrations: RegistrationParams["registrations"]) => void;
  /** Says that something is out of date, which clients may leave alone. */
  readonly refresh: (method: `workspace/${string}/refresh`) => void;
  /** Has the client make an edit; whoever asked for it may give up before the client says anything. */
  readonly applyEdit: (edit: WorkspaceEdit, signal: AbortSignal) => Promise<NotEdited>;
}

export function askedClient(connection: Pick<Connection, "sendRequest">): AskedClient {
  const ask = (method: string, params?: unknown): Promise<unknown> =>
    params === undefined ? connection.sendRequest(method) : connection.sendRequest(method, params);
  return {
    configuration: async (folder) => {
      const item = { section: "partitionLens", ...(folder === null ? {} : { scopeUri: folder }) };
      const answer = await ask("workspace/configuration", { items: [item] });
      return Array.isArray(answer) ? (answer[0] ?? null) : null;
    },
    register: (registrations) => void ask("client/registerCapability", { registrations }).catch(() => {}),
    refresh: (method) => void ask(method).catch(() => {}),
    applyEdit: (edit, signal) =>
      Promise.race([ask("workspace/applyEdit", { edit }).then(whyNotEdited, whyRefused), givenUp(signal)]),
  };
}

function whyNotEdited(answer: unknown): NotEdited {
  const { applied, failureReason }: { applied?: unknown; failureReason?: unknown } = Object(answer);
  if (applied === true) return null;
  if (applied !== false) return "the editor does not say whether it has made the edit";
  return typeof failureReason === "string" && failureReason !== ""
    ? `the editor did not take the edit: ${failureReason}`
    : "the editor did not take the edit";
}

function whyRefused(error: unknown): NotEdited {
  if (error instanceof ResponseError && error.code === ErrorCodes.MethodNotFound)
    return "this editor does not let others edit";
  return `the editor did not take the edit: ${error instanceof Error ? error.message : String(error)}`;
}

function givenUp(signal: AbortSignal): Promise<NotEdited> {
  return new Promise((done) => {
    if (signal.aborted) done("given up");
    signal.addEventListener("abort", () => done("given up"), { once: true });
  });
}
