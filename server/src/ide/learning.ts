/** Which statements have to be run to know what they do, and what has been learned of them so far. */

import type { Catalog } from "../catalog/catalog.ts";
import { callsOf } from "../effects/queries/query-walk.ts";
import type { SchemaStatement } from "../pruning/planner.ts";
import type { LearnAnswer, Learned, LearnedEffect } from "../replay/learned.ts";
import { isRun, type Step } from "../replay/step.ts";
import { readsClock } from "../syntax/clock.ts";
import type { FunctionCall } from "../syntax/expression.ts";
import type { ReadStatement, Statement } from "../syntax/statement.ts";
import type { Turns } from "../text/turns.ts";
import { type ScriptPart, schemaUpTo } from "./schema-statements.ts";

/** A statement to be run behind others, to see what it does. */
export interface LearningTask {
  readonly step: Step;
  /** Which statement of its file it is, counted from 1. */
  readonly place: number;
  readonly sql: string;
  readonly before: readonly SchemaStatement[];
}

export interface LearnedStore {
  /** A new value after every `add` of an effect. */
  readonly current: () => Learned;
  /** `null` says that it cannot be learned. */
  readonly add: (before: Catalog, statement: ReadStatement, effect: LearnedEffect | null) => void;
  /** Whether the statement has been tried in front of this catalog. */
  readonly isTried: (before: Catalog, statement: ReadStatement) => boolean;
}

/** In front of one catalog: while somebody types a block, each version of it has an effect of its own. */
const mostTried = 200;

/** Forgets what was learned in front of a catalog when nobody holds that any more. */
export function createLearnedStore(): LearnedStore {
  const effects = new WeakMap<Catalog, Map<number, LearnedEffect | null>>();
  const view = (): Learned => ({ effectOf: (before, { hash }) => effects.get(before)?.get(hash) ?? null });
  let current = view();
  return {
    current: () => current,
    add: (before, { hash }, effect) => {
      const known = effects.get(before) ?? new Map<number, LearnedEffect | null>();
      const [oldest] = known.keys();
      if (known.size >= mostTried && oldest !== undefined) known.delete(oldest);
      effects.set(before, known.set(hash, effect));
      if (effect !== null) current = view();
    },
    isTried: (before, { hash }) => effects.get(before)?.has(hash) === true,
  };
}

export interface LearningOptions {
  readonly store: LearnedStore;
  /** The port to a PostgreSQL that may run anything. */
  readonly run: (task: LearningTask) => Promise<LearnAnswer>;
  /** How to look for what there is to learn while others wait. */
  readonly inTurns: <Result>(work: Turns<Result>) => Promise<Result>;
  /** Whether the day that the analysis takes for today is the clock's, so that a run gives what it expects. */
  readonly clockIsToday: boolean;
  /** Nobody wants to know any more. */
  readonly stopped: () => boolean;
  readonly log: (line: string) => void;
}

/**
 * Tries one statement of the parts after the other until one changes what is known: true then, and the parts have to be
 * replayed anew. false where there is nothing left to try.
 */
export async function learnNext(parts: readonly ScriptPart[], options: LearningOptions): Promise<boolean> {
  const { run, log } = options;
  // What was cancelled is left alone until somebody looks again: nobody knows yet what it does.
  const cancelled = new Set<ReadStatement>();
  const store = {
    ...options.store,
    isTried: (before: Catalog, statement: ReadStatement): boolean =>
      cancelled.has(statement) || options.store.isTried(before, statement),
  };
  for (;;) {
    const task = await options.inTurns(nextToLearn(parts, store, options.clockIsToday));
    if (options.stopped()) return false;
    if (task === null) {
      if (isSpent(parts, store) && !reported.has(options.store)) {
        reported.add(options.store);
        log(`more than ${mostRuns} statements do what only a run tells: what the later ones do is not known`);
      }
      return false;
    }
    const { step, before } = task;
    const answer: LearnAnswer =
      before.length > mostStatementsBefore
        ? { kind: "declined", reason: `it stands behind ${before.length} statements, which take too long to run` }
        : await run(task);
    if (options.stopped()) return false;
    const place = `statement ${task.place} of ${step.file}`;
    if (answer.kind === "learned") {
      store.add(step.before, step.statement, answer.effect);
      log(`${place} was run in the embedded PostgreSQL: ${answer.effect.statements.length} changes of the schema`);
      return true;
    }
    if (answer.cancelled === true) cancelled.add(step.statement);
    else store.add(step.before, step.statement, null);
    log(`what ${place} does is not known: ${answer.reason}`);
  }
}

/** The embedded PostgreSQL takes some milliseconds for each, and more the more partitions there are. */
const mostStatementsBefore = 2_000;

/** Of one chain so many statements are run to see what they do, on every machine; what the others do is not known. */
export const mostRuns = 100;

const reported = new WeakSet<LearnedStore>();

/** Whether so many have been run that the rest is left alone. */
function isSpent(parts: readonly ScriptPart[], store: Pick<LearnedStore, "isTried">): boolean {
  let runs = 0;
  for (const part of parts) {
    for (const step of mayBeLearned(part)) {
      if (step.learned !== undefined || store.isTried(step.before, step.statement)) runs += 1;
      if (runs >= mostRuns) return true;
    }
  }
  return false;
}

/** The steps of a part that a run may tell something of, or has: of a long file few, and no others are made. */
function mayBeLearned(part: ScriptPart): readonly Step[] {
  const found: Step[] = [];
  let at = 0;
  for (const { learned, declined } of part.facts()) {
    if (learned !== undefined || declined.length > 0) found.push(part.stepAt(at) as Step);
    at += 1;
  }
  return found;
}

/**
 * The first statement of the parts whose effect the replay could not tell and nobody has tried to learn; null where there is
 * none. `clockIsToday`: whether the day that the analysis takes for today is the clock's, so that a run gives what it expects.
 * Pauses after each statement.
 */
export function* nextToLearn(
  parts: readonly ScriptPart[],
  store: Pick<LearnedStore, "isTried">,
  clockIsToday: boolean,
): Turns<LearningTask | null> {
  let runs = 0;
  for (const [index, part] of parts.entries()) {
    let at = -1;
    for (const { learned, declined } of part.facts()) {
      yield;
      at += 1;
      if (learned === undefined && declined.length === 0) continue;
      const step = part.stepAt(at) as Step;
      const isTried = store.isTried(step.before, step.statement);
      if (step.learned !== undefined || isTried) runs += 1;
      if (runs >= mostRuns) return null;
      if (!wantsLearning(step) || isTried) continue;
      const sql = part.textOf(step);
      if (!clockIsToday && readsClock(sql)) continue;
      return { step, place: at + 1, sql, before: schemaUpTo(parts.slice(0, index + 1), step) };
    }
  }
  return null;
}

/** Whether the step does something that its text does not tell, and a run would show. */
export function wantsLearning(step: Step): boolean {
  const { statement, before, declined, rejection, transaction, learned } = step;
  if (declined.length === 0 || rejection !== null || learned !== undefined) return false;
  if (statement.masked || transaction.state === "aborted" || !isRun(step)) return false;
  if (statement.statement.kind === "do") return true;
  return callsIn(statement.statement).some((call) => isOwnFunction(before, call));
}

function callsIn(statement: Statement): readonly FunctionCall[] {
  if (statement.kind === "call-procedure") return statement.call.kind === "call" ? [statement.call] : [];
  if (statement.kind !== "query" || statement.wrapper !== "none" || statement.query.kind !== "select") return [];
  return statement.query.into === null ? callsOf(statement.query) : [];
}

/** A function that the script itself has created, and that may change the schema. */
function isOwnFunction({ functions }: Catalog, { name }: FunctionCall): boolean {
  const own = functions.get(name.at(-1) ?? "");
  return own !== undefined && own.volatility === "volatile" && own.changesSchema !== false;
}
