/** Computes PostgreSQL's operators on constants: arithmetic, comparison, concatenation, dates and intervals. */

import type { Json, Value } from "../value.ts";
import { compareValues } from "./compare.ts";
import { dateToMicros, localToInstant } from "./datetime.ts";
import {
  addDays,
  addInterval,
  addIntervals,
  divideInterval,
  multiplyInterval,
  negateInterval,
  subtractDates,
  subtractTimestamps,
} from "./datetime-arithmetic.ts";
import { checkedFloat } from "./float.ts";
import { checkedInteger, type IntegerTypeName, isIntegerTypeName } from "./integer.ts";
import { jsonElement, jsonText } from "./json.ts";
import { divideRounding, type FiniteNumeric, hasTooManyDigits, powerOfTen, roundNumeric } from "./numeric.ts";
import { declined, nullResult, problem, type ValueContext, type ValueResult, valueResult } from "./result.ts";
import { timeZoneOfSetting } from "./time-zone.ts";
import { mayCompute } from "./work.ts";

/** What an operator was resolved to, by the names of the builtin tables. */
export interface OperatorSignature {
  readonly name: string;
  readonly left: string | null;
  readonly right: string;
  readonly result: string;
}

/** The result of an operator on values that already have the types of its signature; `left` null for a prefix operator. */
export function computeOperator(
  signature: OperatorSignature,
  left: Value | null,
  right: Value,
  context: ValueContext,
): ValueResult {
  if (left === null) return computePrefix(signature, right);
  if (comparisons.has(signature.name)) return computeComparison(signature, left, right, context);
  if (signature.name === "||" && left.family === "text" && right.family === "text")
    return mayCompute(left.value.length + right.value.length, context.work)
      ? valueResult({ family: "text", value: left.value + right.value })
      : declined("a value of that size");
  if (left.family === "json") return computeJson(signature.name, left.json, right);
  if (left.family === "bits" && right.family === "bits") return computeBits(signature.name, left.digits, right.digits);
  if (left.family === "integer" && right.family === "integer" && isIntegerTypeName(signature.result))
    return computeIntegers(signature.name, left.value, right.value, signature.result);
  if (left.family === "numeric" && right.family === "numeric")
    return "special" in left || "special" in right
      ? declined("arithmetic with NaN or infinity")
      : restrictDigits(computeNumerics(signature.name, left, right));
  if (left.family === "float" && right.family === "float")
    return computeFloats(signature.name, left.value, right.value, signature.result);
  return computeDates(signature, left, right, context) ?? declined(`the operator ${signature.name}`);
}

const comparisons: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

function computePrefix(signature: OperatorSignature, value: Value): ValueResult {
  if (signature.name === "+") return valueResult(value);
  if (signature.name === "~" && value.family === "bits")
    return valueResult({ family: "bits", digits: value.digits.replace(/./g, (digit) => (digit === "0" ? "1" : "0")) });
  if (signature.name === "~" && value.family === "integer" && isIntegerTypeName(signature.result))
    return checkedInteger(~value.value, signature.result);
  if (signature.name !== "-") return declined(`the operator ${signature.name}`);
  switch (value.family) {
    case "integer":
      return isIntegerTypeName(signature.result)
        ? checkedInteger(-value.value, signature.result)
        : declined("a negative of another type");
    case "numeric":
      if ("special" in value) return declined("arithmetic with NaN or infinity");
      return valueResult({ family: "numeric", digits: -value.digits, scale: value.scale });
    case "float":
      return valueResult({ family: "float", value: -value.value });
    case "interval":
      return valueResult(negateInterval(value));
    default:
      return declined("a negative of another type");
  }
}

/** Digit by digit, of two of one length. */
function computeBits(name: string, left: string, right: string): ValueResult {
  const isOne = {
    "&": (a: string, b: string) => a === "1" && b === "1",
    "|": (a: string, b: string) => a === "1" || b === "1",
    "#": (a: string, b: string) => a !== b,
  }[name];
  if (isOne === undefined || left.length !== right.length) return declined(`the operator ${name}`);
  const digits = [...left].map((digit, index) => (isOne(digit, right[index] ?? "0") ? "1" : "0")).join("");
  return valueResult({ family: "bits", digits });
}

function computeComparison(
  signature: OperatorSignature,
  left: Value,
  right: Value,
  context: ValueContext,
): ValueResult {
  const [a, b] = alignDates(signature, left, right, context);
  if (a === null || b === null) return declined("a comparison across time zones");
  const order = compareValues(a, b, null);
  if (order === null) {
    // Texts that differ do so under every collation; which is greater depends on it.
    const isText = a.family === "text" && b.family === "text";
    if (!isText || (signature.name !== "=" && signature.name !== "<>"))
      return declined("a comparison that a collation decides");
    return valueResult({ family: "boolean", value: signature.name === "<>" });
  }
  return valueResult({ family: "boolean", value: holds(signature.name, order) });
}

function holds(name: string, order: number): boolean {
  switch (name) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

/** A date and a timestamp as two timestamps, a timestamp and a timestamptz as two instants. */
function alignDates(
  signature: OperatorSignature,
  left: Value,
  right: Value,
  context: ValueContext,
): readonly [Value | null, Value | null] {
  const toInstants = signature.left === "timestamptz" || signature.right === "timestamptz";
  const aligned = (value: Value, type: string | null): Value | null => {
    if (value.family !== "date" && value.family !== "timestamp") return value;
    const local = value.family === "date" ? dateToMicros(value.days) : value.micros;
    if (local === null || type === "timestamptz" || !toInstants)
      return local === null ? null : { family: "timestamp", micros: local };
    const instant = localToInstant(local, timeZoneOfSetting(context.settings.timeZone));
    return instant === null ? null : { family: "timestamp", micros: instant };
  };
  if (signature.left === signature.right) return [left, right];
  return [aligned(left, signature.left), aligned(right, signature.right)];
}

function computeIntegers(name: string, left: bigint, right: bigint, type: IntegerTypeName): ValueResult {
  switch (name) {
    case "+":
      return checkedInteger(left + right, type);
    case "-":
      return checkedInteger(left - right, type);
    case "*":
      return checkedInteger(left * right, type);
    case "/":
      return right === 0n ? divisionByZero() : checkedInteger(left / right, type);
    case "%":
      return right === 0n ? divisionByZero() : checkedInteger(left % right, type);
    case "&":
      return checkedInteger(left & right, type);
    case "|":
      return checkedInteger(left | right, type);
    case "#":
      return checkedInteger(left ^ right, type);
    default:
      return declined(`the operator ${name}`);
  }
}

function computeJson(name: string, left: Json, right: Value): ValueResult {
  const at = right.family === "text" || right.family === "integer" ? right.value : null;
  if (at === null || (name !== "->" && name !== "->>")) return declined(`the operator ${name}`);
  const found = jsonElement(left, at);
  if (found === null) return nullResult;
  if (name === "->") return valueResult({ family: "json", json: found });
  const text = jsonText(found);
  return text === null ? nullResult : valueResult({ family: "text", value: text });
}

/** As for numbers that are read: longer ones are PostgreSQL's to compute. */
function restrictDigits(result: ValueResult): ValueResult {
  if (result.kind !== "value" || result.value.family !== "numeric" || "special" in result.value) return result;
  return hasTooManyDigits(result.value) ? declined("a number with a thousand digits") : result;
}

function computeNumerics(name: string, left: FiniteNumeric, right: FiniteNumeric): ValueResult {
  const scale = Math.max(left.scale, right.scale);
  const a = roundNumeric(left, scale).digits;
  const b = roundNumeric(right, scale).digits;
  switch (name) {
    case "+":
      return valueResult({ family: "numeric", digits: a + b, scale });
    case "-":
      return valueResult({ family: "numeric", digits: a - b, scale });
    case "*":
      return valueResult({ family: "numeric", digits: left.digits * right.digits, scale: left.scale + right.scale });
    case "%":
      return b === 0n ? divisionByZero() : valueResult({ family: "numeric", digits: a % b, scale });
    case "/": {
      if (b === 0n) return divisionByZero();
      const resultScale = quotientScale(left, right);
      const dividend = a * powerOfTen(resultScale);
      const digits = divideRounding(b < 0n ? -dividend : dividend, b < 0n ? -b : b);
      return valueResult({ family: "numeric", digits, scale: resultScale });
    }
    default:
      return declined(`the operator ${name}`);
  }
}

/** PostgreSQL keeps at least 16 significant digits of a quotient, counted in groups of four. */
function quotientScale(left: FiniteNumeric, right: FiniteNumeric): number {
  const [leftWeight, leftFirst] = leadingGroup(left);
  const [rightWeight, rightFirst] = leadingGroup(right);
  const weight = leftWeight - rightWeight - (leftFirst <= rightFirst ? 1 : 0);
  return Math.min(1000, Math.max(16 - weight * 4, left.scale, right.scale, 0));
}

/** Position and value of the first group of four digits that is not zero. */
function leadingGroup(value: FiniteNumeric): readonly [weight: number, group: number] {
  if (value.digits === 0n) return [0, 0];
  const padding = (4 - (value.scale % 4)) % 4;
  const text = ((value.digits < 0n ? -value.digits : value.digits) * powerOfTen(padding)).toString();
  const size = text.length % 4 || 4;
  return [Math.ceil(text.length / 4) - 1 - (value.scale + padding) / 4, Number(text.slice(0, size))];
}

function computeFloats(name: string, left: number, right: number, type: string): ValueResult {
  const result = floatResult(name, left, right);
  if (result === "division-by-zero") return divisionByZero();
  if (result === null) return declined(`the operator ${name}`);
  if (!Number.isFinite(result) && Number.isFinite(left) && Number.isFinite(right))
    return problem("22003", "value out of range: overflow");
  if (result === 0 && name !== "+" && name !== "-" && left !== 0 && Number.isFinite(right) && right !== 0)
    return problem("22003", "value out of range: underflow");
  return checkedFloat(result, type === "float4" ? "float4" : "float8");
}

function floatResult(name: string, left: number, right: number): number | "division-by-zero" | null {
  switch (name) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 && !Number.isNaN(left) ? "division-by-zero" : left / right;
    default:
      return null;
  }
}

function computeDates(
  signature: OperatorSignature,
  left: Value,
  right: Value,
  context: ValueContext,
): ValueResult | null {
  const { name } = signature;
  if (name === "+" && isAddend(left) && !isAddend(right))
    return computeDates({ ...signature, left: signature.right, right: signature.left ?? "" }, right, left, context);
  if (name === "*" && left.family === "float" && right.family === "interval")
    return multiplyInterval(right, left.value);
  if (left.family === "interval") {
    if (right.family === "interval" && (name === "+" || name === "-"))
      return addIntervals(left, name === "+" ? right : negateInterval(right));
    if (right.family === "float" && name === "*") return multiplyInterval(left, right.value);
    return right.family === "float" && name === "/" ? divideInterval(left, right.value) : null;
  }
  if (name !== "+" && name !== "-") return null;
  if (left.family === "date" && right.family === "integer")
    return addDays(left.days, name === "+" ? right.value : -right.value);
  if (left.family === "date" && right.family === "date" && name === "-") return subtractDates(left.days, right.days);
  if (left.family === "timestamp" && right.family === "timestamp" && name === "-")
    return signature.left === signature.right ? subtractTimestamps(left.micros, right.micros) : null;
  const micros =
    left.family === "timestamp" ? left.micros : left.family === "date" ? dateToMicros(left.days) : undefined;
  if (micros === undefined) return null;
  if (micros === null) return problem("22008", "date out of range for timestamp");
  if (right.family === "interval") {
    const zone = signature.left === "timestamptz" ? timeZoneOfSetting(context.settings.timeZone) : null;
    if (signature.left === "timestamptz" && zone === null) return declined("a time zone that is not known");
    return addInterval(micros, name === "+" ? right : negateInterval(right), zone);
  }
  if (left.family === "date" && right.family === "time" && right.zone === null && name === "+")
    return addInterval(micros, { family: "interval", months: 0, days: 0, micros: right.micros }, null);
  return null;
}

/** What stands on the right of `date + …` in PostgreSQL's own operators. */
function isAddend(value: Value): boolean {
  return value.family === "interval" || value.family === "integer" || value.family === "time";
}

function divisionByZero(): ValueResult {
  return problem("22012", "division by zero");
}
