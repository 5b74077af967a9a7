/** The functions with which scripts build SQL: `format`, `quote_ident`, `to_char`, …, and `||` with anything that prints. */

import type { DataType } from "../../catalog/data-type.ts";
import { instantToLocal } from "../../catalog/values/datetime.ts";
import type { EvaluateContext } from "../../catalog/values/evaluate.ts";
import { timeZoneOfSetting } from "../../catalog/values/time-zone.ts";
import { largestValue, mayCompute } from "../../catalog/values/work.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import { formatText, literalOf } from "./format.ts";
import { integerByTemplate, type Moment, momentByTemplate } from "./to-char.ts";
import { type TypedValue, textOf } from "./typed-value.ts";

/** The text that a builder gives; null is the SQL NULL, undefined that it cannot be told. */
export type Built = string | null | undefined;

/** The result of a call of one of the builders; undefined also for any other function. */
export function buildText(name: readonly string[], values: readonly TypedValue[], context: EvaluateContext): Built {
  if (name.length > 1 && name[0] !== "pg_catalog") return undefined;
  const text = builders.get(name.at(-1) ?? "")?.(values, (value) => textOf(value, context), context);
  return bounded(text, context);
}

export function isBuilder(name: readonly string[]): boolean {
  return builders.has(name.at(-1) ?? "") && (name.length === 1 || name[0] === "pg_catalog");
}

/** `text || anything`: the text that the other side prints as; undefined for what is no such join. */
export function joinTexts(left: TypedValue, right: TypedValue, context: EvaluateContext): Built {
  const parts = [left, right];
  const isText = ({ type }: TypedValue): boolean => type === null || isStringType(type);
  const isPlain = ({ type }: TypedValue): boolean => type === null || type.kind === "base";
  if (!parts.some(isText) || !parts.every(isPlain)) return undefined;
  const texts = parts.map((part) => textOf(part, context));
  if (texts.includes(undefined)) return undefined;
  return texts.includes(null) ? null : bounded(texts.join(""), context);
}

function bounded(text: Built, { work }: EvaluateContext): Built {
  return typeof text === "string" && !mayCompute(text.length, work) ? undefined : text;
}

function isStringType(type: DataType): boolean {
  return type.kind === "base" && ["text", "varchar", "name", "bpchar"].includes(type.name);
}

type TextOf = (value: TypedValue) => string | null | undefined;
type Builder = (values: readonly TypedValue[], text: TextOf, context: EvaluateContext) => string | null | undefined;

const builders: ReadonlyMap<string, Builder> = new Map<string, Builder>([
  ["format", format],
  ["quote_ident", ([value], text) => mapText(value, text, quoteIdentifier)],
  ["quote_literal", ([value], text) => mapText(value, text, literalOf)],
  ["quote_nullable", ([value], text) => mapText(value, text, literalOf, "NULL")],
  ["concat", (values, text) => withSeparator(values, "", text)],
  [
    "concat_ws",
    ([separator, ...values], text) =>
      separator === undefined ? undefined : withSeparator(values, text(separator), text),
  ],
  [
    "to_char",
    ([value, template], text, context) => toChar(value, template === undefined ? undefined : text(template), context),
  ],
]);

function mapText(
  value: TypedValue | undefined,
  text: TextOf,
  change: (text: string) => string | undefined,
  ofNull: string | null = null,
): string | null | undefined {
  const before = value === undefined ? undefined : text(value);
  return typeof before === "string" ? change(before) : before === null ? ofNull : undefined;
}

function withSeparator(
  values: readonly TypedValue[],
  separator: string | null | undefined,
  text: TextOf,
): string | null | undefined {
  if (typeof separator !== "string") return separator;
  const texts = values.map(text);
  const known = texts.filter((each) => typeof each === "string");
  if (texts.includes(undefined) || joinedLength(known, separator) > largestValue) return undefined;
  return known.join(separator);
}

/** How long the texts are with the separator between them. */
export function joinedLength(texts: readonly string[], separator: string): number {
  return texts.reduce((sum, text) => sum + text.length + separator.length, 0);
}

/** `format(formatstr, …)` */
function format([template, ...values]: readonly TypedValue[], text: TextOf): Built {
  const written = template === undefined ? undefined : text(template);
  if (typeof written !== "string") return written;
  return formatText(written, values.map(text), (index) => {
    const width = values[index]?.value;
    return width?.family === "integer" ? Number(width.value) : width === null ? 0 : undefined;
  });
}

function toChar(value: TypedValue | undefined, template: Built, { settings }: EvaluateContext): Built {
  if (value === undefined || value.late !== undefined || typeof template !== "string")
    return template === null ? null : undefined;
  if (value.value === null) return null;
  if (value.value.family === "integer") return integerByTemplate(value.value.value, template);
  const moment = momentOf(value, settings.timeZone);
  return moment === null ? undefined : momentByTemplate(moment, template);
}

function momentOf({ value, type }: TypedValue, timeZone: string): Moment | null {
  const epoch = Date.UTC(2000, 0, 1);
  if (value?.family === "date" && Number.isFinite(value.days))
    return { date: new Date(epoch + value.days * 86_400_000), micros: 0 };
  if (value?.family !== "timestamp" || typeof value.micros !== "bigint" || type?.kind !== "base") return null;
  const local = type.name === "timestamptz" ? instantToLocal(value.micros, timeZoneOfSetting(timeZone)) : value.micros;
  if (typeof local !== "bigint") return null;
  const micros = ((local % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return { date: new Date(epoch + Number((local - micros) / 1000n)), micros: Number(micros) };
}
