/** Joins that the planner may make nested loops, of which the inner table leaves partitions out for each row of the outer one. */

import type { Catalog } from "../catalog/catalog.ts";
import { relationById } from "../catalog/catalog.ts";
import type { RelationId } from "../catalog/relation.ts";
import { type Clause, type Comparison, operandColumns } from "./clause.ts";
import type { Operand } from "./operand.ts";

/**
 * The conditions of one reference as a nested loop gives them to its scan: what they compare with columns of other references is known
 * then, row by row. Null where no index of the leaves makes such a scan worth a path (`match_join_clauses_to_index`): the planner then
 * reads the table once, and what survives planning is scanned.
 *
 * @param leaves the leaves that survive planning
 */
export function asInnerOfLoop(
  catalog: Catalog,
  clauses: readonly Clause[],
  reference: number,
  leaves: readonly RelationId[],
): readonly Clause[] | null {
  const joining = clauses.flatMap((clause) => joinComparisons(clause, reference));
  if (joining.length === 0) return null;
  const own = joining.map((comparison) => ownSide(comparison, reference));
  const columns = new Set(
    own.flatMap((operand) => (operand === null ? [] : operandColumns(operand))).map(({ name }) => name),
  );
  const hasExpression = own.some((operand) => operand?.kind === "expression");
  const isIndexed = leaves.some((leaf) =>
    (relationById(catalog, leaf)?.indexes ?? []).some((id) => {
      const index = relationById(catalog, id)?.index;
      return index?.columns.some((column) => (column === null ? hasExpression : columns.has(column))) === true;
    }),
  );
  return isIndexed ? clauses.map((clause) => withKnownOthers(clause, reference)) : null;
}

/** The comparisons of a column of the reference with columns of others. */
function joinComparisons(clause: Clause, reference: number): readonly Comparison[] {
  if (clause.kind === "and" || clause.kind === "or")
    return clause.items.flatMap((item) => joinComparisons(item, reference));
  return clause.kind === "comparison" && ownSide(clause, reference) !== null ? [clause] : [];
}

/** The side that reads the reference alone where the other reads others alone. */
function ownSide({ left, right }: Comparison, reference: number): Operand | null {
  if (isOf(left, reference) && isOfOthers(right, reference)) return left;
  return isOf(right, reference) && isOfOthers(left, reference) ? right : null;
}

function isOf(operand: Operand, reference: number): boolean {
  const columns = operandColumns(operand);
  return columns.length > 0 && columns.every((column) => column.reference === reference);
}

function isOfOthers(operand: Operand, reference: number): boolean {
  const columns = operandColumns(operand);
  return columns.length > 0 && columns.every((column) => column.reference !== reference);
}

function withKnownOthers(clause: Clause, reference: number): Clause {
  if (clause.kind === "and" || clause.kind === "or")
    return { ...clause, items: clause.items.map((item) => withKnownOthers(item, reference)) };
  if (clause.kind !== "comparison") return clause;
  const own = ownSide(clause, reference);
  if (own === null) return clause;
  return own === clause.left
    ? { ...clause, right: knownLater(clause.right) }
    : { ...clause, left: knownLater(clause.left) };
}

function knownLater({ key, range, type }: Operand): Operand {
  return { kind: "run-time", key, range, type, cause: "execution", value: undefined };
}
