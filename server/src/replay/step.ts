/** One statement of a replay with the catalog on both sides of it. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Rejection } from "../effects/outcome.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { LearnedEffect } from "./learned.ts";
import type { Run } from "./runs.ts";
import type { ReplayState } from "./state.ts";
import type { Session, Warning } from "./transaction.ts";

export interface Step {
  readonly file: string;
  /** Index of the statement in its file. */
  readonly index: number;
  /** What the statement is called, also where another one is inserted above it. */
  readonly handle: StatementHandle;
  readonly statement: PlacedStatement;
  readonly before: Catalog;
  /** Equal to `before` where the statement is rejected (and after ROLLBACK what stood before the transaction). */
  readonly after: Catalog;
  /** What there is behind it; other than `after` where the statement is not run, or what was done before it is undone. */
  readonly behind: ReplayState;
  /** The part of the file to which it belongs. */
  readonly run: Run;
  readonly rejection: Rejection | null;
  readonly transaction: TransactionState;
  /** What PostgreSQL says without refusing: a BEGIN within a transaction, a COMMIT outside of one. */
  readonly warning: Warning | null;
  /** What the statement did where it was run, if that is known. */
  readonly learned?: LearnedEffect | undefined;
  /** The statement as it stands in the text, where `statement` is what psql makes of it. */
  readonly written?: PlacedStatement | undefined;
  /** The text of that. */
  readonly sent?: string | undefined;
  /** What the model could not tell of this statement, for the log. */
  readonly declined: readonly string[];
}

export interface TransactionState {
  /** Before the statement ran. `autocommit` outside a transaction block. */
  readonly state: "autocommit" | "open" | "aborted";
  /** After the statement: what a later ROLLBACK returns to. */
  readonly session: Session;
}

/** Whether PostgreSQL gets to see the statement; else its effect is what it would be. */
export function isRun({ behind, rejection }: Step): boolean {
  return behind.imagined === null || rejection !== null;
}
