/** Folds operators: which one is meant, and what it gives. */

import type { TextRange } from "../../text/range.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import type { Volatility } from "./builtins.ts";
import { castVolatility } from "./cast.ts";
import {
  coerceFolded,
  type Fold,
  type FoldContext,
  type Folded,
  leastConstant,
  mixed,
  type Problem,
  typeText,
  unsureType,
  withFailure,
  withResult,
} from "./folded.ts";
import { computeOperator } from "./operators.ts";
import { type ArgumentType, chooseOperator, dataTypeOf } from "./overload.ts";
import { problem, type ValueProblem } from "./result.ts";
import { baseTypeNamed } from "./types.ts";

/** An operator as written, with the places of its operands. */
export interface WrittenOperator {
  readonly name: string;
  readonly schema?: string | undefined;
  readonly range: TextRange;
  readonly operands: readonly TextRange[];
}

/** `left` null for a prefix operator. */
export function foldOperator(
  operator: WrittenOperator,
  left: Folded | null,
  right: Folded,
  context: FoldContext,
): Fold {
  const parts = left === null ? [right] : [left, right];
  const { name, range } = operator;
  if (operator.schema !== undefined && operator.schema !== "pg_catalog")
    return { ...mixed(parts, null), type: unsureType, reason: "an operator of another schema" };
  const choice = chooseOperator(name, left === null ? undefined : left.type, right.type);
  switch (choice.kind) {
    case "unsure":
      return { ...mixed(parts, null), type: unsureType, reason: "an operator on types that are not known" };
    case "none":
      if (context.version < 15 && isOfOlderVersions(name, parts))
        return { ...mixed(parts, null), type: unsureType, reason: "an operator that 18 does not have" };
      return { ...noOperator(name, left?.type, right.type), range };
    case "ambiguous":
      return { ...ambiguousOperator(name, left?.type, right.type), range };
    case "found": {
      const { found, result } = choice;
      const declared = found.left === null ? [found.right] : [found.left, found.right];
      const operands = coerceArguments(parts, declared, operator.operands, context);
      if (operands.kind === "problem") return operands;
      const next: Folded = { ...operands.part, type: result ?? unsureType };
      const volatility = inlinedVolatility(declared, parts) ?? found.volatility;
      const volatile: Folded = { ...next, volatility: leastConstant(next.volatility, volatility) };
      const { values } = operands;
      if (values === null) return volatile;
      if (values.includes(null)) return { ...volatile, value: null };
      const computed = computeOperator(
        found,
        found.left === null ? null : (values[0] ?? null),
        values.at(-1) as Value,
        context,
      );
      return withResult(volatile, computed, range);
    }
  }
}

function isOfOlderVersions(name: string, parts: readonly Folded[]): boolean {
  if (name === "!" || name === "!!") return true;
  return (
    olderOperators.has(name) &&
    parts.some(({ type }) => type?.kind === "array" || (type?.kind === "base" && geometric.has(type.name)))
  );
}

const geometric: ReadonlySet<string> = new Set(["box", "circle", "line", "lseg", "path", "point", "polygon"]);

/** Those of which versions before 15 have some that the reference version has not. */
const olderOperators: ReadonlySet<string> = new Set(["@", "~", "@@", "<->", "##"]);

/** `anynonarray || text` is marked stable, but what counts is the cast to text that the planner puts in its place. */
function inlinedVolatility(declared: readonly string[], parts: readonly Folded[]): Volatility | null {
  const other = parts[declared.indexOf("anynonarray")]?.type;
  if (other === undefined || !declared.includes("text")) return null;
  return other === null || other === unsureType ? null : castVolatility(other, baseTypeNamed("text"));
}

/** The arguments as values of the declared types; values null where one is not known. */
export function coerceArguments(
  parts: readonly Folded[],
  declared: readonly string[],
  ranges: readonly TextRange[],
  context: FoldContext,
): { readonly kind: "coerced"; readonly part: Folded; readonly values: (Value | null)[] | null } | Problem {
  let part = mixed(parts, "immutable");
  let values: (Value | null)[] | null = [];
  for (const [index, argument] of parts.entries()) {
    const name = declared[index] ?? "";
    const isPolymorphic = name.startsWith("any");
    const to = isPolymorphic ? (argument.type ?? boundType(name, parts, declared)) : dataTypeOf(name);
    if (argument.type !== null && !isPolymorphic)
      part = { ...part, volatility: leastConstant(part.volatility, castVolatility(argument.type, to)) };
    const result = coerceFolded(argument, to, "implicit", context);
    if (result?.kind === "problem") {
      const failure = { ...result, range: ranges[index] ?? { start: 0, end: 0 } };
      if (argument.type === null) return failure;
      part = withFailure(part, failure);
    }
    if (result?.kind === "value") values?.push(result.value);
    else if (result?.kind === "null") values?.push(null);
    else {
      values = null;
      if (result?.kind === "declined")
        part = {
          ...part,
          reason: part.reason ?? result.reason,
          doubtful: part.doubtful === true || argument.type === null,
        };
    }
  }
  return { kind: "coerced", part, values };
}

/** What an untyped literal becomes in the place of `anyenum` and the like: the type of an argument declared so too; text for `any`. */
function boundType(name: string, parts: readonly Folded[], declared: readonly string[]): DataType {
  if (name === "any") return baseTypeNamed("text");
  const index = parts.findIndex((part, at) => part.type !== null && declared[at] === name);
  return parts[index]?.type ?? unsureType;
}

function noOperator(name: string, left: ArgumentType | undefined, right: ArgumentType): ValueProblem {
  const isPrefix = left === undefined;
  return problem(
    "42883",
    `operator does not exist: ${isPrefix ? "" : `${typeText(left)} `}${name} ${typeText(right)}`,
    {
      hint: isPrefix
        ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
        : "No operator matches the given name and argument types. You might need to add explicit type casts.",
    },
  );
}

function ambiguousOperator(name: string, left: ArgumentType | undefined, right: ArgumentType): ValueProblem {
  return problem(
    "42725",
    `operator is not unique: ${left === undefined ? "" : `${typeText(left)} `}${name} ${typeText(right)}`,
    {
      hint: "Could not choose a best candidate operator. You might need to add explicit type casts.",
    },
  );
}
