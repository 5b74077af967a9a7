/** ALTER TABLE … SPLIT PARTITION and MERGE PARTITIONS (PostgreSQL 19), checked in PostgreSQL's order. */

// The order is that of `transformPartitionCmdForSplit`, `transformPartitionCmdForMerge` and `partbounds.c`.

import { type Catalog, relationById, withoutRelation, withRelation } from "../../catalog/catalog.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { madeTable } from "../../syntax/made-table.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { AlterAction, BoundSpecification, CreateTable } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, andThen, applied, applyEach, type Outcome, type Refusal, regarding } from "../outcome.ts";
import { createTable } from "../relations/create-table.ts";
import { deletionOf } from "../relations/dependencies.ts";
import { refuseBlocked } from "../relations/dependency-refusal.ts";
import {
  lookUpRelation,
  nameTaken,
  relationInTheWay,
  relationMissing,
  schemaForNew,
  temporarySchema,
} from "../relations/lookup.ts";
import { describeRelation } from "../relations/object-description.ts";
import { unlinkPartition } from "./links.ts";
import { readPartitionBound } from "./partition-bound.ts";
import { refusePlainTable } from "./plain-table.ts";
import { checkParts, type Part, refuse, refuseApart } from "./split-parts.ts";

type SplitAction = Extract<AlterAction, { kind: "split-partition" }>;
type MergeAction = Extract<AlterAction, { kind: "merge-partitions" }>;
type RangeBound = Extract<Bound, { kind: "range" }>;

/** Replaces a partition of `parent` by several that share its values. */
export function splitPartition(
  catalog: Catalog,
  parent: Relation,
  action: SplitAction,
  context: ApplyContext,
): Outcome {
  const early = refusePlainTable(parent, "SPLIT PARTITION", action.range, context);
  if (early !== null) return early;
  if (action.into.length < 2) {
    return refuse("bound-shape", "list of new partitions should contain at least two partitions", action.range);
  }
  const partitioning = parent.partitioning;
  if (partitioning === null) return applied(catalog, `the partitions of "${parent.name}" are not known`);
  const { key } = partitioning;
  if (key.strategy === "hash") {
    return refuse("bound-shape", "partition of hash-partitioned table cannot be split", action.range);
  }
  const found = findPartition(catalog, parent, action.partition, "split");
  if (found.kind === "rejected") return found;
  if (found.kind === "unknown") return applied(catalog, `partition "${action.partition.name}" is not known`);
  const old = found.partition;
  const oldBound = old.partitionOf?.bound ?? { kind: "unknown" };

  const defaults = action.into.filter((part) => part.bound.kind === "default");
  if (defaults[1] !== undefined)
    return refuse("default-conflict", "cannot specify more than one DEFAULT partition", defaults[1].name.range, {
      position: defaults[1].name.range.start,
    });
  const unfit = refuseDefaults(catalog, parent, old, oldBound, defaults[0]?.name.range ?? null, action);
  if (unfit !== null) return unfit;

  const parts: Part[] = [];
  const names = new Set<string>();
  for (const part of action.into) {
    const read = readPartitionBound(catalog, parent, part.bound, context);
    if (read.kind === "rejected") return read;
    parts.push({ name: part.name, written: part.bound, read });
    const name = qualifiedName(catalog, part.name);
    if (names.has(name)) {
      const message = `partition with name "${part.name.name}" is already used`;
      return refuse("name-taken", message, part.name.range, { position: part.name.range.start }, "42P07");
    }
    names.add(name);
  }
  const conflict = checkParts(parts, old, oldBound, key, catalog, context);
  if (conflict !== null) return conflict;
  const newNames = action.into.map((part) => part.name);
  const taken = refuseTakenName(catalog, newNames, [old]);
  if (taken !== null) return taken;
  // The old partition keeps the names of its indexes until the new ones are there.
  const created = applyEach(setAside(catalog, old), action.into, (current, part) =>
    createTable(current, partitionStatement(current, part.name, parent, part.bound), context),
  );
  const stuck = refuseDependents(catalog, [old], action.partition.range);
  return andThen(created, (next) => stuck ?? applied(withoutTable(next, old)));
}

/** Replaces several partitions of `parent` by one that has all their values. */
export function mergePartitions(
  catalog: Catalog,
  parent: Relation,
  action: MergeAction,
  context: ApplyContext,
): Outcome {
  const early = refusePlainTable(parent, "MERGE PARTITIONS", action.range, context);
  if (early !== null) return early;
  if (action.partitions.length < 2) {
    return refuse(
      "bound-shape",
      "list of partitions to be merged should include at least two partitions",
      action.range,
    );
  }
  const partitioning = parent.partitioning;
  if (partitioning === null) return applied(catalog, `the partitions of "${parent.name}" are not known`);
  const { key } = partitioning;
  if (key.strategy === "hash") {
    return refuse("bound-shape", "partition of hash-partitioned table cannot be merged", action.range);
  }
  const merged: Relation[] = [];
  for (const name of action.partitions) {
    const found = findPartition(catalog, parent, name, "merge");
    if (found.kind === "rejected") return found;
    if (found.kind === "unknown") return applied(catalog, `partition "${name.name}" is not known`);
    if (merged.includes(found.partition)) {
      const message = `partition with name "${name.name}" is already used`;
      return refuse("name-taken", message, name.range, { position: name.range.start }, "42P07");
    }
    merged.push(found.partition);
  }
  const bound = mergedBound(merged, key, action);
  if (bound.kind === "rejected") return bound;
  const taken = refuseTakenName(catalog, [action.into], merged);
  if (taken !== null) return taken;
  const { range } = action.into;
  const create = partitionStatement(catalog, action.into, parent, { kind: "default", location: range.start, range });
  const without = merged.reduce(withoutTable, merged.reduce(setAside, catalog));
  const stuck = refuseDependents(catalog, merged, action.range);
  return andThen(createTable(without, create, context, bound.bound), (next) => stuck ?? applied(next));
}

type FoundPartition = { readonly kind: "found"; readonly partition: Relation } | { readonly kind: "unknown" } | Refusal;

/** `checkPartition` */
function findPartition(
  catalog: Catalog,
  parent: Relation,
  name: RelationName,
  verb: "split" | "merge",
): FoundPartition {
  const found = lookUpRelation(catalog, name);
  if (found.kind === "unknown") return found;
  if (found.kind === "absent") return relationMissing(catalog, name);
  const { relation } = found;
  const command = verb === "split" ? "SPLIT PARTITION" : "MERGE PARTITIONS";
  const hint = `ALTER TABLE ... ${command} can only ${verb} partitions that don't have sub-partitions.`;
  if (relation.kind !== "table") {
    return refuse("not-partitioned", `"${relation.name}" is not a table`, name.range, { hint }, "42809");
  }
  if (relation.partitionOf?.parent !== parent.id) {
    if (relation.knowledge !== "full" || parent.knowledge !== "full") return { kind: "unknown" };
    if (relation.partitionOf === null) {
      const message = `"${relation.name}" is not a partition of partitioned table "${parent.name}"`;
      return refuse("not-partitioned", message, name.range, { hint }, "42809");
    }
    const message = `relation "${relation.name}" is not a partition of relation "${parent.name}"`;
    return refuse("not-partitioned", message, name.range, { hint }, "55000");
  }
  return { kind: "found", partition: relation };
}

/** A default partition must leave a default behind, and another may only do so where there is none yet. */
function refuseDefaults(
  catalog: Catalog,
  parent: Relation,
  old: Relation,
  oldBound: Bound,
  newDefault: TextRange | null,
  action: SplitAction,
): Refusal | null {
  if (oldBound.kind === "default" && newDefault === null) {
    const hint = "To split a DEFAULT partition, one of the new partitions must be DEFAULT.";
    return refuse("default-conflict", `cannot split DEFAULT partition "${old.name}"`, action.partition.range, { hint });
  }
  const existing = parent.partitioning?.partitions.defaultPartition ?? null;
  if (oldBound.kind !== "default" && newDefault !== null && existing !== null) {
    const other = relationById(catalog, existing)?.name ?? "";
    const detail = `New partition cannot be DEFAULT because DEFAULT partition "${other}" already exists.`;
    const message = `cannot split non-DEFAULT partition "${old.name}"`;
    const refusal = refuse("default-conflict", message, newDefault, { detail, position: newDefault.start });
    return regarding(refusal, { id: existing });
  }
  return null;
}

/** `calculate_partition_bound_for_merge`: ranges must be neighbours; a default partition among them makes a default. */
function mergedBound(
  merged: readonly Relation[],
  key: PartitionKey,
  action: MergeAction,
): { readonly kind: "bound"; readonly bound: Bound } | Refusal {
  const bounds = merged.map((partition) => ({ partition, bound: partition.partitionOf?.bound }));
  if (bounds.some(({ bound }) => bound?.kind === "default")) return { kind: "bound", bound: { kind: "default" } };
  if (key.strategy === "list") {
    const values = bounds.flatMap(({ bound }) => (bound?.kind === "list" ? bound.values : []));
    return { kind: "bound", bound: { kind: "list", values } };
  }
  const collations = collationsOf(key);
  const ranges = bounds
    .flatMap(({ partition, bound }) => (bound?.kind === "range" ? [{ partition, bound }] : []))
    .toSorted((a, b) => comparePoints(a.bound.lower, b.bound.lower, collations) ?? 0);
  const unknown: Bound = { kind: "unknown" };
  if (ranges.length < merged.length) return { kind: "bound", bound: unknown };
  for (const [index, next] of ranges.entries()) {
    const previous = ranges[index - 1];
    if (previous === undefined) continue;
    const order = comparePoints(previous.bound.upper, next.bound.lower, collations);
    if (order === null) return { kind: "bound", bound: unknown };
    if (order !== 0) {
      return refuseApart("merge", next.partition.name, previous.partition.name, { range: action.range });
    }
  }
  const [first, last] = [ranges[0], ranges.at(-1)];
  const bound: RangeBound | null =
    first === undefined || last === undefined
      ? null
      : { kind: "range", lower: first.bound.lower, upper: last.bound.upper };
  return { kind: "bound", bound: bound ?? unknown };
}

/** New names may be those of the partitions that go, and no others that are taken. */
function refuseTakenName(catalog: Catalog, names: readonly RelationName[], going: readonly Relation[]): Refusal | null {
  for (const name of names) {
    const place = schemaForNew(catalog, name, "permanent");
    if (place.kind === "rejected") return place;
    const existing = relationInTheWay(catalog, place.schema, name.name);
    if (existing !== null && !going.some((relation) => relation.id === existing.id)) {
      return nameTaken(name.name, name.range, existing);
    }
  }
  return null;
}

function qualifiedName(catalog: Catalog, name: RelationName): string {
  const place = schemaForNew(catalog, name, "permanent");
  return JSON.stringify([place.kind === "rejected" ? name.schema : place.schema, name.name]);
}

/** Takes the partition from its parent, and out of the way of its name. */
function setAside(catalog: Catalog, partition: Relation): Catalog {
  const unlinked = unlinkPartition(catalog, partition.id);
  const relation = relationById(unlinked, partition.id);
  return relation === null
    ? unlinked
    : withRelation(unlinked, { ...relation, name: `${partition.id} ${partition.name}` });
}

function inTemporarySchema(catalog: Catalog, name: RelationName): boolean {
  const place = schemaForNew(catalog, name, "permanent");
  return place.kind === "schema" && place.schema === temporarySchema;
}

function withoutTable(catalog: Catalog, table: Relation): Catalog {
  return withoutRelation(table.indexes.reduce(withoutRelation, catalog), table.id);
}

/** The partitions that go are dropped without CASCADE. */
function refuseDependents(catalog: Catalog, partitions: readonly Relation[], range: TextRange): Refusal | null {
  for (const { id } of partitions) {
    const detached = unlinkPartition(catalog, id);
    const table = relationById(detached, id);
    const { blockers } = table === null ? { blockers: [] } : deletionOf(detached, [table]);
    if (table === null || blockers.length === 0) continue;
    const message = `cannot drop ${describeRelation(detached, table)} because other objects depend on it`;
    return refuseBlocked(message, blockers, range);
  }
  return null;
}

function partitionStatement(
  catalog: Catalog,
  name: RelationName,
  parent: Relation,
  bound: BoundSpecification,
): CreateTable {
  return madeTable(name, {
    // Not the parent's: where it is created alone decides, and the two have to agree.
    persistence: inTemporarySchema(catalog, name) ? "temporary" : "permanent",
    partitionOf: {
      parent: { schema: parent.schema, name: parent.name, only: false, range: name.range },
      bound,
    },
  });
}
