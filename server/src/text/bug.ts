/** Exceptions of our own: each costs the statement or the rule in which it comes up, and whoever listens is told. */

import { Pause } from "./portions.ts";
import type { Turns } from "./turns.ts";

/** What was done when the exception came up, as in `the rule range-empty`, and the exception. */
export type OnBug = (what: string, error: unknown) => void;

/** The result of the work, or what `instead` gives where it ends in an exception. Without a listener the exception goes on. */
export function contained<Result>(
  what: string,
  onBug: OnBug | undefined,
  work: () => Result,
  instead: (error: unknown) => Result,
): Result {
  if (onBug === undefined) return work();
  try {
    return work();
  } catch (error) {
    if (error instanceof Pause) throw error;
    onBug(what, error);
    return instead(error);
  }
}

/** The same for work in turns. */
export function* containedInTurns<Result>(
  what: string,
  onBug: OnBug | undefined,
  work: () => Turns<Result>,
  instead: (error: unknown) => Result,
): Turns<Result> {
  try {
    return yield* work();
  } catch (error) {
    if (onBug === undefined) throw error;
    onBug(what, error);
    return instead(error);
  }
}

/** The same for work that waits for others; what ends because nobody waits any more, as the signal says, is no bug. */
export async function containedLater<Result>(
  what: string,
  onBug: OnBug | undefined,
  signal: AbortSignal,
  work: () => Promise<Result>,
  instead: (error: unknown) => Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (onBug === undefined || signal.aborted) throw error;
    onBug(what, error);
    return instead(error);
  }
}
