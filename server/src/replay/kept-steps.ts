/** Steps of an earlier version of a file that hold in this one too. */

import type { Catalog } from "../catalog/catalog.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import type { Learned } from "./learned.ts";
import { createRunWalk, type Run, sameRun } from "./runs.ts";
import type { Step } from "./step.ts";

/** What a replay is given, as far as it tells which steps are the same. */
interface Replayed {
  readonly statements: readonly PlacedStatement[];
  readonly start: Catalog;
  readonly previous: readonly Step[];
  readonly learned?: Learned | undefined;
  readonly previousLearned?: Learned | undefined;
  readonly runs?: readonly Run[] | undefined;
}

/** The steps before the first statement that is another one or stands elsewhere; a long script is not looked at again. */
export function sameBeginning({ statements, start, previous, learned, previousLearned, runs }: Replayed): Step[] {
  const [first] = previous;
  if (first?.before !== start || learned !== previousLearned) return [];
  let same = 0;
  const runOf = createRunWalk(runs ?? []);
  for (; same < statements.length; same++) {
    const step = previous[same];
    if (step === undefined || writtenOf(step) !== statements[same] || !sameRun(step.run, runOf(same))) break;
  }
  return previous.slice(0, same);
}

/** The statement as it stands in the text. */
export function writtenOf({ written, statement }: Step): PlacedStatement {
  return written ?? statement;
}

/** Whether both were read from the same text in the same way. */
export function isSameText(a: PlacedStatement, b: PlacedStatement): boolean {
  return a.hash === b.hash && a.masked === b.masked && a.swallowed === b.swallowed;
}

/** The step of a statement that only stands elsewhere now. */
export function movedTo(step: Step, placed: PlacedStatement): Step {
  if (writtenOf(step) === placed) return step;
  if (step.written === undefined) return { ...step, statement: placed };
  const { start, end, terminatorEnd } = placed;
  return { ...step, statement: { ...step.statement, start, end, terminatorEnd }, written: placed };
}
