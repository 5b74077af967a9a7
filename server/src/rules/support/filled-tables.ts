/** Which tables may hold rows at a statement of a file: those that the file did not create, and those it has filled. */

import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { descendantsOf } from "../../effects/relations/descendants.ts";
import type { Step } from "../../replay/step.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { ScriptContext } from "../rule.ts";

export interface FilledTables {
  /** Whether the table, or a partition of it, may hold rows when the statement runs. */
  readonly mayHoldRows: (table: Relation, step: Step) => boolean;
}

export function filledTables(context: ScriptContext): FilledTables {
  /** The first statement that puts rows into the table. */
  const filledBy = new Map<RelationId, number>();
  for (const step of fillingSteps(context)) {
    const { statement, rejection, after } = step;
    if (rejection !== null) continue;
    const target = targetOf(statement.statement);
    const relation = target === null ? null : findRelation(after, target);
    for (const id of relation === null ? [] : withPartitions(after, relation)) {
      if (!filledBy.has(id)) filledBy.set(id, context.placeOf(step));
    }
  }
  const mayHold = ({ id, origin }: Relation, statement: number): boolean => {
    if (origin.kind !== "statement" || origin.file !== context.file) return true;
    return (filledBy.get(id) ?? Number.POSITIVE_INFINITY) < statement;
  };
  return {
    // A partition may have been filled by its own name, or before it was attached.
    mayHoldRows: (table, step) => {
      const place = context.placeOf(step);
      return [table, ...descendantsOf(step.before, table)].some((each) => mayHold(each, place));
    },
  };
}

/** The statements that may put rows into a table, in order. */
function fillingSteps({ stepsOf, placeOf }: ScriptContext): readonly Step[] {
  return [...stepsOf("create-table-as"), ...stepsOf("copy"), ...stepsOf("query")].sort(
    (a, b) => placeOf(a) - placeOf(b),
  );
}

/** The table that the statement puts rows into. */
function targetOf(statement: Statement): RelationName | null {
  switch (statement.kind) {
    case "create-table-as":
      return statement.name;
    case "copy":
      return statement.direction === "from" ? statement.relation : null;
    case "query":
      if (statement.wrapper === "explain") return null;
      if (statement.query.kind === "select") return statement.query.into;
      return statement.query.kind === "insert" || statement.query.kind === "merge" ? statement.query.target : null;
    default:
      return null;
  }
}

/** A row put into a partitioned table may go to any of its partitions. */
function* withPartitions(catalog: Catalog, relation: Relation): Generator<RelationId> {
  yield relation.id;
  for (const id of relation.partitioning?.partitions.all.keys() ?? []) {
    const partition = relationById(catalog, id);
    if (partition !== null) yield* withPartitions(catalog, partition);
  }
}
