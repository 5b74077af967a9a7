/** Bounds as a person would write them: whole numbers without quotes, midnight without its zeros. */

import type { SessionSettings } from "../../catalog/catalog.ts";
import type { PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import { printBoundDatum } from "../../catalog/print.ts";
import { inIsoStyle } from "../../catalog/values/date-style.ts";
import { isIntegerTypeName } from "../../catalog/values/integer.ts";
import { baseType } from "../../catalog/values/types.ts";

/** `('2024-01-01', 10)`, for fixes and messages. It reads back as the same point. */
export function spellPoint(point: readonly RangeDatum[], key: PartitionKey, settings: SessionSettings): string {
  return `(${point.map((datum, index) => spellDatum(datum, index, key, settings)).join(", ")})`;
}

/** `FROM (…) TO (…)` */
export function spellRange(
  { lower, upper }: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  key: PartitionKey,
  settings: SessionSettings,
): string {
  return `FROM ${spellPoint(lower, key, settings)} TO ${spellPoint(upper, key, settings)}`;
}

function spellDatum(datum: RangeDatum, index: number, key: PartitionKey, settings: SessionSettings): string {
  const printed = printBoundDatum(datum, key, index, inIsoStyle(settings));
  if (datum.kind !== "value") return printed;
  const type = key.elements[index]?.type;
  const base = type === null || type === undefined ? null : baseType(type);
  const isNumber = base === null || (base.kind === "base" && isIntegerTypeName(base.name));
  if (datum.value.family === "integer" && isNumber) return String(datum.value.value);
  // With a time zone the time belongs to the offset behind it.
  const isTimestamp = base?.kind === "base" && base.name === "timestamp";
  return isTimestamp ? printed.replace(/ 00:00:00'$/, "'") : printed;
}
