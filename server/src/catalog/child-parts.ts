/** What is kept of an inheritance parent: how its children are told apart, by their constraints or by what is registered. */

import type { IdMap } from "./id-map.ts";
import type { Bound, PartitionKey, PartitionSet, RangeDatum } from "./partitioning.ts";
import type { RelationId } from "./relation-id.ts";

/** What is kept of an inheritance parent, by `effects/inheritance/keep-layouts.ts`: see there what keeps which kind. */
export type ChildLayout = CheckLayout | RegisteredLayout;

/** Read from the children's CHECK constraints: for each column that they bound, the parts as they would be under that key. */
export interface CheckLayout {
  readonly by: "checks";
  readonly children: IdMap<CheckedChild>;
  /** How many of the children are not fully known. */
  readonly unsure: number;
  readonly columns: ReadonlyMap<string, CheckedColumn>;
}

/** What an extension has registered, with its own bounds; a child that goes leaves it, one that comes waits for the extension. */
export interface RegisteredLayout {
  readonly by: "pathman";
  readonly key: PartitionKey;
  readonly partitions: PartitionSet;
  readonly bounds: IdMap<Bound>;
  /** What becomes of a row that no part takes. */
  readonly stray: "refused" | "parent" | "part-is-made" | "unknown";
  readonly routedBy: "trigger" | "extension" | "nobody";
  /** Whether the table may hold rows besides those of its parts. */
  readonly parentHoldsRows: boolean;
}

/** The bounds of parts in the declarative notation, by their ids; of what is no part there is none. */
export interface BoundsOfParts {
  readonly get: (part: RelationId) => Bound | undefined;
}

/** What the CHECK constraints of one child say. */
export interface CheckedChild {
  /** By column that they mention: its bound as the set keeps it. */
  readonly columns: ReadonlyMap<string, CheckedBound>;
  /** Whether they say nothing that `columns` does not tell, so that rows within all bounds are taken for sure. */
  readonly exact: boolean;
  /** Whether the child is fully known: else it may have other constraints by now. */
  readonly sure: boolean;
}

export interface CheckedBound {
  /** In the declarative notation, `unknown` where it has none. */
  readonly bound: Bound;
  /** What the set holds of it: ranges in ascending order, or a remainder; null where the constraints exclude nothing. */
  readonly entries: readonly CheckedRange[] | { readonly modulus: number; readonly remainder: number } | null;
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
  readonly kinds: Readonly<Record<PartitionKey["strategy"], number>>;
}
