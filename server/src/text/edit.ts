/** Edits of a text as plain data, and their application. */

import type { TextLike } from "./chunked-text.ts";
import { compareRanges, type TextRange } from "./range.ts";

/** Replaces `range` by `newText`; an empty range inserts. */
export interface TextEdit {
  readonly range: TextRange;
  readonly newText: string;
}

/**
 * Applies non-overlapping edits, all given in offsets of the original text.
 * Edits that insert at the same offset keep their order. Throws on overlap, which is a bug of the caller.
 */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = edits
    .map((edit, index) => ({ edit, index }))
    .sort((a, b) => compareRanges(a.edit.range, b.edit.range) || a.index - b.index);
  let result = "";
  let position = 0;
  for (const { edit } of ordered) {
    if (edit.range.start < position) throw new Error("overlapping text edits");
    result += text.slice(position, edit.range.start) + edit.newText;
    position = edit.range.end;
  }
  return result + text.slice(position);
}

/** The words that are written into a text, with lines that end as its first one does: editors that take edits as they are mix them else. */
export function inLineEndsOf(text: TextLike, newText: string): string {
  let first = -1;
  for (let looked = 1_024; first < 0; looked *= 8) {
    const beginning = text.slice(0, looked);
    first = beginning.indexOf("\n");
    if (first < 0 && beginning.length === text.length) return newText;
  }
  return first > 0 && text.slice(first - 1, first) === "\r" ? newText.replace(/\r?\n/g, "\r\n") : newText;
}
