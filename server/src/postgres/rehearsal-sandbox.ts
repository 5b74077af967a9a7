/** The sandbox of a rehearsal: a worker of its own with an embedded PostgreSQL, ended when it takes too long or too much. */

import {
  type OpenSandbox,
  type Sandbox,
  type SandboxAnswer,
  type SandboxEnd,
  SandboxEndedError,
  type SandboxError,
} from "../rehearsal/sandbox.ts";
import { type EmbeddedOptions, type RunningInstance, startWorker } from "./embedded-planner.ts";
import type { WorkerReply, WorkerRequest } from "./embedded-protocol.ts";
import { ask } from "./embedded-request.ts";

export interface SandboxOptions
  extends Pick<EmbeddedOptions, "worker" | "files" | "startTimeoutMilliseconds" | "statementTimeoutMilliseconds"> {
  /** How long it may live. */
  readonly wholeMilliseconds: number;
  /** How much more memory this process may hold while a statement runs. */
  readonly memoryBytes: number;
  /** What this process holds now. */
  readonly usedBytes: () => number;
}

/** How often the memory is looked at. */
const memoryMilliseconds = 100;

/** Each sandbox is a PostgreSQL of its own, so that nothing of a rehearsal meets another, or the planner's schema. */
export function createSandboxes(options: SandboxOptions): OpenSandbox {
  return async (signal) => {
    if (signal.aborted) return { ok: false, problem: { message: "the rehearsal was cancelled" } };
    const started = await startWorker(options);
    if (!started.ok) return started;
    return { ok: true, value: sandboxOf(started.value, signal, options) };
  };
}

function sandboxOf({ worker, serverVersion }: RunningInstance, signal: AbortSignal, options: SandboxOptions): Sandbox {
  let ended: SandboxEndedError | null = null;
  let nextId = 1;
  const baseline = options.usedBytes();

  /** The worker computes synchronously: it can only be ended from outside. */
  const end = async (reason: SandboxEnd, message: string): Promise<void> => {
    ended ??= new SandboxEndedError(reason, message);
    await worker.terminate();
  };
  const whole = setTimeout(
    () => void end("timeout", `it takes longer than ${Math.round(options.wholeMilliseconds / 1000)} s altogether`),
    options.wholeMilliseconds,
  );
  const cancel = (): void => void end("cancelled", "the rehearsal was cancelled");
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();

  const request = async (make: (id: number) => WorkerRequest): Promise<WorkerReply> => {
    if (ended !== null) throw ended;
    const watch = setInterval(() => {
      if (options.usedBytes() - baseline > options.memoryBytes)
        void end("memory", `it takes more than ${Math.round(options.memoryBytes / 1_048_576)} MB`);
    }, memoryMilliseconds);
    const limit = options.statementTimeoutMilliseconds;
    const reply = await ask(worker, make(nextId++), limit, () => {}).finally(() => clearInterval(watch));
    if (ended !== null) throw ended;
    if (reply.kind === "timeout") await end("timeout", `it takes longer than ${Math.round(limit / 1000)} s`);
    else if (reply.kind === "dead") await end("died", `the embedded PostgreSQL ended: ${reply.message}`);
    else return reply;
    throw ended ?? new SandboxEndedError("died", "the embedded PostgreSQL ended");
  };

  return {
    serverVersion,
    run: async (sql): Promise<SandboxAnswer> => {
      const reply = await request((id) => ({ kind: "run", id, sql }));
      if (reply.kind === "ran") return { kind: "done", rows: reply.rows, affected: reply.affected };
      if (reply.kind === "failed") return { kind: "refused", error: reply.error };
      throw new SandboxEndedError("died", `the embedded PostgreSQL answered out of turn: ${reply.kind}`);
    },
    tryEach: async (statements): Promise<readonly (SandboxError | null)[]> => {
      if (statements.length === 0) return [];
      const reply = await request((id) => ({ kind: "try-each", id, statements }));
      if (reply.kind === "tried") return reply.errors;
      throw new SandboxEndedError("died", `the embedded PostgreSQL answered out of turn: ${reply.kind}`);
    },
    close: async () => {
      clearTimeout(whole);
      signal.removeEventListener("abort", cancel);
      ended ??= new SandboxEndedError("died", "the sandbox is closed");
      await worker.terminate();
    },
  };
}
