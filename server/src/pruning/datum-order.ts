/** Orders constants of the types that one operator family compares with each other, such as dates with timestamps. */

import type { DataType } from "../catalog/data-type.ts";
import type { Value } from "../catalog/value.ts";
import { castValue } from "../catalog/values/cast.ts";
import { compareValues, restsOnCollation } from "../catalog/values/compare.ts";
import type { ValueContext } from "../catalog/values/result.ts";
import { baseType } from "../catalog/values/types.ts";
import type { ComparisonOperator } from "./clause.ts";

export interface TypedValue {
  readonly value: Value;
  readonly type: DataType;
}

/**
 * As `compareValues`; a date and a timestamp meet as the wider of the two types, in the session's time zone where it matters. A domain
 * orders its values as the type below it does.
 */
export function compareDatums(
  a: TypedValue,
  b: TypedValue,
  collation: string | null,
  context: ValueContext,
): number | null {
  const effective = effectiveCollation(collation, context);
  // The order would be a guess at the database's collation, and a guess may miss a partition.
  if (restsOnCollation(a.value, b.value, effective)) return null;
  // Of a long list of values all are of one type, and there is no more to look at.
  if (a.type === b.type) return compareValues(a.value, b.value, effective);
  const [typeA, typeB] = [baseType(a.type), baseType(b.type)];
  const [rankA, rankB] = [datetimeRank(typeA), datetimeRank(typeB)];
  if (rankA < 0 || rankB < 0 || rankA === rankB) return compareValues(a.value, b.value, effective);
  const wider = rankA > rankB ? typeA : typeB;
  const [left, right] = [widened(a.value, typeA, wider, context), widened(b.value, typeB, wider, context)];
  return left === null || right === null ? null : compareValues(left, right, effective);
}

/** The collation by which values are compared: `default` is the database's own, where that is known. */
export function effectiveCollation(collation: string | null, context: ValueContext): string | null {
  return collation === "default" ? (context.catalog.databaseCollation ?? "default") : collation;
}

/** Whether `a operator b` holds; null where it cannot be told. */
export function satisfies(
  operator: ComparisonOperator,
  a: TypedValue,
  b: TypedValue,
  collation: string | null,
  context: ValueContext,
): boolean | null {
  const order = compareDatums(a, b, collation, context);
  if (order !== null) return holds(operator, order);
  // Under the database's collation, whichever it is, different texts are not equal; only their order is open.
  const different = a.value.family === "text" && b.value.family === "text" && collation === "default";
  return different && (operator === "=" || operator === "<>") ? operator === "<>" : null;
}

/** Whether a comparison with this operator is true when its sides compare as `order` says. */
export function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<>":
      return order !== 0;
  }
}

function widened(value: Value, from: DataType, to: DataType, context: ValueContext): Value | null {
  if (datetimeRank(from) === datetimeRank(to)) return value;
  const result = castValue(value, from, to, context, "implicit");
  return result.kind === "value" ? result.value : null;
}

function datetimeRank(type: DataType): number {
  return type.kind === "base" ? ["date", "timestamp", "timestamptz"].indexOf(type.name) : -1;
}
