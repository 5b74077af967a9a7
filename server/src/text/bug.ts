/** Exceptions of our own: each costs the statement or the rule in which it comes up, and whoever listens is told. */

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
    onBug(what, error);
    return instead(error);
  }
}
