/** Evaluates constant expressions as PostgreSQL would fold them, and tells what the others depend on. */

import type { Expression } from "../../syntax/expression.ts";
import type { TextRange } from "../../text/range.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import {
  type CastLevel,
  type Declined,
  declined,
  type NoCast,
  type ValueContext,
  type ValueProblem,
  type ValueResult,
} from "./result.ts";

export type Volatility = "immutable" | "stable" | "volatile";

export interface EvaluateContext extends ValueContext {
  /** The ISO date that `now()` and `current_date` stand for; null leaves them without a value. */
  readonly today: string | null;
  /** The type of a column by its names as written, null where unknown. Without it every column's type is unknown. */
  readonly columnType?: ((names: readonly string[]) => DataType | null) | undefined;
  /** The type of `$n`, null where unknown. */
  readonly parameterType?: ((number: number) => DataType | null) | undefined;
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
  | Declined;

/** Evaluates an expression. Never throws; whatever is not known for certain is declined. */
export function evaluate(_expression: Expression, _context: EvaluateContext): Evaluation {
  return declined("not evaluated yet");
}

/**
 * The value of a constant or stable evaluation as one of type `to`: an untyped literal is read by the type's input function,
 * anything else is cast at that level. Problems and declined evaluations come back as they are; the others are declined.
 */
export function coerceConstant(
  _evaluation: Evaluation,
  _to: DataType,
  _level: CastLevel,
  _context: ValueContext,
): ValueResult | NoCast {
  return declined("not coerced yet");
}

/** The type of an expression over columns; null where it cannot be told, and for untyped literals. */
export function expressionType(_expression: Expression, _context: EvaluateContext): DataType | null {
  return null;
}

/** The volatility of an expression: of the least constant function or operator in it. null where one is not known. */
export function expressionVolatility(_expression: Expression, _context: EvaluateContext): Volatility | null {
  return null;
}
