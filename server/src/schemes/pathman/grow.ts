/** Partitions at the ends and in between: append, prepend, add, and what drops them. */

import { pathmanTableOf, withoutParameters, withoutPathmanTable } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { childrenOf, hasChildren } from "../../effects/relations/descendants.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { booleanOf, current, relationOf, textOf, typedValueOf } from "./arguments.ts";
import { internal, invalid, raise } from "./errors.ts";
import { refuseTaken } from "./overlap.ts";
import { parentOfPartition, partitionInfo, rangeInfo } from "./partitions.ts";
import { addRows, takeRows } from "./rows.ts";
import { createRangePartition, namedPartition, regclassText, sequenceOf } from "./single-partition.ts";
import { compareTyped, intervalFrom, moved, type Typed } from "./typed.ts";
import { eraOf, isSince } from "./versions.ts";

/** `append_range_partition`: one more after the last range, as long as the interval. */
export function appendRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const parent = parentArgument(call, work);
  const info = infoForEnd(work, parent);
  const last = info.ranges.at(-1)?.max ?? null;
  if (last === null) return raise(work, "Cannot append partition because last partition's range is half open");
  const step = info.table.interval === null ? null : intervalFrom(work, info.table.interval, info.key.type);
  const next = step === null ? null : moved(work, last, "+", step);
  return create(call, work, parent, last, next);
}

/** `prepend_range_partition`: one more before the first range. */
export function prependRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const parent = parentArgument(call, work);
  const info = infoForEnd(work, parent);
  const first = info.ranges[0]?.min ?? null;
  if (first === null) return raise(work, "Cannot prepend partition because first partition's range is half open");
  const step = info.table.interval === null ? null : intervalFrom(work, info.table.interval, info.key.type);
  const before = step === null ? null : moved(work, first, "-", step);
  return create(call, work, parent, before, first);
}

/** `add_range_partition`: a range anywhere, NULL standing for no end. */
export function addRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const has = (name: string): boolean => call.arguments.has(name);
  const parent = parentArgument(call, work);
  const start = typedValueOf(call, work, has("start_value") ? "start_value" : "p_start_value");
  const end = typedValueOf(call, work, has("end_value") ? "end_value" : "p_end_value");
  const isOld = !isSince(eraOf(work.version), "1.0");
  if (isOld) refuseTaken(work, parent, start, end);
  if (start !== null && end !== null && compareTyped(work, start, end) >= 0)
    return raise(
      work,
      isOld
        ? "Failed to create partition: p_start_value is greater than p_end_value"
        : "failed to create partition: start_value is greater than end_value",
    );
  if (!isOld && hasChildren(parent)) refuseTaken(work, parent, start, end);
  return create(call, work, parent, start, end);
}

function parentArgument(call: BoundCall, work: ExtensionWork): Relation {
  return relationOf(call, work, call.arguments.has("parent_relid") ? "parent_relid" : "p_relation");
}

/** The type of the key is asked for first, which needs any partition; then the last range, which needs ranges. */
function infoForEnd(work: ExtensionWork, parent: Relation): ReturnType<typeof rangeInfo> {
  if (partitionInfo(work, parent) === null) return internal(work, `relation "${parent.name}" has no partitions`);
  return rangeInfo(work, parent);
}

function create(
  call: BoundCall,
  work: ExtensionWork,
  parent: Relation,
  min: Typed | null,
  max: Typed | null,
): CallValue {
  const table = pathmanTableOf(work.catalog, parent);
  if (table === null || table.type !== "range") {
    if (isSince(eraOf(work.version), "1.5")) return invalid(work, `table "${parent.name}" is not partitioned by RANGE`);
    return raise(work, `table "${regclassText(work, parent)}" is not partitioned`);
  }
  const text = call.arguments.has("partition_name") ? textOf(call, work, "partition_name") : null;
  const tablespace = call.arguments.has("tablespace") ? textOf(call, work, "tablespace") : null;
  const name = text === null ? null : namedPartition(work, text, parent);
  const made = createRangePartition(work, parent, table, { min, max, name, tablespace });
  return { family: "text", value: regclassText(work, made) };
}

/** `drop_range_partition`: with its rows, unless they are to go back to the parent. */
export function dropRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const names = ["partition_relid", "partition", "p_partition"];
  const partition = relationOf(call, work, names.find((name) => call.arguments.has(name)) ?? "");
  const parent = parentOfPartition(work, partition) ?? invalid(work, `"${partition.name}" is not a partition`);
  const name = regclassText(work, partition);
  const table = pathmanTableOf(work.catalog, parent);
  if (table !== null && table.type !== "range") return raise(work, `"${name}" is not a RANGE partition`);
  const loses = !call.arguments.has("delete_data") || booleanOf(call, work, "delete_data") !== false;
  if (!loses) returnRows(work, partition, parent);
  dropTable(work, partition);
  return { family: "text", value: name };
}

/** `drop_partitions`: all of them, and with them what is written down of the table. */
export function dropPartitions(call: BoundCall, work: ExtensionWork): CallValue {
  const parent = relationOf(call, work, call.arguments.has("parent_relid") ? "parent_relid" : "relation");
  const table = pathmanTableOf(work.catalog, parent);
  const noun = isSince(eraOf(work.version), "1.5") ? "table" : "relation";
  if (table === null && isSince(eraOf(work.version), "1.0"))
    return raise(work, `${noun} "${regclassText(work, parent)}" has no partitions`);
  if (isSince(eraOf(work.version), "1.5")) work.execute(`DROP SEQUENCE IF EXISTS ${sequenceOf(parent)}`);
  const loses = booleanOf(call, work, "delete_data") === true;
  let count = 0;
  for (const child of childrenOf(work.catalog, parent)) {
    if (!loses) returnRows(work, child, parent);
    dropTable(work, child);
    count += 1;
  }
  if (table !== null) work.catalog = withoutPathmanTable(work.catalog, table);
  work.catalog = withoutParameters(work.catalog, parent.id);
  return { family: "integer", value: BigInt(count) };
}

function returnRows(work: ExtensionWork, partition: Relation, parent: Relation): void {
  const { rows, complete } = takeRows(work, current(work, partition));
  addRows(work, current(work, parent), rows, complete);
}

/** Drops a table, or a foreign table. */
export function dropTable(work: ExtensionWork, relation: Relation, cascade = false): void {
  const noun = relation.kind === "foreign-table" ? "FOREIGN TABLE" : "TABLE";
  work.execute(`DROP ${noun} ${quoteQualifiedName(relation.schema, relation.name)}${cascade ? " CASCADE" : ""}`);
}
