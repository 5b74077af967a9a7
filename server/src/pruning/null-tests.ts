/** Tests for NULL that NOT NULL columns decide: `restriction_is_always_true` and `restriction_is_always_false`. */

import type { Relation } from "../catalog/relation.ts";
import { type Clause, constantClause } from "./clause.ts";

/**
 * The clauses without the tests that are always true, and with a constant for those that never are, in the tables by their
 * references. Before 17 the planner does not look.
 */
export function decideNullTests(
  clauses: readonly Clause[],
  tables: ReadonlyMap<number, Relation>,
  version: number,
): readonly Clause[] {
  if (version < 17) return clauses;
  /** What the clause always is; null where that depends on the row. */
  const always = (clause: Clause): boolean | null => {
    if (clause.kind === "or") {
      const arms = clause.items.map(always);
      return arms.includes(true) ? true : arms.every((arm) => arm === false) ? false : null;
    }
    if (clause.kind !== "null-test" || clause.operand.kind !== "column" || clause.operand.relabel !== undefined)
      return null;
    const { column } = clause.operand;
    const table = tables.get(column.reference);
    const isNotNull = table?.columns.some(({ name, notNull }) => notNull && name === column.name) === true;
    return isNotNull ? clause.negated : null;
  };
  return clauses
    .filter((clause) => always(clause) !== true)
    .map((clause) => (always(clause) === false ? constantClause(false, clause.range) : clause));
}
