/** Tells the client that what it shows is out of date: lenses, hints, findings, the tree, the status of the database. */

import type { Connection } from "vscode-languageserver/node";
import type { AskedClient } from "./asked-client.ts";
import type { ClientFeatures } from "./client-features.ts";
import { notifications, type StatusParams } from "./protocol.ts";

/** One refresh for all the answers that arrive together. */
const pauseMilliseconds = 200;

export interface RefreshesOptions {
  readonly connection: Pick<Connection, "sendNotification">;
  readonly client: AskedClient;
  readonly features: ClientFeatures;
  /** Whether the client is one of ours: the others log notifications that they do not know. */
  readonly isOwnClient: boolean;
  /** A notification as the client spells URIs. */
  readonly toClient: <T>(content: T) => T;
  readonly status: () => StatusParams;
  /** Sends the findings of all open files. */
  readonly publishAll: () => void;
}

export interface Refreshes {
  /** A notification of our own. */
  readonly tell: (method: string, content: unknown) => void;
  /** Lenses, hints and the status. */
  readonly answers: () => void;
  readonly answersSoon: () => void;
  readonly findings: () => void;
  readonly findingsSoon: () => void;
  /** Everything: what all analyses depend on is another. */
  readonly everything: () => void;
  readonly stop: () => void;
}

export function createRefreshes(options: RefreshesOptions): Refreshes {
  const { connection, client, features, isOwnClient, toClient, status, publishAll } = options;
  const tell = (method: string, content: unknown): void => {
    if (isOwnClient) void connection.sendNotification(method, toClient(content));
  };
  let shownStatus = "";
  const answers = (): void => {
    const current = status();
    const serialized = JSON.stringify(current);
    if (serialized !== shownStatus) tell(notifications.status, current);
    shownStatus = serialized;
    if (features.refreshesLenses) client.refresh("workspace/codeLens/refresh");
    if (features.refreshesInlayHints) client.refresh("workspace/inlayHint/refresh");
  };
  const findings = (): void => {
    if (features.refreshesDiagnostics) client.refresh("workspace/diagnostic/refresh");
    publishAll();
  };
  const [answersLater, findingsLater] = [answers, findings].map(afterPause);
  return {
    tell,
    answers,
    answersSoon: () => answersLater?.start(),
    findings,
    findingsSoon: () => findingsLater?.start(),
    everything: () => {
      tell(notifications.treeChanged, { uri: null });
      answers();
      findings();
    },
    stop: () => {
      answersLater?.stop();
      findingsLater?.stop();
    },
  };
}

function afterPause(run: () => void): { readonly start: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      clearTimeout(timer);
      timer = setTimeout(run, pauseMilliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}
