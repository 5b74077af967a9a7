/** What one statement does to the state that it meets: one step of a replay. */

import { noting } from "../catalog/access.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { refuseOlderGrammar } from "../effects/older-grammar.ts";
import { type ApplyContext, applied, type Outcome, type PostgresVersion, withDeclined } from "../effects/outcome.ts";
import { withOpenedCursors } from "../effects/queries/cursors.ts";
import { withoutDroppedOnCommit } from "../effects/relations/dependencies.ts";
import { withSettingsInDoubt } from "../effects/relations/settings.ts";
import { taintAll, taintMentioned } from "../effects/taint.ts";
import { applyPlain } from "../schemes/apply-plain.ts";
import { anySetting } from "../syntax/session-changes.ts";
import type { PlacedStatement, PsqlCommand, ReadStatement, SetVariable } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { contained } from "../text/bug.ts";
import type { TextRange } from "../text/range.ts";
import { appliedAlreadyReason, isAppliedAlready } from "./applied-already.ts";
import { sessionBehind, withAssumption } from "./assumed-check.ts";
import { afterFailure, applyCommand, joinedReason, whyUnsent } from "./client.ts";
import { applyDoBlock, hostOf, type ScriptSource, withExtensions } from "./do-block.ts";
import { withPlaceholders } from "./flyway-placeholders.ts";
import { applyCallsOfOwn, applyGexec, withoutConfiguration } from "./function-calls.ts";
import { behindText, isOfText } from "./joined-text.ts";
import { applyLearned, type LearnedEffect } from "./learned.ts";
import { connect } from "./new-session.ts";
import { needsNoBegin } from "./psql-begin.ts";
import { withValues } from "./psql-variables.ts";
import type { SentStatement } from "./replaced-statement.ts";
import type { Run } from "./runs.ts";
import { withIdsLeftOut } from "./spare-ids.ts";
import { type Imagined, type ReplayState, type Standing, seeming } from "./state.ts";
import { readOf } from "./statement-list.ts";
import type { Step } from "./step.ts";
import { isUnknownStrategy, refuseSyntax } from "./syntax.ts";
import type { Warning } from "./transaction.ts";
import {
  afterDoubt,
  afterRefusal,
  afterUnshown,
  applyTransaction,
  autocommit,
  opened,
  refuseAborted,
  rolledBack,
  type Session,
  withoutLocalSettings,
} from "./transaction.ts";
export interface ReplayOptions {
  readonly version: PostgresVersion;
  /** As in the settings: `auto`, `readme`, `0.1` … `1.5`. */
  readonly pathmanVersion: string;
  /** As in the settings: `auto`, `4`, `5`. */
  readonly partmanVersion?: string | undefined;
  /** ISO date, or a moment with its time: see `ApplyContext`. */
  readonly today: string;
  /** Whether the statements tell what is there already, instead of being run: see `ApplyContext`. */
  readonly describes?: boolean | undefined;
}

/** A statement with all that is known of it besides the state that it meets. */
export interface Task {
  readonly file: string;
  readonly index: number;
  readonly handle: StatementHandle;
  readonly placed: PlacedStatement;
  /** The same wherever it stands. */
  readonly read: ReadStatement;
  readonly source: ScriptSource | null;
  readonly learned: LearnedEffect | null;
  /** What the file's first statement finds. */
  readonly start: Catalog;
  readonly run: Run;
  /** What psql makes of it. */
  readonly sent?: SentStatement | undefined;
  /** Whether it was there when those behind it got their ids, or comes between them: then they keep theirs. */
  readonly isBetween?: boolean | undefined;
}

/**
 * Runs the statement, and notes what it looks at. An exception costs the statement in which it comes up: what that does is not
 * known.
 */
export function takeNoted(task: Task, state: ReplayState, options: ReplayOptions): Step {
  const { result, reads } = noting(() => takeContained(task, state, options));
  return { ...result, reads };
}

function takeContained(task: Task, state: ReplayState, options: ReplayOptions): Step {
  return contained(
    "the replay of a statement",
    task.source?.reading.onBug,
    () => behindText(takeStep(task, state, options), task.placed, state),
    () => {
      const met = seeming(state);
      const result = plain(applied(taintAll(met.catalog), bugReason), met.session);
      const standing = standingAfter(met.catalog, result);
      const { imagined } = state;
      const behind = imagined === null ? { real: standing } : { imagined: { ...imagined, ...standing } };
      return stepOf(task, met, result, { ...state, ...behind });
    },
  );
}

const bugReason = "an exception in Partition Lens ended the replay of the statement";

function takeStep(task: Task, state: ReplayState, options: ReplayOptions): Step {
  const { placed, source, start } = task;
  const { statement } = placed;
  const unrun = whyUnrun(task, state);
  if (statement.kind === "psql") return takeCommand(task, statement, state);
  if (unrun !== null) return imagine(task, state, unrun, options);
  const { catalog, session } = state.real;
  if (statement.kind === "connect") {
    const result = plain(connect(statement, catalog, session, start), autocommit);
    return stepOf(task, state.real, result, { ...state, real: standingAfter(catalog, result), imagined: null });
  }
  const written = source?.text.slice(placed.start, placed.end);
  const { sent, isKnown } = sentBy(task, state, written);
  const met = { catalog, session: sessionFor(written, task, state) };
  const asMet = isKnown ? task : { ...task, placed: { ...placed, masked: true } };
  const asSent = apply(sent === null ? asMet : { ...task, sent }, met, options);
  const result = withAssumption({ ...asSent, session: sessionBehind(asSent, met.session, state.client) }, catalog);
  return { ...stepOf(task, met, result, behindStatement(state, met, result)), ...writtenAndSent(task, sent) };
}

/** What the program makes of the statement, null where it sends it as it stands; `isKnown` false where that cannot be told. */
function sentBy(
  { placed, source, run }: Task,
  { client }: ReplayState,
  written: string | undefined,
): { readonly sent: SentStatement | null; readonly isKnown: boolean } {
  if (source === null || written === undefined) return { sent: null, isKnown: true };
  if (run.placeholders !== undefined) return withPlaceholders(placed, written, run.placeholders, source.reading);
  return { sent: placed.masked ? withValues(placed, written, client.variables, source.reading) : null, isKnown: true };
}

/** Why PostgreSQL does not run the statement; null where it does. */
function whyUnrun({ placed, index, run }: Task, { client }: ReplayState): string | null {
  if (run.isElsewhere === true) return elsewhereReason;
  if (placed.swallowed) return swallowedReason;
  if (client.stopped === null && run.refusedAt !== null && index < run.refusedAt) return refusedReason;
  return whyUnsent(client);
}

/** What a statement leaves that was sent. */
function behindStatement({ imagined, client }: ReplayState, met: Standing, result: Result): ReplayState {
  const real = standingAfter(met.catalog, result);
  if (result.outcome.kind === "applied") {
    const isUndoable = client.rollsBackToStatement && met.session.kind === "open" && real.session.kind === "open";
    // Where only this statement is undone if it fails, the others are not in doubt with it.
    const isInDoubtAlone =
      isUndoable && !met.session.inDoubt && real.session.inDoubt && result.outcome.declined.length > 0;
    return { real: isInDoubtAlone ? { catalog: real.catalog, session: met.session } : real, imagined: null, client };
  }
  if (client.rollsBackToStatement && met.session.kind === "open") return { real: met, imagined, client };
  const after = afterFailure(client);
  if (after.stopped === null) return { real, imagined, client };
  // The connection is closed, and what was not committed is gone.
  const standing = { catalog: rolledBack(met), session: autocommit };
  return { real: standing, imagined: imagined ?? imaginedFrom(met, true), client: after };
}

/** Without AUTOCOMMIT psql begins a transaction of its own accord, and statements sent as one text share one. */
function sessionFor(text: string | undefined, { placed, run }: Task, { real, client }: ReplayState): Session {
  const { catalog, session } = real;
  const sharesText = run.transaction === "text" || (client.autocommit && isOfText(placed, client));
  if (sharesText && session.kind === "autocommit") return opened(catalog, true);
  if (client.autocommit || session.kind !== "autocommit" || needsNoBegin(text ?? "")) return session;
  return opened(catalog);
}

function takeCommand(task: Task, statement: PsqlCommand, state: ReplayState): Step {
  if (task.placed.swallowed) return stepOf(task, seeming(state), nothing(seeming(state)), state);
  const { client, doubt } = applyCommand(statement, state.client);
  if (statement.command === "rows" && whyUnsent(client) === null) {
    const { catalog, session } = state.real;
    const result = plain(applied({ ...catalog, rowsUnfollowed: true }), session);
    return stepOf(task, state.real, result, { ...state, real: standingAfter(catalog, result), client });
  }
  if (doubt === null) return stepOf(task, seeming(state), nothing(seeming(state)), { ...state, client });
  const { catalog, session } = state.real;
  const tainted = taintAll(catalog);
  // What a file sets holds behind it.
  const after = statement.command === "include" ? withSettingsInDoubt(tainted, [anySetting]) : tainted;
  const result = plain(applied(after, doubt), session);
  return stepOf(task, state.real, result, { real: standingAfter(catalog, result), imagined: null, client });
}

function nothing({ catalog, session }: Standing): Result {
  return { outcome: applied(catalog), session, warning: null };
}

const elsewhereReason = "it is for another database";
const swallowedReason = "it stands inside a statement that PostgreSQL refuses whole";
const refusedReason = "it is sent together with a statement that the grammar refuses";
const unrunByError: ReadonlySet<string> = new Set([swallowedReason, refusedReason, joinedReason]);

/** What a statement would do that nobody runs; that it would be refused is no matter. */
function imagine(task: Task, state: ReplayState, reason: string, options: ReplayOptions): Step {
  const met = seeming(state);
  const result = apply(task, met, options);
  const { outcome } = result;
  const standing = outcome.kind === "rejected" ? met : standingAfter(met.catalog, result);
  const afterError = unrunByError.has(reason) || state.client.stopped?.isFailure === true;
  const imagined = imaginedFrom(standing, afterError);
  const unrun: Result = { outcome: applied(imagined.catalog, reason), session: imagined.session, warning: null };
  return stepOf(task, met, unrun, { ...state, real: withoutIdsOf(imagined.catalog, state.real), imagined });
}

function imaginedFrom({ catalog, session }: Standing, afterError: boolean): Imagined {
  return { catalog, session, afterError };
}

/** What is imagined stands in steps: nothing that there is gets its ids. */
function withoutIdsOf({ nextId }: Catalog, real: Standing): Standing {
  return nextId <= real.catalog.nextId ? real : { session: real.session, catalog: { ...real.catalog, nextId } };
}

function standingAfter(before: Catalog, { outcome, session }: Result): Standing {
  return { catalog: outcome.kind === "applied" ? outcome.catalog : before, session };
}

function stepOf({ file, handle, read, learned, run }: Task, met: Standing, result: Result, behind: ReplayState): Step {
  const { outcome, session, warning } = result;
  return {
    file,
    handle,
    statement: read,
    before: met.catalog,
    after: outcome.kind === "applied" ? outcome.catalog : met.catalog,
    behind,
    run,
    rejection: outcome.kind === "rejected" ? outcome.rejection : null,
    warning,
    transaction: { state: met.session.kind, session },
    declined: outcome.kind === "applied" ? outcome.declined : [],
    ...(learned === null ? {} : { learned }),
  };
}

function writtenAndSent({ read }: Task, sent: SentStatement | null): Partial<Step> {
  return sent === null ? {} : { statement: readOf(sent.placed, read.offset), written: read, sent: sent.sql };
}

interface Result {
  readonly outcome: Outcome;
  readonly session: Session;
  readonly warning: Warning | null;
}

function apply(task: Task, met: Standing, options: ReplayOptions): Result {
  const result = withIds(withRowsOf(task, applySent(task, met, options)), task, met);
  const { outcome, session } = result;
  if (outcome.kind === "applied") return { ...result, session: afterUnshown(session, met.catalog, outcome.catalog) };
  if (outcome.rejection.sqlstate !== "25P01") return result;
  const isUnknown = task.run.transaction === "unknown" || (options.version === 10 && met.session.kind === "open");
  return isUnknown ? plain(applied(met.catalog, transactionReason), met.session) : result;
}

/** What a statement with placeholders writes may go anywhere. */
function withRowsOf({ placed, sent }: Task, result: Result): Result {
  const { outcome } = result;
  const { statement } = placed;
  const onlyReads = statement.kind === "query" && statement.query.kind === "select";
  if (!placed.masked || sent != null || onlyReads || outcome.kind === "rejected") return result;
  return { ...result, outcome: { ...outcome, catalog: { ...outcome.catalog, rowsUnfollowed: true } } };
}

const transactionReason = "whether it is run inside a transaction is not known";

function withIds(result: Result, { isBetween }: Task, { catalog }: Standing): Result {
  const { outcome } = result;
  if (isBetween === true || outcome.kind === "rejected" || outcome.catalog.nextId === catalog.nextId) return result;
  return { ...result, outcome: { ...outcome, catalog: withIdsLeftOut(catalog, outcome.catalog) } };
}

function applySent(task: Task, { catalog, session }: Standing, options: ReplayOptions): Result {
  const { source, learned, sent } = task;
  const placed = sent?.placed ?? task.placed;
  const context: ApplyContext = {
    ...options,
    file: task.file,
    statement: task.handle,
    inTransaction: session.kind !== "autocommit",
    inFunction: false,
    text: source?.text.slice(placed.start, placed.end),
  };
  const { statement } = placed;
  const isMasked = placed.masked && sent == null;
  const whole: TextRange = { start: 0, end: placed.end - placed.start };
  // PostgreSQL parses before it looks at the transaction.
  const olderGrammar = refuseOlderGrammar(statement, context);
  if (olderGrammar !== null) return plain(isMasked ? applyMasked(catalog, placed, context) : olderGrammar, session);
  const mayReadOtherwise = statement.kind === "invalid" || context.text?.includes("\\") === true;
  if (catalog.settings.backslashEscapes === true && mayReadOtherwise)
    return plain(applied(taintAll(catalog), backslashReason), session);
  if (statement.kind === "invalid") {
    if (session.kind === "aborted" && context.version <= 15 && isUnknownStrategy(statement))
      return refuseAborted(session, whole);
    const outcome = isMasked ? applied(catalog, maskedReason) : refuseSyntax(statement, catalog, context);
    return plain(outcome, session);
  }
  if (statement.kind === "transaction") return applyTransaction(statement, catalog, session, context.version, whole);
  if (session.kind === "aborted") return refuseAborted(session, whole);
  if (statement.kind === "set") return applySet(statement, placed, catalog, session, context);
  const known = learned === null ? null : applyLearned(catalog, placed, learned, context);
  if (known?.kind === "applied") return plain(known, session);
  const read =
    statement.kind === "do"
      ? applyDoBlock(withOpenedCursors(catalog), placed, statement, source, context)
      : applyWithCalls(catalog, placed, source, context);
  if (placed.gexec === true) return plain(runResult(task, catalog, context), session);
  const unfit = known === null ? [] : [`what it did where it was run is not followed: ${known.rejection.message}`];
  const outcome = withDeclined(read, unfit);
  // The names and values of a template are not those that will run.
  if (outcome.kind === "rejected" && isMasked) return plain(applyMasked(catalog, placed, context), session);
  if (outcome.kind === "rejected" && isAppliedAlready(outcome.rejection, statement, catalog))
    return plain(applied(catalog, appliedAlreadyReason), session);
  return plain(session.kind === "autocommit" ? committed(outcome, catalog) : outcome, session);
}

/** Calls of the script's own functions are followed where they can be; else what they may change is in doubt. */
function applyWithCalls(
  catalog: Catalog,
  placed: PlacedStatement,
  source: ScriptSource | null,
  context: ApplyContext,
): Outcome {
  const followed = applyCallsOfOwn(catalog, placed, source, context);
  if (followed === null) {
    const outcome = applyPlain(catalog, withoutConfiguration(catalog, placed), context);
    return source === null ? outcome : withExtensions(catalog, placed, outcome, hostOf(source, context, 0, context));
  }
  if (followed.kind === "applied") return followed;
  const outcome = applyPlain(catalog, placed, context);
  if (followed.kind === "rejected") {
    // Where the call alone tells what is refused, it names the place in the body too.
    const [own, inside] = [outcome.kind === "rejected" ? outcome.rejection : null, followed.rejection];
    const isSame = own?.rule === inside.rule && own.sqlstate === inside.sqlstate && own.message === inside.message;
    return isSame ? outcome : followed;
  }
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

const backslashReason = "what strings say under standard_conforming_strings = off is not followed";
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
  const outcome = applyPlain(catalog, placed, context);
  if (session.kind !== "autocommit" || outcome.kind === "rejected") return plain(outcome, session);
  const result = plain(committed(outcome, catalog), session);
  if (!statement.local) return result;
  const command = statement.name === "transaction_read_only" ? "SET TRANSACTION" : "SET LOCAL";
  const warning = { sqlstate: "25P01", message: `${command} can only be used in transaction blocks` };
  return { ...result, warning };
}
