/** `money`, `pg_lsn`, `xid8` and `tid` as PostgreSQL reads and prints them. */

import { declined, problem, type ValueContext, type ValueResult, valueResult } from "./result.ts";

/**
 * An amount in hundredths, as `lc_monetary` C and those like it have it. Where the database is known to follow another
 * language, which point and comma have another meaning, only whole numbers are read.
 */
export function readMoney(text: string, { catalog }: ValueContext): ValueResult {
  const collation = catalog.databaseCollation;
  const isPlain = collation === null || /^(?:C|POSIX|en_US|default)\b/i.test(collation);
  const match = /^\s*(-?)\$?\s*(\d[\d,]*|(?=\.\d))(?:\.(\d*))?\s*$/.exec(text);
  if (match === null) {
    return /[^-\s\d.,$()+]/.test(text) && isPlain
      ? problem("22P02", `invalid input syntax for type money: "${text}"`)
      : declined("an amount of money in another form");
  }
  const [, sign, whole = "", fraction = ""] = match;
  if (!isPlain && /[.,$]/.test(text)) return declined("an amount of money in another language");
  const digits = BigInt(`${whole.replaceAll(",", "")}${fraction.slice(0, 2).padEnd(2, "0")}`);
  const cents = digits + (/^[5-9]/.test(fraction.slice(2)) ? 1n : 0n);
  const value = sign === "-" ? -cents : cents;
  if (BigInt.asIntN(64, value) !== value) return problem("22003", `value "${text}" is out of range for type money`);
  return valueResult({ family: "integer", value });
}

export function printMoney(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, ",");
  return `${cents < 0n ? "-" : ""}$${whole}.${digits.slice(-2)}`;
}

export function readLogPosition(text: string): ValueResult {
  const match = /^([0-9a-fA-F]{1,8})\/([0-9a-fA-F]{1,8})$/.exec(text);
  if (match === null) return problem("22P02", `invalid input syntax for type pg_lsn: "${text}"`);
  const value = (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
  return valueResult({ family: "integer", value });
}

export function printLogPosition(value: bigint): string {
  return `${(value >> 32n).toString(16)}/${(value & 0xffffffffn).toString(16)}`.toUpperCase();
}

/** Signs and other bases than ten are declined. */
export function readTransactionId(text: string): ValueResult {
  if (!/^(?:0|[1-9]\d{0,18})$/.test(text.trim())) return declined("a transaction id in another form");
  return valueResult({ family: "integer", value: BigInt(text.trim()) });
}

/** A row's place: its block and its number there, in digits that are ordered as places are. */
export function readTupleId(text: string): ValueResult {
  const match = /^\s*\((\d{1,10}),(\d{1,5})\)$/.exec(text);
  const [block, offset] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || block > 0xffffffff || offset > 0xffff) {
    return /^[\s(),\d-]*$/.test(text)
      ? declined("a row's place in another form")
      : problem("22P02", `invalid input syntax for type tid: "${text}"`);
  }
  const hex = `${block.toString(16).padStart(8, "0")}${offset.toString(16).padStart(4, "0")}`;
  return valueResult({ family: "bytes", hex });
}

export function printTupleId(hex: string): string {
  return `(${Number.parseInt(hex.slice(0, 8), 16)},${Number.parseInt(hex.slice(8), 16)})`;
}

/** As a server of a little-endian machine keeps it: three words of 16 bits. */
export function tupleIdBytes(hex: string): string {
  return (hex.match(/..../g) ?? []).map((word) => word.slice(2) + word.slice(0, 2)).join("");
}
