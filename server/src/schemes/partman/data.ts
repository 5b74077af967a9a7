/** `partition_data_time/_id/_proc/_async`: rows move to the partitions that they need. */

import { relationById } from "../../catalog/catalog.ts";
import { nameWithSuffix } from "../../catalog/partman-names.ts";
import type { Relation } from "../../catalog/relation.ts";
import { microsPerSecond } from "../../catalog/values/calendar.ts";
import { truncateTimestamp } from "../../catalog/values/datetime-arithmetic.ts";
import { type IntervalValue, intervalLength } from "../../catalog/values/interval.ts";
import type { BoundCall, CallValue } from "../extension.ts";
import { createParent } from "./create-parent.ts";
import { createIdPartitions, createTimePartitions } from "./create-partitions.ts";
import { pointsIn } from "./known-data.ts";
import { storeRows, takeRows } from "./moved-rows.ts";
import { textIn } from "./part-config.ts";
import { gridStart, startFor } from "./partition-name.ts";
import { childrenIn, controlType, defaultOf, lastStart, type PartmanSet, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  flagArgument,
  instantOf,
  intervalArgument,
  knowsAbsence,
  listArgument,
  localOf,
  managerIn,
  numberArgument,
  plus,
  raise,
  raiseUnmanaged,
  type Session,
  tableOf,
  textArgument,
  toChar,
} from "./session.ts";
import { gridUnit, makeFunction } from "./trigger-mode.ts";

interface Request {
  readonly table: string;
  readonly count: number;
  /** null for that of the set. */
  readonly batch: IntervalValue | bigint | null;
  readonly order: string;
  readonly source: string | null;
  readonly ignored: readonly string[];
  readonly overriding: boolean;
  readonly ignoresInfinity: boolean;
}

/** `partition_data_time` and `partition_data_id`: how many rows were moved. */
export function partitionData(session: Session, call: BoundCall, byTime: boolean): number {
  const batch = byTime
    ? intervalArgument(session, call, "p_batch_interval")
    : (call.arguments.get("p_batch_interval") ?? null);
  const flag = (name: string): boolean => call.arguments.has(name) && flagArgument(session, call, name) === true;
  return moved(
    session,
    {
      table: textArgument(session, call, "p_parent_table") ?? "",
      count: numberArgument(session, call, "p_batch_count") ?? 0,
      batch:
        batch === null ? null : batch.family === "interval" ? batch : batch.family === "integer" ? batch.value : null,
      order: textArgument(session, call, "p_order") ?? "ASC",
      source: textArgument(session, call, "p_source_table"),
      ignored: listArgument(session, call, "p_ignored_columns") ?? [],
      overriding: flag("p_override_system_value"),
      ignoresInfinity: flag("p_ignore_infinity"),
    },
    byTime,
  );
}

function moved(session: Session, request: Request, byTime: boolean): number {
  const { table } = request;
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `ERROR: No entry in part_config found for given table:  ${table}`);
  const interval = textIn(manager.row, "partition_interval") ?? "";
  if (byTime) castInterval(session, interval);
  else castBigint(session, interval);
  if (request.ignoresInfinity && request.source !== null)
    raise(
      session,
      `The ignore infinity parameter is only for usage when moving data out of the default. Found that p_source_table was set: ${request.source}`,
    );
  const parent = tableOf(session, table);
  if (parent === null) return movedOfNone(session, request, textIn(manager.row, "partition_type") ?? "");
  const set = setOf(session, manager, parent);
  refuseOtherControl(session, set, byTime);
  const source = sourceOf(session, set, request, byTime);
  if (source === null) return 0;
  let total = 0;
  for (let round = 0; round < request.count; round += 1) {
    if (request.order !== "ASC" && request.order !== "DESC")
      raise(session, "Invalid value for p_order. Must be ASC or DESC");
    const count = moveBatch(session, set, source, request);
    if (count === null) break;
    total += count;
    if (count === 0) break;
  }
  const type = textIn(manager.row, "partition_type");
  if (type === "partman" || (byTime && type === "time-custom")) makeFunction(session, parent);
  return total;
}

/** The parent is gone: its name comes to nothing where the default is looked for. */
function movedOfNone(session: Session, { table, source }: Request, type: string): never {
  if (!knowsAbsence(session) || source !== null) return session.work.decline(`${table} is not known`);
  if (session.version === 5 || type === "native")
    return raise(session, "null values cannot be formatted as an SQL identifier", { sqlstate: "22004" });
  return raise(session, `Given parent table not found in system catalogs: ${table}`);
}

function refuseOtherControl(session: Session, { parent, control, isTime, manager }: PartmanSet, byTime: boolean): void {
  const kind = controlType(session, parent, control).general ?? "<NULL>";
  const epoch = textIn(manager.row, "epoch") ?? "none";
  if (byTime && !isTime)
    raise(
      session,
      session.version === 5
        ? `Cannot run on partition set without time based control column, an epoch flag set with an id column or time_encoder set with text column. Found control: ${kind}, epoch: ${epoch}, time_encoder: ${textIn(manager.row, "time_encoder") ?? "<NULL>"}s`
        : `Cannot run on partition set without time based control column or epoch flag set with an id column. Found control: ${kind}, epoch: ${epoch}`,
    );
  if (!byTime && (kind !== "id" || epoch !== "none"))
    raise(
      session,
      `Control column for given partition set is not id/serial based or epoch flag is set for time-based partitioning.`,
    );
}

/** The table whose rows are moved; null where there is none. */
function sourceOf(session: Session, set: PartmanSet, { source, batch }: Request, byTime: boolean): Relation | null {
  const isNative = set.parent.kind === "partitioned-table";
  const partition = isNative ? defaultOf(session, set.parent) : null;
  if (source !== null) {
    const given = tableOf(session, source);
    if (session.version === 5 && byTime && given !== null && given.id === partition?.id)
      raise(
        session,
        "Cannot set p_source_table to the same value as the default table for this partition set. If you are moving data out of the default, please leave p_source_table unset and data will be moved out of the default table automatically.",
      );
    if (given === null) {
      if (!knowsAbsence(session)) session.work.decline(`${source} is not known`);
      raise(session, `Given source table does not exist in system catalogs: ${source}`);
    }
    return given;
  }
  if (!isNative) return set.parent;
  if (batch !== null && !isWholeInterval(session, set, batch, byTime)) raise(session, customInterval(session));
  return partition;
}

function isWholeInterval(
  session: Session,
  { manager }: PartmanSet,
  batch: IntervalValue | bigint,
  byTime: boolean,
): boolean {
  const interval = textIn(manager.row, "partition_interval") ?? "";
  if (typeof batch === "bigint") return !byTime && batch === castBigint(session, interval);
  return byTime && intervalLength(batch) === intervalLength(castInterval(session, interval));
}

function customInterval(session: Session): string {
  return session.version === 5
    ? "If any interval smaller than the partition interval must be used for moving data out of the default, please use the partition_data_async() procedure."
    : "Custom intervals are not allowed when moving data out of the DEFAULT partition in a native set. Please leave p_interval/p_batch_interval parameters unset or NULL to allow use of partition set's default partitioning interval.";
}

/** Moves the rows of one partition; null where there is none left. */
function moveBatch(session: Session, set: PartmanSet, { id }: Relation, request: Request): number | null {
  const { work } = session;
  const { table, order, batch, ignored, overriding } = request;
  const source = relationById(work.catalog, id);
  if (source === null) return null;
  const points = pointsIn(session, set, source, true);
  const [first] = points;
  if (first === undefined) return null;
  const pick = (a: bigint, b: bigint): boolean => (order === "ASC" ? a < b : a > b);
  const point = points.reduce((most, each) => (pick(each, most) ? each : most), first);
  const { start, end } = around(session, set, point);
  const [from, to] = rangeOfBatch(session, set, { point, start, end, order, batch });
  const isMoved = (place: number): boolean => {
    const at = points[place];
    return at !== undefined && at >= from && at < to;
  };
  const isDefault = source.partitionOf?.bound.kind === "default" && request.source === null;
  const create = set.isTime ? createTimePartitions : createIdPartitions;
  // What leaves the default has to be out of it before the partition can be made.
  const taken = isDefault ? takeRows(session, source, isMoved) : null;
  create(session, table, [start], null, createParent);
  const leaving = taken ?? takeRows(session, source, isMoved);
  // The table is named after where the batch begins, and in 4 looked for in the schema of the source.
  const suffix = set.isTime ? toChar(session, from, textIn(set.manager.row, "datetime_string") ?? "") : String(from);
  const schema = session.version === 5 && set.isTime ? set.parent.schema : source.schema;
  const name = nameWithSuffix(set.parent.name, suffix, true);
  return storeRows(session, leaving, { schema, name, source, ignored, overriding });
}

/** The partition around a point: where 4's words cut back to, else on the grid of the last partition. */
function around(session: Session, set: PartmanSet, point: bigint): { readonly start: bigint; readonly end: bigint } {
  const text = textIn(set.manager.row, "partition_interval") ?? "";
  if (!set.isTime) {
    const interval = castBigint(session, text);
    const start = point - (point % interval);
    return { start, end: start + interval };
  }
  const interval = castInterval(session, text);
  const unit = textIn(set.manager.row, "partition_type") === "partman" ? gridUnit(interval) : null;
  const start =
    unit === null ? gridStart(session, lastStart(session, set), interval, point) : cutBack(session, point, unit);
  return { start, end: plus(session, start, interval) };
}

function cutBack(session: Session, point: bigint, unit: NonNullable<ReturnType<typeof gridUnit>>): bigint {
  const local = localOf(session, point);
  if (typeof unit === "string") return instantOf(session, truncateTimestamp(local, unit));
  const hour = truncateTimestamp(local, "hour");
  const length = BigInt(unit) * 60n * microsPerSecond;
  return instantOf(session, hour + ((local - hour) / length) * length);
}

interface Batch {
  readonly point: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly order: string;
  readonly batch: IntervalValue | bigint | null;
}

function rangeOfBatch(
  session: Session,
  set: PartmanSet,
  { point, start, end, order, batch }: Batch,
): readonly [bigint, bigint] {
  if (batch === null) return [start, end];
  const text = textIn(set.manager.row, "partition_interval") ?? "";
  if (typeof batch === "bigint") {
    if (batch > castBigint(session, text)) return [start, end];
    if (order === "ASC") return [start, point + batch < end ? point + batch : end];
    return [point - batch >= start ? point - batch : start, end];
  }
  if (intervalLength(batch) > intervalLength(castInterval(session, text))) return [start, end];
  if (order === "ASC") {
    const limit = plus(session, point, batch);
    return [start, limit < end ? limit : end];
  }
  const limit = plus(session, point, batch, -1);
  return [limit >= start ? limit : start, end];
}

/** `CALL partition_data_proc(…)`: all rows, and a COMMIT after each batch that moved some. */
export function partitionDataProc(session: Session, call: BoundCall): void {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `ERROR: No entry in part_config found for given table: ${table}`);
  const parent = tableOf(session, table) ?? raiseMissing(session, "parent", table);
  const source = textArgument(session, call, "p_source_table");
  if (source !== null && tableOf(session, source) === null) raiseMissing(session, "source", source);
  const set = setOf(session, manager, parent);
  const kind = controlType(session, set.parent, set.control).general;
  // It puts the kind into the name of the function that it calls.
  if (kind === "uuid" || kind === "text")
    raise(
      session,
      `function ${session.schema}.partition_data_${kind}(p_parent_table => unknown, p_lock_wait => unknown, p_order => unknown, p_analyze => boolean) does not exist`,
      {
        sqlstate: "42883",
        hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
      },
    );
  const most = numberArgument(session, call, session.version === 5 ? "p_loop_count" : "p_batch") ?? 0;
  const interval = textArgument(session, call, "p_interval");
  const batch = interval === null ? null : set.isTime ? castInterval(session, interval) : castBigint(session, interval);
  const request: Request = {
    table,
    count: 1,
    batch,
    order: textArgument(session, call, "p_order") ?? "ASC",
    source,
    ignored: listArgument(session, call, "p_ignored_columns") ?? [],
    overriding: false,
    ignoresInfinity: false,
  };
  for (let round = 1; ; round += 1) {
    if (round > mostRounds) session.work.decline("it moves too many batches");
    const count = moved(session, request, set.isTime);
    if (count === 0 || (most > 0 && round >= most)) return;
    if (session.work.isAtomic) session.work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
  }
}

const mostRounds = 1000;

export function raiseMissing(session: Session, what: "parent" | "source" | "target", table: string): never {
  if (!knowsAbsence(session)) return session.work.decline(`${table} is not known`);
  return raise(
    session,
    `Unable to find given ${what} table in system catalogs. Ensure it is schema qualified: ${table}`,
  );
}

/** `partition_data_async` of 5: what the default holds goes, by way of a table in between, into partitions made for it. */
export function partitionDataAsync(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `ERROR: No entry in part_config found for given table: ${table}`);
  const parent = tableOf(session, table) ?? raiseMissing(session, "parent", table);
  if (textArgument(session, call, "p_order") !== "ASC")
    raise(session, "Async partitioning currently only supports going in ascending order for data migration");
  const set = setOf(session, manager, parent);
  const kind = controlType(session, parent, set.control).general;
  if (!set.isTime || kind === "uuid" || kind === "text")
    raise(
      session,
      "Asyncronous partitioning currently only works with time-based partitioning. ID/Integer/UUID support is in development",
    );
  const source = defaultOf(session, parent);
  if (source === null) return raise(session, `Default table not found for given partition set: ${table}`);
  const interval = textArgument(session, call, "p_interval");
  const text = textIn(manager.row, "partition_interval") ?? "";
  const own = castInterval(session, text);
  if (interval !== null && intervalLength(castInterval(session, interval)) >= intervalLength(own))
    raise(
      session,
      `The given interval (${interval}) is greater than or equal to this partition set's default interval (${text}). Please use a non-async partitioning function or procedure for a much simpler process to partition your data`,
    );
  const ignored = listArgument(session, call, "p_ignored_columns") ?? [];
  for (let round = 0; ; round += 1) {
    const points = pointsIn(session, set, source, true);
    const [first] = points;
    if (first === undefined) return null;
    if (session.work.isAtomic) session.work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
    // Without an interval it counts on NULL, and never comes to an end.
    const isLimited = (numberArgument(session, call, "p_loop_count") ?? 0) > 0;
    if (interval === null || isLimited || round > mostRounds)
      session.work.decline("how far it gets in so many steps is not followed");
    const least = points.reduce((most, each) => (each < most ? each : most), first);
    const start = startFor(session, childrenIn(session, set), least, own);
    const end = plus(session, start, own);
    const rows = takeRows(session, source, (place) => (points[place] ?? end) < end);
    createTimePartitions(session, table, [start], null, createParent);
    const name = nameWithSuffix(
      parent.name,
      toChar(session, start, textIn(manager.row, "datetime_string") ?? ""),
      true,
    );
    storeRows(session, rows, { schema: parent.schema, name, source, ignored });
  }
}
