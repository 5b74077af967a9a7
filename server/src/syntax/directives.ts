/** The comments by which an author silences findings: `-- partition-lens: ignore rule-id: reason`. */

import { shiftRange, type TextRange, textRange } from "../text/range.ts";
import { lineEnd } from "./characters.ts";
import { detach } from "./detached-text.ts";

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

const marker = "partition-lens:";
const none: readonly Directive[] = [];

/**
 * The directives in `[from, to)`, where nothing but space and comments stands; `isBeginning` where no statement stands in front of it on
 * its line. `statement` is left null for `placeDirective`.
 */
export function findDirectives(text: string, from: number, to: number, isBeginning = from === 0): readonly Directive[] {
  // A search in the whole text would run to its end for each gap.
  const slice = text.slice(from, to);
  if (!slice.includes(marker)) return none;
  const gap = detach(slice);
  const directives: Directive[] = [];
  for (let at = gap.indexOf(marker); at >= 0; at = gap.indexOf(marker, at + marker.length)) {
    const start = commentStart(gap, at, isBeginning);
    if (start !== null) directives.push(shiftDirective(readDirective(gap, start, at + marker.length), from));
  }
  return directives;
}

/** Tells directives which statement follows them. `ignore-file` holds before the first statement only; later it is unreadable. */
export function placeDirective(directive: Directive, nextStatement: number, statementCount: number): Directive {
  if (directive.kind === "ignore-file" && nextStatement > 0) return unreadable(directive.range);
  const follows = directive.kind === "ignore" && nextStatement < statementCount;
  return follows ? { ...directive, statement: nextStatement } : directive;
}

export function shiftDirective(directive: Directive, by: number): Directive {
  const rules = directive.rules.map(({ id, range }) => ({ id, range: shiftRange(range, by) }));
  return { ...directive, range: shiftRange(directive.range, by), rules };
}

/** Where the dashes stand if nothing but them and space stands before the marker on its line. */
function commentStart(gap: string, markerStart: number, atTextStart: boolean): number | null {
  let at = markerStart - 1;
  while (gap[at] === " " || gap[at] === "\t") at--;
  if (gap[at] !== "-" || gap[at - 1] !== "-") return null;
  const dashes = at - 1;
  at = dashes - 1;
  while (gap[at] === " " || gap[at] === "\t" || gap[at] === "\ufeff") at--;
  // In front of a later gap stands the end of a statement.
  if (at < 0) return atTextStart ? dashes : null;
  return gap[at] === "\n" || gap[at] === "\r" ? dashes : null;
}

function readDirective(gap: string, start: number, wordsStart: number): Directive {
  const words = gap.slice(wordsStart, lineEnd(gap, wordsStart)).trimEnd();
  const range = textRange(start, wordsStart + words.length);
  const parts = /^(\s*)(ignore-file|ignore)\b(?!-)([^:]*)(?::(.*))?$/.exec(words);
  if (parts === null) return unreadable(range);
  const [, space = "", kind = "", list = "", reason = ""] = parts;
  return {
    kind: kind === "ignore" ? "ignore" : "ignore-file",
    range,
    rules: readRuleIds(list, wordsStart + space.length + kind.length),
    reason: reason.trim() === "" ? null : reason.trim(),
    statement: null,
  };
}

function unreadable(range: TextRange): Directive {
  return { kind: "unreadable", range, rules: [], reason: null, statement: null };
}

function readRuleIds(list: string, offset: number): Directive["rules"] {
  return Array.from(list.matchAll(/[^\s,]+/g), ({ 0: id, index }) => ({
    id,
    range: textRange(offset + index, offset + index + id.length),
  }));
}
