/** Long work in turns of a few milliseconds, between which the server looks after whatever else is waiting. */

import type { Turns } from "../text/turns.ts";

export interface TurnTaking {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Lets waiting messages be read before the work goes on. */
  readonly nextTurn: () => Promise<void>;
}

const turnMilliseconds = 8;

/** Works until it is done, or until nobody wants it any more: false then. `work` does a little and says whether that was all. */
export async function workInTurns(
  work: () => boolean,
  isWanted: () => boolean,
  { now, nextTurn }: TurnTaking,
): Promise<boolean> {
  let end = now() + turnMilliseconds;
  while (!work()) {
    if (now() < end) continue;
    await nextTurn();
    if (!isWanted()) return false;
    end = now() + turnMilliseconds;
  }
  return true;
}

/** The result of work that is always wanted. */
export async function resultInTurns<Result>(work: Turns<Result, unknown>, taking: TurnTaking): Promise<Result> {
  let turn = work.next();
  const goOn = (): boolean => {
    if (turn.done !== true) turn = work.next();
    return turn.done === true;
  };
  await workInTurns(goOn, () => true, taking);
  return turn.value as Result;
}

/** The next turn of this process's event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
