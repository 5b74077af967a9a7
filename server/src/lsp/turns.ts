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

/** The next turn of this process's event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
