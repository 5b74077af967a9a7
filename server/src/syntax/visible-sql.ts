/** SQL in which nothing is hidden: names and constants with characters that cannot be seen are written with Unicode escapes. */

import { type TokenKind, tokenize } from "./lexer.ts";
import { unquoteIdentifier } from "./names.ts";

/** Controls, the order of writing, tags, spaces of width zero; without the joiners that scripts such as Persian are written with. */
const invisible = /(?![\u200c\u200d])(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\u034f)/u;

/** Line breaks too, which an editor writes as those of its document. */
const invisibleInName = new RegExp(invisible.source, "gu");
const invisibleInString = new RegExp(`(?![\\n\\t])${invisible.source}`, "gu");

/**
 * The same statements for PostgreSQL, with `U&"…"` and `U&'…'` where a name or a plain string holds what a reader would not see,
 * or would see at another place than it has. Dollar-quoted strings and comments stay as they are.
 */
export function visibleSql(sql: string): string {
  if (!invisible.test(sql)) return sql;
  let written = "";
  let position = 0;
  const tokens = tokenize(sql);
  for (const [index, { kind, start, end, terminated }] of tokens.entries()) {
    const token = sql.slice(start, end);
    const next = tokens[index + 1];
    // Another escape character than the backslash is left to whoever wrote it.
    const isOwn = next !== undefined && /^uescape$/i.test(sql.slice(next.start, next.end));
    written += sql.slice(position, start) + (terminated && !isOwn ? visibleToken(kind, token) : token);
    position = end;
  }
  return written + sql.slice(position);
}

function visibleToken(kind: TokenKind, token: string): string {
  if (kind === "word" || kind === "quoted-identifier") {
    if (!invisible.test(token)) return token;
    if (/^u&/i.test(token)) return token.replace(invisibleInName, unicodeEscape);
    return `U&"${escaped(unquoteIdentifier(token).replaceAll('"', '""'), invisibleInName)}"`;
  }
  if (kind !== "string" || token.search(invisibleInString) < 0) return token;
  if (/^u&/i.test(token)) return token.replace(invisibleInString, unicodeEscape);
  if (token.startsWith("'")) return `U&${escaped(token, invisibleInString)}`;
  return /^e'/i.test(token) ? token.replace(/\\?[\s\S]/gu, visibleInEscapes) : token;
}

function escaped(content: string, pattern: RegExp): string {
  return content.replaceAll("\\", "\\\\").replace(pattern, unicodeEscape);
}

/** As `U&` has it. */
function unicodeEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\+${hexadecimal(code, 6)}` : `\\${hexadecimal(code, 4)}`;
}

/** A character of `E'…'`, with the backslash before it. */
function visibleInEscapes(written: string): string {
  const character = written.startsWith("\\") ? written.slice(1) : written;
  if (character.search(invisibleInString) < 0) return written;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\U${hexadecimal(code, 8)}` : `\\u${hexadecimal(code, 4)}`;
}

function hexadecimal(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, "0");
}
