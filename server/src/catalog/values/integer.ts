/** Integers: `smallint`, `integer`, `bigint` and `oid` as PostgreSQL reads and checks them. */

import { declined, problem, type ValueProblem, type ValueResult, valueResult } from "./result.ts";

export type IntegerTypeName = "int2" | "int4" | "int8" | "oid";

const limits: Readonly<Record<IntegerTypeName, { readonly least: bigint; readonly greatest: bigint }>> = {
  int2: { least: -32768n, greatest: 32767n },
  int4: { least: -2147483648n, greatest: 2147483647n },
  int8: { least: -9223372036854775808n, greatest: 9223372036854775807n },
  oid: { least: 0n, greatest: 4294967295n },
};

const sqlNames: Readonly<Record<IntegerTypeName, string>> = {
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  oid: "oid",
};

export function isIntegerTypeName(name: string): name is IntegerTypeName {
  return name in limits;
}

export function fitsInteger(value: bigint, type: IntegerTypeName): boolean {
  return value >= limits[type].least && value <= limits[type].greatest;
}

/** `integer out of range`: what a cast or an arithmetic operator answers. */
export function integerOutOfRange(type: IntegerTypeName): ValueProblem {
  return problem("22003", `${type === "oid" ? "OID" : sqlNames[type]} out of range`);
}

/** The value as one of the type, or the error that a cast gives. */
export function checkedInteger(value: bigint, type: IntegerTypeName): ValueResult {
  return fitsInteger(value, type) ? valueResult({ family: "integer", value }) : integerOutOfRange(type);
}

const plainDigits = /^[+-]?\d{1,9}$/;
const decimalInteger = /^[ \t\n\v\f\r]*([+-]?\d+)[ \t\n\v\f\r]*$/;
/** From 16 on: other bases, and underscores between digits. */
const modernInteger =
  /^[ \t\n\v\f\r]*([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|\d+(?:_\d+)*)[ \t\n\v\f\r]*$/;

export function readInteger(text: string, type: IntegerTypeName, version: number): ValueResult {
  if (plainDigits.test(text) && type !== "oid") {
    const value = Number(text);
    if (type !== "int2" || (value >= -32768 && value <= 32767))
      return { kind: "value", value: { family: "integer", value: BigInt(value) } };
  }
  // The C library reads an OID, and from 16 on also in octal and hexadecimal.
  if (type === "oid" && version >= 16 && /^[ \t\n\v\f\r]*[+-]?0[0-9xob]/i.test(text))
    return declined("an OID in another base");
  const value = parseInteger(text, type === "oid" ? 0 : version);
  if (value === null) return integerSyntaxProblem(text, type, version);
  if (fitsInteger(value, type)) return valueResult({ family: "integer", value });
  // A negative number is the OID with the same 32 bits.
  if (type === "oid" && value < 0n && value >= -2147483648n)
    return valueResult({ family: "integer", value: value + 4294967296n });
  return problem("22003", `value "${text}" is out of range for type ${sqlNames[type]}`);
}

/** The integer that a text stands for, whatever its size; null where PostgreSQL of that version reads none. */
export function parseInteger(text: string, version: number): bigint | null {
  const decimal = decimalInteger.exec(text)?.[1];
  if (decimal !== undefined) return BigInt(decimal.startsWith("+") ? decimal.slice(1) : decimal);
  if (version < 16) return null;
  const modern = modernInteger.exec(text);
  if (modern === null) return null;
  const magnitude = BigInt((modern[2] ?? "").replaceAll("_", ""));
  return modern[1] === "-" ? -magnitude : magnitude;
}

function integerSyntaxProblem(text: string, type: IntegerTypeName, version: number): ValueResult {
  // Digits that overflow are reported before what follows them; where exactly depends on the version.
  const digits = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text)?.[1];
  const hasOtherBase = version >= 16 && /^[ \t\n\v\f\r]*[+-]?(?:0[xob][\da-f_]{4}|\d+_\d)/i.test(text);
  if (hasOtherBase || (digits !== undefined && !fitsInteger(BigInt(digits.replace("+", "")), type)))
    return declined("an integer with something after its digits");
  const typeName = version < 12 && type !== "oid" ? "integer" : `type ${sqlNames[type]}`;
  return problem("22P02", `invalid input syntax for ${typeName}: "${text}"`);
}
