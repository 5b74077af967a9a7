/** Floating point numbers: `real` and `double precision` as PostgreSQL reads, compares and prints them. */

import { declined, problem, type ValueResult, valueResult } from "./result.ts";

export type FloatTypeName = "float4" | "float8";

const decimalNumber = /^[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/;
const special = /^[ \t\n\v\f\r]*([+-]?)(nan|inf|infinity)[ \t\n\v\f\r]*$/i;

export function readFloat(text: string, type: FloatTypeName, version: number): ValueResult {
  const number = decimalNumber.exec(text)?.[1];
  if (number !== undefined) return readDecimal(number, type, version);
  const named = special.exec(text);
  if (named !== null) {
    const negative = named[1] === "-";
    if (named[2]?.toLowerCase() === "nan") return valueResult({ family: "float", value: Number.NaN });
    return valueResult({ family: "float", value: negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY });
  }
  // The C library reads hexadecimal numbers and NaN with a payload; that differs between platforms.
  if (/^\s*[+-]?(0x|nan|1\.#)/i.test(text)) return declined("a number in the C library's own notation");
  return problem("22P02", `invalid input syntax for type ${sqlName(type)}: "${text}"`);
}

/** A number as one of the type: rounded to single precision for `real`. Problems are those of a cast. */
export function checkedFloat(value: number, type: FloatTypeName): ValueResult {
  if (type === "float8") return valueResult({ family: "float", value });
  const single = Math.fround(value);
  if (!Number.isFinite(single) && Number.isFinite(value)) return problem("22003", "value out of range: overflow");
  if (single === 0 && value !== 0) return problem("22003", "value out of range: underflow");
  return valueResult({ family: "float", value: single });
}

/** NaN is greater than everything and equal to itself; the two zeros are equal. */
export function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
}

/** The shortest text that reads back as the same number, as printed from PostgreSQL 12 on. */
export function printFloat(value: number, type: FloatTypeName): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponentText = "0"] = shortest(value, type).split("e");
  const exponent = Number(exponentText);
  const negative = mantissa.startsWith("-");
  const digits = mantissa.replace(/[-.]/g, "");
  const sign = negative ? "-" : "";
  if (exponent < -4 || exponent >= (type === "float4" ? 6 : 15)) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits.charAt(0)}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, "0")}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** What lies beyond the type's range; up to 11 a `real` was read as a `double precision` first. */
export function outOfRange(text: string, type: FloatTypeName, underflow: boolean, version: number): ValueResult {
  const isDouble = type === "float8" || !Number.isFinite(Number(text)) || Number(text) === 0;
  return version < 12 && !isDouble
    ? problem("22003", `value out of range: ${underflow ? "underflow" : "overflow"}`)
    : problem("22003", `"${text}" is out of range for type ${sqlName(type)}`);
}

function readDecimal(text: string, type: FloatTypeName, version: number): ValueResult {
  const value = Number(text);
  const nearest = type === "float8" ? value : Math.fround(value);
  const isZeroByUnderflow = nearest === 0 && /[1-9]/.test(text.replace(/[eE].*$/, ""));
  if (!Number.isFinite(nearest) || isZeroByUnderflow) return outOfRange(text, type, isZeroByUnderflow, version);
  // Rounding twice may differ from rounding once where the text has more digits than a double keeps.
  if (type === "float4" && text.length > 17 && nearest !== value) return declined("a real number with many digits");
  return valueResult({ family: "float", value: nearest });
}

function sqlName(type: FloatTypeName): string {
  return type === "float4" ? "real" : "double precision";
}

/** The shortest digits in the notation `d.ddde±x` that no other number of the type shares. */
function shortest(value: number, type: FloatTypeName): string {
  if (type === "float8") {
    let text = value.toExponential();
    for (let digits = digitCount(text); isMidpoint(value, text, 53); digits++) text = value.toExponential(digits);
    return text;
  }
  for (let digits = 0; digits < 8; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value && !isMidpoint(value, text, 24)) return text;
  }
  return value.toExponential(8);
}

/** Whether a text lies exactly between a whole number and its neighbour: it reads back by the rule of ties alone, which PostgreSQL does not use. */
function isMidpoint(value: number, text: string, precision: 24 | 53): boolean {
  const size = Math.abs(value);
  if (size < 2 ** precision) return false;
  const gap = 2 ** (Math.floor(Math.log2(size)) - precision + 1);
  const [mantissa = "", exponent = "0"] = text.replace("-", "").split("e");
  const zeros = Number(exponent) - (digitCount(text) - 1);
  if (zeros < 0) return false;
  const written = BigInt(mantissa.replace(".", "")) * 10n ** BigInt(zeros);
  const difference = written - BigInt(size);
  return (difference < 0n ? -difference : difference) * 2n === BigInt(gap);
}

function digitCount(text: string): number {
  return /^-?([\d.]+)/.exec(text)?.[1]?.replace(".", "").length ?? 0;
}
