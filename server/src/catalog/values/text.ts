/** Character strings: `text`, `varchar`, `char(n)`, `name` and `"char"` as PostgreSQL cuts, pads and orders them. */

import { truncateIdentifier } from "../../syntax/names.ts";
import type { TypeModifier } from "../data-type.ts";
import { declined, problem, type ValueResult, valueResult } from "./result.ts";

export type TextTypeName = "text" | "varchar" | "bpchar" | "name" | "char";

/**
 * The string as one of the type. An explicit cast cuts what is too long; input and assignment cut blanks only.
 * `char(n)` is kept without its trailing blanks, which count for nothing; printing pads it again.
 */
export function readText(
  text: string,
  type: TextTypeName,
  modifier: TypeModifier | null,
  tooLong: "cut" | "refuse",
): ValueResult {
  switch (type) {
    case "text":
      return valueResult({ family: "text", value: text });
    case "varchar": {
      const limit = modifier?.length;
      if (limit === undefined || text.length <= limit) return valueResult({ family: "text", value: text });
      return limited(text, limit, tooLong, "character varying");
    }
    case "bpchar": {
      const limit = modifier?.length;
      const trimmed = trimBlanks(text);
      if (limit === undefined || trimmed.length <= limit) return valueResult({ family: "text", value: trimmed });
      return limited(trimmed, limit, tooLong, "character");
    }
    case "name":
      return valueResult({ family: "text", value: truncateIdentifier(text) });
    case "char":
      if (/^[\x20-\x5b\x5d-\x7e]/.test(text) || text === "")
        return valueResult({ family: "text", value: text.slice(0, 1) });
      return declined('a "char" that is no plain letter');
  }
}

/** Without the blanks at the end, as `char(n)` is compared and cast. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** The number of characters as PostgreSQL counts them: code points. */
export function characterCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

/** `char(n)` as it is stored and printed: padded with blanks to its length. */
export function padCharacters(text: string, length: number): string {
  const missing = length - characterCount(text);
  return missing > 0 ? text + " ".repeat(missing) : text;
}

/** Whether a collation orders by code points. */
export function isByteOrder(collation: string | null): boolean {
  return collation !== null && byteOrders.has(collation);
}

/**
 * The order under a collation. Equal texts are equal under all of them; where a collation of a language may order two texts
 * in another way than "C" does, the order is null: only letters and digits of ASCII that differ in more than case are
 * taken to be in alphabetical order everywhere. `default` is the collation of a database that is not known: it is taken to be
 * "C", as that of the embedded PostgreSQL is; `isOrderAssumed` tells where that matters.
 */
export function compareTexts(a: string, b: string, collation: string | null): number | null {
  if (a === b) return 0;
  if (isByteOrder(collation)) return compareCodePoints(a, b);
  return compareEverywhere(a, b) ?? (collation !== null && rootOrders.has(collation) ? compareByRoot(a, b) : null);
}

/** The collations of ICU that order letters of the Latin script as its root collation does, without rules of their own. */
const rootOrders: ReadonlySet<string> = new Set([
  "und-x-icu",
  "unicode",
  "en-x-icu",
  "en-US-x-icu",
  "en-GB-x-icu",
  "de-x-icu",
]);

/**
 * As ICU's root collation has it, and equal ones by their bytes, as PostgreSQL's deterministic collations do. Only of letters of
 * the Latin script and digits: the order of others changes between versions of ICU. English adds no rule to the root.
 */
function compareByRoot(a: string, b: string): number | null {
  if (!latin.test(a) || !latin.test(b)) return null;
  rootCollator ??= new Intl.Collator("en");
  return rootCollator.compare(a, b) || compareCodePoints(a, b);
}

const latin = /^[\p{Script=Latin}0-9]{0,200}$/u;
let rootCollator: Intl.Collator | null = null;

/** Whether the order of two texts rests on `default` being "C". */
export function isOrderAssumed(a: string, b: string, collation: string | null): boolean {
  return collation === unknownDefault && a !== b && compareEverywhere(a, b) === null;
}

/** By code points, which is the order of the bytes of UTF-8. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return astralLast(left) - astralLast(right);
  }
  return a.length - b.length;
}

/** The collation of a database of which nothing is known. */
const unknownDefault = "default";
const byteOrders: ReadonlySet<string> = new Set(["C", "POSIX", "ucs_basic", "pg_c_utf8", unknownDefault]);
const alphanumeric = /^[0-9A-Za-z]*$/;

function limited(text: string, limit: number, tooLong: "cut" | "refuse", typeName: string): ValueResult {
  const end = characterOffset(text, limit);
  if (end >= text.length) return valueResult({ family: "text", value: text });
  if (tooLong === "refuse" && !/^ *$/.test(text.slice(end)))
    return problem("22001", `value too long for type ${typeName}(${limit})`);
  const cut = text.slice(0, end);
  return valueResult({ family: "text", value: typeName === "character" ? trimBlanks(cut) : cut });
}

/** The offset after `count` characters. */
function characterOffset(text: string, count: number): number {
  let at = 0;
  for (let seen = 0; seen < count && at < text.length; seen++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}

/** UTF-16 units in the order of the code points they belong to: surrogates after the rest of the basic plane. */
function astralLast(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

function compareEverywhere(a: string, b: string): number | null {
  let same = 0;
  while (same < a.length && same < b.length && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  const left = a.slice(same);
  const right = b.slice(same);
  if (!alphanumeric.test(left) || !alphanumeric.test(right)) return null;
  const folded = compareCodePoints(left.toLowerCase(), right.toLowerCase());
  const byBytes = compareCodePoints(left, right);
  return folded < 0 === byBytes < 0 && folded !== 0 ? byBytes : null;
}
