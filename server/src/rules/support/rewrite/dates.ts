/** Conditions on a date, timestamp or timestamptz behind a cast, a function or an offset, as ranges of the column itself. */

import type { Expr } from "pgsql-ast-parser";
import {
  binary,
  type Compared,
  type Comparison,
  callOf,
  castTypeOf,
  flip,
  isColumn,
  type KeyColumn,
  type Limit,
  string,
} from "./condition.ts";
import {
  type CalendarUnit,
  daySeconds,
  hasPlainMidnights,
  isCalendarUnit,
  isPrintable,
  type LocalTime,
  localDay,
  nextUnit,
  printLocalTime,
  readLocalTime,
  unitStart,
  writeInstant,
} from "./local-time.ts";

/** The types of keys that are read here. */
export type DateType = "date" | "timestamp" | "timestamptz";

export interface DateKey extends KeyColumn {
  readonly base: DateType;
  /** Today, for what the clock says. */
  readonly today: LocalTime;
}

/** What one comparison says of the column; null where that is not known to be the same. */
export function limitsOfDate(compared: Compared, key: DateKey): readonly Limit[] | null {
  return (
    ofColumn(compared, key) ??
    ofCast(compared, key) ??
    ofTruncated(compared, key) ??
    ofExtracted(compared, key) ??
    ofFormatted(compared, key) ??
    ofElapsed(compared, key) ??
    ofShifted(compared, key) ??
    ofDefaulted(compared, key)
  );
}

/** `extract(year from d) = 2024` beside `extract(month from d) = 3`, and perhaps a day: the column's span. */
export function limitsOfCalendar(fields: ReadonlyMap<string, number>, key: DateKey): readonly Limit[] | null {
  const [year, month, day] = ["year", "month", "day"].map((field) => fields.get(field));
  if (year === undefined || year < 1000 || year > 9998) return null;
  if (month === undefined || month < 1 || month > 12) return null;
  const start = localDay(year, month - 1, day ?? 1);
  if (day !== undefined && new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return null;
  return span(start, nextUnit(start, day === undefined ? "month" : "day"), key);
}

/** `extract(field from d)` or `date_part('field', d)` compared with a whole number. */
export function fieldOf(
  { side, operator, constant }: Compared,
  column: string,
): { field: string; value: number } | null {
  if (operator !== "=" || constant.type !== "integer") return null;
  const field = extractedField(side, column);
  return field === null ? null : { field, value: constant.value };
}

function extractedField(side: Expr, column: string): string | null {
  if (side.type === "extract" && isColumn(side.from, column)) return side.field.name.toLowerCase();
  const [field, operand] = callOf(side, "date_part") ?? [];
  return field?.type === "string" && isColumn(operand, column) ? field.value.toLowerCase() : null;
}

/** `d op timestamptz '…'`: a constant of another type, whose text means the same in the key's own. */
function ofColumn({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  if (!isColumn(side, key.name) || constant.type !== "cast" || castTypeOf(constant) === key.base) return null;
  const text = textOf(constant, ["date", "timestamp", "timestamptz"]);
  const time = text === null ? null : readLocalTime(text);
  if (time === null || (castTypeOf(constant) === "date" && unitStart(time, "day") !== time)) return null;
  const isPlain = writeInstant(time, key.settings.timeZone) === printLocalTime(time);
  if (castTypeOf(constant) === "timestamptz" && !isPlain) return null;
  return key.base === "date" ? wholeDays(operator, time, key) : limit(operator, time, key);
}

/** `d::date op …`, `date(d) op …`, and of a date key `d::timestamp op …` and `d::text = …`. */
function ofCast({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  const [argument] = callOf(side, "date") ?? [];
  const type = argument === undefined ? castTypeOf(side) : "date";
  const operand = argument ?? (side.type === "cast" ? side.operand : undefined);
  if (!isColumn(operand, key.name)) return null;
  if (type === "date") {
    if (isCurrentDate(constant)) return ofCurrentDay(operator, key);
    const day = dayOf(constant);
    return day === null ? null : unitLimits(operator, day, "day", key);
  }
  if (key.base !== "date") return null;
  if (type === "text") {
    const text = constant.type === "string" ? constant.value : null;
    const day = text === null || !/^\d{4}-\d{2}-\d{2}$/.test(text) ? null : readLocalTime(text);
    return day === null || operator !== "=" || key.settings.dateStyle.output !== "ISO" ? null : limit("=", day, key);
  }
  if (type !== "timestamp") return null;
  const time = timeOf(constant, key);
  return time === null ? null : wholeDays(operator, time, key);
}

/** A date compared with a time: the days that lie wholly on the side meant. */
function wholeDays(operator: Comparison, time: LocalTime, key: DateKey): readonly Limit[] | null {
  const day = unitStart(time, "day");
  if (day === time) return limit(operator, day, key);
  if (operator === "=") return null;
  return operator === ">" || operator === ">=" ? limit(">", day, key) : limit("<=", day, key);
}

/** `date_trunc(unit, d) op …`; with a zone of its own it is another instant. */
function ofTruncated({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  const [unit, operand, zone] = callOf(side, "date_trunc") ?? [];
  if (unit?.type !== "string" || !isColumn(operand, key.name) || zone !== undefined) return null;
  const name = unit.value.toLowerCase();
  if (!isCalendarUnit(name)) return null;
  // Hours of a clock that goes back come twice, and are told apart there.
  if (name === "hour" && key.base === "timestamptz") return null;
  const time = timeOf(constant, key);
  return time === null ? null : unitLimits(operator, time, name, key);
}

/** `extract(year from d) op 2024`. */
function ofExtracted({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  const field = extractedField(side, key.name);
  if (constant.type !== "integer" || field === null) return null;
  if (field === "epoch") return ofEpoch(operator, constant.value, key);
  const { value: year } = constant;
  return field === "year" && year >= 1000 && year <= 9998 ? unitLimits(operator, localDay(year, 0), "year", key) : null;
}

function ofEpoch(operator: Comparison, value: number, key: DateKey): readonly Limit[] | null {
  const time = value - Date.UTC(2000, 0, 1) / 1000;
  if (!isPrintable(time)) return null;
  if (key.base === "timestamp") return limit(operator, time, key);
  if (key.base === "date") return wholeDays(operator, time, key);
  const text = printLocalTime(time);
  return [{ operator, value: string(`${text}${text.includes(":") ? "" : " 00:00"}+00`) }];
}

/** `to_char(d, 'YYYY-MM') = '2024-03'`, where the text has the very form of the pattern. */
function ofFormatted({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  const [operand, pattern] = callOf(side, "to_char") ?? [];
  if (operator !== "=" || !isColumn(operand, key.name) || pattern?.type !== "string" || constant.type !== "string")
    return null;
  const parts = /^YYYY(?:([-/._ ]?)MM(?:\1DD)?)?$/.exec(pattern.value.toUpperCase());
  if (parts === null) return null;
  const separator = parts[1] ?? "";
  const texts = constant.value.split(separator === "" ? /(?<=^\d{4})|(?<=^\d{6})/ : separator);
  const length = pattern.value.replaceAll(separator === "" ? "\0" : separator, "").length;
  const units: Readonly<Record<number, CalendarUnit>> = { 4: "year", 6: "month", 8: "day" };
  const unit = units[length];
  const isWritten = texts.every((text, index) => (index === 0 ? /^\d{4}$/ : /^\d{2}$/).test(text));
  if (unit === undefined || !isWritten || texts.length !== (length - 2) / 2) return null;
  const [year = "", month = "01", day = "01"] = texts;
  const start = readLocalTime(`${year}-${month}-${day}`);
  return start === null ? null : unitLimits("=", start, unit, key);
}

/** `now() - d < interval …`, `current_date - d < 7`: no older than that. */
function ofElapsed({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  if (side.type !== "binary" || side.op !== "-" || !isColumn(side.right, key.name)) return null;
  if (key.base === "date") {
    if (!isCurrentDate(side.left) || constant.type !== "integer") return null;
    return [{ operator: flip(operator), value: binary(side.left, "-", constant) }];
  }
  const isNow = callOf(side.left, "now")?.length === 0 || isKeyword(side.left, "current_timestamp");
  const seconds = intervalSeconds(constant);
  if (!isNow || seconds === null) return null;
  // The difference of two instants counts hours, and calls 24 of them a day; taking away a day may take 23 or 25.
  const hours = intervalOf(seconds);
  return [{ operator: flip(operator), value: binary(unplaced(side.left), "-", hours) }];
}

/** `d + interval '1 day' op …`, `d - 7 op …`. */
function ofShifted({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  if (side.type !== "binary" || (side.op !== "+" && side.op !== "-") || !isColumn(side.left, key.name)) return null;
  const sign = side.op === "+" ? -1 : 1;
  if (side.right.type === "integer") {
    const day = key.base === "date" ? dayOf(constant) : null;
    return day === null ? null : limit(operator, day + sign * side.right.value * daySeconds, key);
  }
  const seconds = intervalSeconds(side.right);
  // A day is 24 hours where no zone has a say.
  if (seconds === null || key.base === "timestamptz") return null;
  const time = timeOf(constant, key);
  if (time === null) return null;
  const shifted = time + sign * seconds;
  return key.base === "date" ? wholeDays(operator, shifted, key) : limit(operator, shifted, key);
}

/** `coalesce(d, c) op …` where `c op …` does not hold, so that rows without a value are none of those meant. */
function ofDefaulted({ side, operator, constant }: Compared, key: DateKey): readonly Limit[] | null {
  const [operand, instead, ...more] = callOf(side, "coalesce") ?? [];
  if (!isColumn(operand, key.name) || instead === undefined || more.length > 0) return null;
  const [other, time] = [timeOf(instead, key), timeOf(constant, key)];
  // Far enough apart, no zone brings them into another order.
  if (other === null || time === null || Math.abs(other - time) < 2 * daySeconds || holds(other, operator, time))
    return null;
  return [{ operator, value: unplaced(constant) }];
}

function holds(left: number, operator: Comparison, right: number): boolean {
  switch (operator) {
    case "=":
      return left === right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
  }
}

/** What `unit of d op time` says of d, where `unit of` gives the beginning of the unit. */
function unitLimits(operator: Comparison, time: LocalTime, unit: CalendarUnit, key: DateKey): readonly Limit[] | null {
  const start = unitStart(time, unit);
  const next = nextUnit(start, unit);
  const above = start === time ? start : next;
  switch (operator) {
    case "=":
      return start === time ? span(start, next, key) : null;
    case ">=":
      return limit(">=", above, key);
    case ">":
      return limit(">=", next, key);
    case "<":
      return limit("<", above, key);
    case "<=":
      return limit("<", next, key);
  }
}

function span(start: LocalTime, end: LocalTime, key: DateKey): readonly Limit[] | null {
  if (key.base === "date" && end - start === daySeconds) return limit("=", start, key);
  const [from, to] = [limit(">=", start, key), limit("<", end, key)];
  return from === null || to === null ? null : [...from, ...to];
}

function limit(operator: Comparison, time: LocalTime, { base, settings }: DateKey): readonly Limit[] | null {
  if (!isPrintable(time) || (base === "date" && unitStart(time, "day") !== time)) return null;
  const text = base === "timestamptz" ? writeInstant(time, settings.timeZone) : printLocalTime(time);
  return text === null ? null : [{ operator, value: string(text) }];
}

function ofCurrentDay(operator: Comparison, key: DateKey): readonly Limit[] | null {
  if (key.base === "timestamptz" && !hasPlainMidnights(key.settings.timeZone, key.today)) return null;
  const today: Expr = { type: "keyword", keyword: "current_date" };
  const tomorrow = binary(today, "+", { type: "integer", value: 1 });
  switch (operator) {
    case "=":
      return key.base === "date"
        ? [{ operator: "=", value: today }]
        : [
            { operator: ">=", value: today },
            { operator: "<", value: tomorrow },
          ];
    case ">=":
    case "<":
      return [{ operator, value: today }];
    case ">":
      return [{ operator: ">=", value: tomorrow }];
    case "<=":
      return [{ operator: "<", value: tomorrow }];
  }
}

function isCurrentDate(node: Expr): boolean {
  return isKeyword(node, "current_date");
}

function isKeyword(node: Expr, keyword: string): boolean {
  return node.type === "keyword" && node.keyword === keyword;
}

/** The day of a constant that is read as a date. */
function dayOf(constant: Expr): LocalTime | null {
  const text = textOf(constant, ["date"]);
  const time = text === null ? null : readLocalTime(text);
  return time === null || unitStart(time, "day") !== time ? null : time;
}

/** The time of a constant that is compared with a timestamp: without an offset, so that the session's clock is meant. */
function timeOf(constant: Expr, { base }: DateKey): LocalTime | null {
  const types = base === "timestamptz" ? ["date", "timestamp", "timestamptz"] : ["date", "timestamp"];
  const text = textOf(constant, types);
  const time = text === null ? null : readLocalTime(text);
  const isDate = time !== null && constant.type === "cast" && castTypeOf(constant) === "date";
  return isDate && unitStart(time, "day") !== time ? null : time;
}

function textOf(constant: Expr, types: readonly string[]): string | null {
  if (constant.type === "string") return constant.value;
  if (constant.type !== "cast" || constant.operand.type !== "string") return null;
  const type = castTypeOf(constant);
  return type !== null && types.includes(type) ? constant.operand.value : null;
}

const unitSeconds: Readonly<Record<string, number>> = {
  second: 1,
  sec: 1,
  minute: 60,
  min: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};

/** The length of an interval that counts no months, in seconds. */
function intervalSeconds(node: Expr): number | null {
  const text =
    node.type === "cast" && castTypeOf(node) === "interval" && node.operand.type === "string"
      ? node.operand.value
      : node.type === "string"
        ? node.value
        : null;
  const parts = [...(text ?? "").matchAll(/\s*(\d{1,7})\s*([a-z]+)\s*/giy)];
  if (text === null || parts.length === 0 || parts.map(([part]) => part).join("").length !== text.length) return null;
  let seconds = 0;
  for (const [, count, unit = ""] of parts) {
    const size = unitSeconds[unit.toLowerCase().replace(/s$/, "")];
    if (size === undefined) return null;
    seconds += Number(count) * size;
  }
  return seconds;
}

function intervalOf(seconds: number): Expr {
  const text = seconds % 3600 === 0 ? `${seconds / 3600} hours` : `${seconds} seconds`;
  return { type: "cast", operand: string(text), to: { name: "interval" } };
}

function unplaced(node: Expr): Expr {
  const { _location, ...rest } = node;
  return rest as Expr;
}
