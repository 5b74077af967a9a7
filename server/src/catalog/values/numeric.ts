/** Exact decimal numbers: `numeric` as PostgreSQL reads, rounds, compares and prints it. */

import type { TypeModifier } from "../data-type.ts";
import type { Value } from "../value.ts";
import { declined, problem, type ValueResult, valueResult } from "./result.ts";

export type NumericValue = Extract<Value, { readonly family: "numeric" }>;
/** A number that is neither NaN nor an infinity. */
export type FiniteNumeric = Extract<NumericValue, { readonly digits: bigint }>;

const decimalNumber = /^[ \t\n\v\f\r]*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?[ \t\n\v\f\r]*$/;
const special = /^[ \t\n\v\f\r]*([+-]?)(nan|inf|infinity)[ \t\n\v\f\r]*$/i;
const otherBase = /^[ \t\n\v\f\r]*([+-]?)(0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+)[ \t\n\v\f\r]*$/;

/** Numbers with more digits than this are PostgreSQL's to judge. */
const digitLimit = 1000;

export function readNumeric(text: string, modifier: TypeModifier | null, version: number): ValueResult {
  const value = parseNumeric(text, version);
  if (value === "too-long") return declined("a number with a thousand digits");
  if (value === null) return problem("22P02", `invalid input syntax for type numeric: "${text}"`);
  return applyNumericModifier(value, modifier);
}

/** The number that a text stands for; null where PostgreSQL of that version reads none. */
export function parseNumeric(text: string, version: number): NumericValue | "too-long" | null {
  const plain = decimalNumber.exec(text) ?? (version >= 16 ? decimalNumber.exec(withoutUnderscores(text)) : null);
  if (plain !== null) {
    const [, sign, whole = "", fraction = "", exponentText] = plain;
    if (whole === "" && fraction === "") return null;
    const exponent = exponentText === undefined ? 0 : Number(exponentText);
    if (whole.length + fraction.length + Math.abs(exponent) > digitLimit) return "too-long";
    const magnitude = BigInt(whole + fraction);
    const digits = sign === "-" ? -magnitude : magnitude;
    const scale = fraction.length - exponent;
    return scale >= 0
      ? { family: "numeric", digits, scale }
      : { family: "numeric", digits: digits * powerOfTen(-scale), scale: 0 };
  }
  const named = special.exec(text);
  if (named !== null) {
    const sign = named[1] ?? "";
    if (named[2]?.toLowerCase() === "nan") return sign === "" ? { family: "numeric", special: "NaN" } : null;
    return version >= 14 ? { family: "numeric", special: sign === "-" ? "-Infinity" : "Infinity" } : null;
  }
  const based = version >= 16 ? otherBase.exec(text) : null;
  if (based === null) return null;
  const magnitude = BigInt((based[2] ?? "").replaceAll("_", ""));
  return { family: "numeric", digits: based[1] === "-" ? -magnitude : magnitude, scale: 0 };
}

/** Whether the number has more digits than are computed here. */
export function hasTooManyDigits({ digits, scale }: FiniteNumeric): boolean {
  return scale > digitLimit || magnitudeOf(digits) >= powerOfTen(digitLimit);
}

/** Rounds to the modifier's scale, half away from zero, and checks the precision. */
export function applyNumericModifier(value: NumericValue, modifier: TypeModifier | null): ValueResult {
  if (modifier?.precision === undefined) return valueResult(value);
  const { precision, scale = 0 } = modifier;
  if ("special" in value) {
    if (value.special === "NaN") return valueResult(value);
    return overflow(`A field with precision ${precision}, scale ${scale} cannot hold an infinite value.`);
  }
  const rounded = roundNumeric(value, scale);
  const limit = precision - scale;
  const tooLarge =
    rounded.digits !== 0n && magnitudeOf(rounded.digits) >= powerOfTen(Math.max(0, limit + rounded.scale));
  if (!tooLarge) return valueResult(rounded);
  const bound = limit === 0 ? "1" : `10^${limit}`;
  return overflow(
    `A field with precision ${precision}, scale ${scale} must round to an absolute value less than ${bound}.`,
  );
}

/** Rounds half away from zero to `scale` digits after the point, which is then the display scale (never below 0). */
export function roundNumeric(value: FiniteNumeric, scale: number): FiniteNumeric {
  if (value.scale <= scale)
    return value.scale === scale
      ? value
      : { family: "numeric", digits: value.digits * powerOfTen(scale - value.scale), scale };
  const unit = powerOfTen(value.scale - scale);
  const quotient = divideRounding(value.digits, unit);
  return scale >= 0
    ? { family: "numeric", digits: quotient, scale }
    : { family: "numeric", digits: quotient * powerOfTen(-scale), scale: 0 };
}

/** The nearest integer, half away from zero; null for NaN and the infinities. */
export function numericToInteger(value: NumericValue): bigint | null {
  return "special" in value ? null : roundNumeric(value, 0).digits;
}

export function integerToNumeric(value: bigint): FiniteNumeric {
  return { family: "numeric", digits: value, scale: 0 };
}

/** -Infinity < numbers < Infinity < NaN; NaN equals itself. */
export function compareNumerics(a: NumericValue, b: NumericValue): number {
  if ("special" in a || "special" in b) return rank(a) - rank(b);
  if (a.scale === b.scale) return a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0;
  const left = a.scale < b.scale ? a.digits * powerOfTen(b.scale - a.scale) : a.digits;
  const right = b.scale < a.scale ? b.digits * powerOfTen(a.scale - b.scale) : b.digits;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function printNumeric(value: NumericValue): string {
  if ("special" in value) return value.special;
  if (value.scale === 0) return value.digits.toString();
  const negative = value.digits < 0n;
  const digits = magnitudeOf(value.digits)
    .toString()
    .padStart(value.scale + 1, "0");
  const point = digits.length - value.scale;
  return `${negative ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const powers: bigint[] = [];

/** 10 to the power of a non-negative number. */
export function powerOfTen(exponent: number): bigint {
  const known = powers[exponent];
  if (known !== undefined) return known;
  const power = 10n ** BigInt(exponent);
  powers[exponent] = power;
  return power;
}

/** Divides, rounding half away from zero; the divisor is positive. */
export function divideRounding(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const remainder = dividend % divisor;
  if (magnitudeOf(remainder) * 2n < divisor) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

function magnitudeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function rank(value: NumericValue): number {
  if (!("special" in value)) return 1;
  return value.special === "-Infinity" ? 0 : value.special === "Infinity" ? 2 : 3;
}

/** Underscores count only between digits; any other leaves a text that is no number. */
function withoutUnderscores(text: string): string {
  return text.replace(/(?<=\d)_(?=\d)/g, "");
}

function overflow(detail: string): ValueResult {
  return problem("22003", "numeric field overflow", { detail });
}
