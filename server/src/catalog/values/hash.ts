/** PostgreSQL's hash functions (lookup3), for `PARTITION BY HASH`, Citus and pg_pathman. Little-endian servers. */

import type { DataType } from "../data-type.ts";
import type { Json, RangeEnd, Value } from "../value.ts";
import { intervalLength } from "./interval.ts";
import { networkBytes } from "./network.ts";
import { type NumericValue, powerOfTen } from "./numeric.ts";
import { elementOfRange, type RangeValue } from "./range.ts";
import { tupleIdBytes } from "./system-values.ts";
import { baseType, baseTypeNamed } from "./types.ts";

/**
 * The remainder of a row with these key values under `modulus`, as `satisfies_hash_partition` computes it: a NULL adds
 * nothing. null where a type's hash is not known (enums hash their OID). Texts of non-deterministic collations are none of
 * its business.
 */
export function hashRemainder(
  values: readonly (Value | null)[],
  types: readonly DataType[],
  modulus: number,
): number | null {
  let row = 0n;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const type = types[index];
    if (type === undefined || value === undefined) return null;
    if (value === null) continue;
    const hash = hashExtended(value, type);
    if (hash === null) return null;
    row = combine(row, hash);
  }
  return Number(row % BigInt(modulus));
}

/** The signed 32-bit hash of `hashint4`, `hashint8`, `hashtext`, …: what Citus and pg_pathman divide. null where unknown. */
export function hash32(value: Value, type: DataType): number | null {
  const input = hashInput(value, type);
  if (input === null) return null;
  if (input.kind === "fixed") return input.plain;
  const hash = Number(BigInt.asIntN(32, hashBytes(input.bytes, null)));
  if (input.kind === "numeric") return hash ^ input.weight;
  return input.second === undefined ? hash : hash ^ Number(BigInt.asIntN(32, hashBytes(input.second, null)));
}

/** HASH_PARTITION_SEED, the same for all partitioned tables. */
const partitionSeed = 0x7a5b22367996dcfdn;
const mask64 = (1n << 64n) - 1n;

type HashInput =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly second?: Uint8Array | undefined }
  | { readonly kind: "numeric"; readonly bytes: Uint8Array; readonly weight: number }
  /** Values whose hash is not computed: the 32-bit one, and what is added to the seed for the 64-bit one. */
  | { readonly kind: "fixed"; readonly plain: number; readonly added: bigint };

function hashExtended(value: Value, type: DataType): bigint | null {
  switch (value.family) {
    case "array": {
      const base = baseType(type);
      if (base.kind !== "array") return null;
      return hashTogether(
        1n,
        value.elements.map((item) => ({ value: item, type: base.element })),
      );
    }
    case "row":
      return hashTogether(0n, value.fields);
    case "range":
      return hashRange(value, type);
    case "json":
      return hashJson(value.json);
    default:
      return hashPlain(value, type);
  }
}

/** `hash_array_extended` from 1, `hash_record_extended` from 0. */
function hashTogether(
  first: bigint,
  parts: readonly { readonly value: Value | null; readonly type: DataType }[],
): bigint | null {
  let result = first;
  for (const { value, type } of parts) {
    const hash = value === null ? 0n : hashExtended(value, type);
    if (hash === null) return null;
    result = ((result << 5n) - result + hash) & mask64;
  }
  return result;
}

/** `hash_range_extended` */
function hashRange({ ends }: RangeValue, type: DataType): bigint | null {
  const base = baseType(type);
  const element = base.kind === "base" ? elementOfRange(base.name) : null;
  if (element === null) return null;
  const hashOf = (end: RangeEnd | undefined): bigint | null =>
    end?.value == null ? 0n : hashExtended(end.value, baseTypeNamed(element));
  const [lower, upper] = [hashOf(ends?.lower), hashOf(ends?.upper)];
  if (lower === null || upper === null) return null;
  const flags =
    ends === null
      ? 0x01
      : (ends.lower.inclusive ? 0x02 : 0) |
        (ends.upper.inclusive ? 0x04 : 0) |
        (ends.lower.value === null ? 0x08 : 0) |
        (ends.upper.value === null ? 0x10 : 0);
  return rotateHalves(hashBytes(wordBytes(flags), partitionSeed) ^ lower) ^ upper;
}

/** `jsonb_hash_extended` */
function hashJson(json: Json): bigint {
  if (json.type === "array" ? json.items.length === 0 : json.type === "object" && json.members.length === 0)
    return partitionSeed;
  let hash = 0n;
  const addScalar = (part: bigint): void => {
    hash = rotateHalves(hash) ^ part;
  };
  const add = (part: Json): void => {
    if (part.type === "array") {
      hash ^= arrayMark;
      for (const item of part.items) add(item);
    } else if (part.type === "object") {
      hash ^= objectMark;
      for (const { key, value } of part.members) {
        addScalar(hashBytes(utf8.encode(key), partitionSeed));
        add(value);
      }
    } else addScalar(hashJsonScalar(part));
  };
  // A value on its own is kept as an array of one.
  add(json.type === "array" || json.type === "object" ? json : { type: "array", items: [json] });
  return hash;
}

/** `JsonbHashScalarValueExtended`, before it is mixed with what went before. */
function hashJsonScalar(json: Exclude<Json, { type: "array" | "object" }>): bigint {
  switch (json.type) {
    case "null":
      return (partitionSeed + 1n) & mask64;
    case "boolean":
      return hashBytes(wordBytes(json.value ? 1 : 0), partitionSeed);
    case "number":
      return hashPlain(json.value, baseTypeNamed("numeric")) ?? 0n;
    case "string":
      return hashBytes(utf8.encode(json.value), partitionSeed);
  }
}

const arrayMark = 0x4000000040000000n;
const objectMark = 0x2000000020000000n;

/** `ROTATE_HIGH_AND_LOW_32BITS` */
function rotateHalves(hash: bigint): bigint {
  return ((hash << 1n) & 0xfffffffefffffffen) | ((hash >> 31n) & 0x100000001n);
}

function hashPlain(value: Value, type: DataType): bigint | null {
  const input = hashInput(value, type);
  if (input === null) return null;
  if (input.kind === "fixed") return (partitionSeed + input.added) & mask64;
  const hash = hashBytes(input.bytes, partitionSeed);
  if (input.kind === "numeric") return hash ^ (BigInt(input.weight) & mask64);
  return input.second === undefined ? hash : hash ^ hashBytes(input.second, partitionSeed);
}

function combine(a: bigint, b: bigint): bigint {
  return (a ^ (b + 0x49a0f4dd15e5a8e3n + (a << 54n) + (a >> 7n))) & mask64;
}

function hashInput(value: Value, type: DataType): HashInput | null {
  switch (value.family) {
    case "integer": {
      const base = baseType(type);
      const isLong = base.kind === "base" && ["int8", "pg_lsn", "xid8"].includes(base.name);
      const bits = BigInt.asIntN(isLong ? 64 : 32, value.value);
      return bytesInput(isLong ? longBytes(bits) : wordBytes(Number(bits)));
    }
    case "numeric":
      return numericInput(value);
    case "float": {
      if (value.value === 0) return { kind: "fixed", plain: 0, added: 0n };
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value.value, true);
      return bytesInput(bytes);
    }
    case "text": {
      const base = baseType(type);
      if (base.kind === "base" && base.name === "char") return bytesInput(wordBytes(value.value.charCodeAt(0) || 0));
      return bytesInput(utf8.encode(value.value));
    }
    case "boolean":
      return bytesInput(wordBytes(value.value ? 1 : 0));
    case "date":
      return bytesInput(
        wordBytes(Number.isFinite(value.days) ? value.days : value.days > 0 ? 2147483647 : -2147483648),
      );
    case "timestamp":
      return bytesInput(longBytes(microsAsStored(value.micros)));
    case "time":
      return {
        kind: "bytes",
        bytes: longBytes(value.micros),
        second: value.zone === null ? undefined : wordBytes(value.zone),
      };
    case "interval":
      return bytesInput(longBytes(BigInt.asIntN(64, intervalLength(value))));
    case "uuid":
      return bytesInput(bytesOfHex(value.hex));
    case "bytes": {
      const base = baseType(type);
      const isTupleId = base.kind === "base" && base.name === "tid";
      return bytesInput(bytesOfHex(isTupleId ? tupleIdBytes(value.hex) : value.hex));
    }
    case "network":
      return bytesInput(bytesOfHex(networkBytes(value)));
    case "array":
    case "bits":
    case "enum":
    case "range":
    case "json":
    case "row":
    case "opaque":
      return null;
  }
}

const utf8 = new TextEncoder();

function bytesInput(bytes: Uint8Array): HashInput {
  return { kind: "bytes", bytes };
}

function wordBytes(value: number): Uint8Array {
  return new Uint8Array([value, value >> 8, value >> 16, value >> 24]);
}

/** A 64-bit integer is folded so that it hashes as an `integer` of the same value does. */
function longBytes(value: bigint): Uint8Array {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return wordBytes(low ^ (value >= 0n ? high : ~high));
}

function microsAsStored(micros: bigint | "infinity" | "-infinity"): bigint {
  if (typeof micros === "bigint") return micros;
  return micros === "infinity" ? 9223372036854775807n : -9223372036854775808n;
}

function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** The digits of base 10000 without zeros at either end, and the weight of the first; equal numbers have equal ones. */
function numericInput(value: NumericValue): HashInput {
  if ("special" in value) return { kind: "fixed", plain: 0, added: 0n };
  if (value.digits === 0n) return { kind: "fixed", plain: -1, added: -1n };
  const padding = (4 - (value.scale % 4)) % 4;
  const magnitude = (value.digits < 0n ? -value.digits : value.digits) * powerOfTen(padding);
  const text = magnitude.toString();
  const groups: number[] = [];
  for (let end = text.length; end > 0; end -= 4) groups.unshift(Number(text.slice(Math.max(0, end - 4), end)));
  const weight = groups.length - 1 - (value.scale + padding) / 4;
  while (groups.at(-1) === 0) groups.pop();
  const bytes = new Uint8Array(groups.flatMap((group) => [group & 0xff, group >> 8]));
  return { kind: "numeric", bytes, weight };
}

/** `hash_bytes_extended`; without a seed its lower half is `hash_bytes`. */
function hashBytes(bytes: Uint8Array, seed: bigint | null): bigint {
  let a = (0x9e3779b9 + bytes.length + 3923095) | 0;
  let b = a;
  let c = a;
  if (seed !== null) {
    a = (a + Number(BigInt.asIntN(32, seed >> 32n))) | 0;
    b = (b + Number(BigInt.asIntN(32, seed))) | 0;
    mix();
  }
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    a = (a + wordAt(bytes, at)) | 0;
    b = (b + wordAt(bytes, at + 4)) | 0;
    c = (c + wordAt(bytes, at + 8)) | 0;
    mix();
  }
  // The lowest byte of c is reserved for the length.
  const rest = bytes.length - at;
  for (let index = 0; index < rest; index++) {
    const byte = bytes[at + index] ?? 0;
    if (index < 4) a = (a + (byte << (8 * index))) | 0;
    else if (index < 8) b = (b + (byte << (8 * (index - 4)))) | 0;
    else c = (c + (byte << (8 * (index - 7)))) | 0;
  }
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0);

  function mix(): void {
    a = ((a - c) | 0) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
