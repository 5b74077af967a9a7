/** pg_partman 4 and 5: what its functions and its configuration tables do. */

import { printInterval } from "../../catalog/values/interval.ts";
import type { BoundCall, CallValue, Extension, ExtensionFunction, Signature, TellingValue } from "../extension.ts";
import { partConfig, partConfigSub } from "./config-tables.ts";
import { createParent, requestOf } from "./create-parent.ts";
import { createIdPartitions, createTimePartitions } from "./create-partitions.ts";
import { partitionData, partitionDataAsync, partitionDataProc } from "./data.ts";
import { fillGaps } from "./gap-fill.ts";
import { runMaintenance, runMaintenanceProc } from "./maintenance.ts";
import { textIn } from "./part-config.ts";
import { showPartitionName } from "./partition-name.ts";
import {
  checkNameLength,
  cleanUpConfig,
  dumpDefinition,
  showPartitionInfo,
  showPartitions,
  stopSubPartition,
} from "./queries.ts";
import { dropPartitions } from "./retention.ts";
import {
  flagArgument,
  managerIn,
  openSession,
  raise,
  raiseUnmanaged,
  type Session,
  tableOf,
  textArgument,
  wrapping,
} from "./session.ts";
import { signatures } from "./signatures.ts";
import { createSubParent } from "./sub-parent.ts";
import { makeFunction, makeTrigger } from "./trigger-mode.ts";
import { undoPartition, undoPartitionProc } from "./undo.ts";

type Run = (session: Session, call: BoundCall) => CallValue;

const runs: Readonly<Record<string, Run>> = {
  create_parent: creating,
  create_partition: creating,
  create_sub_parent: dividing,
  create_sub_partition: dividing,
  run_maintenance: (session, call) => {
    runMaintenance(session, textArgument(session, call, "p_parent_table"));
    return null;
  },
  run_maintenance_proc: (session) => {
    runMaintenanceProc(session);
    return null;
  },
  partition_data_time: (session, call) => number(wrapping(session, false, () => partitionData(session, call, true))),
  partition_data_id: (session, call) => number(wrapping(session, false, () => partitionData(session, call, false))),
  partition_data_proc: (session, call) => {
    wrapping(session, false, () => partitionDataProc(session, call));
    return null;
  },
  partition_gap_fill: (session, call) =>
    number(wrapping(session, false, () => fillGaps(session, textArgument(session, call, "p_parent_table") ?? ""))),
  undo_partition: undoPartition,
  undo_partition_proc: (session, call) => {
    undoPartitionProc(session, call);
    return null;
  },
  drop_partition_time: (session, call) => number(dropping(session, call, true)),
  drop_partition_id: (session, call) => number(dropping(session, call, false)),
  show_partitions: (session, call) => wrapping(session, false, () => showPartitions(session, call)),
  stop_sub_partition: stopSubPartition,
  config_cleanup: cleanUpConfig,
  check_default: unread,
  apply_constraints: constraining,
  drop_constraints: constraining,
  reapply_privileges: (session, call) => {
    const table = textArgument(session, call, "p_parent_table") ?? "";
    if (managerIn(session, table) === null)
      raiseUnmanaged(session, table, `Given table is not managed by this extention: ${table}`);
    return null;
  },
  partition_data_async: (session, call) => wrapping(session, false, () => partitionDataAsync(session, call)),
  create_trigger: remakeTrigger,
  create_function_time: remakeFunction,
  create_function_id: remakeFunction,
  check_name_length: checkNameLength,
  show_partition_name: (session, call) => wrapping(session, false, () => showPartitionName(session, call)),
  show_partition_info: (session, call) => wrapping(session, false, () => showPartitionInfo(session, call)),
  dump_partitioned_table_definition: dumpDefinition,
  reapply_constraints_proc: unread,
  run_analyze: unread,
  create_partition_time: (session, call) => pointsMade(session, call, true),
  create_partition_id: (session, call) => pointsMade(session, call, false),
};

const sets: ReadonlySet<string> = new Set([
  "check_default",
  "show_partition_info",
  "show_partition_name",
  "show_partitions",
  "undo_partition",
]);

const anyArguments: readonly Signature[] = [];

export const partman: Extension = {
  name: "pg_partman",
  rule: "partman-call",
  knowsDoubt: true,
  schema: null,
  isKnownBy: (schema, name) => schema === "partman" || ownNames.has(name),
  versions: ["5.5.0", "4.7.4"],
  reads: /^[45](?:\.|$)/,
  versionShownBy,
  versionSetting: ({ partmanVersion }) => partmanVersion,
  functions: new Map(
    Object.entries(runs).map(([name, run]): [string, ExtensionFunction] => [
      name,
      {
        signatures: signatures[name] ?? anyArguments,
        run: (call, work) => run(openSession(work), call),
        ...(sets.has(name) ? { returnsSet: true } : {}),
      },
    ]),
  ),
  tables: new Map([
    ["part_config", partConfig],
    ["part_config_sub", partConfigSub],
  ]),
};

/** Functions that nobody else has under these names. */
const ownNames: ReadonlySet<string> = new Set([
  "create_parent",
  "create_sub_parent",
  "create_sub_partition",
  "partition_data_proc",
  "partition_data_time",
  "partition_data_id",
  "partition_gap_fill",
  "run_maintenance_proc",
  "undo_partition_proc",
]);

const oldTypes = new Set(["native", "partman", "time-custom"]);

/** `p_type => 'native'` is 4's, also by position. */
function versionShownBy(name: string, values: readonly TellingValue[]): string | null {
  if (name !== "create_parent" && name !== "create_sub_parent") return null;
  const type = values.find((value) => value.name === "p_type") ?? values[2];
  const isType = type !== undefined && (type.name === undefined || type.name === "p_type");
  return isType && oldTypes.has(type.text ?? "") ? "4.7.4" : null;
}

/** `apply_constraints` and `drop_constraints` are about columns that nobody sets where `constraint_cols` is NULL. */
function constraining(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager = managerIn(session, table);
  const isSet = manager !== null && manager.row.get("constraint_cols") != null;
  if (isSet) return session.work.decline("constraints on further columns depend on the rows");
  if (call.name === "drop_constraints")
    raise(session, `Given parent table (${table}) not set up for constraint management (constraint_cols is NULL)`);
  return null;
}

/** `create_trigger` of 4, called by hand. */
function remakeTrigger(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const parent = tableOf(session, table);
  if (parent === null) return session.work.decline(`${table} is not known`);
  if (parent.kind === "partitioned-table") raise(session, "This function cannot run on natively partitioned tables");
  makeTrigger(session, parent);
  return null;
}

/** `create_function_time` and `create_function_id` of 4, called by hand. */
function remakeFunction(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const type = textIn(managerIn(session, table)?.row ?? new Map(), "partition_type");
  if (type !== "partman" && type !== "time-custom")
    raiseUnmanaged(session, table, `ERROR: no non-native pg_partman config found for ${table}`);
  const parent = tableOf(session, table);
  if (parent === null) return session.work.decline(`${table} is not known`);
  makeFunction(session, parent);
  return null;
}

/** It changes nothing of what is modelled, and what it answers is not read. */
function unread(): CallValue {
  return undefined;
}

function creating(session: Session, call: BoundCall): CallValue {
  return { family: "boolean", value: createParent(session, requestOf(session, call)) };
}

function dividing(session: Session, call: BoundCall): CallValue {
  return { family: "boolean", value: wrapping(session, false, () => createSubParent(session, call)) };
}

function number(value: number): CallValue {
  return { family: "integer", value: BigInt(value) };
}

function dropping(session: Session, call: BoundCall, byTime: boolean): number {
  const given = call.arguments.get("p_retention");
  if (given === undefined) return session.work.decline("`p_retention` is no constant");
  const reference = byTime ? call.arguments.get("p_reference_timestamp") : null;
  const isKnown = reference?.family === "timestamp" && typeof reference.micros === "bigint";
  return dropPartitions(
    session,
    textArgument(session, call, "p_parent_table") ?? "",
    {
      retention:
        given === null
          ? null
          : given.family === "interval"
            ? printInterval(given)
            : given.family === "integer"
              ? String(given.value)
              : null,
      keepTable: flagArgument(session, call, "p_keep_table"),
      keepIndex: flagArgument(session, call, "p_keep_index"),
      schema: textArgument(session, call, "p_retention_schema"),
      reference: isKnown && call.given.has("p_reference_timestamp") ? BigInt(reference.micros) : null,
    },
    byTime,
  );
}

/** `create_partition_time` and `create_partition_id`, called by hand. */
function pointsMade(session: Session, call: BoundCall, byTime: boolean): CallValue {
  const list = call.arguments.get(byTime ? "p_partition_times" : "p_partition_ids");
  if (list?.family !== "array") return session.work.decline("the partitions are no constants");
  const points = list.elements.map((each) => {
    if (each?.family === "integer") return each.value;
    if (each?.family === "timestamp" && typeof each.micros === "bigint") return each.micros;
    return session.work.decline("the partitions are no constants");
  });
  const create = byTime ? createTimePartitions : createIdPartitions;
  const table = textArgument(session, call, "p_parent_table") ?? "";
  return { family: "boolean", value: create(session, table, points, null, createParent) };
}
