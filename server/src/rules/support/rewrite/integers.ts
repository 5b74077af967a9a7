/** Conditions on an integer behind a cast, arithmetic, a function, or beside a constant of another type, on the column itself. */

import type { Expr } from "pgsql-ast-parser";
import { offsetOfLocalTime, timeZoneOfSetting } from "../../../catalog/values/time-zone.ts";
import {
  type Compared,
  type Comparison,
  callOf,
  castTypeOf,
  flip,
  integer,
  isColumn,
  type KeyColumn,
  type Limit,
} from "./condition.ts";
import { readLocalTime } from "./local-time.ts";

export type IntegerType = "smallint" | "integer" | "bigint";

export interface IntegerKey extends KeyColumn {
  readonly base: IntegerType;
}

/** What one comparison says of the column; null where that is not known to be the same. */
export function limitsOfInteger(compared: Compared, key: IntegerKey): readonly Limit[] | null {
  return (
    ofColumn(compared, key) ??
    ofText(compared, key) ??
    ofShifted(compared, key) ??
    ofQuotient(compared, key) ??
    ofEpoch(compared, key) ??
    ofDefaulted(compared, key)
  );
}

/** `k op 5.5`, and `k::numeric op 5`: a wider type holds the same numbers. */
function ofColumn({ side, operator, constant }: Compared, key: IntegerKey): readonly Limit[] | null {
  const type = castTypeOf(side);
  const operand = side.type === "cast" ? side.operand : side;
  if (!isColumn(operand, key.name)) return null;
  const wider = ["integer", "bigint", "numeric", ...(key.base === "bigint" ? [] : ["double precision"])];
  if (side.type === "cast" && (type === null || !wider.includes(type) || (type === "integer" && key.base === "bigint")))
    return null;
  const number = numberOf(constant, key);
  return number === null ? null : rounded(operator, number, key);
}

/** `k::text = '5'`, where the text is what PostgreSQL prints. */
function ofText({ side, operator, constant }: Compared, key: IntegerKey): readonly Limit[] | null {
  if (operator !== "=" || side.type !== "cast" || !isColumn(side.operand, key.name)) return null;
  if (!["text", "varchar"].includes(castTypeOf(side) ?? "") || constant.type !== "string") return null;
  return /^(?:0|-?[1-9]\d{0,15})$/.test(constant.value) ? limit("=", BigInt(constant.value), key) : null;
}

/** `k + 10 op 150`, `k - 1 op 5`, `10 + k op …`, `100 - k op …`. */
function ofShifted({ side, operator, constant }: Compared, key: IntegerKey): readonly Limit[] | null {
  if (side.type !== "binary" || (side.op !== "+" && side.op !== "-")) return null;
  const [value, left, right] = [wholeNumber(constant), wholeNumber(side.left), wholeNumber(side.right)];
  if (value === null) return null;
  if (isColumn(side.left, key.name) && right !== null)
    return limit(operator, side.op === "+" ? value - right : value + right, key);
  if (!isColumn(side.right, key.name) || left === null) return null;
  return side.op === "+" ? limit(operator, value - left, key) : limit(flip(operator), left - value, key);
}

/** `k / 1000 op 5`, which drops what is left over. */
function ofQuotient({ side, operator, constant }: Compared, key: IntegerKey): readonly Limit[] | null {
  if (side.type !== "binary" || side.op !== "/" || !isColumn(side.left, key.name)) return null;
  const [by, value] = [wholeNumber(side.right), wholeNumber(constant)];
  // Towards zero: below it the other way round.
  if (by === null || value === null || by <= 0n || value <= 0n) return null;
  const [low, high] = [value * by, (value + 1n) * by];
  switch (operator) {
    case "=": {
      const [from, to] = [limit(">=", low, key), limit("<", high, key)];
      return from === null || to === null ? null : [...from, ...to];
    }
    case ">=":
      return limit(">=", low, key);
    case ">":
      return limit(">=", high, key);
    case "<":
      return limit("<", low, key);
    case "<=":
      return limit("<", high, key);
  }
}

/** `to_timestamp(k) op '2024-01-01'`: a key that counts seconds since 1970. */
function ofEpoch({ side, operator, constant }: Compared, key: IntegerKey): readonly Limit[] | null {
  const [operand, ...more] = callOf(side, "to_timestamp") ?? [];
  if (!isColumn(operand, key.name) || more.length > 0) return null;
  const isTyped = constant.type === "cast" && castTypeOf(constant) === "timestamptz";
  const text = constant.type === "string" ? constant : isTyped ? constant.operand : null;
  const seconds = text?.type === "string" ? instantOf(text.value, key.settings.timeZone) : null;
  return seconds === null ? null : limit(operator, BigInt(seconds), key);
}

/** Seconds since 1970 of a timestamptz constant, with `Z`, a whole offset, or the session's zone. */
function instantOf(text: string, zoneSetting: string): number | null {
  const [, local = "", offset] = /^(.*?)(Z|[+-]\d{2}(?::?00)?)?$/.exec(text.trim()) ?? [];
  const time = readLocalTime(local);
  if (time === null) return null;
  const unix = time + Date.UTC(2000, 0, 1) / 1000;
  if (offset !== undefined) return offset === "Z" ? unix : unix - Number(offset.slice(0, 3)) * 3600;
  const zone = timeZoneOfSetting(zoneSetting);
  const east = zone === null ? null : offsetOfLocalTime(zone, time);
  return east === null ? null : unix - east;
}

/** `coalesce(k, 0) op 5` where `0 op 5` does not hold, so that rows without a value are none of those meant. */
function ofDefaulted({ side, operator, constant }: Compared, key: IntegerKey): readonly Limit[] | null {
  const [operand, instead, ...more] = callOf(side, "coalesce") ?? [];
  if (!isColumn(operand, key.name) || instead === undefined || more.length > 0) return null;
  const [other, value] = [wholeNumber(instead), wholeNumber(constant)];
  if (other === null || value === null) return null;
  const holds = {
    "=": other === value,
    ">": other > value,
    ">=": other >= value,
    "<": other < value,
    "<=": other <= value,
  };
  return holds[operator] ? null : limit(operator, value, key);
}

function rounded(operator: Comparison, number: number, key: IntegerKey): readonly Limit[] | null {
  const floor = BigInt(Math.floor(number));
  if (Number.isInteger(number)) return limit(operator, floor, key);
  if (operator === "=") return null;
  return operator === ">" || operator === ">=" ? limit(">=", floor + 1n, key) : limit("<=", floor, key);
}

/** A number of any type that is compared exactly with the key; null beyond what a double holds exactly. */
function numberOf(constant: Expr, key: IntegerKey): number | null {
  const type = castTypeOf(constant);
  const literal = constant.type === "cast" ? constant.operand : constant;
  const plain =
    literal.type === "integer" || literal.type === "numeric"
      ? literal.value
      : literal.type === "string" && /^-?\d{1,15}(?:\.\d{1,6})?$/.test(literal.value) && constant.type === "cast"
        ? Number(literal.value)
        : null;
  if (plain === null || Math.abs(plain) > Number.MAX_SAFE_INTEGER) return null;
  if (constant.type !== "cast") return plain;
  switch (type) {
    case "real":
      // Beyond it, whole numbers of the key are no longer told apart.
      return key.base === "bigint" && Math.abs(plain) > 2 ** 52 ? null : Math.fround(plain);
    case "double precision":
      return key.base === "bigint" && Math.abs(plain) > 2 ** 52 ? null : plain;
    case "numeric":
      return plain;
    case "integer":
    case "bigint":
      return Number.isInteger(plain) ? plain : null;
    default:
      return null;
  }
}

function wholeNumber(node: Expr): bigint | null {
  return node.type === "integer" && Number.isSafeInteger(node.value) ? BigInt(node.value) : null;
}

const most: Readonly<Record<IntegerType, bigint>> = {
  smallint: 32_767n,
  integer: 2_147_483_647n,
  bigint: 2n ** 53n - 1n,
};

/** Null where the value is none of the key's type, for then it would be compared as another type again. */
function limit(operator: Comparison, value: bigint, { base }: IntegerKey): readonly Limit[] | null {
  const node = value > most[base] || value < -most[base] ? null : integer(value);
  return node === null ? null : [{ operator, value: node }];
}
