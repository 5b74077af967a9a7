/** Statements after a failed one in the same transaction; said of the first of them. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const transactionAborted: Rule = {
  id: "transaction-aborted",
  severity: "information",
  summary: "An earlier statement of the transaction failed, so those behind it are not run.",
  source: "https://www.postgresql.org/docs/current/tutorial-transactions.html",
  // The error is that of the statement that fails: what follows from it is no error of its own.
  present: (context) => ({
    ...presentRejection(context, {
      advice:
        "An earlier statement of this transaction fails: mend that one. Until the transaction ends, nothing behind it is run either.",
    }),
    severity: undefined,
  }),
};
