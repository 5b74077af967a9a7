/** Whether a condition implies the predicate of a partial index, as far as PostgreSQL's `predicate_implied_by` sees it. */

import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { coerceConstant, evaluate } from "../../catalog/values/evaluate.ts";
import type { Expression } from "../../syntax/expression.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { columnsOver, plainColumn, sameExpression, type TableExpressions } from "./table-expressions.ts";

/** Whether `condition` implies `predicate`; null where it cannot be told. No predicate is always implied. */
export function isImplied(
  predicate: Expression | null,
  condition: Expression | null,
  of: TableExpressions,
): boolean | null {
  if (predicate === null) return true;
  const given = condition === null ? [] : conjunctsOf(condition);
  let answer: boolean | null = true;
  for (const part of conjunctsOf(predicate)) {
    const implied = impliesPart(given, part, of);
    if (implied === false) return false;
    if (implied === null) answer = null;
  }
  return answer;
}

function conjunctsOf(expression: Expression): readonly Expression[] {
  return expression.kind === "and" ? expression.operands.flatMap(conjunctsOf) : [expression];
}

function impliesPart(given: readonly Expression[], part: Expression, of: TableExpressions): boolean | null {
  if (given.some((each) => sameExpression(each, part, of) === true)) return true;
  const wanted = shapeOf(part, of);
  const shapes = given.map((each) => shapeOf(each, of));
  if (wanted !== null && shapes.some((shape) => shape !== null && implies(shape, wanted) === true)) return true;
  const needed = columnsOver(part, of);
  if (needed === null || needed.length === 0) return null;
  const sure = given.every((each, index) => {
    const columns = columnsOver(each, of);
    if (columns === null || columns.length === 0) return false;
    // A proof needs a condition on what the predicate speaks of.
    if (!needed.some((name) => columns.includes(name))) return isSimple(each);
    const shape = shapes[index] ?? null;
    return shape !== null && wanted !== null && implies(shape, wanted) === false;
  });
  return sure ? false : null;
}

/** Whether the condition is not one that PostgreSQL takes apart or folds. */
function isSimple(expression: Expression): boolean {
  return expression.kind === "operator" || expression.kind === "null-test" || expression.kind === "column";
}

/** A comparison of a column with a constant of its type, a boolean column or its negation, or a test for NULL. */
type Shape = { readonly column: string; readonly collation: string | null } & (
  | { readonly kind: "compare"; readonly operator: Comparison; readonly value: Value }
  | { readonly kind: "boolean"; readonly holds: boolean }
  | { readonly kind: "null"; readonly negated: boolean }
);

type Comparison = "<" | "<=" | "=" | ">=" | ">";

const mirrored: Readonly<Record<Comparison, Comparison>> = { "<": ">", "<=": ">=", "=": "=", ">=": "<=", ">": "<" };

function shapeOf(expression: Expression, of: TableExpressions): Shape | null {
  const { catalog, context, table } = of;
  if (expression.kind === "null-test") {
    const column = plainColumn(expression.operand);
    return column === null ? null : { column, collation: null, kind: "null", negated: expression.negated };
  }
  if (expression.kind === "not") {
    const inner = shapeOf(expression.operand, of);
    return inner?.kind === "boolean" ? { ...inner, holds: !inner.holds } : null;
  }
  if (expression.kind === "column") {
    const column = columnNamed(table, plainColumn(expression) ?? "");
    const isBoolean = column?.type.kind === "base" && column.type.name === "bool";
    return isBoolean ? { column: column.name, collation: null, kind: "boolean", holds: true } : null;
  }
  if (expression.kind !== "operator" || expression.left === null || expression.schema !== undefined) return null;
  if (!(expression.operator in mirrored)) return null;
  const written = expression.operator as Comparison;
  const isFlipped = plainColumn(expression.left) === null;
  const [subject, constant] = isFlipped ? [expression.right, expression.left] : [expression.left, expression.right];
  const column = columnNamed(table, plainColumn(subject) ?? "");
  if (column === null || constant.kind !== "constant") return null;
  // A number with a point against an integer column would cast the column.
  if (constant.value.type === "decimal" && column.type.kind === "base" && /^int\d$/.test(column.type.name)) return null;
  const values = { settings: catalog.settings, version: context.version, catalog, today: null };
  const coerced = coerceConstant(evaluate(constant, values), column.type, "implicit", values);
  if (coerced.kind !== "value") return null;
  if (coerced.value.family === "boolean") {
    // `a = false` is simplified to `NOT a`.
    if (written !== "=") return null;
    return { column: column.name, collation: null, kind: "boolean", holds: coerced.value.value };
  }
  const operator = isFlipped ? mirrored[written] : written;
  return { column: column.name, collation: column.collation, kind: "compare", operator, value: coerced.value };
}

/** The pairs of `BT_implic_table` for comparisons, and that a strict comparison is not true of NULL. */
function implies(given: Shape, wanted: Shape): boolean | null {
  if (given.column !== wanted.column) return false;
  if (wanted.kind === "null") {
    if (given.kind === "null") return given.negated === wanted.negated;
    return given.kind === "compare" ? wanted.negated : null;
  }
  if (given.kind === "boolean" && wanted.kind === "boolean") return given.holds === wanted.holds;
  if (given.kind !== "compare" || wanted.kind !== "compare") return false;
  const order = compareValues(given.value, wanted.value, given.collation);
  if (order === null) return null;
  const [has, needs] = [given.operator, wanted.operator];
  switch (needs) {
    case "=":
      return has === "=" && order === 0;
    case "<":
      return has === "<" ? order <= 0 : (has === "<=" || has === "=") && order < 0;
    case "<=":
      return (has === "<" || has === "<=" || has === "=") && order <= 0;
    case ">":
      return has === ">" ? order >= 0 : (has === ">=" || has === "=") && order > 0;
    case ">=":
      return (has === ">" || has === ">=" || has === "=") && order >= 0;
  }
}
