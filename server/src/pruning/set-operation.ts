/** The columns that a query gives: those of one SELECT, and those that the arms of a set operation give together. */

import type { DataType } from "../catalog/data-type.ts";
import { expressionType } from "../catalog/values/evaluate.ts";
import { commonType } from "../catalog/values/fold-choice.ts";
import { unsureType } from "../catalog/values/folded.ts";
import { sameType } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import type { Block, SetColumn } from "./block.ts";
import { operandOf } from "./operand.ts";
import type { OutputColumn, TypedColumn } from "./query-level.ts";
import type { Scope } from "./scope.ts";

/** The columns of a block, with the types that they have outside; null where they are not known. */
export function columnsOfBlock(block: Block): readonly TypedColumn[] | null {
  return block.kind === "set-operation" ? block.columns : (block.outputs?.map(typedColumn) ?? null);
}

function typedColumn(output: OutputColumn): TypedColumn {
  const { name, expression, scope } = outsideOf(output);
  const operand = operandOf(expression, scope);
  const collation = operand.kind === "column" ? operand.column.collation : "default";
  return { name, type: operand.type ?? expressionType(expression, scope.context), collation };
}

/** An output as it is outside of its query: a literal without a type is a text there. */
export function outsideOf(output: OutputColumn): OutputColumn {
  const { expression } = output;
  if (!isUntyped(expression)) return output;
  const { range } = expression;
  const type = { names: ["pg_catalog", "text"], modifiers: [], arrayDimensions: 0, setOf: false, range };
  return { ...output, expression: { kind: "cast", operand: expression, type, range } };
}

function isUntyped(expression: Expression): boolean {
  return expression.kind === "constant" && (expression.value.type === "string" || expression.value.type === "null");
}

/** The type with which a value goes into `select_common_type`; null for an untyped literal. */
export function typeToUnite(value: Expression, scope: Scope): DataType | null {
  return isUntyped(value) ? null : (expressionType(value, scope.context) ?? unsureType);
}

/** `select_common_type`; null where the type is not known. */
export function commonTypeAmong(types: readonly (DataType | null)[]): DataType | null {
  const common = commonType(types);
  return "mismatch" in common || common === unsureType ? null : common;
}

/** `select_common_type` for each column of the arms. */
export function combinedColumns(arms: readonly Block[]): readonly SetColumn[] | null {
  const all = arms.map(columnsOfBlock);
  const [first] = all;
  if (first === undefined || first === null) return null;
  return first.map((column, index): SetColumn => {
    const types = arms.map((arm, at) => {
      const output = arm.kind === "select" ? arm.outputs?.[index] : undefined;
      return output !== undefined && isUntyped(output.expression) ? null : (all[at]?.[index]?.type ?? unsureType);
    });
    const common = commonType(types);
    const type = "mismatch" in common || common === unsureType ? null : common;
    const converted = type === null || types.some((one) => one !== null && !sameType(one, type));
    return { name: column.name, type, collation: column.collation, converted };
  });
}
