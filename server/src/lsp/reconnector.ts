/** Opens a connection again that the server has ended: by itself, where the settings say so. */

import type { DatabaseConnection } from "../postgres/connection.ts";

export interface Reconnector {
  /** Tries until the connection is open or nobody wants it any more. */
  readonly begin: (connection: DatabaseConnection) => void;
  readonly stop: () => void;
}

export interface ReconnectorOptions {
  readonly isWanted: (connection: DatabaseConnection) => boolean;
  readonly onOpen: () => Promise<void>;
}

const firstPauseMilliseconds = 1_000;
const longestPauseMilliseconds = 60_000;

export function createReconnector({ isWanted, onOpen }: ReconnectorOptions): Reconnector {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => clearTimeout(timer);

  const tryAfter = (connection: DatabaseConnection, pause: number): void => {
    stop();
    timer = setTimeout(() => {
      attempt(connection, pause).catch(() => {});
    }, pause);
    timer.unref();
  };
  const attempt = async (connection: DatabaseConnection, pause: number): Promise<void> => {
    if (!isWanted(connection)) return;
    const { ok } = await connection.connect(new AbortController().signal);
    if (ok) await onOpen();
    else if (isWanted(connection)) tryAfter(connection, Math.min(pause * 2, longestPauseMilliseconds));
  };

  return { begin: (connection) => tryAfter(connection, firstPauseMilliseconds), stop };
}
