/** Makes partitions of a set as pg_partman does: the tables, their bounds, what the template adds, and the sets below them. */

import { relationById } from "../../catalog/catalog.ts";
import type { ConfigurationValues, Manager } from "../../catalog/manager.ts";
import { nameWithSuffix } from "../../catalog/partman-names.ts";
import { epochOfInstant, hasCustomRange, withCustomRange } from "../../catalog/partman-state.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteConstant } from "../../catalog/values/print.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import { changed, flagIn, numberIn, textIn } from "./part-config.ts";
import { controlType, limitsOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  keep,
  managerIn,
  noteHole,
  plus,
  printInstant,
  raise,
  raiseUnmanaged,
  run,
  type Session,
  tableOf,
  toChar,
  wrapping,
} from "./session.ts";
import { inheritTemplate } from "./template.ts";

/** How the partition sets below new partitions are made: `create_parent` of the version. */
export type CreateParent = (session: Session, request: ParentRequest) => boolean;

/** The arguments of `create_parent`, as they arrive from a call or from the configuration of sub-partitions. */
export interface ParentRequest {
  readonly table: string;
  readonly control: string;
  readonly type: string;
  readonly interval: string;
  readonly premake: number;
  readonly epoch: string;
  readonly startPartition: string | null;
  readonly defaultTable: boolean;
  readonly automaticMaintenance: string;
  readonly constraintColumns: readonly string[] | null;
  readonly templateTable: string | null;
  readonly dateTruncInterval: string | null;
  readonly controlNotNull: boolean;
  readonly timeEncoder: string | null;
  readonly timeDecoder: string | null;
  readonly offsetId: bigint;
  readonly upsert: string;
  readonly publications: readonly string[] | null;
  readonly jobmon: boolean;
  /** 4's `p_trigger_return_null` and `p_inherit_fk`. */
  readonly triggerReturnsNull: boolean;
  readonly inheritsForeignKeys: boolean;
}

const likeOfFive =
  "INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING CONSTRAINTS INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STATISTICS INCLUDING STORAGE";
const likeOfFour = "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMMENTS";

/** What new partitions copy of their parent. */
export function likeOptions(session: Session, isNative: boolean): string {
  const { version } = session.work.context;
  if (session.version === 5) return version >= 14 ? likeOfFive : likeOfFive.replace(" INCLUDING COMPRESSION", "");
  return isNative ? `${likeOfFour} INCLUDING GENERATED` : `${likeOfFour} INCLUDING INDEXES`;
}

interface Target {
  readonly manager: Manager;
  readonly parent: Relation;
  readonly isNative: boolean;
  readonly control: string;
}

function targetOf(session: Session, table: string): Target {
  const manager = managerIn(session, table);
  if (manager === null) return raiseUnmanaged(session, table, `ERROR: no config found for ${table}`);
  const parent = tableOf(session, table);
  if (parent === null) return session.work.decline(`${table} is not known`);
  const type = textIn(manager.row, "partition_type") ?? "";
  return {
    manager,
    parent,
    isNative: session.version === 5 || type === "native",
    control: textIn(manager.row, "control") ?? "",
  };
}

/** `create_partition_time`: makes the partitions that begin at these instants, unless their names are taken; whether it made one. */
export function createTimePartitions(
  session: Session,
  table: string,
  starts: readonly bigint[],
  startPartition: string | null,
  createParent: CreateParent,
): boolean {
  return wrapping(session, true, () => timesMade(session, table, starts, startPartition, createParent));
}

function timesMade(
  session: Session,
  table: string,
  starts: readonly bigint[],
  startPartition: string | null,
  createParent: CreateParent,
): boolean {
  const target = targetOf(session, table);
  const { manager, parent } = target;
  const interval = castInterval(session, textIn(manager.row, "partition_interval") ?? "");
  const epoch = textIn(manager.row, "epoch") ?? "none";
  const kind = controlType(session, parent, target.control).general;
  if (kind !== "time" && !(kind === "id" && epoch !== "none") && textIn(manager.row, "time_encoder") === null)
    raise(session, notByTime(session, kind, epoch, manager));
  const limits = limitsOf(session, parent, true);
  const pattern = textIn(manager.row, "datetime_string") ?? "";
  let made = false;
  for (const start of starts) {
    const end = plus(session, start, interval);
    if (limits !== null && (start < limits.from || start >= limits.to)) continue;
    const name = nameWithSuffix(parent.name, toChar(session, start, pattern), true);
    if (isTaken(session, parent.schema, name)) {
      if (!isPartOf(session, parent, name))
        noteHole(session, manager, { name, from: printInstant(session, start), to: printInstant(session, end) });
      continue;
    }
    createTable(session, target, name);
    attachTime(session, target, name, start, end, epoch);
    afterCreation(session, target, name, startPartition, createParent);
    made = true;
  }
  return made;
}

function notByTime(session: Session, kind: string | null, epoch: string, manager: Manager): string {
  const encoder = textIn(manager.row, "time_encoder") ?? "<NULL>";
  return session.version === 5
    ? `Cannot run on partition set without time based control column, an epoch flag set with an id column or time_encoder set with text column. Found control: ${kind ?? "<NULL>"}, epoch: ${epoch}, time_encoder: ${encoder}s`
    : `Cannot run on partition set without time based control column or epoch flag set with an id column. Found control: ${kind ?? "<NULL>"}, epoch: ${epoch}`;
}

/** `create_partition_id`: the same for numbers. */
export function createIdPartitions(
  session: Session,
  table: string,
  starts: readonly bigint[],
  startPartition: string | null,
  createParent: CreateParent,
): boolean {
  return wrapping(session, true, () => idsMade(session, table, starts, startPartition, createParent));
}

function idsMade(
  session: Session,
  table: string,
  starts: readonly bigint[],
  startPartition: string | null,
  createParent: CreateParent,
): boolean {
  const target = targetOf(session, table);
  const { manager, parent } = target;
  if (controlType(session, parent, target.control).general !== "id")
    raise(session, "ERROR: Given parent table is not set up for id/serial partitioning");
  const interval = castBigint(session, textIn(manager.row, "partition_interval") ?? "");
  const limits = limitsOf(session, parent, false);
  let made = false;
  for (const start of starts) {
    if (limits !== null && (start < limits.from || start > limits.to)) continue;
    const name = nameWithSuffix(parent.name, String(start), true);
    if (isTaken(session, parent.schema, name)) {
      if (!isPartOf(session, parent, name))
        noteHole(session, manager, { name, from: String(start), to: String(start + interval) });
      continue;
    }
    createTable(session, target, name);
    attachId(session, target, name, start, start + interval);
    afterCreation(session, target, name, startPartition, createParent);
    made = true;
  }
  return made;
}

/** Whatever has the name is taken for the partition, and left alone. */
function isTaken({ work: { catalog } }: Session, schema: string, name: string): boolean {
  return catalog.names.getQualified(schema, name) !== undefined;
}

/** Whether what has the name is a partition or child of the parent itself. */
function isPartOf({ work: { catalog } }: Session, { id, schema }: Relation, name: string): boolean {
  const taken = catalog.names.getQualified(schema, name);
  const relation = taken === undefined ? null : relationById(catalog, taken);
  return relation?.partitionOf?.parent === id || relation?.inherits.includes(id) === true;
}

function createTable(session: Session, { manager, parent, isNative }: Target, name: string): void {
  const child = quoteQualifiedName(parent.schema, name);
  const above = quoteQualifiedName(parent.schema, parent.name);
  const subType = manager.sub === null ? null : textIn(manager.sub, "partition_type");
  const isDivided = subType === "range" || subType === "native";
  const like = session.version === 4 && isDivided ? likeOptions(session, true) : likeOptions(session, isNative);
  const by = isDivided
    ? ` PARTITION BY RANGE (${quoteIdentifier(textIn(manager.sub ?? new Map(), "control") ?? "")})`
    : "";
  const unlogged = session.version === 4 && parent.persistence === "unlogged" ? " UNLOGGED" : "";
  run(session, `CREATE${unlogged} TABLE ${child} (LIKE ${above} ${like})${by}`);
  if (isNative && textIn(manager.row, "template_table") !== null) inheritTemplate(session, manager, parent, name);
}

function attachTime(session: Session, target: Target, name: string, start: bigint, end: bigint, epoch: string): void {
  const { manager, parent, control, isNative } = target;
  const [from, to] = [start, end].map((each) => quoteConstant(printInstant(session, each)));
  const child = quoteQualifiedName(parent.schema, name);
  const above = quoteQualifiedName(parent.schema, parent.name);
  const expression = epoch === "none" ? quoteIdentifier(control) : epochExpression(control, epoch);
  const check = `ALTER TABLE ${child} ADD CONSTRAINT ${quoteIdentifier(`${name}_partition_check`)} CHECK (${expression} >= ${from} AND ${expression} < ${to})`;
  if (!isNative) {
    run(session, check);
    if (epoch !== "none")
      run(
        session,
        `ALTER TABLE ${child} ADD CONSTRAINT ${quoteIdentifier(`${name}_partition_int_check`)} CHECK (${quoteIdentifier(control)} >= ${quoteConstant(String(epochOfInstant(start, epoch)))} AND ${quoteIdentifier(control)} < ${quoteConstant(String(epochOfInstant(end, epoch)))})`,
      );
    run(session, `ALTER TABLE ${child} INHERIT ${above}`);
    if (textIn(manager.row, "partition_type") === "time-custom") keepCustomRange(session, parent, name, start, end);
    return;
  }
  const encoder = textIn(manager.row, "time_encoder");
  if (encoder !== null) {
    const [low, high] = [encoded(session, encoder, start), encoded(session, encoder, end)];
    run(session, `ALTER TABLE ${above} ATTACH PARTITION ${child} FOR VALUES FROM (${low}) TO (${high})`);
    return;
  }
  if (epoch === "none") {
    run(session, `ALTER TABLE ${above} ATTACH PARTITION ${child} FOR VALUES FROM (${from}) TO (${to})`);
    return;
  }
  const [low, high] = [start, end].map((each) => quoteConstant(String(epochOfInstant(each, epoch))));
  run(session, `ALTER TABLE ${above} ATTACH PARTITION ${child} FOR VALUES FROM (${low}) TO (${high})`);
  run(session, check);
}

/** The row of `custom_time_partitions` by which the trigger of a time-custom set finds the child. */
function keepCustomRange(session: Session, parent: Relation, name: string, from: bigint, to: bigint): void {
  const [table, child] = [`${parent.schema}.${parent.name}`, `${parent.schema}.${name}`];
  if (hasCustomRange(session.work.catalog, table, child))
    raise(session, 'duplicate key value violates unique constraint "custom_time_partitions_pkey"', {
      sqlstate: "23505",
      detail: `Key (parent_table, child_table)=(${table}, ${child}) already exists.`,
    });
  session.work.catalog = withCustomRange(session.work.catalog, table, { child, from, to });
}

/** The value of the control column that an encoder makes of an instant. */
function encoded(session: Session, encoder: string, instant: bigint): string {
  if (encoder.endsWith("uuid7_time_encoder")) {
    const milliseconds = epochOfInstant(instant, "seconds") * 1000n;
    const hex = milliseconds.toString(16).padStart(12, "0");
    return quoteConstant(`${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`);
  }
  const value = session.work.evaluate(`${encoder}(${quoteConstant(printInstant(session, instant))})::text`);
  if (value?.family !== "text") return session.work.decline(`what ${encoder} gives is not known`);
  return quoteConstant(value.value);
}

function epochExpression(control: string, epoch: string): string {
  const name = quoteIdentifier(control);
  const divisor = { milliseconds: 1000, microseconds: 1000000, nanoseconds: 1000000000 }[epoch];
  return divisor === undefined ? `to_timestamp(${name})` : `to_timestamp((${name}/${divisor})::float)`;
}

function attachId(
  session: Session,
  { manager, parent, control, isNative }: Target,
  name: string,
  start: bigint,
  end: bigint,
): void {
  const child = quoteQualifiedName(parent.schema, name);
  const above = quoteQualifiedName(parent.schema, parent.name);
  if (!isNative) {
    const key = quoteIdentifier(control);
    run(
      session,
      `ALTER TABLE ${child} ADD CONSTRAINT ${quoteIdentifier(`${name}_partition_check`)} CHECK (${key} >= ${start} AND ${key} < ${end})`,
    );
    run(session, `ALTER TABLE ${child} INHERIT ${above}`);
    return;
  }
  const isList = textIn(manager.row, "partition_type") === "list";
  const bound = isList ? `IN ('${start}')` : `FROM ('${start}') TO ('${end}')`;
  run(session, `ALTER TABLE ${above} ATTACH PARTITION ${child} FOR VALUES ${bound}`);
}

/** What `part_config_sub` says of sets below new partitions. */
function afterCreation(
  session: Session,
  { parent }: Target,
  name: string,
  startPartition: string | null,
  createParent: CreateParent,
): void {
  const sub = managerIn(session, `${parent.schema}.${parent.name}`)?.sub ?? null;
  if (sub === null) return;
  const table = `${parent.schema}.${name}`;
  createParent(session, requestFromSub(table, sub, startPartition));
  const made = managerIn(session, table);
  if (made === null) return;
  keep(session, table, changed(made.row, followed(sub, session.version)));
}

/** The settings that a new set below takes from `part_config_sub`. */
function followed(
  sub: ConfigurationValues,
  version: number,
): Readonly<Record<string, string | number | boolean | null>> {
  return {
    retention_schema: textIn(sub, "retention_schema"),
    retention_keep_table: flagIn(sub, "retention_keep_table"),
    optimize_constraint: numberIn(sub, "optimize_constraint"),
    infinite_time_partitions: flagIn(sub, "infinite_time_partitions"),
    inherit_privileges: flagIn(sub, "inherit_privileges"),
    constraint_valid: flagIn(sub, "constraint_valid"),
    ignore_default_data: flagIn(sub, "ignore_default_data"),
    ...(version === 5
      ? { maintenance_order: numberIn(sub, "maintenance_order"), retention: textIn(sub, "retention") }
      : {
          retention_keep_index: flagIn(sub, "retention_keep_index"),
          optimize_trigger: numberIn(sub, "optimize_trigger"),
          trigger_exception_handling: flagIn(sub, "trigger_exception_handling"),
          trigger_return_null: flagIn(sub, "trigger_return_null"),
          upsert: textIn(sub, "upsert"),
        }),
  };
}

function requestFromSub(table: string, sub: ConfigurationValues, startPartition: string | null): ParentRequest {
  const list = sub.get("constraint_cols");
  return {
    table,
    control: textIn(sub, "control") ?? "",
    type: textIn(sub, "partition_type") ?? "",
    interval: textIn(sub, "partition_interval") ?? "",
    premake: numberIn(sub, "premake") ?? 4,
    epoch: textIn(sub, "epoch") ?? "none",
    startPartition,
    defaultTable: sub.has("default_table") ? flagIn(sub, "default_table") : true,
    automaticMaintenance: textIn(sub, "automatic_maintenance") ?? "on",
    constraintColumns:
      list?.family === "array" ? list.elements.flatMap((each) => (each?.family === "text" ? [each.value] : [])) : null,
    templateTable: textIn(sub, "template_table"),
    dateTruncInterval: textIn(sub, "date_trunc_interval"),
    controlNotNull: sub.has("control_not_null") ? flagIn(sub, "control_not_null") : true,
    timeEncoder: textIn(sub, "time_encoder"),
    timeDecoder: textIn(sub, "time_decoder"),
    offsetId: 0n,
    upsert: textIn(sub, "upsert") ?? "",
    publications: null,
    jobmon: flagIn(sub, "jobmon"),
    triggerReturnsNull: true,
    inheritsForeignKeys: flagIn(sub, "inherit_fk"),
  };
}
