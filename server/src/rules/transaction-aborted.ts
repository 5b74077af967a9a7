/** A statement after a failed one in the same transaction. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const transactionAborted: Rule = {
  id: "transaction-aborted",
  severity: "error",
  summary: "An earlier statement of the transaction failed, so this one is not run.",
  source: "https://www.postgresql.org/docs/current/tutorial-transactions.html",
  present: (context) =>
    presentRejection(context, { advice: "An earlier statement of this transaction fails: mend that one." }),
};
