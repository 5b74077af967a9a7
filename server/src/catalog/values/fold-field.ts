/** Folds the selection of a field of a row: `(k).a`. */

import type { TextRange } from "../../text/range.ts";
import { knowsEveryObject } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import { functionsNamed } from "./builtins.ts";
import { type Fold, type FoldContext, isSure, mixed, unsureType, withoutFailure } from "./folded.ts";
import { problem, type ValueProblem } from "./result.ts";
import { fieldsOf } from "./row.ts";
import { baseType, formatTypeName } from "./types.ts";

/** `(k).a` of a folded operand. */
export function foldField(operand: Fold, name: string, range: TextRange, context: FoldContext): Fold {
  if (operand.kind === "problem") return operand;
  const base = operand.type === null ? null : baseType(operand.type);
  const missing = base === null || !isSure(operand) ? null : missingField(base, name, context);
  if (missing !== null) return { ...missing, range };
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

/** `ParseComplexProjection`: what is no field may still be a function of the row, `(k).f` for `f(k)`. */
function missingField(type: DataType, name: string, { catalog }: FoldContext): ValueProblem | null {
  if (!knowsEveryObject(catalog) || catalog.functions.has(name) || functionsNamed(name).length > 0) return null;
  if (type.kind === "base" && type.name !== "record") {
    const message = `column notation .${name} applied to type ${formatTypeName(type)}, which is not a composite type`;
    return problem("42809", message);
  }
  const fields = type.kind === "composite" ? fieldsOf(type, catalog) : null;
  if (fields == null || fields.some((field) => field.name === name)) return null;
  return problem("42703", `column "${name}" not found in data type ${formatTypeName(type)}`);
}
