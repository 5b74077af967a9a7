/** A call of pg_partman at work: its version, its clock, its errors, and the SQL that it runs. */

import { findRelation } from "../../catalog/catalog.ts";
import type { ConfigurationValues, Manager, ManagerHole } from "../../catalog/manager.ts";
import { managerNamed, withManager, withoutManager } from "../../catalog/managers.ts";
import { suffixOfTime } from "../../catalog/partman-names.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { civilDate, dayNumber, floorDivide, microsPerDay, microsPerSecond } from "../../catalog/values/calendar.ts";
import { instantToLocal, localToInstant } from "../../catalog/values/datetime.ts";
import {
  addInterval,
  dateUnit,
  multiplyInterval,
  truncateTimestamp,
} from "../../catalog/values/datetime-arithmetic.ts";
import { momentOf } from "../../catalog/values/fold-literal.ts";
import { readValue } from "../../catalog/values/input.ts";
import { type IntervalValue, intervalLength } from "../../catalog/values/interval.ts";
import { printValue } from "../../catalog/values/print.ts";
import type { ValueResult } from "../../catalog/values/result.ts";
import { type TimeZone, timeZoneOfSetting } from "../../catalog/values/time-zone.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import type { Rejection } from "../../effects/outcome.ts";
import type { BoundCall, ExtensionWork } from "../extension.ts";

/** What a refusal says. */
export type Words = Pick<Rejection, "sqlstate" | "message"> & Partial<Pick<Rejection, "detail" | "hint">>;

export interface Session {
  readonly work: ExtensionWork;
  readonly version: 4 | 5;
  /** The schema of the extension. */
  readonly schema: string;
  /** null for UTC, and for a zone that is not known. */
  readonly zone: TimeZone | null;
  /** Functions of pg_partman raise what goes wrong in them anew, as P0001. */
  wraps: boolean;
}

export function openSession(work: ExtensionWork): Session {
  return {
    work,
    version: work.version.startsWith("4") ? 4 : 5,
    schema: work.schema ?? "partman",
    zone: isUtc(work.catalog.settings.timeZone) ? null : timeZoneOfSetting(work.catalog.settings.timeZone),
    wraps: true,
  };
}

function isUtc(timeZone: string): boolean {
  return /^(?:UTC|GMT|Etc\/UTC)$/i.test(timeZone);
}

/** Runs a function of pg_partman that raises what goes wrong in it anew, or one that lets it through. */
export function wrapping<T>(session: Session, wraps: boolean, work: () => T): T {
  const before = session.wraps;
  session.wraps = wraps;
  try {
    return work();
  } finally {
    session.wraps = before;
  }
}

/** RAISE EXCEPTION. */
export function raise(session: Session, message: string, more: Partial<Words> = {}): never {
  return session.work.refuse({
    sqlstate: "P0001",
    message,
    ...(session.wraps ? { ...more, sqlstate: "P0001" } : more),
  });
}

/** Raises that a table is not managed, where it is known that it is not: a call before may have been declined. */
export function raiseUnmanaged(session: Session, table: string, message: string): never {
  const { catalog } = session.work;
  const relation = tableOf(session, table);
  const isKnown = catalog.complete && (relation === null ? !catalog.tainted : relation.knowledge === "full");
  return isKnown ? raise(session, message) : session.work.decline(`whether ${table} is managed is not known`);
}

/** Runs SQL; what PostgreSQL refuses in it ends the call. */
export function run(session: Session, sql: string): void {
  const rejection = session.work.attempt(sql);
  if (rejection !== null) raiseAgain(session, rejection);
}

/** Raises anew what PostgreSQL has refused. */
export function raiseAgain(session: Session, { sqlstate, message, detail, hint }: Words): never {
  return raise(session, message, {
    sqlstate,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The value that a reading gives; its problem ends the call as PostgreSQL's own error, what cannot be told declines it. */
export function settled(session: Session, result: ValueResult): Value | null {
  switch (result.kind) {
    case "value":
      return result.value;
    case "null":
      return null;
    case "problem":
      return raiseAgain(session, result);
    case "declined":
      return session.work.decline(result.reason);
  }
}

/** A text as a value of PostgreSQL's own type, as a cast reads it. */
export function cast(session: Session, text: string, type: string): Value {
  const { catalog, context } = session.work;
  const value = settled(
    session,
    readValue(text, baseTypeNamed(type), { settings: catalog.settings, version: context.version, catalog }),
  );
  return value ?? session.work.decline("a cast gives NULL");
}

export function castInterval(session: Session, text: string): IntervalValue {
  const value = cast(session, text, "interval");
  return value.family === "interval" ? value : session.work.decline("no interval");
}

export function castBigint(session: Session, text: string): bigint {
  const value = cast(session, text, "int8");
  return value.family === "integer" ? value.value : session.work.decline("no number");
}

/** An instant that a text stands for, in the session's zone. */
export function castInstant(session: Session, text: string): bigint {
  const word = /^\s*(now|today|tomorrow|yesterday)\s*$/i.exec(text)?.[1]?.toLowerCase();
  if (word === "now") return now(session, null);
  if (word !== undefined) {
    const midnight = floorDivide(localOf(session, now(session, null)), microsPerDay);
    return instantOf(session, (midnight + { today: 0n, tomorrow: 1n, yesterday: -1n }[word as "today"]) * microsPerDay);
  }
  const value = cast(session, text, "timestamptz");
  if (value.family !== "timestamp" || typeof value.micros !== "bigint") return session.work.decline("an infinite time");
  return value.micros;
}

/**
 * `CURRENT_TIMESTAMP`. Where the setting `today` tells the day alone, it is noon of it, and an `interval` for which the time of
 * day matters is declined.
 */
export function now(session: Session, interval: IntervalValue | null): bigint {
  const { today } = session.work.context;
  const exact = momentOf(today);
  if (exact !== null) return exact;
  if (interval !== null && intervalLength(interval) < microsPerDay)
    return session.work.decline("which partitions are made depends on the time of day");
  return momentOf(`${today.slice(0, 10)}T12:00:00Z`) ?? session.work.decline("the date is not known");
}

/** An instant and a number of intervals, counted in the session's zone. */
export function plus(session: Session, instant: bigint, interval: IntervalValue, count = 1): bigint {
  const length = settled(session, multiplyInterval(interval, count));
  if (length?.family !== "interval") return session.work.decline("no interval");
  const sum = settled(session, addInterval(instant, length, session.zone));
  if (sum?.family !== "timestamp" || typeof sum.micros !== "bigint") return session.work.decline("no time");
  return sum.micros;
}

/** `date_trunc` in the session's zone. */
export function truncated(session: Session, unit: string, instant: bigint): bigint {
  const known = dateUnit(unit);
  if (known === null)
    return raise(session, `unit "${unit}" not recognized for type timestamp with time zone`, { sqlstate: "22023" });
  return instantOf(session, truncateTimestamp(localOf(session, instant), known));
}

/** The unit to which the first partition is cut back. */
export function unitOf(session: Session, interval: IntervalValue, written: string): string {
  const length = intervalLength(interval);
  const year = 360n * microsPerDay;
  if (length >= 1000n * year) return "millennium";
  if (length >= 100n * year) return "century";
  if (length >= 10n * year) return "decade";
  if (length >= year) return "year";
  if (session.version === 4 && written === "quarterly") return "quarter";
  if (length >= 30n * microsPerDay) return "month";
  if (session.version === 4 && written === "weekly") return "week";
  if (length >= microsPerDay) return "day";
  return length >= 60n * microsPerSecond ? "hour" : "minute";
}

/** An instant cut back to where a partition of that length may begin; `unit` where the configuration names one. */
export function truncatedTo(session: Session, interval: IntervalValue, instant: bigint, unit: string | null): bigint {
  return truncated(session, unit ?? unitOf(session, interval, ""), instant);
}

export function localOf(session: Session, instant: bigint): bigint {
  if (isUtc(session.work.catalog.settings.timeZone)) return instant;
  const local = instantToLocal(instant, session.zone);
  return typeof local === "bigint" ? local : session.work.decline("a time zone that is not known");
}

export function instantOf(session: Session, local: bigint): bigint {
  if (isUtc(session.work.catalog.settings.timeZone)) return local;
  const instant = localToInstant(local, session.zone);
  return typeof instant === "bigint" ? instant : session.work.decline("a time zone that is not known");
}

/** An instant as the session prints it. */
export function printInstant(session: Session, instant: bigint): string {
  return printValue(
    { family: "timestamp", micros: instant },
    baseTypeNamed("timestamptz"),
    session.work.catalog.settings,
  );
}

/** `to_char` of an instant in the session's zone. */
export function toChar(session: Session, instant: bigint, pattern: string): string {
  return suffixOfTime(localOf(session, instant), pattern);
}

/** What `EXTRACT('epoch' FROM age(a, b))` gives, in seconds: years of 365.25 days, months of 30. */
export function agedSeconds(session: Session, a: bigint, b: bigint): number {
  const sign = a < b ? -1 : 1;
  const [late, early] = [localOf(session, a < b ? b : a), localOf(session, a < b ? a : b)];
  const [lateDays, earlyDays] = [late, early].map((each) => Number(floorDivide(each, microsPerDay)));
  if (lateDays === undefined || earlyDays === undefined) return 0;
  let rest = late - BigInt(lateDays) * microsPerDay - (early - BigInt(earlyDays) * microsPerDay);
  const [to, from] = [civilDate(lateDays), civilDate(earlyDays)];
  let months = (to.year - from.year) * 12 + to.month - from.month;
  let days = to.day - from.day;
  if (rest < 0n) {
    rest += microsPerDay;
    days -= 1;
  }
  if (days < 0) {
    months -= 1;
    // The month that is borrowed is that of the earlier date.
    days += daysOfMonth(from.year, from.month);
  }
  return sign * epochOf({ family: "interval", months, days, micros: rest });
}

function daysOfMonth(year: number, month: number): number {
  const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
  return next - dayNumber(year, month, 1);
}

/** `EXTRACT('epoch' FROM interval)`, in seconds. */
export function epochOf({ months, days, micros }: IntervalValue): number {
  const years = Math.trunc(months / 12);
  return years * 365.25 * 86400 + (months % 12) * 30 * 86400 + days * 86400 + Number(micros) / 1e6;
}

/** The table of a name such as `public.t`, which is cut at its dot and taken as it stands. */
export function tableOf({ work }: Session, name: string): Relation | null {
  const [schema = "", table = ""] = name.split(".");
  return findRelation(work.catalog, { schema, name: table });
}

/** Whether there is a table of that name, in quotes or not, as `pg_tables` lists them. */
export function isTable({ work }: Session, schema: string, name: string): boolean {
  const kind = findRelation(work.catalog, { schema, name })?.kind;
  return kind === "table" || kind === "partitioned-table";
}

/** Whether it is certain that a relation that is not found is not there. */
export function knowsAbsence({ work: { catalog } }: Session): boolean {
  return catalog.complete && !catalog.tainted;
}

export function managerIn({ work }: Session, table: string): Manager | null {
  return managerNamed(work.catalog, "pg_partman", table);
}

export function keep(
  session: Session,
  table: string,
  row: ConfigurationValues,
  sub?: ConfigurationValues | null,
): void {
  const { work } = session;
  const before = managerIn(session, table);
  const { timeZone } = work.catalog.settings;
  work.catalog = withManager(work.catalog, {
    by: "pg_partman",
    table,
    row,
    sub: sub === undefined ? (before?.sub ?? null) : sub,
    version: work.version,
    timeZone: before?.timeZone ?? timeZone,
    ...(before?.holes === undefined ? {} : { holes: before.holes }),
  });
}

/** Notes that a partition is not made because something else has its name. */
export function noteHole({ work }: Session, { by, table }: Manager, hole: ManagerHole): void {
  const manager = managerNamed(work.catalog, by, table);
  const holes = manager?.holes ?? [];
  if (manager === null || holes.length >= mostHoles || holes.some(({ name }) => name === hole.name)) return;
  work.catalog = withManager(work.catalog, { ...manager, holes: [...holes, hole] });
}

const mostHoles = 20;

export function forget({ work }: Session, table: string): void {
  work.catalog = withoutManager(work.catalog, "pg_partman", table);
}

/** A text argument; null for NULL. What is no constant declines the call. */
export function textArgument({ work }: Session, call: BoundCall, name: string): string | null {
  const value = call.arguments.get(name);
  if (value === undefined) return work.decline(`\`${name}\` is no constant`);
  return value === null ? null : value.family === "text" ? value.value : work.decline(`\`${name}\` is no text`);
}

export function numberArgument({ work }: Session, call: BoundCall, name: string): number | null {
  const value = call.arguments.get(name);
  if (value === undefined) return work.decline(`\`${name}\` is no constant`);
  return value?.family === "integer" ? Number(value.value) : null;
}

export function flagArgument({ work }: Session, call: BoundCall, name: string): boolean | null {
  const value = call.arguments.get(name);
  if (value === undefined) return work.decline(`\`${name}\` is no constant`);
  return value?.family === "boolean" ? value.value : null;
}

export function intervalArgument({ work }: Session, call: BoundCall, name: string): IntervalValue | null {
  const value = call.arguments.get(name);
  if (value === undefined) return work.decline(`\`${name}\` is no constant`);
  return value?.family === "interval" ? value : null;
}

export function listArgument({ work }: Session, call: BoundCall, name: string): readonly string[] | null {
  const value = call.arguments.get(name);
  if (value === undefined) return work.decline(`\`${name}\` is no constant`);
  if (value?.family !== "array") return null;
  return value.elements.map((each) => (each?.family === "text" ? each.value : work.decline(`\`${name}\` is no text`)));
}
