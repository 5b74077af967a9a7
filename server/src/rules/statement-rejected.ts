/** Any other refusal of PostgreSQL: columns, types, constraints, dependencies. */

import { findRelation } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Constraint } from "../syntax/statement.ts";
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
function keyAdvice(context: RejectionContext): string | null {
  const table = referencedTable(context);
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

/** The table of the message, as the statement's foreign keys name it. */
function referencedTable({ step, rejection }: RejectionContext): Relation | null {
  const { statement } = step.statement;
  const constraints: readonly Constraint[] =
    statement.kind === "create-table"
      ? statement.elements.flatMap((element) =>
          element.kind === "column" ? element.constraints : element.kind === "constraint" ? [element.constraint] : [],
        )
      : statement.kind === "alter-table"
        ? statement.actions.flatMap((action) =>
            action.kind === "add-constraint"
              ? [action.constraint]
              : action.kind === "add-column"
                ? action.column.constraints
                : [],
          )
        : [];
  for (const { references } of constraints) {
    const table = references === null ? null : findRelation(step.before, references.relation);
    if (table !== null && rejection.message.endsWith(`"${table.name}"`)) return table;
  }
  return null;
}
