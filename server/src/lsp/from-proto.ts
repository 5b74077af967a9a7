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

/** The change as an edit of the text that it applies to; a change without a range replaces the whole text. */
export function fromChange(lines: LineIndex, textLength: number, change: TextDocumentContentChangeEvent): TextEdit {
  const range = "range" in change ? fromRange(lines, change.range) : { start: 0, end: textLength };
  return { range, newText: change.text };
}
