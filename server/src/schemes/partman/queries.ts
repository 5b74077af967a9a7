/** The functions of pg_partman that only look: `show_partitions`, and those that change a configuration and nothing else. */

import type { Value } from "../../catalog/value.ts";
import type { BoundCall, CallValue } from "../extension.ts";
import { childrenIn, defaultOf, nameWithSuffix, setOf } from "./partition-set.ts";
import { flagArgument, forget, keep, managerIn, raise, type Session, tableOf, textArgument } from "./session.ts";

/** `show_partitions`. */
export function showPartitions(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const order = textArgument(session, call, "p_order") ?? "ASC";
  if (!["ASC", "DESC"].includes(order.toUpperCase()))
    raise(session, "p_order parameter must be one of the following values: ASC, DESC");
  const manager = managerIn(session, table);
  if (manager === null) return raise(session, `Given parent table not managed by pg_partman: ${table}`);
  const parent = tableOf(session, table);
  if (parent === null) {
    if (!session.work.catalog.complete) session.work.decline(`${table} is not known`);
    return raise(session, `Given parent table not found in system catalogs: ${table}`);
  }
  const children = childrenIn(session, setOf(session, manager, parent)).map((child) => child.table);
  const sorted = order.toUpperCase() === "ASC" ? children : [...children].reverse();
  const first = flagArgument(session, call, "p_include_default") === true ? defaultOf(session, parent) : null;
  return [...(first === null ? [] : [first]), ...sorted].map(({ schema, name }): readonly Value[] => [
    { family: "text", value: schema },
    { family: "text", value: name },
  ]);
}

/** `stop_sub_partition`: new partitions are not divided any more. */
export function stopSubPartition(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager = managerIn(session, table);
  if (manager === null || manager.sub === null) return { family: "boolean", value: true };
  keep(session, table, manager.row, null);
  return { family: "boolean", value: true };
}

/** `config_cleanup`: what pg_partman keeps of a table is dropped. */
export function cleanUpConfig(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager = managerIn(session, table);
  if (manager === null)
    return raise(session, `Given parent table not found in pg_partman configuration table: ${table}`);
  forget(session, table);
  return null;
}

/** `check_name_length`: a name cut so that a suffix fits. */
export function checkNameLength(session: Session, call: BoundCall): CallValue {
  const name = textArgument(session, call, "p_object_name");
  const suffix = textArgument(session, call, "p_suffix") ?? "";
  const isPartition = flagArgument(session, call, "p_table_partition") === true;
  if (name === null) return null;
  return { family: "text", value: nameWithSuffix(name, suffix, isPartition) };
}

/** `show_partition_name` and the like: what they answer is not read, but whether they answer at all. */
export function showPartitionName(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager = managerIn(session, table);
  if (manager === null) return raise(session, `Parent table given is not managed by pg_partman (${table})`);
  const parent = tableOf(session, table);
  if (parent === null && session.work.catalog.complete) raise(session, `Parent table given does not exist (${table})`);
  return undefined;
}

/** `show_partition_info`. */
export function showPartitionInfo(session: Session, call: BoundCall): CallValue {
  const name = textArgument(session, call, "p_child_table") ?? "";
  const child = tableOf(session, name);
  if (child === null) {
    if (session.work.catalog.complete) raise(session, `Child table given does not exist (${name})`);
    return undefined;
  }
  const given = textArgument(session, call, "p_parent_table");
  const above = child.partitionOf?.parent ?? child.inherits[0];
  const parent = above === undefined ? null : session.work.catalog.relations.get(above);
  const table = given ?? (parent == null ? null : `${parent.schema}.${parent.name}`);
  if (table === null || managerIn(session, table) === null)
    return raise(session, `Parent table of given child not managed by pg_partman: ${table ?? "<NULL>"}`);
  return undefined;
}

/** `dump_partitioned_table_definition`. */
export function dumpDefinition(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  if (managerIn(session, table) === null)
    raise(session, `Given parent table not found in pg_partman configuration table: ${table}`);
  return undefined;
}
