/** The embedded PostgreSQL as a planner: starts its worker when first asked, watches it, and keeps its schema in step with a script. */

import { Worker } from "node:worker_threads";
import type {
  PlanAnswer,
  PlannedTree,
  Planner,
  PlannerProblem,
  PlanRequest,
  SchemaStatement,
} from "../pruning/planner.ts";
import { cancelled } from "./connect.ts";
import type { ReadResult, Row } from "./connection.ts";
import { createDeadTexts } from "./dead-texts.ts";
import type { EmbeddedWorkerData, StatementFailure, WorkerReply, WorkerRequest } from "./embedded-protocol.ts";
import { ask, problemOfReply } from "./embedded-request.ts";
import type { LearnedRun, LearningQueries } from "./learning-queries.ts";
import { plannerSettings } from "./planner-settings.ts";
import { differentTree, doubtAbout, keyOf, leavesQuery } from "./schema-doubt.ts";

export interface EmbeddedOptions {
  /** Path or URL of the worker's script, and the files that it reads. */
  readonly worker: string | URL;
  readonly files: EmbeddedWorkerData;
  /** How long the start, one statement of the script, and one other request may take before the worker is ended. */
  readonly startTimeoutMilliseconds: number;
  readonly statementTimeoutMilliseconds: number;
  /** How long all statements that make a schema may take together: others wait for them. */
  readonly replayTimeoutMilliseconds: number;
  /** What took too long may do so because the machine was busy: after this time it is tried again. */
  readonly retryMilliseconds: number;
  /** After this time without a request the worker is ended and its 300 MB are given back; the next request starts it again. */
  readonly idleCloseMilliseconds: number;
  readonly log: (line: string) => void;
}

/** What a statement left behind. */
export interface LearnedBehind extends LearnedRun {
  /** Statements behind which it ran and that did not run themselves: by index, with PostgreSQL's message. */
  readonly failures: ReadonlyMap<number, string>;
}

export interface EmbeddedPostgres {
  /** A planner for queries that stand behind these statements. */
  after(statements: readonly SchemaStatement[]): Planner;
  /** Runs catalog queries in the schema that the statements make. */
  read(
    statements: readonly SchemaStatement[],
    queries: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadResult<readonly (readonly Row[])[]>>;
  /** Runs a DO block or a function call behind the statements, and says what it changed; its effects are undone. */
  learn(
    statements: readonly SchemaStatement[],
    sql: string,
    queries: LearningQueries,
    signal: AbortSignal,
  ): Promise<ReadResult<LearnedBehind>>;
  /** `server_version_num` of the running instance; null before its start and after its end. */
  serverVersion(): number | null;
  close(): Promise<void>;
}

export interface RunningInstance {
  readonly worker: Worker;
  readonly serverVersion: number;
  /** What the instance has applied, in order. */
  applied: readonly string[];
  failures: ReadonlyMap<number, StatementFailure>;
  /** By root, what the tables below it are called that hold rows: as far as it was asked behind `applied`. */
  readonly leaves: Map<string, readonly string[]>;
}

/** Nothing is started before the first request. Requests wait for each other. */
export function createEmbeddedPostgres(options: EmbeddedOptions): EmbeddedPostgres {
  let instance: RunningInstance | null = null;
  let startFailure: { readonly problem: PlannerProblem; readonly until: number } | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let idleTimer: NodeJS.Timeout | undefined;
  let nextId = 1;
  /** Texts that ended an instance, or did not end in time. They are not sent again, or not for a while. */
  const deadly = createDeadTexts(options.retryMilliseconds);
  /** The statements of a schema that took too long to make, and since when. */
  let tooLong: {
    readonly statements: readonly string[];
    readonly until: number;
    readonly problem: PlannerProblem;
  } | null = null;

  async function running(): Promise<ReadResult<RunningInstance>> {
    if (instance !== null) return { ok: true, value: instance };
    if (startFailure !== null && performance.now() < startFailure.until)
      return { ok: false, problem: startFailure.problem };
    const started = await startWorker(options);
    if (started.ok) {
      instance = started.value;
      const { worker } = started.value;
      worker.on("exit", () => {
        if (instance?.worker === worker) instance = null;
      });
      startFailure = null;
    } else {
      // A busy machine may have been the reason; a missing file stays missing.
      const isForNow = started.problem.kind === "timeout";
      const until = isForNow ? performance.now() + options.retryMilliseconds : Number.POSITIVE_INFINITY;
      startFailure = { problem: started.problem, until };
    }
    options.log(started.ok ? `embedded PostgreSQL ${started.value.serverVersion} started` : started.problem.message);
    return started;
  }

  async function end(): Promise<void> {
    clearTimeout(idleTimer);
    const ending = instance;
    instance = null;
    await ending?.worker.terminate();
  }

  /** Brings the instance to the state behind the statements; gives the failures among them by index. */
  async function synchronize(
    statements: readonly SchemaStatement[],
  ): Promise<ReadResult<{ readonly running: RunningInstance; readonly failures: ReadonlyMap<number, string> }>> {
    // One statement more is lost at each turn at most, and few scripts have several that end an instance.
    for (let round = 0; round < 5; round++) {
      const started = await running();
      if (!started.ok) return started;
      const current = started.value;
      const sent = statements.filter(({ sql }) => !deadly.has(sql));
      const wanted = sent.map(({ sql }) => sql);
      if (tooLong !== null && performance.now() < tooLong.until) {
        const { statements: slow, problem } = tooLong;
        if (commonPrefix(slow, wanted) === slow.length) return { ok: false, problem };
      }
      const keep = commonPrefix(current.applied, wanted);
      if (keep < wanted.length || keep < current.applied.length) {
        let done = 0;
        const reply = await ask(
          current.worker,
          { kind: "replay", id: nextId++, keep, statements: wanted.slice(keep) },
          options.statementTimeoutMilliseconds,
          (count) => {
            done = Math.max(done, count);
          },
          options.replayTimeoutMilliseconds,
        );
        if (reply.kind !== "replayed") {
          await end();
          const culprit = wanted[keep + done];
          const problem = problemOfReply(reply);
          if (reply.kind === "timeout" && reply.whole) {
            options.log(`embedded PostgreSQL ended: ${problem.message}`);
            const until = performance.now() + options.retryMilliseconds;
            // Not even its first statement may have been done; scripts that begin otherwise are not meant.
            tooLong = { statements: wanted.slice(0, Math.max(1, keep + done)), until, problem };
            return { ok: false, problem };
          }
          options.log(`embedded PostgreSQL ended: ${problem.message}`);
          if (culprit === undefined) return { ok: false, problem };
          deadly.set(culprit, problem);
          continue;
        }
        current.applied = wanted;
        current.leaves.clear();
        current.failures = new Map(reply.failures.map((failure) => [failure.index, failure]));
      }
      return { ok: true, value: { running: current, failures: failuresOf(statements, sent, current) } };
    }
    return {
      ok: false,
      problem: { kind: "died", message: "the embedded PostgreSQL ends again and again on this script" },
    };
  }

  function failuresOf(
    statements: readonly SchemaStatement[],
    sent: readonly SchemaStatement[],
    current: RunningInstance,
  ): ReadonlyMap<number, string> {
    const failures = new Map<number, string>();
    let position = 0;
    for (const [index, statement] of statements.entries()) {
      const problem = deadly.get(statement.sql);
      if (problem !== undefined) failures.set(index, problem.message);
      else {
        if (sent[position] !== statement) continue;
        const failure = current.failures.get(position++);
        if (failure !== undefined) failures.set(index, failure.message);
      }
    }
    return failures;
  }

  /** One request behind the statements; a text that ends the instance is not asked about again. */
  async function request(
    statements: readonly SchemaStatement[],
    sql: string,
    make: (id: number) => WorkerRequest,
    signal: AbortSignal,
  ): Promise<
    ReadResult<{
      readonly reply: WorkerReply;
      readonly failures: ReadonlyMap<number, string>;
      readonly serverVersion: number;
    }>
  > {
    if (signal.aborted) return { ok: false, problem: cancelled };
    const known = deadly.get(sql);
    if (known !== undefined) return { ok: false, problem: known };
    const synchronized = await synchronize(statements);
    if (!synchronized.ok) return synchronized;
    if (signal.aborted) return { ok: false, problem: cancelled };
    const { running: current, failures } = synchronized.value;
    const reply = await ask(current.worker, make(nextId++), options.statementTimeoutMilliseconds, () => {});
    if (reply.kind === "dead" || reply.kind === "timeout") {
      await end();
      const problem = problemOfReply(reply);
      if (sql !== "") deadly.set(sql, problem);
      options.log(`embedded PostgreSQL ended: ${problem.message}`);
      return { ok: false, problem };
    }
    if (reply.kind === "refused") return { ok: false, problem: problemOfReply(reply) };
    return { ok: true, value: { reply, failures, serverVersion: current.serverVersion } };
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(idleTimer);
    const result = turn.then(work);
    turn = result
      .catch(() => {})
      .then(() => {
        clearTimeout(idleTimer);
        idleTimer = setTimeout(() => void end(), options.idleCloseMilliseconds);
        idleTimer.unref();
      });
    return result;
  }

  async function explain(
    statements: readonly SchemaStatement[],
    plan: PlanRequest,
    signal: AbortSignal,
  ): Promise<PlanAnswer> {
    // Its clock is the machine's.
    if (plan.today !== undefined && plan.today !== new Date().toISOString().slice(0, 10))
      return {
        ok: false,
        problem: { kind: "rejected", message: `the embedded PostgreSQL's clock does not show ${plan.today}` },
      };
    const settings = plannerSettings(plan);
    const result = await request(
      statements,
      plan.sql,
      (id) => ({ kind: "explain", id, sql: plan.sql, execution: plan.execution ?? null, settings }),
      signal,
    );
    if (!result.ok) return result;
    const { reply, failures, serverVersion } = result.value;
    if (reply.kind !== "explained") return { ok: false, problem: problemOfReply(reply) };
    const doubt = doubtAbout(plan, statements, failures) ?? (await doubtAboutTrees(plan.trees ?? []));
    return doubt === null ? { ok: true, plan: reply.plan, serverVersion } : { ok: false, problem: doubt };
  }

  /** Whether a table has other partitions there than the files make: a call that does something else there, rows that are missing. */
  async function doubtAboutTrees(trees: readonly PlannedTree[]): Promise<PlannerProblem | null> {
    for (const tree of trees) {
      if (instance === null) return { kind: "died", message: "the embedded PostgreSQL has ended" };
      const { worker, leaves } = instance;
      const key = keyOf(tree.root);
      let found = leaves.get(key);
      if (found === undefined) {
        const query: WorkerRequest = { kind: "read", id: nextId++, queries: [leavesQuery(tree.root)] };
        const reply = await ask(worker, query, options.statementTimeoutMilliseconds, () => {});
        if (reply.kind === "dead" || reply.kind === "timeout") await end();
        if (reply.kind !== "rows") return problemOfReply(reply);
        found = (reply.results[0] ?? []).map((row) => String(row["name"]));
        leaves.set(key, found);
      }
      const different = differentTree(tree, found);
      if (different !== null) return different;
    }
    return null;
  }

  return {
    after: (statements) => ({
      source: "embedded",
      explain: (plan, signal) => inTurn(() => explain(statements, plan, signal)),
    }),
    read: (statements, queries, signal) =>
      inTurn(async () => {
        const result = await request(statements, "", (id) => ({ kind: "read", id, queries }), signal);
        if (!result.ok) return result;
        const { reply } = result.value;
        return reply.kind === "rows"
          ? { ok: true, value: reply.results }
          : { ok: false, problem: problemOfReply(reply) };
      }),
    learn: (statements, sql, queries, signal) =>
      inTurn(async () => {
        const result = await request(statements, sql, (id) => ({ kind: "learn", id, sql, queries }), signal);
        if (!result.ok) return result;
        const { reply, failures } = result.value;
        return reply.kind === "learned"
          ? { ok: true, value: { ...reply, failures } }
          : { ok: false, problem: problemOfReply(reply) };
      }),
    serverVersion: () => instance?.serverVersion ?? null,
    close: async () => {
      // What runs is not waited for: it may have no end.
      await end();
      await inTurn(async () => {
        startFailure = null;
        deadly.clear();
        await end();
      });
    },
  };
}

/** Starts a worker, and waits until its PostgreSQL is there. */
export function startWorker(
  options: Pick<EmbeddedOptions, "worker" | "files" | "startTimeoutMilliseconds">,
): Promise<ReadResult<RunningInstance>> {
  const worker = new Worker(options.worker, {
    workerData: options.files,
    // Deep expressions and recursion overflow the usual stack, and PGlite does not notice.
    resourceLimits: { stackSizeMb: 32 },
    execArgv: [],
    // What it prints must not reach the standard output, where a language server speaks its protocol.
    stdout: true,
    stderr: true,
  });
  worker.unref();
  // Its death is noticed by its exit; without a listener an error would end this process.
  worker.on("error", () => {});
  return new Promise((resolve) => {
    const fail = (message: string, kind: "unreachable" | "timeout" = "unreachable"): void => {
      clearTimeout(timer);
      void worker.terminate();
      resolve({ ok: false, problem: { kind, message: `the embedded PostgreSQL does not start: ${message}` } });
    };
    const timer = setTimeout(() => fail("it takes too long", "timeout"), options.startTimeoutMilliseconds);
    worker.once("error", (error: Error) => fail(error.message));
    worker.once("message", (reply: WorkerReply) => {
      if (reply.kind === "start-failed") return fail(reply.message);
      if (reply.kind !== "ready") return;
      clearTimeout(timer);
      resolve({
        ok: true,
        value: { worker, serverVersion: reply.serverVersion, applied: [], failures: new Map(), leaves: new Map() },
      });
    });
  });
}

function commonPrefix(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
