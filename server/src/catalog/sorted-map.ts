/** The persistent sorted map that catalogs are made of. */

import sortedBTree from "sorted-btree";
import sortedBTreeDifference from "sorted-btree/extended/diffAgainst.js";

// Node hands an ES module the whole CommonJS module as its default export, bundlers and test runners what is the default in it.
const [module, difference]: unknown[] = [sortedBTree, sortedBTreeDifference];

/** A sorted map whose `with` and `without` return changed copies that share all other nodes with the original. */
export const BTree =
  typeof module === "function" ? sortedBTree : (module as { readonly default: typeof sortedBTree }).default;

export type BTree<K, V> = sortedBTree<K, V>;

const diffAgainst =
  typeof difference === "function"
    ? sortedBTreeDifference
    : (difference as { readonly default: typeof sortedBTreeDifference }).default;

/**
 * Entries in a node. Each change copies the nodes from the root down, and every step of a replay keeps its copies: small
 * nodes cost less than a shallow tree gains.
 */
const nodeSize = 8;

/** An empty map in the order that `compare` gives. */
export function mapBy<K, V>(compare: (a: K, b: K) => number): BTree<K, V> {
  return new BTree<K, V>(undefined, compare, nodeSize);
}

/** An empty map by texts, in the order of their UTF-16 units. */
export function mapByText<V>(): BTree<string, V> {
  return mapBy<string, V>((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The keys under which the maps, of one order, do not have the same value; null for more than `most`. What they share is not looked at. */
export function differencesOf<K, V>(a: BTree<K, V>, b: BTree<K, V>, most: number): readonly K[] | null {
  const keys: K[] = [];
  const add = (key: K): { break?: true } => (keys.push(key) > most ? { break: true } : {});
  return diffAgainst(a, b, add, add, add) === true ? null : keys;
}
