/** Constants as PostgreSQL holds them after input: the values of bounds, keys and predicates. */

import type { DataType } from "./data-type.ts";

export interface RangeEnd {
  readonly value: Value | null;
  readonly inclusive: boolean;
}

/** What jsonb holds. */
export type Json =
  | { readonly type: "null" }
  | { readonly type: "boolean"; readonly value: boolean }
  | {
      readonly type: "number";
      readonly value: { readonly family: "numeric"; readonly digits: bigint; readonly scale: number };
    }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "array"; readonly items: readonly Json[] }
  /** Each key once, in PostgreSQL's order: by length, then by bytes. */
  | { readonly type: "object"; readonly members: readonly { readonly key: string; readonly value: Json }[] };

/**
 * One non-null value. The representation is by family, not by type: an `int2` and an `int8` of the same number are the same
 * value; which type it has is known where it is kept (a key column, an expression).
 */
export type Value =
  /** int2, int4, int8, oid; xid8, pg_lsn (as one number), money (in hundredths) */
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
  /** bytea, macaddr, macaddr8; tid (block, then number, as digits that are ordered alike). Lower-case hexadecimal digits. */
  | { readonly family: "bytes"; readonly hex: string }
  /** inet, cidr: the bits of the mask, and 8 or 32 hexadecimal digits of the address. */
  | { readonly family: "network"; readonly bits: number; readonly hex: string }
  /** bit, varbit: the digits. */
  | { readonly family: "bits"; readonly digits: string }
  /** `order` is the position among the type's labels at the time of reading. */
  | { readonly family: "enum"; readonly label: string; readonly order: number }
  /** Of one dimension; null for NULL. The type tells that of the elements. */
  | { readonly family: "array"; readonly elements: readonly (Value | null)[] }
  /** Of a built-in type, in its canonical form; `ends` null for the empty range, an end's value null where there is none. */
  | {
      readonly family: "range";
      readonly ends: { readonly lower: RangeEnd; readonly upper: RangeEnd } | null;
    }
  /** jsonb */
  | { readonly family: "json"; readonly json: Json }
  /** Of a composite type: its fields with their types. */
  | { readonly family: "row"; readonly fields: readonly { readonly value: Value | null; readonly type: DataType }[] }
  /** A type whose input we do not read: equal texts are equal values, nothing else is known of it. */
  | { readonly family: "opaque"; readonly text: string };
