/** PostgreSQL's tokens with exact ends, read as its scanner (scan.l) reads them; never fails. */

import {
  blockCommentEnd,
  Code,
  dollarQuoteEnd,
  dollarTagEnd,
  escapedStringEnd,
  identifierEnd,
  isDigit,
  isIdentifierStart,
  isOperatorCharacter,
  isSpace,
  lineEnd,
  quotedEnd,
} from "./characters.ts";

export type TokenKind =
  /** A keyword or an unquoted identifier. */
  | "word"
  /** `"…"` and `U&"…"`. */
  | "quoted-identifier"
  /** `'…'`, `E'…'`, `U&'…'`, `N'…'`, `$tag$…$tag$`; with the parts that SQL joins across lines. */
  | "string"
  /** `B'…'` and `X'…'`. */
  | "bits"
  | "number"
  /** `$1` */
  | "parameter"
  | "operator"
  /** `( ) [ ] , ; :` and a dot, alone; `::`, `:=` and `..` as one token. */
  | "punctuation"
  /** A character that PostgreSQL's scanner does not know, such as a backslash or a brace. */
  | "unknown";

/** A token; offsets are UTF-16 code units of the text that was read. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** False for a quoted thing that the text's end cut off. */
  readonly terminated: boolean;
}

/** All tokens of `text` between `start` and `end`; space and comments are left out. */
export function tokenize(text: string, start = 0, end = text.length): Token[] {
  const source = end < text.length ? text.slice(0, end) : text;
  const tokens: Token[] = [];
  for (let at = skipTrivia(source, start); at < source.length; ) {
    const token = readToken(source, at);
    tokens.push(token);
    at = skipTrivia(source, token.end);
  }
  return tokens;
}

/** The text with spaces for its comments; line breaks stay, and of a comment that does not end its beginning. */
export function blankComments(text: string): string {
  let blanked = "";
  let position = 0;
  for (const { start, end } of tokenize(text)) {
    blanked += blank(text.slice(position, start)) + text.slice(start, end);
    position = end;
  }
  const open = unterminatedComment(text, position);
  return `${blanked}${blank(text.slice(position, open))}${text.slice(open, open + 2)}${blank(text.slice(open + 2))}`;
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}

/** Where a comment begins behind the last token that does not end; the text's length where all end. */
function unterminatedComment(text: string, start: number): number {
  for (let at = start; at < text.length; ) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code === Code.minus && next === Code.minus) at = lineEnd(text, at);
    else if (code === Code.slash && next === Code.asterisk) {
      const end = blockCommentEnd(text, at);
      if (end < 0) return at;
      at = end;
    } else at++;
  }
  return text.length;
}

/** The offset of the next token at or after `start`; the text's length when only space and comments are left. */
export function skipTrivia(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || (at === 0 && code === Code.byteOrderMark)) at++;
    else if (code === Code.minus && text.charCodeAt(at + 1) === Code.minus) at = lineEnd(text, at);
    else if (code === Code.slash && text.charCodeAt(at + 1) === Code.asterisk) {
      const end = blockCommentEnd(text, at);
      at = end < 0 ? text.length : end;
    } else break;
  }
  return at;
}

/** The token that begins at `start`, where no space or comment may stand. */
export function readToken(text: string, start: number): Token {
  const code = text.charCodeAt(start);
  if (isIdentifierStart(code)) return readWord(text, start, code);
  if (code === Code.quote) return readString(text, start, start + 1, "plain");
  if (code === Code.doubleQuote) return quoted("quoted-identifier", text, start, quotedEnd(text, start + 1, '"'));
  if (code === Code.dollar) return readDollar(text, start);
  if (isDigit(code) || (code === Code.dot && isDigit(text.charCodeAt(start + 1)))) return readNumber(text, start);
  if (isOperatorCharacter(code)) return token("operator", start, operatorEnd(text, start));
  return token(punctuation.has(code) ? "punctuation" : "unknown", start, start + punctuationLength(text, start, code));
}

const punctuation = new Set(Array.from("()[],;:.", (character) => character.charCodeAt(0)));

function token(kind: TokenKind, start: number, end: number): Token {
  return { kind, start, end, terminated: true };
}

/** A quoted token, cut off by the text's end where `end` is negative. */
function quoted(kind: TokenKind, text: string, start: number, end: number): Token {
  return end < 0 ? { kind, start, end: text.length, terminated: false } : token(kind, start, end);
}

/** A word, or the quoted thing that a one-letter prefix introduces. */
function readWord(text: string, start: number, code: number): Token {
  const next = text.charCodeAt(start + 1);
  const letter = code | 0x20;
  if (next === Code.quote) {
    if (letter === 0x65 /* e */) return readString(text, start, start + 2, "escaped");
    if (letter === 0x6e /* n */) return readString(text, start, start + 2, "plain");
    if (letter === 0x62 /* b */ || letter === 0x78 /* x */) {
      return { ...readString(text, start, start + 2, "plain"), kind: "bits" };
    }
  }
  if (letter === 0x75 /* u */ && next === 0x26 /* & */) {
    const mark = text.charCodeAt(start + 2);
    if (mark === Code.quote) return readString(text, start, start + 3, "plain");
    if (mark === Code.doubleQuote) return quoted("quoted-identifier", text, start, quotedEnd(text, start + 3, '"'));
  }
  return token("word", start, identifierEnd(text, start));
}

/** A string and its continuations: SQL joins strings that only space with a line break separates. */
function readString(text: string, start: number, contentStart: number, style: "plain" | "escaped"): Token {
  let end = style === "escaped" ? escapedStringEnd(text, contentStart) : quotedEnd(text, contentStart, "'");
  while (end >= 0) {
    const next = continuationStart(text, end);
    if (next < 0) return token("string", start, end);
    end = style === "escaped" ? escapedStringEnd(text, next + 1) : quotedEnd(text, next + 1, "'");
  }
  return quoted("string", text, start, end);
}

/** Where the quote stands that continues the string which ended at `end`; -1 if none does. */
export function continuationStart(text: string, end: number): number {
  let sawLineBreak = false;
  for (let at = end; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === Code.lineFeed || code === Code.carriageReturn) sawLineBreak = true;
    else if (code === Code.quote) return sawLineBreak ? at : -1;
    else if (!isSpace(code)) {
      if (!sawLineBreak || code !== Code.minus || text.charCodeAt(at + 1) !== Code.minus) return -1;
      at = lineEnd(text, at) - 1;
    }
  }
  return -1;
}

function readDollar(text: string, start: number): Token {
  if (isDigit(text.charCodeAt(start + 1))) {
    let end = start + 2;
    while (isDigit(text.charCodeAt(end))) end++;
    return token("parameter", start, end);
  }
  const tagEnd = dollarTagEnd(text, start);
  if (tagEnd < 0) return token("unknown", start, start + 1);
  return quoted("string", text, start, dollarQuoteEnd(text, start, tagEnd));
}

const numberPattern =
  /0[xX](?:_?[0-9A-Fa-f])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y;

function readNumber(text: string, start: number): Token {
  numberPattern.lastIndex = start;
  return token("number", start, numberPattern.test(text) ? numberPattern.lastIndex : start + 1);
}

/** Only with one of these may an operator of several characters end in `+` or `-`. */
const allowsTrailingSign = new Set(Array.from("~!@#%^&|`?", (character) => character.charCodeAt(0)));

/** A longer run is one token whatever is at its end: cut off sign by sign, it would be looked through once for each of them. */
const longestCutRun = 256;

/** The longest run of operator characters, cut before a comment, and before signs at its end (`a=-1`). */
function operatorEnd(text: string, start: number): number {
  let end = start;
  let signsMayTrail = false;
  for (; isOperatorCharacter(text.charCodeAt(end)); end++) {
    const code = text.charCodeAt(end);
    const next = text.charCodeAt(end + 1);
    if (end > start && code === Code.minus && next === Code.minus) break;
    if (end > start && code === Code.slash && next === Code.asterisk) break;
    if (allowsTrailingSign.has(code)) signsMayTrail = true;
  }
  if (signsMayTrail || end - start > longestCutRun) return end;
  while (end > start + 1 && (text.charCodeAt(end - 1) === Code.plus || text.charCodeAt(end - 1) === Code.minus)) end--;
  return end;
}

function punctuationLength(text: string, start: number, code: number): number {
  const next = text.charCodeAt(start + 1);
  if (code === Code.colon) return next === Code.colon || next === Code.equals ? 2 : 1;
  if (code === Code.dot) return next === Code.dot ? 2 : 1;
  return 1;
}
