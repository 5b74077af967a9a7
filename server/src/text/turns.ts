/** Long work in turns: whoever runs it may look after something more urgent at every pause, or drop it there. */

/** Gives its result at the end, and at each pause what it has so far, where that is of use to others. */
export type Turns<Result, SoFar = void> = Generator<SoFar, Result, void>;

/** The work without pauses. */
export function atOnce<Result>(work: Turns<Result, unknown>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value as Result;
  }
}
