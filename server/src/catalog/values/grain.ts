/** The grain of a type: where its values are counted, the first value at or behind a place between values. */

import type { DataType } from "../data-type.ts";
import type { Value } from "../value.ts";
import { floorDivide, isDate, isTimestamp, microsPerDay } from "./calendar.ts";
import { baseType } from "./types.ts";

/**
 * The least value of the type that is not below `value` (`after`: that is above it); null where the type has no grain
 * (text, float, numeric without a scale) or no such value. A date may be placed among timestamps: `value` may be a timestamp
 * where the type is date.
 */
export function firstOfType(type: DataType, value: Value, after: boolean): Value | null {
  const base = baseType(type);
  if (base.kind !== "base") return null;
  const { name, modifier } = base;
  switch (value.family) {
    case "integer":
      return integers.has(name) ? { family: "integer", value: value.value + (after ? 1n : 0n) } : null;
    case "numeric": {
      if (!("digits" in value) || name !== "numeric" || modifier?.scale == null) return null;
      const digits = firstMultiple(value.digits, value.scale, modifier.scale, after);
      return digits === null ? null : { family: "numeric", digits, scale: Math.max(modifier.scale, 0) };
    }
    case "date":
      if (name !== "date" || !isDate(value.days)) return null;
      return { family: "date", days: value.days + (after ? 1 : 0) };
    case "timestamp": {
      if (typeof value.micros !== "bigint") return null;
      if (name === "date") {
        const days = Number(floorDivide(value.micros - (after ? 0n : 1n), microsPerDay)) + 1;
        return isDate(days) ? { family: "date", days } : null;
      }
      if (name !== "timestamp" && name !== "timestamptz") return null;
      const micros = firstMicros(value.micros, modifier?.precision, after);
      return isTimestamp(micros) ? { family: "timestamp", micros } : null;
    }
    case "time": {
      if (name !== "time") return null;
      return { ...value, micros: firstMicros(value.micros, modifier?.precision, after) };
    }
    default:
      return null;
  }
}

const integers: ReadonlySet<string> = new Set(["int2", "int4", "int8"]);

/** Times are kept to so many digits of a second. */
const finest = 6;

function firstMicros(micros: bigint, precision: number | null | undefined, after: boolean): bigint {
  const unit = 10n ** BigInt(finest - Math.min(precision ?? finest, finest));
  return (floorDivide(micros - (after ? 0n : 1n), unit) + 1n) * unit;
}

/** As digits of the scale; null for a negative one, whose values are no longer decimals. */
function firstMultiple(digits: bigint, scale: number, to: number, after: boolean): bigint | null {
  if (to < 0) return null;
  if (to >= scale) return digits * 10n ** BigInt(to - scale) + (after ? 1n : 0n);
  return floorDivide(digits - (after ? 0n : 1n), 10n ** BigInt(scale - to)) + 1n;
}
