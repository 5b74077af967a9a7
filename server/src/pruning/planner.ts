/** The port through which pruning asks a real PostgreSQL; implemented in `postgres/`. */

import type { QualifiedName, Verdict } from "./verdict.ts";

/** What a planner is asked: the text as it stands in the file, and what goes before it in the session. */
export interface PlanRequest {
  /** One SELECT, INSERT, UPDATE, DELETE, MERGE or VALUES, without EXPLAIN and without a semicolon. */
  readonly sql: string;
  /** A SELECT that scans what `sql` writes, for a role that may read and not write; null where `sql` writes nothing. */
  readonly readOnlySql: string | null;
  /**
   * For EXECUTE the statement that it runs, for a planner that may prepare it; `sql` then is the same query with the arguments
   * in it, or for a generic plan with parameters.
   */
  readonly execution?: PlannedExecution | undefined;
  /** The schemas searched for unqualified names. */
  readonly searchPath: readonly string[];
  readonly timeZone: string;
  /** Settings of the script that change what is read and planned: `datestyle`, `enable_partition_pruning`, … */
  readonly plannerSettings: Readonly<Record<string, string>>;
  /** The partitioned tables and inheritance parents that the statement is known to touch. */
  readonly roots: readonly QualifiedName[];
  /** The tables below each of these that hold rows, as the files leave them: a server that was told the files must have the same. */
  readonly trees?: readonly PlannedTree[] | undefined;
  /** The day or moment (ISO) for which the file is looked at, where on another one the plan may be another. */
  readonly today?: string | undefined;
}

export interface PlannedTree {
  readonly root: QualifiedName;
  /** Without their schemas, in any order. */
  readonly leaves: readonly string[];
}

/** What stands between `PREPARE name` and AS, the query, and the arguments of EXECUTE, in parentheses or nothing. */
export interface PlannedExecution {
  readonly parameterTypes: string;
  readonly query: string;
  readonly arguments: string;
}

export type PlanAnswer =
  | {
      readonly ok: true;
      /** The value of `EXPLAIN (FORMAT JSON)`: an array with one `{ Plan }`. */
      readonly plan: unknown;
      /** As `server_version_num`: 180004. */
      readonly serverVersion: number;
    }
  | { readonly ok: false; readonly problem: PlannerProblem };

/** A closed list of what can go wrong; `message` is for people and holds no secret. */
export interface PlannerProblem {
  readonly kind: PlannerProblemKind;
  readonly message: string;
  readonly sqlstate?: string | undefined;
}

export type PlannerProblemKind =
  /** There is nothing to ask: no connection is set, or it was closed. */
  | "not-connected"
  /** The connection's parameters cannot be read. */
  | "settings"
  /** Nobody answers there, or the server takes no connections now. */
  | "unreachable"
  /** No encrypted connection can be made, or the certificate is not to be trusted. */
  | "tls"
  | "authentication"
  | "database-missing"
  | "timeout"
  | "locked"
  | "permission"
  /** Planning would run functions of the database, which nobody has allowed. */
  | "runs-functions"
  /** PostgreSQL refuses the statement. */
  | "rejected"
  /** The server, or the embedded instance, went away in the middle. */
  | "died"
  | "cancelled";

/** Answers EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON). Never runs the statement. */
export interface Planner {
  readonly source: "embedded" | "connected";
  explain(request: PlanRequest, signal: AbortSignal): Promise<PlanAnswer>;
}

/** A statement to be run in the embedded PostgreSQL, so that queries behind it can be planned there. */
export interface SchemaStatement {
  readonly sql: string;
  /** The partitioned tables and inheritance parents whose trees it may change: while it fails, nothing is believed about them. */
  readonly roots: readonly QualifiedName[];
  /**
   * The names of functions, types, operators and the like that it makes or changes: while it fails, nothing is believed of what
   * mentions them.
   */
  readonly objects?: readonly string[] | undefined;
}

/** A verdict together with the catalog stamp it holds for, as lenses cache it. */
export interface StampedVerdict {
  readonly verdict: Verdict;
  readonly stamp: number;
}
