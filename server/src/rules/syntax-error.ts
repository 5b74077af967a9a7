/** PostgreSQL's parser rejects a statement; where another product's form is recognised, PostgreSQL's is shown. */

import type { Rule } from "./rule.ts";
import { hintForSyntax } from "./support/other-forms.ts";
import { presentRejection } from "./support/present.ts";

export const syntaxError: Rule = {
  id: "syntax-error",
  severity: "error",
  summary: "PostgreSQL's parser rejects the statement.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html",
  present: (context) => {
    const hint = hintForSyntax(context.text, context.rejection.range, context.step.handle);
    return presentRejection(context, { advice: hint?.advice ?? "", fixes: hint?.fixes ?? [] });
  },
};
