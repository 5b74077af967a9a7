/** BEGIN, COMMIT, ROLLBACK and savepoints: which catalog a script goes on with, and what an aborted transaction refuses. */

import { type Catalog, withSettings } from "../catalog/catalog.ts";
import { keepNumbers } from "../catalog/pathman-config.ts";
import { withDoubtfulChanges } from "../effects/doubt.ts";
import { applied, type Outcome, type PostgresVersion, rejected } from "../effects/outcome.ts";
import { withHeldCursors, withoutReopenedCursors } from "../effects/queries/cursors.ts";
import { withoutDroppedOnCommit } from "../effects/relations/dependencies.ts";
import { afterRunning } from "../effects/running/apply-running.ts";
import { hasDoubtfulNew, withDoubtfulNew } from "../effects/running/unshown.ts";
import { whatRunsAtCommit } from "../effects/running/what-runs.ts";
import type { Transaction } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";

/** What PostgreSQL says without refusing. */
export interface Warning {
  readonly sqlstate: string;
  readonly message: string;
}

/** The transaction state of a session between two statements. */
export type Session =
  | { readonly kind: "autocommit" }
  | {
      readonly kind: "open" | "aborted";
      /** Whether it is that of several statements sent as one: no BEGIN has been said, and their end commits it. */
      readonly implicit: boolean;
      /** What ROLLBACK returns to. */
      readonly beginning: Catalog;
      /** The innermost one; each knows the one outside it, so that a step shares them with the step before. */
      readonly savepoint: Savepoint | null;
      /** Whether a statement since the beginning, or since the savepoint returned to, may have been refused. */
      readonly inDoubt: boolean;
      /** Whether a check of the system catalogs is taken to have passed. */
      readonly checkPassed?: true | undefined;
      /** Whether a statement may have been refused for want of a type and the like, so that nothing that is new may be there. */
      readonly wantsUnshown?: true | undefined;
      /** Whether a statement has been refused because the transaction is aborted. */
      readonly hasRefused?: true | undefined;
    };

export interface Savepoint {
  readonly name: string;
  readonly catalog: Catalog;
  readonly inDoubt: boolean;
  readonly outer: Savepoint | null;
}

export const autocommit: Session = { kind: "autocommit" };

export interface TransactionResult {
  readonly outcome: Outcome;
  readonly session: Session;
  readonly warning: Warning | null;
}

/** What a transaction command does. `range` is the whole statement's. */
export function applyTransaction(
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  if (session.kind === "aborted" && !endsTransaction(command)) return refuseAborted(session, range);
  switch (command.action) {
    case "begin":
      if (session.kind === "autocommit") return begin(command, catalog);
      // What was done before it in the same text belongs to the transaction.
      if (session.implicit && command.hasModes !== true) return done(catalog, { ...session, implicit: false });
      return alreadyOpen(command, catalog, session);
    case "commit":
      return commit(command, catalog, session, version, range);
    case "prepare":
      return prepare(command, catalog, session, version, range);
    case "rollback":
      return rollback(command, catalog, session, version, range);
    case "savepoint":
      return setSavepoint(command, catalog, session, range);
    case "release":
      return releaseSavepoint(command, catalog, session, version, range);
    case "rollback-to":
      return rollbackToSavepoint(command, catalog, session, version, range);
    case "commit-prepared":
    case "rollback-prepared":
      return done(catalog, session);
  }
}

/** The refusal of everything but the end of an aborted transaction (25P02). */
export function refuseAborted(session: Session, range: TextRange): TransactionResult {
  const message = "current transaction is aborted, commands ignored until end of transaction block";
  const outcome = rejected("transaction-aborted", "25P02", message, range);
  if (session.kind === "autocommit") return { outcome, session, warning: null };
  if (session.hasRefused !== true) return { outcome, session: { ...session, hasRefused: true }, warning: null };
  return { outcome: { ...outcome, rejection: { ...outcome.rejection, repeats: true } }, session, warning: null };
}

/** The session after a statement was refused: an open transaction is aborted by it. */
export function afterRefusal(session: Session): Session {
  return session.kind === "open" ? { ...session, kind: "aborted" } : session;
}

/** The session after a statement that has made what may not be there: then the whole transaction has come to nothing. */
export function afterUnshown(session: Session, before: Catalog, after: Catalog): Session {
  if (session.kind !== "open" || session.wantsUnshown === true || !hasDoubtfulNew(before, after)) return session;
  return { ...session, wantsUnshown: true };
}

/** The session after a statement of which it could not be told whether PostgreSQL refuses it. */
export function afterDoubt(session: Session): Session {
  return session.kind === "open" && !session.inDoubt ? { ...session, inDoubt: true } : session;
}

/** The session after a statement that changes nothing and may have been refused by what the system catalogs hold. */
export function afterCheck(session: Session): Session {
  return session.kind === "open" ? { ...session, checkPassed: true } : session;
}

function done(catalog: Catalog, session: Session, warning: Warning | null = null): TransactionResult {
  return { outcome: applied(catalog), session, warning };
}

function warn(sqlstate: string, message: string): Warning {
  return { sqlstate, message };
}

function refuse(session: Session, sqlstate: string, message: string, range: TextRange): TransactionResult {
  const outcome = rejected("statement-rejected", sqlstate, message, range);
  return { outcome, session: afterRefusal(session), warning: null };
}

/** The session at the beginning of a transaction. */
export function opened(catalog: Catalog, implicit = false): Session {
  return { kind: "open", implicit, beginning: catalog, savepoint: null, inDoubt: false };
}

/** A second BEGIN only warns, but its modes are refused where the transaction has already read something in another one. */
function alreadyOpen(command: Transaction, catalog: Catalog, session: Session): TransactionResult {
  const warning = warn("25001", "there is already a transaction in progress");
  if (command.hasModes !== true) return done(catalog, session, warning);
  const outcome = applied(catalog, "whether a transaction may still get other modes is not known");
  return { outcome, session: afterDoubt(session), warning };
}

function begin({ readOnly }: Transaction, catalog: Catalog): TransactionResult {
  const session = opened(catalog);
  if (readOnly === null || session.kind === "autocommit") return done(catalog, session);
  const { settings } = catalog;
  return done(withSettings(catalog, { readOnly, hidden: settings.hidden ?? settings }), session);
}

/** What is prepared is neither there nor gone until COMMIT PREPARED, and a server may be set up to have no room for it. */
function prepare(
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  if (session.kind !== "open" || session.implicit) return commit(command, catalog, session, version, range);
  const after = withDoubtfulChanges(session.beginning, withoutLocalSettings(catalog));
  const outcome = applied(after, "what becomes of a prepared transaction is not followed");
  return { outcome, session: autocommit, warning: null };
}

/** `IsTransactionExitStmt` */
function endsTransaction(command: Transaction): boolean {
  return ["commit", "prepare", "rollback", "rollback-to"].includes(command.action);
}

function commit(
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  const after = committed({ catalog, session });
  if (session.kind === "autocommit" || session.implicit)
    return endOutside("COMMIT", command, after, session, version, range);
  return done(after, command.chain ? opened(after) : autocommit);
}

/** What was put off until the end of the transaction is run then. */
function afterPending(catalog: Catalog): Catalog {
  if (catalog.pending === undefined) return catalog;
  return { ...afterRunning(catalog, whatRunsAtCommit(catalog)), pending: undefined };
}

function rollback(
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  const after = rolledBack({ catalog, session });
  if (session.kind === "autocommit" || session.implicit)
    return endOutside("ROLLBACK", command, after, session, version, range);
  return done(after, command.chain ? opened(after) : autocommit);
}

function endOutside(
  word: "COMMIT" | "ROLLBACK",
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  if (command.chain && version >= 12) {
    return refuse(session, "25P01", `${word} AND CHAIN can only be used in transaction blocks`, range);
  }
  return done(catalog, autocommit, warn("25P01", "there is no transaction in progress"));
}

function setSavepoint(command: Transaction, catalog: Catalog, session: Session, range: TextRange): TransactionResult {
  if (session.kind !== "open" || session.implicit) return outsideBlock("SAVEPOINT", session, range);
  const { inDoubt, savepoint: outer } = session;
  return done(catalog, { ...session, savepoint: { name: command.savepoint ?? "", catalog, inDoubt, outer } });
}

function releaseSavepoint(
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  if (session.kind !== "open" || session.implicit) return outsideBlock("RELEASE SAVEPOINT", session, range);
  const savepoint = findSavepoint(session.savepoint, command.savepoint);
  if (savepoint === null) return missingSavepoint(command, session, version, range);
  return done(catalog, { ...session, savepoint: savepoint.outer });
}

function rollbackToSavepoint(
  command: Transaction,
  catalog: Catalog,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  if (session.kind === "autocommit" || session.implicit) return outsideBlock("ROLLBACK TO SAVEPOINT", session, range);
  const savepoint = findSavepoint(session.savepoint, command.savepoint);
  if (savepoint === null) return missingSavepoint(command, session, version, range);
  return done(restored(savepoint.catalog, catalog), {
    ...session,
    kind: "open",
    savepoint,
    inDoubt: savepoint.inDoubt,
    hasRefused: undefined,
  });
}

function outsideBlock(command: string, session: Session, range: TextRange): TransactionResult {
  return refuse(session, "25P01", `${command} can only be used in transaction blocks`, range);
}

function missingSavepoint(
  command: Transaction,
  session: Session,
  version: PostgresVersion,
  range: TextRange,
): TransactionResult {
  const message = version === 10 ? "no such savepoint" : `savepoint "${command.savepoint ?? ""}" does not exist`;
  return refuse(session, "3B001", message, range);
}

/** The innermost savepoint of that name. */
function findSavepoint(innermost: Savepoint | null, name: string | null): Savepoint | null {
  let found = innermost;
  while (found !== null && found.name !== name) found = found.outer;
  return found;
}

/** What there is once a transaction that may be open is committed; COMMIT of an aborted one is its ROLLBACK. */
export function committed({ catalog, session }: { readonly catalog: Catalog; readonly session: Session }): Catalog {
  if (session.kind === "autocommit") return catalog;
  if (session.kind === "aborted") return restored(session.beginning, catalog);
  const after = withDoubt(session, withoutLocalSettings(afterPending(catalog)));
  const left = withHeldCursors(withoutDroppedOnCommit(after, session.beginning.nextId));
  return left.newLabels === undefined ? left : { ...left, newLabels: undefined };
}

/** What is left where the session ends here: a transaction that it has not committed is gone. */
export function rolledBack({ catalog, session }: { readonly catalog: Catalog; readonly session: Session }): Catalog {
  return session.kind === "autocommit" ? catalog : restored(session.beginning, catalog);
}

/**
 * An earlier catalog, under which ids given since are not given again: they may still stand in earlier steps. Statements stay
 * prepared through a rollback.
 */
function restored(earlier: Catalog, current: Catalog): Catalog {
  const { nextId, prepared } = current;
  const isSame = earlier.nextId === nextId && earlier.prepared === prepared;
  const before = isSame ? earlier : { ...earlier, nextId, prepared };
  return keepNumbers(withoutReopenedCursors(before, current), current);
}

/** What is committed, unless the transaction was aborted without our knowing. */
function withDoubt(session: Exclude<Session, { kind: "autocommit" }>, catalog: Catalog): Catalog {
  if (session.inDoubt) return withDoubtfulChanges(session.beginning, catalog);
  const kept = session.wantsUnshown === true ? withDoubtfulNew(session.beginning, catalog) : catalog;
  return session.checkPassed === true && kept !== session.beginning ? { ...kept, checkPassed: true } : kept;
}

/** The catalog under the settings that hold again at the end of a transaction. */
export function withoutLocalSettings(catalog: Catalog): Catalog {
  const { hidden } = catalog.settings;
  return hidden === undefined ? catalog : { ...catalog, settings: hidden };
}
