/** Long work in turns of a few milliseconds, between which the server looks after whatever else is waiting. */

import type { Turns, Waiting } from "../text/turns.ts";

export interface TurnTaking {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Lets waiting messages be read before the work goes on. */
  readonly nextTurn: () => Promise<void>;
}

const turnMilliseconds = 8;

/**
 * Works until it is done, or until nobody wants it any more: false then. `work` does a little and says whether that was all, or what
 * has to come first.
 */
export async function workInTurns(
  work: () => boolean | Waiting,
  isWanted: () => boolean,
  { now, nextTurn }: TurnTaking,
): Promise<boolean> {
  let end = now() + turnMilliseconds;
  for (;;) {
    const done = work();
    if (done === true) return true;
    if (done instanceof Promise) await done;
    else if (now() < end) continue;
    else await nextTurn();
    if (!isWanted()) return false;
    end = now() + turnMilliseconds;
  }
}

/** The result of work that is always wanted. */
export async function resultInTurns<Result>(work: Turns<Result, unknown>, taking: TurnTaking): Promise<Result> {
  let last: IteratorReturnResult<Result> | null = null;
  const goOn = (): boolean | Waiting => {
    const turn = work.next();
    if (turn.done === true) last = turn;
    else if (turn.value instanceof Promise) return turn.value;
    return last !== null;
  };
  await workInTurns(goOn, () => true, taking);
  return (last as unknown as IteratorReturnResult<Result>).value;
}

/**
 * What `work` gives for each of the items, of which each is begun without waiting for the others, and in turns: many are begun at once
 * only as far as that takes a few milliseconds. Of those that are left when the signal is raised none is begun.
 */
export async function allInTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  signal: AbortSignal,
  { now, nextTurn }: TurnTaking,
): Promise<Result[]> {
  const begun: Promise<Result>[] = [];
  let end = now() + turnMilliseconds;
  for (const item of items) {
    if (signal.aborted) break;
    const result = work(item);
    // Whoever waits for all hears of it.
    result.catch(() => {});
    begun.push(result);
    // What goes on behind its first wait is its own work too.
    await null;
    if (now() < end) continue;
    await nextTurn();
    end = now() + turnMilliseconds;
  }
  return Promise.all(begun);
}

/** The next turn of this process's event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
