/** What applying a statement to a catalog gives: the next catalog, or PostgreSQL's refusal. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Origin, Relation, RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { addAll } from "../text/long-lists.ts";
import type { TextRange } from "../text/range.ts";

/** PostgreSQL majors that the model knows. */
export type PostgresVersion = 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19;

/** Everything besides the catalog and the statement that decides an outcome; plain input, no clock is read. */
export interface ApplyContext {
  readonly version: PostgresVersion;
  /** `pathmanVersion` of the settings: `readme` for the era of the seed document, else `0.1` … `1.5`, or `auto`. */
  readonly pathmanVersion: string;
  /** `partmanVersion` of the settings: `4`, `5`, or `auto`, which it is where it is absent. */
  readonly partmanVersion?: string | undefined;
  /** ISO date that `now()` and `current_date` stand for, or with a time (`2026-03-15T12:00:00Z`) the very moment. */
  readonly today: string;
  /** The world's id of the file, for origins. */
  readonly file: string;
  /** The statement, for origins. */
  readonly statement: StatementHandle;
  readonly inTransaction: boolean;
  /** Inside a DO block or function, where some commands are refused. */
  readonly inFunction: boolean;
  /** The statement tells what is there already: it runs nobody's code, and that it has succeeded is not in doubt. */
  readonly describes?: boolean | undefined;
  /** The statement's source, for messages that quote it; ranges index into it. */
  readonly text?: string | undefined;
}

/** What PostgreSQL, or the extension called, would answer instead of doing it. */
export interface Rejection {
  readonly sqlstate: string;
  /** The primary message, word for word for the version in the context. */
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** The part of the statement it is about, relative to the statement; rules may choose a better one. */
  readonly range: TextRange;
  /** Offset that PostgreSQL itself reports, relative to the statement, where it reports one. */
  readonly position?: number | undefined;
  /** The rule that presents it. */
  readonly rule: ErrorRule;
  /**
   * What is taken for granted of the database and may be otherwise, as a sentence; null where the refusal is certain. A rule
   * presents such a refusal as a warning: an error is never in doubt.
   */
  readonly assumption: string | null;
  /** Set where the statement before was refused for the same reason, and nobody needs to be told again. */
  readonly repeats?: true | undefined;
  /**
   * The relations that it is about, besides those that the statement of DDL names: a partition, the table that a key refers to, the
   * target of a query. It holds only if all of them are as they seem.
   */
  readonly about?: readonly RelationId[] | undefined;
  /** The relations that stand in the way of a DROP or of another type, where nothing else does: it holds as long as one of them is there. */
  readonly blockedBy?: readonly RelationId[] | undefined;
  /** Of a row that no partition takes: the table that looked for one, and the values of its partition key. */
  readonly unrouted?: { readonly table: RelationId; readonly key: readonly (Value | null)[] } | undefined;
  /** The name of the function that is not there, of an extension's that its version does not have. */
  readonly missing?: string | undefined;
  /** What it collides with: the sibling of an overlap, the existing default partition, the relation of that name. */
  readonly related: readonly {
    readonly relation: RelationId | null;
    readonly origin: Origin;
    readonly message: string;
  }[];
}

/** The error rules; each rejection belongs to exactly one. */
export type ErrorRule =
  | "partition-overlap"
  | "range-empty"
  | "bound-shape"
  | "bound-value"
  | "hash-modulus"
  | "default-conflict"
  | "partition-key-invalid"
  | "not-partitioned"
  | "attach-mismatch"
  | "unique-without-key"
  | "inherited-change"
  | "detach-concurrently-blocked"
  | "index-concurrently-partitioned"
  | "name-taken"
  | "unknown-relation"
  | "version-unsupported"
  | "syntax-error"
  | "transaction-aborted"
  | "insert-without-partition"
  | "conflict-without-key"
  | "pathman-call"
  | "pathman-check-format"
  | "pathman-foreign-mismatch"
  | "partman-call"
  | "citus-call"
  /** Anything else that PostgreSQL refuses and the model decides: column, type, constraint, dependency problems. */
  | "statement-rejected";

/** The outcome of one statement. */
export type Outcome =
  | {
      readonly kind: "applied";
      readonly catalog: Catalog;
      /** Why the model could not tell what the statement does, in a sentence for the log; empty when it could. */
      readonly declined: readonly string[];
      /** Set where PostgreSQL may refuse the statement, which then changes nothing: what is in one transaction with it may be undone. */
      readonly mayFail?: true | undefined;
      /** Set where it is refused if the system catalogs hold something that nobody knows, and changes nothing either way. */
      readonly checks?: true | undefined;
    }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** Applies one statement of the kinds it knows, or returns null for a statement that is not its business. */
export type Apply = (catalog: Catalog, statement: PlacedStatement, context: ApplyContext) => Outcome | null;

export type Refusal = Extract<Outcome, { kind: "rejected" }>;

export function applied(catalog: Catalog, ...declined: readonly string[]): Outcome {
  return appliedBut(catalog, declined);
}

/** The same with as many words of doubt as there are. */
export function appliedBut(catalog: Catalog, declined: readonly string[]): Outcome {
  return { kind: "applied", catalog, declined };
}

/** A refusal without related places; `extra` adds them, DETAIL, HINT, or the position that PostgreSQL reports. */
export function rejected(
  rule: ErrorRule,
  sqlstate: string,
  message: string,
  range: TextRange,
  extra: Partial<
    Pick<Rejection, "detail" | "hint" | "position" | "related" | "assumption" | "blockedBy" | "unrouted">
  > = {},
): Refusal {
  return { kind: "rejected", rejection: { rule, sqlstate, message, range, related: [], assumption: null, ...extra } };
}

/** The same; if it is a refusal, it is about these relations as well, which the statement does not name. */
export function regarding<T extends { readonly kind: string } | null>(
  outcome: T,
  ...relations: readonly { readonly id: RelationId }[]
): T | Refusal {
  if (outcome === null || !isRefusal(outcome)) return outcome;
  const { rejection } = outcome;
  const about = new Set([...(rejection.about ?? []), ...relations.map(({ id }) => id)]);
  return { ...outcome, rejection: { ...rejection, about: [...about] } };
}

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return outcome.kind === "rejected";
}

/** The refusal where PostgreSQL does not say where in the statement it stands. */
export function withoutPosition(refusal: Refusal): Refusal {
  return { ...refusal, rejection: { ...refusal.rejection, position: undefined } };
}

/** Runs `next` on the catalog that an applied outcome leaves; what was declined before stays declined. */
export function andThen(outcome: Outcome, next: (catalog: Catalog) => Outcome): Outcome {
  if (outcome.kind === "rejected") return outcome;
  return withDeclined(next(outcome.catalog), outcome.declined);
}

/** Runs `step` for each item, each on the catalog that the one before left; stops at the first refusal. */
export function applyEach<T>(
  catalog: Catalog,
  items: Iterable<T>,
  step: (catalog: Catalog, item: T) => Outcome,
): Outcome {
  let current = catalog;
  const declined: string[] = [];
  for (const item of items) {
    const outcome = step(current, item);
    if (outcome.kind === "rejected") return outcome;
    current = outcome.catalog;
    addAll(declined, outcome.declined);
  }
  return { kind: "applied", catalog: current, declined };
}

/** The same for the children of a table: what is refused of one is about that one. */
export function applyToChildren(
  catalog: Catalog,
  children: Iterable<Relation>,
  step: (catalog: Catalog, child: Relation) => Outcome,
): Outcome {
  return applyEach(catalog, children, (current, child) => regarding(step(current, child), child));
}

/** The outcome with sentences put in front of its own. */
export function withDeclined(outcome: Outcome, declined: readonly string[]): Outcome {
  if (outcome.kind === "rejected" || declined.length === 0) return outcome;
  return { ...outcome, declined: [...declined, ...outcome.declined] };
}
