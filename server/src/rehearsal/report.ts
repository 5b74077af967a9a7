/** What a rehearsal found: for each statement, each table, the partitions, and the way back. */

import type { LockMode } from "../ddl/script.ts";
import type { TextRange } from "../text/range.ts";
import type { RowFate } from "./row-comparison.ts";
import type { SandboxEnd } from "./sandbox.ts";

export interface RehearsalReport {
  /** `server_version_num` of the PostgreSQL in which it was run. */
  readonly serverVersion: number;
  readonly outcome: RehearsalOutcome;
  readonly schema: {
    readonly source: "files" | "database";
    /** How many statements made it. */
    readonly statements: number;
    /** Those that did not run here; what rests on them is not known. */
    readonly failures: readonly { readonly sql: string; readonly message: string }[];
  };
  readonly rows: {
    /** How many were made. */
    readonly made: number;
    /** Tables and partitions without a row, and why. */
    readonly empty: readonly { readonly relation: string; readonly reason: string }[];
  };
  readonly statements: readonly StatementReport[];
  /** What became of the rows of each table that there was before; null where it is not known. */
  readonly tables: readonly RowFate[] | null;
  readonly partitions: readonly PartitionChanges[];
  readonly undo: UndoReport | null;
  /** Why the rehearsal went no further; null where it came to its end. */
  readonly ended: { readonly reason: SandboxEnd; readonly message: string } | null;
}

/** `error`: PostgreSQL refuses a statement. `lost-rows`: rows are gone. `unfinished`: it was ended before it could tell. */
export type RehearsalOutcome = "clean" | "error" | "lost-rows" | "unfinished";

export interface StatementReport {
  /** Among those of the script, from 0. */
  readonly index: number;
  /** In the document. */
  readonly range: TextRange;
  /** Its beginning, in one line. */
  readonly title: string;
  readonly result: StatementResult;
  /** Inside a transaction with others, in one of its own, or outside of any. */
  readonly transaction: "shared" | "own" | "outside";
  /** The locks that it took and the session did not hold already, on what others may see; null where they cannot be read. */
  readonly locks: readonly TakenLock[] | null;
  /** Tables and indexes there before that were written anew, `schema.name`. */
  readonly rewritten: readonly string[];
  /** Tables there before of which it has read every row; null where that cannot be told. */
  readonly readWhole: readonly string[] | null;
  /** Of each table in a transaction that may change its rows. */
  readonly rows: readonly RowCount[];
  /** Rows that it inserted, changed or deleted by itself. */
  readonly affected: number | null;
  /** What it was refused for before rows were taken away that were in its way; null where none were. */
  readonly inTheWay: RowsInTheWay | null;
}

/** The statement runs only where there are no such rows. */
export interface RowsInTheWay {
  readonly sqlstate: string;
  readonly message: string;
  /** How many made rows were taken away, and some of them. */
  readonly rows: number;
  readonly examples: readonly string[];
}

export type StatementResult =
  | { readonly kind: "ran" }
  | {
      readonly kind: "refused";
      readonly sqlstate: string;
      readonly message: string;
      readonly detail: string | null;
      readonly hint: string | null;
      /** Where in the document; null where PostgreSQL names no place. */
      readonly at: number | null;
      /** Whether it came when the transaction was committed. */
      readonly atCommit: boolean;
    }
  /** The embedded server cannot tell; the reason says why. */
  | { readonly kind: "not-rehearsed"; readonly reason: string }
  /** It stands behind an error. */
  | { readonly kind: "not-run"; readonly reason: string };

export interface TakenLock {
  /** `schema.name` */
  readonly relation: string;
  readonly mode: LockMode;
  /** The statement with whose end it goes; null for the end of the transaction that the tool opens around the script. */
  readonly until: number | null;
}

export interface RowCount {
  /** The table at the top of its tree. */
  readonly relation: string;
  readonly before: number;
  readonly after: number;
  /** Whether the rows have the same checksum, in the columns that there were at the beginning. */
  readonly same: boolean;
}

export interface PartitionState {
  readonly name: string;
  /** As PostgreSQL spells it; of an inheritance child null. */
  readonly bound: string | null;
  /** null where it is not known. */
  readonly rows: number | null;
}

export interface PartitionChanges {
  /** The table at the top, `schema.name`. */
  readonly relation: string;
  readonly before: readonly PartitionState[];
  readonly after: readonly PartitionState[];
}

export interface UndoReport {
  /** Where it stands: `the part of the file that undoes it`. */
  readonly origin: string;
  readonly statements: readonly StatementReport[];
  /** Whether everything is as it was before; null where an error came before that could be told. */
  readonly restored: boolean | null;
  /** What is not. */
  readonly differences: readonly string[];
}
