/** Bit strings: `bit(n)` and `bit varying(n)` as PostgreSQL reads, cuts and fills them. */

import { declined, problem, type ValueResult, valueResult } from "./result.ts";

export type BitTypeName = "bit" | "varbit";

/** `'101'`, `'b101'`, `'x1F'`; null as length where the type has none. */
export function readBits(text: string, type: BitTypeName, length: number | null): ValueResult {
  const isHex = /^x/i.test(text);
  const written = /^[bx]/i.test(text) ? text.slice(1) : text;
  const wrong = [...written].find((digit) => !(isHex ? /^[0-9a-f]$/i : /^[01]$/).test(digit));
  if (wrong !== undefined)
    return problem("22P02", `"${wrong}" is not a valid ${isHex ? "hexadecimal" : "binary"} digit`);
  const digits = isHex
    ? [...written].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("")
    : written;
  return restrictBits(digits, type, length, false);
}

/** Longer ones are not filled up. */
const mostDigits = 10_000;

/** The digits as a value of the length: an explicit cast cuts, and fills a `bit` with zeros. */
export function restrictBits(digits: string, type: BitTypeName, length: number | null, explicit: boolean): ValueResult {
  const fits = length === null || (type === "bit" ? digits.length === length : digits.length <= length);
  if (fits) return valueResult({ family: "bits", digits });
  if (explicit) {
    if (length > mostDigits) return declined("a value of that size");
    const cut = digits.slice(0, length);
    return valueResult({ family: "bits", digits: type === "bit" ? cut.padEnd(length, "0") : cut });
  }
  return type === "bit"
    ? problem("22026", `bit string length ${digits.length} does not match type bit(${length})`)
    : problem("22001", `bit string too long for type bit varying(${length})`);
}

/** The last digits of a number, of which a negative one has ones without end in front. */
export function bitsOfInteger(value: bigint, length: number): ValueResult {
  if (length > mostDigits) return declined("a value of that size");
  return valueResult({ family: "bits", digits: BigInt.asUintN(length, value).toString(2).padStart(length, "0") });
}
