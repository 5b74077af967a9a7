/** Names as SQL writes them: folding, truncation, quoting. */

import type { TextRange } from "../text/range.ts";
import { isKeywordThatNeedsQuotes } from "./keywords.ts";
import { decodeUnicodeEscapes } from "./literals.ts";

/** A name after folding to lower case or unquoting, truncated to 63 bytes as PostgreSQL does. */
export interface Identifier {
  readonly name: string;
  readonly range: TextRange;
}

/** A relation, type or function as named in a statement. */
export interface RelationName {
  /** null when unqualified; the search path decides then. A database name in front is dropped. */
  readonly schema: string | null;
  readonly name: string;
  /** `ONLY t`; false where ONLY cannot be written. */
  readonly only: boolean;
  /** The whole qualified name, without ONLY, `*` and alias. */
  readonly range: TextRange;
}

/** The bytes of UTF-8 that PostgreSQL keeps of a name: NAMEDATALEN - 1. */
export const identifierByteLimit = 63;

/** Cuts a name to 63 bytes of UTF-8 as PostgreSQL does: never within a character. */
export function truncateIdentifier(name: string): string {
  // No character takes more than three bytes for each UTF-16 unit.
  return name.length * 3 <= identifierByteLimit ? name : utf8Prefix(name, identifierByteLimit);
}

/** The longest beginning of the text that takes no more than `limit` bytes of UTF-8. */
export function utf8Prefix(text: string, limit: number): string {
  let bytes = 0;
  for (let at = 0; at < text.length; ) {
    const codePoint = text.codePointAt(at) ?? 0;
    bytes += utf8Length(codePoint);
    if (bytes > limit) return text.slice(0, at);
    at += codePoint > 0xffff ? 2 : 1;
  }
  return text;
}

/** The bytes that the text takes in UTF-8. */
export function utf8ByteLength(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += utf8Length(character.codePointAt(0) ?? 0);
  return bytes;
}

/** Folds an unquoted name as PostgreSQL does under UTF-8: ASCII letters only. */
export function foldIdentifier(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/**
 * The name that the source text of an identifier stands for: folded or unquoted, `U&"…"` decoded, and truncated.
 * `escapeCharacter` is the character of a UESCAPE clause. Text that is no identifier comes back folded.
 */
export function unquoteIdentifier(source: string, escapeCharacter = "\\"): string {
  if (source.startsWith('"')) return truncateIdentifier(withoutQuotes(source.slice(1)));
  if (/^u&"/i.test(source))
    return truncateIdentifier(decodeUnicodeEscapes(withoutQuotes(source.slice(3)), escapeCharacter));
  return truncateIdentifier(foldIdentifier(source));
}

/** All names that an SQL text may hold, as PostgreSQL has them: its words and what stands between double quotes. */
export function identifiersIn(text: string): ReadonlySet<string> {
  const found = text.match(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [];
  return new Set(found.map((word) => unquoteIdentifier(word)));
}

/** What PostgreSQL's `quote_ident` gives: the name as it is where that reads back as the same name, else in quotes. */
export function quoteIdentifier(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !isKeywordThatNeedsQuotes(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** `schema.name` in quotes where needed; the name alone where the schema is null. */
export function quoteQualifiedName(schema: string | null, name: string): string {
  return schema === null ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

function withoutQuotes(contentAndQuote: string): string {
  const content = contentAndQuote.endsWith('"') ? contentAndQuote.slice(0, -1) : contentAndQuote;
  return content.replaceAll('""', '"');
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
