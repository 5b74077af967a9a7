/** The times in names of pg_partman 4: `2026_03_15`, `2026w11`, `2026q1`, read back as its `to_timestamp` does. */

import { dayNumber, microsPerDay, microsPerSecond } from "../../catalog/values/calendar.ts";

/**
 * The local time that `to_timestamp` reads from a suffix, in microseconds; null where it finds no number. A letter of the
 * pattern stands for any character, a number ends where no digit follows, and what is left at the end counts for nothing.
 */
export function readSuffix(suffix: string, pattern: string): bigint | null {
  const fields = new Map<string, number>();
  let rest = suffix;
  for (const [part] of pattern.matchAll(/"[^"]*"|IYYY|YYYY|HH24|MM|DD|MI|SS|IW|Q|_/g)) {
    if (rest === "") break;
    if (part === "_") {
      rest = rest.replace(/^[^a-z0-9]/i, "");
      continue;
    }
    if (part.startsWith('"')) {
      rest = rest.slice(part.length - 2);
      continue;
    }
    // `HH24MI` has no mark between: two digits are the hour.
    const isTight = part === "HH24" || (part === "MI" && pattern.includes("MISS"));
    const digits = (isTight ? /^\d{1,2}/ : /^\d+/).exec(rest)?.[0];
    if (digits === undefined || digits.length > 9) return null;
    fields.set(part, Number(digits));
    rest = rest.slice(digits.length);
  }
  const field = (name: string, otherwise: number): number => fields.get(name) ?? otherwise;
  const seconds = field("HH24", 0) * 3600 + field("MI", 0) * 60 + field("SS", 0);
  return BigInt(firstDay(field, fields.has("IW"))) * microsPerDay + BigInt(seconds) * microsPerSecond;
}

function firstDay(field: (name: string, otherwise: number) => number, isWeek: boolean): number {
  if (isWeek) {
    const fourth = dayNumber(field("IYYY", 2000), 1, 4);
    // 2000-01-03 was a Monday.
    const monday = fourth - ((((fourth - 2) % 7) + 7) % 7);
    return monday + (field("IW", 1) - 1) * 7;
  }
  const month = (field("Q", 1) - 1) * 3 + field("MM", 1);
  return dayNumber(field("YYYY", 2000), month, field("DD", 1));
}
