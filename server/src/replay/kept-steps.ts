/** Steps of an earlier version of a file that hold in this one too. */

import type { Catalog } from "../catalog/catalog.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { handleAt, type StatementHandle } from "../syntax/statement-handle.ts";
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
  for (; same < statements.length; same++) {
    const step = previous[same];
    if (step?.handle !== handleOf(replayed, same)) break;
    if (writtenOf(step) !== statements[same] || !sameRun(step.run, runOf(same))) break;
  }
  return previous.slice(0, same);
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

/** Whether both were read from the same text in the same way. */
export function isSameText(a: PlacedStatement, b: PlacedStatement): boolean {
  return a.hash === b.hash && a.masked === b.masked && a.swallowed === b.swallowed && a.joined === b.joined;
}

/** The step of a statement that only stands elsewhere now. */
export function movedTo(step: Step, placed: PlacedStatement, index: number): Step {
  if (writtenOf(step) === placed && step.index === index) return step;
  if (step.written === undefined) return { ...step, index, statement: placed };
  const { start, end, terminatorEnd } = placed;
  return { ...step, index, statement: { ...step.statement, start, end, terminatorEnd }, written: placed };
}
