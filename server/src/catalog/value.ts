/** Constants as PostgreSQL holds them after input: the values of bounds, keys and predicates. */

/**
 * One non-null value. The representation is by family, not by type: an `int2` and an `int8` of the same number are the same
 * value; which type it has is known where it is kept (a key column, an expression).
 */
export type Value =
  /** int2, int4, int8, oid */
  | { readonly family: "integer"; readonly value: bigint }
  /** `digits × 10^-scale`, or one of the specials; `scale` ≥ 0 is the display scale. */
  | { readonly family: "numeric"; readonly digits: bigint; readonly scale: number }
  | { readonly family: "numeric"; readonly special: "NaN" | "Infinity" | "-Infinity" }
  /** float4, float8 */
  | { readonly family: "float"; readonly value: number }
  /** text, varchar, name, "char", bpchar (without its trailing blanks: they count for nothing, and the type tells the padding) */
  | { readonly family: "text"; readonly value: string }
  | { readonly family: "boolean"; readonly value: boolean }
  /** Days since 2000-01-01; ±Infinity for the infinities. */
  | { readonly family: "date"; readonly days: number }
  /** timestamp and timestamptz: microseconds since 2000-01-01 00:00 (UTC for timestamptz). */
  | { readonly family: "timestamp"; readonly micros: bigint | "infinity" | "-infinity" }
  /** time: microseconds since midnight; timetz adds the zone in seconds west of Greenwich. */
  | { readonly family: "time"; readonly micros: bigint; readonly zone: number | null }
  | { readonly family: "interval"; readonly months: number; readonly days: number; readonly micros: bigint }
  /** 32 lower-case hexadecimal digits. */
  | { readonly family: "uuid"; readonly hex: string }
  /** Lower-case hexadecimal digits. */
  | { readonly family: "bytes"; readonly hex: string }
  /** bit, varbit: the digits. */
  | { readonly family: "bits"; readonly digits: string }
  /** `order` is the position among the type's labels at the time of reading. */
  | { readonly family: "enum"; readonly label: string; readonly order: number }
  /** Of one dimension; null for NULL. The type tells that of the elements. */
  | { readonly family: "array"; readonly elements: readonly (Value | null)[] }
  /** A type whose input we do not read: equal texts are equal values, nothing else is known of it. */
  | { readonly family: "opaque"; readonly text: string };
