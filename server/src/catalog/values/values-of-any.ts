/** Functions that take values of any type: `concat`, `to_jsonb`, `jsonb_build_object`, `enum_first` and `enum_last`. */

import type { Json, Value } from "../value.ts";
import { type FoldContext, type Folded, unsureType } from "./folded.ts";
import { parseJson } from "./json.ts";
import { printNumeric } from "./numeric.ts";
import { printValue } from "./print.ts";
import { baseType, baseTypeNamed } from "./types.ts";
import { mayCompute } from "./work.ts";

/** What such a function gives for these arguments, NULL among them; undefined for another function, or where it is not computed. */
export function valueOfAny(
  name: string,
  values: readonly (Value | null)[],
  parts: readonly Folded[],
  context: FoldContext,
): Value | undefined {
  switch (name) {
    case "concat":
      return concatenated(values, parts, context);
    case "to_jsonb": {
      const json = values.length === 1 && values[0] != null ? jsonOf(values[0], parts[0]) : null;
      return json === null ? undefined : { family: "json", json };
    }
    case "jsonb_build_object":
      return jsonObject(values, parts, context);
    case "enum_first":
    case "enum_last":
      return enumEnd(name, parts);
    default:
      return undefined;
  }
}

/** The arguments as their output functions print them, without those that are NULL. */
function concatenated(
  values: readonly (Value | null)[],
  parts: readonly Folded[],
  context: FoldContext,
): Value | undefined {
  const texts: string[] = [];
  for (const [index, value] of values.entries()) {
    const type = parts[index]?.type;
    if (type === undefined || type === unsureType) return undefined;
    // Of booleans the output function prints one letter.
    if (value !== null) texts.push(printValue(value, type ?? baseTypeNamed("text"), context.settings));
  }
  const size = texts.reduce((sum, text) => sum + text.length, 0);
  if (!mayCompute(size, context.work)) return undefined;
  return { family: "text", value: texts.join("") };
}

/** Keys and values by turns; read as jsonb, which sorts them and keeps the last of those with one key. */
function jsonObject(
  values: readonly (Value | null)[],
  parts: readonly Folded[],
  context: FoldContext,
): Value | undefined {
  if (values.length % 2 !== 0) return undefined;
  const members: string[] = [];
  for (let index = 0; index < values.length; index += 2) {
    const [key, value] = [values[index], values[index + 1]];
    if (key?.family !== "text" || value === undefined) return undefined;
    const text = value === null ? "null" : jsonText(value, parts[index + 1]);
    if (text === null) return undefined;
    members.push(`${JSON.stringify(key.value)}: ${text}`);
  }
  const size = members.reduce((sum, text) => sum + text.length, 0);
  const json = mayCompute(size, context.work) ? parseJson(`{${members.join(", ")}}`) : null;
  return json === null ? undefined : { family: "json", json };
}

function jsonOf(value: Value, part: Folded | undefined): Json | null {
  const text = jsonText(value, part);
  return text === null ? null : parseJson(text);
}

/** A value as JSON; null for types that are written as strings in ways of their own. */
function jsonText(value: Value, part: Folded | undefined): string | null {
  if (part === undefined || part.type === unsureType) return null;
  const type = part.type === null ? null : baseType(part.type);
  const name = type === null ? "text" : type.kind === "base" ? type.name : "";
  if (value.family === "integer") return /^int[248]$/.test(name) ? String(value.value) : null;
  if (value.family === "numeric") return "special" in value ? null : printNumeric(value);
  if (value.family === "boolean") return String(value.value);
  if (value.family === "text") return name === "text" || name === "varchar" ? JSON.stringify(value.value) : null;
  return null;
}

/** The first or last label of the enum that the argument has as its type, whatever its value. */
function enumEnd(name: "enum_first" | "enum_last", [part]: readonly Folded[]): Value | undefined {
  const type = part?.type == null ? null : baseType(part.type);
  if (type?.kind !== "enum") return undefined;
  const order = name === "enum_first" ? 0 : type.labels.length - 1;
  const label = type.labels[order];
  return label === undefined ? undefined : { family: "enum", label, order };
}
