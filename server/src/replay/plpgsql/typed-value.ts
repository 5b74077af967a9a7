/** Values of PL/pgSQL: what variables hold, how they are assigned, and the text they print as. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { coerceConstant, type EvaluateContext } from "../../catalog/values/evaluate.ts";
import { printValue } from "../../catalog/values/print.ts";
import { baseTypeNamed, sameType } from "../../catalog/values/types.ts";
import type { SortDirection } from "../../syntax/query.ts";

/** A value with its type; `type` is null for an untyped literal, whose value is its text. */
export interface TypedValue {
  readonly value: Value | null;
  readonly type: DataType | null;
  /** What it is at the last moment of the day where that differs: it depends on the clock then, and `value` on its midnight. */
  readonly late?: Value | null | undefined;
}

/** The variables in scope, by name; `r.d` for the field of a record, `$1` for a parameter. null for one whose value is not known. */
export type Variables = ReadonlyMap<string, TypedValue | null>;

/** A value brought to a type, as an assignment does; null where that cannot be told. */
export function assignTo(value: TypedValue, type: DataType, context: EvaluateContext): TypedValue | null {
  const first = coerced(value.value, value.type, type, context);
  if (first === undefined || value.late === undefined) return first === undefined ? null : { value: first, type };
  const late = coerced(value.late, value.type, type, context);
  return late === undefined ? null : dayLong({ value: first, type }, { value: late, type }, context);
}

function coerced(
  value: Value | null,
  from: DataType | null,
  to: DataType,
  context: EvaluateContext,
): Value | null | undefined {
  const result = coerceConstant({ kind: "constant", value, type: from }, to, "assignment", context);
  return result.kind === "value" ? result.value : result.kind === "null" ? null : undefined;
}

/** One value of what it is at the first moment of a day and at the last. */
export function dayLong(first: TypedValue, last: TypedValue, context: EvaluateContext): TypedValue {
  const [early, late] = [textOf(first, context), textOf(last, context)];
  return early !== undefined && early === late ? first : { ...first, late: last.value };
}

/** A value as the text that string functions make of it; null is the SQL NULL, undefined that it cannot be told. */
export function textOf({ value, type, late }: TypedValue, context: EvaluateContext): string | null | undefined {
  if (late !== undefined) return undefined;
  if (value === null) return null;
  if (value.family === "text" && type === null) return value.value;
  return type === null ? undefined : printValue(value, type, context.settings);
}

/** How ORDER BY puts two values; null where they cannot be compared. */
export function sortOrder(
  a: TypedValue | null,
  b: TypedValue | null,
  direction: SortDirection | undefined,
): number | null {
  if (a === null || b === null || a.late !== undefined || b.late !== undefined) return null;
  if (a.value === null || b.value === null) {
    if (a.value === b.value) return 0;
    return (a.value === null) === (direction?.nullsFirst === true) ? -1 : 1;
  }
  const order = compareValues(a.value, b.value, null);
  return order === null || direction?.descending !== true ? order : -order;
}

/** The elements of an array; null where they are not known. */
export function elementsOf({ value, type, late }: TypedValue): readonly TypedValue[] | null {
  if (late !== undefined || type?.kind !== "array" || value?.family !== "array") return null;
  return value.elements.map((each) => ({ value: each, type: type.element }));
}

/** The array of values of one type, which is theirs where none is given; undefined where one is not known, or of another type. */
export function arrayOf(items: readonly (TypedValue | null)[], given: DataType | null): TypedValue | undefined {
  const known = items.flatMap((item) => (item === null || item.late !== undefined ? [] : item));
  const type = given ?? known.find((item) => item.type !== null)?.type ?? baseTypeNamed("text");
  if (known.length < items.length || known.some((item) => item.type !== null && !sameType(item.type, type)))
    return undefined;
  return {
    value: { family: "array", elements: known.map(({ value }) => value) },
    type: { kind: "array", element: type },
  };
}
