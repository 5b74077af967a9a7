/** Folds literals and the values of the clock. */

import type { ConstantValue } from "../../syntax/expression.ts";
import type { Value } from "../value.ts";
import { readBits } from "./bits.ts";
import { dayNumber, microsPerDay } from "./calendar.ts";
import { instantToLocal, localToInstant, microsToDate } from "./datetime.ts";
import { type FoldContext, type Folded, folded, unsureType } from "./folded.ts";
import { fitsInteger } from "./integer.ts";
import { parseNumeric } from "./numeric.ts";
import { timeZoneOfSetting } from "./time-zone.ts";
import { baseTypeNamed } from "./types.ts";

export function foldConstant(constant: ConstantValue): Folded {
  switch (constant.type) {
    case "integer":
    case "decimal":
      return foldNumber(constant.text);
    case "string":
      return folded(null, { value: { family: "text", value: constant.text } });
    case "boolean":
      return folded(baseTypeNamed("bool"), { value: { family: "boolean", value: constant.text === "true" } });
    case "bits":
      return foldBits(constant.text);
    case "null":
      return folded(null, { value: null });
  }
}

/** `b'101'`, `x'1F'` */
function foldBits(text: string): Folded {
  const read = readBits(text, "bit", null);
  return folded(baseTypeNamed("bit"), read.kind === "value" ? { value: read.value } : { reason: "a bit string" });
}

export function foldSqlValue(name: string, context: FoldContext): Folded {
  const plain = name.replace(/\(.*$/, "");
  const type = sqlValueTypes.get(plain);
  if (type === undefined) return folded(unsureType, { volatility: "stable" });
  return folded(baseTypeNamed(type), { volatility: "stable", value: clockValue(type, context) });
}

/** What the clock is taken to show: midnight of `today` in the session's zone, or the moment before the next one. A time is exact. */
export function clockValue(type: string, context: FoldContext): Value | undefined {
  const moment = momentOf(context.today);
  if (moment !== null) return valueAt(moment, type, context);
  const match = context.today === null ? null : /^(\d{4})-(\d\d)-(\d\d)/.exec(context.today);
  if (match === null) return undefined;
  const days = dayNumber(Number(match[1]), Number(match[2]), Number(match[3]));
  if (type === "date") return { family: "date", days };
  const local = BigInt(days) * microsPerDay + (context.atEndOfDay === true ? microsPerDay - 1n : 0n);
  if (type === "timestamp") return { family: "timestamp", micros: local };
  const instant = type === "timestamptz" ? localToInstant(local, timeZoneOfSetting(context.settings.timeZone)) : null;
  return instant === null ? undefined : { family: "timestamp", micros: instant };
}

/** The instant that `today` says with its time, in microseconds since 2000; null where it is a date only. */
export function momentOf(today: string | null): bigint | null {
  const match = today === null ? null : /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z$/.exec(today);
  const milliseconds = match === null ? Number.NaN : Date.parse(match[0]);
  return Number.isNaN(milliseconds) ? null : (BigInt(milliseconds) - epochOf2000) * 1000n;
}

const epochOf2000 = 946_684_800_000n;

function valueAt(instant: bigint, type: string, { settings }: FoldContext): Value | undefined {
  if (type === "timestamptz") return { family: "timestamp", micros: instant };
  const local = instantToLocal(instant, timeZoneOfSetting(settings.timeZone));
  if (local === null) return undefined;
  if (type === "timestamp") return { family: "timestamp", micros: local };
  return type === "date" ? { family: "date", days: microsToDate(local) } : undefined;
}

/** A number is an `integer` if it fits, else a `bigint`, else a `numeric`. */
function foldNumber(text: string): Folded {
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text);
    for (const name of ["int4", "int8"] as const)
      if (fitsInteger(value, name)) return folded(baseTypeNamed(name), { value: { family: "integer", value } });
  }
  // The scanner of every version that reads other bases has already read this one.
  const value = parseNumeric(text, 19);
  const numeric = baseTypeNamed("numeric");
  if (value === null || value === "too-long") return folded(numeric, { reason: "a number of extreme size" });
  if (/^0[xob]/i.test(text) && "digits" in value) {
    for (const name of ["int4", "int8"] as const)
      if (fitsInteger(value.digits, name))
        return folded(baseTypeNamed(name), { value: { family: "integer", value: value.digits } });
  }
  return folded(numeric, { value });
}

const sqlValueTypes: ReadonlyMap<string, string> = new Map([
  ["current_date", "date"],
  ["current_timestamp", "timestamptz"],
  ["localtimestamp", "timestamp"],
  ["current_time", "timetz"],
  ["localtime", "time"],
  ["current_user", "name"],
  ["session_user", "name"],
  ["user", "name"],
  ["current_role", "name"],
  ["current_catalog", "name"],
  ["current_schema", "name"],
]);
