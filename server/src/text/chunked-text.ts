/** A text of which versions share most: an edit copies the part in which it lies, and nobody need have it in one piece. */

import { lastUpTo } from "./chunked-list.ts";

/** What strings and texts in parts have in common. */
export interface TextLike {
  /** In UTF-16 code units. */
  readonly length: number;
  /** What stands from `from` to before `to`, neither of which may be negative. */
  readonly slice: (from: number, to?: number) => string;
}

/** Short enough that an edit copies little, and long enough that a file of megabytes has hundreds of them, not thousands. */
const chunkLength = 4_096;

/** Less is put together with what stands behind it. */
const shortChunk = 512;

/**
 * An immutable text in parts. To put a text of megabytes together anew takes longer than all else that follows from a key, and leaves as much
 * behind for the garbage collector.
 */
export class ChunkedText implements TextLike {
  private readonly chunks: readonly string[];
  /** Where each part begins, and behind them the length of the text. */
  private readonly starts: Uint32Array;
  private whole: string | null;

  private constructor(chunks: readonly string[], whole: string | null) {
    this.chunks = chunks;
    this.whole = whole;
    this.starts = new Uint32Array(chunks.length + 1);
    for (let at = 0; at < chunks.length; at++)
      this.starts[at + 1] = (this.starts[at] as number) + (chunks[at] as string).length;
  }

  static of(text: string | ChunkedText): ChunkedText {
    return typeof text === "string" ? new ChunkedText(cut(text), text) : text;
  }

  get length(): number {
    return this.starts[this.chunks.length] as number;
  }

  /** Whether somebody has asked for it in one piece, which is kept. */
  get isInOnePiece(): boolean {
    return this.whole !== null;
  }

  slice(from: number, to = this.length): string {
    if (this.whole !== null) return this.whole.slice(from, to);
    const end = Math.min(to, this.length);
    if (from >= end) return "";
    let chunk = this.chunkAt(from);
    const start = this.starts[chunk] as number;
    let text = (this.chunks[chunk] as string).slice(from - start, end - start);
    for (chunk++; (this.starts[chunk] as number) < end; chunk++)
      text += (this.chunks[chunk] as string).slice(0, end - (this.starts[chunk] as number));
    return text;
  }

  /** What stands before `to`, in the parts of which most are those of other versions. */
  parts(to: number): readonly string[] {
    const { chunks, starts } = this;
    const count = chunks.findIndex((_, at) => (starts[at + 1] as number) >= to);
    if (count < 0) return chunks;
    return [...chunks.slice(0, count), (chunks[count] as string).slice(0, to - (starts[count] as number))];
  }

  /** Whether the words stand somewhere in it; asked without putting it together. */
  includes(words: string): boolean {
    if (this.whole !== null) return this.whole.includes(words);
    for (let at = 0; at < this.chunks.length; at++) {
      const end = this.starts[at + 1] as number;
      const across = this.slice(Math.max(0, end - words.length), end + words.length);
      if ((this.chunks[at] as string).includes(words) || across.includes(words)) return true;
    }
    return words === "";
  }

  /** The text with what stands from `from` to before `to` replaced. */
  replaced(from: number, to: number, by: string): ChunkedText {
    const { chunks, starts, length } = this;
    if (length === 0) return ChunkedText.of(by);
    const first = this.chunkAt(from);
    let last = Math.max(first, this.chunkAt(to));
    const kept = from - (starts[first] as number) + by.length + (starts[last + 1] as number) - to;
    if (kept < shortChunk && last + 1 < chunks.length) last++;
    const between = this.slice(starts[first] as number, from) + by + this.slice(to, starts[last + 1]);
    return new ChunkedText([...chunks.slice(0, first), ...cut(between), ...chunks.slice(last + 1)], null);
  }

  /** The text in one piece, which is put together when it is first asked for. */
  toString(): string {
    this.whole ??= this.chunks.join("");
    return this.whole;
  }

  /** The one edit between this text and a later one; null where they are the same. */
  differenceFrom(later: ChunkedText): { readonly start: number; readonly end: number; readonly length: number } | null {
    const [a, b] = [this.chunks, later.chunks];
    const shorter = Math.min(a.length, b.length);
    let [first, behind] = [0, 0];
    while (first < shorter && a[first] === b[first]) first++;
    if (first === a.length && first === b.length) return null;
    while (behind < shorter - first && a[a.length - 1 - behind] === b[b.length - 1 - behind]) behind++;
    const start = this.starts[first] as number;
    const before = a.slice(first, a.length - behind).join("");
    const after = b.slice(first, b.length - behind).join("");
    const [same, sameBehind] = commonEnds(before, after);
    if (same + sameBehind === before.length && before.length === after.length) return null;
    return { start: start + same, end: start + before.length - sameBehind, length: after.length - same - sameBehind };
  }

  private chunkAt(offset: number): number {
    return Math.max(0, lastUpTo(this.starts, offset, this.chunks.length - 1));
  }
}

/** How many code units two texts have in common at their beginnings, and how many others at their ends. */
export function commonEnds(before: string, after: string): readonly [number, number] {
  const shorter = Math.min(before.length, after.length);
  let [start, end] = [0, 0];
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end++;
  return [start, end];
}

function cut(text: string): readonly string[] {
  if (text.length <= 2 * chunkLength) return text === "" ? [] : [text];
  const count = Math.ceil(text.length / chunkLength);
  const length = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, index) => text.slice(index * length, (index + 1) * length));
}
