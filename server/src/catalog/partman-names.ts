/** The names that pg_partman gives to partitions: the table's, cut so that a suffix fits, and the suffix of a time. */

import { civilDate, dayNumber, floorDivide, microsPerDay, microsPerSecond } from "./values/calendar.ts";

/** `check_name_length`: the name cut so that its suffix fits. */
export function nameWithSuffix(table: string, suffix: string, isPartition: boolean): string {
  const end = isPartition ? `_p${suffix}` : suffix;
  const cut = [...table].slice(0, Math.max(0, 63 - [...end].length)).join("");
  return `${table.length + end.length > 63 ? cut : table}${end}`;
}

/** `to_char` of a local time in microseconds since 2000, with the patterns that pg_partman has. */
export function suffixOfTime(local: bigint, pattern: string): string {
  const days = Number(floorDivide(local, microsPerDay));
  const seconds = Number((local - BigInt(days) * microsPerDay) / microsPerSecond);
  const { year, month, day } = civilDate(days);
  const week = isoWeek(days);
  const parts: Readonly<Record<string, string>> = {
    IYYY: String(week.year).padStart(4, "0"),
    YYYY: String(year).padStart(4, "0"),
    HH24: two(Math.floor(seconds / 3600)),
    MM: two(month),
    DD: two(day),
    MI: two(Math.floor(seconds / 60) % 60),
    SS: two(seconds % 60),
    IW: two(week.week),
    Q: String(Math.floor((month + 2) / 3)),
  };
  return pattern.replace(/"([^"]*)"|IYYY|YYYY|HH24|MM|DD|MI|SS|IW|Q/g, (part, quoted: string | undefined) =>
    quoted === undefined ? (parts[part] ?? part) : quoted,
  );
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** The ISO week in which a day lies, and the year that it belongs to. */
function isoWeek(days: number): { readonly year: number; readonly week: number } {
  // 2000-01-03 was a Monday: the Thursday of the week decides.
  const thursday = days - ((((days - 2) % 7) + 7) % 7) + 3;
  const { year } = civilDate(thursday);
  return { year, week: Math.floor((thursday - dayNumber(year, 1, 1)) / 7) + 1 };
}
