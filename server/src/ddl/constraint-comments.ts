/** Comments on constraints: LIKE copies those on CHECKs alone, and a constraint that is dropped and added again has lost its own. */

import { belongingsOf, type KeptBelonging } from "../catalog/belongings.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../catalog/relation.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { ScriptStep } from "./script.ts";

/** The constraint of a table that a comment is on; null where it is on something else, undefined where the constraint has gone since. */
export function commentedConstraint(
  { kind, name }: KeptBelonging,
  { constraints }: Relation,
): TableConstraint | null | undefined {
  if (kind !== "comment" || !name.startsWith("constraint ")) return null;
  return [...constraints].find((each) => name === `constraint ${quoteIdentifier(each.name)}`);
}

/**
 * Gives constraints that are added again the comments that they have.
 *
 * @param of the table whose constraints they are now
 * @param written the table that has them then, as SQL has its name
 */
export function commentsAgain(
  of: Relation,
  constraints: readonly TableConstraint[],
  written: string,
  catalog: Catalog,
): readonly ScriptStep[] {
  return belongingsOf(catalog, of).flatMap((belonging): readonly ScriptStep[] => {
    const constraint = commentedConstraint(belonging, of);
    if (constraint == null || belonging.sql === null || !constraints.includes(constraint)) return [];
    return [{ sql: commentOn(constraint.name, written, belonging.sql[1]), locks: [], transaction: "inside" }];
  });
}

/** @param text from IS on */
export function commentOn(constraint: string, written: string, text: string): string {
  return `COMMENT ON CONSTRAINT ${quoteIdentifier(constraint)} ON ${written}${text}`;
}
