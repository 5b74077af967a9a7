/** Casts constants between types, with the rounding, truncation and length checks that PostgreSQL applies. */

import type { Catalog } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { Json, Value } from "../value.ts";
import { bitsOfInteger, restrictBits } from "./bits.ts";
import { type BuiltinCast, builtinType, castBetween, type Volatility } from "./builtins.ts";
import {
  dateToMicros,
  instantToLocal,
  localToInstant,
  microsToDate,
  roundMicros,
  roundToPrecision,
} from "./datetime.ts";
import { checkedFloat, type FloatTypeName, outOfRange } from "./float.ts";
import { readValue } from "./input.ts";
import { checkedInteger, type IntegerTypeName, isIntegerTypeName } from "./integer.ts";
import { restrictInterval } from "./interval.ts";
import { masked, printNetwork } from "./network.ts";
import { applyNumericModifier, numericToInteger, parseNumeric, printNumeric, roundNumeric } from "./numeric.ts";
import { printValue } from "./print.ts";
import {
  type CastLevel,
  declined,
  type NoCast,
  noCast,
  problem,
  type ValueContext,
  type ValueResult,
  valueResult,
} from "./result.ts";
import { readText } from "./text.ts";
import { timeZoneOfSetting } from "./time-zone.ts";
import { baseType, formatTypeName, sameTypeName, withoutModifier } from "./types.ts";

/**
 * The value as one of type `to`, its modifier applied. `no-cast` where PostgreSQL has no cast from `from` to `to` at that
 * level: the caller words the error (`specified value cannot be cast to type …`, `cannot cast type …`).
 * An untyped literal is no cast: use `readValue`.
 */
export function castValue(
  value: Value,
  from: DataType,
  to: DataType,
  context: ValueContext,
  level: CastLevel,
): ValueResult | NoCast {
  const path = castPath(from, to, level);
  if (path === null) return declined(`a cast from ${formatTypeName(from)} to ${formatTypeName(to)}`);
  if (path === "none")
    return context.catalog.hasUnkeptObjects === true ? declined("a cast of the script's own") : noCast;
  const source = baseType(from);
  const target = baseType(to);
  const converted = path === "same" ? valueResult(value) : convert(value, source, target, path === "text", context);
  return converted.kind === "value" ? applyModifier(converted.value, target, level === "explicit") : converted;
}

/** Whether a cast exists at that level; null where a type is not known well enough. Domains count as their base type. */
export function canCast(from: DataType, to: DataType, level: CastLevel): boolean | null {
  const path = castPath(from, to, level);
  return path === null ? null : path !== "none";
}

/** Whether there certainly is no such cast, nor one that CREATE CAST may have made. */
export function lacksCast(from: DataType, to: DataType, level: CastLevel, catalog: Catalog): boolean {
  return catalog.hasUnkeptObjects !== true && canCast(from, to, level) === false;
}

/** How an explicit cast gets from one type to the other; null where it cannot be told. */
export function castMethod(from: DataType, to: DataType): "same" | "binary" | "function" | "text" | "none" | null {
  const path = castPath(from, to, "explicit");
  return path === null || typeof path === "string" ? path : path.method;
}

/** The volatility of the cast: what goes through the session's zone or through text is stable. */
export function castVolatility(from: DataType, to: DataType): Volatility {
  const path = castPath(from, to, "explicit");
  if (path === "same" || path === "none" || path === null) return "immutable";
  if (path !== "text") return path.volatility;
  return hasStableText(from, "output") || hasStableText(to, "input") ? "stable" : "immutable";
}

/** Whether reading a type's values from text, or printing them, depends on the session: DateStyle, TimeZone, the search path. */
function hasStableText(type: DataType, direction: "input" | "output"): boolean {
  const base = baseType(type);
  if (base.kind !== "base") return true;
  return (
    stableBothWays.has(base.name) || (direction === "input" && stableInput.has(base.name)) || /^reg/.test(base.name)
  );
}

const stableBothWays: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz", "interval", "money"]);
const stableInput: ReadonlySet<string> = new Set(["time", "timetz", "xml"]);

/** The modifier of the type applied to a value of it: rounded, cut or padded; an explicit cast cuts what is too long. */
export function applyModifier(value: Value, type: DataType, explicit: boolean): ValueResult {
  const target = baseType(type);
  if (target.kind !== "base" || target.modifier === null) return valueResult(value);
  switch (value.family) {
    case "numeric":
      return applyNumericModifier(value, target.modifier);
    case "text":
      return target.name === "varchar" || target.name === "bpchar"
        ? readText(value.value, target.name, target.modifier, explicit ? "cut" : "refuse")
        : valueResult(value);
    case "timestamp":
      return valueResult({ family: "timestamp", micros: roundToPrecision(value.micros, target.modifier) });
    case "time":
      return valueResult({ ...value, micros: roundMicros(value.micros, target.modifier) });
    case "bits":
      return target.name === "bit" || target.name === "varbit"
        ? restrictBits(value.digits, target.name, target.modifier.length ?? null, explicit)
        : valueResult(value);
    case "interval":
      return valueResult(restrictInterval(value, target.modifier));
    default:
      return value.family === "opaque" ? declined("a modifier of a type that is not read") : valueResult(value);
  }
}

const levels: Readonly<Record<CastLevel, number>> = { implicit: 0, assignment: 1, explicit: 2 };

/** How to get from one type to another: a cast of `pg_cast`, by output and input, not at all, or null where it cannot be told. */
function castPath(from: DataType, to: DataType, level: CastLevel): BuiltinCast | "same" | "text" | "none" | null {
  const source = baseType(from);
  const target = baseType(to);
  if (source.kind === "unknown" || target.kind === "unknown") return sameTypeName(source, target) ? "same" : null;
  if (sameTypeName(source, target)) return "same";
  if (source.kind === "array" && target.kind === "array") {
    const elements = castPath(source.element, target.element, level);
    return elements === "same" || elements === "none" ? elements : null;
  }
  if (source.kind === "base" && target.kind === "base") {
    const cast = castBetween(source.name, target.name);
    if (cast !== null) return levels[level] >= levels[cast.level] ? (cast.method === "text" ? "text" : cast) : "none";
  }
  if (level !== "implicit" && categoryOf(target) === "S") return "text";
  if (level === "explicit" && categoryOf(source) === "S") return "text";
  // Row types and polymorphic pseudo-types have ways of their own.
  return source.kind === "composite" || target.kind === "composite" ? null : "none";
}

function categoryOf(type: DataType): string {
  return type.kind === "base" ? (builtinType(type.name)?.category ?? "U") : type.kind === "enum" ? "E" : "A";
}

type BaseType = Extract<DataType, { readonly kind: "base" }>;

function convert(
  value: Value,
  source: DataType,
  target: DataType,
  throughText: boolean,
  context: ValueContext,
): ValueResult {
  if (value.family === "opaque") return declined(`a cast of a ${formatTypeName(source)}`);
  if (target.kind !== "base" || throughText) return convertThroughText(value, source, target, context);
  const coded = convertCoded(value, source, target);
  if (coded !== null) return coded;
  if (isIntegerTypeName(target.name)) return toInteger(value, target.name);
  switch (target.name) {
    case "numeric":
      return toNumeric(value, source, context);
    case "float4":
    case "float8":
      return toFloat(value, target.name, context);
    case "text":
    case "varchar":
    case "bpchar":
    case "name":
    case "char":
      return toText(value, source, target, context);
    case "bool":
      return value.family === "integer"
        ? valueResult({ family: "boolean", value: value.value !== 0n })
        : unknownCast(source, target);
    case "date":
    case "timestamp":
    case "timestamptz":
      return toDateOrTimestamp(value, source, target, context);
    case "time":
      return toTime(value, source, context);
    case "bit":
    case "varbit":
      if (value.family === "integer") return bitsOfInteger(value.value, target.modifier?.length ?? 1);
      return value.family === "bits" ? valueResult(value) : unknownCast(source, target);
    case "interval":
      return value.family === "time" && value.zone === null
        ? valueResult({ family: "interval", months: 0, days: 0, micros: value.micros })
        : unknownCast(source, target);
    default:
      return unknownCast(source, target);
  }
}

/** Casts of values that are kept as something else: an amount in hundredths, a place as a number. null for all others. */
function convertCoded(value: Value, source: DataType, target: BaseType): ValueResult | null {
  const from = source.kind === "base" ? source.name : "";
  if (target.name === "cidr") return value.family === "network" ? valueResult(masked(value)) : null;
  if (target.name === "inet") return value.family === "network" ? valueResult(value) : null;
  if (target.name === "money") return toMoney(value, source, target);
  if (from === "money") {
    return value.family === "integer" && target.name === "numeric"
      ? valueResult({ family: "numeric", digits: value.value, scale: 2 })
      : unknownCast(source, target);
  }
  if (value.family === "json") return fromJson(value.json, source, target);
  if (codedTypes.has(from) || codedTypes.has(target.name)) return unknownCast(source, target);
  return null;
}

const codedTypes: ReadonlySet<string> = new Set(["pg_lsn", "xid8", "tid", "macaddr", "macaddr8"]);

function toMoney(value: Value, source: DataType, target: BaseType): ValueResult {
  const rounded =
    value.family === "integer"
      ? value.value * 100n
      : value.family === "numeric" && !("special" in value)
        ? roundNumeric(value, 2).digits
        : null;
  if (rounded === null) return unknownCast(source, target);
  return BigInt.asIntN(64, rounded) === rounded
    ? valueResult({ family: "integer", value: rounded })
    : problem("22003", "bigint out of range");
}

/** `(k -> 'n')::int`: numbers and booleans inside jsonb. */
function fromJson(json: Json, source: DataType, target: BaseType): ValueResult {
  if (json.type === "boolean" && target.name === "bool") return valueResult({ family: "boolean", value: json.value });
  if (json.type !== "number" || target.name === "bool") return unknownCast(source, target);
  if (isIntegerTypeName(target.name)) return toInteger(json.value, target.name);
  return target.name === "numeric" ? valueResult(json.value) : unknownCast(source, target);
}

function convertThroughText(value: Value, source: DataType, target: DataType, context: ValueContext): ValueResult {
  // Reading what was printed: the type's modifier comes after it.
  return readValue(printValue(value, source, context.settings), withoutModifier(target), context);
}

/** As a cast to text prints it: without the padding of `char(n)`. */
function printAsText(value: Value, source: DataType, context: ValueContext): string {
  if (value.family === "text") return value.value;
  if (value.family === "network") return printNetwork(value, true);
  return value.family === "boolean" ? String(value.value) : printValue(value, source, context.settings);
}

function toText(value: Value, source: DataType, target: BaseType, context: ValueContext): ValueResult {
  const name =
    target.name === "varchar" || target.name === "bpchar" || target.name === "name" || target.name === "char"
      ? target.name
      : "text";
  if (name === "char" && value.family === "integer") return unknownCast(source, target);
  return readText(printAsText(value, source, context), name, null, "cut");
}

function toInteger(value: Value, type: IntegerTypeName): ValueResult {
  switch (value.family) {
    case "integer":
      if (type === "oid" && value.value < 0n && value.value >= -2147483648n)
        return valueResult({ family: "integer", value: value.value + 4294967296n });
      return checkedInteger(value.value, type);
    case "numeric": {
      const rounded = numericToInteger(value);
      if (rounded !== null) return checkedInteger(rounded, type);
      const name = { int2: "smallint", int4: "integer", int8: "bigint", oid: "oid" }[type];
      const special = "special" in value && value.special === "NaN" ? "NaN" : "infinity";
      return problem("0A000", `cannot convert ${special} to ${name}`);
    }
    case "float": {
      const rounded = roundHalfEven(value.value);
      return Number.isFinite(rounded) ? checkedInteger(BigInt(rounded), type) : checkedInteger(1n << 80n, type);
    }
    case "boolean":
      return valueResult({ family: "integer", value: value.value ? 1n : 0n });
    default:
      return declined("an integer of something else");
  }
}

function toNumeric(value: Value, source: DataType, context: ValueContext): ValueResult {
  if (value.family === "integer") return valueResult({ family: "numeric", digits: value.value, scale: 0 });
  if (value.family === "numeric") return valueResult(value);
  if (value.family !== "float") return declined("a numeric of something else");
  if (!Number.isFinite(value.value)) {
    if (Number.isNaN(value.value)) return valueResult({ family: "numeric", special: "NaN" });
    if (context.version < 14) return problem("0A000", "cannot convert infinity to numeric");
    return valueResult({ family: "numeric", special: value.value > 0 ? "Infinity" : "-Infinity" });
  }
  // PostgreSQL prints as many digits as the type is sure to hold, and reads that.
  const digits = source.kind === "base" && source.name === "float4" ? 6 : 15;
  const parsed = parseNumeric(trimZeros(value.value.toPrecision(digits)), context.version);
  return parsed === null || parsed === "too-long" ? declined("a number of extreme size") : valueResult(parsed);
}

/** C's `%g` prints no zeros at the end of a fraction. */
function trimZeros(text: string): string {
  const [mantissa = "", exponent] = text.split("e");
  const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? trimmed : `${trimmed}e${exponent}`;
}

function toFloat(value: Value, type: FloatTypeName, context: ValueContext): ValueResult {
  switch (value.family) {
    case "integer":
      return checkedFloat(Number(value.value), type);
    case "float":
      return checkedFloat(value.value, type);
    case "numeric": {
      const text = printNumeric(value);
      const number = Number(text);
      const single = type === "float4" ? Math.fround(number) : number;
      const overflows = !("special" in value) && !Number.isFinite(single);
      const underflows = !("special" in value) && single === 0 && value.digits !== 0n;
      if (overflows || underflows) return outOfRange(text, type, underflows, context.version);
      return valueResult({ family: "float", value: single });
    }
    default:
      return declined("a float of something else");
  }
}

function toDateOrTimestamp(value: Value, source: DataType, target: BaseType, context: ValueContext): ValueResult {
  const zone = timeZoneOfSetting(context.settings.timeZone);
  const unknownOffset = declined("a time zone whose offset at that time is not known");
  const fromZoned = source.kind === "base" && source.name === "timestamptz";
  if (value.family === "date") {
    const micros = dateToMicros(value.days);
    if (micros === null) return problem("22008", "date out of range for timestamp");
    const result = target.name === "timestamptz" ? localToInstant(micros, zone) : micros;
    return result === null ? unknownOffset : valueResult({ family: "timestamp", micros: result });
  }
  if (value.family !== "timestamp") return unknownCast(source, target);
  if (target.name === "timestamptz") {
    const instant = localToInstant(value.micros, zone);
    return instant === null ? unknownOffset : valueResult({ family: "timestamp", micros: instant });
  }
  const local = fromZoned ? instantToLocal(value.micros, zone) : value.micros;
  if (local === null) return unknownOffset;
  return target.name === "date"
    ? valueResult({ family: "date", days: microsToDate(local) })
    : valueResult({ family: "timestamp", micros: local });
}

function toTime(value: Value, source: DataType, context: ValueContext): ValueResult {
  const day = 86_400_000_000n;
  const withinDay = (micros: bigint): ValueResult =>
    valueResult({ family: "time", micros: ((micros % day) + day) % day, zone: null });
  if (value.family === "interval") return withinDay(value.micros);
  if (value.family !== "timestamp" || typeof value.micros === "string") return declined("a time of something else");
  const zone = timeZoneOfSetting(context.settings.timeZone);
  const fromZoned = source.kind === "base" && source.name === "timestamptz";
  const local = fromZoned ? instantToLocal(value.micros, zone) : value.micros;
  if (typeof local !== "bigint") return declined("a time zone whose offset at that time is not known");
  return withinDay(local);
}

function unknownCast(source: DataType, target: DataType): ValueResult {
  return declined(`a cast from ${formatTypeName(source)} to ${formatTypeName(target)}`);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
