/** The port through which pruning asks a real PostgreSQL; implemented in `postgres/`. */

import type { Verdict } from "./verdict.ts";

/** What a planner is asked: the text as it stands in the file, and what goes before it in the session. */
export interface PlanRequest {
  /** One SELECT, INSERT, UPDATE, DELETE, MERGE or VALUES, without EXPLAIN and without a semicolon. */
  readonly sql: string;
  /** The schemas searched for unqualified names. */
  readonly searchPath: readonly string[];
  readonly timeZone: string;
}

export type PlanAnswer =
  | { readonly ok: true; readonly plan: unknown; readonly serverVersion: number }
  | { readonly ok: false; readonly problem: PlannerProblem };

/** A closed list of what can go wrong; `message` is for people and holds no secret. */
export interface PlannerProblem {
  readonly kind:
    | "not-connected"
    | "unreachable"
    | "authentication"
    | "timeout"
    | "locked"
    | "permission"
    | "rejected"
    | "died"
    | "cancelled";
  readonly message: string;
  readonly sqlstate?: string | undefined;
}

/** Answers EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON). Never runs the statement. */
export interface Planner {
  readonly source: "embedded" | "connected";
  explain(request: PlanRequest, signal: AbortSignal): Promise<PlanAnswer>;
}

/** A verdict together with the catalog stamp it holds for, as lenses cache it. */
export interface StampedVerdict {
  readonly verdict: Verdict;
  readonly stamp: number;
}
