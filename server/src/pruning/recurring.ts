/** Parts of a date or time that come again and again, weekdays and times of day, which no range of the key could stand for. */

import type { DataType } from "../catalog/data-type.ts";
import { baseType } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import type { Operand } from "./operand.ts";

/**
 * Months and quarters are not among them: a few ranges of the key can stand for those, and mostly one is meant. A weekday or an
 * hour lies in every partition, so that whoever asks for it means to read them all.
 */
const recurringFields: ReadonlySet<string> = new Set([
  ...["dow", "isodow", "day", "hour", "minute", "second", "millisecond", "milliseconds", "microsecond", "microseconds"],
  // PostgreSQL knows these abbreviations too.
  ...["d", "days", "h", "hours", "hr", "hrs", "m", "min", "mins", "minutes", "s", "sec", "secs", "seconds", "ms", "us"],
]);

/** Patterns of `to_char` for days within a week or month, and for times of day. */
const recurringPatterns = /FM|TM|DAY|DY|ID|DD|D|HH24|HH12|HH|MI|SS|MS|US|AM|PM/gi;

/** Whether the operand is such a part of what stands in it: `extract(dow from d)`, `to_char(d, 'HH24')`, `d::time`. */
export function isRecurringPart(operand: Operand): boolean {
  if (operand.type !== null && isTimeOfDay(operand.type)) return true;
  return operand.kind === "expression" && operand.source !== undefined && isRecurringCall(operand.source.expression);
}

function isTimeOfDay(type: DataType): boolean {
  const base = baseType(type);
  return base.kind === "base" && (base.name === "time" || base.name === "timetz");
}

function isRecurringCall(expression: Expression): boolean {
  if (expression.kind === "cast") return isRecurringCall(expression.operand);
  if (expression.kind !== "call") return false;
  const [first, second] = expression.arguments.map(({ value }) => textOf(value));
  switch (expression.name.at(-1)) {
    case "extract":
    case "date_part":
      return first != null && recurringFields.has(first.toLowerCase());
    case "to_char":
      return second != null && isRecurringFormat(second);
    default:
      return false;
  }
}

/** Whether nothing but such patterns stands there, and what separates them. `DDD` is the day of the year. */
function isRecurringFormat(format: string): boolean {
  return /\w/.test(format) && !/DDD/i.test(format) && !/[^\s:.,-]/.test(format.replace(recurringPatterns, ""));
}

function textOf(expression: Expression): string | null {
  if (expression.kind === "cast") return textOf(expression.operand);
  return expression.kind === "constant" && expression.value.type === "string" ? expression.value.text : null;
}
