/** Any other refusal of PostgreSQL: columns, types, constraints, dependencies. */

import { relationById } from "../catalog/catalog.ts";
import type { RejectionContext, Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const statementRejected: Rule = {
  id: "statement-rejected",
  severity: "error",
  summary: "PostgreSQL rejects the statement for a reason that has no rule of its own.",
  source: "https://www.postgresql.org/docs/current/errcodes-appendix.html",
  present: (context) => presentRejection(context, { advice: adviceFor(context) }),
};

const lacksKey = /^there is no unique constraint matching given keys for referenced table "/;

function adviceFor(context: RejectionContext): string {
  const { message, hint } = context.rejection;
  return (lacksKey.test(message) ? keyAdvice(context) : null) ?? hint ?? "";
}

/** A unique key of a partitioned table holds its partition key, so a foreign key has to name that as well. */
function keyAdvice({ step, rejection }: RejectionContext): string | null {
  const [referenced] = rejection.about ?? [];
  const table = referenced === undefined ? null : relationById(step.before, referenced);
  const keys = table?.partitioning?.key.elements.flatMap(({ column }) => column ?? []) ?? [];
  if (table === null || keys.length === 0) return null;
  const unique = table.constraints.find(({ type, columns }) => {
    return (type === "primary-key" || type === "unique") && keys.every((key) => columns.includes(key));
  });
  const columns = keys.map((key) => `"${key}"`).join(", ");
  return unique === undefined
    ? `A unique key of "${table.name}" has to hold its partition key (${columns}): create one, and refer to all of its columns.`
    : `A unique key of "${table.name}" holds its partition key (${columns}), so the foreign key has to name that too: REFERENCES ${table.name} (${unique.columns.join(", ")}), with columns of its own for each.`;
}
