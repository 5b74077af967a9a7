/** Sets of pg_partman as rules look at them: which a statement touches, and the calls in it. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { Manager } from "../../catalog/manager.ts";
import { managersBy } from "../../catalog/managers.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type IntervalValue, readInterval } from "../../catalog/values/interval.ts";
import type { Step } from "../../replay/step.ts";
import { textIn } from "../../schemes/partman/part-config.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";

/** The parent of a set; null where it is not there. */
export function parentOfSet(catalog: Catalog, { table }: Manager): Relation | null {
  const [schema = "", name = ""] = table.split(".");
  return findRelation(catalog, { schema, name });
}

/** The sets that a statement has made anew or whose configuration it has changed, as they are behind it. */
export function* changedSets({
  before,
  after,
}: Step): Generator<{ readonly was: Manager | null; readonly is: Manager }> {
  if (before.managers === after.managers) return;
  for (const is of managersBy(after, "pg_partman")) {
    const was = before.managers?.get(`pg_partman ${is.table}`) ?? null;
    if (was !== is) yield { was, is };
  }
}

/** Whether a set is below another: its settings come from `part_config_sub` of that one. */
export function isBelowSet(catalog: Catalog, manager: Manager): boolean {
  const parent = parentOfSet(catalog, manager);
  return parent?.partitionOf != null || (parent?.inherits.length ?? 0) > 0;
}

/** The interval of a set by time; null of one by numbers. */
export function timeInterval(catalog: Catalog, { row }: Manager, version: number): IntervalValue | null {
  const text = textIn(row, "partition_interval") ?? "";
  // A set by numbers has a number, which would be read as seconds.
  if (/^\s*-?\d+\s*$/.test(text)) return null;
  const read = readInterval(text, null, { settings: catalog.settings, version, catalog });
  return read.kind === "value" && read.value.family === "interval" ? read.value : null;
}

/** The calls in a statement, wherever they stand in it, in their order; none of those in the body of a DO block. */
export function callsIn(statement: Statement): readonly FunctionCall[] {
  const found: FunctionCall[] = [];
  const waiting: unknown[] = [statement];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (typeof part !== "object" || part === null) continue;
    if ("kind" in part && part.kind === "call" && "nameRange" in part) found.push(part as FunctionCall);
    for (const each of Object.values(part)) if (each !== undefined) waiting.push(each);
  }
  return found.sort((a, b) => a.range.start - b.range.start);
}

/** Where a finding about what a statement does is put: at the call, at the query, else at the whole statement. */
export function placeOfWork({ statement: { statement, length } }: Step, names: ReadonlySet<string>): TextRange {
  const call = callsIn(statement).find(({ name }) => names.has(name.at(-1) ?? ""));
  if (call !== undefined) return call.range;
  return statement.kind === "query" ? statement.query.range : { start: 0, end: length };
}

/** The calls that make partitions. */
export const makingCalls: ReadonlySet<string> = new Set([
  "create_parent",
  "create_partition",
  "create_sub_parent",
  "create_sub_partition",
  "create_partition_time",
  "create_partition_id",
  "run_maintenance",
  "run_maintenance_proc",
  "partition_data_time",
  "partition_data_id",
  "partition_data_proc",
  "partition_data_async",
  "partition_gap_fill",
]);
