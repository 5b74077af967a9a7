/** What a rewrite of a condition works with: the key, the session, and pgsql-ast-parser's nodes, read and made. */

import type { Expr, ExprBinary, ExprRef } from "pgsql-ast-parser";
import type { SessionSettings } from "../../../catalog/catalog.ts";
import type { DataType } from "../../../catalog/data-type.ts";

/** The partition key's column, and the session in which the condition is evaluated. */
export interface KeyColumn {
  readonly name: string;
  readonly type: DataType;
  readonly settings: SessionSettings;
}

export type Comparison = "=" | ">" | ">=" | "<" | "<=";

/** One comparison of an expression over the key with a constant, the key's side first. */
export interface Compared {
  readonly side: Expr;
  readonly operator: Comparison;
  readonly constant: Expr;
}

/** A condition on the key as ORs of ANDs: `[[{ ">=", a }, { "<", b }], …]`. */
export type Ranges = readonly (readonly Limit[])[];

export interface Limit {
  readonly operator: Comparison;
  readonly value: Expr;
}

const flipped: Readonly<Record<Comparison, Comparison>> = { "=": "=", ">": "<", ">=": "<=", "<": ">", "<=": ">=" };

function isComparison(operator: string): operator is Comparison {
  return Object.hasOwn(flipped, operator);
}

/**
 * A condition as comparisons with constants: `a op c` either way round, BETWEEN as two, IN as alternatives. Null for any other,
 * and for lists too long to write out.
 */
export function comparisonsOf(node: Expr, column: string): readonly (readonly Compared[])[] | null {
  if (node.type === "ternary") {
    if (node.op !== "BETWEEN" || !mentions(node.value, column)) return null;
    return [
      [
        { side: node.value, operator: ">=", constant: node.lo },
        { side: node.value, operator: "<=", constant: node.hi },
      ],
    ];
  }
  if (node.type !== "binary" || node.opSchema !== undefined) return null;
  if (node.op === "IN") {
    if (node.right.type !== "list" || node.right.expressions.length > longestList) return null;
    return node.right.expressions.map((constant) => [{ side: node.left, operator: "=" as const, constant }]);
  }
  if (!isComparison(node.op)) return null;
  if (mentions(node.left, column)) return [[{ side: node.left, operator: node.op, constant: node.right }]];
  return mentions(node.right, column)
    ? [[{ side: node.right, operator: flipped[node.op], constant: node.left }]]
    : null;
}

const longestList = 24;

/** `c op x` for `x op c`. */
export function flip(operator: Comparison): Comparison {
  return flipped[operator];
}

/** Whether the expression holds the column, as deep as conditions go. */
export function mentions(node: Expr, column: string, depth = 0): boolean {
  if (depth > 8) return true;
  switch (node.type) {
    case "ref":
      return node.name === column;
    case "cast":
    case "unary":
      return mentions(node.operand, column, depth + 1);
    case "binary":
      return mentions(node.left, column, depth + 1) || mentions(node.right, column, depth + 1);
    case "call":
      return node.args.some((argument) => mentions(argument, column, depth + 1));
    case "extract":
      return mentions(node.from, column, depth + 1);
    default:
      return false;
  }
}

export function isColumn(node: Expr | undefined, column: string): node is ExprRef {
  return node?.type === "ref" && node.name === column;
}

/** The column as the condition writes it, with what qualifies it. */
export function columnOf(node: Expr, column: string): ExprRef | null {
  switch (node.type) {
    case "ref":
      return node.name === column ? node : null;
    case "cast":
    case "unary":
      return columnOf(node.operand, column);
    case "binary":
      return columnOf(node.left, column) ?? columnOf(node.right, column);
    case "ternary":
      return columnOf(node.value, column);
    case "call":
      return node.args.map((argument) => columnOf(argument, column)).find((found) => found !== null) ?? null;
    case "extract":
      return columnOf(node.from, column);
    default:
      return null;
  }
}

/** A call of one of PostgreSQL's own functions by its plain name, with its arguments. */
export function callOf(node: Expr, name: string): readonly Expr[] | null {
  if (node.type !== "call" || node.function.name.toLowerCase() !== name || node.over || node.filter || node.orderBy)
    return null;
  const { schema } = node.function;
  return schema === undefined || schema === "pg_catalog" ? node.args : null;
}

/** The type that a cast names: `date`, `timestamp`, `int`, …; null for arrays and types with modifiers. */
export function castTypeOf(node: Expr): string | null {
  if (node.type !== "cast" || !("name" in node.to) || node.to.config !== undefined) return null;
  const { schema, name } = node.to;
  return schema === undefined || schema === "pg_catalog"
    ? (typeAliases[name.toLowerCase()] ?? name.toLowerCase())
    : null;
}

const typeAliases: Readonly<Record<string, string>> = {
  "timestamp without time zone": "timestamp",
  "timestamp with time zone": "timestamptz",
  int: "integer",
  int4: "integer",
  int8: "bigint",
  int2: "smallint",
  float8: "double precision",
  float4: "real",
  decimal: "numeric",
};

export function string(value: string): Expr {
  return { type: "string", value };
}

/** Null beyond what the library holds exactly. */
export function integer(value: bigint): Expr | null {
  const number = Number(value);
  return Number.isSafeInteger(number) ? { type: "integer", value: number } : null;
}

export function binary(left: Expr, op: ExprBinary["op"], right: Expr): Expr {
  return { type: "binary", left, op, right };
}

/** The ranges as a condition on the column. */
export function conditionOn(column: ExprRef, ranges: Ranges): Expr | null {
  const values = ranges.flatMap(([first, ...more]) =>
    first?.operator === "=" && more.length === 0 ? [first.value] : [],
  );
  if (values.length > 1 && values.length === ranges.length)
    return binary(bare(column), "IN", { type: "list", expressions: values });
  const all = ranges.map((limits) =>
    limits
      .map(({ operator, value }) => binary(bare(column), operator, value))
      .reduce<Expr | null>((left, right) => (left === null ? right : binary(left, "AND", right)), null),
  );
  return all.reduce<Expr | null>(
    (left, right) => (left === null || right === null ? (left ?? right) : binary(left, "OR", right)),
    null,
  );
}

/** Without its place, for a node that stands elsewhere. */
function bare({ name, table }: ExprRef): ExprRef {
  return table === undefined ? { type: "ref", name } : { type: "ref", name, table };
}
