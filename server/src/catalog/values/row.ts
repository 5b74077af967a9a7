/** Values of composite types: `(1,"a b",)` as PostgreSQL reads, orders and prints them. */

import { type Catalog, findRelation } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { declined, problem, type ValueResult, valueResult } from "./result.ts";

export type RowValue = Extract<Value, { readonly family: "row" }>;

/** The columns of a composite type or of a table's row type; null where they are not all known. */
export function fieldsOf(
  type: Extract<DataType, { readonly kind: "composite" }>,
  catalog: Catalog,
): readonly { readonly name: string; readonly type: DataType }[] | null {
  const relation = findRelation(catalog, type);
  return relation === null || relation.knowledge !== "full" ? null : relation.columns;
}

/** `read` reads the text of one field. */
export function readRow(
  text: string,
  types: readonly DataType[],
  read: (field: string, type: DataType) => ValueResult,
): ValueResult {
  const refuse = (detail: string): ValueResult => problem("22P02", `malformed record literal: "${text}"`, { detail });
  const inner = /^\s*\(([\s\S]*)\)\s*$/.exec(text)?.[1];
  if (inner === undefined)
    return /^\s*\(/.test(text) ? declined("a row that is not closed") : refuse("Missing left parenthesis.");
  const texts = fieldTexts(inner);
  if (texts === null) return declined("a row in another form");
  if (types.length === 0) return declined("a row without columns");
  if (texts.length !== types.length) return refuse(`Too ${texts.length < types.length ? "few" : "many"} columns.`);
  const fields: { value: Value | null; type: DataType }[] = [];
  for (const [index, type] of types.entries()) {
    const field = texts[index] ?? null;
    const result: ValueResult = field === null ? { kind: "null" } : read(field, type);
    if (result.kind === "problem" || result.kind === "declined") return result;
    fields.push({ value: result.kind === "null" ? null : result.value, type });
  }
  return valueResult({ family: "row", fields });
}

/** The texts between the commas, null for nothing at all; null where quotes do not close. */
function fieldTexts(inner: string): readonly (string | null)[] | null {
  const field = /((?:"(?:[^"\\]|\\[\s\S]|"")*"|\\[\s\S]|[^"\\,()])*)(,|$)/y;
  const texts: (string | null)[] = [];
  for (;;) {
    const match = field.exec(inner);
    if (match === null) return null;
    const [, text = "", end] = match;
    texts.push(text === "" ? null : unquoted(text));
    if (end === "") return field.lastIndex === inner.length ? texts : null;
  }
}

function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\[\s\S]|"")*)"|\\([\s\S])/g, (_, quoted?: string, escaped?: string) =>
    quoted === undefined ? (escaped ?? "") : quoted.replace(/\\([\s\S])|""/g, (__, one?: string) => one ?? '"'),
  );
}

/** `record_cmp`: field by field, NULL after all others. null where `compare` cannot tell. */
export function compareRows(a: RowValue, b: RowValue, compare: (a: Value, b: Value) => number | null): number | null {
  for (let index = 0; index < a.fields.length && index < b.fields.length; index++) {
    const [left = null, right = null] = [a.fields[index]?.value, b.fields[index]?.value];
    const order =
      left === null || right === null ? Number(left === null) - Number(right === null) : compare(left, right);
    if (order !== 0) return order;
  }
  return a.fields.length - b.fields.length;
}

export function printRow({ fields }: RowValue, print: (value: Value, type: DataType) => string): string {
  return `(${fields.map(({ value, type }) => (value === null ? "" : quoteField(print(value, type)))).join(",")})`;
}

function quoteField(text: string): string {
  if (text !== "" && !/[\s"\\(),]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "$&$&")}"`;
}
