/** Statements that may be refused and change nothing themselves, and what is refused behind a transaction that one of them may have ended. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Outcome } from "../effects/outcome.ts";
import { afterFailure, type Client } from "./client.ts";
import { afterCheck, afterDoubt, type Session } from "./transaction.ts";

/**
 * The session behind a statement that met the session `before`. One that may be refused and changes nothing itself: the transaction is
 * aborted then, while who sends the statements goes on, so that its COMMIT may undo it all. Where the first error ends the run,
 * nothing behind it is run without it.
 */
export function sessionBehind(
  { outcome, session }: { readonly outcome: Outcome; readonly session: Session },
  before: Session,
  client: Client,
): Session {
  if (outcome.kind !== "applied" || (outcome.mayFail !== true && outcome.checks !== true)) return session;
  const isUndoneAlone = client.rollsBackToStatement && before.kind === "open";
  if (isUndoneAlone || afterFailure(client).stopped !== null) return session;
  return outcome.mayFail === true ? afterDoubt(session) : afterCheck(session);
}

/** The result of a statement that meets the catalog; a refusal says what it takes for granted. */
export function withAssumption<Result extends { readonly outcome: Outcome }>(
  result: Result,
  { checkPassed }: Catalog,
): Result {
  const { outcome } = result;
  if (checkPassed !== true || outcome.kind !== "rejected") return result;
  const { rejection } = outcome;
  // Whether a transaction is aborted may rest on the same.
  const isCertain = rejection.rule === "syntax-error" || rejection.rule === "version-unsupported";
  if (rejection.assumption !== null || isCertain) return result;
  return { ...result, outcome: { ...outcome, rejection: { ...rejection, assumption } } };
}

const assumption =
  "This takes for granted that a check of the system catalogs in a transaction before it has passed: else its COMMIT has undone the transaction.";
