/** `partition_data_time/_id/_proc` and `partition_gap_fill`: rows move to the partitions that they need, gaps are filled. */

import { relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type IntervalValue, intervalLength } from "../../catalog/values/interval.ts";
import { rowsOf, withRows } from "../../effects/queries/known-rows.ts";
import type { BoundCall } from "../extension.ts";
import { createParent } from "./create-parent.ts";
import { createIdPartitions, createTimePartitions } from "./create-partitions.ts";
import { pointsIn } from "./known-data.ts";
import { textIn } from "./part-config.ts";
import {
  childrenIn,
  controlType,
  defaultOf,
  nameWithSuffix,
  noStart,
  type PartmanSet,
  setOf,
} from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  intervalArgument,
  knowsAbsence,
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

interface Request {
  readonly table: string;
  readonly count: number;
  /** An interval or a number, as text; null for that of the set. */
  readonly batch: IntervalValue | bigint | null;
  readonly order: string;
  readonly source: string | null;
}

/** `partition_data_time` and `partition_data_id`: how many rows were moved. */
export function partitionData(session: Session, call: BoundCall, byTime: boolean): number {
  const batch = byTime
    ? intervalArgument(session, call, "p_batch_interval")
    : (call.arguments.get("p_batch_interval") ?? null);
  return moved(
    session,
    {
      table: textArgument(session, call, "p_parent_table") ?? "",
      count: numberArgument(session, call, "p_batch_count") ?? 0,
      batch:
        batch === null ? null : batch.family === "interval" ? batch : batch.family === "integer" ? batch.value : null,
      order: textArgument(session, call, "p_order") ?? "ASC",
      source: textArgument(session, call, "p_source_table"),
    },
    byTime,
  );
}

function configured(session: Session, table: string, message: string): PartmanSet {
  const manager = managerIn(session, table);
  if (manager === null) return raiseUnmanaged(session, table, message);
  const parent = tableOf(session, table);
  if (parent === null) return session.work.decline(`${table} is not known`);
  return setOf(session, manager, parent);
}

function moved(session: Session, request: Request, byTime: boolean): number {
  const { table } = request;
  const set = configured(session, table, `ERROR: No entry in part_config found for given table:  ${table}`);
  refuseOtherControl(session, set, byTime);
  const source = sourceOf(session, set, request, byTime);
  if (source === null) return 0;
  if (request.order !== "ASC" && request.order !== "DESC")
    raise(session, "Invalid value for p_order. Must be ASC or DESC");
  let total = 0;
  for (let round = 0; round < request.count; round += 1) {
    const count = moveBatch(session, set, source, request);
    if (count === null) break;
    total += count;
  }
  return total;
}

function refuseOtherControl(session: Session, { parent, control, isTime, manager }: PartmanSet, byTime: boolean): void {
  const interval = textIn(manager.row, "partition_interval") ?? "";
  if (!byTime) castBigint(session, interval);
  const kind = controlType(session, parent, control).general ?? "<NULL>";
  const epoch = textIn(manager.row, "epoch") ?? "none";
  if (byTime && !isTime)
    raise(
      session,
      session.version === 5
        ? `Cannot run on partition set without time based control column, an epoch flag set with an id column or time_encoder set with text column. Found control: ${kind}, epoch: ${epoch}, time_encoder: ${textIn(manager.row, "time_encoder") ?? "<NULL>"}s`
        : `Cannot run on partition set without time based control column or epoch flag set with an id column. Found control: ${kind}, epoch: ${epoch}`,
    );
  if (!byTime && kind !== "id")
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
    if (given !== null && given.id === partition?.id)
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
function moveBatch(
  session: Session,
  set: PartmanSet,
  { id }: Relation,
  { table, order, batch }: Request,
): number | null {
  const { work } = session;
  const source = relationById(work.catalog, id);
  if (source === null) return null;
  const points = pointsIn(session, set, source, true);
  const [first] = points;
  if (first === undefined) return null;
  const pick = (a: bigint, b: bigint): boolean => (order === "ASC" ? a < b : a > b);
  const point = points.reduce((most, each) => (pick(each, most) ? each : most), first);
  const { start, end } = around(session, set, point);
  const [from, to] = rangeOfBatch(session, set, { point, start, end, order, batch });
  const known = rowsOf(work.catalog, source);
  const isMoved = points.map((each) => each >= from && each < to);
  const leaving = known.rows.filter((_, at) => isMoved[at] === true);
  work.catalog = withRows(work.catalog, id, { ...known, rows: known.rows.filter((_, at) => isMoved[at] !== true) });
  const create = set.isTime ? createTimePartitions : createIdPartitions;
  create(session, table, [start], null, createParent);
  const name = nameWithSuffix(
    set.parent.name,
    set.isTime ? toChar(session, start, textIn(set.manager.row, "datetime_string") ?? "") : String(start),
    true,
  );
  const child = tableOf(session, `${set.parent.schema}.${name}`);
  if (child === null || child.kind === "partitioned-table") return work.decline("where the rows go is not known");
  const there = rowsOf(work.catalog, child);
  work.catalog = withRows(work.catalog, child.id, { ...there, rows: [...there.rows, ...leaving] });
  return leaving.length;
}

/** The partition around a point, on the grid of the last partition. */
function around(session: Session, set: PartmanSet, point: bigint): { readonly start: bigint; readonly end: bigint } {
  const text = textIn(set.manager.row, "partition_interval") ?? "";
  if (!set.isTime) {
    const interval = castBigint(session, text);
    const start = point - (point % interval);
    return { start, end: start + interval };
  }
  const interval = castInterval(session, text);
  let start = childrenIn(session, set).at(-1)?.start;
  if (start === undefined || start === noStart) return session.work.decline("the last partition has no beginning");
  let end = plus(session, start, interval);
  for (let rounds = 0; point < start || point >= end; rounds += 1) {
    if (rounds > 100_000) session.work.decline("a row is too far away");
    if (point >= end) {
      start = end;
      end = plus(session, end, interval);
    } else {
      end = start;
      start = plus(session, start, interval, -1);
    }
  }
  return { start, end };
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
  const message = `ERROR: No entry in part_config found for given table: ${table}`;
  const set = configured(session, table, message);
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
  const count = numberArgument(session, call, session.version === 5 ? "p_loop_count" : "p_batch");
  const interval = textArgument(session, call, "p_interval");
  const batch = interval === null ? null : set.isTime ? castInterval(session, interval) : castBigint(session, interval);
  const request: Request = {
    table,
    count: 1,
    batch,
    order: textArgument(session, call, "p_order") ?? "ASC",
    source: textArgument(session, call, "p_source_table"),
  };
  for (let round = 0; count === null || round < count; round += 1) {
    if (round > 1000) session.work.decline("it moves too many batches");
    if (moved(session, request, set.isTime) === 0) return;
    if (session.work.isAtomic) session.work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
  }
}

/** `partition_gap_fill`: partitions between the first and the last that are not there; how many were made. */
export function fillGaps(session: Session, table: string): number {
  const set = configured(session, table, `Given parent table has no configuration in pg_partman: ${table}`);
  const text = textIn(set.manager.row, "partition_interval") ?? "";
  const interval = set.isTime ? castInterval(session, text) : castBigint(session, text);
  const next = (at: bigint): bigint => (typeof interval === "bigint" ? at + interval : plus(session, at, interval));
  const create = (at: bigint): boolean =>
    (set.isTime ? createTimePartitions : createIdPartitions)(session, table, [at], null, createParent);
  const children = childrenIn(session, set);
  const last = children.at(-1)?.start;
  let made = 0;
  if (last === noStart) session.work.decline("a partition has no beginning");
  for (const [index, { start }] of children.entries()) {
    const previous = children[index - 1]?.start;
    if (previous === undefined) continue;
    let expected = next(previous);
    if (expected === last) break;
    for (let rounds = 0; expected !== start; rounds += 1) {
      // Where a child begins off the grid pg_partman never comes to an end.
      if (rounds > 5000 || expected > start) session.work.decline("a partition off the grid: the call does not end");
      if (create(expected)) made += 1;
      expected = next(expected);
    }
  }
  return made;
}
