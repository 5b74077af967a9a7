/** Reads the value of the first key column that somebody typed: with or without quotes, or as an expression. */

import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { coerceConstant, evaluate } from "../../catalog/values/evaluate.ts";
import { readValue } from "../../catalog/values/input.ts";
import { formatType } from "../../catalog/values/types.ts";
import type { WriterContext } from "../writer.ts";

/**
 * `2024-07-01`, `'2024-07-01'`, `DATE '2024-07-01'` and `'2024-06-30'::date + 1` are the same value for a date key. The
 * message of a failure is PostgreSQL's where PostgreSQL would refuse the text.
 */
export function readKeyValue(
  text: string,
  table: Relation,
  { catalog, version, today, readExpression }: WriterContext,
): { readonly value: Value } | { readonly message: string } {
  const type = table.partitioning?.key.elements[0]?.type ?? null;
  if (type === null) return { message: "the type of the partition key is not known here" };
  const context = { settings: catalog.settings, version, catalog, today };
  const plain = readValue(text.trim(), type, context);
  if (plain.kind === "value") return { value: plain.value };
  const read = readExpression(text);
  const evaluation = read.ok ? evaluate(read.expression, context) : null;
  if (evaluation?.kind === "constant") {
    const coerced = coerceConstant(evaluation, type, "assignment", context);
    if (coerced.kind === "value") return { value: coerced.value };
    if (coerced.kind === "problem") return { message: coerced.message };
  }
  return {
    message: plain.kind === "problem" ? plain.message : `${text} cannot be read as a value of type ${formatType(type)}`,
  };
}
