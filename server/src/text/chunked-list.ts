/** A list of which versions share most: an edit copies the part in which it lies, and what is known of the others holds. */

/** What lists and arrays have in common. */
export interface Sequence<Item> extends Iterable<Item> {
  readonly length: number;
  readonly slice: (from: number, to?: number) => readonly Item[];
}

/** Items that stand one behind the other, with what is known of them together. */
export interface Chunk<Item> {
  readonly items: readonly Item[];
}

/** Few enough that to copy them costs little, and enough that a long list has few of them. */
const chunkLength = 128;

/** Fewer are put together with those behind them. */
const shortChunk = 32;

/** An immutable list in chunks; `make` makes a chunk of at least one item and must hang on nothing else. */
export class ChunkedList<Item, Of extends Chunk<Item> = Chunk<Item>> implements Sequence<Item> {
  readonly chunks: readonly Of[];
  /** The index of the first item of each chunk, and behind them how many there are. */
  readonly firsts: Uint32Array;
  private readonly make: (items: readonly Item[]) => Of;

  private constructor(chunks: readonly Of[], make: (items: readonly Item[]) => Of) {
    this.chunks = chunks;
    this.make = make;
    this.firsts = new Uint32Array(chunks.length + 1);
    for (let at = 0; at < chunks.length; at++)
      this.firsts[at + 1] = (this.firsts[at] as number) + (chunks[at] as Of).items.length;
  }

  static of<Item, Of extends Chunk<Item>>(
    items: readonly Item[],
    make: (items: readonly Item[]) => Of,
  ): ChunkedList<Item, Of> {
    return new ChunkedList([...cut(items, make)], make);
  }

  get length(): number {
    return this.firsts[this.chunks.length] as number;
  }

  /** The item at the index; undefined where there is none, also for negative ones. */
  at(index: number): Item | undefined {
    const chunk = this.chunkAt(index);
    return this.chunks[chunk]?.items[index - (this.firsts[chunk] as number)];
  }

  /** The number of the chunk that holds the index; -1 for an index that there is not. */
  chunkAt(index: number): number {
    return index >= 0 && index < this.length ? lastUpTo(this.firsts, index, this.chunks.length - 1) : -1;
  }

  /** The items from `from` to before `to`, neither of which may be negative. */
  slice(from: number, to = this.length): readonly Item[] {
    const end = Math.min(to, this.length);
    const items: Item[] = [];
    for (let chunk = this.chunkAt(from), at = from; at < end; chunk++) {
      const first = this.firsts[chunk] as number;
      const own = (this.chunks[chunk] as Of).items;
      for (const last = Math.min(end, first + own.length); at < last; at++) items.push(own[at - first] as Item);
    }
    return items;
  }

  *[Symbol.iterator](): Generator<Item> {
    for (const { items } of this.chunks) yield* items;
  }

  /** The list with the items from `first` to before `last` replaced. */
  replaced(first: number, by: readonly Item[], last: number): ChunkedList<Item, Of> {
    if (first === last && by.length === 0) return this;
    const { chunks, firsts, length } = this;
    // An edit at the end of a chunk grows that one.
    const from = length === 0 ? 0 : Math.max(0, this.chunkAt(Math.min(first, length - 1)));
    let to = last >= length ? chunks.length : this.chunkAt(last);
    const tailEnd = (): number => (to < chunks.length ? (firsts[to + 1] as number) : length);
    if (to < chunks.length) {
      const kept = first - (firsts[from] as number) + by.length + tailEnd() - last;
      if (kept < shortChunk && to + 1 < chunks.length) to++;
    }
    const between = [...this.slice(firsts[from] as number, first), ...by, ...this.slice(last, tailEnd())];
    return new ChunkedList([...chunks.slice(0, from), ...cut(between, this.make), ...chunks.slice(to + 1)], this.make);
  }
}

function* cut<Item, Of>(items: readonly Item[], make: (items: readonly Item[]) => Of): Generator<Of> {
  const count = Math.ceil(items.length / chunkLength);
  const length = Math.ceil(items.length / count);
  for (let at = 0; at < items.length; at += length) yield make(items.slice(at, at + length));
}

/** The index of the last number that is not greater than `value`, of those in ascending order up to `most`; 0 where none is. */
export function lastUpTo(ascending: ArrayLike<number>, value: number, most: number): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ascending[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
