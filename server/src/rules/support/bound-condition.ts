/** The condition that a bound stands for, in one line of SQL, as fixes put it into a CHECK constraint. */

import type { SessionSettings } from "../../catalog/catalog.ts";
import type { Bound, PartitionKey } from "../../catalog/partitioning.ts";
import { conditionOf } from "../../ddl/condition.ts";

/**
 * `k >= 0 AND k < 10`, or null where it takes more than one line of SQL: several columns, an expression, hash, default.
 * Without NULL: where the bound takes it, `(k IS NULL OR …)`.
 */
export function boundCondition(bound: Bound, key: PartitionKey, settings: SessionSettings): string | null {
  const [element, ...more] = key.elements;
  if (element === undefined || element.column === null || more.length > 0 || bound.kind === "hash") return null;
  return conditionOf(bound, { key, settings, table: "" });
}
