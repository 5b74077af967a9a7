/** Code that the script stores in the database: bodies of functions, what triggers call, prepared statements. */

import type { Code } from "../syntax/uses.ts";
import type { BTree } from "./sorted-map.ts";

/** Code under its name. */
export interface StoredCode {
  /** What tells it from others of its name: the argument types of a function. */
  readonly signature: string;
  readonly code: Code;
  /** Of an event trigger: its event, and the commands that it is for where it is not for all. */
  readonly event?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** By kind and name; see `Catalog.code`. */
export type CodeByName = BTree<string, readonly StoredCode[]>;
