/** `create_parent` and `create_partition`: the checks in their order, the first partitions, the default and the template. */

import { relationById } from "../../catalog/catalog.ts";
import type { ConfigurationValues } from "../../catalog/manager.ts";
import { nameWithSuffix } from "../../catalog/partman-names.ts";
import type { Relation } from "../../catalog/relation.ts";
import { microsPerDay, microsPerSecond } from "../../catalog/values/calendar.ts";
import { type IntervalValue, intervalLength, printInterval } from "../../catalog/values/interval.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall } from "../extension.ts";
import { checkedControl, checkedParent, checkKey, refusePublication } from "./checked-parent.ts";
import { createIdPartitions, createTimePartitions, likeOptions, type ParentRequest } from "./create-partitions.ts";
import { largestIn } from "./known-data.ts";
import { newRow, textIn, violation } from "./part-config.ts";
import { gridStart } from "./partition-name.ts";
import { type PartmanSet, setAbove, startOf } from "./partition-set.ts";
import {
  castBigint,
  castInstant,
  castInterval,
  flagArgument,
  keep,
  knowsAbsence,
  listArgument,
  managerIn,
  now,
  numberArgument,
  plus,
  raise,
  run,
  type Session,
  tableOf,
  textArgument,
  truncated,
  unitOf,
  wrapping,
} from "./session.ts";
import { inheritTemplate } from "./template.ts";
import { makeFunctionAndTrigger } from "./trigger-mode.ts";

/** The arguments of a call of either version. */
export function requestOf(session: Session, call: BoundCall): ParentRequest {
  const text = (name: string): string | null => textArgument(session, call, name);
  const isFour = session.version === 4;
  const offset = call.arguments.get("p_offset_id");
  return {
    table: text("p_parent_table") ?? "",
    control: text("p_control") ?? "",
    type: text("p_type") ?? "",
    interval: text("p_interval") ?? "",
    premake: numberArgument(session, call, "p_premake") ?? 4,
    epoch: text("p_epoch") ?? "none",
    startPartition: text("p_start_partition"),
    defaultTable: isFour || flagArgument(session, call, "p_default_table") === true,
    automaticMaintenance: text("p_automatic_maintenance") ?? "on",
    constraintColumns: listArgument(session, call, "p_constraint_cols"),
    templateTable: text("p_template_table"),
    dateTruncInterval: text("p_date_trunc_interval"),
    controlNotNull: isFour || flagArgument(session, call, "p_control_not_null") !== false,
    timeEncoder: isFour ? null : text("p_time_encoder"),
    timeDecoder: isFour ? null : text("p_time_decoder"),
    offsetId: offset?.family === "integer" ? offset.value : 0n,
    upsert: isFour ? (text("p_upsert") ?? "") : "",
    publications: isFour ? listArgument(session, call, "p_publications") : null,
    jobmon: flagArgument(session, call, "p_jobmon") !== false,
    triggerReturnsNull: !isFour || flagArgument(session, call, "p_trigger_return_null") !== false,
    inheritsForeignKeys: !isFour || flagArgument(session, call, "p_inherit_fk") !== false,
  };
}

/** Makes a table the parent of a set; whether it did. */
export function createParent(session: Session, request: ParentRequest): boolean {
  return wrapping(session, true, () => parentMade(session, request));
}

function parentMade(session: Session, request: ParentRequest): boolean {
  const { table } = request;
  const parent = checkedParent(session, request);
  const kind = checkedControl(session, parent, request);
  const isNative = session.version === 5 || request.type === "native";
  checkKey(session, parent, request, isNative);
  const template = isNative ? madeTemplate(session, parent, request) : null;
  const { publications } = request;
  if (publications?.length === 0) raise(session, "p_publications cannot be an empty set");
  for (const name of publications ?? []) refusePublication(session, name);
  const isTime = kind !== "id" || request.epoch !== "none";
  const made = isTime
    ? createTimeSet(session, parent, request, template)
    : createIdSet(session, parent, request, template);
  if (!made) return false;
  if (isNative && request.defaultTable) createDefault(session, parent, table);
  if (!isNative) makeFunctionAndTrigger(session, parent);
  return true;
}

/** The name of the template, which is made where none is given; null where there is to be none. */
function madeTemplate(session: Session, parent: Relation, { table, templateTable }: ParentRequest): string | null {
  if (templateTable === null) {
    const name = nameWithSuffix(`template_${parent.schema}_${parent.name}`, "", false);
    const above = quoteQualifiedName(parent.schema, parent.name);
    run(session, `CREATE TABLE IF NOT EXISTS ${quoteQualifiedName(session.schema, name)} (LIKE ${above})`);
    return `${session.schema}.${name}`;
  }
  if (session.version === 5 && ["false", "f"].includes(templateTable.toLowerCase())) return null;
  const given = tableOf(session, templateTable);
  if (given === null) {
    if (!knowsAbsence(session)) return session.work.decline(`the table ${templateTable} is not known`);
    return raise(
      session,
      `Unable to find given template table in system catalogs (${table}). Please create template table first or leave parameter NULL to have a default one created for you.`,
    );
  }
  return `${given.schema}.${given.name}`;
}

/** How the siblings of a new child of a sub-partitioned set are sub-partitioned: it will be so too. */
function siblingsSub(session: Session, parent: Relation): ConfigurationValues | null {
  const id = parent.partitionOf?.parent ?? parent.inherits[0];
  const above = id === undefined ? null : relationById(session.work.catalog, id);
  if (above === null) return null;
  for (const sibling of childrenOf(session.work.catalog, above)) {
    const sub = managerIn(session, `${sibling.schema}.${sibling.name}`)?.sub ?? null;
    if (sub !== null) return sub;
  }
  return null;
}

function storeConfig(
  session: Session,
  parent: Relation,
  request: ParentRequest,
  cells: { readonly type: string; readonly interval: string; readonly pattern: string | null },
  template: string | null,
): void {
  const { table } = request;
  const isFour = session.version === 4;
  const row = newRow(session.version, {
    parent_table: table,
    control: request.control,
    partition_type: cells.type,
    partition_interval: cells.interval,
    premake: request.premake,
    epoch: cells.pattern === null ? "none" : request.epoch,
    automatic_maintenance: request.automaticMaintenance,
    constraint_cols: request.constraintColumns,
    datetime_string: cells.pattern,
    jobmon: request.jobmon,
    template_table: template,
    date_trunc_interval: request.dateTruncInterval,
    ...(isFour ? {} : { maintenance_role: session.work.catalog.settings.user }),
    ...(isFour
      ? {
          upsert: request.upsert,
          publications: request.publications,
          trigger_return_null: request.triggerReturnsNull,
          inherit_fk: request.inheritsForeignKeys,
          inherit_privileges: cells.type !== "native",
        }
      : { time_encoder: request.timeEncoder, time_decoder: request.timeDecoder }),
  });
  const wrong = violation(row, session.version);
  if (wrong !== null) raise(session, wrong.message, wrong);
  if (managerIn(session, table) !== null)
    raise(session, 'duplicate key value violates unique constraint "part_config_parent_table_pkey"', {
      detail: `Key (parent_table)=(${table}) already exists.`,
    });
  keep(session, table, row, siblingsSub(session, parent));
}

const wordIntervals: Readonly<Record<string, string>> = {
  yearly: "1 year",
  quarterly: "3 months",
  monthly: "1 month",
  weekly: "1 week",
  daily: "1 day",
  hourly: "1 hour",
  "half-hour": "30 mins",
  "quarter-hour": "15 mins",
};

function createTimeSet(session: Session, parent: Relation, request: ParentRequest, template: string | null): boolean {
  const { table, startPartition, premake } = request;
  const word = session.version === 4 ? wordIntervals[request.interval] : undefined;
  const interval = castInterval(session, word ?? request.interval);
  if (word === undefined && intervalLength(interval) < microsPerSecond)
    raise(session, "Partitioning interval must be 1 second or greater");
  const type = session.version === 4 && word === undefined && request.type !== "native" ? "time-custom" : request.type;
  const current = now(session, interval);
  const from =
    startPartition === null ? plus(session, current, interval, -premake) : castInstant(session, startPartition);
  const base = truncated(session, request.dateTruncInterval ?? unitOf(session, interval, request.interval), from);
  const pattern = patternOf(session, interval, request);
  const end = plus(session, current, interval, premake);
  const starts = [base];
  for (let count = 1; ; count += 1) {
    const next = plus(session, base, interval, count);
    if (next >= end) break;
    if (count > mostPartitions) break;
    starts.push(next);
  }
  storeConfig(session, parent, request, { type, interval: printInterval(interval), pattern }, template);
  // The first may be refused for what it is.
  if (starts.length > mostPartitions) {
    createTimePartitions(session, table, starts.slice(0, 1), null, createParent);
    session.work.decline("it makes too many partitions");
  }
  if (createTimePartitions(session, table, starts, null, createParent)) return true;
  const above = setAbove(session, parent);
  if (above === null) return false;
  const place = aboveStart(session, above, parent);
  const before = gridStart(session, base, interval, place);
  const lowest = before < place ? plus(session, before, interval) : before;
  createTimePartitions(session, table, [lowest], null, createParent);
  return true;
}

/** More partitions are not made in one call. */
const mostPartitions = 5000;

function aboveStart(session: Session, above: PartmanSet, parent: Relation): bigint {
  return startOf(session, above, relationById(session.work.catalog, parent.id) ?? parent);
}

function patternOf(session: Session, interval: IntervalValue, request: ParentRequest): string {
  const length = intervalLength(interval);
  if (session.version === 5) return length < microsPerDay ? "YYYYMMDD_HH24MISS" : "YYYYMMDD";
  if (request.dateTruncInterval !== null) return length < microsPerDay ? "YYYY_MM_DD_HH24MISS" : "YYYY_MM_DD";
  if (length >= 360n * microsPerDay) return "YYYY";
  if (request.interval === "quarterly") return 'YYYY"q"Q';
  if (length >= 30n * microsPerDay) return "YYYY_MM";
  if (request.interval === "weekly") return 'IYYY"w"IW';
  if (length >= microsPerDay) return "YYYY_MM_DD";
  return length >= 60n * microsPerSecond ? "YYYY_MM_DD_HH24MI" : "YYYY_MM_DD_HH24MISS";
}

function createIdSet(session: Session, parent: Relation, request: ParentRequest, template: string | null): boolean {
  const { table, type, startPartition, premake, offsetId } = request;
  const interval = castBigint(session, request.interval);
  if (session.version === 5 && interval < 2n && type !== "list")
    raise(
      session,
      `Interval for range partitioning must be greater than or equal to 2. Use LIST partitioning for single value partitions. (Values given: p_interval: ${request.interval}, p_type: ${type})`,
    );
  if (session.version === 4 && type !== "native" && interval < 10n)
    raise(session, "Interval for serial, non-native partitioning must be greater than or equal to 10");
  const largest =
    startPartition === null
      ? (largestIn(session, topOf(session, parent), request.control) ?? 0n)
      : castBigint(session, startPartition);
  if (interval === 0n) raise(session, "division by zero");
  const start = largest - (largest % interval) + (session.version === 5 ? offsetId : 0n);
  const starts: bigint[] = [];
  for (let count = 0n; count <= BigInt(premake); count += 1n) {
    if (startPartition === null && start - interval * count > 0n && count > 0n && interval > 0n)
      starts.push(start - interval * count);
    starts.push(start + interval * count);
    if (count > BigInt(mostPartitions)) session.work.decline("it makes too many partitions");
  }
  storeConfig(session, parent, request, { type, interval: String(interval), pattern: null }, template);
  if (createIdPartitions(session, table, starts, null, createParent)) return true;
  const above = setAbove(session, parent);
  if (above === null) return false;
  const place = aboveStart(session, above, parent);
  const rest = (((place - start) % interval) + interval) % interval;
  const lowest = rest === 0n ? place : place + interval - rest;
  createIdPartitions(session, table, [lowest], null, createParent);
  return true;
}

/** The highest table above that is managed and divided by numbers. */
function topOf(session: Session, parent: Relation): Relation {
  let top = parent;
  for (let level = 0; level < 20; level += 1) {
    const above = setAbove(session, top);
    if (above === null || above.isTime) return top;
    top = above.parent;
  }
  return top;
}

function createDefault(session: Session, parent: Relation, table: string): void {
  const name = nameWithSuffix(parent.name, "_default", false);
  const child = quoteQualifiedName(parent.schema, name);
  const above = quoteQualifiedName(parent.schema, parent.name);
  const exists = session.version === 5 ? "IF NOT EXISTS " : "";
  const manager = managerIn(session, table);
  run(session, `CREATE TABLE ${exists}${child} (LIKE ${above} ${likeOptions(session, true)})`);
  run(session, `ALTER TABLE ${above} ATTACH PARTITION ${child} DEFAULT`);
  if (manager !== null && textIn(manager.row, "template_table") !== null)
    inheritTemplate(session, manager, parent, name);
}
