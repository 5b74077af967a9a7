/** How a table is partitioned, and with which bounds: keys, bounds, and the ordered set of a table's partitions. */

import type { Expression } from "../syntax/expression.ts";
import type { Members } from "./access.ts";
import type { DataType } from "./data-type.ts";
import type { KeyDoubt } from "./doubt.ts";
import type { IdMap } from "./id-map.ts";
import type { RelationId } from "./relation-id.ts";
import type { BTree } from "./sorted-map.ts";
import type { Value } from "./value.ts";

export type Strategy = "range" | "list" | "hash";

export type Scheme = "declarative" | "inheritance" | "pathman" | "partman" | "citus";

/** A partition key. */
export interface PartitionKey {
  readonly strategy: Strategy;
  readonly elements: readonly KeyElement[];
  /** By what hash parts are told apart; absent where by PostgreSQL's own. `modulo` is `key % modulus = remainder`. */
  readonly hashing?: "modulo" | "pathman" | undefined;
}

export interface KeyElement extends KeyDoubt {
  /** The column's name, or null for an expression. Follows renames. */
  readonly column: string | null;
  readonly expression: Expression | null;
  /** As `pg_get_partkeydef` spells it: `k`, `lower(name)`, `((a + b))` with its outer parentheses. */
  readonly text: string;
  /** null where it cannot be told (an assumed table, a function we do not know). */
  readonly type: DataType | null;
  /** The collation in force for text types: `C`, `default`, or another; null for types without one. */
  readonly collation: string | null;
  /** The collation by whose order values are compared: `collation`, or what `default` is in this database where that is known. */
  readonly comparison: string | null;
  /** A collation that is written and not the column's own, as `pg_get_partkeydef` prints it after COLLATE; else null. */
  readonly printedCollation: string | null;
  /** A non-default operator class as written, else null. */
  readonly operatorClass: string | null;
}

/** One end of a range in one column. */
export type RangeDatum =
  | { readonly kind: "minvalue" }
  | { readonly kind: "maxvalue" }
  /** `after`: the place just behind the value, where a CHECK ends with `<=` or begins with `>`; never in a partition's bound. */
  | { readonly kind: "value"; readonly value: Value; readonly after?: true | undefined };

/** A partition's bound, stored as PostgreSQL stores it: after the cast to the key's type. */
export type Bound =
  | { readonly kind: "range"; readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] }
  /** Values in the order written, without duplicates; null is the SQL NULL. */
  | { readonly kind: "list"; readonly values: readonly (Value | null)[] }
  | { readonly kind: "hash"; readonly modulus: number; readonly remainder: number }
  | { readonly kind: "default" }
  /** It could not be evaluated (a function we do not know, an unknown key type): nothing is claimed of it. */
  | { readonly kind: "unknown" };

/** The partitions of one table, persistent: `with…` operations share structure with the set they start from. */
export interface PartitionSet {
  /** What it has in common with the sets that were made of it, and those with no other. */
  readonly members: Members;
  /**
   * Range partitions by lower bound. Keys are lower bounds; only comparable bounds are in it. Of inheritance children, which
   * may overlap and have several ranges, the keys go on with a number that no other range of the table has.
   */
  readonly ranges: BTree<readonly RangeDatum[], RangeEntry>;
  /** List partitions by value. */
  readonly values: BTree<Value, RelationId>;
  /** The list partition that takes NULL. */
  readonly nullPartition: RelationId | null;
  /** Hash partitions by modulus, then remainder; of inheritance children, which may overlap, then by their id. */
  readonly hashes: BTree<readonly [modulus: number, remainder: number, child?: RelationId], RelationId>;
  readonly defaultPartition: RelationId | null;
  /**
   * Partitions whose bound is unknown or cannot be compared with the others, in order of creation. PostgreSQL may have refused
   * them: no conflict with them is claimed, and while there are any, no gap.
   */
  readonly incomparable: IdMap<Bound>;
  /** All partitions in order of creation. */
  readonly all: IdMap<true>;
}

export interface RangeEntry {
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
  readonly partition: RelationId;
  /** On a range of an inheritance child: it is a single value that its CHECK names. */
  readonly point?: true | undefined;
}

/** What makes a relation a partitioned table. */
export interface Partitioning {
  readonly key: PartitionKey;
  readonly partitions: PartitionSet;
}
