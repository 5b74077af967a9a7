/** `create_sub_parent` and `create_sub_partition`: every child of a set becomes a set itself. */

import type { ConfigurationValues } from "../../catalog/manager.ts";
import { microsPerDay, microsPerSecond } from "../../catalog/values/calendar.ts";
import { intervalLength } from "../../catalog/values/interval.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall } from "../extension.ts";
import { existing } from "./checked-parent.ts";
import { createParent } from "./create-parent.ts";
import { createIdPartitions, createTimePartitions, type ParentRequest } from "./create-partitions.ts";
import { newRow, partitionTypes, textIn } from "./part-config.ts";
import { type Child, childrenIn, controlType, type PartmanSet, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  flagArgument,
  keep,
  listArgument,
  managerIn,
  numberArgument,
  raise,
  raiseUnmanaged,
  run,
  type Session,
  textArgument,
} from "./session.ts";

/** Divides the children of a managed table, and those to come. */
export function createSubParent(session: Session, call: BoundCall): boolean {
  const request = requestOf(session, call);
  const top = existing(session, request.table);
  const isFour = session.version === 4;
  const manager = managerIn(session, request.table);
  if (!isFour && !partitionTypes(5).includes(request.type))
    raise(session, `${request.type} is not a valid partitioning type`);
  if (isFour) refuseOtherKind(session, request, top.kind === "partitioned-table");
  if (manager === null)
    return raiseUnmanaged(
      session,
      request.table,
      `Cannot subpartition a table that is not managed by pg_partman already. Given top parent table not found in ${session.schema}.part_config: ${request.table}`,
    );
  const check = textArgument(session, call, isFour ? "p_native_check" : "p_declarative_check");
  const isNative = !isFour || request.type === "native";
  if (isNative && check?.toLowerCase() !== "yes") raise(session, destructive(session));
  const set = setOf(session, manager, top);
  const template = textIn(manager.row, "template_table");
  if (manager.sub !== null)
    raise(session, 'duplicate key value violates unique constraint "part_config_sub_pkey"', {
      sqlstate: "23505",
      detail: `Key (sub_parent)=(${request.table}) already exists.`,
    });
  keep(session, request.table, manager.row, subRow(session, request, template));
  for (const child of childrenIn(session, set))
    divide(session, set, child, { ...request, templateTable: template }, isNative);
  return true;
}

function refuseOtherKind(session: Session, { type }: ParentRequest, isNative: boolean): void {
  if (!partitionTypes(4).includes(type)) raise(session, `${type} is not a valid partitioning type`);
  if (isNative && type !== "native")
    raise(
      session,
      "Cannot create a non-native sub-partition of a native parent table. All levels of a sub-partition set must be either all native or all non-native",
    );
}

function destructive(session: Session): string {
  return session.version === 4
    ? 'The sub-partitioning of a natively partitioned table is a DESTRUCTIVE process unless all child tables are already natively subpartitioned. All child tables, and therefore ALL DATA, may be destroyed since the parent table must be declared as partitioned on first creation and cannot be altered later. See docs for more info. Set p_native_check parameter to "yes" if you are sure this is ok.'
    : 'Subpartitioning is a DESTRUCTIVE process unless all child tables are already themselves subpartitioned. All child tables, and therefore ALL DATA, may be destroyed since the parent table must be declared as partitioned on first creation and cannot be altered later. See docs for more info. Set p_declarative_check parameter to "yes" if you are sure this is ok.';
}

function subRow(session: Session, request: ParentRequest, template: string | null): ConfigurationValues {
  const row = new Map(
    newRow(session.version, {
      control: request.control,
      partition_interval: request.interval,
      partition_type: request.type,
      constraint_cols: request.constraintColumns,
      premake: request.premake,
      automatic_maintenance: "on",
      epoch: request.epoch,
      jobmon: request.jobmon,
      template_table: template,
      date_trunc_interval: request.dateTruncInterval,
      ...(session.version === 5
        ? { time_encoder: request.timeEncoder, time_decoder: request.timeDecoder }
        : {
            upsert: request.upsert,
            trigger_return_null: request.triggerReturnsNull,
            inherit_fk: request.inheritsForeignKeys,
          }),
    }),
  );
  if (session.version === 5) {
    row.set("default_table", { family: "boolean", value: request.defaultTable });
    row.set("control_not_null", { family: "boolean", value: request.controlNotNull });
  }
  row.delete("parent_table");
  return row;
}

function divide(session: Session, set: PartmanSet, child: Child, request: ParentRequest, isNative: boolean): void {
  const { table } = child;
  refuseInterval(session, set, child, request);
  if (table.kind === "partitioned-table") {
    const column = table.partitioning?.key.elements[0]?.column ?? null;
    if (column !== null && column !== request.control)
      raise(
        session,
        `Attempted to sub-partition an existing table that has the partition column (${column}) defined differently than the control column given (${request.control})`,
      );
    return;
  }
  const name = `${table.schema}.${table.name}`;
  if (!isNative) {
    createParent(session, { ...request, table: name });
    return;
  }
  run(session, `DROP TABLE ${quoteQualifiedName(table.schema, table.name)}`);
  const create = set.isTime ? createTimePartitions : createIdPartitions;
  create(session, request.table, [child.start], request.startPartition, createParent);
}

function refuseInterval(
  session: Session,
  { manager, isTime }: PartmanSet,
  { table }: Child,
  request: ParentRequest,
): void {
  const above = textIn(manager.row, "partition_interval") ?? "";
  const kind = controlType(session, table, request.control).general;
  const isEpoch = textIn(manager.row, "epoch") !== "none";
  if (isTime && (isEpoch ? kind === "id" && request.epoch !== "none" : kind === "time")) {
    const own = castInterval(session, intervalOf(session, request.interval));
    if (intervalLength(own) < microsPerSecond) raise(session, "Partitioning interval must be 1 second or greater");
    const outer = castInterval(session, above);
    if (intervalLength(own) >= intervalLength(outer))
      raise(session, "Sub-partition interval cannot be greater than or equal to the given parent interval");
    const week = 7n * microsPerDay;
    const isWeek = intervalLength(own) === week && intervalLength(outer) > week;
    if (isWeek || request.dateTruncInterval === "week")
      raise(
        session,
        session.version === 5
          ? "Due to conflicting data boundaries between weeks and any larger interval of time, pg_partman cannot support a sub-partition interval of weekly time periods"
          : "Due to conflicting data boundaries between ISO weeks and any larger interval of time, pg_partman cannot support a sub-partition interval of weekly",
      );
  } else if (!isTime && kind === "id" && request.epoch === "none") {
    if (castBigint(session, request.interval) >= castBigint(session, above))
      raise(session, "Sub-partition interval cannot be greater than or equal to the given parent interval");
  }
}

/** The interval that one of 4's words stands for. */
function intervalOf({ version }: Session, text: string): string {
  return version === 4 ? (words[text] ?? text) : text;
}

const words: Readonly<Record<string, string>> = {
  yearly: "1 year",
  quarterly: "3 months",
  monthly: "1 month",
  weekly: "1 week",
  daily: "1 day",
  hourly: "1 hour",
  "half-hour": "30 mins",
  "quarter-hour": "15 mins",
};

function requestOf(session: Session, call: BoundCall): ParentRequest {
  const text = (name: string): string | null => textArgument(session, call, name);
  const isFour = session.version === 4;
  return {
    table: text("p_top_parent") ?? "",
    control: text("p_control") ?? "",
    type: text("p_type") ?? "",
    interval: text("p_interval") ?? "",
    premake: numberArgument(session, call, "p_premake") ?? 4,
    epoch: text("p_epoch") ?? "none",
    startPartition: text("p_start_partition"),
    defaultTable: isFour || flagArgument(session, call, "p_default_table") === true,
    automaticMaintenance: "on",
    constraintColumns: listArgument(session, call, "p_constraint_cols"),
    templateTable: null,
    dateTruncInterval: text("p_date_trunc_interval"),
    controlNotNull: isFour || flagArgument(session, call, "p_control_not_null") !== false,
    timeEncoder: isFour ? null : text("p_time_encoder"),
    timeDecoder: isFour ? null : text("p_time_decoder"),
    offsetId: 0n,
    upsert: isFour ? (text("p_upsert") ?? "") : "",
    publications: null,
    jobmon: flagArgument(session, call, "p_jobmon") !== false,
    triggerReturnsNull: !isFour || flagArgument(session, call, "p_trigger_return_null") !== false,
    inheritsForeignKeys: !isFour || flagArgument(session, call, "p_inherit_fk") !== false,
  };
}
