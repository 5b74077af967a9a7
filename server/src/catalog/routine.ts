/** The functions and procedures that a script creates, as calls find them: their parameters, and what they run. */

import type { Expression, TypeName } from "../syntax/expression.ts";
import type { SetVariable } from "../syntax/statement.ts";
import type { DataType } from "./data-type.ts";

export interface Routine {
  readonly schema: string;
  readonly name: string;
  readonly procedure: boolean;
  /** Lower case. */
  readonly language: string;
  readonly parameters: readonly RoutineParameter[];
  /** null for a procedure, and where OUT parameters say it. */
  readonly returns: TypeName | null;
  /** Whether a call with a NULL gives NULL and runs nothing. */
  readonly strict: boolean;
  /** In force while it runs. */
  readonly settings: readonly SetVariable[];
  /** What PostgreSQL runs; null where the text is not known. */
  readonly code: string | null;
}

export interface RoutineParameter {
  readonly mode: "in" | "out" | "inout" | "variadic" | "table";
  readonly name: string | null;
  readonly type: DataType;
  readonly default: Expression | null;
}

/** Whether a call gives the parameter a value. */
export function isInput({ mode }: RoutineParameter): boolean {
  return mode === "in" || mode === "inout" || mode === "variadic";
}

/** Whether a call gets a value from the parameter. */
export function isOutput({ mode }: RoutineParameter): boolean {
  return mode === "out" || mode === "inout" || mode === "table";
}
