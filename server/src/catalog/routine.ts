/** The functions and procedures that a script creates, as calls find them: their parameters, and what they run. */

import type { Expression, FunctionCall, TypeName } from "../syntax/expression.ts";
import type { SetVariable } from "../syntax/statement.ts";
import type { DataType } from "./data-type.ts";
import type { Origin } from "./relation.ts";

/** All that is kept of a name that functions of the script have. */
export interface UserFunction {
  readonly volatility: "immutable" | "stable" | "volatile";
  readonly returns: TypeName | null;
  /** In SQL, and so put in place of its call: what it calls decides whether that may change, not what it is declared to be. */
  readonly inlined?: boolean | undefined;
  /** False where its body can be read and neither changes the schema nor runs text that it builds. */
  readonly changesSchema?: boolean | undefined;
  /** The names, without schema, of the types that it takes and gives, and of what a body of BEGIN ATOMIC reads. */
  readonly needs?: readonly string[] | undefined;
  /** All functions and procedures of the name, for who follows calls; undefined where they are not all known. */
  readonly routines?: readonly Routine[] | undefined;
  /** What its body certainly comes to, in order: commands that PostgreSQL does not run in functions, and calls of others. */
  readonly comesTo?: readonly FunctionStep[] | undefined;
  /** How many arguments it takes, and their types; STRICT ones are not called with NULL. */
  readonly parameters?: { readonly types: string; readonly count: number; readonly strict: boolean } | undefined;
  /** What it computes, where its body is one SELECT of one expression over its arguments. */
  readonly computes?: SqlBody | undefined;
  /** The names that it had: what was made then, calls it by them still. */
  readonly calledBy?: readonly string[] | undefined;
  /** Whether there are others of its name, of which nothing else is kept. */
  readonly overloaded?: true | undefined;
}

/** The body of a function in SQL that computes one expression. */
export interface SqlBody {
  /** In order; `name` null where a parameter has none. */
  readonly parameters: readonly { readonly name: string | null; readonly type: TypeName }[];
  readonly result: Expression;
  /** Whether it gives NULL whenever an argument is NULL. */
  readonly strict: boolean;
}

/** A step of a function's body; `origin` is where it stands. */
export type FunctionStep = { readonly origin: Origin } & (
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "call"; readonly call: FunctionCall }
);

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
