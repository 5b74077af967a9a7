/** PostgreSQL's hash functions (lookup3), for `PARTITION BY HASH`, Citus and pg_pathman. Little-endian servers. */

import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";

/**
 * The remainder of a row with these key values under `modulus`, as `satisfies_hash_partition` computes it: a NULL adds
 * nothing. null where a type's hash is not known (enums hash their OID).
 */
export function hashRemainder(
  _values: readonly (Value | null)[],
  _types: readonly DataType[],
  _modulus: number,
): number | null {
  return null;
}

/** The signed 32-bit hash of `hashint4`, `hashint8`, `hashtext`, …: what Citus and pg_pathman divide. null where unknown. */
export function hash32(_value: Value, _type: DataType): number | null {
  return null;
}
