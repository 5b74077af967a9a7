/** What Citus answers instead of doing something. */

import { type Refusal, type Rejection, rejected } from "../../effects/outcome.ts";
import type { TextRange } from "../../text/range.ts";

/** Citus' own error, without a place. */
export type Fault = Pick<Rejection, "sqlstate" | "message" | "detail" | "hint">;

type Explanation = Pick<Fault, "detail" | "hint">;

/** An `ereport` without a SQLSTATE of its own (XX000). */
export function internalError(message: string, more: Explanation = {}): Fault {
  return { sqlstate: "XX000", message, ...more };
}

/** ERRCODE_FEATURE_NOT_SUPPORTED */
export function notSupported(message: string, more: Explanation = {}): Fault {
  return { sqlstate: "0A000", message, ...more };
}

/** ERRCODE_INVALID_TABLE_DEFINITION */
export function invalidTable(message: string, more: Explanation = {}): Fault {
  return { sqlstate: "42P16", message, ...more };
}

/** The fault as the refusal of a statement. */
export function refusalOf({ sqlstate, message, detail, hint }: Fault, range: TextRange): Refusal {
  return rejected("citus-call", sqlstate, message, range, { detail, hint });
}
