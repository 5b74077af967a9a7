/** The condition that a bound stands for, in SQL, as a CHECK constraint says it. */

import type { SessionSettings } from "../../catalog/catalog.ts";
import type { Bound, PartitionKey } from "../../catalog/partitioning.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { quoteIdentifier } from "../../syntax/names.ts";

/**
 * `k >= 0 AND k < 10`, or null where it takes more than one line of SQL: several columns, an expression, hash, default.
 * Without NULL: where the bound takes it, `(k IS NULL OR …)`.
 */
export function boundCondition(bound: Bound, key: PartitionKey, settings: SessionSettings): string | null {
  const [element, ...more] = key.elements;
  if (element === undefined || element.column === null || more.length > 0) return null;
  const column = quoteIdentifier(element.column);
  if (bound.kind === "range") {
    const [lower, upper] = [bound.lower[0], bound.upper[0]];
    const sides = [
      ...(lower?.kind === "value" ? [`${column} >= ${spellDatum(lower, 0, key, settings)}`] : []),
      ...(upper?.kind === "value" ? [`${column} < ${spellDatum(upper, 0, key, settings)}`] : []),
    ];
    return sides.length === 0 ? `${column} IS NOT NULL` : sides.join(" AND ");
  }
  if (bound.kind !== "list") return null;
  const values = bound.values.flatMap((value) =>
    value === null ? [] : [spellDatum({ kind: "value", value }, 0, key, settings)],
  );
  const listed = `${column} IN (${values.join(", ")})`;
  if (!bound.values.includes(null)) return listed;
  return values.length === 0 ? `${column} IS NULL` : `(${column} IS NULL OR ${listed})`;
}
