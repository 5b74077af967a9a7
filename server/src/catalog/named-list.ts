/** A persistent list of things with names, in the order in which they came: each change costs what it changes. */

import { IdMap } from "./id-map.ts";
import { NameMap } from "./name-map.ts";

/** What such lists hold. */
interface Named {
  readonly name: string;
}

/** Shorter lists are looked through; ten thousand partitions have as many of them. */
const longList = 16;

/**
 * The constraints of a table: a script may add ten thousand of them one by one, and each step keeps the list on both sides of it.
 */
export class NamedList<Item extends Named> implements Iterable<Item> {
  /** By the number of their coming. */
  private readonly items: IdMap<Item>;
  /** The number of the next one. */
  private readonly next: number;
  /** The numbers by the names; null for a short list, and where two have one name. */
  private readonly numbers: NameMap<number> | null;

  private constructor(items: IdMap<Item>, next: number, numbers: NameMap<number> | null) {
    this.items = items;
    this.next = next;
    this.numbers = numbers;
  }

  static of<Item extends Named>(items: Iterable<Item>): NamedList<Item> {
    let list = new NamedList<Item>(IdMap.empty(), 0, null);
    for (const item of items) list = list.with(item);
    return list;
  }

  get length(): number {
    return this.items.size;
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.items.values()[Symbol.iterator]();
  }

  /** The first one of that name. */
  named(name: string): Item | null {
    if (this.numbers === null) return this.find((item) => item.name === name) ?? null;
    const number = this.numbers.get(name);
    return number === undefined ? null : (this.items.get(number) ?? null);
  }

  /** A copy with one more. */
  with(item: Item): NamedList<Item> {
    const items = this.items.with(this.next, item);
    const next = this.next + 1;
    if (this.numbers === null) return new NamedList(items, next, items.size === longList + 1 ? numbered(items) : null);
    const isTwin = this.numbers.has(item.name);
    return new NamedList(items, next, isTwin ? null : this.numbers.with(item.name, this.next));
  }

  /** A copy in which all of that name are another, or are gone where `change` gives null. */
  withNamed(name: string, change: Item | null): NamedList<Item> {
    const number = this.numbers?.get(name);
    if (this.numbers !== null) return number === undefined ? this : this.changedAt(number, change);
    return this.changed((item) => (item.name === name ? change : item));
  }

  /** A copy in which each is what `change` makes of it; null takes it out. The same list where nothing is another. */
  changed(change: (item: Item) => Item | null): NamedList<Item> {
    let list: NamedList<Item> = this;
    for (const [number, item] of this.items.entries()) {
      const now = change(item);
      if (now !== item) list = list.changedAt(number, now);
    }
    return list;
  }

  /** A copy with those for which `keeps` holds. */
  kept(keeps: (item: Item) => boolean): NamedList<Item> {
    return this.changed((item) => (keeps(item) ? item : null));
  }

  private changedAt(number: number, to: Item | null): NamedList<Item> {
    const before = this.items.get(number);
    if (before === undefined) return this;
    const items = to === null ? this.items.without(number) : this.items.with(number, to);
    if (this.numbers === null || before.name === to?.name) return new NamedList(items, this.next, this.numbers);
    const others = this.numbers.without(before.name);
    const numbers = to === null ? others : others.has(to.name) ? null : others.with(to.name, number);
    return new NamedList(items, this.next, numbers);
  }

  /** What an earlier version of the list has and this one has not, and the other way round; what both share is not looked at. */
  changesFrom(earlier: NamedList<Item>): { readonly gone: readonly Item[]; readonly come: readonly Item[] } {
    return { gone: earlier.items.changedFrom(this.items), come: this.items.changedFrom(earlier.items) };
  }

  find(is: (item: Item) => boolean): Item | undefined {
    for (const item of this) if (is(item)) return item;
    return undefined;
  }

  some(is: (item: Item) => boolean): boolean {
    return this.find(is) !== undefined;
  }

  every(is: (item: Item) => boolean): boolean {
    return this.find((item) => !is(item)) === undefined;
  }

  filter(is: (item: Item) => boolean): Item[] {
    return [...this].filter(is);
  }

  map<T>(make: (item: Item) => T): T[] {
    return [...this].map(make);
  }

  flatMap<T>(make: (item: Item) => T | readonly T[]): T[] {
    return [...this].flatMap(make);
  }
}

function numbered(items: IdMap<Named>): NameMap<number> | null {
  let numbers = NameMap.empty<number>();
  for (const [number, { name }] of items.entries()) {
    if (numbers.has(name)) return null;
    numbers = numbers.with(name, number);
  }
  return numbers;
}
