/** What reading, casting and evaluating constants answers: a value, NULL, PostgreSQL's own error, or that it cannot be told. */

import type { Catalog, SessionSettings } from "../catalog.ts";
import type { Value } from "../value.ts";
import type { Work } from "./work.ts";

/** What decides how a constant is read, besides its text and type. */
export interface ValueContext {
  /** `catalog.settings`, or the settings at another point of the script. */
  readonly settings: SessionSettings;
  /** PostgreSQL's major version. */
  readonly version: number;
  readonly catalog: Catalog;
  /** Counts what a program computes; without it values are smaller. */
  readonly work?: Work | undefined;
}

/** PostgreSQL's own refusal, word for word for the version in the context. */
export interface ValueProblem {
  readonly kind: "problem";
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

/** Nothing is claimed: PostgreSQL may accept or refuse it. The reason is a phrase for the log. */
export interface Declined {
  readonly kind: "declined";
  readonly reason: string;
}

export type ValueResult =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "null" }
  | ValueProblem
  | Declined;

/** There is no cast between the types at the level asked for. */
export interface NoCast {
  readonly kind: "no-cast";
}

/** Where a conversion stands: in an expression, on the way into a column or bound, or written as a cast. */
export type CastLevel = "implicit" | "assignment" | "explicit";

export const nullResult: ValueResult = { kind: "null" };
export const noCast: NoCast = { kind: "no-cast" };

export function valueResult(value: Value): ValueResult {
  return { kind: "value", value };
}

export function problem(
  sqlstate: string,
  message: string,
  more?: { readonly detail?: string | undefined; readonly hint?: string | undefined },
): ValueProblem {
  return { kind: "problem", sqlstate, message, ...more };
}

export function declined(reason: string): Declined {
  return { kind: "declined", reason };
}
