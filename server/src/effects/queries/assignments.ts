/** SET of UPDATE and of ON CONFLICT … DO UPDATE: what PostgreSQL refuses of it whatever the rows. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { UpdateQuery } from "../../syntax/query.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { assignedValue, isDefault } from "./assigned-value.ts";

/** The refusal of a column that is not there, of one that takes no value, of a value that it cannot take; or null. */
export function refuseAssignments(
  assignments: UpdateQuery["assignments"],
  table: Relation,
  catalog: Catalog,
  context: ApplyContext,
): Refusal | null {
  if (table.knowledge !== "full") return null;
  const evaluating = { settings: catalog.settings, version: context.version, catalog, today: context.today };
  for (const { column, value } of assignments) {
    const { name, range } = column;
    const target = columnNamed(table, name);
    if (target === null) {
      const message = `column "${name}" of relation "${table.name}" does not exist`;
      return rejected("statement-rejected", "42703", message, range, { position: range.start });
    }
    if (value === null || isDefault(value)) continue;
    const assigned = assignedValue(value, target, evaluating);
    if (assigned.kind === "rejected") return assigned;
  }
  return refuseGiven(assignments, table, context);
}

/** The rewriter's checks: a column is set once, and a generated one to DEFAULT alone. */
function refuseGiven(assignments: UpdateQuery["assignments"], table: Relation, context: ApplyContext): Refusal | null {
  const seen = new Set<string>();
  for (const { column, value } of assignments) {
    // Parts of a column may be set one by one.
    if (value !== null && seen.has(column.name)) {
      const message = `multiple assignments to same column "${column.name}"`;
      return rejected("statement-rejected", "42601", message, column.range);
    }
    if (value !== null) seen.add(column.name);
  }
  for (const { column, value } of assignments) {
    const target = columnNamed(table, column.name);
    if (target === null || value === null || isDefault(value)) continue;
    const message = `column "${column.name}" can only be updated to DEFAULT`;
    if (target.generated !== null) {
      return rejected("statement-rejected", context.version < 14 ? "42601" : "428C9", message, column.range, {
        detail: `Column "${column.name}" is a generated column.`,
      });
    }
    if (target.identity === "always") {
      return rejected("statement-rejected", "428C9", message, column.range, {
        detail: `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`,
      });
    }
  }
  return null;
}
