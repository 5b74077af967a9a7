/** Conversion between offsets and line/character positions of one text. */

/** A place as editors count it: both numbers begin at 0, and `character` counts UTF-16 code units. */
export interface LinePosition {
  readonly line: number;
  readonly character: number;
}

/** Where the lines of one text begin. `\n`, `\r\n` and a lone `\r` each end a line, as the Language Server Protocol has it. */
export interface LineIndex {
  /** The offset of each line's first character, ascending; the first is always 0. */
  readonly starts: Uint32Array;
  /** Where each line's content ends, before its line break. */
  readonly ends: Uint32Array;
}

/** Reads the text once; a megabyte takes about a millisecond. */
export function createLineIndex(text: string): LineIndex {
  const starts: number[] = [0];
  const ends: number[] = [];
  if (text.includes("\r")) collectAnyLineBreaks(text, starts, ends);
  else collectLineFeeds(text, starts, ends);
  ends.push(text.length);
  return { starts: new Uint32Array(starts), ends: new Uint32Array(ends) };
}

/** The lines after `[start, end)` of the previous text has been replaced by `length` code units; `text` is the new one. */
export function editLineIndex(
  previous: LineIndex,
  text: string,
  { start, end, length }: { readonly start: number; readonly end: number; readonly length: number },
): LineIndex {
  const delta = length - (end - start);
  // A carriage return in front of the change and a line feed in it make one line break.
  const first = lineAt(previous, start - 1);
  const last = lineAt(previous, end) + 1;
  const from = previous.starts[first] ?? 0;
  const next = previous.starts[last];
  const fresh = createLineIndex(text.slice(from, next === undefined ? text.length : next + delta));
  // Where a line follows, the fresh ones end with its empty beginning.
  const count = next === undefined ? fresh.starts.length : fresh.starts.length - 1;
  const replace = (old: Uint32Array, by: Uint32Array): Uint32Array => {
    const lines = new Uint32Array(first + count + old.length - last);
    lines.set(old.subarray(0, first));
    for (let line = 0; line < count; line++) lines[first + line] = (by[line] ?? 0) + from;
    lines.set(old.subarray(last), first + count);
    if (delta !== 0) for (let at = first + count; at < lines.length; at++) (lines[at] as number) += delta;
    return lines;
  };
  return { starts: replace(previous.starts, fresh.starts), ends: replace(previous.ends, fresh.ends) };
}

/** The position of an offset; an offset outside the text is moved to the nearest end. */
export function positionAt(index: LineIndex, offset: number): LinePosition {
  const line = lineAt(index, offset);
  const start = index.starts[line] ?? 0;
  const textEnd = index.ends[index.ends.length - 1] ?? 0;
  return { line, character: Math.max(0, Math.min(offset, textEnd) - start) };
}

/** The number of the line that holds `offset`, counted from 0. */
export function lineAt(index: LineIndex, offset: number): number {
  let low = 0;
  let high = index.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((index.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The offset of a position; a character beyond its line stands for the line's end, a line beyond the text for the text's end. */
export function offsetAt(index: LineIndex, position: LinePosition): number {
  if (position.line < 0) return 0;
  const start = index.starts[position.line];
  const end = index.ends[position.line];
  if (start === undefined || end === undefined) return index.ends[index.ends.length - 1] ?? 0;
  return Math.max(start, Math.min(start + position.character, end));
}

/** The number of lines; a text that ends with a line break has an empty last line. */
export function lineCount(index: LineIndex): number {
  return index.starts.length;
}

function collectLineFeeds(text: string, starts: number[], ends: number[]): void {
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    ends.push(at);
    starts.push(at + 1);
  }
}

function collectAnyLineBreaks(text: string, starts: number[], ends: number[]): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 10 && code !== 13) continue;
    ends.push(at);
    if (code === 13 && text.charCodeAt(at + 1) === 10) at++;
    starts.push(at + 1);
  }
}
