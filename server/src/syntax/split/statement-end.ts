/** Finds where one statement ends, as psql's scanner (psqlscan.l) does: past quotes, comments, and the bodies of BEGIN ATOMIC. */

import {
  blockCommentEnd,
  Code,
  dollarQuoteEnd,
  dollarTagEnd,
  escapedStringEnd,
  identifierEnd,
  isIdentifierStart,
  isSpace,
  lineEnd,
  quotedEnd,
} from "../characters.ts";
import { declaredDelimiter, endsStatement } from "../migration-tools.ts";
import { metaCommandEffect, metaCommandEnd } from "./meta-command.ts";
import type { Placeholder, SqlPiece, Unterminated } from "./piece.ts";
import { type Closings, readPlaceholder } from "./placeholders.ts";

/** What the words so far say about the statement, where that bears on its end. */
type Opening =
  | "nothing-yet"
  | "create"
  | "create-or"
  | "create-or-replace"
  /** A function or procedure: BEGIN ATOMIC may follow, with semicolons inside. */
  | "routine"
  /** A rule: its actions stand in parentheses, with semicolons inside. */
  | "rule"
  | "copy"
  | "copy-from"
  /** `COPY … FROM stdin`: data lines follow. */
  | "copy-from-stdin"
  | "anything-else";

/** The state of the scan of one statement. */
interface Scan {
  readonly text: string;
  readonly start: number;
  /** What ends a statement besides a semicolon, wherever it stands outside of quotes. */
  readonly delimiter: string | null;
  position: number;
  /** After the last token. */
  end: number;
  parentheses: number;
  brackets: number;
  /** Open BEGIN and CASE inside a routine's body. */
  blocks: number;
  opening: Opening;
  terminator: SqlPiece["terminator"];
  unterminated: Unterminated | null;
  placeholders: Placeholder[];
  readonly closings: Closings;
}

/** Reads the statement whose first token stands at `start`. */
export function readStatement(text: string, start: number): SqlPiece {
  const scan: Scan = {
    text,
    start,
    delimiter: text.startsWith("--") ? declaredDelimiter(text) : null,
    position: start,
    end: start,
    parentheses: 0,
    brackets: 0,
    blocks: 0,
    opening: "nothing-yet",
    terminator: "none",
    unterminated: null,
    placeholders: [],
    closings: new Map(),
  };
  while (scan.terminator === "none" && scan.position < text.length) readNext(scan);
  if (scan.unterminated === null && scan.blocks > 0 && scan.terminator === "none") scan.unterminated = "begin-atomic";
  return {
    kind: "sql",
    start,
    end: scan.end,
    terminatorEnd: scan.position,
    terminator: scan.terminator,
    unterminated: scan.unterminated,
    placeholders: scan.placeholders,
    copyDataFollows: scan.opening === "copy-from-stdin" && scan.terminator !== "none",
  };
}

/** Reads a token, a comment or some space. */
function readNext(scan: Scan): void {
  const { text, position, delimiter } = scan;
  const code = text.charCodeAt(position);
  if (delimiter !== null && text.startsWith(delimiter, position)) {
    scan.position += delimiter.length;
    scan.terminator = "mark";
    return;
  }
  if (isSpace(code)) {
    scan.position++;
    return;
  }
  if (isIdentifierStart(code)) {
    readWord(scan, code);
    return;
  }
  switch (code) {
    case Code.quote:
      closeAt(scan, quotedEnd(text, position + 1, "'"), "string");
      break;
    case Code.doubleQuote:
      closeAt(scan, quotedEnd(text, position + 1, '"'), "quoted-identifier");
      break;
    case Code.dollar:
      readDollar(scan);
      break;
    case Code.minus:
      if (text.charCodeAt(position + 1) !== Code.minus) advance(scan, 1);
      else if (endsStatement(text, position)) scan.terminator = "mark";
      else scan.position = lineEnd(text, position);
      break;
    case Code.slash:
      if (text.charCodeAt(position + 1) === Code.asterisk) readBlockComment(scan);
      else advance(scan, 1);
      break;
    case Code.openParen:
      scan.parentheses++;
      advance(scan, 1);
      break;
    case Code.closeParen:
      if (scan.parentheses > 0) scan.parentheses--;
      advance(scan, 1);
      break;
    case Code.openBracket:
      scan.brackets++;
      advance(scan, 1);
      break;
    case Code.closeBracket:
      if (scan.brackets > 0) scan.brackets--;
      advance(scan, 1);
      break;
    case Code.semicolon:
      readSemicolon(scan);
      break;
    case Code.backslash:
      readBackslash(scan);
      break;
    case Code.colon:
      readColon(scan);
      break;
    case Code.at:
    case Code.openBrace:
    case Code.lessThan:
      readPossiblePlaceholder(scan);
      break;
    default:
      advance(scan, 1);
  }
}

function advance(scan: Scan, by: number): void {
  scan.position += by;
  scan.end = scan.position;
}

/** Moves to the end of a quoted thing; a negative end says that the text ended first. */
function closeAt(scan: Scan, end: number, what: Unterminated): void {
  if (end < 0) scan.unterminated = what;
  scan.position = end < 0 ? scan.text.length : end;
  scan.end = scan.position;
}

function readWord(scan: Scan, firstCode: number): void {
  const { text, position } = scan;
  const longest = identifierEnd(text, position);
  // A dollar sign is a part of names, but not the one of `${x}` behind it.
  const isPlaceholder = text.charCodeAt(longest - 1) === Code.dollar && text.charCodeAt(longest) === Code.openBrace;
  const end = isPlaceholder && longest > position + 1 ? longest - 1 : longest;
  scan.position = end;
  scan.end = end;
  const isEscapePrefix = end === position + 1 && (firstCode | 0x20) === 0x65; /* e */
  if (isEscapePrefix && text.charCodeAt(end) === Code.quote) {
    closeAt(scan, escapedStringEnd(text, end + 1), "string");
    return;
  }
  if (scan.opening === "anything-else" || scan.opening === "rule" || scan.opening === "copy-from-stdin") return;
  // No word that matters is longer than "procedure".
  const word = end - position > 9 ? "" : text.slice(position, end).toLowerCase();
  if (scan.opening === "routine") countBlocks(scan, word);
  else scan.opening = nextOpening(scan.opening, word, scan.parentheses);
}

function nextOpening(opening: Opening, word: string, parentheses: number): Opening {
  switch (opening) {
    case "nothing-yet":
      return word === "create" || word === "copy" ? word : "anything-else";
    case "create":
      return word === "or" ? "create-or" : createdThing(word);
    case "create-or":
      return word === "replace" ? "create-or-replace" : "anything-else";
    case "create-or-replace":
      return createdThing(word);
    case "copy":
      return parentheses === 0 && word === "from" ? "copy-from" : "copy";
    case "copy-from":
      return parentheses === 0 && (word === "stdin" || word === "stdout") ? "copy-from-stdin" : "copy-from";
    default:
      return opening;
  }
}

function createdThing(word: string): Opening {
  if (word === "function" || word === "procedure") return "routine";
  return word === "rule" ? "rule" : "anything-else";
}

/** CASE ends with END too, so it is counted, but only inside a body. */
function countBlocks(scan: Scan, word: string): void {
  if (scan.parentheses > 0) return;
  if (word === "begin" || (word === "case" && scan.blocks > 0)) scan.blocks++;
  else if (word === "end" && scan.blocks > 0) scan.blocks--;
}

function readDollar(scan: Scan): void {
  const { text, position } = scan;
  const tagEnd = dollarTagEnd(text, position);
  if (tagEnd >= 0) closeAt(scan, dollarQuoteEnd(text, position, tagEnd), "dollar-quote");
  else readPossiblePlaceholder(scan);
}

/** A comment that does not end becomes a part of the statement, so that the parser reports it. */
function readBlockComment(scan: Scan): void {
  const end = blockCommentEnd(scan.text, scan.position);
  if (end < 0) closeAt(scan, end, "comment");
  else scan.position = end;
}

/**
 * Unlike psql, ends the statement also inside parentheses: somebody is still typing the closing one.
 * Only the actions of a rule have semicolons of their own there.
 */
function readSemicolon(scan: Scan): void {
  const isInside = scan.blocks > 0 || (scan.parentheses > 0 && scan.opening === "rule");
  if (isInside) advance(scan, 1);
  else {
    scan.position++;
    scan.terminator = "semicolon";
  }
}

function readBackslash(scan: Scan): void {
  const { text, position } = scan;
  if (text.charCodeAt(position + 1) === Code.semicolon) {
    scan.position += 2;
    scan.terminator = "semicolon";
  } else if (metaCommandEffect(text, position) === "ends-statement") scan.terminator = "meta-command";
  else takePlaceholder(scan, { start: position, end: metaCommandEnd(text, position), standsFor: "nothing" });
}

function readColon(scan: Scan): void {
  const next = scan.text.charCodeAt(scan.position + 1);
  if (next === Code.colon || next === Code.equals) advance(scan, 2);
  else readPossiblePlaceholder(scan);
}

function readPossiblePlaceholder(scan: Scan): void {
  const placeholder = readPlaceholder(scan.text, scan.position, scan.brackets > 0, scan.closings);
  if (placeholder === null) advance(scan, 1);
  else takePlaceholder(scan, placeholder);
}

/** Placeholders are kept relative to the statement; one that stands for nothing does not extend it. */
function takePlaceholder(scan: Scan, { start, end, standsFor }: Placeholder): void {
  scan.placeholders.push({ start: start - scan.start, end: end - scan.start, standsFor });
  scan.position = end;
  if (standsFor !== "nothing") scan.end = end;
}
