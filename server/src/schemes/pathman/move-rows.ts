/** Rows on their way from the parent into the partitions, and the partitions that they make on it. */

import type { KnownRows } from "../../catalog/catalog.ts";
import { parametersOf, withLastNumber } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { hash32 } from "../../catalog/values/hash.ts";
import type { ExtensionWork } from "../extension.ts";
import { current } from "./arguments.ts";
import { internal } from "./errors.ts";
import { type PartitionInfo, partitionInfo, type RangePartition } from "./partitions.ts";
import { addRows, rangeHolding, takeRows } from "./rows.ts";
import { createRangePartition, mostPartitions } from "./single-partition.ts";
import { compareTyped, intervalFrom, moved, printTyped, type Typed } from "./typed.ts";

type KnownRow = KnownRows["rows"][number];

/** `partition_data`: every row of the parent is put in anew. Without partitions they come back to where they were. */
export function moveRows(work: ExtensionWork, parent: Relation): void {
  if (partitionInfo(work, parent) === null) return;
  const { rows, complete } = takeRows(work, parent);
  const byPartition = new Map<number, { readonly relation: Relation; readonly rows: KnownRow[] }>();
  for (const row of rows) {
    const relation = partitionFor(work, current(work, parent), row);
    const entry = byPartition.get(relation.id) ?? { relation, rows: [] };
    entry.rows.push(row);
    byPartition.set(relation.id, entry);
  }
  for (const { relation, rows: moving } of byPartition.values()) addRows(work, relation, moving, true);
  if (!complete) putUnknownRows(work, current(work, parent));
}

/** Rows that are not known go into partitions that are not known, and may make some that nobody has named. */
export function putUnknownRows(work: ExtensionWork, parent: Relation): void {
  const info = partitionInfo(work, parent);
  if (info === null) return;
  const partitions = info.kind === "hash" ? info.children : info.ranges.map(({ relation }) => relation);
  for (const partition of partitions) addRows(work, partition, [], false);
}

/** The partition that takes a row, made where it has to be. Ends the call in the extension's words where there is none. */
export function partitionFor(work: ExtensionWork, parent: Relation, row: ReadonlyMap<string, Value | null>): Relation {
  const info = partitionInfo(work, parent);
  if (info === null) return parent;
  const value = row.get(info.key.column);
  if (value === undefined) return work.decline("the key of a row is not known");
  if (value === null) return internal(work, "partitioning expression's value should not be NULL");
  const key = { value, type: info.key.type };
  if (info.kind === "hash") return hashPartition(work, info, key);
  return rangeHolding(work, info.ranges, key)?.relation ?? spawned(work, parent, info, key);
}

/** The hash partition of a key. */
export function hashPartition(
  work: ExtensionWork,
  { children }: Extract<PartitionInfo, { kind: "hash" }>,
  key: Typed,
): Relation {
  const hash = hash32(key.value, key.type);
  if (hash === null) return work.decline("the hash of the key is not known");
  return children[(hash >>> 0) % children.length] ?? work.decline("a hash partition is missing");
}

/** `create_partitions_for_value`: partitions of the interval's length, up to the one that holds the key. */
function spawned(
  work: ExtensionWork,
  parent: Relation,
  info: Extract<PartitionInfo, { kind: "range" }>,
  key: Typed,
): Relation {
  const { table, ranges } = info;
  if (!parametersOf(work.catalog, parent.id).auto)
    return internal(work, `no suitable partition for key '${printTyped(work, key)}'`);
  if (table.interval === null)
    return work.refuse({
      sqlstate: "0A000",
      message: `cannot spawn new partition for key '${printTyped(work, key)}'`,
      detail: "default range interval is NULL",
    });
  const step = intervalFrom(work, table.interval, info.key.type);
  const [first, last] = [ranges[0]?.min ?? null, ranges.at(-1)?.max ?? null];
  if (first === null && last === null)
    return internal(work, "cannot spawn a partition", { detail: "both bounds are infinite" });
  if (last !== null && compareTyped(work, key, last) >= 0) return grow(work, parent, info, last, "+", step, key);
  if (first !== null && compareTyped(work, key, first) < 0) return grow(work, parent, info, first, "-", step, key);
  return internal(work, "cannot spawn a partition", { detail: "there is a gap" });
}

function grow(
  work: ExtensionWork,
  parent: Relation,
  { table }: Extract<PartitionInfo, { kind: "range" }>,
  from: Typed,
  direction: "+" | "-",
  step: Typed,
  key: Typed,
): Relation {
  let made: Relation | null = null;
  let bound = from;
  const isBeyond = (): boolean =>
    direction === "+" ? compareTyped(work, key, bound) >= 0 : compareTyped(work, key, bound) < 0;
  for (let count = 0; isBeyond(); count += 1) {
    const next = moved(work, bound, direction, step);
    if (count >= mostPartitions || compareTyped(work, next, bound) === 0)
      return work.decline("how many partitions a row makes is not known");
    const [min, max] = direction === "+" ? [bound, next] : [next, bound];
    made = createRangePartition(work, parent, table, { min, max, name: null, tablespace: null });
    bound = next;
  }
  return made ?? work.decline("which partition a row makes is not known");
}

/** Rows that are not known may have made partitions: what the next one is called is not known any more. */
export function forgetNumbers(work: ExtensionWork, parent: Relation): void {
  work.catalog = withLastNumber(work.catalog, parent.id, -1);
}

/** Whether a key that no partition takes makes one. */
export function mayGrow(work: ExtensionWork, parent: Relation, ranges: readonly RangePartition[]): boolean {
  return ranges.length > 0 && parametersOf(work.catalog, parent.id).auto;
}
