/** Rewrites conditions on a period of a date column into the half-open form `d >= … AND d < …`. */

import type { DataType } from "../../catalog/data-type.ts";
import { baseType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { operandsOf } from "../../syntax/expression-walk.ts";

/** A span of days, both ends as ISO dates, the second exclusive; null is an open end. */
interface Period {
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The half-open form with the same meaning, or null where the expression is none of the known ways to name a period:
 * `extract(year from d) = 2024` (and a month), `date_trunc('month', d) = …`, `to_char(d, 'YYYY-MM') = …`, `d::date = …`,
 * and comparisons with a constant under a cast that is not needed.
 */
export function halfOpenForm(expression: Expression, column: string, type: DataType, text: string): string | null {
  const base = baseType(type);
  if (base.kind !== "base" || !["date", "timestamp", "timestamptz"].includes(base.name)) return null;
  const parts = expression.kind === "and" ? expression.operands : [expression];
  const period = calendarPeriod(parts, column) ?? intersection(parts.map((part) => comparedPeriod(part, column)));
  const name = columnText(expression, column, text);
  if (period === null || name === null) return null;
  const sides = [
    ...(period.from === null ? [] : [`${name} >= '${period.from}'`]),
    ...(period.to === null ? [] : [`${name} < '${period.to}'`]),
  ];
  return sides.length === 0 ? null : sides.join(" AND ");
}

/** `extract(year …) = y`, alone or with `extract(month …) = m` and `extract(day …) = d`. */
function calendarPeriod(parts: readonly Expression[], column: string): Period | null {
  const fields = new Map<string, number>();
  for (const part of parts) {
    const [call, value] = equalityOf(part);
    const [field, operand] = call === null ? [] : call.arguments.map((argument) => argument.value);
    const number =
      value?.kind === "constant" ? Number("text" in value.value ? value.value.text : Number.NaN) : Number.NaN;
    const isField = call !== null && ["extract", "date_part"].includes(call.name.at(-1) ?? "");
    if (!isField || field === undefined || !isColumn(operand, column) || !Number.isInteger(number)) return null;
    fields.set((textOf(field) ?? "").toLowerCase(), number);
  }
  const [year, month, day] = ["year", "month", "day"].map((field) => fields.get(field));
  if (year === undefined || fields.size !== [year, month, day].filter((field) => field !== undefined).length)
    return null;
  if (day !== undefined && month === undefined) return null;
  const unit = day !== undefined ? "day" : month !== undefined ? "month" : "year";
  return periodFrom(isoDate(year, month ?? 1, day ?? 1), unit);
}

/** One comparison: `date_trunc(unit, d) = …`, `to_char(d, pattern) = …`, `d::date <op> …`, `d <op> timestamptz '…'`. */
function comparedPeriod(part: Expression, column: string): Period | null {
  const [call, value] = equalityOf(part);
  if (call !== null) {
    const [first, second] = call.arguments.map((argument) => argument.value);
    const name = call.name.at(-1);
    if (name === "date_trunc" && first !== undefined && isColumn(second, column)) {
      const unit = (textOf(first) ?? "").toLowerCase();
      return unit === "day" || unit === "month" || unit === "year" ? periodFrom(isoDay(value), unit) : null;
    }
    if (name === "to_char" && second !== undefined && isColumn(first, column))
      return formattedPeriod(textOf(second), textOf(value));
    return null;
  }
  if (part.kind === "between" && !part.negated && !part.symmetric && isColumn(withoutCast(part.operand), column)) {
    const [from, last] = [isoDay(part.low), isoDay(part.high)];
    const end = part.operand.kind === "cast" ? periodFrom(last, "day")?.to : null;
    return from === null || end === null || end === undefined ? null : { from, to: end };
  }
  if (part.kind !== "operator" || part.left === null || !isColumn(withoutCast(part.left), column)) return null;
  const day = isoDay(part.right);
  const wholeDays = part.left.kind === "cast";
  if (day === null) return null;
  if (part.operator === ">=") return { from: day, to: null };
  if (part.operator === "<") return { from: null, to: day };
  if (!wholeDays) return null;
  if (part.operator === "<=") return { from: null, to: periodFrom(day, "day")?.to ?? null };
  return part.operator === "=" ? periodFrom(day, "day") : null;
}

function formattedPeriod(pattern: string | null, value: string | null): Period | null {
  const digits = (value ?? "").replaceAll(/\D/g, "");
  const unit = ({ YYYY: "year", YYYYMM: "month", YYYYMMDD: "day" } as const)[
    (pattern ?? "").toUpperCase().replaceAll(/[^A-Z]/g, "") as "YYYY"
  ];
  const length = { year: 4, month: 6, day: 8 };
  if (unit === undefined || digits.length !== length[unit]) return null;
  const iso = isoDate(Number(digits.slice(0, 4)), Number(digits.slice(4, 6) || 1), Number(digits.slice(6, 8) || 1));
  return periodFrom(iso, unit);
}

function intersection(periods: readonly (Period | null)[]): Period | null {
  let result: Period = { from: null, to: null };
  for (const period of periods) {
    if (period === null) return null;
    if (period.from !== null && result.from !== null) return null;
    if (period.to !== null && result.to !== null) return null;
    result = { from: period.from ?? result.from, to: period.to ?? result.to };
  }
  return result;
}

type Call = Extract<Expression, { kind: "call" }>;

/** `f(…) = value`, either way round. */
function equalityOf(part: Expression): readonly [call: Call | null, value: Expression | null] {
  if (part.kind !== "operator" || part.operator !== "=" || part.left === null) return [null, null];
  if (part.left.kind === "call") return [part.left, part.right];
  return part.right.kind === "call" ? [part.right, part.left] : [null, null];
}

function withoutCast(expression: Expression): Expression {
  return expression.kind === "cast" ? expression.operand : expression;
}

function isColumn(expression: Expression | undefined, column: string): boolean {
  return expression?.kind === "column" && expression.names.at(-1) === column;
}

/** The column as it is written, with what qualifies it. */
function columnText(expression: Expression, column: string, text: string): string | null {
  if (isColumn(expression, column)) return text.slice(expression.range.start, expression.range.end);
  for (const operand of operandsOf(expression)) {
    const found = columnText(operand, column, text);
    if (found !== null) return found;
  }
  return null;
}

function textOf(expression: Expression | null | undefined): string | null {
  const plain = expression == null ? null : withoutCast(expression);
  return plain?.kind === "constant" && "text" in plain.value ? plain.value.text : null;
}

/** The date of a literal `'2024-01-31'`, also with midnight behind it. */
function isoDay(expression: Expression | null): string | null {
  return /^\s*(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00)?(?:\.0+)?)?\s*$/.exec(textOf(expression) ?? "")?.[1] ?? null;
}

function isoDate(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const valid = year >= 1000 && year <= 9999 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return valid ? date.toISOString().slice(0, 10) : null;
}

function periodFrom(from: string | null, unit: "day" | "month" | "year"): Period | null {
  if (from === null) return null;
  const [year = 0, month = 0, day = 0] = from.split("-").map(Number);
  if ((unit !== "day" && day !== 1) || (unit === "year" && month !== 1)) return null;
  const end = new Date(
    unit === "day"
      ? Date.UTC(year, month - 1, day + 1)
      : unit === "month"
        ? Date.UTC(year, month, 1)
        : Date.UTC(year + 1, 0, 1),
  );
  return { from, to: end.toISOString().slice(0, 10) };
}
