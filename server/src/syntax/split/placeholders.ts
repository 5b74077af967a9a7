/** Finds what psql and template engines replace in SQL: `:x`, `:'x'`, `${x}`, `{{ x }}`, `{% x %}`, `<%= x %>`, `@extschema@`. */

import { Code, isIdentifierPart, isIdentifierStart, isVariablePart } from "../characters.ts";
import type { Placeholder } from "./piece.ts";

/** Longer ones are taken for text that happens to look alike; so the splitter never looks further ahead than this. */
export const longestPlaceholder = 1_000;

/**
 * The placeholder that begins at `start`, or null; offsets are absolute. `insideBrackets` tells a slice `a[1:n]` from a variable. Who
 * reads a text from its beginning to its end gives the same `seen` each time.
 */
export function readPlaceholder(
  text: string,
  start: number,
  insideBrackets: boolean,
  seen: Closings = new Map(),
): Placeholder | null {
  switch (text.charCodeAt(start)) {
    case Code.colon:
      return readVariable(text, start, insideBrackets, seen);
    case Code.dollar:
      return text.charCodeAt(start + 1) === Code.openBrace ? closedBy(text, start, "}", "name-or-value", seen) : null;
    case Code.openBrace:
      return readBraces(text, start, seen);
    case Code.lessThan:
      if (text.charCodeAt(start + 1) !== Code.percent) return null;
      return closedBy(
        text,
        start,
        "%>",
        text.charCodeAt(start + 2) === Code.equals ? "name-or-value" : "nothing",
        seen,
      );
    case Code.at:
      return readExtensionVariable(text, start);
    default:
      return null;
  }
}

function readVariable(text: string, colon: number, insideBrackets: boolean, seen: Closings): Placeholder | null {
  const next = text.charCodeAt(colon + 1);
  if (isVariablePart(next)) {
    if (insideBrackets && continuesOperand(text.charCodeAt(colon - 1))) return null;
    return { start: colon, end: variableEnd(text, colon + 1), standsFor: "name-or-value" };
  }
  if (next === Code.quote || next === Code.doubleQuote) {
    const end = variableEnd(text, colon + 2);
    if (end === colon + 2 || text.charCodeAt(end) !== next) return null;
    return { start: colon, end: end + 1, standsFor: next === Code.quote ? "string" : "quoted-identifier" };
  }
  if (text.startsWith("{?", colon + 1)) return closedBy(text, colon, "}", "name-or-value", seen);
  return null;
}

/** Whether the character before a colon makes it a slice's: `a[1:n]`, `a[:n]`. */
function continuesOperand(code: number): boolean {
  return (
    isIdentifierPart(code) ||
    code === Code.openBracket ||
    code === Code.closeBracket ||
    code === Code.closeParen ||
    code === Code.quote ||
    code === Code.doubleQuote
  );
}

function variableEnd(text: string, start: number): number {
  const limit = start + longestPlaceholder - 2;
  let end = start;
  while (end < limit && isVariablePart(text.charCodeAt(end))) end++;
  return end;
}

function readBraces(text: string, start: number, seen: Closings): Placeholder | null {
  switch (text.charCodeAt(start + 1)) {
    case Code.openBrace:
      return closedBy(text, start, "}}", "name-or-value", seen);
    case Code.percent:
      return closedBy(text, start, "%}", "nothing", seen);
    case Code.hash:
      return closedBy(text, start, "#}", "nothing", seen);
    default:
      return null;
  }
}

/** `@extschema@` and `@extschema:name@`, which CREATE EXTENSION replaces. */
function readExtensionVariable(text: string, start: number): Placeholder | null {
  if (!isIdentifierStart(text.charCodeAt(start + 1))) return null;
  const limit = start + longestPlaceholder - 1;
  let end = start + 1;
  while (end < limit && (isVariablePart(text.charCodeAt(end)) || text.charCodeAt(end) === Code.colon)) end++;
  return text.charCodeAt(end) === Code.at ? { start, end: end + 1, standsFor: "name-or-value" } : null;
}

function closedBy(
  text: string,
  start: number,
  close: string,
  standsFor: Placeholder["standsFor"],
  seen: Closings,
): Placeholder | null {
  const at = nextOf(text, start + 2, Math.min(text.length, start + longestPlaceholder), close, seen);
  return at < 0 ? null : { start, end: at + close.length, standsFor };
}

/** Where something closes, by what closes it, as far as a text has been looked through from its beginning to its end. */
export type Closings = Map<string, { readonly from: number; readonly until: number; readonly found: boolean }>;

/**
 * Where `close` begins next between two offsets; -1 for nowhere. What has been looked through is not looked through again: a text may
 * be full of openings that nothing closes, and each of them looks as far ahead.
 */
function nextOf(text: string, start: number, limit: number, close: string, seen: Closings): number {
  const known = seen.get(close);
  const isBefore = known !== undefined && start >= known.from && start <= known.until;
  if (isBefore && known.found) return known.until < limit ? known.until : -1;
  let at = isBefore ? known.until : start;
  while (at < limit && !text.startsWith(close, at)) at++;
  const found = at < limit;
  seen.set(close, { from: isBefore ? known.from : start, until: at, found });
  return found ? at : -1;
}
