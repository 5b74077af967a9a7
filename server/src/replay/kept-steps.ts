/** Steps of an earlier version of a file that hold in this one too. */

import type { Catalog } from "../catalog/catalog.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import { handleAt, type StatementHandle } from "../syntax/statement-handle.ts";
import { smallest } from "../text/long-lists.ts";
import { movedFollowed } from "./followed-step.ts";
import type { Learned } from "./learned.ts";
import { createRunWalk, type Run, sameRun } from "./runs.ts";
import type { StatementList } from "./statement-list.ts";
import type { Step } from "./step.ts";

/** What a replay is given, as far as it tells which steps are the same. */
interface Replayed {
  readonly list: StatementList;
  readonly start: Catalog;
  readonly previous: readonly Step[];
  readonly learned?: Learned | undefined;
  readonly previousLearned?: Learned | undefined;
  readonly runs?: readonly Run[] | undefined;
}

/** The steps before the first statement that is another one or stands elsewhere; a long script is not looked at again. */
export function sameBeginning(replayed: Replayed): Step[] {
  const { list, start, previous, learned, previousLearned, runs } = replayed;
  const [first] = previous;
  if (first?.before !== start || learned !== previousLearned) return [];
  let same = 0;
  const runOf = createRunWalk(runs ?? []);
  const end = smallest(seams.get(previous) ?? [], list.read.length);
  for (; same < end; same++) {
    const step = previous[same];
    if (step?.handle !== handleOf(list, same)) break;
    if (writtenOf(step) !== list.read[same] || !sameRun(step.run, runOf(same))) break;
  }
  return previous.slice(0, same);
}

/**
 * The steps so far, and behind them those of the earlier version from `rest` on, though they do not follow from these: only from
 * where they meet on is it to be found out what is other.
 */
export function withRest(steps: readonly Step[], previous: readonly Step[], rest: number): readonly Step[] {
  const all = steps.concat(previous.slice(rest));
  const further = [...(seams.get(previous) ?? [])]
    .filter((seam) => seam > rest)
    .map((seam) => seam - rest + steps.length);
  seams.set(all, new Set([steps.length, ...further]));
  return all;
}

/** The places in a list whose step does not follow from the one in front of it. */
const seams = new WeakMap<readonly Step[], ReadonlySet<number>>();

/** Whether the step at the place was made in another version than the one in front of it. */
export function isSeam(steps: readonly Step[], place: number): boolean {
  return seams.get(steps)?.has(place) === true;
}

/** What a statement of the file is called. */
export function handleOf({ handles }: Pick<StatementList, "handles">, index: number): StatementHandle {
  return handles?.[index] ?? handleAt(index);
}

/** Tells where among the steps the one of a statement stands; -1 for none. `index` is where it is likely to be. */
export function createStepFinder(steps: readonly Step[]): (handle: StatementHandle, index: number) => number {
  let places: ReadonlyMap<StatementHandle, number> | null = null;
  /** How far the last one stood from where it was looked for: its neighbours stand as far. */
  let moved = 0;
  return (handle, index) => {
    if (steps[index]?.handle === handle) return index;
    if (steps[index + moved]?.handle === handle) return index + moved;
    places ??= new Map(steps.map((step, place) => [step.handle, place]));
    const found = places.get(handle) ?? -1;
    if (found >= 0) moved = found - index;
    return found;
  };
}

/** What is between the common beginning and end of two versions: from `first` to before `last`, and `lastBefore` in the earlier one. */
export function differing(
  earlier: readonly Step[],
  steps: readonly Step[],
): { readonly first: number; readonly last: number; readonly lastBefore: number } {
  let [first, last, lastBefore] = [0, steps.length, earlier.length];
  while (first < last && first < lastBefore && steps[first] === earlier[first]) first++;
  while (last > first && lastBefore > first && steps[last - 1] === earlier[lastBefore - 1]) {
    last--;
    lastBefore--;
  }
  return { first, last, lastBefore };
}

/** The statement as it stands in the text. */
export function writtenOf({ written, statement }: Step): ReadStatement {
  return written ?? statement;
}

/** The step of a statement that was read again, and has the same text. */
export function movedTo(step: Step, read: ReadStatement): Step {
  if (writtenOf(step) === read) return step;
  if (step.followed !== undefined) return movedFollowed(step.followed, read);
  if (step.written === undefined) return { ...step, statement: read };
  const { offset, length, tail } = read;
  return { ...step, statement: { ...step.statement, offset, length, tail }, written: read };
}
