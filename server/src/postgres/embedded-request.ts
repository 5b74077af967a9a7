/** One request to the worker of the embedded PostgreSQL: sent, waited for within its time, and what its reply means. */

import type { Worker } from "node:worker_threads";
import type { PlannerProblem } from "../pruning/planner.ts";
import type { WorkerReply, WorkerRequest } from "./embedded-protocol.ts";
import { problemOf } from "./errors.ts";

/** `whole`: it was not one statement that took too long, but all of them together. */
export type Reply = WorkerReply | { readonly kind: "timeout"; readonly whole: boolean };

/** Sends a request and waits for its reply; each sign of progress gives it the time anew. Never rejects. */
export function ask(
  worker: Worker,
  request: WorkerRequest,
  timeoutMilliseconds: number,
  progress: (done: number) => void,
  wholeMilliseconds = Number.POSITIVE_INFINITY,
): Promise<Reply> {
  return new Promise((resolve) => {
    const end = performance.now() + wholeMilliseconds;
    let isLast = false;
    const arm = (): NodeJS.Timeout => {
      const left = end - performance.now();
      isLast = left < timeoutMilliseconds;
      return setTimeout(expire, Math.max(0, Math.min(left, timeoutMilliseconds)));
    };
    let timer = arm();
    const settle = (reply: Reply): void => {
      clearTimeout(timer);
      worker.off("message", receive);
      worker.off("error", fail);
      worker.off("exit", leave);
      resolve(reply);
    };
    function expire(): void {
      settle({ kind: "timeout", whole: isLast });
    }
    function receive(reply: WorkerReply): void {
      if (!("id" in reply) || reply.id !== request.id) return;
      if (reply.kind === "progress") {
        progress(reply.done);
        clearTimeout(timer);
        timer = arm();
      } else settle(reply);
    }
    function fail(error: Error): void {
      settle({ kind: "dead", id: request.id, message: error.message });
    }
    function leave(): void {
      settle({ kind: "dead", id: request.id, message: "the worker ended" });
    }
    worker.on("message", receive);
    worker.on("error", fail);
    worker.on("exit", leave);
    worker.postMessage(request);
  });
}

/** What is told of a reply that is no answer. */
export function problemOfReply(reply: Reply): PlannerProblem {
  switch (reply.kind) {
    case "refused":
      return problemOf(Object.assign(new Error(reply.message), { code: reply.sqlstate }), "running", []);
    case "timeout":
      return { kind: "timeout", message: "the embedded PostgreSQL did not answer in time and was ended" };
    case "dead":
      return { kind: "died", message: `the embedded PostgreSQL died: ${reply.message}` };
    default:
      return { kind: "died", message: `the embedded PostgreSQL answered out of turn: ${reply.kind}` };
  }
}
