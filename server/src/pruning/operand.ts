/** The sides of comparisons: constants, columns, what is known only at run time, and expressions over columns. */

import type { DataType } from "../catalog/data-type.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { coerceConstant, type EvaluateContext, evaluate, expressionType } from "../catalog/values/evaluate.ts";
import { baseType, resolveType, sameType, withoutModifier } from "../catalog/values/types.ts";
import { chooseFunction, chooseOperator } from "../schemes/relations/operand-types.ts";
import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import type { TextRange } from "../text/range.ts";
import { chosenBranch, inlinedCall } from "./simplify.ts";

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
  | { readonly kind: "outer"; readonly type: DataType | null }
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
        /** What it was read from; undefined for a cast that PostgreSQL adds by itself. */
        readonly source?: { readonly expression: Expression; readonly scope: Scope } | undefined;
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
      return { kind: "run-time", key, range, type: resolved.type, cause: "execution", value: undefined };
    return { kind: "expression", key, range, type: null, columns: [], strictFor: [], volatility: "unknown" };
  }
  const chosen = chosenBranch(expression, scope.context);
  if (chosen !== null) return branchOperand(chosen, expression, scope);
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
    source: { expression, scope },
  };
}

/** The branch that a CASE or COALESCE always takes, as a value of the type of the whole. */
function branchOperand(chosen: Expression, whole: Expression, scope: Scope): Operand {
  const { range } = whole;
  const operand = operandOf(chosen, scope);
  const type = expressionType(whole, scope.context);
  if (operand.kind !== "constant" || operand.type !== null || type === null) return { ...operand, range };
  const evaluation = { kind: "constant", value: operand.value, type: null } as const;
  const result = coerceConstant(evaluation, type, "implicit", scope.context);
  if (result.kind === "value") return constantOperand(result.value, type, range);
  return result.kind === "null" ? constantOperand(null, type, range) : { ...operand, range };
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
  const chosen = chosenBranch(expression, scope.context);
  if (chosen !== null) return expressionKey(chosen, scope);
  const inner = operandKeys(expression, scope);
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
      const inlined = inlinedCall(name, expression, scope.context);
      if (inlined !== null) return expressionKey(inlined, scope);
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
    case "other":
      return `${expression.kind} ${discriminator(expression)}(${inner.join(", ")})`;
    default:
      return `${expression.kind}(${inner.join(", ")})`;
  }
}

/** The keys of the operands; a literal without a type is one of the type that the operator or function takes. */
function operandKeys(expression: Expression, scope: Scope): readonly string[] {
  const { context } = scope;
  const operands = operandsOf(expression);
  const isCall = expression.kind === "call" || (expression.kind === "operator" && expression.left !== null);
  const evaluations = isCall ? operands.map((operand) => evaluate(operand, context)) : [];
  const isUntyped = (index: number): boolean => {
    const evaluation = evaluations[index];
    return evaluation?.kind === "constant" && evaluation.type === null;
  };
  const taken = operands.some((_, index) => isUntyped(index)) ? parameterTypes(expression, operands, context) : null;
  return operands.map((operand, index) => {
    const [evaluation, type] = [evaluations[index], taken?.[index] ?? null];
    if (evaluation === undefined || type === null || !isUntyped(index)) return expressionKey(operand, scope);
    const result = coerceConstant(evaluation, type, "implicit", context);
    if (result.kind !== "value" && result.kind !== "null") return expressionKey(operand, scope);
    return `constant(${typeKey(type)} ${valueKey(result.kind === "null" ? null : result.value)})`;
  });
}

/** The types that an operator or one of PostgreSQL's own functions takes; null where that is not known. */
function parameterTypes(
  expression: Expression,
  operands: readonly Expression[],
  context: EvaluateContext,
): readonly DataType[] | null {
  const types = operands.map((operand) => {
    const evaluation = evaluate(operand, context);
    return evaluation.kind === "constant" ? evaluation.type : expressionType(operand, context);
  });
  const isUnknown = types.some(
    (type, index) => type === null && evaluate(operands[index] as Expression, context).kind !== "constant",
  );
  if (isUnknown) return null;
  if (expression.kind === "operator") {
    const [left = null, right = null] = types;
    const choice = chooseOperator(expression.operator, left, right);
    return choice.kind === "found" ? [choice.left, choice.right] : null;
  }
  if (expression.kind !== "call" || expression.name.length > 2) return null;
  const choice = chooseFunction(expression.name.at(-1) ?? "", types);
  return choice.kind === "found" ? choice.arguments : null;
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
    if (part.kind === "parameter" && part.value === undefined) parameter = true;
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

/** The columns that an expression speaks of, in subqueries of it too. */
export function mentionedColumns(expression: Expression, scope: Scope): readonly ColumnOfReference[] {
  const found: ColumnOfReference[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    const node = value as Readonly<Record<string, unknown>>;
    if (node["kind"] === "column" && node["star"] === false) {
      const resolved = scope.resolve(node["names"] as readonly string[]);
      if (resolved.kind === "column") found.push(resolved.column);
      else if (resolved.kind === "derived") found.push(...mentionedColumns(resolved.expression, resolved.scope));
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(expression);
  return found;
}

export function columnKey(column: ColumnOfReference): string {
  return `#${column.reference}.${column.name}`;
}

/** A text that is the same for equal values of one family and differs otherwise. */
export function valueKey(value: Value | null): string {
  if (value === null) return "null";
  if (value.family === "array") return `{${value.elements.map(valueKey).join(",")}}`;
  return Object.values(value).map(String).join(":");
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
    case "other":
      return expression.description;
    default:
      return "";
  }
}
