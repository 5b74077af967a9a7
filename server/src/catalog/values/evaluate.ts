/** Evaluates constant expressions as PostgreSQL would fold them, and tells what the others depend on. */

import type { Expression } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import type { Volatility } from "./builtins.ts";
import { canCast } from "./cast.ts";
import { fulfilsDomain, refuseByDomain } from "./domain-checks.ts";
import { foldExpression } from "./fold.ts";
import { coerceFolded, type Folded, type FoldMemory, unsureType } from "./folded.ts";
import {
  type CastLevel,
  type Declined,
  declined,
  type NoCast,
  noCast,
  type ValueContext,
  type ValueProblem,
  type ValueResult,
} from "./result.ts";
import { sameTypeName } from "./types.ts";

export type { Volatility } from "./builtins.ts";
export { remembering } from "./folded.ts";

export interface EvaluateContext extends ValueContext {
  /**
   * The ISO date that `current_date` stands for, and at whose midnight in the session's zone `now()` is taken to be; with a time
   * (`2026-03-15T12:00:00Z`) the very moment; null leaves both without a value.
   */
  readonly today: string | null;
  /** Takes `now()` to be the last moment of that date instead of its first. */
  readonly atEndOfDay?: boolean | undefined;
  /** The type of a column by its names as written, null where unknown. Without it every column's type is unknown. */
  readonly columnType?: ((names: readonly string[]) => DataType | null) | undefined;
  /** What a column is worth that stands for a value: the output of a subquery that is a constant there. */
  readonly columnConstant?:
    | ((names: readonly string[]) => { readonly value: Value | null; readonly type: DataType } | undefined)
    | undefined;
  /** The type of `$n`, null where unknown. */
  readonly parameterType?: ((number: number) => DataType | null) | undefined;
  /** See `remembering`. */
  readonly memory?: FoldMemory | undefined;
}

/** What an expression is worth. `type` is null for an untyped literal (or NULL) and wherever it cannot be told. */
export type Evaluation =
  /** Folded by the planner: the same for ever. `value` null is the SQL NULL. */
  | { readonly kind: "constant"; readonly value: Value | null; readonly type: DataType | null }
  /**
   * The same within a statement: depends on the session's settings or on the time. `value` is what it is under the
   * context's settings and `today`; undefined where that is not known.
   */
  | { readonly kind: "stable"; readonly value: Value | null | undefined; readonly type: DataType | null }
  /** Known when execution starts: depends on parameters, but on no column. */
  | { readonly kind: "parameter"; readonly type: DataType | null; readonly volatility: Volatility }
  | { readonly kind: "volatile"; readonly type: DataType | null }
  /** Depends on columns, or on a subquery. */
  | { readonly kind: "row-dependent"; readonly type: DataType | null; readonly volatility: Volatility | null }
  /** PostgreSQL refuses it; `range` is the part it is about. */
  | (ValueProblem & { readonly range: TextRange })
  /** `valueType` as `type`, where only the value is not known. */
  | (Declined & { readonly valueType?: DataType | null | undefined });

/** Evaluates an expression. Never throws; whatever is not known for certain is declined. */
export function evaluate(expression: Expression, context: EvaluateContext): Evaluation {
  const folded = foldExpression(expression, context);
  if (folded.kind === "problem") return folded;
  const type = knownType(folded.type);
  const { volatility, value, failure } = folded;
  // What is stable is not computed before execution, and then perhaps for no row; what is not understood may fail earlier.
  const isComputed = volatility !== null && (folded.depends === "nothing" || failure?.whenPlanned === true);
  if (failure !== undefined && isComputed) return failure.problem;
  if (folded.depends === "row") return { kind: "row-dependent", type, volatility };
  if (volatility === "volatile") return { kind: "volatile", type };
  if (volatility === null) return declined(folded.reason ?? "something that is not known");
  if (folded.depends === "parameter") return { kind: "parameter", type, volatility };
  if (volatility === "stable") return { kind: "stable", value, type };
  return value === undefined
    ? { ...declined(folded.reason ?? "something that is not computed"), valueType: type }
    : { kind: "constant", value, type };
}

/**
 * The value of a constant or stable evaluation as one of type `to`: an untyped literal is read by the type's input function,
 * anything else is cast at that level. Problems and declined evaluations come back as they are; the others are declined.
 */
export function coerceConstant(
  evaluation: Evaluation,
  to: DataType,
  level: CastLevel,
  context: ValueContext,
): ValueResult | NoCast {
  switch (evaluation.kind) {
    case "constant":
    case "stable": {
      const { value, type } = evaluation;
      if (value === undefined && isUncastable(type, to, level)) return noCast;
      const part: Folded = { kind: "folded", type, value, volatility: "immutable", depends: "nothing" };
      const result = coerceFolded(part, to, level, context) ?? declined("a value that depends on the time");
      return fulfils(result, to, type, context) ? result : declined("the conditions of a domain");
    }
    case "problem":
      return evaluation;
    case "declined":
      return isUncastable(evaluation.valueType, to, level) ? noCast : declined(evaluation.reason);
    case "parameter":
    case "volatile":
    case "row-dependent":
      return isUncastable(evaluation.type, to, level) ? noCast : declined("no constant");
  }
}

/** PostgreSQL's refusal of a constant by the conditions of the domain that it is cast to; null where none is certain. */
export function domainRefusal(
  evaluation: Evaluation,
  to: DataType,
  level: CastLevel,
  context: ValueContext,
): ValueProblem | null {
  if (to.kind !== "domain" || evaluation.kind !== "constant" || evaluation.value === undefined) return null;
  const { value, type } = evaluation;
  if (type !== null && sameTypeName(type, to)) return null;
  const part: Folded = { kind: "folded", type, value, volatility: "immutable", depends: "nothing" };
  const result = coerceFolded(part, to, level, context);
  if (result?.kind !== "value" && result?.kind !== "null") return null;
  const made = result.kind === "value" ? result.value : null;
  return refuseByDomain(made, to, { ...context, today: null }, foldExpression);
}

/** Whatever the value is, there is no cast for it. */
function isUncastable(from: DataType | null | undefined, to: DataType, level: CastLevel): boolean {
  return from != null && canCast(from, to, level) === false;
}

function fulfils(result: ValueResult | NoCast, to: DataType, from: DataType | null, context: ValueContext): boolean {
  if (to.kind !== "domain" || (from !== null && sameTypeName(from, to))) return true;
  if (result.kind !== "value" && result.kind !== "null") return true;
  return fulfilsDomain(result.kind === "value" ? result.value : null, to, { ...context, today: null }, foldExpression);
}

/** The type of an expression over columns; null where it cannot be told, and for untyped literals. */
export function expressionType(expression: Expression, context: EvaluateContext): DataType | null {
  const folded = foldExpression(expression, context);
  return folded.kind === "problem" ? null : knownType(folded.type);
}

/** The volatility of an expression: of the least constant function or operator in it. null where one is not known. */
export function expressionVolatility(expression: Expression, context: EvaluateContext): Volatility | null {
  const folded = foldExpression(expression, context);
  return folded.kind === "problem" ? null : folded.volatility;
}

function knownType(type: DataType | null): DataType | null {
  return type === unsureType ? null : type;
}
