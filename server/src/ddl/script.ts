/** What an operation generates: ordered SQL steps with the locks they take. */

import type { TextRange } from "../text/range.ts";

/** Weakest first, https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES */
export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;

export type LockMode = (typeof lockModes)[number];

export interface ScriptStep {
  /** One statement without its semicolon, or several that belong together. */
  readonly sql: string;
  /** The strongest lock on each relation, names as `schema.name` unquoted. */
  readonly locks: readonly { readonly relation: string; readonly mode: LockMode }[];
  readonly transaction: "inside" | "outside";
  /** The step begins a transaction of its own, though the one before it is inside of one too. */
  readonly begins?: true | undefined;
}

export interface Script {
  /** In a few words, for a menu: `Split sales_2024 at 2024-07-01`. */
  readonly title: string;
  /** What it does, what waits meanwhile, how it is undone: sentences, also at the top of `sql`. */
  readonly comment: readonly string[];
  readonly steps: readonly ScriptStep[];
  /** What the reader must know: what is not carried over, what scans, how to undo. */
  readonly notes: readonly string[];
  /** The whole as it stands in a file: opening comment, lock_timeout, BEGIN and COMMIT, steps. */
  readonly sql: string;
  /** A script that takes everything back, as complete as `sql`; null where nothing can, and a note says so. */
  readonly undo: string | null;
}

/** Why an operation cannot be done, in a sentence that says what to do. */
export interface OperationProblem {
  readonly message: string;
  /** The argument that is wrong, where one is. */
  readonly argument?: string | undefined;
}

export type OperationResult =
  | { readonly ok: true; readonly value: Script }
  | { readonly ok: false; readonly problem: OperationProblem };

/** A place in a file where a generated script belongs, relative to the document. */
export interface InsertionPoint {
  readonly range: TextRange;
}
