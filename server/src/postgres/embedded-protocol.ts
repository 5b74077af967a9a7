/** What the embedded PostgreSQL's worker is started with, and the messages between it and the server. */

import type { PlannedExecution } from "../pruning/planner.ts";
import type { SandboxError } from "../rehearsal/sandbox.ts";
import type { Row } from "./connection.ts";
import type { LearnedRun, LearningQueries } from "./learning-queries.ts";

/** Paths of the files that the worker reads at its start. */
export interface EmbeddedWorkerData {
  readonly wasm: string;
  readonly data: string;
  readonly snapshot: string;
}

export type WorkerRequest =
  /** Undo what was applied after the first `keep` statements, then apply these. */
  | { readonly kind: "replay"; readonly id: number; readonly keep: number; readonly statements: readonly string[] }
  | {
      readonly kind: "explain";
      readonly id: number;
      readonly sql: string;
      /** Where set, it is this that is planned: prepared, and then executed. */
      readonly execution: PlannedExecution | null;
      readonly settings: readonly (readonly [name: string, value: string])[];
    }
  /** Run catalog queries against what is there now. */
  | { readonly kind: "read"; readonly id: number; readonly queries: readonly string[] }
  /** Run the statement, read what it touched, undo it, and read the same again. */
  | { readonly kind: "learn"; readonly id: number; readonly sql: string; readonly queries: LearningQueries }
  /** Run one statement for good. Of an instance that nothing else is asked of. */
  | { readonly kind: "run"; readonly id: number; readonly sql: string }
  /** Run each in a savepoint of one transaction, and commit. */
  | { readonly kind: "try-each"; readonly id: number; readonly statements: readonly string[] };

export type WorkerReply =
  | { readonly kind: "ready"; readonly serverVersion: number }
  | { readonly kind: "start-failed"; readonly message: string }
  /** So many statements of the replay under way have been dealt with. */
  | { readonly kind: "progress"; readonly id: number; readonly done: number }
  | { readonly kind: "replayed"; readonly id: number; readonly failures: readonly StatementFailure[] }
  | { readonly kind: "explained"; readonly id: number; readonly plan: unknown }
  | { readonly kind: "rows"; readonly id: number; readonly results: readonly (readonly Row[])[] }
  | ({ readonly kind: "learned"; readonly id: number } & LearnedRun)
  | { readonly kind: "ran"; readonly id: number; readonly rows: readonly Row[]; readonly affected: number | null }
  | { readonly kind: "failed"; readonly id: number; readonly error: SandboxError }
  | { readonly kind: "tried"; readonly id: number; readonly errors: readonly (SandboxError | null)[] }
  /** PostgreSQL refused the statement. */
  | { readonly kind: "refused"; readonly id: number; readonly sqlstate: string | undefined; readonly message: string }
  /** The instance no longer answers as PostgreSQL does. */
  | { readonly kind: "dead"; readonly id: number; readonly message: string };

/** A statement that the embedded PostgreSQL did not take. */
export interface StatementFailure {
  /** Its index among all statements applied. */
  readonly index: number;
  readonly sqlstate: string | undefined;
  readonly message: string;
}
