/** Reads long statements in a thread of its own, one after the other, so that nobody waits for PostgreSQL's parser. */

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { ReadUnitElsewhere, UnitRead, UnitToRead } from "../syntax/units.ts";
import type { Waiting } from "../text/turns.ts";
import type { LongStatementReply, LongStatementRequest } from "./long-statement-protocol.ts";
import { createJoiner, type ValuePart } from "./value-parts.ts";

export interface LongStatementsOptions {
  /** Path or URL of the thread's script; null where it is missing. */
  readonly worker: string | URL | null;
  /** How long one statement may take before its thread is ended. */
  readonly timeoutMilliseconds: number;
  /** After this time without a statement the thread is ended, and its memory given back. */
  readonly idleCloseMilliseconds: number;
  readonly log: (line: string) => void;
  readonly onBug: (what: string, error: unknown) => void;
}

export interface LongStatements {
  readonly read: ReadUnitElsewhere;
  readonly close: () => Promise<void>;
}

/** One unit that somebody waits for. */
interface Job {
  readonly unit: UnitToRead;
  /** Done, or nobody waits for it any more. */
  readonly settled: Waiting;
  readonly settle: (outcome: Outcome) => void;
  outcome: Outcome | null;
}

/** Where the parts of what was read are, why nothing was understood, or that there is no thread. */
type Outcome = { readonly parts: MessagePort } | { readonly unread: string } | "no thread";

/** The thread may take so much for the syntax tree of the longest statement. */
const mostMegabytes = 1_000;

/** After so many starts that took too long none is tried again. */
const mostSlowStarts = 3;

/** Nothing is started before the first long statement. Where there is no thread that is said once, and they are left to whoever asks. */
export function createLongStatements(options: LongStatementsOptions): LongStatements {
  const jobs: Job[] = [];
  let thread: { readonly worker: Worker; isReady: boolean; current: { job: Job; parts: MessagePort } | null } | null =
    null;
  let isMissing = false;
  let timer: NodeJS.Timeout | undefined;

  let slowStarts = 0;

  /** Those that wait are left to whoever asks; `isFinal` where the next ones will fare no better. */
  const giveUp = (why: string, isFinal: boolean): void => {
    isMissing = isFinal;
    options.log(`long statements are read in the server itself, which waits for them meanwhile: ${why}`);
    for (const job of jobs.splice(0)) job.settle("no thread");
  };

  /** The thread is gone, or is to be; what it was about is not understood. */
  const end = (why: string, isSlow = false): Promise<unknown> => {
    clearTimeout(timer);
    const ending = thread;
    thread = null;
    if (ending === null) return Promise.resolve();
    ending.current?.parts.close();
    ending.current?.job.settle({ unread: why });
    // A busy machine may have been the reason.
    if (!ending.isReady) giveUp("their thread does not start", !isSlow || ++slowStarts >= mostSlowStarts);
    else if (jobs.length > 0) goOn();
    return ending.worker.terminate();
  };

  const start = (script: string | URL): NonNullable<typeof thread> => {
    const worker = new Worker(script, {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
      // What it prints must not reach the standard output, where the server speaks its protocol.
      stdout: true,
      stderr: true,
    });
    worker.unref();
    const started = { worker, isReady: false, current: null };
    const isCurrent = (): boolean => thread?.worker === worker;
    worker.on("error", () => {
      if (isCurrent()) void end("the statement is too complex to be analysed");
    });
    worker.on("exit", () => {
      if (isCurrent()) void end("the statement is too complex to be analysed");
    });
    worker.on("message", (reply: LongStatementReply) => {
      if (isCurrent()) take(reply);
    });
    return started;
  };

  const take = (reply: LongStatementReply): void => {
    if (thread === null) return;
    if (reply.kind === "bug") {
      options.onBug(reply.what, Object.assign(new Error(), { stack: reply.stack }));
      return;
    }
    if (reply.kind === "ready") thread.isReady = true;
    const { current } = thread;
    if (reply.kind !== "ready" && current !== null) {
      thread.current = null;
      if (reply.kind === "unread") current.parts.close();
      current.job.settle(reply.kind === "read" ? { parts: current.parts } : { unread: reply.why });
    }
    goOn();
  };

  /** Sends the next statement that somebody waits for. */
  const goOn = (): void => {
    if (thread !== null && (!thread.isReady || thread.current !== null)) return;
    clearTimeout(timer);
    let job = jobs.shift();
    while (job !== undefined && job.outcome !== null) job = jobs.shift();
    if (job === undefined) {
      timer = setTimeout(() => void end(""), options.idleCloseMilliseconds);
      timer.unref();
      return;
    }
    if (thread === null) {
      jobs.unshift(job);
      if (isMissing || options.worker === null) {
        giveUp("the file of their thread is missing", true);
        return;
      }
      thread = start(options.worker);
      timer = setTimeout(() => void end("", true), options.timeoutMilliseconds);
      timer.unref();
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    thread.current = { job, parts: port1 };
    thread.worker.postMessage({ unit: job.unit, parts: port2 } satisfies LongStatementRequest, [port2]);
    timer = setTimeout(() => void end("the statement takes too long to be analysed"), options.timeoutMilliseconds);
    timer.unref();
  };

  const ask = (unit: UnitToRead): Job => {
    let resolve = (): void => {};
    const settled = new Promise<void>((resolved) => {
      resolve = resolved;
    });
    const settle = (outcome: Outcome): void => {
      // Whoever asked has gone: nobody would take the parts.
      if (job.outcome !== null && typeof outcome === "object" && "parts" in outcome) outcome.parts.close();
      job.outcome ??= outcome;
      resolve();
    };
    const job: Job = { unit, settled, settle, outcome: null };
    jobs.push(job);
    goOn();
    return job;
  };

  return {
    *read(unit) {
      if (isMissing) return null;
      const job = ask(unit);
      try {
        while (job.outcome === null) yield job.settled;
        const { outcome } = job;
        if (outcome === "no thread") return null;
        if ("unread" in outcome) return outcome;
        const join = createJoiner();
        for (;;) {
          const message = receiveMessageOnPort(outcome.parts);
          if (message === undefined) return { unread: "the statement cannot be read" };
          const joined = join(message.message as ValuePart);
          if (joined !== null) return joined.value as UnitRead;
          yield;
        }
      } finally {
        if (job.outcome !== null && typeof job.outcome === "object" && "parts" in job.outcome)
          job.outcome.parts.close();
        job.settle({ unread: "nobody waits for it" });
      }
    },
    close: async () => {
      clearTimeout(timer);
      const ending = thread;
      thread = null;
      const waiting = [...(ending?.current == null ? [] : [ending.current.job]), ...jobs.splice(0)];
      for (const job of waiting) job.settle({ unread: "the server ends" });
      await ending?.worker.terminate();
    },
  };
}
