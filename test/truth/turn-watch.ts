// How long this thread works between two turns of its event loop, in processor time, so that a busy machine does not count.
import { setImmediate as nextTurn } from "node:timers/promises";

export interface TurnWatch {
  /** Milliseconds of all turns and of the longest one. */
  readonly end: () => Promise<{
    readonly all: number;
    readonly longest: number;
    /** When the longest began and ended, in microseconds of the clock of profiles. */
    readonly from: number;
    readonly to: number;
  }>;
}

/** Watches from the next turn on. */
export async function watchTurns(): Promise<TurnWatch> {
  let isWatching = true;
  let all = 0;
  let longest = 0;
  await nextTurn();
  let last = processorMilliseconds();
  let lastAt = profileMicroseconds();
  let [from, to] = [0, 0];
  const look = (): void => {
    const now = processorMilliseconds();
    all += now - last;
    const at = profileMicroseconds();
    if (now - last > longest) [longest, from, to] = [now - last, lastAt, at];
    last = now;
    lastAt = at;
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
      return { all, longest, from, to };
    },
  };
}

function processorMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function profileMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
