/** Values of PL/pgSQL variables inside expressions, and the functions with which scripts build SQL. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { instantToLocal } from "../../catalog/values/datetime.ts";
import { coerceConstant, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import { printValue } from "../../catalog/values/print.ts";
import { timeZoneOfSetting } from "../../catalog/values/time-zone.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import type { Expression, FunctionCall, TypeName } from "../../syntax/expression.ts";
import { mapOperands } from "../../syntax/expression-walk.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import { relationExists } from "./existence.ts";

/** A value with its type; `type` is null for an untyped literal, whose value is its text. */
export interface TypedValue {
  readonly value: Value | null;
  readonly type: DataType | null;
}

/** The variables in scope, by name; `r.d` for the field of a record. */
export type Variables = ReadonlyMap<string, TypedValue>;

const textType = baseTypeNamed("text");

/**
 * The value of an expression over variables; null where it cannot be told, or where PostgreSQL would fail. The clock counts as
 * far as the date tells it: `date_trunc('month', now())` is the same all day, `now()` is not.
 */
export function evaluateWith(
  expression: Expression,
  variables: Variables,
  context: EvaluateContext,
): TypedValue | null {
  const timeless = evaluateOnce(expression, variables, { ...context, today: null });
  if (timeless !== null || context.today === null) return timeless;
  const first = evaluateOnce(expression, variables, context);
  const last = first === null ? null : evaluateOnce(expression, variables, { ...context, atEndOfDay: true });
  if (first === null || last === null) return null;
  return textOf(first, context) === textOf(last, context) ? first : null;
}

function evaluateOnce(expression: Expression, variables: Variables, context: EvaluateContext): TypedValue | null {
  const constant = withConstants(expression, variables, context);
  if (constant === null) return null;
  const result = evaluate(constant, context);
  if (result.kind !== "constant" && result.kind !== "stable") return null;
  return result.value === undefined ? null : { value: result.value, type: result.type };
}

/** A value brought to a type, as an assignment does; null where that cannot be told. */
export function assignTo(value: TypedValue, type: DataType, context: EvaluateContext): TypedValue | null {
  const coerced = coerceConstant({ kind: "constant", ...value }, type, "assignment", context);
  if (coerced.kind === "value") return { value: coerced.value, type };
  return coerced.kind === "null" ? { value: null, type } : null;
}

/** A value as the text that string functions make of it; null is the SQL NULL, undefined that it cannot be told. */
export function textOf({ value, type }: TypedValue, context: EvaluateContext): string | null | undefined {
  if (value === null) return null;
  if (value.family === "text" && type === null) return value.value;
  return type === null ? undefined : printValue(value, type, context.settings);
}

/** The expression with variables and string-building calls replaced by constants; null where one has no known value. */
function withConstants(expression: Expression, variables: Variables, context: EvaluateContext): Expression | null {
  let known = true;
  const change = (part: Expression): Expression => {
    if (!known) return part;
    const exists = relationExists(part, context.catalog, (inside) => {
      const found = evaluateOnce(inside, variables, context);
      return found === null ? null : (textOf(found, context) ?? null);
    });
    if (exists !== undefined) {
      if (exists === null) known = false;
      return {
        kind: "constant",
        value: { type: "boolean", text: exists === true ? "true" : "false" },
        range: part.range,
      };
    }
    if (part.kind === "column") {
      const variable = part.star ? undefined : variables.get(part.names.join("."));
      // A name that is no variable is a column, and nothing of a row is known here.
      const constant = variable === undefined ? null : constantExpression(variable, part.range, context);
      if (constant === null) known = false;
      return constant ?? part;
    }
    const inside = mapOperands(part, change);
    if (!known) return inside;
    const built =
      inside.kind === "call"
        ? buildText(inside, context)
        : inside.kind === "operator"
          ? joinParts(inside, context)
          : undefined;
    if (built === undefined) return inside;
    const constant = constantExpression({ value: built, type: textType }, part.range, context);
    if (constant === null) known = false;
    return constant ?? inside;
  };
  const changed = change(expression);
  return known ? changed : null;
}

function constantExpression(typed: TypedValue, range: TextRange, context: EvaluateContext): Expression | null {
  const text = textOf(typed, context);
  if (text === undefined) return null;
  const literal: Expression = {
    kind: "constant",
    value: text === null ? { type: "null" } : { type: "string", text },
    range,
  };
  if (typed.type === null) return literal;
  const type = typeNameOf(typed.type, range);
  return type === null ? null : { kind: "cast", operand: literal, type, range };
}

function typeNameOf(type: DataType, range: TextRange): TypeName | null {
  const plain = { modifiers: [], arrayDimensions: 0, setOf: false, range };
  switch (type.kind) {
    case "base":
      return { ...plain, names: ["pg_catalog", type.name] };
    case "enum":
    case "domain":
      return { ...plain, names: [type.schema, type.name] };
    case "array": {
      const element = typeNameOf(type.element, range);
      return element === null ? null : { ...element, arrayDimensions: 1 };
    }
    case "composite":
    case "unknown":
      return null;
  }
}

/** The result of `format`, `quote_ident` and the like on constants; undefined where the call is none of them or not known. */
function buildText(call: FunctionCall, context: EvaluateContext): Value | null | undefined {
  const name = call.name.at(-1) ?? "";
  const compute = builders.get(name);
  if (compute === undefined || (call.name.length > 1 && call.name[0] !== "pg_catalog")) return undefined;
  const values: TypedValue[] = [];
  for (const argument of call.arguments) {
    const value = argument.variadic ? null : evaluateOnce(argument.value, new Map(), context);
    if (value === null) return undefined;
    values.push(value);
  }
  const text = compute(values, (value) => textOf(value, context), context);
  return typeof text === "string" ? { family: "text", value: text } : text;
}

/** `text || anything`: the text that the other side prints as; undefined for what is no such join, or not known. */
function joinParts(
  operator: Extract<Expression, { kind: "operator" }>,
  context: EvaluateContext,
): Value | null | undefined {
  if (operator.operator !== "||" || operator.left === null || operator.schema !== undefined) return undefined;
  const parts = [operator.left, operator.right].map((side) => evaluateOnce(side, new Map(), context));
  const isText = (part: TypedValue | null): boolean => part !== null && (part.type === null || isStringType(part.type));
  const isPlain = (part: TypedValue | null): boolean =>
    part !== null && (part.type === null || part.type.kind === "base");
  if (!parts.some(isText) || !parts.every(isPlain)) return undefined;
  const texts = parts.map((part) => (part === null ? undefined : textOf(part, context)));
  if (texts.includes(undefined)) return undefined;
  return texts.includes(null) ? null : { family: "text", value: texts.join("") };
}

function isStringType(type: DataType): boolean {
  return type.kind === "base" && ["text", "varchar", "name"].includes(type.name);
}

type TextOf = (value: TypedValue) => string | null | undefined;
type Builder = (values: readonly TypedValue[], text: TextOf, context: EvaluateContext) => string | null | undefined;

const builders: ReadonlyMap<string, Builder> = new Map<string, Builder>([
  ["format", formatText],
  ["quote_ident", ([value], text) => mapText(value, text, quoteIdentifier)],
  ["quote_literal", ([value], text) => mapText(value, text, quoteLiteral)],
  ["quote_nullable", ([value], text) => mapText(value, text, quoteLiteral, "NULL")],
  ["concat", (values, text) => joinTexts(values, "", text)],
  [
    "concat_ws",
    ([separator, ...values], text) => (separator === undefined ? undefined : joinTexts(values, text(separator), text)),
  ],
  [
    "to_char",
    ([value, template], text, context) =>
      formatByTemplate(value, template === undefined ? undefined : text(template), context),
  ],
]);

function mapText(
  value: TypedValue | undefined,
  text: TextOf,
  change: (text: string) => string,
  ofNull: string | null = null,
): string | null | undefined {
  const before = value === undefined ? undefined : text(value);
  return typeof before === "string" ? change(before) : before === null ? ofNull : undefined;
}

function joinTexts(
  values: readonly TypedValue[],
  separator: string | null | undefined,
  text: TextOf,
): string | null | undefined {
  if (typeof separator !== "string") return separator;
  const texts = values.map(text);
  return texts.includes(undefined) ? undefined : texts.filter((each) => typeof each === "string").join(separator);
}

/** `format(formatstr, …)`: `%s`, `%I`, `%L`, `%%` and positions, without widths. */
function formatText([template, ...values]: readonly TypedValue[], text: TextOf): string | null | undefined {
  const written = template === undefined ? undefined : text(template);
  if (typeof written !== "string") return written;
  let next = 0;
  let known = true;
  const result = written.replace(
    /%(?:%|(\d+)\$)?([sIL])?/g,
    (whole, position: string | undefined, kind: string | undefined) => {
      if (whole === "%%") return "%";
      if (kind === undefined) {
        known = false;
        return whole;
      }
      if (position !== undefined) next = Number(position) - 1;
      const value = values[next];
      next += 1;
      const argument = value === undefined ? undefined : text(value);
      if (argument === undefined || (argument === null && kind === "I")) {
        known = false;
        return "";
      }
      if (kind === "s") return argument ?? "";
      if (argument === null) return "NULL";
      return kind === "I" ? quoteIdentifier(argument) : quoteLiteral(argument);
    },
  );
  return known ? result : undefined;
}

/** `to_char` with the templates that partition names are made of. */
function formatByTemplate(
  value: TypedValue | undefined,
  template: string | null | undefined,
  { settings }: EvaluateContext,
): string | null | undefined {
  if (value === undefined || typeof template !== "string") return template === null ? null : undefined;
  if (value.value === null) return null;
  if (value.value.family === "integer") return formatInteger(value.value.value, template);
  const date = calendarDate(value, settings.timeZone);
  if (date === null) return undefined;
  let known = true;
  const result = template.replace(
    /"([^"]*)"|(YYYY|yyyy|YY|yy|MM|mm|DD|dd|HH24|hh24|MI|mi|SS|ss|IYYY|iyyy|IW|iw|Q|q)|[A-Za-z]+/g,
    (whole, quoted: string | undefined, field: string | undefined) => {
      if (quoted !== undefined) return quoted;
      const digits = field === undefined ? null : fieldDigits(date, field.toUpperCase());
      if (digits === null) known = false;
      return digits ?? whole;
    },
  );
  return known ? result : undefined;
}

/** `FM000` and `000`: digits with leading zeros. */
function formatInteger(value: bigint, template: string): string | undefined {
  const zeros = /^(FM|fm)?(0+)$/.exec(template);
  if (zeros === null || value < 0n) return undefined;
  const digits = String(value).padStart(zeros[2]?.length ?? 0, "0");
  if (digits.length > (zeros[2]?.length ?? 0)) return undefined;
  return zeros[1] === undefined ? ` ${digits}` : digits;
}

/** The date and time that the clocks of the session's zone show, as if they were those of UTC. */
function calendarDate({ value, type }: TypedValue, timeZone: string): Date | null {
  const epoch = Date.UTC(2000, 0, 1);
  if (value?.family === "date" && Number.isFinite(value.days)) return new Date(epoch + value.days * 86_400_000);
  if (value?.family !== "timestamp" || typeof value.micros !== "bigint" || type?.kind !== "base") return null;
  const local = type.name === "timestamptz" ? instantToLocal(value.micros, timeZoneOfSetting(timeZone)) : value.micros;
  return typeof local === "bigint" ? new Date(epoch + Number(local / 1000n)) : null;
}

function fieldDigits(date: Date, field: string): string | null {
  const two = (value: number): string => String(value).padStart(2, "0");
  const year = date.getUTCFullYear();
  if (year < 1 || year > 9999) return null;
  switch (field) {
    case "YYYY":
      return String(year).padStart(4, "0");
    case "YY":
      return two(year % 100);
    case "MM":
      return two(date.getUTCMonth() + 1);
    case "DD":
      return two(date.getUTCDate());
    case "HH24":
      return two(date.getUTCHours());
    case "MI":
      return two(date.getUTCMinutes());
    case "SS":
      return two(date.getUTCSeconds());
    case "Q":
      return String(Math.floor(date.getUTCMonth() / 3) + 1);
    case "IYYY":
      return String(isoWeek(date).year).padStart(4, "0");
    case "IW":
      return two(isoWeek(date).week);
    default:
      return null;
  }
}

/** ISO 8601: a week belongs to the year of its Thursday. */
function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime());
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) + 1;
  return { year, week };
}
