/** `to_date` and `to_timestamp` with the plain templates that scripts use; other templates are declined. */

import { dayNumber, daysInMonth } from "./calendar.ts";

export interface TemplateResult {
  readonly days: number;
  /** Seconds since midnight. */
  readonly seconds: number;
}

/**
 * The date and time that a text has under a template of `YYYY`, `MM`, `DD`, `HH24`, `MI` and `SS` with the same
 * separators in both; null for anything else, about which nothing is claimed. A field takes as many digits as its name says where
 * another one follows at once, else as many as there are.
 */
export function readByTemplate(text: string, template: string): TemplateResult | null {
  const fields: Record<string, number> = {};
  const parts = template.match(/YYYY|yyyy|MM|mm|DD|dd|HH24|hh24|MI|mi|SS|ss|[^A-Za-z]|[A-Za-z]+/g) ?? [];
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const field = part.toUpperCase();
    const width = widths.get(field);
    if (width === undefined) {
      if (!/^[-/. :_,]$/.test(part) || text[at] !== part) return null;
      at++;
      continue;
    }
    const isOpen = !widths.has(parts[index + 1]?.toUpperCase() ?? "");
    const digits = (isOpen ? /^\d+/ : new RegExp(`^\\d{${width}}`)).exec(text.slice(at))?.[0];
    if (digits === undefined || digits.length > Math.max(width, 4) || fields[field] !== undefined) return null;
    fields[field] = Number(digits);
    at += digits.length;
  }
  if (at !== text.length) return null;
  const { YYYY: year, MM: month = 1, DD: day = 1, HH24: hour = 0, MI: minute = 0, SS: second = 0 } = fields;
  if (year === undefined || year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return { days: dayNumber(year, month, day), seconds: hour * 3600 + minute * 60 + second };
}

const widths: ReadonlyMap<string, number> = new Map([
  ["YYYY", 4],
  ["MM", 2],
  ["DD", 2],
  ["HH24", 2],
  ["MI", 2],
  ["SS", 2],
]);
