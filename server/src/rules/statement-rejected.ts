/** Any other refusal of PostgreSQL: columns, types, constraints, dependencies. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const statementRejected: Rule = {
  id: "statement-rejected",
  severity: "error",
  summary: "PostgreSQL rejects the statement for a reason that has no rule of its own.",
  source: "https://www.postgresql.org/docs/current/errcodes-appendix.html",
  present: (context) => presentRejection(context, { advice: context.rejection.hint ?? "" }),
};
