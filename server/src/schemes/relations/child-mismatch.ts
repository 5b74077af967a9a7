/** Whether a table fits under a parent, by ATTACH PARTITION or INHERIT, in the order in which PostgreSQL checks. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { TextRange } from "../../text/range.ts";
import { applied } from "../outcome.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

/**
 * `MergeAttributesIntoExisting` and `MergeConstraintsIntoExisting`: each column and CHECK (18: NOT NULL) constraint of the
 * parent must be in the child. Applied, the catalog holds the child with these columns and constraints marked as
 * inherited; the links between parent and child are the caller's. That a partition has no columns of its own is checked
 * before the bound (`extraColumn`), the rest after it.
 *
 * @param range what the refusal is about
 */
export function mergeIntoParent(
  catalog: Catalog,
  _child: Relation,
  _parent: Relation,
  _as: "partition" | "inheritance-child",
  _range: TextRange,
  _context: ApplyContext,
): Outcome {
  return applied(catalog);
}

/** ATTACH only: `table "x" contains column "c" not found in parent "p"`, or null when there is none. */
export function extraColumn(_child: Relation, _parent: Relation, _range: TextRange): Outcome | null {
  return null;
}
