/** A persistent map by ids: numbers from 0 on, given one after the other, so that a shallow tree of digits holds them. */

import { noteEntry, noteFrom, noteSize, type Space, spaces } from "./access.ts";

/** Digits of four bits: `with` copies one node for each, and every step of a replay keeps its copies. */
const bits = 4;
const width = 1 << bits;
const digit = width - 1;

/** Inner nodes hold nodes, those at the bottom values. */
type Node<V> = readonly (Node<V> | V | undefined)[];

/** Keys, each followed by the value that it is to stand for, or undefined. */
export type MapChanges<Key, V> = readonly (Key | V | undefined)[];

/** Copies share all other nodes with the original. Iteration goes from the lowest id to the highest. */
export class IdMap<V extends {}> {
  /** Of the highest digit. */
  private readonly shift: number;
  private readonly root: Node<V>;
  private readonly count: number;
  /** Under which name it is noted what is looked at. */
  private readonly space: Space;
  /** The entry under which looks at all of it are noted, where it is one of several of that space; null for none. */
  private readonly owner: number | null;

  private constructor(shift: number, root: Node<V>, count: number, space: Space, owner: number | null) {
    this.shift = shift;
    this.root = root;
    this.count = count;
    this.space = space;
    this.owner = owner;
  }

  /** @param owner the id of what has the map, where others have such maps too: looks at all of it are noted under that */
  static empty<V extends {}>(space: Space = spaces.none, owner: number | null = null): IdMap<V> {
    return new IdMap<V>(0, [], 0, space, owner);
  }

  get size(): number {
    if (this.owner === null) noteSize(this.space);
    else noteEntry(this.space, this.owner);
    return this.count;
  }

  /** Whether there is nothing in it. Not noted: for who takes out an entry and keeps no map without any, which is no look at the others. */
  get isEmpty(): boolean {
    return this.count === 0;
  }

  get(id: number): V | undefined {
    noteEntry(this.space, id);
    return this.find(id);
  }

  private find(id: number): V | undefined {
    if (!isId(id) || isAbove(id, this.shift)) return undefined;
    let node: Node<V> | undefined = this.root;
    for (let shift = this.shift; shift > 0 && node !== undefined; shift -= bits)
      node = node[(id >>> shift) & digit] as Node<V> | undefined;
    return node?.[id & digit] as V | undefined;
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** A copy in which the id stands for the value. */
  with(id: number, value: V): IdMap<V> {
    noteEntry(this.space, id);
    return this.put(id, value);
  }

  /** A copy in which the id stands for nothing. */
  without(id: number): IdMap<V> {
    return this.has(id) ? this.put(id, undefined) : this;
  }

  /** `value` undefined for an id that stands for something, and is to stand for nothing. */
  private put(id: number, value: V | undefined): IdMap<V> {
    let [shift, root]: [number, Node<V>] = [this.shift, this.root];
    while (isAbove(id, shift)) {
      root = root.length === 0 ? [] : [root];
      shift += bits;
    }
    const count = this.count + (value === undefined ? 0 : 1) - (this.find(id) === undefined ? 0 : 1);
    return new IdMap(shift, changed(root, shift, id, value), count, this.space, this.owner);
  }

  /** A copy in which each id stands for what `change` makes of its value. */
  mapped(change: (value: V) => V): IdMap<V> {
    this.noteFrom(0);
    return new IdMap(this.shift, mapped(this.root, this.shift, change), this.count, this.space, this.owner);
  }

  /** From the id `from` on. */
  entries(from = 0): Iterable<[number, V]> {
    const found: [number, V][] = [];
    this.visit(from, (id, value) => found.push([id, value]));
    return found;
  }

  keys(): Iterable<number> {
    const found: number[] = [];
    this.visit(0, (id) => found.push(id));
    return found;
  }

  values(): Iterable<V> {
    const found: V[] = [];
    this.visit(0, (_, value) => found.push(value));
    return found;
  }

  /** The values that the other map does not have under their ids; what the two share is not looked at. */
  changedFrom(other: IdMap<V>): readonly V[] {
    const found: V[] = [];
    const shift = Math.max(this.shift, other.shift);
    const [root, others] = [raised(this.root, this.shift, shift), raised(other.root, other.shift, shift)];
    findChanged(root, others, shift, 0, (_, value) => found.push(value));
    return found;
  }

  /** The ids for which one of the maps has another value than the other, or one has none; null for more than `most`. */
  differences(other: IdMap<V>, most: number): ReadonlySet<number> | null {
    const found = new Set<number>();
    const shift = Math.max(this.shift, other.shift);
    const [root, others] = [raised(this.root, this.shift, shift), raised(other.root, other.shift, shift)];
    const add = (id: number): boolean => found.add(id).size <= most;
    return findChanged(root, others, shift, 0, add) && findChanged(others, root, shift, 0, add) ? found : null;
  }

  /** What is to be changed in the other map, if anything is, to have this one; null for more than `most` entries, or another kind of map. */
  changesSince(other: IdMap<V>, most: number): MapChanges<number, V> | null {
    if (other.space !== this.space || other.owner !== this.owner) return null;
    const ids = this.differences(other, most);
    if (ids === null) return null;
    const changes: (number | V | undefined)[] = [];
    for (const id of ids) changes.push(id, this.find(id));
    return changes;
  }

  /** A copy in which that is changed. It counts as no look at anything: what it makes was there before. */
  withChanges(changes: MapChanges<number, V>): IdMap<V> {
    let map: IdMap<V> = this;
    for (let at = 0; at < changes.length; at += 2)
      map = map.put(changes[at] as number, changes[at + 1] as V | undefined);
    return map;
  }

  private noteFrom(from: number): void {
    if (this.owner === null) noteFrom(this.space, from);
    else noteEntry(this.space, this.owner);
  }

  private visit(from: number, found: (id: number, value: V) => void): void {
    this.noteFrom(from);
    if (!isAbove(from, this.shift)) visit(this.root, this.shift, 0, from, found);
  }
}

/** Whether a tree whose highest digit is at `shift` is too low for the id. */
function isAbove(id: number, shift: number): boolean {
  return id >= (capacities[shift / bits] as number);
}

/** How many ids a tree of so many digits and one more has; asked at each look, where a power takes longer than the rest. */
const capacities: readonly number[] = Array.from(
  { length: Math.ceil(53 / bits) + 1 },
  (_, digits) => 2 ** ((digits + 1) * bits),
);

/** No other number stands for anything: the bits of -1 would be those of the last place of a full tree. */
function isId(id: number): boolean {
  return Number.isSafeInteger(id) && id >= 0;
}

/** The root as one of a tree whose highest digit is at `to`. */
function raised<V extends {}>(root: Node<V>, from: number, to: number): Node<V> {
  let node = root;
  for (let shift = from; shift < to; shift += bits) node = [node];
  return node;
}

/** Ends where `found` answers false, and is false itself then. */
function findChanged<V extends {}>(
  node: Node<V>,
  other: Node<V> | undefined,
  shift: number,
  first: number,
  found: (id: number, value: V) => unknown,
): boolean {
  for (let place = 0; place < node.length; place++) {
    const entry = node[place];
    const counterpart = other?.[place];
    if (entry === undefined || entry === counterpart) continue;
    const id = first + place * 2 ** shift;
    const goesOn =
      shift === 0
        ? found(id, entry as V) !== false
        : findChanged(entry as Node<V>, counterpart as Node<V> | undefined, shift - bits, id, found);
    if (!goesOn) return false;
  }
  return true;
}

function changed<V extends {}>(node: Node<V>, shift: number, id: number, value: V | undefined): Node<V> {
  const copy = node.slice();
  const place = (id >>> shift) & digit;
  // No holes, which would make the array a slow one.
  while (copy.length < place) copy.push(undefined);
  copy[place] = shift === 0 ? value : changed((copy[place] as Node<V> | undefined) ?? [], shift - bits, id, value);
  return copy;
}

function mapped<V extends {}>(node: Node<V>, shift: number, change: (value: V) => V): Node<V> {
  return node.map((entry) => {
    if (entry === undefined) return undefined;
    return shift === 0 ? change(entry as V) : mapped(entry as Node<V>, shift - bits, change);
  });
}

function visit<V extends {}>(
  node: Node<V>,
  shift: number,
  first: number,
  from: number,
  found: (id: number, value: V) => void,
): void {
  const step = 2 ** shift;
  for (let place = Math.max(0, Math.floor((from - first) / step)); place < node.length; place++) {
    const entry = node[place];
    if (entry === undefined) continue;
    const id = first + place * step;
    if (shift === 0) found(id, entry as V);
    else visit(entry as Node<V>, shift - bits, id, from, found);
  }
}
