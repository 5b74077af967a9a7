/** PostgreSQL's classes of characters, and where its quoted constructs end; shared by the lexer and the splitter. */

/** The character codes that the lexer and the splitter speak of. */
export const Code = {
  tab: 9,
  lineFeed: 10,
  carriageReturn: 13,
  space: 32,
  doubleQuote: 34,
  hash: 35,
  dollar: 36,
  percent: 37,
  quote: 39,
  openParen: 40,
  closeParen: 41,
  asterisk: 42,
  plus: 43,
  comma: 44,
  minus: 45,
  dot: 46,
  slash: 47,
  digit0: 48,
  digit9: 57,
  colon: 58,
  semicolon: 59,
  lessThan: 60,
  equals: 61,
  greaterThan: 62,
  question: 63,
  at: 64,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  underscore: 95,
  backtick: 96,
  openBrace: 123,
  closeBrace: 125,
  byteOrderMark: 0xfeff,
} as const;

const SPACE = 1;
const IDENTIFIER_START = 2;
const IDENTIFIER_PART = 4;
const DIGIT = 8;
const OPERATOR = 16;

const classes = new Uint8Array(128);
for (const character of " \t\n\r\f\v") mark(character, SPACE);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
  mark(character, IDENTIFIER_START | IDENTIFIER_PART);
for (const character of "0123456789") mark(character, DIGIT | IDENTIFIER_PART);
for (const character of "$") mark(character, IDENTIFIER_PART);
for (const character of "~!@#^&|`?+-*/%<>=") mark(character, OPERATOR);

function mark(character: string, bits: number): void {
  const code = character.charCodeAt(0);
  classes[code] = (classes[code] ?? 0) | bits;
}

/** The class bits of an ASCII code; NaN, which `charCodeAt` gives past the end, has none. */
function classOf(code: number): number {
  return classes[code] ?? 0;
}

/** Space as PostgreSQL's scanner knows it: ASCII only, so a no-break space is a part of an identifier. */
export function isSpace(code: number): boolean {
  return (classOf(code) & SPACE) !== 0;
}

export function isDigit(code: number): boolean {
  return code >= Code.digit0 && code <= Code.digit9;
}

/** A letter, an underscore or anything beyond ASCII. */
export function isIdentifierStart(code: number): boolean {
  return code > 127 || (classOf(code) & IDENTIFIER_START) !== 0;
}

/** As `isIdentifierStart`, and digits and the dollar sign. */
export function isIdentifierPart(code: number): boolean {
  return code > 127 || (classOf(code) & IDENTIFIER_PART) !== 0;
}

/** A character that operators are made of. */
export function isOperatorCharacter(code: number): boolean {
  return (classOf(code) & OPERATOR) !== 0;
}

/** A character of a psql variable's name or of a dollar quote's tag: an identifier's, without the dollar sign. */
export function isVariablePart(code: number): boolean {
  return isIdentifierPart(code) && code !== Code.dollar;
}

/** Where the identifier that begins at `start` ends. */
export function identifierEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && isIdentifierPart(text.charCodeAt(at))) at++;
  return at;
}

/** Where the line ends, before its line break: PostgreSQL's `--` comments end at `\n` and at `\r`. */
export function lineEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === Code.lineFeed || code === Code.carriageReturn) return at;
  }
  return text.length;
}

/** Where the line after the one that holds `start` begins; -1 if there is none. */
export function nextLineStart(text: string, start: number): number {
  const end = lineEnd(text, start);
  if (end === text.length) return -1;
  return text.charCodeAt(end) === Code.carriageReturn && text.charCodeAt(end + 1) === Code.lineFeed ? end + 2 : end + 1;
}

/** Where the block comment that begins at `start` ends, after its closing mark; they nest. -1 if it does not end. */
export function blockCommentEnd(text: string, start: number): number {
  let depth = 1;
  let at = start + 2;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === Code.asterisk && text.charCodeAt(at + 1) === Code.slash) {
      at += 2;
      depth--;
      if (depth === 0) return at;
    } else if (code === Code.slash && text.charCodeAt(at + 1) === Code.asterisk) {
      at += 2;
      depth++;
    } else at++;
  }
  return -1;
}

/** Where a quoted thing ends, after its closing quote; `start` is after the opening one. A doubled quote stands for itself. -1 if it does not end. */
export function quotedEnd(text: string, start: number, quote: "'" | '"'): number {
  for (let at = text.indexOf(quote, start); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (text[at + 1] !== quote) return at + 1;
  }
  return -1;
}

/** As `quotedEnd`, for `E'…'`, where a backslash takes the next character along. */
export function escapedStringEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === Code.backslash) at++;
    else if (code === Code.quote) {
      if (text.charCodeAt(at + 1) !== Code.quote) return at + 1;
      at++;
    }
  }
  return -1;
}

/** Where the opening tag of a dollar quote (`$$`, `$body$`) that begins at `start` ends; -1 if none begins there. */
export function dollarTagEnd(text: string, start: number): number {
  let at = start + 1;
  if (isIdentifierStart(text.charCodeAt(at))) {
    at++;
    while (at < text.length && isVariablePart(text.charCodeAt(at))) at++;
  }
  return text.charCodeAt(at) === Code.dollar ? at + 1 : -1;
}

/** Where the dollar quote whose opening tag is `[start, tagEnd)` ends, after its closing tag. -1 if it does not end. */
export function dollarQuoteEnd(text: string, start: number, tagEnd: number): number {
  const tag = text.slice(start, tagEnd);
  const close = text.indexOf(tag, tagEnd);
  return close < 0 ? -1 : close + tag.length;
}
