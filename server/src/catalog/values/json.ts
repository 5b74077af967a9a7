/** `jsonb` as PostgreSQL reads, orders and prints it, and what its operators find in it. */

import type { Json } from "../value.ts";
import { compareNumerics, parseNumeric, printNumeric } from "./numeric.ts";
import { hexOfUtf8 } from "./scalar.ts";
import { compareTexts } from "./text.ts";

/** Deeper nesting is not read. */
const deepest = 200;

/** The value of a JSON text; null where it is no JSON, or in a form that PostgreSQL may refuse. */
export function parseJson(text: string): Json | null {
  const reader = { text, at: 0 };
  const value = readJson(reader, 0);
  skipBlanks(reader);
  return reader.at === text.length ? value : null;
}

interface Reader {
  readonly text: string;
  at: number;
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const string = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

function skipBlanks(reader: Reader): void {
  while (" \t\n\r".includes(reader.text.charAt(reader.at)) && reader.at < reader.text.length) reader.at++;
}

function take(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at;
  const [found] = pattern.exec(reader.text) ?? [];
  if (found === undefined) return null;
  reader.at += found.length;
  return found;
}

function takeMark(reader: Reader, mark: string): boolean {
  skipBlanks(reader);
  if (!reader.text.startsWith(mark, reader.at)) return false;
  reader.at += mark.length;
  return true;
}

function readJson(reader: Reader, depth: number): Json | null {
  if (depth > deepest) return null;
  if (takeMark(reader, "{")) return readObject(reader, depth);
  if (takeMark(reader, "[")) return readArray(reader, depth);
  for (const value of [true, false]) if (takeMark(reader, String(value))) return { type: "boolean", value };
  if (takeMark(reader, "null")) return { type: "null" };
  const text = readString(reader);
  if (text !== null) return { type: "string", value: text };
  const digits = take(reader, number);
  const value = digits === null ? null : parseNumeric(digits, 18);
  return value === null || value === "too-long" || "special" in value ? null : { type: "number", value };
}

/** Text that PostgreSQL cannot keep, with the character 0 or half a character, is declined. */
function readString(reader: Reader): string | null {
  const quoted = take(reader, string);
  if (quoted === null) return null;
  const text: unknown = JSON.parse(quoted);
  return typeof text === "string" && !text.includes("\0") && !/\p{Cs}/u.test(text) ? text : null;
}

function readArray(reader: Reader, depth: number): Json | null {
  const items: Json[] = [];
  if (takeMark(reader, "]")) return { type: "array", items };
  do {
    const item = readJson(reader, depth + 1);
    if (item === null) return null;
    items.push(item);
  } while (takeMark(reader, ","));
  return takeMark(reader, "]") ? { type: "array", items } : null;
}

/** Of equal keys the last one counts; shorter keys come first. */
function readObject(reader: Reader, depth: number): Json | null {
  const members = new Map<string, Json>();
  if (!takeMark(reader, "}")) {
    do {
      skipBlanks(reader);
      const key = readString(reader);
      const value = key !== null && takeMark(reader, ":") ? readJson(reader, depth + 1) : null;
      if (key === null || value === null) return null;
      members.set(key, value);
    } while (takeMark(reader, ","));
    if (!takeMark(reader, "}")) return null;
  }
  const sorted = [...members].map(([key, value]) => ({ key, value, hex: hexOfUtf8(key) }));
  sorted.sort((a, b) => a.hex.length - b.hex.length || (a.hex < b.hex ? -1 : 1));
  return { type: "object", members: sorted.map(({ key, value }) => ({ key, value })) };
}

export function printJson(json: Json): string {
  switch (json.type) {
    case "null":
      return "null";
    case "boolean":
      return String(json.value);
    case "number":
      return printNumeric(json.value);
    case "string":
      return quoteJson(json.value);
    case "array":
      return `[${json.items.map(printJson).join(", ")}]`;
    case "object":
      return `{${json.members.map(({ key, value }) => `${quoteJson(key)}: ${printJson(value)}`).join(", ")}}`;
  }
}

/** `escape_json`; JavaScript escapes the same, and halves of characters, which there are none of. */
function quoteJson(text: string): string {
  return JSON.stringify(text);
}

/** What `->` finds under a key or at a place, which counts from the end where it is negative; null for nothing. */
export function jsonElement(json: Json, at: string | bigint): Json | null {
  if (typeof at === "string")
    return json.type === "object" ? (json.members.find(({ key }) => key === at)?.value ?? null) : null;
  if (json.type !== "array") return null;
  const place = Number(at);
  return json.items[place < 0 ? json.items.length + place : place] ?? null;
}

/** The text that `->>` gives; null for JSON's null. */
export function jsonText(json: Json): string | null {
  if (json.type === "null") return null;
  return json.type === "string" ? json.value : printJson(json);
}

/** `compareJsonbContainers`: null where the database's collation decides. */
export function compareJson(a: Json, b: Json): number | null {
  const [left, right] = [isScalar(a), isScalar(b)];
  // A value on its own is kept as an array of one, and comes before real arrays of as many.
  if (left !== right) {
    const array = left ? b : a;
    if (array.type === "object") return left ? -1 : 1;
    const size = array.type === "array" ? array.items.length : 0;
    return size === 0 ? (left ? 1 : -1) : left ? -1 : 1;
  }
  return compareInside(a, b);
}

function isScalar(json: Json): boolean {
  return json.type !== "array" && json.type !== "object";
}

const ranks: Readonly<Record<Json["type"], number>> = {
  null: 0,
  string: 1,
  number: 2,
  boolean: 3,
  array: 4,
  object: 5,
};

function compareInside(a: Json, b: Json): number | null {
  if (a.type === "string" && b.type === "string") return compareTexts(a.value, b.value, null);
  if (a.type === "number" && b.type === "number") return compareNumerics(a.value, b.value);
  if (a.type === "boolean" && b.type === "boolean") return Number(a.value) - Number(b.value);
  if (a.type === "array" && b.type === "array") {
    if (a.items.length !== b.items.length) return a.items.length - b.items.length;
    return compareEach(a.items, b.items);
  }
  if (a.type === "object" && b.type === "object") {
    if (a.members.length !== b.members.length) return a.members.length - b.members.length;
    const parts = (json: typeof a): readonly Json[] =>
      json.members.flatMap(({ key, value }) => [{ type: "string", value: key }, value] as const);
    return compareEach(parts(a), parts(b));
  }
  return ranks[a.type] - ranks[b.type];
}

function compareEach(a: readonly Json[], b: readonly Json[]): number | null {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    const order = right === undefined ? 1 : compareInside(left, right);
    if (order !== 0) return order;
  }
  return 0;
}
