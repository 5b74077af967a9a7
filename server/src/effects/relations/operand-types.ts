/** What the operands of operators and the arguments of functions are brought to, as far as it is certain. */

import type { DataType } from "../../catalog/data-type.ts";
import type { BuiltinFunction } from "../../catalog/values/builtins.ts";
import { commonType as commonTypeOf } from "../../catalog/values/fold-choice.ts";
import { unsureType } from "../../catalog/values/folded.ts";
import {
  chooseFunction as chooseBuiltin,
  chooseOperator as chooseBuiltinOperator,
} from "../../catalog/values/overload.ts";
import { baseType, baseTypeNamed, formatTypeName } from "../../catalog/values/types.ts";

/** `left` and `right`: what each operand is cast to (its own type: not at all). */
export type OperatorChoice =
  | { readonly kind: "found"; readonly left: DataType; readonly right: DataType; readonly result: DataType }
  /** PostgreSQL has no such operator (42883). */
  | { readonly kind: "missing" }
  | { readonly kind: "undecided" };

/** Resolves a binary operator over two typed operands; null stands for an untyped literal. */
export function chooseOperator(operator: string, left: DataType | null, right: DataType | null): OperatorChoice {
  const choice = chooseBuiltinOperator(operator === "!=" ? "<>" : operator, left, right);
  switch (choice.kind) {
    case "found": {
      const other = left ?? right;
      const leftType = declaredType(choice.found.left ?? "", left ?? other);
      const rightType = declaredType(choice.found.right, right ?? other);
      if (leftType === null || rightType === null || choice.result === null) return { kind: "undecided" };
      return { kind: "found", left: leftType, right: rightType, result: choice.result };
    }
    case "none":
      return { kind: "missing" };
    case "ambiguous":
    case "unsure":
      return { kind: "undecided" };
  }
}

export type FunctionChoice =
  | {
      readonly kind: "found";
      readonly found: BuiltinFunction;
      readonly arguments: readonly DataType[];
      readonly result: DataType | null;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "undecided" };

/** Resolves a call of one of PostgreSQL's own functions. */
export function chooseFunction(name: string, given: readonly (DataType | null)[]): FunctionChoice {
  const choice = chooseBuiltin(name, given);
  switch (choice.kind) {
    case "found": {
      const typed = given.find((type) => type !== null) ?? null;
      const declared = given.map((type, index) => {
        const last = choice.found.arguments.length - 1;
        return declaredType(choice.found.arguments[Math.min(index, last)] ?? "", type ?? typed);
      });
      const known = declared.filter((type) => type !== null);
      if (known.length < declared.length || choice.found.variadic) return { kind: "undecided" };
      return { kind: "found", found: choice.found, arguments: known, result: choice.result };
    }
    case "none":
      return { kind: "missing" };
    case "ambiguous":
    case "unsure":
      return { kind: "undecided" };
  }
}

/** The type that a list of values is brought to: that of IN lists and CASE; null where it cannot be told. */
export function commonType(types: readonly (DataType | null)[]): DataType | null {
  const common = commonTypeOf(types);
  return "mismatch" in common || common === unsureType ? null : common;
}

/** Whether there certainly is no type to which these can be brought. */
export function typesMismatch(types: readonly (DataType | null)[]): boolean {
  return "mismatch" in commonTypeOf(types);
}

/** `operator does not exist: text > integer` */
export function missingOperatorMessage(operator: string, left: DataType | null, right: DataType): string {
  const leftName = left === null ? "" : `${formatTypeName(left)} `;
  return `operator does not exist: ${leftName}${operator} ${formatTypeName(right)}`;
}

/** A declared parameter type for an argument; a polymorphic one is that of the argument itself. */
function declaredType(declared: string, argument: DataType | null): DataType | null {
  if (declared.startsWith("any")) return argument === null ? null : baseType(argument);
  if (declared.startsWith("_")) return { kind: "array", element: baseTypeNamed(declared.slice(1)) };
  return declared === "" ? null : baseTypeNamed(declared);
}
