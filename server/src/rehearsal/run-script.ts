/** Runs a script in a sandbox as its tool would, statement by statement, and says what each of them did. */

import { lockModes } from "../ddl/script.ts";
import { addAll } from "../text/long-lists.ts";
import type { TextRange } from "../text/range.ts";
import { beyondSandbox, missingRole } from "./beyond-sandbox.ts";
import { type HeldLocks, heldLocks, locksQuery, scanCounts, scansQuery } from "./observation.ts";
import { readState, type State } from "./observer.ts";
import type { RowCount, StatementReport, StatementResult, TakenLock } from "./report.ts";
import { clearTheWay, isAboutRows, type TakenRow } from "./rows-in-the-way.ts";
import { rowsOf, type Sandbox, type SandboxAnswer, type SandboxError } from "./sandbox.ts";

/** A statement of the script, and how its tool runs it. */
export interface RehearsalStatement {
  readonly sql: string;
  /** In the document. */
  readonly range: TextRange;
  /** Whether `sql` is what stands there, so that places in it are places in the document. */
  readonly isVerbatim: boolean;
  readonly title: string;
  /** Statements of one run share a session, and the transaction that the tool opens around them. */
  readonly run: number;
  readonly inBlock: boolean;
  /** Whether the tool goes on behind an error, as psql does. */
  readonly goesOn: boolean;
  readonly kind: "query" | "transaction" | "truncate" | "other";
  /** Why it is not run here; null where it is. */
  readonly skipped: string | null;
}

export interface ScriptRun {
  readonly reports: readonly StatementReport[];
  readonly state: State;
  /** Rows that were in the way of a statement, and were taken away for it. */
  readonly takenAway: readonly TakenRow[];
  /** Whether an error came. */
  readonly failed: boolean;
}

export interface ScriptRunOptions {
  readonly sandbox: Sandbox;
  readonly state: State;
  /** What was left out before; more is added. */
  readonly leftOut: string[];
  readonly progress: (done: number) => void;
  /** Told of each report as it is made: what is known when the sandbox ends in the middle. */
  readonly report: (report: StatementReport) => void;
}

type Draft = { -readonly [Member in keyof StatementReport]: StatementReport[Member] };

export async function runScript(
  statements: readonly RehearsalStatement[],
  options: ScriptRunOptions,
): Promise<ScriptRun> {
  const runner = createRunner(options);
  for (const [index, statement] of statements.entries()) {
    if (statement.run !== statements[index - 1]?.run) await runner.beginRun(statement);
    await runner.take(index, statement);
    if (statement.run !== statements[index + 1]?.run) await runner.endRun();
    options.progress(index + 1);
  }
  return runner.result();
}

const savepoint = "partition_lens_statement";
const mostExamples = 3;

function createRunner({ sandbox, leftOut, report, ...options }: ScriptRunOptions) {
  let state = options.state;
  const drafts: Draft[] = [];
  let transaction: "none" | "open" | "aborted" = "none";
  /** What there was when the transaction began: the rest nobody else sees. */
  let visible = state.relations;
  let beforeTransaction = state;
  let held: HeldLocks = new Map();
  /** Locks of the open transaction, of which is not known yet when they go. */
  let pending: { readonly draft: Draft; readonly id: string; readonly lock: TakenLock }[] = [];
  let stopped: string | null = null;
  let failed = false;
  let isToolsBlock = false;
  const takenAway: TakenRow[] = [];

  const command = async (sql: string): Promise<void> => void (await rowsOf(sandbox, sql));

  const opened = (): void => {
    transaction = "open";
    visible = state.relations;
    beforeTransaction = state;
    held = new Map();
  };
  /** The locks of the transaction go with this statement; null: with the transaction of the tool. */
  const released = (at: number | null, isGone: (id: string) => boolean): void => {
    for (const { draft, id, lock } of pending) {
      if (!isGone(id)) continue;
      draft.locks = (draft.locks ?? []).map((known) => (known === lock ? { ...lock, until: at } : known));
    }
    pending = pending.filter(({ id }) => !isGone(id));
  };
  const closed = (at: number | null): void => {
    released(at, () => true);
    transaction = "none";
    held = new Map();
  };
  const add = (draft: Draft): void => {
    drafts.push(draft);
    report(draft);
  };
  const fail = (draft: Draft, statement: RehearsalStatement, error: SandboxError, atCommit: boolean): void => {
    draft.result = refusal(error, statement, atCommit);
    failed = true;
    if (!statement.goesOn) stopped = `it stands behind the error in statement ${draft.index + 1}`;
  };

  /** Notes the locks that the session has now and had not before, on what others may see; gives what is locked for writing. */
  const newLocks = async (draft: Draft, before: HeldLocks, after: State): Promise<readonly string[]> => {
    const now = heldLocks(await rowsOf(sandbox, locksQuery));
    const ids = [...now].flatMap(([id, strength]) => (strength > (before.get(id) ?? -1) ? [id] : []));
    const taken = ids.flatMap((id) => {
      const relation = visible.get(id);
      const mode = lockModes[now.get(id) ?? 0];
      if (relation === undefined || relation.kind === "i" || mode === undefined) return [];
      const lock: TakenLock = { relation: (after.relations.get(id) ?? relation).name, mode, until: draft.index };
      pending.push({ draft, id, lock });
      return [lock];
    });
    draft.locks = [...taken].sort((a, b) => (a.relation < b.relation ? -1 : 1));
    held = now;
    return ids.filter((id) => (now.get(id) ?? 0) >= lockModes.indexOf("ROW EXCLUSIVE"));
  };

  /** A statement between BEGIN and COMMIT, whoever wrote these. */
  const measured = async (draft: Draft, statement: RehearsalStatement, own: boolean): Promise<SandboxAnswer> => {
    const before = held;
    const scansBefore = scanCounts(await rowsOf(sandbox, scansQuery));
    // Made tables are small, and read whole where a large one would not be: whoever has an index uses it.
    if (statement.kind === "query") await command("SELECT pg_catalog.set_config('enable_seqscan', 'off', true)");
    const answer = await sandbox.run(statement.sql);
    if (answer.kind === "refused") return answer;
    if (statement.kind === "query") await command("SELECT pg_catalog.set_config('enable_seqscan', 'on', true)");
    const scans = scanCounts(await rowsOf(sandbox, scansQuery));
    const locked = await newLocks(draft, before, state);
    const previous = state;
    state = await readState(sandbox, true, previous, held);
    compare(draft, statement, previous, state, locked);
    draft.readWhole = [...scans].flatMap(([id, count]) => {
      const relation = visible.get(id);
      return relation !== undefined && count > (scansBefore.get(id) ?? 0) ? [relation.name] : [];
    });
    // It builds the indexes of the empty table.
    if (statement.kind === "truncate") draft.readWhole = [];
    draft.affected = statement.kind === "query" ? answer.affected : null;
    if (own) draft.transaction = "own";
    return answer;
  };

  const inOwnTransaction = async (draft: Draft, statement: RehearsalStatement): Promise<void> => {
    await command("BEGIN");
    opened();
    const before = state;
    const answer = await measured(draft, statement, true);
    if (answer.kind === "refused") {
      await command("ROLLBACK");
      closed(draft.index);
      if (outsideOnly.has(answer.error.sqlstate)) return outside(draft, statement);
      await command("BEGIN");
      const isClear = await cleared(draft, statement, answer.error);
      await command(isClear ? "COMMIT" : "ROLLBACK");
      if (isClear) {
        state = await readState(sandbox, false, null, new Map());
        return inOwnTransaction(draft, statement);
      }
      return refused(draft, statement, answer.error, () => inOwnTransaction(draft, statement));
    }
    const commit = await sandbox.run("COMMIT");
    closed(draft.index);
    if (commit.kind === "done") return;
    state = before;
    fail(draft, statement, commit.error, true);
  };

  /** Whether rows were in the way of the statement, and are no more. Once: what is refused then is refused. */
  const cleared = async (draft: Draft, { sql }: RehearsalStatement, error: SandboxError): Promise<boolean> => {
    if (draft.inTheWay !== null || !isAboutRows(error)) return false;
    const rows = await clearTheWay(sandbox, sql, error, state.relations);
    if (rows === null) return false;
    addAll(takenAway, rows);
    const examples = rows.slice(0, mostExamples).map(({ row }) => JSON.stringify(row));
    draft.inTheWay = { sqlstate: error.sqlstate, message: error.message, rows: rows.length, examples };
    return true;
  };

  /** What runs only outside of transactions: its locks come and go with transactions of its own. */
  const outside = async (draft: Draft, statement: RehearsalStatement): Promise<void> => {
    draft.transaction = "outside";
    draft.locks = null;
    draft.readWhole = null;
    const answer = await sandbox.run(statement.sql);
    const previous = state;
    state = await readState(sandbox, false, null, new Map());
    compare(draft, statement, previous, state, []);
    if (answer.kind === "refused") await refused(draft, statement, answer.error, () => outside(draft, statement));
  };

  const inSharedTransaction = async (draft: Draft, statement: RehearsalStatement): Promise<void> => {
    await command(`SAVEPOINT ${savepoint}`);
    const answer = await measured(draft, statement, false);
    if (answer.kind === "done") return command(`RELEASE SAVEPOINT ${savepoint}`);
    const back = async (): Promise<void> => {
      await command(`ROLLBACK TO SAVEPOINT ${savepoint}`);
      await command(`RELEASE SAVEPOINT ${savepoint}`);
    };
    if (missingRole(answer.error) !== null || beyondSandbox(answer.error, { things: leftOut }) !== null) {
      await back();
      return refused(draft, statement, answer.error, () => inSharedTransaction(draft, statement));
    }
    if (isAboutRows(answer.error)) {
      await command(`ROLLBACK TO SAVEPOINT ${savepoint}`);
      if (await cleared(draft, statement, answer.error)) {
        await command(`RELEASE SAVEPOINT ${savepoint}`);
        held = heldLocks(await rowsOf(sandbox, locksQuery));
        state = await readState(sandbox, true, null, held);
        return inSharedTransaction(draft, statement);
      }
      // As it was: refused.
      await sandbox.run(statement.sql);
    }
    transaction = "aborted";
    fail(draft, statement, answer.error, false);
  };

  /** A refusal outside of shared transactions, or one that is undone there. */
  const refused = async (
    draft: Draft,
    statement: RehearsalStatement,
    error: SandboxError,
    again: () => Promise<void>,
  ): Promise<void> => {
    if (await madeRole(sandbox, error)) return again();
    const reason = beyondSandbox(error, { things: leftOut });
    if (reason === null) return fail(draft, statement, error, false);
    draft.result = { kind: "not-rehearsed", reason };
    leftOut.push(statement.title);
  };

  /** BEGIN, COMMIT, SAVEPOINT and their like do what they do. */
  const control = async (draft: Draft, statement: RehearsalStatement): Promise<void> => {
    const was = transaction;
    const answer = await sandbox.run(statement.sql);
    if (answer.kind === "refused") fail(draft, statement, answer.error, was !== "none");
    const now = await transactionState(sandbox);
    if (was === "none" && now === "open") opened();
    else if (was !== "none" && now === "none") closed(draft.index);
    transaction = now;
    if (now === "aborted" || (was === "none" && now === "open")) return;
    const previous = now === "none" ? beforeTransaction : state;
    const current = await readState(sandbox, now === "open", null, held);
    if (now === "open") {
      held = heldLocks(await rowsOf(sandbox, locksQuery));
      released(draft.index, (id) => !held.has(id));
    } else if (answer.kind === "done" && !sameRows(state, current)) compare(draft, statement, previous, current, []);
    state = current;
  };

  return {
    beginRun: async ({ inBlock }: RehearsalStatement): Promise<void> => {
      isToolsBlock = stopped === null && inBlock;
      if (!isToolsBlock) return;
      await command("BEGIN");
      opened();
    },
    take: async (index: number, statement: RehearsalStatement): Promise<void> => {
      const draft: Draft = {
        index,
        range: statement.range,
        title: statement.title,
        result: { kind: "ran" },
        transaction: transaction === "none" ? "own" : "shared",
        locks: [],
        rewritten: [],
        readWhole: [],
        rows: [],
        affected: null,
        inTheWay: null,
      };
      add(draft);
      if (stopped !== null) draft.result = { kind: "not-run", reason: stopped };
      else if (statement.skipped !== null) {
        draft.result = { kind: "not-rehearsed", reason: statement.skipped };
        // Nothing rests on how transactions see each other.
        if (statement.kind !== "transaction") leftOut.push(statement.title);
      } else if (statement.kind === "transaction") await control(draft, statement);
      else if (transaction === "aborted") {
        draft.result = { kind: "not-run", reason: "the transaction is aborted" };
      } else if (transaction === "open") await inSharedTransaction(draft, statement);
      else if (blockOnly.test(statement.sql)) await outside(draft, statement);
      else await inOwnTransaction(draft, statement);
    },
    /** What the tool opened it commits; an open transaction of the script's own ends with its session. */
    endRun: async (): Promise<void> => {
      const last = drafts.at(-1);
      if (transaction !== "none") {
        const commits = transaction === "open" && stopped === null && isToolsBlock;
        const answer = await sandbox.run(commits ? "COMMIT" : "ROLLBACK");
        closed(null);
        if (answer.kind === "refused" && last !== undefined) {
          last.result = refusal(answer.error, { range: last.range, isVerbatim: false, sql: "" }, true);
          failed = true;
          stopped = "it stands behind an error";
        }
        state = await readState(sandbox, false, null, held);
      }
    },
    result: (): ScriptRun => ({ reports: drafts, state, takenAway, failed }),
  };
}

/** What is refused, or does nothing, outside of transaction blocks: no BEGIN of ours may hide that. */
const blockOnly = /^\s*(?:lock|declare|set\s+local)\b/i;

/** `active_sql_transaction`, and `invalid_transaction_termination` of blocks that commit. */
const outsideOnly: ReadonlySet<string> = new Set(["25001", "2D000"]);

/** Whether the role was missing that the statement names, and now is there: roles belong to servers, not to scripts. */
export async function madeRole(sandbox: Sandbox, error: SandboxError): Promise<boolean> {
  const role = missingRole(error);
  if (role === null) return false;
  const made = await sandbox.run(`CREATE ROLE "${role.replaceAll('"', '""')}"`);
  return made.kind === "done";
}

/** Told by what PostgreSQL says to a savepoint. */
async function transactionState(sandbox: Sandbox): Promise<"none" | "open" | "aborted"> {
  const answer = await sandbox.run("SAVEPOINT partition_lens_probe");
  if (answer.kind === "refused") return answer.error.sqlstate === "25P02" ? "aborted" : "none";
  await rowsOf(sandbox, "RELEASE SAVEPOINT partition_lens_probe");
  return "open";
}

/** What the statement changed, by two readings. */
function compare(
  draft: Draft,
  { kind }: RehearsalStatement,
  before: State,
  after: State,
  locked: readonly string[],
): void {
  const rewritten = [...after.relations.values()].filter(({ id, file }) => {
    const old = before.relations.get(id);
    return kind !== "truncate" && old !== undefined && file !== "0" && old.file !== file;
  });
  const tables = new Set(rewritten.filter(({ table }) => table === null).map(({ id }) => id));
  draft.rewritten = rewritten.filter(({ table }) => table === null || !tables.has(table)).map(({ name }) => name);
  const rows: RowCount[] = [];
  for (const [id, was] of before.rows) {
    const now = after.rows.get(id);
    const name = before.relations.get(id)?.name ?? id;
    if (now === undefined) {
      // A table that became a partition has its rows there; one that is gone has lost them here.
      if (was.count > 0) rows.push({ relation: name, before: was.count, after: 0, same: false });
      continue;
    }
    const same = was.checksum !== null && was.checksum === now.checksum && was.count === now.count;
    if (!same || locked.includes(id)) rows.push({ relation: name, before: was.count, after: now.count, same });
  }
  for (const [id, now] of after.rows)
    if (!before.rows.has(id) && now.count > 0)
      rows.push({ relation: after.relations.get(id)?.name ?? id, before: 0, after: now.count, same: false });
  draft.rows = rows;
}

function sameRows(a: State, b: State): boolean {
  return (
    a.rows.size === b.rows.size &&
    [...a.rows].every(([id, { count, checksum }]) => {
      const other = b.rows.get(id);
      return other?.count === count && other.checksum === checksum;
    })
  );
}

function refusal(
  error: SandboxError,
  { range, isVerbatim, sql }: Pick<RehearsalStatement, "range" | "isVerbatim" | "sql">,
  atCommit: boolean,
): StatementResult {
  const { sqlstate, message, detail, hint, position } = error;
  const at = position === null || !isVerbatim ? null : range.start + utf16Offset(sql, position - 1);
  return { kind: "refused", sqlstate, message, detail, hint, at, atCommit };
}

/** From code points to UTF-16 code units. */
function utf16Offset(text: string, codePoints: number): number {
  let offset = 0;
  for (let point = 0; point < codePoints && offset < text.length; point++)
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return offset;
}
