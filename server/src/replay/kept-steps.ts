/** Steps of an earlier version of a file that hold in this one too. */

import type { Catalog } from "../catalog/catalog.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { handleAt, type StatementHandle } from "../syntax/statement-handle.ts";
import { smallest } from "../text/long-lists.ts";
import { movedFollowed } from "./followed-step.ts";
import type { Learned } from "./learned.ts";
import { createRunWalk, type Run, sameRun } from "./runs.ts";
import type { Step } from "./step.ts";

/** What a replay is given, as far as it tells which steps are the same. */
interface Replayed {
  readonly statements: readonly PlacedStatement[];
  readonly handles?: readonly StatementHandle[] | undefined;
  readonly start: Catalog;
  readonly previous: readonly Step[];
  readonly learned?: Learned | undefined;
  readonly previousLearned?: Learned | undefined;
  readonly runs?: readonly Run[] | undefined;
}

/** The steps before the first statement that is another one or stands elsewhere; a long script is not looked at again. */
export function sameBeginning(replayed: Replayed): Step[] {
  const { statements, start, previous, learned, previousLearned, runs } = replayed;
  const [first] = previous;
  if (first?.before !== start || learned !== previousLearned) return [];
  let same = 0;
  const runOf = createRunWalk(runs ?? []);
  const end = smallest(seams.get(previous) ?? [], statements.length);
  for (; same < end; same++) {
    const step = previous[same];
    if (step?.handle !== handleOf(replayed, same)) break;
    if (writtenOf(step) !== statements[same] || !sameRun(step.run, runOf(same))) break;
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
export function handleOf({ handles }: Pick<Replayed, "handles">, index: number): StatementHandle {
  return handles?.[index] ?? handleAt(index);
}

/** Tells where among the earlier steps the one of a statement stands; -1 for one that is new. */
export function createStepFinder(previous: readonly Step[]): (handle: StatementHandle, index: number) => number {
  let places: ReadonlyMap<StatementHandle, number> | null = null;
  return (handle, index) => {
    if (previous[index]?.handle === handle) return index;
    places ??= new Map(previous.map((step, place) => [step.handle, place]));
    return places.get(handle) ?? -1;
  };
}

/** The statement as it stands in the text. */
export function writtenOf({ written, statement }: Step): PlacedStatement {
  return written ?? statement;
}

/** The step of a statement that only stands elsewhere now. */
export function movedTo(step: Step, placed: PlacedStatement, index: number): Step {
  if (writtenOf(step) === placed && step.index === index) return step;
  if (step.followed !== undefined) return movedFollowed(step.followed, placed, index);
  if (step.written === undefined) return { ...step, index, statement: placed };
  const { start, end, terminatorEnd } = placed;
  return { ...step, index, statement: { ...step.statement, start, end, terminatorEnd }, written: placed };
}
