/** Functions that cut, fill and trim text. */

import type { Value } from "../value.ts";
import { problem, type ValueResult, valueResult } from "./result.ts";

type TextFunction = (values: readonly Value[]) => ValueResult | null;

/** By name; each takes the values of a strict call, and gives null where it cannot tell the result. */
export const textFunctions: ReadonlyMap<string, TextFunction> = new Map<string, TextFunction>([
  ["substr", substring],
  ["substring", substring],
  ["btrim", (values) => trim(values, true, true)],
  ["ltrim", (values) => trim(values, true, false)],
  ["rtrim", (values) => trim(values, false, true)],
  ["rpad", padRight],
  ["split_part", splitPart],
  ["strpos", ([text, part]) => positionOf(text, part)],
  ["position", ([text, part]) => positionOf(text, part)],
]);

function text(value: string): ValueResult {
  return valueResult({ family: "text", value });
}

function numberOf(value: Value | undefined): number | null {
  return value?.family === "integer" ? Number(value.value) : null;
}

/** Counted from 1 in characters; what lies before the beginning counts for the length, but is not there. */
function substring([source, from, length]: readonly Value[]): ValueResult | null {
  const start = numberOf(from);
  if (source?.family !== "text" || start === null) return null;
  const characters = [...source.value];
  if (length === undefined) return text(characters.slice(Math.max(0, start - 1)).join(""));
  const count = numberOf(length);
  if (count === null) return null;
  if (count < 0) return problem("22011", "negative substring length not allowed");
  return text(characters.slice(Math.max(0, start - 1), Math.max(0, start - 1 + count)).join(""));
}

function trim([source, set]: readonly Value[], left: boolean, right: boolean): ValueResult | null {
  if (source?.family !== "text" || (set !== undefined && set.family !== "text")) return null;
  const away = new Set(set === undefined ? [" "] : [...set.value]);
  const characters = [...source.value];
  let start = 0;
  let end = characters.length;
  while (left && start < end && away.has(characters[start] ?? "")) start += 1;
  while (right && end > start && away.has(characters[end - 1] ?? "")) end -= 1;
  return text(characters.slice(start, end).join(""));
}

function padRight([source, length, fill]: readonly Value[]): ValueResult | null {
  const count = numberOf(length);
  if (source?.family !== "text" || count === null || count > 10_000) return null;
  const filling = fill === undefined ? [" "] : fill.family === "text" ? [...fill.value] : [];
  const characters = [...source.value].slice(0, Math.max(0, count));
  for (let index = 0; filling.length > 0 && characters.length < count; index += 1) {
    characters.push(filling[index % filling.length] ?? "");
  }
  return text(characters.join(""));
}

function splitPart([source, separator, field]: readonly Value[]): ValueResult | null {
  const index = numberOf(field);
  if (source?.family !== "text" || separator?.family !== "text" || index === null || index < 1) return null;
  const parts = separator.value === "" ? [source.value] : source.value.split(separator.value);
  return text(parts[index - 1] ?? "");
}

function positionOf(source: Value | undefined, part: Value | undefined): ValueResult | null {
  if (source?.family !== "text" || part?.family !== "text") return null;
  const at = source.value.indexOf(part.value);
  return valueResult({ family: "integer", value: BigInt(at < 0 ? 0 : [...source.value.slice(0, at)].length + 1) });
}
