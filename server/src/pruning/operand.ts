/** The sides of comparisons: constants, columns, what is known only at run time, and expressions over columns. */

import type { DataType } from "../catalog/data-type.ts";
import type { Value } from "../catalog/value.ts";
import { coerceConstant, evaluate, expressionType } from "../catalog/values/evaluate.ts";
import { resolveType } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import { operandsOf } from "../syntax/expression-walk.ts";
import type { TextRange } from "../text/range.ts";
import { type ExpressionFacts, factsOf } from "./expression-facts.ts";
import { castKey, columnKey, expressionKey, isRelabelling, typeKey, valueKey } from "./expression-key.ts";
import type { ColumnOfReference, Scope } from "./scope.ts";
import { chosenBranch } from "./simplify.ts";

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

/** Reads an expression as one side of a comparison; once for each scope, for it is part of others that are read too. */
export function operandOf(expression: Expression, scope: Scope): Operand {
  const ofScope = operands.get(scope) ?? new WeakMap<Expression, Operand>();
  operands.set(scope, ofScope);
  const operand = ofScope.get(expression) ?? operandAnew(expression, scope);
  ofScope.set(expression, operand);
  return operand;
}

const operands = new WeakMap<Scope, WeakMap<Expression, Operand>>();

function operandAnew(expression: Expression, scope: Scope): Operand {
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
