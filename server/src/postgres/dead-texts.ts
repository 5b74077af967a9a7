/** Texts that ended the embedded PostgreSQL or did not end in time, so that they are not sent again, or not for a while. */

import type { PlannerProblem } from "../pruning/planner.ts";
import { hashText } from "../syntax/hash.ts";

export interface DeadTexts {
  readonly get: (sql: string) => PlannerProblem | undefined;
  readonly has: (sql: string) => boolean;
  readonly set: (sql: string, problem: PlannerProblem) => void;
  readonly clear: () => void;
}

/** Of texts that took too long nobody knows whether they would on another day. */
export function createDeadTexts(retryMilliseconds: number): DeadTexts {
  // By hash: a text may be of megabytes, and hold the document from which it was cut.
  const texts = new Map<number, { readonly problem: PlannerProblem; readonly until: number }>();
  const get = (sql: string): PlannerProblem | undefined => {
    if (texts.size === 0) return undefined;
    const key = hashText(sql);
    const found = texts.get(key);
    if (found !== undefined && performance.now() < found.until) return found.problem;
    texts.delete(key);
    return undefined;
  };
  return {
    get,
    has: (sql) => get(sql) !== undefined,
    set: (sql, problem) => {
      if (texts.size >= mostDeadTexts) texts.clear();
      const until = problem.kind === "timeout" ? performance.now() + retryMilliseconds : Number.POSITIVE_INFINITY;
      texts.set(hashText(sql), { problem, until });
    },
    clear: () => texts.clear(),
  };
}

const mostDeadTexts = 1_000;
