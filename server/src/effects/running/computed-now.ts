/** Whether DDL computes the expressions that it names at once: what it only stores cannot raise an error yet. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { AlterAction, BoundSpecification, Statement } from "../../syntax/statement.ts";
import { mayHoldMoreThan } from "../queries/kept-rows.ts";

/**
 * Whether something that the statement names or rests on is computed when it runs. Rows of which the script shows nothing are not
 * taken to be there, as everywhere where they might stand in the way.
 */
export function isComputedNow(catalog: Catalog, statement: Statement): boolean {
  switch (statement.kind) {
    case "create-table":
      return (
        statement.partitionOf !== null &&
        (hasCall(valuesOf(statement.partitionOf.bound)) || mayHoldRows(catalog, statement.partitionOf.parent))
      );
    case "create-index":
      return (
        hasConstantCall([...statement.columns.map(({ expression }) => expression), statement.where]) ||
        mayHoldRows(catalog, statement.relation)
      );
    case "alter-table":
      return (
        mayHoldRows(catalog, statement.relation) || statement.actions.some((action) => isComputed(catalog, action))
      );
    default:
      return true;
  }
}

/** Whether the action computes something although the table is empty. */
function isComputed(catalog: Catalog, action: AlterAction): boolean {
  switch (action.kind) {
    case "add-column":
      // A default gives the rows that are there one value for all, which is computed whether there are any or not.
      return action.column.constraints.some(({ type, expression }) =>
        type === "default" ? hasCall([expression]) : hasConstantCall([expression]),
      );
    case "add-constraint":
      return hasConstantCall([action.constraint.expression]);
    case "alter-type":
      return hasConstantCall([action.using]);
    case "attach-partition":
      return hasCall(valuesOf(action.bound)) || mayHoldRows(catalog, action.partition);
    case "inherit":
      return false;
    case "split-partition":
    case "merge-partitions":
      return true;
    default:
      return false;
  }
}

function mayHoldRows(catalog: Catalog, name: RelationName): boolean {
  const table = findRelation(catalog, name);
  return table === null || table.knowledge !== "full" || mayHoldMoreThan(0, catalog, table);
}

function hasCall(expressions: readonly (Expression | null)[]): boolean {
  return expressions.some((each) => each !== null && insideOut(each).some(({ kind }) => kind === "call"));
}

/** A call that rests on no row is computed when the expression is made ready, for a table without rows too. */
function hasConstantCall(expressions: readonly (Expression | null)[]): boolean {
  return expressions.some(
    (each) =>
      each !== null &&
      insideOut(each).some((part) => part.kind === "call" && !insideOut(part).some(({ kind }) => kind === "column")),
  );
}

function valuesOf(bound: BoundSpecification): readonly Expression[] {
  if (bound.kind === "list") return bound.values;
  if (bound.kind !== "range") return [];
  return [...bound.from, ...bound.to].flatMap((datum) => (datum.kind === "value" ? [datum.expression] : []));
}
