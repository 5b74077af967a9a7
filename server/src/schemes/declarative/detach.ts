/** ALTER TABLE … DETACH PARTITION, with CONCURRENTLY and FINALIZE. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { AlterAction, AlterTable } from "../../syntax/statement.ts";
import { applied } from "../outcome.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

type DetachAction = Extract<AlterAction, { kind: "detach-partition" }>;

/**
 * What PostgreSQL refuses before it looks up any relation: CONCURRENTLY in a transaction block or function, or in a
 * version that does not have it. null where it goes on.
 */
export function refuseDetachEarly(_statement: AlterTable, _context: ApplyContext): Outcome | null {
  return null;
}

/** Detaches a partition from `parent`, the relation that the ALTER TABLE names. */
export function detachPartition(
  catalog: Catalog,
  _parent: Relation,
  _action: DetachAction,
  _context: ApplyContext,
): Outcome {
  return applied(catalog);
}
