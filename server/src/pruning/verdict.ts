/** Which leaf partitions a statement touches, who says so, and why not fewer. */

import type { RelationId } from "../catalog/relation.ts";
import type { TextRange } from "../text/range.ts";
import type { ShardVerdict } from "./shards.ts";

export type Decided =
  /** When the statement is planned. */
  | "planning"
  /** When the executor starts: `now()`, parameters. */
  | "executor-start"
  /** While it runs: joins, subqueries. */
  | "execution";

export type Certainty = "exact" | "at-most" | "unknown";

/** Who says so: our own rules, the embedded PostgreSQL, or the connected server. */
export type VerdictSource = "predicted" | "embedded" | "connected";

/** What one statement does with one partitioned table (a root: no partition itself, unless it is named directly). */
export interface RelationVerdict {
  readonly relation: QualifiedName;
  readonly relationId: RelationId | null;
  /** The reference in the statement, relative to it. */
  readonly range: TextRange;
  readonly access: "select" | "insert" | "update" | "delete" | "merge";
  /** All leaf partitions, in bound order; for inheritance the parent counts among them. */
  readonly leaves: readonly QualifiedName[];
  /** The leaves scanned, written, or (INSERT) routed to; null where unknown. */
  readonly survivors: readonly QualifiedName[] | null;
  readonly decided: Decided;
  readonly certainty: Certainty;
  readonly source: VerdictSource;
  /** Of a prediction: that it rests on the schema which was read of a database, whose relations have ids of their own. */
  readonly basis?: "database" | undefined;
  /** Of a table that Citus divides: which of its shards. */
  readonly shards?: ShardVerdict | undefined;
  /** Why not fewer, or why unknown: one entry for each cause, most important first. */
  readonly reasons: readonly PruningReason[];
}

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** A cause for which partitions survive that need not. */
export interface PruningReason {
  readonly kind:
    | "no-predicate"
    | "key-wrapped"
    /** A weekday, a time of day: every period of the key has them. */
    | "recurring-part"
    | "type-mismatch"
    | "collation"
    | "row-comparison"
    | "key-prefix"
    | "hash-needs-equality"
    | "boolean-key-not-first"
    | "stable-expression"
    | "volatile-expression"
    | "parameter"
    | "join"
    | "subquery"
    | "or-without-key"
    | "condition-above"
    | "inequality"
    | "default-partition"
    | "constraint-exclusion"
    | "setting-off"
    | "not-modelled"
    | "no-source";
  /** A sentence for people, without a full stop at the end of a fragment. */
  readonly message: string;
  /** The predicate it is about, relative to the statement. */
  readonly range: TextRange | null;
}

export interface Verdict {
  readonly relations: readonly RelationVerdict[];
  /** Why there is none, where a source failed: a sentence for the lens. */
  readonly problem: string | null;
}
