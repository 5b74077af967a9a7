/** The functions of pg_partman that only look: `show_partitions`, and those that change a configuration and nothing else. */

import { nameWithSuffix } from "../../catalog/partman-names.ts";
import type { Value } from "../../catalog/value.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall, CallValue } from "../extension.ts";
import { textIn } from "./part-config.ts";
import { childrenIn, defaultOf, setOf } from "./partition-set.ts";
import {
  flagArgument,
  forget,
  keep,
  knowsAbsence,
  managerIn,
  raise,
  raiseUnmanaged,
  run,
  type Session,
  tableOf,
  textArgument,
} from "./session.ts";

/** `show_partitions`. */
export function showPartitions(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const order = textArgument(session, call, "p_order") ?? "ASC";
  if (!["ASC", "DESC"].includes(order.toUpperCase())) {
    // 4 means to put the search path back first, from a variable that it does not have.
    if (session.version === 4) raise(session, 'column "v_old_search_path" does not exist', { sqlstate: "42703" });
    raise(session, "p_order parameter must be one of the following values: ASC, DESC");
  }
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `Given parent table not managed by pg_partman: ${table}`);
  const parent = tableOf(session, table);
  if (parent === null) {
    if (!knowsAbsence(session)) session.work.decline(`${table} is not known`);
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

/** `config_cleanup`: what pg_partman keeps of a table is dropped, its template too. */
export function cleanUpConfig(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `No configuration found in pg_partman for given parent table: ${table}`);
  const template = textIn(manager.row, "template_table");
  const there = template === null ? null : tableOf(session, template);
  if (there !== null && flagArgument(session, call, "p_template_table") === true)
    run(session, `DROP TABLE ${quoteQualifiedName(there.schema, there.name)}`);
  if (flagArgument(session, call, "p_config_table") === true) forget(session, table);
  else if (flagArgument(session, call, "p_config_sub_table") === true) keep(session, table, manager.row, null);
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

/** `show_partition_info`. */
export function showPartitionInfo(session: Session, call: BoundCall): CallValue {
  const name = textArgument(session, call, "p_child_table") ?? "";
  const child = tableOf(session, name);
  const told = textArgument(session, call, "p_parent_table");
  if (session.version === 5 && told !== null && managerIn(session, told) === null)
    raiseUnmanaged(session, told, `Parent table of given child not managed by pg_partman: ${told}`);
  if (child === null) {
    if (!knowsAbsence(session)) return undefined;
    if (session.version === 5 && textArgument(session, call, "p_parent_table") === null)
      raise(session, `relation "${name}" does not exist`, { sqlstate: "42P01" });
    return raise(session, `Child table given does not exist (${name})`);
  }
  const given = textArgument(session, call, "p_parent_table");
  const above = child.partitionOf?.parent ?? child.inherits[0];
  const parent = above === undefined ? null : session.work.catalog.relations.get(above);
  const table = given ?? (parent == null ? null : `${parent.schema}.${parent.name}`);
  if (table === null || managerIn(session, table) === null)
    raiseUnmanaged(
      session,
      table ?? name,
      `Parent table of given child not managed by pg_partman: ${table ?? "<NULL>"}`,
    );
  const manager = table === null ? null : managerIn(session, table);
  const decoder = manager === null ? null : textIn(manager.row, "time_decoder");
  // The decoder is given the bound as text; of a default there is none, and it is called with nothing.
  if (decoder !== null && child.partitionOf?.bound.kind === "default")
    raise(session, `function ${decoder}() does not exist`, {
      sqlstate: "42883",
      hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
    });
  return undefined;
}

/** `dump_partitioned_table_definition`. */
export function dumpDefinition(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  if (managerIn(session, table) === null)
    raiseUnmanaged(session, table, `Given parent table not found in pg_partman configuration table: ${table}`);
  return undefined;
}
