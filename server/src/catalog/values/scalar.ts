/** Small scalar types: `boolean`, `uuid`, `bytea` and enums as PostgreSQL reads them. */

import type { DataType } from "../data-type.ts";
import { declined, problem, type ValueResult, valueResult } from "./result.ts";

const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ...["t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"].map((word) => [word, true] as const),
  ...["f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"].map((word) => [word, false] as const),
]);

export function readBoolean(text: string): ValueResult {
  const value = booleanWords.get(text.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, "").toLowerCase());
  return value === undefined
    ? problem("22P02", `invalid input syntax for type boolean: "${text}"`)
    : valueResult({ family: "boolean", value });
}

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A hyphen may follow each group of four digits. */
const anyUuid = /^(\{?)(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}(\}?)$/;

export function readUuid(text: string, version: number): ValueResult {
  if (canonicalUuid.test(text)) {
    const hex = text.slice(0, 8) + text.slice(9, 13) + text.slice(14, 18) + text.slice(19, 23) + text.slice(24);
    return { kind: "value", value: { family: "uuid", hex } };
  }
  const match = anyUuid.exec(text);
  if (match === null || (match[1] === "") !== (match[2] === ""))
    return problem("22P02", `invalid input syntax for ${version < 12 ? "" : "type "}uuid: "${text}"`);
  return valueResult({ family: "uuid", hex: text.replace(/[{}-]/g, "").toLowerCase() });
}

export function printUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function readBytes(text: string, version: number): ValueResult {
  if (text.startsWith("\\x")) return readHexBytes(text.slice(2), version);
  // In the escape format a backslash begins a doubled backslash or three octal digits.
  if (/\\(?!\\|[0-3][0-7][0-7])/.test(text.replaceAll("\\\\", "")))
    return problem("22P02", "invalid input syntax for type bytea");
  let hex = "";
  for (const part of text.match(/\\\\|\\[0-3][0-7][0-7]|[^\\]+/g) ?? []) {
    if (part === "\\\\") hex += "5c";
    else if (part.startsWith("\\")) hex += Number.parseInt(part.slice(1), 8).toString(16).padStart(2, "0");
    else hex += hexOfUtf8(part);
  }
  return valueResult({ family: "bytes", hex });
}

type EnumType = Extract<DataType, { readonly kind: "enum" }>;

/** `typeName` as `format_type` prints it. */
export function readEnum(text: string, type: EnumType, typeName: string): ValueResult {
  const order = type.labels.indexOf(text);
  return order < 0
    ? problem("22P02", `invalid input value for enum ${typeName}: "${text}"`)
    : valueResult({ family: "enum", label: text, order });
}

/** The bytes of a text in UTF-8, as lower-case hexadecimal digits. */
export function hexOfUtf8(text: string): string {
  let hex = "";
  for (const byte of utf8.encode(text)) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

const utf8 = new TextEncoder();

function readHexBytes(text: string, version: number): ValueResult {
  const digits = text.replace(/(?<=^(?:[0-9a-fA-F]{2}|[ \t\n\r])*)[ \t\n\r]/g, "");
  const bad = /[^0-9a-fA-F]/u.exec(digits)?.[0];
  // Before 15 the message held one byte of the character.
  if (bad !== undefined && bad > "~" && version < 15) return declined("a hexadecimal digit beyond ASCII");
  if (bad !== undefined) return problem("22023", `invalid hexadecimal digit: "${bad}"`);
  if (digits.length % 2 === 1) return problem("22023", "invalid hexadecimal data: odd number of digits");
  return valueResult({ family: "bytes", hex: digits.toLowerCase() });
}
