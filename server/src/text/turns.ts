/** Long work in turns: whoever runs it may look after something more urgent at every pause, or drop it there. */

/** Gives its result at the end, and at each pause what it has so far, where that is of use to others. */
export type Turns<Result, SoFar = void> = Generator<SoFar, Result, void>;

/** What work cannot go on without. Whoever runs the work waits for it, or drops the work; going on too early is answered with the same. */
export type Waiting = Promise<unknown>;

/** Ends work that nobody wants any more, and with it whatever it has asked others for. */
export function drop(work: Turns<unknown, unknown> | null): void {
  work?.return(undefined);
}

/** The work without pauses; for work that waits for nobody. */
export function atOnce<Result>(work: Turns<Result, unknown>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value as Result;
  }
}
