/** Sends diagnostics to clients that do not ask for them, when typing pauses. */

import type { PublishDiagnosticsParams } from "vscode-languageserver/node";
import { diagnosticsFor } from "./handlers/diagnostics.ts";
import type { Session } from "./session.ts";

export interface Publisher {
  readonly schedule: (uri: string) => void;
  /** Takes back what was sent for a file that is closed. */
  readonly clear: (uri: string) => void;
  readonly stop: () => void;
}

/** Long enough not to work at every keystroke, short enough not to be waited for. */
const pauseMilliseconds = 150;

export function createPublisher(
  session: Session,
  options: {
    readonly ready: Promise<void>;
    readonly send: (diagnostics: PublishDiagnosticsParams) => Promise<void>;
    readonly onError: (error: unknown) => void;
  },
): Publisher {
  const waiting = new Map<string, NodeJS.Timeout>();

  const publish = async (uri: string): Promise<void> => {
    await options.ready;
    const diagnostics = await diagnosticsFor(session, uri);
    const file = session.files.get(uri);
    // Diagnostics of a file that was closed meanwhile would stay in the editor for good.
    if (file !== null) await options.send({ uri, version: file.version, diagnostics });
  };

  return {
    schedule: (uri) => {
      if (session.features.pullsDiagnostics) return;
      clearTimeout(waiting.get(uri));
      waiting.set(
        uri,
        setTimeout(() => {
          waiting.delete(uri);
          publish(uri).catch(options.onError);
        }, pauseMilliseconds),
      );
    },
    clear: (uri) => {
      clearTimeout(waiting.get(uri));
      waiting.delete(uri);
      if (!session.features.pullsDiagnostics) options.send({ uri, diagnostics: [] }).catch(options.onError);
    },
    stop: () => {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
