// How long this thread works between two turns of its event loop, in processor time, so that a busy machine does not count.
import { setImmediate as nextTurn } from "node:timers/promises";

export interface TurnWatch {
  /** Milliseconds of all turns and of the longest one. */
  readonly end: () => Promise<{ readonly all: number; readonly longest: number }>;
}

/** Watches from the next turn on. */
export async function watchTurns(): Promise<TurnWatch> {
  let isWatching = true;
  let all = 0;
  let longest = 0;
  await nextTurn();
  let last = processorMilliseconds();
  const look = (): void => {
    const now = processorMilliseconds();
    all += now - last;
    longest = Math.max(longest, now - last);
    last = now;
  };
  const watching = (async () => {
    while (isWatching) {
      await nextTurn();
      look();
    }
  })();
  return {
    end: async () => {
      isWatching = false;
      await watching;
      return { all, longest };
    },
  };
}

function processorMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
