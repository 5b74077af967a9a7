/** A persistent map by names, for look-ups: a tree over the digits of the names' hashes, which compares one name instead of many. */

import { noteAll, noteEntry, type Space, spaces } from "./access.ts";
import type { MapChanges } from "./id-map.ts";

const bits = 4;
const digit = (1 << bits) - 1;

/** One name. Others with the same hash hang on it. */
interface Leaf<V> {
  readonly hash: number;
  readonly key: string;
  readonly value: V;
  readonly next: Leaf<V> | null;
}

/** `present` has a bit for each digit that has a child; the children stand in the order of their digits. */
interface Branch<V> {
  readonly present: number;
  readonly children: readonly Node<V>[];
}

type Node<V> = Leaf<V> | Branch<V>;

/** Copies share all other nodes with the original. */
export class NameMap<V extends {}> {
  private readonly root: Node<V> | null;
  /** Under which name it is noted what is looked at. */
  private readonly space: Space;

  private constructor(root: Node<V> | null, space: Space) {
    this.root = root;
    this.space = space;
  }

  static empty<V extends {}>(space: Space = spaces.none): NameMap<V> {
    return new NameMap<V>(null, space);
  }

  get(key: string): V | undefined {
    const hash = hashOf(key);
    noteEntry(this.space, hash);
    return this.find(key, hash);
  }

  private find(key: string, hash: number): V | undefined {
    for (let leaf = this.leavesOf(hash); leaf !== null; leaf = leaf.next) if (leaf.key === key) return leaf.value;
    return undefined;
  }

  /** What stands for `schema` + NUL + `name`; putting them together would take longer than finding them. */
  getQualified(schema: string, name: string): V | undefined {
    const hash = hashOfQualified(schema, name);
    noteEntry(this.space, hash);
    let leaf = this.leavesOf(hash);
    for (; leaf !== null; leaf = leaf.next) if (isQualified(leaf.key, schema, name)) return leaf.value;
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A copy in which the name stands for the value. */
  with(key: string, value: V): NameMap<V> {
    const hash = hashOf(key);
    noteEntry(this.space, hash);
    return this.put(key, hash, value);
  }

  /** A copy in which the name stands for nothing. */
  without(key: string): NameMap<V> {
    const hash = hashOf(key);
    noteEntry(this.space, hash);
    return this.find(key, hash) === undefined ? this : this.remove(key, hash);
  }

  /** The names for which one of the maps has another value than the other, or one has none; null for more than `most`. */
  differences(other: NameMap<V>, most: number): ReadonlySet<string> | null {
    const found = new Set<string>();
    return findDifferences(this.root, other.root, (key) => found.add(key).size <= most) ? found : null;
  }

  /** What is to be changed in the other map to have this one; null for more than `most` entries, or another kind of map. */
  changesSince(other: NameMap<V>, most: number): MapChanges<string, V> | null {
    if (other.space !== this.space) return null;
    const keys = this.differences(other, most);
    if (keys === null) return null;
    const changes: (string | V | undefined)[] = [];
    for (const key of keys) changes.push(key, this.find(key, hashOf(key)));
    return changes;
  }

  /** A copy in which that is changed. It counts as no look at anything: what it makes was there before. */
  withChanges(changes: MapChanges<string, V>): NameMap<V> {
    let map: NameMap<V> = this;
    for (let at = 0; at < changes.length; at += 2) {
      const key = changes[at] as string;
      const value = changes[at + 1] as V | undefined;
      map = value === undefined ? map.remove(key, hashOf(key)) : map.put(key, hashOf(key), value);
    }
    return map;
  }

  private put(key: string, hash: number, value: V): NameMap<V> {
    const leaf: Leaf<V> = { hash, key, value, next: null };
    return new NameMap(this.root === null ? leaf : added(this.root, 0, leaf), this.space);
  }

  private remove(key: string, hash: number): NameMap<V> {
    return new NameMap(this.root === null ? null : removed(this.root, 0, hash, key), this.space);
  }

  /**
   * A copy of a map of counts in which that of the name is another; one of 0 is left out. It does not count as a look at it: two
   * that come one after the other may as well come in the other order.
   */
  static counted(counts: NameMap<number>, key: string, difference: number): NameMap<number> {
    const hash = hashOf(key);
    const known = counts.find(key, hash);
    const count = (known ?? 0) + difference;
    if (count > 0) return counts.put(key, hash, count);
    return known === undefined ? counts : counts.remove(key, hash);
  }

  private leavesOf(hash: number): Leaf<V> | null {
    let node: Node<V> | null = this.root;
    for (let rest = hash; node !== null && isBranch(node); rest >>>= bits) {
      const bit = 1 << (rest & digit);
      if ((node.present & bit) === 0) return null;
      node = node.children[countBits(node.present & (bit - 1))] ?? null;
    }
    return node;
  }

  /** In the order of the names' UTF-16 units: those that begin with `prefix`. Looks at all names there are. */
  entries(prefix = ""): readonly (readonly [string, V])[] {
    noteAll(this.space);
    const found: (readonly [string, V])[] = [];
    const visit = (node: Node<V>): void => {
      if (isBranch(node)) node.children.forEach(visit);
      else
        for (let leaf: Leaf<V> | null = node; leaf !== null; leaf = leaf.next)
          if (leaf.key.startsWith(prefix)) found.push([leaf.key, leaf.value]);
    };
    if (this.root !== null) visit(this.root);
    return found.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}

/** Ends where `found` answers false, and is false itself then. */
function findDifferences<V>(a: Node<V> | null, b: Node<V> | null, found: (key: string) => boolean): boolean {
  if (a === b) return true;
  if (a !== null && b !== null && isBranch(a) && isBranch(b)) {
    if (a.present === b.present) return findInChildren(a.children, b.children, found);
    for (let all = a.present | b.present; all !== 0; all &= all - 1) {
      const bit = all & -all;
      if (!findDifferences(childAt(a, bit), childAt(b, bit), found)) return false;
    }
    return true;
  }
  // A name that has come or gone, or stands for another value, is most of what statements change.
  const [only, other] = [onlyLeaf(a), onlyLeaf(b)];
  if (only !== undefined && b === null) return found(only.key);
  if (other !== undefined && a === null) return found(other.key);
  if (only !== undefined && other !== undefined && only.key === other.key)
    return only.value === other.value || found(only.key);
  const [ofA, ofB] = [new Map<string, V>(), new Map<string, V>()];
  addLeaves(a, ofA);
  addLeaves(b, ofB);
  for (const [key, value] of ofA) if (ofB.get(key) !== value && !found(key)) return false;
  for (const key of ofB.keys()) if (!ofA.has(key) && !found(key)) return false;
  return true;
}

/** The same of branches that have children at the same places. */
function findInChildren<V>(a: readonly Node<V>[], b: readonly Node<V>[], found: (key: string) => boolean): boolean {
  for (let index = 0; index < a.length; index++) {
    const [one, other] = [a[index] as Node<V>, b[index] as Node<V>];
    if (one !== other && !findDifferences(one, other, found)) return false;
  }
  return true;
}

/** The leaf that a node is; undefined for branches, and where names of one hash stand together. */
function onlyLeaf<V>(node: Node<V> | null): Leaf<V> | undefined {
  return node === null || isBranch(node) || node.next !== null ? undefined : node;
}

function childAt<V>({ present, children }: Branch<V>, bit: number): Node<V> | null {
  return (present & bit) === 0 ? null : (children[countBits(present & (bit - 1))] ?? null);
}

function addLeaves<V>(node: Node<V> | null, leaves: Map<string, V>): void {
  if (node === null) return;
  if (isBranch(node)) for (const child of node.children) addLeaves(child, leaves);
  else for (let leaf: Leaf<V> | null = node; leaf !== null; leaf = leaf.next) leaves.set(leaf.key, leaf.value);
}

function isBranch<V>(node: Node<V>): node is Branch<V> {
  return "children" in node;
}

function added<V>(node: Node<V>, shift: number, leaf: Leaf<V>): Node<V> {
  if (!isBranch(node)) {
    if (node.hash === leaf.hash) return { ...leaf, next: withoutName(node, leaf.key) };
    const place = (node.hash >>> shift) & digit;
    return added({ present: 1 << place, children: [node] }, shift, leaf);
  }
  const bit = 1 << ((leaf.hash >>> shift) & digit);
  const index = countBits(node.present & (bit - 1));
  const children = node.children.slice();
  const child = node.children[index];
  if ((node.present & bit) === 0 || child === undefined) {
    children.splice(index, 0, leaf);
    return { present: node.present | bit, children };
  }
  children[index] = added(child, shift + bits, leaf);
  return { present: node.present, children };
}

/** null where nothing is left. */
function removed<V>(node: Node<V>, shift: number, hash: number, key: string): Node<V> | null {
  if (!isBranch(node)) return withoutName(node, key);
  const bit = 1 << ((hash >>> shift) & digit);
  const index = countBits(node.present & (bit - 1));
  const child = node.children[index];
  if ((node.present & bit) === 0 || child === undefined) return node;
  const left = removed(child, shift + bits, hash, key);
  const children = node.children.slice();
  if (left === null) children.splice(index, 1);
  else children[index] = left;
  const [only] = children;
  if (only === undefined) return null;
  return children.length === 1 && !isBranch(only)
    ? only
    : { present: left === null ? node.present & ~bit : node.present, children };
}

/** The leaves of one hash without that of the name. */
function withoutName<V>(leaf: Leaf<V> | null, key: string): Leaf<V> | null {
  if (leaf === null) return null;
  return leaf.key === key ? leaf.next : { ...leaf, next: withoutName(leaf.next, key) };
}

/** Of the 16 lowest bits. */
function countBits(mask: number): number {
  const pairs = mask - ((mask >>> 1) & 0x5555);
  const fours = (pairs & 0x3333) + ((pairs >>> 2) & 0x3333);
  const eights = (fours + (fours >>> 4)) & 0x0f0f;
  return (eights + (eights >>> 8)) & 0x1f;
}

function isQualified(key: string, schema: string, name: string): boolean {
  const { length } = schema;
  return (
    key.length === length + 1 + name.length && key[length] === "\0" && key.endsWith(name) && key.startsWith(schema)
  );
}

/** By what a name is noted, see `noteEntry`. */
export function hashOfName(key: string): number {
  return hashOf(key);
}

/** 32 bits (FNV-1a). */
function hashOf(key: string): number {
  return finished(hashed(key, offsetBasis));
}

const offsetBasis = 0x811c9dc5;

/** The same of `schema` + NUL + `name`. A statement looks for the same few names again and again. */
function hashOfQualified(schema: string, name: string): number {
  for (const last of lastHashes) if (last.name === name && last.schema === schema) return last.hash;
  const hash = finished(hashed(name, hashed("\0", hashed(schema, offsetBasis))));
  lastHashes[nextHash] = { schema, name, hash };
  nextHash = (nextHash + 1) % keptHashes;
  return hash;
}

const keptHashes = 8;
const lastHashes: { readonly schema: string; readonly name: string; readonly hash: number }[] = [];
let nextHash = 0;

function hashed(text: string, start: number): number {
  let hash = start;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The low digits, which come first, hang on the last characters alone. */
function finished(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}
