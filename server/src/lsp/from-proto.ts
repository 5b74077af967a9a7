/** What clients send, in our offsets. */

import type { TextDocumentContentChangeEvent } from "vscode-languageserver/node";
import type { TextEdit } from "../text/edit.ts";
import { type LineIndex, offsetAt } from "../text/line-index.ts";
import type { TextRange } from "../text/range.ts";
import type { Range } from "./protocol.ts";

export function fromRange(lines: LineIndex, range: Range): TextRange {
  const start = offsetAt(lines, range.start);
  return { start, end: Math.max(start, offsetAt(lines, range.end)) };
}

/** The change as an edit of the text that it applies to; a change without a range, or with null for one, replaces the whole text. */
export function fromChange(lines: LineIndex, textLength: number, change: TextDocumentContentChangeEvent): TextEdit {
  const given: Range | null | undefined = "range" in change ? change.range : null;
  const range = given == null ? { start: 0, end: textLength } : fromRange(lines, given);
  return { range, newText: change.text };
}
