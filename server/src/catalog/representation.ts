/** Values told apart as PostgreSQL stores them: numeric 1.0 and 1.00 are equal, but not the same datum. */

import type { Value } from "./value.ts";

/** A text that is the same for two values where they are the same datum, bit for bit, and for no others. */
export function representationOf(value: Value | null): string {
  return dataText(value);
}

/** Values are plain data. */
function dataText(data: unknown): string {
  if (typeof data === "string") return JSON.stringify(data);
  if (Object.is(data, -0)) return "-0";
  if (typeof data !== "object" || data === null) return `${typeof data}:${String(data)}`;
  const parts = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${parts.map(([name, part]) => `${name}=${dataText(part)}`).join(",")}}`;
}
