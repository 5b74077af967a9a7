/** The fold of statements over a catalog: one step for each, with what PostgreSQL would refuse. */

import type { Catalog } from "../catalog/catalog.ts";
import { isSameText } from "../syntax/document.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import { inPortions } from "../text/portions.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import type { ScriptSource } from "./do-block.ts";
import { createFollower, type Follower, withCatalog } from "./follow.ts";
import { alignedWith, handleOf, isKeptWhole, movedTo, type NextStatements, sameBeginning } from "./kept-steps.ts";
import { type Learned, mayBeLearned } from "./learned.ts";
import { beginRun, endOfRun, nextRun } from "./run-ends.ts";
import { createRunWalk, type Run, sameRun } from "./runs.ts";
import { type ReplayState, sameState, seeming, sourceOf } from "./state.ts";
import { type GivenStatements, listOf, type StatementList } from "./statement-list.ts";
import { type Step, sourceInFront, writtenOf } from "./step.ts";
import type { StepBlock } from "./step-block.ts";
import { noSteps, type StepList, type StepListBuilder, stepListOf, withRest } from "./step-list.ts";
import { type ReplayOptions, type Task, takeNoted } from "./take-step.ts";
import { withVersionsAhead } from "./versions-ahead.ts";

export type { ReplayOptions } from "./take-step.ts";

export interface ReplayInput {
  /** The world's id of the file. */
  readonly file: string;
  readonly statements: GivenStatements;
  /** What the first statement finds. */
  readonly start: Catalog;
  readonly options: ReplayOptions;
  /** The steps of an earlier version of the file under the same options; what is the same at its beginning is kept. */
  readonly previous: StepList | readonly Step[];
  /** The text from which the statements were read. Without it, what a DO block does is not known. */
  readonly source?: ScriptSource | undefined;
  /** What DO blocks and the like did where they were run. */
  readonly learned?: Learned | undefined;
  /** What was known of that when `previous` was made. */
  readonly previousLearned?: Learned | undefined;
  /** How the file is run; without it, as a script that is given to psql. */
  readonly runs?: readonly Run[] | undefined;
  /** Whether each statement finds the start, as queries do that a program sends at any time and in any order. */
  readonly independent?: boolean | undefined;
}

interface Input extends ReplayInput {
  readonly list: StatementList;
  readonly previous: StepList;
}

/** One step for each statement, in order. Never throws on what a script says. */
export function replay(input: ReplayInput): readonly Step[] {
  return atOnce(replayInTurns(input)).all();
}

/** To keep a step takes less time than to pause. */
const keptBetweenPauses = 16;

/**
 * The same, pausing after each statement, and now and then while steps are kept. Where the work is dropped, what the pause
 * gives is the `previous` of the next: the steps so far, and behind them the earlier ones as long as they follow from these.
 */
export function* replayInTurns(given: ReplayInput): Turns<StepList, () => StepList> {
  const list = listOf(given.statements);
  const start = withVersionsAhead(given.start, list.read, given.options);
  const previous = stepListOf(given.previous);
  const input: Input = { ...given, list, start, previous };
  const { file, options, previousLearned: earlier } = input;
  const steps = sameBeginning(input, previous);
  const runOf = createRunWalk(input.runs ?? []);
  const next: NextStatements = { list, aligned: alignedWith(previous, list), runOf };
  const beginning = beginRun(createRunWalk(input.runs ?? [])(0), input.start);
  const isFollowed = input.independent !== true && previous.length > 0;
  const follower = createFollower(
    isFollowed ? previous : noSteps,
    isFollowed ? stateBefore(previous, 0)?.real.session : undefined,
  );
  // Behind an edit in an earlier file of its chain this one begins at another catalog, of which it may look at nothing that is other.
  if (isFollowed && steps.length === 0 && beginsAlike(previous, list)) follower.begin(beginning, 0);
  /** The place of the earlier steps that follow from the last one of these. */
  let rest = steps.length;
  // Earlier steps that knew other effects are not for whoever knows these.
  const soFar = () => (input.learned === earlier ? withRest(steps.list(), previous, rest) : steps.list());
  while (steps.length < list.read.length) {
    const kept = keepOn(input, steps, rest, next);
    if (kept > rest) {
      follower.kept(steps.last as Step, kept - 1);
      rest = kept;
      yield soFar;
      continue;
    }
    const index = steps.length;
    const block = followNext(input, follower, index, rest, next);
    if (block !== null) {
      steps.pushBlock(block);
      rest += block.length;
      yield soFar;
      continue;
    }
    const read = list.read.at(index) as ReadStatement;
    const handle = handleOf(list, index);
    const place = previous.placeOf(handle, index);
    const old = previous.at(place);
    const run = runOf(index);
    const follow = () => (isLearned(input, steps, read) ? null : follower.follow(old, place, read, index, run));
    let followed = follow();
    if (followed !== null) {
      steps.push(followed);
      rest = place + 1;
      if (index % keptBetweenPauses === 0) yield soFar;
      continue;
    }
    const behind = steps.last?.behind ?? beginning;
    const isMetAgain = input.independent === true || sameState(behind, stateBefore(previous, place));
    const state = stateInFront(input, steps, run);
    const learned = mayBeLearned(read.statement)
      ? (input.learned?.effectOf(seeming(state).catalog, read) ?? null)
      : null;
    const isKept =
      old !== undefined &&
      isMetAgain &&
      sourceInFront(old) === sourceOf(seeming(state)) &&
      isSameText(writtenOf(old), read) &&
      (old.learned ?? null) === learned &&
      sameRun(old.run, run);
    // Statements in front of it are gone, or were not gone through to the end.
    const isText = old !== undefined && isSameText(writtenOf(old), read);
    if (!isKept && isText && follower.begin(state, place)) followed = follow();
    const source = input.source ?? null;
    let step = followed ?? (isKept ? movedTo(old, read) : null);
    if (step === null) {
      const placed = list.placedAt(index);
      const task: Task = { file, index, handle, placed, read, source, learned, start: input.start, run };
      const taking = take(follower, steps, task, state, options, old, place);
      let turn = taking.next();
      for (; turn.done !== true; turn = taking.next()) yield soFar;
      step = turn.value;
    }
    if (isKept) follower.kept(step, place);
    if (old === undefined) rest = sameState(step.behind, behind) || !follower.isLost() ? rest : previous.length;
    else rest = sameState(step.behind, old.behind) || !follower.isLost() ? place + 1 : previous.length;
    steps.push(step);
    if (!isKept || index % keptBetweenPauses === 0) yield soFar;
  }
  return steps.list(list.read);
}

/** Whether the first statement is that of the earlier steps. */
function beginsAlike(previous: StepList, list: StatementList): boolean {
  const [first, read] = [previous.at(0), list.read.at(0)];
  return first !== undefined && read !== undefined && isSameText(writtenOf(first), read);
}

/** So many are kept before others are looked after. */
const keptAtOnce = 8192;

/**
 * Keeps the earlier steps from `place` on as long as their statements are the same objects, if they follow from the last step; the
 * place behind them. The next statement of a run is not among them, for it may meet something else.
 */
function keepOn(
  { list, previous, learned, previousLearned, independent }: Input,
  steps: StepListBuilder,
  place: number,
  statements: NextStatements,
): number {
  const { next } = steps;
  const { runOf } = statements;
  if (next === undefined || place === 0 || independent === true || learned !== previousLearned) return place;
  const before = previous.sourceBehind(place - 1);
  if (before !== undefined && next !== before) return place;
  if (!sameState(steps.last?.behind ?? null, stateBefore(previous, place))) return place;
  let at = place;
  let blockIndex = previous.blockAt(at);
  while (at - place < keptAtOnce) {
    const index = steps.length;
    const block = previous.blocks[blockIndex];
    if (block === undefined || previous.seams.has(at)) break;
    const first = previous.starts[blockIndex] ?? 0;
    if (at === first && runOf(index).first !== index && isKeptWhole(block, at, statements, index)) {
      steps.pushBlock(block);
      at += block.length;
      blockIndex++;
      continue;
    }
    const old = block.steps[at - first];
    if (old === undefined || old.handle !== handleOf(list, index) || writtenOf(old) !== list.read.at(index)) break;
    const run = runOf(index);
    if (run.first === index || !sameRun(old.run, run)) break;
    steps.push(old);
    at++;
    if (at === first + block.length) blockIndex++;
  }
  return at;
}

/** The next steps as a block, where the earlier ones from `place` on are one and can be followed at once; else null. */
function followNext(
  { previous, learned, independent }: Input,
  follower: Follower,
  index: number,
  place: number,
  statements: NextStatements,
): StepBlock | null {
  if (independent === true) return null;
  const blockIndex = previous.blockAt(place);
  const block = previous.blocks[blockIndex];
  if (block === undefined || previous.starts[blockIndex] !== place) return null;
  const beginsLater = statements.runOf(index).first === index && (index > 0 || place > 0);
  if (beginsLater || !isKeptWhole(block, place, statements, index)) return null;
  // What was learned of a statement is asked with the catalog that it meets.
  if (learned !== undefined && block.base.summary.mayBeLearned) return null;
  return follower.followBlock(block, place);
}

/** Whether it is known what the statement did where it was run behind these steps. */
function isLearned({ learned }: ReplayInput, steps: StepListBuilder, read: ReadStatement): boolean {
  const behind = learned === undefined || !mayBeLearned(read.statement) ? undefined : steps.last?.behind;
  return behind !== undefined && learned?.effectOf(seeming(behind).catalog, read) != null;
}

/** Runs the statement beside the earlier steps; a long one pauses. */
function* take(
  follower: Follower,
  steps: StepListBuilder,
  task: Task,
  state: ReplayState,
  options: ReplayOptions,
  old: Step | undefined,
  place: number,
): Turns<Step> {
  const met = follower.met(state, old, place, steps);
  const asMet = { ...task, isBetween: follower.isBetween(old) };
  const step = yield* inPortions(() => takeNoted(asMet, met, options));
  const { behind } = step;
  // Nothing has changed: not even which ids come next.
  const same = behind.real.catalog === met.real.catalog ? withCatalog(step, state.real.catalog) : step;
  return follower.took(same, old, place, state);
}

/** Where the replay stood that made the steps, before it came to the one at `place`; null where there is no such step. */
function stateBefore(steps: StepList, place: number): ReplayState | null {
  const first = steps.at(0);
  if (place === 0 && first !== undefined) return beginRun(first.run, first.before);
  return place < 1 ? null : (steps.at(place - 1)?.behind ?? null);
}

/** The state in front of the next statement. */
function stateInFront({ start, independent }: Input, steps: StepListBuilder, run: Run): ReplayState {
  const { last } = steps;
  if (last === undefined || independent === true) return beginRun(run, start);
  return run.first === steps.length ? nextRun(run, last.run, last.behind, start) : last.behind;
}

/** What a script leaves in the database before anything of it is undone; what an open transaction has done counts. */
export function finalCatalog(start: Catalog, steps: StepList | readonly Step[]): Catalog {
  const last = lastForward(steps);
  if (last === undefined) return start;
  return endOfRun(last.run, last.behind.real).catalog;
}

/**
 * What it seems to leave: what stands behind an error is likely to run one day, what the script itself leaves out is not. Hints
 * may rest on it.
 */
export function shownCatalog(start: Catalog, steps: StepList | readonly Step[]): Catalog {
  const imagined = lastForward(steps)?.behind.imagined;
  return imagined?.afterError === true ? imagined.catalog : finalCatalog(start, steps);
}

/** The last step of what does not undo. */
function lastForward(given: StepList | readonly Step[]): Step | undefined {
  const steps = stepListOf(given);
  for (let place = steps.length - 1; place >= 0; place--)
    if (steps.factsAt(place)?.run.direction === "up") return steps.at(place);
  return undefined;
}
