/** Ranges that change: split, merge, and the one that takes over from a neighbour that is dropped. */

import { pathmanTableOf } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { current, relationNamed, relationOf, textOf, textsOf, typedValueOf } from "./arguments.ts";
import { internal, invalid } from "./errors.ts";
import { dropTable } from "./grow.ts";
import { dividingCheck, type PathmanKey, parentOfPartition, type RangePartition, rangeInfo } from "./partitions.ts";
import { addRows, takeRows } from "./rows.ts";
import { createRangePartition, rangeCondition, regclassText } from "./single-partition.ts";
import { castTo, compareEnds, compareTyped, printTyped, type Typed } from "./typed.ts";
import { checkNameOf, eraOf, isSince } from "./versions.ts";

/** `split_range_partition` since 1.0: the upper part becomes a new partition. */
export function splitRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const names = ["partition_relid", "partition", "p_partition"];
  const partition = relationOf(call, work, names.find((name) => call.arguments.has(name)) ?? "");
  const given = typedValueOf(call, work, call.arguments.has("split_value") ? "split_value" : "p_value");
  if (given === null) return invalid(work, "'split_value' should not be NULL");
  const parent = parentOfPartition(work, partition) ?? invalid(work, `relation "${partition.name}" is not a partition`);
  if (pathmanTableOf(work.catalog, partition) !== null && isSince(eraOf(work.version), "1.5"))
    return work.refuse({ sqlstate: "0A000", message: "cannot split partition that has children" });
  const info = rangeInfo(work, parent);
  const range = rangeOf(work, info.ranges, partition);
  const pivot = castTo(work, given, info.key.type);
  refuseOutside(work, range, pivot);
  const text = call.arguments.has("partition_name") ? textOf(call, work, "partition_name") : null;
  const tablespace = call.arguments.has("tablespace") ? textOf(call, work, "tablespace") : null;
  const name = text === null ? null : { schema: parent.schema, name: text };
  const made = createRangePartition(work, parent, info.table, { min: pivot, max: range.max, name, tablespace });
  moveAbove(work, current(work, partition), made, pivot, info.key);
  changeRange(work, current(work, partition), info.key, range.min, pivot);
  return isSince(eraOf(work.version), "1.5") ? { family: "text", value: regclassText(work, made) } : undefined;
}

/** Until 1.5 the lower bound itself may be the value, which leaves an empty partition. */
function refuseOutside(work: ExtensionWork, range: RangePartition, pivot: Typed): void {
  const isNew = isSince(eraOf(work.version), "1.5");
  const fromMin = range.min === null ? 1 : compareTyped(work, pivot, range.min);
  const fromMax = range.max === null ? -1 : compareTyped(work, pivot, range.max);
  if ((isNew ? fromMin > 0 : fromMin >= 0) && fromMax < 0) return;
  const [open, close] = isNew ? ["(", ")"] : ["[", ")"];
  const text = `${open}${printTyped(work, range.min)}, ${printTyped(work, range.max)}${close}`;
  if (isNew) invalid(work, `specified value does not fit into the range ${text}`);
  work.refuse({ sqlstate: "P0001", message: `specified value does not fit into the range ${text}` });
}

/** `merge_range_partitions` since 1.0: all into the first one that is named. */
export function mergeRangePartitions(call: BoundCall, work: ExtensionWork): CallValue {
  const parts = partsOf(call, work);
  const refuse = (detail: string): never => internal(work, "cannot merge partitions", { detail });
  if (parts.length < 2) return refuse("there must be at least two partitions");
  let parent: Relation | null = null;
  for (const part of parts) {
    const own = parentOfPartition(work, part) ?? refuse(`relation "${part.name}" is not a partition`);
    if (parent !== null && own.id !== parent.id) return refuse("all relations must share the same parent");
    parent = own;
  }
  const info = rangeInfo(work, parent ?? refuse("there must be at least two partitions"));
  const ranges = parts.map((part) => rangeOf(work, info.ranges, part));
  const sorted = [...ranges].sort((a, b) => compareEnds(work, [a.min, "lower"], [b.min, "lower"]));
  refuseApart(work, sorted);
  const [first, ...others] = parts;
  if (first === undefined) return refuse("there must be at least two partitions");
  changeRange(work, first, info.key, sorted[0]?.min ?? null, sorted.at(-1)?.max ?? null);
  for (const part of others) {
    const { rows, complete } = takeRows(work, current(work, part));
    addRows(work, current(work, first), rows, complete);
  }
  for (const part of others) dropTable(work, current(work, part), true);
  return isSince(eraOf(work.version), "1.5") ? { family: "text", value: regclassText(work, first) } : null;
}

function partsOf(call: BoundCall, work: ExtensionWork): readonly Relation[] {
  if (!call.arguments.has("partitions")) {
    const one = call.arguments.has("partition1") ? "partition" : "p_partition";
    return [relationOf(call, work, `${one}1`), relationOf(call, work, `${one}2`)];
  }
  return (textsOf(call, work, "partitions") ?? []).map((text) => relationNamed(work, text));
}

function refuseApart(work: ExtensionWork, sorted: readonly RangePartition[]): void {
  for (const [index, range] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined || isAdjacent(work, before.max, range.min)) continue;
    invalid(work, `partitions "${before.relation.name}" and "${range.relation.name}" are not adjacent`);
  }
}

function isAdjacent(work: ExtensionWork, max: Typed | null, min: Typed | null): boolean {
  return max !== null && min !== null && compareTyped(work, max, min) === 0;
}

/** `drop_range_partition_expand_next`: the next range, where there is one, begins where this one did. */
export function dropExpandNext(call: BoundCall, work: ExtensionWork): CallValue {
  const partition = relationOf(call, work, "partition_relid");
  const parent = parentOfPartition(work, partition) ?? invalid(work, `relation "${partition.name}" is not a partition`);
  const { ranges, key } = rangeInfo(work, parent);
  const at = ranges.findIndex(({ relation }) => relation.id === partition.id);
  const [range, next] = [ranges[at], ranges[at + 1]];
  if (range === undefined) return work.decline("the range of the partition is not known");
  if (next !== undefined) changeRange(work, next.relation, key, range.min, next.max);
  dropTable(work, current(work, partition), true);
  return null;
}

function rangeOf(work: ExtensionWork, ranges: readonly RangePartition[], partition: Relation): RangePartition {
  return (
    ranges.find(({ relation }) => relation.id === partition.id) ??
    work.decline("the range of the partition is not known")
  );
}

/** Puts another CHECK in the place of the one that divides. */
function changeRange(
  work: ExtensionWork,
  partition: Relation,
  key: PathmanKey,
  min: Typed | null,
  max: Typed | null,
): void {
  const name = checkNameOf(eraOf(work.version), partition.name, key.attribute);
  const check = name ?? dividingCheck(work, partition, key)?.name ?? work.decline("the CHECK is not known");
  const table = quoteQualifiedName(partition.schema, partition.name);
  if (min === null && max === null) internal(work, "cannot create partition with range (-inf, +inf)");
  const condition = rangeCondition(work, key.column, min, max);
  work.execute(`ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(check)}`);
  work.execute(`ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdentifier(check)} CHECK (${condition})`);
}

/** Rows from the value on move into the new partition. */
function moveAbove(work: ExtensionWork, from: Relation, to: Relation, pivot: Typed, key: PathmanKey): void {
  const { rows, complete } = takeRows(work, from);
  const isAbove = (row: (typeof rows)[number]): boolean => {
    const value = row.get(key.column);
    return value != null && compareTyped(work, { value, type: key.type }, pivot) >= 0;
  };
  addRows(
    work,
    current(work, from),
    rows.filter((row) => !isAbove(row)),
    complete,
  );
  addRows(work, to, rows.filter(isAbove), complete);
}
