/** Values with their types, computed with PostgreSQL's own operators and casts. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { castValue } from "../../catalog/values/cast.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import { readValue } from "../../catalog/values/input.ts";
import { printValue } from "../../catalog/values/print.ts";
import type { ValueResult } from "../../catalog/values/result.ts";
import { baseType, baseTypeNamed, formatType, sameType, withoutModifier } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { ExtensionWork } from "../extension.ts";

export interface Typed {
  readonly value: Value;
  readonly type: DataType;
}

const interval = baseTypeNamed("interval");

/** What decides how constants are read and computed at this point of a call. */
export function valuesAt({ catalog, context }: ExtensionWork): EvaluateContext {
  return { settings: catalog.settings, version: context.version, catalog, today: context.today };
}

/** `left + right` or `left - right`, cast to the type of `left` as PL/pgSQL assigns it. Ends the call where PostgreSQL refuses it. */
export function moved(work: ExtensionWork, left: Typed, operator: "+" | "-", right: Typed): Typed {
  return castTo(work, computed(work, left, operator, right), left.type);
}

/** The same as the operator answers it: days between dates, an interval between timestamps. */
export function computed(work: ExtensionWork, left: Typed, operator: "+" | "-", right: Typed): Typed {
  const sides: Readonly<Record<string, Typed>> = { left, right };
  const column = (name: string): Expression => ({ kind: "column", names: [name], star: false, range: nowhere });
  const sum: Expression = {
    kind: "operator",
    operator,
    left: column("left"),
    right: column("right"),
    range: nowhere,
  };
  const evaluation = evaluate(sum, {
    ...valuesAt(work),
    columnType: (names) => sides[names[0] ?? ""]?.type ?? null,
    columnConstant: (names) => sides[names[0] ?? ""],
  });
  if (evaluation.kind === "problem") return work.refuse(evaluation);
  const isKnown = evaluation.kind === "constant" || evaluation.kind === "stable";
  const { value, type } = isKnown ? evaluation : { value: undefined, type: null };
  if (value == null || type === null) return work.decline("what an interval makes of a bound is not known");
  return { value, type };
}

/** The value as one of another type. Ends the call where there is no such cast, or where it is refused. */
export function castTo(work: ExtensionWork, typed: Typed, type: DataType): Typed {
  if (sameType(typed.type, type)) return typed;
  const result = castValue(typed.value, typed.type, type, valuesAt(work), "explicit");
  if (result.kind === "no-cast") return work.decline(`there is no cast to ${formatType(type)}`);
  const value = resultOf(work, result);
  return value === null ? work.decline("a bound becomes NULL") : { value, type };
}

/** The text of an interval, read as the extension reads it: for dates and timestamps an `interval`, else the key's type. */
export function intervalFrom(work: ExtensionWork, text: string, keyType: DataType): Typed {
  const type = isDateType(keyType) ? interval : withoutModifier(baseType(keyType));
  const value = resultOf(work, readValue(text, type, valuesAt(work)));
  return value === null ? work.decline("the interval is not known") : { value, type };
}

/** Whether a type counts as one of dates: `date`, `timestamp`, `timestamptz`. */
export function isDateType(type: DataType): boolean {
  const base = baseType(type);
  return base.kind === "base" && ["date", "timestamp", "timestamptz"].includes(base.name);
}

/** `null` (which stands for no end) is below all as a lower and above all as an upper end. */
export function compareEnds(
  work: ExtensionWork,
  [a, aSide]: readonly [Typed | null, "lower" | "upper"],
  [b, bSide]: readonly [Typed | null, "lower" | "upper"],
): number {
  if (a === null) return b === null && aSide === bSide ? 0 : aSide === "lower" ? -1 : 1;
  if (b === null) return bSide === "lower" ? 1 : -1;
  return compareTyped(work, a, b);
}

/** The order of two values, also of types that compare across: numbers of all sizes, dates with timestamps. */
export function compareTyped(work: ExtensionWork, a: Typed, b: Typed): number {
  const isSame = a.value.family !== "timestamp" || sameType(baseType(a.type), baseType(b.type));
  const direct = isSame ? compareValues(a.value, b.value, null) : null;
  if (direct !== null) return direct;
  if (b.value.family === "date") return -compareTyped(work, castTo(work, b, a.type), a);
  const widened = castTo(work, a, b.type);
  return compareValues(widened.value, b.value, null) ?? work.decline("how two bounds compare is not known");
}

/** The value as its type's output function prints it. */
export function printTyped(work: ExtensionWork, typed: Typed | null): string {
  return typed === null ? "NULL" : printValue(typed.value, typed.type, work.catalog.settings);
}

function resultOf(work: ExtensionWork, result: ValueResult): Value | null {
  if (result.kind === "problem") return work.refuse(result);
  if (result.kind === "declined") return work.decline(result.reason);
  return result.kind === "null" ? null : result.value;
}

const nowhere = { start: 0, end: 0 };
