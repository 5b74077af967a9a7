/** Commands that PostgreSQL runs only outside of transaction blocks and functions. */

import type { Statement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type ErrorRule, type Refusal, rejected } from "../outcome.ts";

/** `PreventInTransactionBlock`: the refusal (25001), or null where the command may run. */
export function refuseInTransaction(
  command: string,
  range: TextRange,
  context: ApplyContext,
  rule: ErrorRule = "statement-rejected",
): Refusal | null {
  if (context.inTransaction) {
    return rejected(rule, "25001", `${command} cannot run inside a transaction block`, range);
  }
  return context.inFunction ? rejected(rule, "25001", `${command} cannot be executed from a function`, range) : null;
}

/** What PostgreSQL calls a statement where it runs only outside of transaction blocks; null for one that it runs anywhere. */
export function commandOutsideOnly(statement: Statement): string | null {
  switch (statement.kind) {
    case "alter-table":
      return statement.actions.some((action) => action.kind === "detach-partition" && action.concurrently)
        ? detachConcurrently
        : null;
    case "create-index":
      return statement.concurrently ? "CREATE INDEX CONCURRENTLY" : null;
    case "drop":
      return statement.concurrently ? "DROP INDEX CONCURRENTLY" : null;
    case "other":
      return statement.outsideOnly ?? null;
    default:
      return null;
  }
}

export const detachConcurrently = "ALTER TABLE ... DETACH CONCURRENTLY";
