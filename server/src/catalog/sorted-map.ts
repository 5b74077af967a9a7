/** The persistent sorted map that catalogs are made of. */

import sortedBTree from "sorted-btree";

// Node hands an ES module the whole CommonJS module as its default export, bundlers and test runners the class in it.
const module: unknown = sortedBTree;

/** A sorted map whose `with` and `without` return changed copies that share all other nodes with the original. */
export const BTree =
  typeof module === "function" ? sortedBTree : (module as { readonly default: typeof sortedBTree }).default;

export type BTree<K, V> = sortedBTree<K, V>;
