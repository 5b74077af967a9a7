/** What is known of an expression, and how its parts make up the whole. */

import type { Expression } from "../../syntax/expression.ts";
import { inOnePiece } from "../../text/portions.ts";
import type { TextRange } from "../../text/range.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import type { Volatility } from "./builtins.ts";
import { applyModifier, castValue, lacksCast } from "./cast.ts";
import { readValue } from "./input.ts";
import { printValue } from "./print.ts";
import {
  type CastLevel,
  type NoCast,
  problem,
  type ValueContext,
  type ValueProblem,
  type ValueResult,
} from "./result.ts";
import { baseType, formatTypeName, withoutModifier } from "./types.ts";

export interface FoldContext extends ValueContext {
  /** A column that stands for a value: VALUE in a domain's condition. */
  readonly columnConstant?:
    | ((names: readonly string[]) => { readonly value: Value | null; readonly type: DataType } | undefined)
    | undefined;
  /** The same of `$n`: the arguments of a function whose body is folded. */
  readonly parameterConstant?:
    | ((number: number) => { readonly value: Value | null; readonly type: DataType } | undefined)
    | undefined;
  /** How many bodies of functions the expression stands in. */
  readonly depth?: number | undefined;
  readonly today: string | null;
  readonly atEndOfDay?: boolean | undefined;
  readonly columnType?: ((names: readonly string[]) => DataType | null) | undefined;
  readonly parameterType?: ((number: number) => DataType | null) | undefined;
  /** What was found under this very context; copies of it with something changed begin anew. */
  readonly memory?: FoldMemory | undefined;
}

/** What expressions have been folded to, so that asking for each part of a deep one does not fold the parts below again. */
export interface FoldMemory {
  owner: FoldContext | null;
  readonly folds: WeakMap<Expression, Fold>;
}

/** The context with a memory: for one under which names mean the same however often they are asked for. */
export function remembering<Context extends FoldContext>(context: Context): Context {
  const memory: FoldMemory = { owner: null, folds: new WeakMap() };
  const remembered = { ...context, memory };
  memory.owner = remembered;
  return remembered;
}

/** What the expression was folded to before under this very context, or what `fold` makes of it. */
export function recalled(
  expression: Expression,
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): Fold {
  const { memory } = context;
  if (memory === undefined || memory.owner !== context) return fold(expression, context);
  const known = memory.folds.get(expression);
  if (known !== undefined) return known;
  // The next attempt of work in portions finds it here.
  const made = inOnePiece(() => fold(expression, context));
  memory.folds.set(expression, made);
  return made;
}

/** What is known of an expression. */
export interface Folded {
  readonly kind: "folded";
  /** null for an untyped literal or NULL; `unsureType` where it cannot be told. */
  readonly type: DataType | null;
  /** undefined where it is not known; null is the SQL NULL. */
  readonly value: Value | null | undefined;
  /** null where a function is not known. */
  readonly volatility: Volatility | null;
  readonly depends: "nothing" | "parameter" | "row";
  /** A literal in it may be one that PostgreSQL refuses: what it would refuse after that is no claim. */
  readonly doubtful?: boolean | undefined;
  /** Why the value is not known, though nothing in the expression prevents it. */
  readonly reason?: string | undefined;
  /** The error that computing it gives; unlike a problem, it comes after all that is wrong with types and literals. */
  readonly failure?: Failure | undefined;
}

export interface Failure {
  readonly problem: Problem;
  /** Whether the planner computes it; what is stable waits for execution. */
  readonly whenPlanned: boolean;
}

export type Problem = ValueProblem & { readonly range: TextRange };

export type Fold = Folded | Problem;

/** Stands for a type that cannot be told. */
export const unsureType: DataType = { kind: "unknown", schema: null, name: "?" };

export function folded(type: DataType | null, more: Partial<Folded>): Folded {
  return { kind: "folded", type, value: undefined, volatility: "immutable", depends: "nothing", ...more };
}

/** Whether PostgreSQL is known to take the part. */
export function isSure(part: Folded): boolean {
  return part.volatility !== null && part.doubtful !== true;
}

/** Dependence and volatility of parts, and of what is done with them. */
export function mixed(parts: readonly Folded[], volatility: Volatility | null): Folded {
  let all: Volatility | null = volatility;
  let depends: Folded["depends"] = "nothing";
  let reason: string | undefined;
  let failure: Failure | undefined;
  let doubtful = false;
  for (const part of parts) {
    all = leastConstant(all, part.volatility);
    if (part.depends === "row" || depends === "nothing") depends = part.depends;
    reason ??= part.reason;
    doubtful ||= part.doubtful === true;
    if (failure === undefined || (!failure.whenPlanned && part.failure?.whenPlanned === true))
      failure = part.failure ?? failure;
  }
  return folded(null, { volatility: all, depends, reason, failure, doubtful });
}

export function leastConstant(a: Volatility | null, b: Volatility | null): Volatility | null {
  if (a === "volatile" || b === "volatile") return "volatile";
  if (a === null || b === null) return null;
  return a === "stable" || b === "stable" ? "stable" : "immutable";
}

/** The result of a computation, put into what is known of the expression. */
export function withResult(next: Folded, result: ValueResult | NoCast | undefined, range: TextRange): Fold {
  switch (result?.kind) {
    case undefined:
      return next;
    case "value":
      return { ...next, value: result.value };
    case "null":
      return { ...next, value: null };
    case "problem":
      return withFailure(next, { ...result, range });
    case "declined":
      return { ...next, reason: result.reason };
    case "no-cast":
      return { ...next, reason: "a cast that does not exist" };
  }
}

/** The first failure stays, unless the later one comes up earlier, in planning. */
export function withFailure(part: Folded, found: Problem): Folded {
  const failure = { problem: found, whenPlanned: part.volatility === "immutable" };
  return part.failure === undefined || (failure.whenPlanned && !part.failure.whenPlanned) ? { ...part, failure } : part;
}

export function withoutFailure(part: Folded): Folded {
  return part.failure === undefined ? part : { ...part, failure: undefined, reason: part.failure.problem.message };
}

/** A folded value as one of type `to`; `level` as in `castValue`. undefined where the value is not known. */
export function coerceFolded(
  part: Folded,
  to: DataType,
  level: CastLevel,
  context: ValueContext,
): ValueResult | NoCast | undefined {
  if (part.value === undefined) return undefined;
  if (part.type === null) {
    if (part.value === null) return { kind: "null" };
    const text = part.value.family === "text" ? part.value.value : printValue(part.value, to, context.settings);
    return readLiteral(text, to, level, context);
  }
  if (part.value === null) {
    return lacksCast(part.type, to, level, context.catalog) ? { kind: "no-cast" } : { kind: "null" };
  }
  return castValue(part.value, part.type, to, context, level);
}

export function typeText(type: DataType | null): string {
  return type === null ? "unknown" : formatTypeName(type);
}

/** An untyped literal as a constant of the type: read without the modifier, which is then applied as a cast would. */
function readLiteral(text: string, to: DataType, level: CastLevel, context: ValueContext): ValueResult {
  if (level !== "explicit") return readValue(text, to, context);
  const base = baseType(to);
  // An interval's fields say how its text is to be read.
  const isInterval = base.kind === "base" && base.name === "interval";
  const read = readValue(text, isInterval ? base : withoutModifier(base), context);
  return read.kind === "value" ? applyModifier(read.value, base, true) : read;
}

/** There is no cast that could be written (42846). */
export function cannotCast(from: DataType | null, to: DataType, range: TextRange): Fold {
  const names = `${from === null ? "unknown" : formatTypeName(from)} to ${formatTypeName(to)}`;
  return { ...problem("42846", `cannot cast type ${names}`), range };
}
