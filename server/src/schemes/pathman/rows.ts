/** The rows of a table that is divided: what is known of its key, and where the rows go. */

import type { KnownRows } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { rowsOf, withRows } from "../../effects/queries/kept-rows.ts";
import type { ExtensionWork } from "../extension.ts";
import type { PathmanKey, RangePartition } from "./partitions.ts";
import { compareEnds, compareTyped, type Typed } from "./typed.ts";

/** The keys of the rows that are known, and whether there are no others. */
export interface KeySpan {
  readonly min: Typed | null;
  readonly max: Typed | null;
  readonly count: number;
  readonly complete: boolean;
}

/** What is known of the keys in the table itself. */
export function keySpan(work: ExtensionWork, table: Relation, key: PathmanKey): KeySpan {
  const { rows, complete } = rowsOf(work.catalog, table);
  let [min, max]: [Typed | null, Typed | null] = [null, null];
  let isComplete = complete && !work.catalog.tainted;
  for (const row of rows) {
    const value = row.get(key.column);
    if (value === undefined) isComplete = false;
    if (value == null) continue;
    const typed = { value, type: key.type };
    if (min === null || compareTyped(work, typed, min) < 0) min = typed;
    if (max === null || compareTyped(work, typed, max) > 0) max = typed;
  }
  return { min, max, count: rows.length, complete: isComplete };
}

/** The partition whose range holds a key; null where none does. */
export function rangeHolding(
  work: ExtensionWork,
  ranges: readonly RangePartition[],
  key: Typed,
): RangePartition | null {
  return (
    ranges.find(
      ({ min, max }) =>
        compareEnds(work, [key, "lower"], [min, "lower"]) >= 0 && compareEnds(work, [key, "lower"], [max, "upper"]) < 0,
    ) ?? null
  );
}

/** Adds rows to what is known of a table. */
export function addRows(work: ExtensionWork, table: Relation, rows: KnownRows["rows"], complete: boolean): void {
  if (rows.length === 0 && complete) return;
  const before = rowsOf(work.catalog, table);
  const next = { ...before, rows: [...before.rows, ...rows], complete: before.complete && complete };
  work.catalog = withRows(work.catalog, table.id, next);
}

/** Takes all rows out of a table, and says what they were. */
export function takeRows(work: ExtensionWork, table: Relation): KnownRows {
  const before = rowsOf(work.catalog, table);
  const isNew = table.origin.kind === "statement" && table.kind !== "foreign-table";
  if (before.rows.length > 0 || !before.complete)
    work.catalog = withRows(work.catalog, table.id, { rows: [], complete: isNew });
  return before;
}
