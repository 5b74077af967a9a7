/** Steps of an earlier version of a file that hold in this one too. */

import type { Catalog } from "../catalog/catalog.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import { handleAt, type StatementHandle } from "../syntax/statement-handle.ts";
import { commonEnds } from "../text/common-ends.ts";
import { movedFollowed } from "./followed-step.ts";
import type { Learned } from "./learned.ts";
import { createRunWalk, type Run, sameRun } from "./runs.ts";
import type { StatementList } from "./statement-list.ts";
import { type Step, writtenOf } from "./step.ts";
import type { StepBlock } from "./step-block.ts";
import { type StepList, StepListBuilder } from "./step-list.ts";
import { movedStored, StoredStep } from "./stored-step.ts";

/** What a replay is given, as far as it tells which steps are the same. */
interface Replayed {
  readonly list: StatementList;
  readonly start: Catalog;
  readonly learned?: Learned | undefined;
  readonly previousLearned?: Learned | undefined;
  readonly runs?: readonly Run[] | undefined;
}

/** The steps before the first statement that is another one or stands elsewhere; a long script is not looked at again. */
export function sameBeginning(
  { list, start, learned, previousLearned, runs }: Replayed,
  previous: StepList,
): StepListBuilder {
  const same = new StepListBuilder();
  if (previous.length === 0 || previous.at(0)?.before !== start || learned !== previousLearned) return same;
  const runOf = createRunWalk(runs ?? []);
  const aligned = alignedWith(previous, list);
  for (const [index, block] of previous.blocks.entries()) {
    const first = previous.starts[index] ?? 0;
    if (first !== same.length || previous.seams.has(first)) break;
    if (isKeptWhole(block, first, { list, aligned, runOf }, first)) {
      same.pushBlock(block);
      continue;
    }
    for (const [at, step] of block.steps.entries()) {
      const place = first + at;
      if (step.handle !== handleOf(list, place)) break;
      if (writtenOf(step) !== list.read.at(place) || !sameRun(step.run, runOf(place))) break;
      same.push(step);
    }
  }
  return same;
}

/** Which statements of a list are the very ones of earlier steps. */
export type Aligned = (place: number, length: number, index: number) => boolean;

/** Where it is known what the steps were made of, the lists are compared, and not all steps; null where it is not. */
export function alignedWith({ statements }: StepList, { read }: StatementList): Aligned | null {
  if (statements === null) return null;
  const { first, last } = commonEnds(statements, read);
  const moved = read.length - statements.length;
  return (place, length, index) =>
    place === index
      ? place + length <= first || (moved === 0 && place >= read.length - last)
      : index - place === moved && place >= statements.length - last;
}

/** The statements that a replay goes through, beside those of the version before. */
export interface NextStatements {
  readonly list: StatementList;
  readonly aligned: Aligned | null;
  readonly runOf: (index: number) => Run;
}

/** Whether the statements from `first` on are the very ones of the block at `place`, by the same names and in the same run. */
export function isKeptWhole(
  { base, length }: StepBlock,
  place: number,
  { list, aligned, runOf }: NextStatements,
  first: number,
): boolean {
  const isSame = (at: number): boolean => {
    const step = base.steps[at] as Step;
    return step.handle === handleOf(list, first + at) && writtenOf(step) === list.read.at(first + at);
  };
  if (aligned === null) {
    for (let at = 0; at < length; at++) if (!isSame(at)) return false;
  } else if (!aligned(place, length, first)) return false;
  // Statements that are counted are called by where they stand.
  if (list.handles === null && !isSame(0)) return false;
  const run = runOf(first);
  return runOf(first + length - 1) === run && base.summary.run !== null && sameRun(base.summary.run, run);
}

/** What a statement of the file is called. */
export function handleOf({ handles }: Pick<StatementList, "handles">, index: number): StatementHandle {
  return handles?.at(index) ?? handleAt(index);
}

/** The step of a statement that was read again, and has the same text. */
export function movedTo(step: Step, read: ReadStatement): Step {
  if (writtenOf(step) === read) return step;
  if (step.followed !== undefined) return movedFollowed(step.followed, read);
  if (step instanceof StoredStep) return movedStored(step, read);
  if (step.written === undefined) return { ...step, statement: read };
  const { offset, length, tail } = read;
  return { ...step, statement: { ...step.statement, offset, length, tail }, written: read };
}
