/** Work on one long thing that can be broken off and gone on with: what was done of it in portions is not done again. */

import type { Turns } from "./turns.ts";

/** Of so many items in all, roughly, the portions are that are done between two pauses. An item is a constant that is looked at. */
const mostBetweenPauses = 8_192;

/** What is less is not worth keeping. */
export const leastOfPortion = 1_024;

/** Of so many items is a portion of a list that is cut. */
export const itemsOfPortion = 4_096;

/** Ends an attempt. No error: who catches exceptions lets it through. */
export class Pause extends Error {}

interface Portions {
  /**
   * Does the work, or as much of it as is to be done before a pause: null then, and the next call goes on. The work must do the same
   * each time, and change nothing but what it has made itself outside of portions.
   */
  readonly goOn: <Result>(work: () => Result) => { readonly result: Result } | null;
}

interface Attempt {
  /** By the numbers of the portions. */
  readonly done: Kept[];
  /** The number of the next portion. */
  next: number;
  /** What the portions of this attempt were. */
  spent: number;
}

/** What an attempt leaves of a portion to the next one. */
interface Kept {
  progress: Progress<unknown> | null;
  /** What the watcher made of it. */
  readonly mark: unknown;
}

/** The attempt that is being made; null where nobody can go on later. */
let current: Attempt | null = null;

let watcher: ((before: unknown) => unknown) | null = null;

/**
 * For tests: is told of each portion as it is taken, with what it made of the one that had the number in the attempt before, and so sees
 * where one portion is given what is of another. Null for nobody.
 */
export function watchPortions(watch: ((before: unknown) => unknown) | null): void {
  watcher = watch;
}

/** For one piece of work. */
function createPortions(): Portions {
  const done: Attempt["done"] = [];
  return {
    goOn: (work) => {
      const outer = current;
      current = { done, next: 0, spent: 0 };
      try {
        return { result: work() };
      } catch (error) {
        if (error instanceof Pause) return null;
        throw error;
      } finally {
        current = outer;
      }
    },
  };
}

/** Work that is done in portions, pausing between them. */
export function* inPortions<Result>(work: () => Result): Turns<Result> {
  const portions = createPortions();
  for (;;) {
    const done = portions.goOn(work);
    if (done !== null) return done.result;
    yield;
  }
}

/**
 * All that the work finds one after the other, pausing after so many of them as between portions. Where a portion is broken off the
 * work begins anew, as above; else it goes on where it was.
 */
export function* allInPortions<Item>(begin: () => Iterator<Item>, most: number): Turns<readonly Item[]> {
  const done: Attempt["done"] = [];
  let items: Item[] = [];
  let work: Iterator<Item> | null = null;
  let next = 0;
  for (;;) {
    const outer = current;
    const attempt: Attempt = { done, next: work === null ? 0 : next, spent: 0 };
    current = attempt;
    try {
      if (work === null) [items, work] = [[], begin()];
      for (let found = 0; found < most; found++) {
        const { done: isDone, value } = work.next();
        if (isDone === true) return items;
        items.push(value);
      }
    } catch (error) {
      if (!(error instanceof Pause)) throw error;
      work = null;
    } finally {
      next = attempt.next;
      current = outer;
    }
    yield;
  }
}

/**
 * Does the work in one piece, though what is around it is done in portions. Needed where the result is remembered outside of them: the
 * next attempt finds it there, does no portion of it, and would take the portions that follow for those.
 */
export function inOnePiece<Result>(work: () => Result): Result {
  const outer = current;
  current = null;
  try {
    return work();
  } finally {
    current = outer;
  }
}

/** Whether what is done in portions now is kept for an attempt that goes on. */
export function isDoneInPortions(): boolean {
  return current !== null;
}

/** How far work has come. */
export interface Progress<State> {
  readonly state: State;
  readonly isDone: boolean;
  /** Of how many items the last portion was. */
  readonly items: number;
}

/**
 * Does work portion by portion, and gives what the last one left. `goOn` is given what the portion before has left, null for the
 * first. It must not change anything that is looked at outside of it, for it is done once, however often what is around it begins anew.
 */
export function portionByPortion<State>(goOn: (left: State | null) => Progress<State>): State {
  const attempt = current;
  if (attempt === null) {
    let last = goOn(null);
    while (!last.isDone) last = goOn(last.state);
    return last.state;
  }
  const number = attempt.next++;
  const before = attempt.done[number];
  const mark = watcher === null ? undefined : watcher(before?.mark);
  const kept = before ?? { progress: null, mark };
  attempt.done[number] = kept;
  let last = kept.progress as Progress<State> | null;
  while (last === null || !last.isDone) {
    if (attempt.spent >= mostBetweenPauses) throw new Pause();
    const spentBefore = attempt.spent;
    last = goOn(last === null ? null : last.state);
    // What is inside has been counted by itself, and is not done again.
    attempt.spent = Math.max(attempt.spent, spentBefore + last.items);
    // All that stands behind is of inside, also where it was left by an attempt before and was not needed in this one.
    attempt.done.length = number + 1;
    attempt.next = number + 1;
    kept.progress = last;
  }
  return last.state;
}

/** What a statement of so many characters is at least as much work as. */
export function itemsIn(characters: number): number {
  return characters >> 5;
}

/** As much as this is a row whose values are worked out, or for which a place is found. */
export const itemsOfRow = 16;

/** As much as this is a name that is looked up, with the type of what it stands in. */
export const itemsOfName = 8;

/** As much as this is a condition in which constants are folded. */
export const itemsOfCondition = 64;

/** As much as this is a look at what a statement of a function calls. */
export const itemsOfStatement = 16;

/** As much as this is a statement that is written. */
export const itemsOfWriting = 16;

/** As much as this is a name that is made up in the manner of others. */
export const itemsOfNaming = 512;

/** The list, whose members are so many items each, cut into portions; as it is where nobody goes on later. */
export function cutForPortions<Member>(list: readonly Member[], items: number): readonly (readonly Member[])[] {
  const most = Math.ceil(itemsOfPortion / items);
  if (current === null || list.length <= most) return [list];
  const cut: (readonly Member[])[] = [];
  for (let at = 0; at < list.length; at += most) cut.push(list.slice(at, at + most));
  return cut;
}
