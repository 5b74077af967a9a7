/** `= ANY`, `<> ALL` and IN lists: arrays taken apart into comparisons with their elements. */

import type { DataType } from "../catalog/data-type.ts";
import { arrayElements } from "../catalog/values/array.ts";
import { evaluate } from "../catalog/values/evaluate.ts";
import { baseType, resolveType } from "../catalog/values/types.ts";
import { commonType } from "../effects/relations/operand-types.ts";
import type { Expression } from "../syntax/expression.ts";
import type { TextRange } from "../text/range.ts";
import type { Clause, ComparisonOperator } from "./clause.ts";
import { broughtTo, type Collation, comparisonOf, isUntyped } from "./comparison.ts";
import { constantOperand, type Operand, operandOf } from "./operand.ts";
import type { Scope } from "./scope.ts";

/** `left operator ANY (rights)` or ALL, with the elements brought to one type. */
export function arrayClause(
  operator: ComparisonOperator,
  left: Operand,
  rights: readonly Operand[],
  elementType: DataType,
  all: boolean,
  scope: Scope,
  range: TextRange,
  collation: Collation,
): Clause {
  // The operator is that of the element type, even for an element that alone would have another.
  const elements = rights.map((right) => {
    const brought = broughtTo(right, elementType, scope.context);
    return comparisonOf(operator, left, brought, scope, range, [collation, null]);
  });
  const constant = elements.every(({ right }) => right.kind === "constant");
  const [first] = elements;
  const operand = constantOperand(null, elementType, range);
  return {
    kind: "array-comparison",
    left: first?.left ?? left,
    elements,
    all,
    array: constant ? "constant" : "list",
    operand,
    range,
  };
}

/** The elements of `ARRAY[…]`, `'{…}'` and casts of them; `null` (the word) for a NULL array, null where they are not written out. */
export function writtenElements(
  array: Expression,
  left: Operand,
  scope: Scope,
): { readonly operands: readonly Operand[]; readonly type: DataType | null } | "null" | null {
  if (array.kind === "array") return { operands: array.items.map((item) => operandOf(item, scope)), type: null };
  if (array.kind === "cast" && array.operand.kind === "array") {
    const type = resolveType(scope.context.catalog, array.type);
    const elements = writtenElements(array.operand, left, scope);
    if (type.kind !== "array" || elements === null || elements === "null") return elements;
    return {
      operands: elements.operands.map((operand) => broughtTo(operand, type.element, scope.context, "explicit")),
      type: type.element,
    };
  }
  const evaluation = evaluate(array, scope.context);
  if (evaluation.kind !== "constant") return null;
  if (evaluation.value === null) return "null";
  const type =
    evaluation.type?.kind === "array" ? evaluation.type.element : evaluation.type === null ? left.type : null;
  if (type === null) return null;
  const { value } = evaluation;
  if (value.family === "array")
    return { operands: value.elements.map((element) => constantOperand(element, type, array.range)), type };
  const texts = value.family === "text" ? arrayElements(value.value) : null;
  if (texts === null) return null;
  const operands = texts.map((text) => {
    const element = constantOperand(text === null ? null : { family: "text", value: text }, null, array.range);
    return broughtTo(element, type, scope.context);
  });
  return { operands, type };
}

/** The type that `select_common_type` finds for operands; null where there is none or we cannot tell. */
export function arrayElementType(operands: readonly Operand[]): DataType | null {
  if (operands.some((operand) => operand.type === null && !isUntyped(operand))) return null;
  const types = operands.map(({ type }) => type);
  const known = types.filter((type) => type !== null).map(baseType);
  const datetimes = known.map((type) =>
    type.kind === "base" ? ["date", "timestamp", "timestamptz"].indexOf(type.name) : -1,
  );
  if (known.length > 0 && datetimes.every((rank) => rank >= 0))
    return known[datetimes.indexOf(datetimes.reduce((a, b) => Math.max(a, b)))] ?? null;
  const strings = known.map((type) => (type.kind === "base" ? type.name : ""));
  if (known.length > 0 && strings.every((name) => name === "text" || name === "varchar")) return known[0] ?? null;
  return commonType(types);
}
