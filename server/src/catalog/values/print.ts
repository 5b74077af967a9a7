/** Prints constants as PostgreSQL does: by their output functions, and as `pg_get_expr` prints them in partition bounds. */

import type { SessionSettings } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { printArray } from "./array.ts";
import { printStyledDate, printStyledTimestamp } from "./date-style.ts";
import { printFloat } from "./float.ts";
import { printInterval } from "./interval.ts";
import { printJson } from "./json.ts";
import { printHardwareAddress, printNetwork } from "./network.ts";
import { printNumeric } from "./numeric.ts";
import { elementOfRange, printRange } from "./range.ts";
import { printRow } from "./row.ts";
import { printUuid } from "./scalar.ts";
import { printLogPosition, printMoney, printTupleId } from "./system-values.ts";
import { padCharacters } from "./text.ts";
import { printTime } from "./time.ts";
import { baseType, baseTypeNamed } from "./types.ts";

/** What the type's output function gives: dates in the session's style, a `timestamptz` in its zone. */
export function printValue(value: Value, type: DataType, settings: SessionSettings): string {
  switch (value.family) {
    case "integer":
      return printInteger(value.value, baseTypeName(type));
    case "numeric":
      return printNumeric(value);
    case "float":
      return printFloat(value.value, baseTypeName(type) === "float4" ? "float4" : "float8");
    case "text": {
      const base = baseType(type);
      const length = base.kind === "base" && base.name === "bpchar" ? base.modifier?.length : undefined;
      return length === undefined ? value.value : padCharacters(value.value, length);
    }
    case "boolean":
      return value.value ? "t" : "f";
    case "date":
      return printStyledDate(value.days, settings);
    case "timestamp":
      return printStyledTimestamp(value.micros, baseTypeName(type) === "timestamptz", settings);
    case "time":
      return printTime(value);
    case "interval":
      return printInterval(value);
    case "uuid":
      return printUuid(value.hex);
    case "bytes":
      return printBytes(value.hex, baseTypeName(type));
    case "network":
      return printNetwork(value, baseTypeName(type) === "cidr");
    case "range": {
      const element = baseTypeNamed(elementOfRange(baseTypeName(type) ?? "") ?? "text");
      return printRange(value, (end) => printValue(end, element, settings));
    }
    case "json":
      return printJson(value.json);
    case "row":
      return printRow(value, (field, fieldType) => printValue(field, fieldType, settings));
    case "bits":
      return value.digits;
    case "enum":
      return value.label;
    case "array": {
      const base = baseType(type);
      const element = base.kind === "array" ? base.element : type;
      return printArray(value.elements.map((item) => (item === null ? null : printValue(item, element, settings))));
    }
    case "opaque":
      return value.text;
  }
}

/** The constant as `pg_get_expr(relpartbound, oid)` prints it, quotes included: `10`, `'-5'`, `true`, `'2024-01-01'`. */
export function printBoundValue(value: Value, type: DataType, settings: SessionSettings): string {
  if (value.family === "boolean" && type.kind !== "domain") return value.value ? "true" : "false";
  const text = printValue(value, type, settings);
  // A constant of a domain is printed with quotes, whatever is under it.
  const name = type.kind === "domain" ? null : baseTypeName(type);
  // Only numbers that the grammar reads back as the same type go without quotes.
  if (name === "int4" && /^\d+$/.test(text)) return text;
  if (name === "numeric" && /^\d+\.\d*$/.test(text)) return text;
  return quoteConstant(text);
}

/** A constant's text in quotes, as PostgreSQL prints it where it decompiles expressions: backslashes stand for themselves. */
export function quoteConstant(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function printInteger(value: bigint, type: string | null): string {
  switch (type) {
    case "money":
      return printMoney(value);
    case "pg_lsn":
      return printLogPosition(value);
    default:
      return value.toString();
  }
}

function printBytes(hex: string, type: string | null): string {
  switch (type) {
    case "macaddr":
    case "macaddr8":
      return printHardwareAddress(hex);
    case "tid":
      return printTupleId(hex);
    default:
      return `\\x${hex}`;
  }
}

function baseTypeName(type: DataType): string | null {
  const base = baseType(type);
  return base.kind === "base" ? base.name : null;
}
