/** pg_pathman's configuration as a persistent value: which tables it has divided, by what, and with which parameters. */

import type { IdMap } from "./id-map.ts";
import type { RelationId } from "./relation.ts";
import type { BTree } from "./sorted-map.ts";

/** A row of `pathman_config`. */
export interface PathmanTable {
  /** Since 1.0, which keeps the OID; before, the row keeps a name, which outlives the table. */
  readonly relation: RelationId | null;
  /** `relname` before 1.0, as it was put together: `public.journal`. */
  readonly relname: string | null;
  readonly type: "hash" | "range";
  /** The partitioning key as it is stored: a column, since 1.4 an expression. */
  readonly expression: string;
  /** Of ranges, as text; null where there is none, and before 0.1. */
  readonly interval: string | null;
}

/** A row of `pathman_config_params`; where there is none, these are the defaults. */
export interface PathmanParameters {
  /** Whether queries read the parent too. */
  readonly enableParent: boolean;
  /** Whether a row beyond all ranges makes a partition. */
  readonly auto: boolean;
  /** The function that is called with each new partition, as it is named; null where there is none. */
  readonly callback: string | null;
}

/** What the triggers on a table of the README's era do with its rows. */
export interface PathmanRouter {
  readonly type: "hash" | "range";
  readonly attribute: string;
  /** By how many the hash trigger divides. */
  readonly count: number;
}

export interface Pathman {
  /** By what the row keeps: `#` and the id, or the name. */
  readonly tables: BTree<string, PathmanTable>;
  readonly parameters: IdMap<PathmanParameters>;
  /** By parent, as they have been made; whether the trigger is still there the table tells. */
  readonly routers: IdMap<PathmanRouter>;
  /** Tables that have been divided in this session and are no more: its cache goes on taking their children for partitions. */
  readonly former: IdMap<true>;
  /**
   * By parent: the last number that its naming sequence has given, -1 where rows that are not known may have taken more. No
   * rollback takes numbers back.
   */
  readonly numbers: IdMap<number>;
}
