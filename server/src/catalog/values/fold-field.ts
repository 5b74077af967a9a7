/** Folds the selection of a field of a row: `(k).a`. */

import { type Fold, type FoldContext, mixed, unsureType, withoutFailure } from "./folded.ts";
import { fieldsOf } from "./row.ts";
import { baseType } from "./types.ts";

/** `(k).a` of a folded operand. */
export function foldField(operand: Fold, name: string, context: FoldContext): Fold {
  if (operand.kind === "problem") return operand;
  const base = operand.type === null ? null : baseType(operand.type);
  const place = base?.kind === "composite" ? (fieldsOf(base, context.catalog) ?? []) : [];
  const index = place.findIndex((field) => field.name === name);
  const type = place[index]?.type;
  const next = withoutFailure(mixed([operand], "immutable"));
  // A column that is not known may be a whole row.
  if (type === undefined) return { ...next, type: unsureType, volatility: operand.volatility };
  const { value } = operand;
  if (value === null) return { ...next, type, value: null };
  return { ...next, type, value: value?.family === "row" ? (value.fields[index]?.value ?? null) : undefined };
}
