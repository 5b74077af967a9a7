/** One statement of a replay with the catalog on both sides of it. */

import type { Reads } from "../catalog/access.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Patch } from "../catalog/patch.ts";
import type { Rejection } from "../effects/outcome.ts";
import type { ReadStatement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { CatalogSource } from "./later-catalog.ts";
import type { LearnedEffect } from "./learned.ts";
import type { Run } from "./runs.ts";
import { type ReplayState, sourceOf } from "./state.ts";
import type { Session, Warning } from "./transaction.ts";

/** To be copied by `changedStep` alone: of many only a few things are at hand, and the rest is made when asked for. */
export interface Step {
  readonly file: string;
  /** What the statement is called, also where another one is inserted above it: the document tells where it stands. */
  readonly handle: StatementHandle;
  readonly statement: ReadStatement;
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
  readonly written?: ReadStatement | undefined;
  /** The text of that. */
  readonly sent?: string | undefined;
  /** What the model could not tell of this statement, for the log. */
  readonly declined: readonly string[];
  /** What running it looked at, where that is noted. */
  readonly reads?: Reads | undefined;
  /** What `before` and `after` are made of, where they are made when asked for. Where there is a `back`, nothing else is behind the statement. */
  readonly front?: CatalogSource | undefined;
  readonly back?: CatalogSource | undefined;
  /** On the step of a statement that was not run again after an edit, because nothing that it looks at is other. */
  readonly followed?: Followed | undefined;
}

/** How a step came out of one of an earlier version; `before`, `after` and `behind` of it are made when asked for. */
export interface Followed {
  /** The step as it was run. */
  readonly taken: Step;
  /** What the catalogs around it have otherwise now. */
  readonly patch: Patch;
  readonly front: CatalogSource;
  readonly back: CatalogSource;
  /** The changes one by one, the last one first. */
  readonly changes: Change;
  readonly transaction: TransactionState;
  readonly behind: ReplayState;
}

/** What one edit has changed in the catalogs around a step. */
export interface Change {
  readonly isOther: (reads: Reads) => boolean;
  /** The change before it; null where there is none, or where it is too long ago. */
  readonly earlier: Change | null;
}

export interface TransactionState {
  /** Before the statement ran. `autocommit` outside a transaction block. */
  readonly state: "autocommit" | "open" | "aborted";
  /** After the statement: what a later ROLLBACK returns to. */
  readonly session: Session;
}

/** A copy of the step with other things in it, which is not taken for the one that was run. */
export function changedStep(step: Step, changes: Partial<Step>): Step {
  const { file, handle, statement, before, after, behind, run, rejection, transaction, warning, learned } = step;
  const { written, sent, declined, followed } = step;
  const same = {
    file,
    handle,
    statement,
    before,
    after,
    behind,
    run,
    rejection,
    transaction,
    warning,
    declined,
  };
  return { ...same, learned, written, sent, followed, ...changes };
}

/**
 * The catalogs between which the statement was run: what is the same object in both it has left as it was. Around a step that
 * was followed later ones are made one by one.
 */
export function catalogsOfRun(step: Step): Pick<Step, "before" | "after"> {
  return step.followed?.taken ?? step;
}

/** The catalog in front of a step, or what it is made of: to tell steps apart takes no catalog. */
export function sourceInFront(step: Step): CatalogSource {
  return step.followed?.front ?? step.front ?? step.before;
}

/** The same of the catalog behind it. */
export function sourceBehind(step: Step): CatalogSource {
  return step.followed?.back ?? step.back ?? step.after;
}

/** Whether the statement has changed the catalog, when it was run. */
export function isChanging(step: Step): boolean {
  const taken = step.followed?.taken ?? step;
  return taken.back === undefined ? taken.after !== taken.before : taken.back !== taken.front;
}

/** The session behind a step: a standing that is made only when asked for is not made for it. */
export function sessionBehind(step: Step): Session {
  return step.followed === undefined && step.back === undefined ? step.behind.real.session : step.transaction.session;
}

/** The catalog that the next statement meets, or what it is made of; so is this. */
export function sourceOfNext(step: Step): CatalogSource {
  return step.followed?.back ?? step.back ?? sourceOf(step.behind.real);
}

/** What steps look at that were followed into another transaction is not noted. Each is one of its own: memos tell changes apart. */
export function unknownChange(): Change {
  return { isOther: () => true, earlier: null };
}

/** The statement as it stands in the text. */
export function writtenOf({ written, statement }: Step): ReadStatement {
  return written ?? statement;
}

/** Whether PostgreSQL gets to see the statement; else its effect is what it would be. */
export function isRun({ behind, rejection }: Step): boolean {
  return behind.imagined === null || rejection !== null;
}
