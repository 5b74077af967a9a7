/** A persistent map by names, for look-ups: a tree over the digits of the names' hashes, which compares one name instead of many. */

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

  private constructor(root: Node<V> | null) {
    this.root = root;
  }

  static empty<V extends {}>(): NameMap<V> {
    return new NameMap<V>(null);
  }

  get(key: string): V | undefined {
    for (let leaf = this.leavesOf(hashOf(key)); leaf !== null; leaf = leaf.next)
      if (leaf.key === key) return leaf.value;
    return undefined;
  }

  /** What stands for `schema` + NUL + `name`; putting them together would take longer than finding them. */
  getQualified(schema: string, name: string): V | undefined {
    let leaf = this.leavesOf(finished(hashed(name, hashed("\0", hashed(schema, offsetBasis)))));
    for (; leaf !== null; leaf = leaf.next) if (isQualified(leaf.key, schema, name)) return leaf.value;
    return undefined;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A copy in which the name stands for the value. */
  with(key: string, value: V): NameMap<V> {
    const leaf: Leaf<V> = { hash: hashOf(key), key, value, next: null };
    return new NameMap(this.root === null ? leaf : added(this.root, 0, leaf));
  }

  /** A copy in which the name stands for nothing. */
  without(key: string): NameMap<V> {
    if (this.root === null || !this.has(key)) return this;
    return new NameMap(removed(this.root, 0, hashOf(key), key));
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

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function isQualified(key: string, schema: string, name: string): boolean {
  const { length } = schema;
  return (
    key.length === length + 1 + name.length && key[length] === "\0" && key.endsWith(name) && key.startsWith(schema)
  );
}

/** 32 bits (FNV-1a). */
function hashOf(key: string): number {
  return finished(hashed(key, offsetBasis));
}

const offsetBasis = 0x811c9dc5;

function hashed(text: string, start: number): number {
  let hash = start;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The low digits, which come first, hang on the last characters alone. */
function finished(hash: number): number {
  return (hash ^ (hash >>> 15)) >>> 0;
}
