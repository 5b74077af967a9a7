/** Conversion between offsets and line/character positions of one text. */

import { type Chunk, ChunkedList, lastUpTo } from "./chunked-list.ts";
import type { TextLike } from "./chunked-text.ts";
import type { TextEdit } from "./edit.ts";

/** A place as editors count it: both numbers begin at 0, and `character` counts UTF-16 code units. */
export interface LinePosition {
  readonly line: number;
  readonly character: number;
}

/**
 * Where the lines of one text begin. `\n`, `\r\n` and a lone `\r` each end a line, as the Language Server Protocol has it. Versions
 * of a text share most of it: what is known of lines that an edit left alone holds wherever they stand.
 */
export interface LineIndex {
  readonly lines: ChunkedList<Line, LineChunk>;
  /** Where the first line of each chunk begins, and behind them the length of the text. */
  readonly starts: Uint32Array;
}

/** How long a line is with its line break, in UTF-16 code units, times four; and the length of that break, which is at most two. */
type Line = number;

interface LineChunk extends Chunk<Line> {
  /** Where each line begins, from the first one's beginning on, and behind them where the last one ends. */
  readonly starts: Uint32Array;
}

/** Reads the text once; a megabyte takes about a millisecond. */
export function createLineIndex(text: string): LineIndex {
  return indexOf(ChunkedList.of(linesOf(text), chunkOf));
}

/** The lines after an edit of the text that they are of. */
export function editLineIndex(previous: LineIndex, before: TextLike, { range, newText }: TextEdit): LineIndex {
  const { start, end } = range;
  // A carriage return in front of the change and a line feed in it make one line break.
  const first = lineAt(previous, start - 1);
  const last = lineAt(previous, end) + 1;
  const isToEnd = last >= lineCount(previous);
  const next = isToEnd ? before.length : lineStart(previous, last);
  // The text as a whole is not looked at: of a long one that alone takes longer than all the rest.
  const fresh = linesOf(before.slice(lineStart(previous, first), start) + newText + before.slice(end, next));
  // Where a line follows, the fresh ones end with its empty beginning.
  return indexOf(previous.lines.replaced(first, isToEnd ? fresh : fresh.slice(0, -1), last));
}

/** The position of an offset; an offset outside the text is moved to the nearest end. */
export function positionAt(index: LineIndex, offset: number): LinePosition {
  const line = lineAt(index, offset);
  return { line, character: Math.max(0, Math.min(offset, textLength(index)) - lineStart(index, line)) };
}

/** The number of the line that holds `offset`, counted from 0. */
export function lineAt({ lines, starts }: LineIndex, offset: number): number {
  const chunk = lastUpTo(starts, offset, lines.chunks.length - 1);
  const { starts: own, items } = lines.chunks[chunk] as LineChunk;
  return (lines.firsts[chunk] as number) + lastUpTo(own, offset - (starts[chunk] as number), items.length - 1);
}

/** The offset of a position; a character beyond its line stands for the line's end, a line beyond the text for the text's end. */
export function offsetAt(index: LineIndex, { line, character }: LinePosition): number {
  if (line < 0) return 0;
  if (!(line < lineCount(index))) return textLength(index);
  const start = lineStart(index, line);
  return Math.max(start, Math.min(start + character, lineEnd(index, line)));
}

/** The number of lines; a text that ends with a line break has an empty last line. */
export function lineCount({ lines }: LineIndex): number {
  return lines.length;
}

/** The offset of a line's first character; the length of the text for a line that there is not. */
export function lineStart(index: LineIndex, line: number): number {
  const { lines, starts } = index;
  const chunk = lines.chunkAt(line);
  if (chunk < 0) return textLength(index);
  const own = (lines.chunks[chunk] as LineChunk).starts;
  return (starts[chunk] as number) + (own[line - (lines.firsts[chunk] as number)] as number);
}

/** Where a line's content ends, before its line break; the length of the text for a line that there is not. */
export function lineEnd(index: LineIndex, line: number): number {
  const length = index.lines.at(line);
  return length === undefined ? textLength(index) : lineStart(index, line) + (length >> 2) - (length & 3);
}

function textLength({ lines, starts }: LineIndex): number {
  return starts[lines.chunks.length] as number;
}

function indexOf(lines: LineIndex["lines"]): LineIndex {
  const starts = new Uint32Array(lines.chunks.length + 1);
  for (const [at, { starts: own, items }] of lines.chunks.entries())
    starts[at + 1] = (starts[at] as number) + (own[items.length] as number);
  return { lines, starts };
}

function chunkOf(items: readonly Line[]): LineChunk {
  const starts = new Uint32Array(items.length + 1);
  for (let at = 0; at < items.length; at++) starts[at + 1] = (starts[at] as number) + ((items[at] as Line) >> 2);
  return { items, starts };
}

function linesOf(text: string): Line[] {
  const lines = text.includes("\r") ? linesWithAnyBreak(text) : linesWithLineFeeds(text);
  return lines;
}

function linesWithLineFeeds(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", start)) {
    lines.push((at + 1 - start) * 4 + 1);
    start = at + 1;
  }
  lines.push((text.length - start) * 4);
  return lines;
}

function linesWithAnyBreak(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 10 && code !== 13) continue;
    const length = code === 13 && text.charCodeAt(at + 1) === 10 ? 2 : 1;
    at += length - 1;
    lines.push((at + 1 - start) * 4 + length);
    start = at + 1;
  }
  lines.push((text.length - start) * 4);
  return lines;
}
