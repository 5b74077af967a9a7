/** `run_maintenance` and `run_maintenance_proc`: partitions ahead of the newest row, and retention. */

import { relationById } from "../../catalog/catalog.ts";
import type { Manager } from "../../catalog/manager.ts";
import { managersBy } from "../../catalog/managers.ts";
import type { Relation } from "../../catalog/relation.ts";
import { momentOf } from "../../catalog/values/fold-literal.ts";
import { createParent } from "./create-parent.ts";
import { createIdPartitions, createTimePartitions } from "./create-partitions.ts";
import { largestIn, pointsIn } from "./known-data.ts";
import { changed, flagIn, numberIn, textIn } from "./part-config.ts";
import { startFor } from "./partition-name.ts";
import {
  type Child,
  childrenIn,
  defaultOf,
  lastStart,
  limitsOf,
  noStart,
  type PartmanSet,
  setOf,
} from "./partition-set.ts";
import { asConfigured, dropPartitions } from "./retention.ts";
import {
  agedSeconds,
  castBigint,
  castInterval,
  epochOf,
  keep,
  knowsAbsence,
  managerIn,
  now,
  plus,
  raise,
  type Session,
  tableOf,
  truncatedTo,
  wrapping,
} from "./session.ts";
import { makeFunction } from "./trigger-mode.ts";

/** Maintains one set, or with null all that are maintained automatically. */
export function runMaintenance(session: Session, table: string | null): void {
  const done: Done = { dropped: 0 };
  for (const { table: name } of setsToMaintain(session, table)) {
    const manager = managerIn(session, name);
    if (manager !== null) maintain(session, manager, done);
  }
}

/** How many partitions a call has dropped, of all its sets together. */
interface Done {
  dropped: number;
}

/** `CALL run_maintenance_proc()` commits after each set. */
export function runMaintenanceProc(session: Session): void {
  const { work } = session;
  for (const { table } of setsToMaintain(session, null)) {
    runMaintenance(session, table);
    if (work.isAtomic) work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
  }
}

function setsToMaintain({ work, version }: Session, table: string | null): readonly Manager[] {
  const sets = [...managersBy(work.catalog, "pg_partman")].filter(({ row, table: name }) => {
    if (flagIn(row, "undo_in_progress")) return false;
    return table === null ? textIn(row, "automatic_maintenance") === "on" : name === table;
  });
  if (version === 4) return sets;
  const order = ({ row }: Manager): number => numberIn(row, "maintenance_order") ?? Number.POSITIVE_INFINITY;
  return sets.sort((a, b) => (order(a) === order(b) ? 0 : order(a) - order(b)));
}

/** What one set needs. 5 warns of what goes wrong in it and goes on, 4 lets the whole call fail. */
function maintain(session: Session, manager: Manager, done: Done): void {
  const { work } = session;
  const end = work.within(() => wrapping(session, true, () => maintainSet(session, manager, done)));
  if (end === null) {
    noteRun(session, manager.table);
    return;
  }
  if (end.kind === "declined") {
    const parent = tableOf(session, manager.table);
    work.doubt(parent === null ? [] : [parent], end.why);
  } else if (session.version === 4) work.refuse(end.refusal);
}

/** 5 notes when a set was maintained. */
function noteRun(session: Session, table: string): void {
  const manager = managerIn(session, table);
  const moment = momentOf(session.work.context.today);
  if (session.version === 4 || manager === null) return;
  const row = new Map(manager.row);
  if (moment === null) row.delete("maintenance_last_run");
  else row.set("maintenance_last_run", { family: "timestamp", micros: moment });
  keep(session, table, row);
}

function maintainSet(session: Session, manager: Manager, done: Done): void {
  const parent = tableOf(session, manager.table);
  if (parent === null) {
    if (!knowsAbsence(session)) session.work.decline(`${manager.table} is not known`);
    raise(session, `Given parent table not found in system catalogs: ${manager.table}`);
  } else maintainParent(session, manager, parent, done);
}

function maintainParent(session: Session, manager: Manager, parent: Relation, done: Done): void {
  const set = setOf(session, manager, parent);
  if (session.version === 4) {
    done.dropped += retain(session, set);
    if (done.dropped > 0 && textIn(manager.row, "retention") !== null) remake(session, set);
  }
  if (flagIn(manager.row, "sub_partition_set_full")) return;
  if (set.isTime) maintainTimes(session, set);
  else maintainNumbers(session, set);
}

function retain(session: Session, { manager, isTime }: PartmanSet): number {
  if (textIn(manager.row, "retention") === null) return 0;
  return dropPartitions(session, manager.table, asConfigured, isTime);
}

/** The trigger's function tells the tables that are there now. */
function remake(session: Session, { manager, parent }: PartmanSet): void {
  if (session.version === 4 && textIn(manager.row, "partition_type") !== "native") makeFunction(session, parent);
}

function maintainTimes(session: Session, set: PartmanSet): void {
  const { manager } = set;
  const interval = castInterval(session, textIn(manager.row, "partition_interval") ?? "");
  const children = childrenIn(session, set);
  let last = lastStart(session, set);
  // How many are premade is NULL then, and none is made.
  if (last === noStart) return;
  const retention = textIn(manager.row, "retention");
  if (session.version === 5 && retention !== null) {
    const oldest = plus(session, now(session, interval), castInterval(session, retention), -1);
    last = truncatedTo(session, interval, last > oldest ? last : oldest, textIn(manager.row, "date_trunc_interval"));
  }
  let current = newestTime(session, set, children, interval);
  const strays = strayPoints(session, set);
  const farthest = strays.reduce<bigint | null>((most, each) => (most === null || each > most ? each : most), null);
  if (current === null || (farthest !== null && farthest > current)) {
    if (farthest !== null) current = startFor(session, children, farthest, interval);
    else if (current === null) {
      if (session.version === 5) retain(session, set);
      return;
    }
  }
  const limits = limitsOf(session, set.parent, true);
  if (limits !== null && startFor(session, children, limits.to, interval) === last) {
    keep(session, manager.table, changed(manager.row, { sub_partition_set_full: true }));
    return;
  }
  const premake = numberIn(manager.row, "premake") ?? 0;
  const premade = (next: bigint): number =>
    roundHalfAway(agedSeconds(session, next, current ?? next) / epochOf(interval));
  let next = last;
  for (let rounds = 0; premade(next) < premake; rounds += 1) {
    if (limits !== null && (next < limits.from || next > limits.to)) break;
    if (rounds > mostRounds) session.work.decline("it makes too many partitions");
    next = plus(session, next, interval);
    if (createTimePartitions(session, manager.table, [next], null, createParent)) remake(session, set);
  }
  if (session.version === 5) retain(session, set);
}

const mostRounds = 2000;

function roundHalfAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** Where the partition begins that holds the newest row of the children; null where they hold none. */
function newestTime(
  session: Session,
  set: PartmanSet,
  children: readonly Child[],
  interval: ReturnType<typeof castInterval>,
): bigint | null {
  const isInfinite = flagIn(set.manager.row, "infinite_time_partitions");
  // 4 does not look at the rows then.
  if (isInfinite && session.version === 4) return now(session, interval);
  for (const { table } of [...children].reverse()) {
    const points = pointsIn(session, set, table);
    const [first] = points;
    if (first === undefined) continue;
    const point = session.version === 5 ? first : points.reduce((most, each) => (each > most ? each : most), first);
    if (isInfinite && point < now(session, interval)) return now(session, interval);
    return startFor(session, children, point, interval);
  }
  return isInfinite ? now(session, interval) : null;
}

/** The rows of the default, or of the parent itself, where they count. */
function strayPoints(session: Session, set: PartmanSet): readonly bigint[] {
  if (flagIn(set.manager.row, "ignore_default_data")) return [];
  const holder = strayTable(session, set.parent);
  return holder === null ? [] : pointsIn(session, set, holder, true);
}

function strayTable(session: Session, parent: Relation): Relation | null {
  const current = relationById(session.work.catalog, parent.id) ?? parent;
  return current.kind === "partitioned-table" ? defaultOf(session, parent) : current;
}

function maintainNumbers(session: Session, set: PartmanSet): void {
  const { manager } = set;
  const interval = castBigint(session, textIn(manager.row, "partition_interval") ?? "");
  const children = childrenIn(session, set);
  let current: bigint | null = null;
  for (const { table } of [...children].reverse()) {
    const largest = largestIn(session, table, set.control);
    if (largest === null) continue;
    current = largest - (largest % interval);
    break;
  }
  const holder = flagIn(manager.row, "ignore_default_data") ? null : strayTable(session, set.parent);
  const stray = holder === null ? null : largestIn(session, holder, set.control, true);
  if (current === null && (stray === null || session.version === 4)) {
    if (session.version === 5) retain(session, set);
    return;
  }
  if (stray !== null && (current === null || stray > current)) current = stray - (stray % interval);
  const last = lastStart(session, set);
  if (current === null) return;
  const limits = limitsOf(session, set.parent, false);
  if (limits !== null && limits.to - (limits.to % interval) === last) {
    keep(session, manager.table, changed(manager.row, { sub_partition_set_full: true }));
    return;
  }
  const premake = BigInt(numberIn(manager.row, "premake") ?? 0);
  let next = last;
  for (let rounds = 0; (next - current) / interval < premake; rounds += 1) {
    if (limits !== null && (next < limits.from || next > limits.to)) break;
    if (rounds > mostRounds) session.work.decline("it makes too many partitions");
    next += interval;
    if (createIdPartitions(session, manager.table, [next], null, createParent)) remake(session, set);
  }
  if (session.version === 5) retain(session, set);
}
