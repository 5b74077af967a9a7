/** Constraints that are NOT VALID, which rows on their way may violate: taken off before these come, and put back as they were. */

import type { TableConstraint } from "../catalog/relation.ts";
import { constraintDefinition } from "../effects/relations/constraint-shape.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import { commentsAgain } from "./constraint-comments.ts";
import type { TableReference } from "./division.ts";
import { step } from "./part-steps.ts";
import type { ScriptStep } from "./script.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** Takes the constraints off that rows on their way to the table may violate, as those that are there may. */
export function dropUnchecked(
  table: TableReference,
  constraints: readonly TableConstraint[],
  { catalog }: WriterContext,
): readonly ScriptStep[] {
  return constraints.map(({ name }) =>
    step(`ALTER TABLE ${writeName(catalog, table)} DROP CONSTRAINT ${quoteIdentifier(name)}`, [
      table,
      "ACCESS EXCLUSIVE",
    ]),
  );
}

/** Puts them back as they were: NOT VALID. */
export function addUnchecked(
  table: TableReference,
  constraints: readonly TableConstraint[],
  { catalog }: WriterContext,
): readonly ScriptStep[] {
  const written = writeName(catalog, table);
  return [
    ...constraints.map((constraint) =>
      step(
        `ALTER TABLE ${written} ADD CONSTRAINT ${quoteIdentifier(constraint.name)} ${constraintDefinition(constraint)}`,
        [table, "ACCESS EXCLUSIVE"],
      ),
    ),
    ...(table.relation === null ? [] : commentsAgain(table.relation, constraints, written, catalog)),
  ];
}
