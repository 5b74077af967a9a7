/** Prints constants as PostgreSQL does: by their output functions, and as `pg_get_expr` prints them in partition bounds. */

import type { SessionSettings } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";

/** What the type's output function gives: ISO dates; a `timestamptz` in the session's zone. */
export function printValue(_value: Value, _type: DataType, _settings: SessionSettings): string {
  return "";
}

/** The constant as `pg_get_expr(relpartbound, oid)` prints it, quotes included: `10`, `'-5'`, `true`, `'2024-01-01'`. */
export function printBoundValue(_value: Value, _type: DataType, _settings: SessionSettings): string {
  return "";
}
