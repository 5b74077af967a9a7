/** The sides of comparisons: constants, columns, what is known only at run time, and expressions over columns. */

import type { DataType } from "../catalog/data-type.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { type EvaluateContext, evaluate, expressionType } from "../catalog/values/evaluate.ts";
import { baseType, resolveType, sameType, withoutModifier } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import type { TextRange } from "../text/range.ts";

/** A column of one reference to a relation: `a.k` and `b.k` of a self-join are two. */
export interface ColumnOfReference {
  readonly reference: number;
  readonly relation: RelationId | null;
  readonly name: string;
  readonly type: DataType | null;
  readonly collation: string | null;
}

/** What the names in an expression stand for. */
export type ResolvedColumn =
  | { readonly kind: "column"; readonly column: ColumnOfReference }
  /** An output column of a subquery that is one with the query around it. */
  | { readonly kind: "derived"; readonly expression: Expression; readonly scope: Scope }
  /** A column of a query further out: known when this one runs. */
  | { readonly kind: "outer" }
  | { readonly kind: "unknown" };

export interface Scope {
  readonly resolve: (names: readonly string[]) => ResolvedColumn;
  /** For `evaluate`; its `columnType` goes through `resolve`. */
  readonly context: EvaluateContext;
}

/** Why a value is not known when the statement is planned. */
export type RunTimeCause =
  | "stable"
  | "parameter"
  /** A subquery, or a column of a query further out. */
  | "execution"
  | "volatile"
  /** We cannot evaluate it; PostgreSQL may. */
  | "unknown";

interface OperandBase {
  /** The same for the same expression, whatever casts that change nothing stand around it. */
  readonly key: string;
  /** Such a cast, or a COLLATE: matching with the partition key looks through it, proofs of contradiction do not. */
  readonly relabel?: string | undefined;
  /** Relative to the statement. */
  readonly range: TextRange;
  readonly type: DataType | null;
}

export type Operand = OperandBase &
  (
    | { readonly kind: "constant"; readonly value: Value | null }
    | { readonly kind: "column"; readonly column: ColumnOfReference }
    /** No columns in it. `value` is what it is worth under the session's settings; undefined where that is not known. */
    | { readonly kind: "run-time"; readonly cause: RunTimeCause; readonly value: Value | null | undefined }
    | {
        readonly kind: "expression";
        readonly columns: readonly ColumnOfReference[];
        /** NULL in one of these makes it NULL. */
        readonly strictFor: readonly Operand[];
        readonly volatility: "immutable" | "stable" | "volatile" | "unknown";
      }
  );

/** The same for operands that PostgreSQL's `equal()` takes for the same. */
export function exactKey(operand: Operand): string {
  return operand.relabel === undefined ? operand.key : `${operand.key}::${operand.relabel}`;
}

/** Reads an expression as one side of a comparison. */
export function operandOf(expression: Expression, scope: Scope): Operand {
  const { range } = expression;
  if (expression.kind === "column" && !expression.star) {
    const resolved = scope.resolve(expression.names);
    if (resolved.kind === "derived") return { ...operandOf(resolved.expression, resolved.scope), range };
    if (resolved.kind === "column") return columnOperand(resolved.column, range);
    const key = `${resolved.kind}(${expression.names.join(".")})`;
    if (resolved.kind === "outer")
      return { kind: "run-time", key, range, type: null, cause: "execution", value: undefined };
    return { kind: "expression", key, range, type: null, columns: [], strictFor: [], volatility: "unknown" };
  }
  const evaluation = evaluate(expression, scope.context);
  const type = "type" in evaluation ? evaluation.type : expressionType(expression, scope.context);
  if (evaluation.kind === "constant") return constantOperand(evaluation.value, type, range);
  const facts = factsOf(expression, scope);
  const key = expressionKey(expression, scope);
  if (facts.columns.length === 0 && !facts.unknownColumn) {
    const value = evaluation.kind === "stable" && !facts.parameter && !facts.execution ? evaluation.value : undefined;
    return { kind: "run-time", key, range, type, cause: runTimeCause(evaluation.kind, facts), value };
  }
  if (expression.kind === "cast" && isRelabelling(expression, scope)) {
    return relabelled(
      { ...operandOf(expression.operand, scope), range },
      resolveType(scope.context.catalog, expression.type),
    );
  }
  if (expression.kind === "collate") {
    return { ...operandOf(expression.operand, scope), range, relabel: `collate ${expression.collation.join(".")}` };
  }
  return {
    kind: "expression",
    key,
    range,
    type,
    columns: facts.columns,
    strictFor: isStrict(expression) ? operandsOf(expression).map((operand) => operandOf(operand, scope)) : [],
    volatility: volatilityOf(evaluation),
  };
}

export function constantOperand(value: Value | null, type: DataType | null, range: TextRange): Operand {
  return { kind: "constant", key: `constant(${typeKey(type)} ${valueKey(value)})`, range, type, value };
}

export function columnOperand(column: ColumnOfReference, range: TextRange): Operand {
  return { kind: "column", key: columnKey(column), range, type: column.type, column };
}

/** The operand under a cast that PostgreSQL adds by itself to bring it to the type that an operator takes. */
export function castOperand(operand: Operand, to: DataType): Operand {
  const columns = operand.kind === "column" ? [operand.column] : operand.kind === "expression" ? operand.columns : [];
  const volatility = operand.kind === "expression" ? operand.volatility : "immutable";
  const { range } = operand;
  return {
    kind: "expression",
    key: castKey(operand.key, to),
    range,
    type: to,
    columns,
    strictFor: [operand],
    volatility,
  };
}

/** The operand taken as another type without a conversion. */
export function relabelled(operand: Operand, to: DataType): Operand {
  if (operand.kind === "constant" || operand.kind === "run-time") return operand;
  return typeKey(operand.type) === typeKey(to) ? operand : { ...operand, relabel: typeKey(to) };
}

/** Whether a value of the one type is taken as one of the other without any conversion, which PostgreSQL's matching looks through. */
export function isBinaryCoercible(from: DataType, to: DataType): boolean {
  const [a, b] = [baseType(from), baseType(to)];
  if (a.kind !== "base" || b.kind !== "base") return sameType(a, b);
  if (a.name === b.name) return b.modifier === null || sameType(a, b);
  return b.modifier === null && (relabels.get(a.name)?.includes(b.name) ?? false);
}

const relabels: ReadonlyMap<string, readonly string[]> = new Map([
  ["text", ["varchar", "bpchar"]],
  ["varchar", ["text", "bpchar"]],
  ["cidr", ["inet"]],
]);

/** The key of an expression with its names resolved. */
export function expressionKey(expression: Expression, scope: Scope): string {
  const evaluation = evaluate(expression, scope.context);
  if (evaluation.kind === "constant") return `constant(${typeKey(evaluation.type)} ${valueKey(evaluation.value)})`;
  const inner = operandsOf(expression).map((operand) => expressionKey(operand, scope));
  switch (expression.kind) {
    case "column": {
      const resolved = scope.resolve(expression.names);
      if (resolved.kind === "column") return columnKey(resolved.column);
      if (resolved.kind === "derived") return expressionKey(resolved.expression, resolved.scope);
      return `${resolved.kind}(${expression.names.join(".")})`;
    }
    case "cast": {
      if (isRelabelling(expression, scope)) return inner[0] ?? "";
      return castKey(inner[0] ?? "", resolveType(scope.context.catalog, expression.type));
    }
    case "call": {
      // `extract(year from d)` and `date_part('year', d)` are different functions since 14, and both are written here as called.
      const name = expression.name.filter((part) => part !== "pg_catalog").join(".");
      const marks = `${expression.distinct ? " distinct" : ""}${expression.window === null ? "" : " over"}`;
      return `${name}${marks}(${inner.join(", ")})`;
    }
    case "operator":
      return `(${expression.operator} ${inner.join(", ")})`;
    case "collate":
      return inner[0] ?? "";
    case "parameter":
      return `$${expression.number}`;
    case "sql-value":
      return expression.name;
    case "subquery":
      // Two subqueries are never the same expression, as far as we look.
      return `subquery@${expression.range.start}`;
    case "null-test":
    case "boolean-test":
    case "in":
    case "between":
    case "distinct-from":
    case "like":
    case "any-array":
    case "greatest-least":
    case "field":
    case "other":
      return `${expression.kind} ${discriminator(expression)}(${inner.join(", ")})`;
    default:
      return `${expression.kind}(${inner.join(", ")})`;
  }
}

/** Which columns an expression reads, and what else its value waits for. */
export interface ExpressionFacts {
  readonly columns: readonly ColumnOfReference[];
  readonly unknownColumn: boolean;
  readonly parameter: boolean;
  readonly execution: boolean;
}

export function factsOf(expression: Expression, scope: Scope): ExpressionFacts {
  const columns = new Map<string, ColumnOfReference>();
  let [unknownColumn, parameter, execution] = [false, false, false];
  const visit = (part: Expression, within: Scope): void => {
    if (part.kind === "parameter") parameter = true;
    if (part.kind === "subquery") execution = true;
    if (part.kind === "column") {
      const resolved: ResolvedColumn = part.star ? { kind: "unknown" } : within.resolve(part.names);
      if (resolved.kind === "column") columns.set(columnKey(resolved.column), resolved.column);
      else if (resolved.kind === "derived") visit(resolved.expression, resolved.scope);
      else if (resolved.kind === "outer") execution = true;
      else unknownColumn = true;
    }
    for (const operand of operandsOf(part)) visit(operand, within);
  };
  visit(expression, scope);
  return { columns: [...columns.values()], unknownColumn, parameter, execution };
}

export function columnKey(column: ColumnOfReference): string {
  return `#${column.reference}.${column.name}`;
}

/** A text that is the same for equal values of one family and differs otherwise. */
export function valueKey(value: Value | null): string {
  return dataKey(value);
}

/** Values are plain data. */
function dataKey(data: unknown): string {
  return typeof data === "object" && data !== null ? `{${Object.values(data).map(dataKey).join(",")}}` : String(data);
}

function castKey(inner: string, to: DataType): string {
  return `cast(${inner} as ${typeKey(to)})`;
}

function typeKey(type: DataType | null): string {
  if (type === null) return "unknown";
  const plain = baseType(withoutModifier(type));
  if (plain.kind === "base") return plain.name;
  if (plain.kind === "array") return `${typeKey(plain.element)}[]`;
  return plain.kind === "domain" ? typeKey(plain.base) : `${plain.schema}.${plain.name}`;
}

/** A written cast that changes nothing of the value: it is looked through. */
function isRelabelling(expression: Extract<Expression, { kind: "cast" }>, scope: Scope): boolean {
  const evaluation = evaluate(expression.operand, scope.context);
  const from = "type" in evaluation ? evaluation.type : null;
  return from !== null && isBinaryCoercible(from, resolveType(scope.context.catalog, expression.type));
}

function runTimeCause(kind: string, facts: ExpressionFacts): RunTimeCause {
  if (kind === "volatile") return "volatile";
  if (facts.execution) return "execution";
  if (facts.parameter || kind === "parameter") return "parameter";
  return kind === "stable" ? "stable" : "unknown";
}

function volatilityOf(evaluation: ReturnType<typeof evaluate>): "immutable" | "stable" | "volatile" | "unknown" {
  switch (evaluation.kind) {
    case "row-dependent":
    case "parameter":
      return evaluation.volatility ?? "unknown";
    case "stable":
    case "volatile":
      return evaluation.kind;
    case "constant":
      return "immutable";
    default:
      return "unknown";
  }
}

/** Operators, casts and functions of PostgreSQL of which NULL in makes NULL out; others are not claimed to be strict. */
function isStrict(expression: Expression): boolean {
  if (expression.kind === "cast" || expression.kind === "operator") return true;
  if (expression.kind !== "call" || expression.window !== null || expression.aggregateSyntax) return false;
  return strictFunctions.has(expression.name.at(-1) ?? "");
}

const strictFunctions: ReadonlySet<string> = new Set([
  ...["abs", "ceil", "ceiling", "floor", "round", "trunc", "sign", "mod", "sqrt"],
  ...[
    "lower",
    "upper",
    "length",
    "char_length",
    "octet_length",
    "substr",
    "substring",
    "left",
    "right",
    "btrim",
    "ltrim",
  ],
  ...["rtrim", "trim", "replace", "reverse", "initcap", "md5", "ascii", "strpos", "repeat", "lpad", "rpad", "to_hex"],
  ...[
    "date_trunc",
    "date_part",
    "extract",
    "to_char",
    "to_date",
    "to_timestamp",
    "age",
    "timezone",
    "date",
    "isfinite",
  ],
]);

function discriminator(expression: Expression): string {
  switch (expression.kind) {
    case "null-test":
    case "in":
    case "distinct-from":
      return String(expression.negated);
    case "boolean-test":
      return `${expression.negated} ${expression.value}`;
    case "between":
      return `${expression.negated} ${expression.symmetric}`;
    case "like":
      return `${expression.negated} ${expression.variant}`;
    case "any-array":
      return `${expression.operator} ${expression.all}`;
    case "greatest-least":
      return String(expression.greatest);
    case "field":
      return expression.name;
    case "other":
      return expression.description;
    default:
      return "";
  }
}
