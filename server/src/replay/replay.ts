/** The fold of statements over a catalog: one step for each, with what PostgreSQL would refuse. */

import type { Catalog } from "../catalog/catalog.ts";
import { applyStatement } from "../schemes/all.ts";
import { refuseOlderGrammar } from "../schemes/older-grammar.ts";
import { applied, withDeclined } from "../schemes/outcome.ts";
import { withoutDroppedOnCommit } from "../schemes/relations/dependencies.ts";
import type { ApplyContext, Outcome, PostgresVersion } from "../schemes/scheme.ts";
import { taintAll, taintMentioned } from "../schemes/taint.ts";
import type { PlacedStatement, SetVariable } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { appliedAlreadyReason, isAppliedAlready } from "./applied-already.ts";
import { applyDoBlock, type ScriptSource } from "./do-block.ts";
import { applyCallsOfOwn, applyGexec } from "./function-calls.ts";
import { applyLearned, type Learned, type LearnedEffect, mayBeLearned } from "./learned.ts";
import { connect } from "./new-session.ts";
import type { Step, Warning } from "./step.ts";
import { isUnknownStrategy, refuseSyntax } from "./syntax.ts";
import {
  afterDoubt,
  afterRefusal,
  applyTransaction,
  autocommit,
  refuseAborted,
  type Session,
  withoutLocalSettings,
} from "./transaction.ts";

export interface ReplayOptions {
  readonly version: PostgresVersion;
  /** As in the settings: `readme`, `0.1` … `1.5`. */
  readonly pathmanVersion: string;
  /** ISO date. */
  readonly today: string;
}

export interface ReplayInput {
  /** The world's id of the file. */
  readonly file: string;
  readonly statements: readonly PlacedStatement[];
  /** What the first statement finds. */
  readonly start: Catalog;
  readonly options: ReplayOptions;
  /** The steps of an earlier version of the file under the same options; what is the same at its beginning is kept. */
  readonly previous: readonly Step[];
  /** The text from which the statements were read. Without it, what a DO block does is not known. */
  readonly source?: ScriptSource | undefined;
  /** What DO blocks and the like did where they were run. */
  readonly learned?: Learned | undefined;
  /** What was known of that when `previous` was made. */
  readonly previousLearned?: Learned | undefined;
}

/** One step for each statement, in order. Never throws on what a script says. */
export function replay(input: ReplayInput): Step[] {
  return atOnce(replayInTurns(input));
}

/** To keep a step takes less time than to pause. */
const keptBetweenPauses = 16;

/**
 * The same, pausing after each statement, and now and then while steps are kept. Where the work is dropped, what the pause
 * gives is the `previous` of the next: the steps so far, and behind them the earlier ones as long as they follow from these.
 */
export function* replayInTurns(input: ReplayInput): Turns<Step[], () => readonly Step[]> {
  const { file, statements, options, previous } = input;
  const steps = sameBeginning(input);
  let catalog = finalCatalog(input.start, steps);
  let session: Session = steps.at(-1)?.transaction.session ?? autocommit;
  const first = steps.length;
  let reusing = true;
  // Earlier steps that knew other effects are not for whoever knows these.
  const knewTheSame = input.learned === input.previousLearned;
  const soFar = () => (reusing && knewTheSame ? steps.concat(previous.slice(steps.length)) : steps);
  for (const [offset, statement] of statements.slice(first).entries()) {
    const index = first + offset;
    const old: Step | undefined = reusing ? previous[index] : undefined;
    const learned = mayBeLearned(statement.statement) ? (input.learned?.effectOf(catalog, statement) ?? null) : null;
    const isKept =
      old !== undefined &&
      old.before === catalog &&
      isSameText(old.statement, statement) &&
      (old.learned ?? null) === learned;
    const step: Step = isKept
      ? movedTo(old, statement)
      : takeStep(
          { file, index, placed: statement, source: input.source ?? null, learned, start: input.start },
          catalog,
          session,
          options,
        );
    reusing = old !== undefined && step.after === old.after && step.transaction.session === old.transaction.session;
    steps.push(step);
    catalog = step.after;
    session = step.transaction.session;
    if (!isKept || index % keptBetweenPauses === 0) yield soFar;
  }
  return steps;
}

/** The steps before the first statement that is another one or stands elsewhere; a long script is not looked at again. */
function sameBeginning({ statements, start, previous, learned, previousLearned }: ReplayInput): Step[] {
  if (previous[0]?.before !== start || learned !== previousLearned) return [];
  let same = 0;
  while (same < statements.length && previous[same]?.statement === statements[same]) same++;
  return previous.slice(0, same);
}

/** The catalog after the last statement; what an open transaction has done counts. */
export function finalCatalog(start: Catalog, steps: readonly Step[]): Catalog {
  return steps.at(-1)?.after ?? start;
}

function isSameText(a: PlacedStatement, b: PlacedStatement): boolean {
  return a.hash === b.hash && a.masked === b.masked;
}

function movedTo(step: Step, statement: PlacedStatement): Step {
  return step.statement === statement ? step : { ...step, statement };
}

/** A statement with all that is known of it besides the state that it meets. */
interface Task {
  readonly file: string;
  readonly index: number;
  readonly placed: PlacedStatement;
  readonly source: ScriptSource | null;
  readonly learned: LearnedEffect | null;
  /** What the file's first statement finds. */
  readonly start: Catalog;
}

function takeStep(task: Task, before: Catalog, session: Session, options: ReplayOptions): Step {
  const { file, index, placed, learned } = task;
  const context: ApplyContext = {
    ...options,
    file,
    statement: index,
    inTransaction: session.kind !== "autocommit",
    inFunction: false,
    text: task.source?.text.slice(placed.start, placed.end),
  };
  const result = run(task, before, session, context);
  const { outcome } = result;
  return {
    file,
    index,
    statement: placed,
    before,
    after: outcome.kind === "applied" ? outcome.catalog : before,
    rejection: outcome.kind === "rejected" ? outcome.rejection : null,
    warning: result.warning,
    transaction: { state: session.kind, session: result.session },
    declined: outcome.kind === "applied" ? outcome.declined : [],
    ...(learned === null ? {} : { learned }),
  };
}

interface Result {
  readonly outcome: Outcome;
  readonly session: Session;
  readonly warning: Warning | null;
}

function run(task: Task, catalog: Catalog, session: Session, context: ApplyContext): Result {
  const { placed, source, learned } = task;
  const { statement } = placed;
  const whole: TextRange = { start: 0, end: placed.end - placed.start };
  // PostgreSQL parses before it looks at the transaction.
  const olderGrammar = refuseOlderGrammar(statement, context);
  if (olderGrammar !== null)
    return plain(placed.masked ? applyMasked(catalog, placed, context) : olderGrammar, session);
  if (statement.kind === "invalid") {
    if (session.kind === "aborted" && context.version <= 15 && isUnknownStrategy(statement))
      return refuseAborted(session, whole);
    const outcome = placed.masked ? applied(catalog, maskedReason) : refuseSyntax(statement, catalog, context);
    return plain(outcome, session);
  }
  if (statement.kind === "connect") return plain(connect(statement, catalog, session, task.start), autocommit);
  if (statement.kind === "psql") return plain(applied(taintAll(catalog), untoldReasons[statement.command]), session);
  if (statement.kind === "transaction") return applyTransaction(statement, catalog, session, context.version, whole);
  if (session.kind === "aborted") return refuseAborted(session, whole);
  if (statement.kind === "set") return applySet(statement, placed, catalog, session, context);
  const known = learned === null ? null : applyLearned(catalog, placed, learned, context);
  if (known?.kind === "applied") return plain(known, session);
  const read =
    statement.kind === "do"
      ? applyDoBlock(catalog, placed, statement, source, context)
      : applyWithCalls(catalog, placed, source, context);
  if (runsItsResult(task)) return plain(runResult(task, catalog, context), session);
  const unfit = known === null ? [] : [`what it did where it was run is not followed: ${known.rejection.message}`];
  const outcome = withDeclined(read, unfit);
  // The names and values of a template are not those that will run.
  if (outcome.kind === "rejected" && placed.masked) return plain(applyMasked(catalog, placed, context), session);
  if (outcome.kind === "rejected" && isAppliedAlready(outcome.rejection, statement, catalog))
    return plain(applied(catalog, appliedAlreadyReason), session);
  return plain(session.kind === "autocommit" ? committed(outcome, catalog) : outcome, session);
}

const untoldReasons = {
  include: "what the included file does is not known",
  branch: "whether the statements of a branch were run is not known",
} as const;

/** psql's `\gexec` runs what the rows of a query hold. */
function runsItsResult({ placed, source }: Task): boolean {
  return source !== null && /^\s*\\gexec\b/.test(source.text.slice(placed.end, placed.end + 20));
}

/** Calls of the script's own functions are followed where they can be; else what they may change is in doubt. */
function applyWithCalls(
  catalog: Catalog,
  placed: PlacedStatement,
  source: ScriptSource | null,
  context: ApplyContext,
): Outcome {
  const followed = applyCallsOfOwn(catalog, placed, source, context);
  if (followed === null) return applyStatement(catalog, placed, context);
  if (followed.kind !== "undecided") return followed;
  const outcome = applyStatement(catalog, placed, context);
  return withDeclined(outcome, [`the call is not followed: ${followed.reason}`]);
}

function runResult({ placed, source }: Task, catalog: Catalog, context: ApplyContext): Outcome {
  const followed = source === null ? null : applyGexec(catalog, placed, source, context);
  return followed ?? applied(taintMentioned(catalog, context.text ?? ""), gexecReason);
}

const gexecReason = "what \\gexec runs is not known";

/** A statement whose placeholders keep it from being followed: it may do anything to what it names. */
function applyMasked(catalog: Catalog, { statement }: PlacedStatement, { text }: ApplyContext): Outcome {
  if (statement.kind === "query") return applied(catalog, maskedReason);
  return applied(text === undefined ? taintAll(catalog) : taintMentioned(catalog, text), maskedReason);
}

/** Outside a transaction block each statement is a transaction of its own. */
function committed(outcome: Outcome, before: Catalog): Outcome {
  if (outcome.kind === "rejected") return outcome;
  const catalog = withoutLocalSettings(outcome.catalog);
  return { ...outcome, catalog: withoutDroppedOnCommit(catalog, before.nextId) };
}

const maskedReason = "the statement holds placeholders, whose values are not known";

function plain(outcome: Outcome, session: Session): Result {
  if (outcome.kind === "rejected") return { outcome, session: afterRefusal(session), warning: null };
  return { outcome, session: outcome.declined.length > 0 ? afterDoubt(session) : session, warning: null };
}

/** Outside a transaction block, what SET LOCAL sets ends with it. */
function applySet(
  statement: SetVariable,
  placed: PlacedStatement,
  catalog: Catalog,
  session: Session,
  context: ApplyContext,
): Result {
  const outcome = applyStatement(catalog, placed, context);
  if (session.kind !== "autocommit" || outcome.kind === "rejected") return plain(outcome, session);
  const result = plain(committed(outcome, catalog), session);
  if (!statement.local) return result;
  const command = statement.name === "transaction_read_only" ? "SET TRANSACTION" : "SET LOCAL";
  const warning = { sqlstate: "25P01", message: `${command} can only be used in transaction blocks` };
  return { ...result, warning };
}
