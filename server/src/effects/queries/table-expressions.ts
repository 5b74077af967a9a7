/** Expressions over the columns of one table: whether two are the same to PostgreSQL once it has simplified them. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { baseType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { ApplyContext } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { analyzeExpression, type ExpressionAnalysis, type ExpressionFault } from "../relations/expression-text.ts";

/** A table with what its expressions are read by. */
export interface TableExpressions {
  readonly catalog: Catalog;
  readonly context: ApplyContext;
  readonly table: Relation;
  /** The name by which expressions may qualify its columns. */
  readonly name: string;
}

export function analyzeOver(
  expression: Expression,
  { catalog, context, table, name }: TableExpressions,
  place: string,
): ExpressionAnalysis | ExpressionFault {
  const { columns, knowledge } = table;
  const scope = { catalog, context, table: name, columns, allColumns: knowledge === "full", place };
  return analyzeExpression(expression, scope);
}

/** The columns that an expression mentions; null where it has a fault. */
export function columnsOver(expression: Expression, of: TableExpressions): readonly string[] | null {
  const analysis = analyzeOver(expression, of, "index expressions");
  return analysis.kind === "analysis" ? analysis.columns : null;
}

/** The type of an expression; null where it is not known. */
export function typeOver(expression: Expression | null, of: TableExpressions): DataType | null {
  const analysis = expression === null ? null : analyzeOver(expression, of, "index expressions");
  return analysis?.kind === "analysis" ? analysis.type : null;
}

/** The column that the expression is, without anything around it; else null. */
export function plainColumn(expression: Expression): string | null {
  return expression.kind === "column" && !expression.star ? (expression.names.at(-1) ?? null) : null;
}

/** null where it cannot be told: texts that differ may be one expression after all, once it is simplified. */
export function sameExpression(one: Expression, other: Expression, of: TableExpressions): boolean | null {
  const [first, second] = [one, other].map((expression) => analyzeOver(expression, of, "index expressions"));
  if (first?.kind !== "analysis" || second?.kind !== "analysis") return null;
  if (first.text === second.text) return true;
  const [plain, theirs] = [isPlain(one, of), isPlain(other, of)];
  // What is simplified loses columns and gets no new ones.
  const lacks = (columns: readonly string[], wanted: readonly string[]): boolean =>
    wanted.some((name) => !columns.includes(name));
  if (plain && lacks(second.columns, first.columns)) return false;
  if (theirs && lacks(first.columns, second.columns)) return false;
  return first.certain && second.certain && plain && theirs ? false : null;
}

/** Whether nothing in the expression can be simplified: each part rests on a column, and is neither inlined nor folded. */
function isPlain(expression: Expression, of: TableExpressions): boolean {
  switch (expression.kind) {
    case "column":
      return plainColumn(expression) !== null;
    case "call": {
      const [name = "", ...more] = expression.name;
      const isKnown = more.length === 0 && plainFunctions.has(name) && !of.catalog.functions.has(name);
      return (
        isKnown &&
        restOnColumns(
          expression.arguments.map(({ value }) => value),
          of,
        )
      );
    }
    case "operator": {
      const operands = expression.left === null ? [] : [expression.left, expression.right];
      if (expression.schema !== undefined || operands.length === 0) return false;
      if (["->", "->>"].includes(expression.operator)) return restOnColumns(operands, of);
      const isArithmetic = ["+", "-", "*", "/", "%"].includes(expression.operator);
      return isArithmetic && operands.every((operand) => isNumber(operand, of)) && restOnColumns(operands, of);
    }
    default:
      return false;
  }
}

/** Functions that PostgreSQL computes itself; some others are written in SQL, and so replaced by what they call. */
const plainFunctions: ReadonlySet<string> = new Set(
  "abs btrim char_length date_trunc initcap left length lower ltrim md5 replace reverse right round rtrim substr substring upper".split(
    " ",
  ),
);

function restOnColumns(operands: readonly Expression[], of: TableExpressions): boolean {
  const others = operands.filter(({ kind }) => kind !== "constant");
  return others.length > 0 && others.every((operand) => isPlain(operand, of));
}

function isNumber(operand: Expression, { table }: TableExpressions): boolean {
  if (operand.kind === "constant") return operand.value.type === "integer" || operand.value.type === "decimal";
  if (operand.kind === "call") return ["abs", "char_length", "length", "round"].includes(operand.name.at(-1) ?? "");
  if (operand.kind !== "column") return operand.kind === "operator";
  const column = columnNamed(table, plainColumn(operand) ?? "");
  const type = column === null ? null : baseType(column.type);
  return type?.kind === "base" && ["int2", "int4", "int8", "numeric", "float4", "float8"].includes(type.name);
}
