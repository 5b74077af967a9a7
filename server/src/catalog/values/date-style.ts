/** Dates and timestamps as they are printed under DateStyle SQL, Postgres and German. */

import type { SessionSettings } from "../catalog.ts";
import { civilDate, floorDivide, microsPerSecond } from "./calendar.ts";
import { printClock, printDate, printOffset, printTimestamp, type TimestampMicros } from "./datetime.ts";
import { likelyOffsetAt, timeZoneOfSetting } from "./time-zone.ts";
import { abbreviationOf } from "./time-zone-abbreviations.ts";

/** The settings under which whatever is printed reads back the same in every session: dates in ISO style. */
export function inIsoStyle(settings: SessionSettings): SessionSettings {
  return settings.dateStyle.output === "ISO"
    ? settings
    : { ...settings, dateStyle: { ...settings.dateStyle, output: "ISO" } };
}

export function printStyledDate(days: number, { dateStyle }: SessionSettings): string {
  if (dateStyle.output === "ISO" || !Number.isFinite(days)) return printDate(days);
  const { year, month, day } = civilDate(days);
  const [shownYear, era] = [pad(year > 0 ? year : 1 - year, 4), year > 0 ? "" : " BC"];
  const [first, second] = dateStyle.order === "DMY" || dateStyle.output === "German" ? [day, month] : [month, day];
  const mark = { SQL: "/", Postgres: "-", German: "." }[dateStyle.output];
  return `${pad(first, 2)}${mark}${pad(second, 2)}${mark}${shownYear}${era}`;
}

/** `zoned` for timestamptz. */
export function printStyledTimestamp(micros: TimestampMicros, zoned: boolean, settings: SessionSettings): string {
  const { dateStyle, timeZone } = settings;
  const zone = zoned ? timeZoneOfSetting(timeZone) : null;
  if (dateStyle.output === "ISO" || typeof micros === "string") return printTimestamp(micros, zone);
  const seconds = Number(floorDivide(micros, microsPerSecond));
  const offset = zone === null ? 0 : likelyOffsetAt(zone, seconds);
  const days = Math.floor((seconds + offset) / 86400);
  const clock = printClock(seconds + offset - days * 86400, Number(micros - BigInt(seconds) * microsPerSecond));
  const abbreviation = zone === null ? "" : abbreviationOf(timeZone, offset);
  const isPostgres = dateStyle.output === "Postgres";
  // Without an abbreviation the offset stands there, with a blank before it in this style alone.
  const shownZone =
    zone === null ? "" : abbreviation === null ? `${isPostgres ? " " : ""}${printOffset(offset)}` : ` ${abbreviation}`;
  const date = printStyledDate(days, settings);
  const era = date.endsWith(" BC") ? " BC" : "";
  if (!isPostgres) return `${date.slice(0, date.length - era.length)} ${clock}${shownZone}${era}`;
  const { year, month, day } = civilDate(days);
  const [dayText, monthText] = [pad(day, 2), months[month - 1] ?? ""];
  const dated = dateStyle.order === "DMY" ? `${dayText} ${monthText}` : `${monthText} ${dayText}`;
  const weekday = weekdays[(((days + 6) % 7) + 7) % 7] ?? "";
  return `${weekday} ${dated} ${clock} ${pad(year > 0 ? year : 1 - year, 4)}${shownZone}${era}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
