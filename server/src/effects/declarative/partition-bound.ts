/** A bound beside the partitions that its parent has: read, compared, refused in PostgreSQL's words. */

import { type BoundReading, positionOfPlace, rangeOfPlace, readBound } from "../../catalog/bound.ts";
import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { type BoundConflict, findConflict } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey } from "../../catalog/partitioning.ts";
import { printPoint } from "../../catalog/print.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues, restsOnCollation } from "../../catalog/values/compare.ts";
import { printValue } from "../../catalog/values/print.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { BoundSpecification } from "../../syntax/statement.ts";
import { type ApplyContext, type Refusal, type Rejection, rejected } from "../outcome.ts";
import { convertBound, inferPartitioning, isKeyInferred } from "./inferred-key.ts";

/** A bound as it would be stored. */
export interface ReadPartitionBound {
  readonly kind: "read";
  /** With what the bound taught about a parent that nobody creates. */
  readonly catalog: Catalog;
  readonly parent: Relation;
  readonly bound: Bound;
  readonly valueIndexes: readonly number[];
  readonly declined: readonly string[];
}

/**
 * Reads a bound for a partition of `parent` (`transformPartitionBound`). The parent is a partitioned table, or one whose key
 * nobody has told; the others are the caller's to refuse.
 */
export function readPartitionBound(
  catalog: Catalog,
  parent: Relation,
  written: BoundSpecification,
  context: ApplyContext,
): ReadPartitionBound | Refusal {
  const prepared = isKeyInferred(parent) ? learnKey(catalog, parent, written, context) : { catalog, parent };
  if (prepared === null || !isPartitioned(prepared.parent)) {
    const declined = [`the key of ${quoteIdentifier(parent.name)} is not known, and its bounds contradict one another`];
    return { kind: "read", catalog, parent, bound: unknownBound, valueIndexes: [], declined };
  }
  const { key } = prepared.parent.partitioning;
  if (key.elements.length === 0 && written.kind !== "default") {
    return { kind: "read", ...prepared, bound: unknownBound, valueIndexes: [], declined: [] };
  }
  const reading: BoundReading = readBound(written, key, { catalog: prepared.catalog, version: context.version });
  if (reading.kind === "problem") {
    const { about, sqlstate, message, range, detail, hint, position } = reading.problem;
    return rejected(about, sqlstate, message, range, { detail, hint, position });
  }
  return { ...reading, ...prepared, kind: "read" };
}

/** What `check_new_partition_bound` says. `undecided`: PostgreSQL may refuse the bound; nothing is claimed of the partition. */
export type ConflictCheck =
  | { readonly kind: "none" }
  | { readonly kind: "undecided"; readonly reason: string }
  | Refusal;

/**
 * What forbids the bound beside the partitions that are there.
 *
 * @param name the new partition's
 */
export function checkConflict(
  read: ReadPartitionBound,
  name: string,
  written: BoundSpecification,
  context: ApplyContext,
): ConflictCheck {
  const { parent, bound, catalog } = read;
  if (!isPartitioned(parent)) return undecided(parent, "its key is not known");
  const { key, partitions } = parent.partitioning;
  const conflict = findConflict(partitions, key, bound);
  if (conflict === null) return { kind: "none" };
  if (conflict.kind === "undecided") return undecided(parent, "some bounds cannot be compared");
  const other = "partition" in conflict ? relationById(catalog, conflict.partition) : null;
  if (parent.knowledge === "tainted" || other?.knowledge === "tainted") {
    return undecided(parent, "its partitions may have changed");
  }
  if (other?.doubtful === true) return undecided(parent, `whether there is "${other.name}" is not known`);
  if (!holdsInEveryReading(conflict, read)) return undecided(parent, "the type of its key is not known");
  const place = "place" in conflict ? conflict.place : ({ side: "whole" } as const);
  const range = rangeOfPlace(written, place, read.valueIndexes);
  const position = context.version >= 14 ? positionOfPlace(written, place, read.valueIndexes) : undefined;
  switch (conflict.kind) {
    case "default": {
      const existing = relationName(catalog, conflict.partition);
      const message = `partition "${name}" conflicts with existing default partition "${existing}"`;
      const related = [relatedPartition(catalog, conflict.partition, "the default partition there is")];
      return rejected("default-conflict", "42P17", message, range, { position, related });
    }
    case "empty": {
      if (bound.kind !== "range") throw new Error("only ranges are empty");
      const lower = printPoint(bound.lower, key, catalog.settings);
      const upper = printPoint(bound.upper, key, catalog.settings);
      const isTold = key.elements.every(({ trust }) => trust === "declared");
      const detail = !isTold
        ? undefined
        : `Specified lower bound ${lower} is greater than or equal to upper bound ${upper}.`;
      const message = `empty range bound specified for partition "${name}"`;
      const assumption = collationAssumption(key, [bound]);
      return rejected("range-empty", "42P17", message, range, { detail, position, assumption });
    }
    case "overlap": {
      const existing = relationName(catalog, conflict.partition);
      const related = [
        relatedPartition(catalog, conflict.partition, `${quoteIdentifier(existing)} has its bound here`),
      ];
      const message = `partition "${name}" would overlap partition "${existing}"`;
      const other = relationById(catalog, conflict.partition)?.partitionOf?.bound;
      const assumption = collationAssumption(key, other === undefined ? [bound] : [bound, other]);
      return rejected("partition-overlap", "42P17", message, range, { position, related, assumption });
    }
    case "modulus":
      return refuseModulus(conflict, written, catalog, context);
  }
}

/** What a decision about ranges takes for granted, where the order of their texts depends on the database's collation. */
export function collationAssumption(key: PartitionKey, bounds: readonly Bound[]): string | null {
  const assumed = key.elements.some(({ comparison }, index) => {
    const values = bounds.flatMap((bound) => (bound.kind === "range" ? [bound.lower[index], bound.upper[index]] : []));
    return values.some(
      (a, at) =>
        a?.kind === "value" &&
        values.slice(at + 1).some((b) => b?.kind === "value" && restsOnCollation(a.value, b.value, comparison)),
    );
  });
  return assumed ? assumedCollation : null;
}

export const assumedCollation =
  'The database\'s collation is taken to be "C", which puts capital letters first: connect, or set `schema.collation`.';

function undecided(parent: Relation, why: string): ConflictCheck {
  return {
    kind: "undecided",
    reason: `whether the bound collides with others of "${parent.name}" cannot be told: ${why}`,
  };
}

/** The links' origin, or the relation's own where it is no partition any more. */
export function originOfBound(relation: Relation): Relation["origin"] {
  return relation.partitionOf?.origin ?? relation.origin;
}

/** A place that belongs to a refusal: where the bound of a partition stands. */
export function relatedPartition(catalog: Catalog, id: RelationId, message: string): Rejection["related"][number] {
  const relation = relationById(catalog, id);
  return { relation: id, origin: relation === null ? { kind: "assumed" } : originOfBound(relation), message };
}

const unknownBound: Bound = { kind: "unknown" };

/** The parent with the key that its bounds show, and its partitions with their bounds read under that key. */
function learnKey(
  catalog: Catalog,
  parent: Relation,
  written: BoundSpecification,
  context: ApplyContext,
): { readonly catalog: Catalog; readonly parent: Relation } | null {
  const before = parent.partitioning;
  const boundOf = (id: RelationId): Bound | null => relationById(catalog, id)?.partitionOf?.bound ?? null;
  const partitioning = inferPartitioning(parent, written, catalog, context.version, boundOf);
  // A key that a statement has written is what it is; only the types of its columns may be unknown.
  if (partitioning === null) return before?.key.elements.some(isWritten) === true ? { catalog, parent } : null;
  if (partitioning === before) return { catalog, parent };
  const learned: Relation = { ...parent, kind: "partitioned-table", partitioning };
  let next = withRelation(catalog, learned);
  if (before !== null && before.key.elements.length > 0) {
    const values = { settings: catalog.settings, version: context.version, catalog };
    for (const id of before.partitions.all.keys()) {
      const child = relationById(next, id);
      if (child === null || child.partitionOf === null) continue;
      const bound = convertBound(child.partitionOf.bound, before.key, partitioning.key, values);
      next = withRelation(next, { ...child, partitionOf: { ...child.partitionOf, bound } });
    }
  }
  return { catalog: next, parent: learned };
}

function isWritten(element: PartitionKey["elements"][number]): boolean {
  return element.column !== null || element.expression !== null;
}

/** Of a key that is only inferred, whether the conflict is one whatever the key's type is. */
function holdsInEveryReading(conflict: BoundConflict, read: ReadPartitionBound): boolean {
  const { catalog, bound } = read;
  const key = read.parent.partitioning?.key;
  if (key === undefined || conflict.kind === "default" || conflict.kind === "modulus") return true;
  if (key.elements.some((element) => element.trust === "uncertain")) {
    // Equal texts are equal values of any type; the order is not known.
    return bound.kind === "list" && conflict.kind === "overlap";
  }
  if (!key.elements.some((element) => element.trust === "unless-text")) return true;
  if (bound.kind !== "range") return true;
  if (conflict.kind === "empty") return !isBefore(bound.lower, bound.upper, key, catalog);
  const other = relationById(catalog, conflict.kind === "overlap" ? conflict.partition : 0)?.partitionOf?.bound;
  return (
    other?.kind === "range" &&
    isBefore(bound.lower, other.upper, key, catalog) &&
    isBefore(other.lower, bound.upper, key, catalog)
  );
}

/** Whether a point comes before another also where the values are texts. */
function isBefore(
  a: Extract<Bound, { kind: "range" }>["lower"],
  b: Extract<Bound, { kind: "range" }>["lower"],
  key: PartitionKey,
  catalog: Catalog,
): boolean {
  const asText = (value: Value, type: PartitionKey["elements"][number]["type"]): Value => ({
    family: "text",
    value: type === null ? "" : printValue(value, type, catalog.settings),
  });
  for (const [index, element] of key.elements.entries()) {
    const [first, second] = [a[index], b[index]];
    if (first === undefined || second === undefined) return false;
    if (first.kind !== "value" || second.kind !== "value") {
      return first.kind === "minvalue"
        ? second.kind !== "minvalue"
        : second.kind === "maxvalue" && first.kind !== "maxvalue";
    }
    const order = compareValues(asText(first.value, element.type), asText(second.value, element.type), null);
    if (order === null) return false;
    if (order !== 0) return order < 0;
  }
  return false;
}

function refuseModulus(
  conflict: Extract<BoundConflict, { kind: "modulus" }>,
  written: BoundSpecification,
  catalog: Catalog,
  context: ApplyContext,
): Refusal {
  if (written.kind !== "hash") throw new Error("only hash bounds have a modulus");
  const existing = relationName(catalog, conflict.partition);
  const relation = conflict.factor ? "a factor of" : "divisible by";
  const detail =
    context.version >= 14
      ? `The new modulus ${written.modulus} is not ${relation} ${conflict.modulus}, the modulus of existing partition "${existing}".`
      : undefined;
  const message = "every hash partition modulus must be a factor of the next larger modulus";
  return rejected("hash-modulus", "42P17", message, written.modulusRange, {
    detail,
    related: [relatedPartition(catalog, conflict.partition, `modulus ${conflict.modulus}`)],
  });
}

function relationName(catalog: Catalog, id: RelationId): string {
  return relationById(catalog, id)?.name ?? "";
}
