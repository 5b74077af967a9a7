/** Tells a mistake in a script from a database that the script has been run on before. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { ErrorRule, Rejection } from "../schemes/scheme.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { Statement } from "../syntax/statement.ts";

export const appliedAlreadyReason = "the connected database seems to have this change already";

/**
 * Whether a refusal says no more than that the database has been changed by this very statement before: the column is there
 * already, the constraint has the name, the table is renamed. Only relations that come from a database can be meant.
 */
export function isAppliedAlready(rejection: Rejection, statement: Statement, before: Catalog): boolean {
  if (!mayBeApplied.has(rejection.rule) || statement.kind === "query") return false;
  return relationsNamed(statement).some((name) => findRelation(before, name)?.origin.kind === "database");
}

const mayBeApplied: ReadonlySet<ErrorRule> = new Set<ErrorRule>([
  "name-taken",
  "statement-rejected",
  "not-partitioned",
  "attach-mismatch",
  "inherited-change",
  "default-conflict",
  "unique-without-key",
]);
