/** Bounds and their values as they are written into SQL: whole numbers without quotes, midnight without zeros, offsets kept. */

import type { SessionSettings } from "./catalog.ts";
import type { DataType } from "./data-type.ts";
import type { Bound, PartitionKey, RangeDatum } from "./partitioning.ts";
import { printBound } from "./print.ts";
import type { Value } from "./value.ts";
import { inIsoStyle } from "./values/date-style.ts";
import { printBoundValue } from "./values/print.ts";
import { baseType } from "./values/types.ts";

/** `FOR VALUES FROM ('2024-01-01') TO (10)`, `DEFAULT`. It reads back as the same bound in every session. */
export function spellBound(bound: Bound, key: PartitionKey, settings: SessionSettings): string {
  switch (bound.kind) {
    case "range":
      return `FOR VALUES ${spellRange(bound, key, settings)}`;
    case "list": {
      const values = bound.values.map((value) =>
        value === null ? "NULL" : spellDatum({ kind: "value", value }, 0, key, settings),
      );
      return `FOR VALUES IN (${values.join(", ")})`;
    }
    default:
      return printBound(bound, key, settings);
  }
}

/** `FROM (…) TO (…)` */
export function spellRange(
  { lower, upper }: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  key: PartitionKey,
  settings: SessionSettings,
): string {
  return `FROM ${spellPoint(lower, key, settings)} TO ${spellPoint(upper, key, settings)}`;
}

/** `('2024-01-01', 10)` */
export function spellPoint(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return `(${point.map((datum, index) => spellDatum(datum, index, key, settings)).join(", ")})`;
}

/** One value of a point: `MINVALUE`, `10`, `'2024-01-01'`. */
export function spellDatum(datum: RangeDatum, column: number, key: PartitionKey, settings: SessionSettings): string {
  if (datum.kind !== "value") return datum.kind.toUpperCase();
  return spellValue(datum.value, key.elements[column]?.type ?? null, settings);
}

/** The constant for a value of the type; with null for a type that is not known. */
export function spellValue(value: Value, type: DataType | null, settings: SessionSettings): string {
  const base = type === null ? null : baseType(type);
  const name = base?.kind === "base" ? base.name : null;
  const printed = printBoundValue(value, type ?? unknownType, inIsoStyle(settings));
  const number = /^'?(-?\d+(?:\.\d+)?)'?$/.exec(printed)?.[1];
  if (number !== undefined && (type === null ? value.family === "integer" : numberTypes.has(name ?? ""))) return number;
  // With a time zone the time belongs to the offset behind it.
  return name === "timestamp" ? printed.replace(/ 00:00:00'$/, "'") : printed;
}

/** Types whose numbers the grammar reads as constants that cast to the same value. */
const numberTypes: ReadonlySet<string> = new Set(["int2", "int4", "int8", "oid", "numeric"]);

const unknownType: DataType = { kind: "unknown", schema: null, name: "unknown" };
