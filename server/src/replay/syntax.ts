/** What becomes of statements that PostgreSQL's parser refuses, before anything else is looked at. */

import type { Catalog } from "../catalog/catalog.ts";
import { type ApplyContext, applied, type ErrorRule, type Outcome, rejected } from "../effects/outcome.ts";
import { taintAll, taintMentioned } from "../effects/taint.ts";
import type { Invalid } from "../syntax/statement.ts";

/** What becomes of a statement that the grammar of 18 refuses. */
export function refuseSyntax(statement: Invalid, catalog: Catalog, { version, text }: ApplyContext): Outcome {
  const { mayBeTakenBy } = statement;
  if (mayBeTakenBy !== undefined && mayBeTakenBy.from <= version && version <= mayBeTakenBy.to) {
    const reason = `PostgreSQL ${version} reads it by a grammar that is not known here`;
    return applied(text === undefined ? taintAll(catalog) : taintMentioned(catalog, text), reason);
  }
  const { message, sqlstate, range } = statement.error;
  // These two clauses PostgreSQL's grammar itself refuses, with a message of their own.
  const rule: ErrorRule = /for hash partition/.test(message)
    ? "hash-modulus"
    : isUnknownStrategy(statement)
      ? "partition-key-invalid"
      : "syntax-error";
  // Up to 17 the grammar raised these without a place.
  const hasPosition = version >= 18 || (rule !== "partition-key-invalid" && !/must be specified$/.test(message));
  return rejected(rule, sqlstate, message, range, { position: hasPosition ? range.start : undefined });
}

/** `PARTITION BY magic (…)`: up to 15 the grammar took any word, and creating the table refused it. */
export function isUnknownStrategy({ error }: Invalid): boolean {
  return error.message.startsWith("unrecognized partitioning strategy");
}
