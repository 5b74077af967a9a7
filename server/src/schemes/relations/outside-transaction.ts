/** Commands that PostgreSQL runs only outside of transaction blocks and functions. */

import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";
import type { ApplyContext } from "../scheme.ts";

/** `PreventInTransactionBlock`: the refusal (25001), or null where the command may run. */
export function refuseInTransaction(command: string, range: TextRange, context: ApplyContext): Refusal | null {
  if (context.inFunction) {
    return rejected("statement-rejected", "25001", `${command} cannot be executed from a function`, range);
  }
  if (context.inTransaction) {
    return rejected("statement-rejected", "25001", `${command} cannot run inside a transaction block`, range);
  }
  return null;
}
