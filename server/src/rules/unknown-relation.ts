/** A statement refers to a relation that does not exist at this point of the script. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const unknownRelation: Rule = {
  id: "unknown-relation",
  severity: "error",
  summary: "A statement refers to a relation that was dropped, renamed or never created.",
  source: "https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH",
  present: (context) =>
    presentRejection(context, {
      advice:
        context.rejection.related.length > 0
          ? "An earlier statement dropped or renamed it."
          : "No statement before this one creates it: look at the spelling, the schema and the order of the statements.",
    }),
};
