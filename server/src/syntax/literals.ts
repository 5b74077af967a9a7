/** String constants: the value that a piece of source text stands for, and the source text for a value. */

import { dollarTagEnd } from "./characters.ts";
import { continuationStart } from "./lexer.ts";

/**
 * The value of a string token's source text: `'…'` with doubled quotes, `E'…'`, `U&'…'` (with the character of its
 * UESCAPE clause), `N'…'`, dollar quotes, and strings continued on a following line. An unterminated string counts to its end.
 */
export function decodeString(source: string, escapeCharacter = "\\"): string {
  if (source.startsWith("$")) return decodeDollarQuote(source);
  if (source.startsWith("'")) return joinParts(source, 1, "'");
  const prefix = source.charAt(0).toLowerCase();
  if (prefix === "e") return decodeEscapes(joinParts(source, 2, "\\"));
  if (prefix === "u") return decodeUnicodeEscapes(joinParts(source, 3, "'"), escapeCharacter);
  return joinParts(source, 2, "'");
}

/** What PostgreSQL's `quote_literal` gives: the value in quotes, as `E'…'` where it holds a backslash. */
export function quoteLiteral(value: string): string {
  // Of a text of nothing but quotes replaceAll() takes five times as long.
  const doubled = value.split("'").join("''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** A body between dollar quotes whose tag it does not hold itself. */
export function quoteBody(body: string): string {
  let tag = "$$";
  for (let number = 0; body.includes(tag); number += 1) tag = `$body${number === 0 ? "" : number}$`;
  return `${tag}\n${body}\n${tag}`;
}

/** Decodes `\XXXX` and `\+XXXXXX`, with `escapeCharacter` in the backslash's place; a doubled escape stands for itself. Malformed escapes stay as written. */
export function decodeUnicodeEscapes(content: string, escapeCharacter: string): string {
  if (!content.includes(escapeCharacter)) return content;
  const mark = escapeCharacter.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const pattern = new RegExp(`${mark}(?:(${mark})|\\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))`, "g");
  return content.replace(pattern, (whole, doubled?: string, six?: string, four?: string) =>
    doubled === undefined ? fromCodePoint(six ?? four ?? "", whole) : escapeCharacter,
  );
}

/** The content of a string and its continuations, doubled quotes undone; in the escaped style backslashes are kept for `decodeEscapes`. */
function joinParts(source: string, contentStart: number, style: "'" | "\\"): string {
  let value = "";
  let start = contentStart;
  for (let at = start; at < source.length; at++) {
    const character = source[at];
    if (character === "\\" && style === "\\") at++;
    else if (character === "'") {
      value += source.slice(start, at);
      if (source[at + 1] === "'") {
        start = at + 1;
        at++;
        continue;
      }
      const next = continuationStart(source, at + 1);
      if (next < 0) return value;
      start = next + 1;
      at = next;
    }
  }
  return value + source.slice(start);
}

const escapePattern =
  /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|((?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3})(?:\\(?:x[0-9A-Fa-f]{1,2}|[0-7]{1,3}))*)|([\s\S]))/g;
const namedEscapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** The escapes of `E'…'`. Consecutive `\xNN` and octal escapes are bytes and make up UTF-8 together. */
function decodeEscapes(content: string): string {
  if (!content.includes("\\")) return content;
  return content.replace(escapePattern, (whole, four?: string, eight?: string, bytes?: string, other?: string) => {
    if (bytes !== undefined) return decodeBytes(bytes);
    if (other !== undefined) return namedEscapes[other] ?? other;
    return fromCodePoint(four ?? eight ?? "", whole);
  });
}

function decodeBytes(escapes: string): string {
  const bytes = escapes
    .split("\\")
    .map((part) => (part.startsWith("x") ? Number.parseInt(part.slice(1), 16) : Number.parseInt(part, 8)) & 0xff);
  const percentEncoded = bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  try {
    return decodeURIComponent(percentEncoded);
  } catch {
    // PostgreSQL refuses bytes that are no UTF-8; any text will do then.
    return bytes.map((byte) => String.fromCharCode(byte)).join("");
  }
}

function decodeDollarQuote(source: string): string {
  const tagEnd = dollarTagEnd(source, 0);
  if (tagEnd < 0) return source;
  const tag = source.slice(0, tagEnd);
  return source.endsWith(tag) && source.length >= 2 * tagEnd ? source.slice(tagEnd, -tagEnd) : source.slice(tagEnd);
}

/** The character of a hexadecimal code point; surrogates written as two escapes join by themselves in UTF-16. */
function fromCodePoint(hexadecimal: string, fallback: string): string {
  const codePoint = Number.parseInt(hexadecimal, 16);
  if (Number.isNaN(codePoint) || codePoint > 0x10ffff) return fallback;
  return String.fromCodePoint(codePoint);
}
