/** Tables that become partitions, and partitions that become tables. */

import { pathmanTableOf } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { formatType, sameType } from "../../catalog/values/types.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { relationOf, typedValueOf } from "./arguments.ts";
import { invalid, raise } from "./errors.ts";
import { refuseTaken } from "./overlap.ts";
import { dividingCheck, keyOf, parentOfPartition } from "./partitions.ts";
import { rangeCondition, regclassText } from "./single-partition.ts";
import { checkNameOf, eraOf, isSince } from "./versions.ts";

/** `attach_range_partition` since 1.0. */
export function attachRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const has = (name: string): boolean => call.arguments.has(name);
  const parent = relationOf(call, work, has("parent_relid") ? "parent_relid" : "p_relation");
  const names = ["partition_relid", "partition", "p_partition"];
  const partition = relationOf(call, work, names.find(has) ?? "");
  const start = typedValueOf(call, work, has("start_value") ? "start_value" : "p_start_value");
  const end = typedValueOf(call, work, has("end_value") ? "end_value" : "p_end_value");
  const name = regclassText(work, partition);
  if (partition.persistence === "temporary")
    return raise(work, `temporary table "${name}" cannot be used as a partition`);
  refuseTaken(work, parent, start, end);
  refuseOtherTuple(work, parent, partition);
  const table = pathmanTableOf(work.catalog, parent);
  if (table === null) return raise(work, `table "${regclassText(work, parent)}" is not partitioned`);
  if (table.type !== "range") return raise(work, `"${name}" is not a RANGE partition`);
  const key = keyOf(work, parent, table);
  const [made, above] = [partition, parent].map((each) => quoteQualifiedName(each.schema, each.name));
  work.execute(`ALTER TABLE ${made} INHERIT ${above}`);
  const check =
    checkNameOf(eraOf(work.version), partition.name, key.attribute) ?? `${partition.schema}_${partition.name}_check`;
  const condition = rangeCondition(work, key.column, start, end);
  work.execute(`ALTER TABLE ${made} ADD CONSTRAINT ${quoteIdentifier(check)} CHECK (${condition})`);
  return { family: "text", value: name };
}

/** `detach_range_partition` since 1.0. */
export function detachRangePartition(call: BoundCall, work: ExtensionWork): CallValue {
  const names = ["partition_relid", "partition", "p_partition"];
  const partition = relationOf(call, work, names.find((name) => call.arguments.has(name)) ?? "");
  const parent = parentOfPartition(work, partition) ?? invalid(work, `"${partition.name}" is not a partition`);
  const name = regclassText(work, partition);
  const table = pathmanTableOf(work.catalog, parent);
  if (table !== null && table.type !== "range") return raise(work, `"${name}" is not a RANGE partition`);
  const attribute = table === null ? 1 : keyOf(work, parent, table).attribute;
  const check =
    checkNameOf(eraOf(work.version), partition.name, attribute) ??
    (table === null ? null : dividingCheck(work, partition, keyOf(work, parent, table))?.name) ??
    work.decline("the CHECK of the partition is not known");
  const [from, above] = [partition, parent].map((each) => quoteQualifiedName(each.schema, each.name));
  work.execute(`ALTER TABLE ${from} NO INHERIT ${above}`);
  work.execute(`ALTER TABLE ${from} DROP CONSTRAINT ${quoteIdentifier(check)}`);
  return { family: "text", value: name };
}

/** `is_tuple_convertible`: every column of the partition has to be one of the parent's; before 1.4, at the same place. */
export function refuseOtherTuple(work: ExtensionWork, parent: Relation, partition: Relation): void {
  if (parent.knowledge !== "full" || partition.knowledge !== "full") return;
  if (!isSince(eraOf(work.version), "1.4")) {
    refuseOtherStructure(work, parent, partition);
    return;
  }
  for (const column of partition.columns) {
    const same = parent.columns.find(({ name }) => name === column.name);
    if (same !== undefined && sameType(same.type, column.type)) continue;
    const path = work.catalog.settings.searchPath;
    const of = `Attribute "${column.name}" of type ${regclassText(work, partition)}`;
    const detail =
      same === undefined
        ? `${of} does not exist in type ${regclassText(work, parent)}.`
        : `${of} does not match corresponding attribute of type ${regclassText(work, parent)}.`;
    if (same !== undefined && formatType(same.type, path) === formatType(column.type, path)) continue;
    work.refuse({
      sqlstate: "42804",
      message: "could not convert row type of partition",
      detail,
      ...ruleFor(partition),
    });
  }
}

/** A foreign table is not made from its parent, and has a rule of its own. */
function ruleFor({ kind }: Relation): { readonly rule?: "pathman-foreign-mismatch" } {
  return kind === "foreign-table" ? { rule: "pathman-foreign-mismatch" } : {};
}

function refuseOtherStructure(work: ExtensionWork, parent: Relation, partition: Relation): void {
  if (!isSince(eraOf(work.version), "1.0")) return;
  const isEqual =
    parent.columns.length === partition.columns.length &&
    parent.columns.every(({ name }, index) => partition.columns[index]?.name === name);
  if (!isEqual)
    work.refuse({
      sqlstate: "P0001",
      message: "partition must have the exact same structure as parent",
      ...ruleFor(partition),
    });
}
