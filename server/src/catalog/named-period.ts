/** The period that a partition's name tells: `sales_2024_02`, `ev_y2024m02`, `log_20240229`, `t_2024_q1`, `t_feb_2024`. */

import { dayNumber } from "./values/calendar.ts";

/** Days since 2000-01-01, from `start` up to but not including `end`. */
export interface NamedPeriod {
  readonly start: number;
  readonly end: number;
  /** `2024`, `2024-Q1`, `2024-02`, `2024-02-29` */
  readonly text: string;
}

const year = "(?<![0-9])(?<year>(?:19|20)[0-9]{2})";
const month = "(?<month>0[1-9]|1[0-2])";
const day = "(?<day>0[1-9]|[12][0-9]|3[01])";
const monthName = "(?<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const end = "(?![0-9])";

/** Most telling first. What may be read in two ways (`2024_11` of a week) is read as the month; other digits may not follow. */
const forms = [
  `${year}[_-]?m?${month}[_-]?d?${day}${end}`,
  `${year}[_-]?q(?<quarter>[1-4])${end}`,
  `${year}[_-]?m?${month}${end}(?![_-]?[0-9])`,
  `${year}[_-]?${monthName}(?![a-z0-9])(?![_-]?[0-9])`,
  `(?<![a-z0-9])${monthName}[_-]?${year}${end}(?![_-]?[0-9])`,
  `${year}${end}(?![_-]?[a-z]?[0-9])`,
].map((form) => new RegExp(form, "gi"));

/** What every form has in it: most names are told by it at once. */
const anyYear = /(?:19|20)[0-9]{2}/;

/** null where the name tells none, or more than one. */
export function namedPeriod(name: string): NamedPeriod | null {
  if (!anyYear.test(name)) return null;
  for (const form of forms) {
    form.lastIndex = 0;
    const only = form.exec(name);
    if (only === null) continue;
    return form.exec(name) !== null || only.groups === undefined ? null : periodOf(only.groups);
  }
  return null;
}

function periodOf(groups: Readonly<Record<string, string | undefined>>): NamedPeriod | null {
  const { year: digits = "", quarter, month: number, name, day: dayOfMonth } = groups;
  const whole = Number(digits);
  if (quarter !== undefined) {
    const first = Number(quarter) * 3 - 2;
    return { start: dayNumber(whole, first, 1), end: dayNumber(whole, first + 3, 1), text: `${digits}-Q${quarter}` };
  }
  const inYear = name === undefined ? Number(number ?? 0) : monthNames.indexOf(name.toLowerCase()) + 1;
  if (inYear === 0) return { start: dayNumber(whole, 1, 1), end: dayNumber(whole + 1, 1, 1), text: digits };
  const [start, behind] = [dayNumber(whole, inYear, 1), dayNumber(whole, inYear + 1, 1)];
  const text = `${digits}-${String(inYear).padStart(2, "0")}`;
  if (dayOfMonth === undefined) return { start, end: behind, text };
  const date = start + Number(dayOfMonth) - 1;
  return date < behind ? { start: date, end: date + 1, text: `${text}-${dayOfMonth}` } : null;
}

const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
