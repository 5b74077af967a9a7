/** The comments by which an author silences findings: `-- partition-lens: ignore rule-id: reason`. */

import { type TextRange, textRange } from "../text/range.ts";
import { lineEnd } from "./characters.ts";

/** One such comment; ranges are absolute. */
export interface Directive {
  /** `unreadable` for a comment that addresses us in words we do not know. */
  readonly kind: "ignore" | "ignore-file" | "unreadable";
  /** From the dashes to the end of the line, without trailing space. */
  readonly range: TextRange;
  /** The ids as written, in order; none means all rules. */
  readonly rules: readonly { readonly id: string; readonly range: TextRange }[];
  /** What stands after the second colon; null when nothing does. */
  readonly reason: string | null;
  /** For `ignore`, the index of the statement that follows; null at the end of the file and for the other kinds. */
  readonly statement: number | null;
}

/** What the text between two offsets is used for: all that matters of a piece here. */
interface Occupied {
  readonly start: number;
  readonly end: number;
}

const marker = "partition-lens:";

/**
 * The directives of a document, in order. `statements` are its statements and `others` what else is no comment (COPY
 * data, psql commands), each ordered by start: only lines between them count. `ignore-file` holds before the first
 * statement only; later it is unreadable.
 */
export function findDirectives(
  text: string,
  statements: readonly Occupied[],
  others: readonly Occupied[],
): readonly Directive[] {
  const directives: Directive[] = [];
  for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + marker.length)) {
    const start = commentStart(text, at);
    if (start === null || isInside(statements, start) || isInside(others, start)) continue;
    directives.push(readDirective(text, start, at + marker.length, firstAtOrAfter(statements, start)));
  }
  return directives.map((directive) =>
    directive.statement === statements.length ? { ...directive, statement: null } : directive,
  );
}

/** Where the dashes stand if nothing but them and space stands before the marker on its line. */
function commentStart(text: string, markerStart: number): number | null {
  let at = markerStart - 1;
  while (text[at] === " " || text[at] === "\t") at--;
  if (text[at] !== "-" || text[at - 1] !== "-") return null;
  const dashes = at - 1;
  at = dashes - 1;
  while (text[at] === " " || text[at] === "\t" || text[at] === "\ufeff") at--;
  return at < 0 || text[at] === "\n" || text[at] === "\r" ? dashes : null;
}

function readDirective(text: string, start: number, wordsStart: number, nextStatement: number): Directive {
  const words = text.slice(wordsStart, lineEnd(text, wordsStart)).trimEnd();
  const range = textRange(start, wordsStart + words.length);
  const parts = /^(\s*)(ignore-file|ignore)\b(?!-)([^:]*)(?::(.*))?$/.exec(words);
  const [, space = "", kind = "", list = "", reason = ""] = parts ?? [];
  const isTooLate = kind === "ignore-file" && nextStatement > 0;
  if (parts === null || isTooLate) return { kind: "unreadable", range, rules: [], reason: null, statement: null };
  return {
    kind: kind === "ignore" ? "ignore" : "ignore-file",
    range,
    rules: readRuleIds(list, wordsStart + space.length + kind.length),
    reason: reason.trim() === "" ? null : reason.trim(),
    statement: kind === "ignore" ? nextStatement : null,
  };
}

function readRuleIds(list: string, offset: number): Directive["rules"] {
  return Array.from(list.matchAll(/[^\s,]+/g), ({ 0: id, index }) => ({
    id,
    range: textRange(offset + index, offset + index + id.length),
  }));
}

function isInside(pieces: readonly Occupied[], offset: number): boolean {
  const previous = pieces[firstAtOrAfter(pieces, offset + 1) - 1];
  return previous !== undefined && offset < previous.end;
}

/** The index of the first piece that begins at or after `offset`. */
function firstAtOrAfter(pieces: readonly Occupied[], offset: number): number {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
