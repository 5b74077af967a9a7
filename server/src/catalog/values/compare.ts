/** The order of constants, as the default btree operator classes have it. */

import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";

/**
 * Negative, 0 or positive as `a` sorts before, with or after `b`; null where it cannot be told: values of different
 * families, opaque values that differ, texts that another collation than "C" may order either way.
 * `collation` is that of the key, null for types without one.
 */
export function compareValues(_a: Value, _b: Value, _collation: string | null): number | null {
  return null;
}

/** Whether `compareValues` decides the order of any two values of the type; else it may only know that they are equal. */
export function orderable(_type: DataType, _collation: string | null): boolean {
  return false;
}
