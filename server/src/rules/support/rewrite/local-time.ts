/** Local times of the calendar: units, and the instants at which days begin in a session's time zone. */

import { offsetAt, offsetOfLocalTime, type TimeZone, timeZoneOfSetting } from "../../../catalog/values/time-zone.ts";

/** Seconds of local time since 2000-01-01 00:00. */
export type LocalTime = number;

const epoch = Date.UTC(2000, 0, 1) / 1000;
export const daySeconds = 86_400;

/** `2024-01-31`, `2024-01-31 10:30`, `2024-01-31T10:30:00`; null for all else, and outside the years 1000 to 9999. */
export function readLocalTime(text: string): LocalTime | null {
  const found = /^\s*(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?)?\s*$/.exec(text);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = year >= 1000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 59) return null;
  return date.getTime() / 1000 - epoch + hour * 3600 + minute * 60 + second;
}

/** `2024-01-31`, with the time where there is one. */
export function printLocalTime(time: LocalTime): string {
  const text = new Date((time + epoch) * 1000).toISOString();
  const clock = text.slice(11, 19);
  return clock === "00:00:00"
    ? text.slice(0, 10)
    : `${text.slice(0, 10)} ${clock.endsWith(":00") ? clock.slice(0, 5) : clock}`;
}

export function isPrintable(time: LocalTime): boolean {
  const year = new Date((time + epoch) * 1000).getUTCFullYear();
  return year >= 1000 && year <= 9999;
}

export type CalendarUnit = "hour" | "day" | "week" | "month" | "quarter" | "year" | "decade";

export function isCalendarUnit(text: string): text is CalendarUnit {
  return ["hour", "day", "week", "month", "quarter", "year", "decade"].includes(text);
}

/** Where the unit begins in which the time lies, as `date_trunc` has it. */
export function unitStart(time: LocalTime, unit: CalendarUnit): LocalTime {
  if (unit === "hour") return Math.floor(time / 3600) * 3600;
  const days = Math.floor(time / daySeconds);
  if (unit === "day") return days * daySeconds;
  // 2000-01-01 was a Saturday.
  if (unit === "week") return (days - ((((days + 5) % 7) + 7) % 7)) * daySeconds;
  const date = new Date((days * daySeconds + epoch) * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (unit) {
    case "month":
      return localDay(year, month);
    case "quarter":
      return localDay(year, month - (month % 3));
    case "year":
      return localDay(year, 0);
    case "decade":
      return localDay(Math.floor(year / 10) * 10, 0);
  }
}

/** Where the next unit begins after one that begins here. */
export function nextUnit(start: LocalTime, unit: CalendarUnit): LocalTime {
  if (unit === "hour") return start + 3600;
  if (unit === "day") return start + daySeconds;
  if (unit === "week") return start + 7 * daySeconds;
  const date = new Date((start + epoch) * 1000);
  const months = { month: 1, quarter: 3, year: 12, decade: 120 }[unit];
  return localDay(date.getUTCFullYear(), date.getUTCMonth() + months);
}

export function localDay(year: number, month: number, day = 1): LocalTime {
  return Date.UTC(year, month, day) / 1000 - epoch;
}

/**
 * How to write the instant from which on the clocks of the session show this time or a later one, as a timestamptz: the time
 * alone where PostgreSQL reads that instant from it, with an offset where the clocks show the time twice. Null where they go
 * back behind it later, where the zone is not known, or too long ago for what the platform knows of it.
 */
export function writeInstant(time: LocalTime, zoneSetting: string): string | null {
  const zone = timeZoneOfSetting(zoneSetting);
  if (zone === null || !isPrintable(time)) return null;
  const first = firstInstant(time, zone);
  const read = offsetOfLocalTime(zone, time);
  if (first === null || read === null) return null;
  if (time - read === first) return printLocalTime(time);
  const offset = offsetAt(zone, first);
  return offset === null
    ? null
    : `${printLocalTime(first + offset)}${printLocalTime(first + offset).includes(":") ? "" : " 00:00"}${printOffset(offset)}`;
}

function firstInstant(time: LocalTime, zone: TimeZone): number | null {
  const [before, after] = [offsetAt(zone, time - daySeconds), offsetAt(zone, time + daySeconds)];
  if (before === null || after === null) return null;
  if (before === after) return time - before;
  // The clocks change near by: every minute of the hours around is looked at.
  const start = time - Math.max(before, after) - 4 * 3600;
  let first: number | null = null;
  for (let instant = start; instant < start + 8 * 3600 + Math.abs(before - after); instant += 60) {
    const offset = offsetAt(zone, instant);
    if (offset === null) return null;
    const isReached = instant + offset >= time;
    if (isReached) first ??= instant;
    else if (first !== null) return null;
  }
  return first;
}

function printOffset(seconds: number): string {
  const size = Math.abs(seconds);
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  while (parts.length > 1 && parts.at(-1) === "00") parts.pop();
  return `${seconds < 0 ? "-" : "+"}${parts.join(":")}`;
}

/** Whether midnight comes once on every day from a year before the day to ten years after it. */
export function hasPlainMidnights(zoneSetting: string, today: LocalTime): boolean {
  const zone = timeZoneOfSetting(zoneSetting);
  if (zone === null) return false;
  const first = Math.floor(today / daySeconds) - 366;
  for (let day = first; day < first + 11 * 366; day++) {
    const time = day * daySeconds;
    const read = offsetOfLocalTime(zone, time);
    if (read === null || firstInstant(time, zone) !== time - read) return false;
  }
  return true;
}
