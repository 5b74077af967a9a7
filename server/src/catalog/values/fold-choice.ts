/** Folds what brings its branches to one type: COALESCE, CASE, GREATEST, arrays. */

import { addAll } from "../../text/long-lists.ts";
import { cutForPortions, itemsOfRow } from "../../text/portions.ts";
import type { TextRange } from "../../text/range.ts";
import { notedPortion } from "../access.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { builtinType, type Volatility } from "./builtins.ts";
import { castVolatility } from "./cast.ts";
import { compareValues } from "./compare.ts";
import {
  coerceFolded,
  type Fold,
  type FoldContext,
  type Folded,
  mixed,
  type Problem,
  unsureType,
  withoutFailure,
} from "./folded.ts";
import { type ArgumentType, coercesImplicitly } from "./overload.ts";
import { problem, type ValueProblem } from "./result.ts";
import { baseType, baseTypeNamed, formatTypeName, sameType, sameTypeName, withoutModifier } from "./types.ts";

/** COALESCE, CASE and the like: all branches are cast to one type. `compute` gets their values, undefined where one is not known. */
export function foldChoice(
  construct: "COALESCE" | "CASE" | "GREATEST" | "LEAST",
  branches: readonly Folded[],
  ranges: readonly TextRange[],
  range: TextRange,
  context: FoldContext,
  compute: (values: readonly (Value | null | undefined)[]) => Value | null | undefined,
): Fold {
  const parts = branches.map(withoutFailure);
  const type = commonType(parts.map((part) => part.type));
  if ("mismatch" in type) return typesMismatch(construct, type, range);
  const next: Folded = { ...mixed(parts, castsVolatility(parts, type)), type };
  const values: (Value | null | undefined)[] = [];
  for (const some of cutForPortions(parts, itemsOfRow)) {
    const read = notedPortion(some.length * itemsOfRow, () => someValues(some, withoutModifier(type), context));
    addAll(values, read.values);
    if (read.problem !== null) return { ...read.problem, range: ranges[values.length] ?? range };
  }
  return { ...next, value: compute(values) };
}

/** The branches as values of the type; up to the first literal that is none. */
function someValues(
  parts: readonly Folded[],
  type: DataType,
  context: FoldContext,
): { readonly values: readonly (Value | null | undefined)[]; readonly problem: ValueProblem | null } {
  const values: (Value | null | undefined)[] = [];
  for (const part of parts) {
    const result = coerceFolded(part, type, "implicit", context);
    if (result?.kind === "problem" && part.type === null) return { values, problem: result };
    values.push(result?.kind === "value" ? result.value : result?.kind === "null" ? null : undefined);
  }
  return { values, problem: null };
}

/** An array of these elements, as the text that its output function prints. */
export function foldArray(
  parts: readonly Folded[],
  ranges: readonly TextRange[],
  range: TextRange,
  context: FoldContext,
): Fold {
  const element = commonType(parts.map((part) => part.type));
  if ("mismatch" in element) return typesMismatch("ARRAY", element, range);
  const next: Folded = {
    ...mixed(parts, castsVolatility(parts, element)),
    // An array of arrays has more dimensions, not another type.
    type: parts.length === 0 ? unsureType : element.kind === "array" ? element : { kind: "array", element },
  };
  const elements: (Value | null)[] = [];
  let isKnown = true;
  for (const [index, part] of parts.entries()) {
    const result = coerceFolded(part, withoutModifier(element), "implicit", context);
    if (result?.kind === "problem" && part.type === null) return { ...result, range: ranges[index] ?? range };
    if (result?.kind === "null") elements.push(null);
    else if (result?.kind === "value") elements.push(result.value);
    else isKnown = false;
  }
  if (!isKnown) return { ...next, reason: next.reason ?? "an array" };
  return { ...next, value: { family: "array", elements } };
}

/** The greatest or least of the values that are not NULL. */
export function extreme(
  values: readonly (Value | null | undefined)[],
  greatest: boolean,
  { catalog }: FoldContext,
): Value | null | undefined {
  let best: Value | null = null;
  for (const value of values) {
    if (value === undefined) return undefined;
    if (value === null) continue;
    const order: number | null = best === null ? 1 : compareValues(value, best, catalog.databaseCollation ?? "default");
    if (order === null) return undefined;
    if (best === null || (greatest ? order > 0 : order < 0)) best = value;
  }
  return best;
}

/** The first value that is not NULL. */
export function firstKnown(values: readonly (Value | null | undefined)[]): Value | null | undefined {
  for (const value of values) if (value !== null) return value;
  return null;
}

/** The type that PostgreSQL gives the branches of a CASE or the elements of an array; `unsureType` where it cannot be told. */
export function commonType(types: readonly ArgumentType[]): DataType | Mismatch {
  const typed = types.filter((type) => type !== null);
  const [first] = typed;
  if (first === undefined) return baseTypeNamed("text");
  if (typed.every((type) => sameType(type, first))) return first;
  let chosen: DataType = withoutModifier(first);
  for (const type of typed.slice(1)) {
    if (sameTypeName(chosen, type)) continue;
    const [from, to] = [baseType(chosen), baseType(type)];
    const [fromCategory, toCategory] = [categoryOf(from), categoryOf(to)];
    if (fromCategory === null || toCategory === null) return unsureType;
    if (fromCategory !== toCategory) return { mismatch: [chosen, type] };
    if (from.kind !== "base" || to.kind !== "base") return unsureType;
    if (
      builtinType(from.name)?.preferred !== true &&
      coercesImplicitly(from, to.name) &&
      !coercesImplicitly(to, from.name)
    )
      chosen = baseTypeNamed(to.name);
  }
  return chosen;
}

function castsVolatility(parts: readonly Folded[], to: DataType): Volatility {
  const isStable = parts.some(({ type }) => type !== null && castVolatility(type, to) === "stable");
  return isStable ? "stable" : "immutable";
}

function categoryOf(type: DataType): string | null {
  switch (type.kind) {
    case "base":
      return builtinType(type.name)?.category ?? null;
    case "enum":
      return "E";
    case "array":
      return "A";
    default:
      return null;
  }
}

interface Mismatch {
  readonly mismatch: readonly [DataType, DataType];
}

function typesMismatch(construct: string, { mismatch: [a, b] }: Mismatch, range: TextRange): Problem {
  const types = `${formatTypeName(a)} and ${formatTypeName(b)}`;
  return { ...problem("42804", `${construct} types ${types} cannot be matched`), range };
}

/** Which of the results CASE takes, ELSE in front of them; null for none of them, undefined where that is not known. */
export function chosenBranch(conditions: readonly Folded[], hasElse: boolean): number | null | undefined {
  for (const [index, { value }] of conditions.entries()) {
    if (value === undefined) return undefined;
    if (value?.family === "boolean" && value.value) return hasElse ? index + 1 : index;
  }
  return hasElse ? 0 : null;
}

/** NULLIF of folded operands; its type is not known where the two have different ones. */
export function foldNullIf(first: Fold, second: Fold, context: FoldContext): Fold {
  if (first.kind === "problem") return first;
  if (second.kind === "problem")
    return { ...withoutFailure(first), type: unsureType, value: undefined, volatility: null };
  const { type } = first;
  const next = withoutFailure(mixed([first, second], "immutable"));
  if (type === null || second.type === null || type === unsureType || !sameType(type, second.type))
    return { ...next, type: unsureType };
  return { ...next, type, value: nullIfEqual(first.value, second.value, context) };
}

/** What NULLIF gives; undefined where that is not known. */
function nullIfEqual(
  first: Value | null | undefined,
  second: Value | null | undefined,
  context: FoldContext,
): Value | null | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (first === null || second === null) return first;
  const order = compareValues(first, second, context.catalog.databaseCollation ?? "default");
  return order === null ? undefined : order === 0 ? null : first;
}
