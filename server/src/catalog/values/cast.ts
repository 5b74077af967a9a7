/** Casts constants between types, with the rounding, truncation and length checks that PostgreSQL applies. */

import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { type CastLevel, declined, type NoCast, type ValueContext, type ValueResult } from "./result.ts";

/**
 * The value as one of type `to`, its modifier applied. `no-cast` where PostgreSQL has no cast from `from` to `to` at that
 * level: the caller words the error (`specified value cannot be cast to type …`, `cannot cast type …`).
 * An untyped literal is no cast: use `readValue`.
 */
export function castValue(
  _value: Value,
  _from: DataType,
  _to: DataType,
  _context: ValueContext,
  _level: CastLevel,
): ValueResult | NoCast {
  return declined("not cast yet");
}

/** Whether a cast exists at that level; null where a type is not known well enough. Domains count as their base type. */
export function canCast(_from: DataType, _to: DataType, _level: CastLevel): boolean | null {
  return null;
}
