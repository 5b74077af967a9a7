/** What is kept of an inheritance parent: how its children are told apart, and what an extension has registered of it. */

import type { ChildDoubt } from "./doubt.ts";
import type { IdMap } from "./id-map.ts";
import type { Bound, PartitionKey, PartitionSet, RangeDatum, Strategy } from "./partitioning.ts";
import type { RelationId } from "./relation-id.ts";

/**
 * Read from the children's CHECK constraints, and kept by `effects/inheritance/keep-layouts.ts`: for each column that they
 * bound, the parts as they would be under that key.
 */
export interface ChildLayout {
  readonly children: IdMap<CheckedChild>;
  /** How many of the children are not fully known. */
  readonly unsure: number;
  readonly columns: ReadonlyMap<string, CheckedColumn>;
}

/** What an extension has registered of a table whose parts are its inheritance children, with the bounds of their CHECKs. */
export interface Registration {
  readonly by: "pathman";
  readonly strategy: Strategy;
  /** By what the parts are told apart: a column; null where it is an expression, of which the parts' bounds are not read. */
  readonly column: string | null;
  /** The key as it is registered. */
  readonly text: string;
  /** What becomes of a row that no part takes. */
  readonly stray: "refused" | "part-is-made";
  /** Whether the extension itself routes rows; else the triggers of the table do. */
  readonly routes: boolean;
}

/** The bounds of parts in the declarative notation, by their ids; of what is no part there is none. */
export interface BoundsOfParts {
  readonly get: (part: RelationId) => Bound | undefined;
}

/** What the CHECK constraints of one child say. */
export interface CheckedChild extends ChildDoubt {
  /** By column that they mention: its bound as the set keeps it. */
  readonly columns: ReadonlyMap<string, CheckedBound>;
}

export interface CheckedBound {
  /** In the declarative notation, `unknown` where it has none. */
  readonly bound: Bound;
  /** What the set holds of it: ranges in ascending order, or a remainder; null where the constraints exclude nothing. */
  readonly entries: readonly CheckedRange[] | CheckedRemainder | null;
}

export interface CheckedRemainder {
  readonly modulus: number;
  readonly remainder: number;
  /** Whether it is one of the hash by which pg_pathman divides, and not of the column itself. */
  readonly hashed?: true | undefined;
}

/** A range of one column. */
export interface CheckedRange {
  readonly lower: RangeDatum;
  readonly upper: RangeDatum;
  /** Whether it is a single value that the constraint names, as lists have them. */
  readonly point: boolean;
}

export interface CheckedColumn {
  readonly key: PartitionKey;
  readonly partitions: PartitionSet;
  /** A child that bounds the column counts 2, one that only mentions it 1. */
  readonly votes: number;
  /** How many children it bounds, by what kind of bound. */
  readonly kinds: Readonly<Record<Strategy | "pathman-hash", number>>;
}
