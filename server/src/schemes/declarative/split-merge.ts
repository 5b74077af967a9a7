/** ALTER TABLE … SPLIT PARTITION and MERGE PARTITIONS (PostgreSQL 19), checked in PostgreSQL's order. */

// The order is that of `transformPartitionCmdForSplit`, `transformPartitionCmdForMerge` and `partbounds.c`.

import { type Catalog, relationById, withoutRelation } from "../../catalog/catalog.ts";
import { collationsOf, comparePoints, sameRepresentation } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import { printPoint } from "../../catalog/print.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { printBoundValue } from "../../catalog/values/print.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { AlterAction, BoundSpecification, CreateTable } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { applied, applyEach, type Refusal, rejected } from "../outcome.ts";
import { createTable } from "../relations/create-table.ts";
import { lookUpRelation, nameTaken, relationInTheWay, relationMissing, schemaForNew } from "../relations/lookup.ts";
import type { ApplyContext, ErrorRule, Outcome, Rejection } from "../scheme.ts";
import { unlinkPartition } from "./links.ts";
import { checkConflict, type ReadPartitionBound, readPartitionBound } from "./partition-bound.ts";
import { refusePlainTable } from "./plain-table.ts";

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
    return refuse("default-conflict", "DEFAULT partition should be one", defaults[1].range);
  const unfit = refuseDefaults(parent, old, oldBound, defaults[0]?.range ?? null, action);
  if (unfit !== null) return unfit;

  const parts: Part[] = [];
  const names = new Set<string>();
  for (const part of action.into) {
    const read = readPartitionBound(catalog, parent, part.bound, context);
    if (read.kind === "rejected") return read;
    parts.push({ name: part.name, written: part.bound, read });
    if (names.has(part.name.name)) {
      const message = `partition with name "${part.name.name}" is already used`;
      return refuse("name-taken", message, part.name.range, { position: part.name.range.start }, "42P07");
    }
    names.add(part.name.name);
  }
  const conflict = checkParts(parts, old, oldBound, key, catalog, context);
  if (conflict !== null) return conflict;
  const taken = refuseTakenName(
    catalog,
    parent,
    action.into.map((part) => part.name),
    [old],
  );
  if (taken !== null) return taken;
  const without = withoutPartitionTable(catalog, old);
  return applyEach(without, action.into, (current, part) =>
    createTable(current, partitionStatement(part.name, parent, part.bound), context),
  );
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
  const taken = refuseTakenName(catalog, parent, [action.into], merged);
  if (taken !== null) return taken;
  const without = merged.reduce(withoutPartitionTable, catalog);
  const { range } = action.into;
  const create = partitionStatement(action.into, parent, { kind: "default", location: range.start, range });
  return createTable(without, create, context, bound.bound);
}

interface Part {
  readonly name: RelationName;
  readonly written: BoundSpecification;
  readonly read: ReadPartitionBound;
}

function refuse(
  rule: ErrorRule,
  message: string,
  range: TextRange,
  extra: Partial<Pick<Rejection, "detail" | "hint" | "position">> = {},
  sqlstate = "42P17",
): Refusal {
  return rejected(rule, sqlstate, message, range, extra);
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
  if (relation.kind !== "table") {
    const hint = `ALTER TABLE ... ${command} can only ${verb} partitions that don't have sub-partitions.`;
    return refuse("not-partitioned", `"${relation.name}" is not a table`, name.range, { hint }, "42809");
  }
  if (relation.partitionOf?.parent !== parent.id) {
    if (relation.knowledge !== "full" || parent.knowledge !== "full") return { kind: "unknown" };
    const message = `"${relation.name}" is not a partition of partitioned table "${parent.name}"`;
    const hint = `ALTER TABLE ... ${command} can only ${verb} partitions of the same partitioned table.`;
    return refuse("not-partitioned", message, name.range, { hint }, "42809");
  }
  return { kind: "found", partition: relation };
}

/** A default partition must leave a default behind, and another may only do so where there is none yet. */
function refuseDefaults(
  parent: Relation,
  old: Relation,
  oldBound: Bound,
  newDefault: TextRange | null,
  action: SplitAction,
): Refusal | null {
  if (oldBound.kind === "default" && newDefault === null) {
    const hint = "To split a DEFAULT partition, one of the new partitions must be a DEFAULT partition.";
    return refuse("default-conflict", `cannot split DEFAULT partition "${old.name}"`, action.partition.range, { hint });
  }
  const existing = parent.partitioning?.partitions.defaultPartition ?? null;
  if (oldBound.kind !== "default" && newDefault !== null && existing !== null) {
    const hint = `To split a non-DEFAULT partition, none of the new partitions may be a DEFAULT partition while another exists.`;
    return refuse("default-conflict", `cannot split non-DEFAULT partition "${old.name}"`, newDefault, { hint });
  }
  return null;
}

function checkParts(
  parts: readonly Part[],
  old: Relation,
  oldBound: Bound,
  key: PartitionKey,
  catalog: Catalog,
  context: ApplyContext,
): Refusal | null {
  for (const part of parts) {
    if (oldBound.kind === "default" && part.written.kind !== "default") {
      const conflict = checkConflict(part.read, part.name.name, part.written, context);
      if (conflict.kind === "rejected") return asConflictOfSplit(conflict, part, catalog);
    }
  }
  return key.strategy === "range"
    ? checkRangeParts(parts, old, oldBound, key, catalog)
    : checkListParts(parts, old, oldBound, key, catalog);
}

function asConflictOfSplit(conflict: Refusal, part: Part, catalog: Catalog): Refusal {
  const [related] = conflict.rejection.related;
  if (conflict.rejection.rule !== "partition-overlap" || related?.relation == null) return conflict;
  const other = relationById(catalog, related.relation)?.name ?? "";
  const message = `new partition "${part.name.name}" would overlap with another (not split) partition "${other}"`;
  return { kind: "rejected", rejection: { ...conflict.rejection, message } };
}

function checkRangeParts(
  parts: readonly Part[],
  old: Relation,
  oldBound: Bound,
  key: PartitionKey,
  catalog: Catalog,
): Refusal | null {
  const collations = collationsOf(key);
  const compare = (a: readonly RangeDatum[], b: readonly RangeDatum[]): number => comparePoints(a, b, collations) ?? 0;
  const withDefault = parts.some((part) => part.written.kind === "default");
  const ranges = parts.flatMap((part) => {
    const { bound } = part.read;
    return bound.kind === "range" && part.written.kind === "range" ? [{ part, bound, written: part.written }] : [];
  });
  for (const { part, bound, written } of ranges) {
    if (compare(bound.lower, bound.upper) < 0) continue;
    const { settings } = catalog;
    const detail = `Specified lower bound ${printPoint(bound.lower, key, settings)} is greater than or equal to upper bound ${printPoint(bound.upper, key, settings)}.`;
    const range = written.from[0]?.range ?? written.range;
    const message = `empty range bound specified for partition "${part.name.name}"`;
    return refuse("range-empty", message, range, { detail, position: range.start });
  }
  const sorted = ranges.toSorted((a, b) => compare(a.bound.lower, b.bound.lower));
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (oldBound.kind === "range") {
    for (const [side, part, order] of [
      ["lower", first, compare(first.bound.lower, oldBound.lower)],
      ["upper", last, compare(oldBound.upper, last.bound.upper)],
    ] as const) {
      if (withDefault ? order >= 0 : order === 0) continue;
      const relation = withDefault ? (side === "lower" ? "less than" : "greater than") : "not equal to";
      const message = `${side} bound of partition "${part.part.name.name}" is ${relation} ${side} bound of split partition "${old.name}"`;
      const hint = withDefault
        ? "ALTER TABLE ... SPLIT PARTITION requires the combined bounds of the new partitions to not exceed the bound of the split partition."
        : "ALTER TABLE ... SPLIT PARTITION requires the combined bounds of the new partitions to exactly match the bound of the split partition.";
      const range = (side === "lower" ? part.written.from : part.written.to)[0]?.range ?? part.written.range;
      return refuse("bound-shape", message, range, { hint, position: range.start });
    }
  }
  for (const [index, next] of sorted.entries()) {
    const previous = sorted[index - 1];
    if (previous === undefined) continue;
    const order = compare(next.bound.lower, previous.bound.upper);
    if (withDefault ? order >= 0 : order === 0) continue;
    return refuseApart("split to", next.part.name.name, previous.part.name.name, withDefault, next.written);
  }
  return null;
}

function refuseApart(
  verb: "split to" | "merge",
  next: string,
  previous: string,
  withDefault: boolean,
  written: Extract<BoundSpecification, { kind: "range" }> | { readonly range: TextRange },
): Refusal {
  const command = verb === "merge" ? "MERGE PARTITIONS" : "SPLIT PARTITION";
  const relation = withDefault ? "less than" : "not equal to";
  const range = "from" in written ? (written.from[0]?.range ?? written.range) : written.range;
  return refuse(
    "partition-overlap",
    `cannot ${verb} partition "${next}" together with partition "${previous}"`,
    range,
    {
      detail: `The lower bound of partition "${next}" is ${relation} the upper bound of partition "${previous}".`,
      hint: withDefault
        ? `ALTER TABLE ... ${command} requires the partition bounds to not overlap.`
        : `ALTER TABLE ... ${command} requires the partition bounds to be adjacent.`,
      position: "from" in written ? range.start : undefined,
    },
  );
}

function checkListParts(
  parts: readonly Part[],
  old: Relation,
  oldBound: Bound,
  key: PartitionKey,
  catalog: Catalog,
): Refusal | null {
  const type = key.elements[0]?.type ?? { kind: "unknown" as const, schema: null, name: "" };
  const shown = (value: Value | null): string =>
    value === null ? "NULL" : printBoundValue(value, type, catalog.settings);
  const seen: { readonly value: Value | null; readonly part: Part }[] = [];
  for (const part of parts) {
    const { bound } = part.read;
    if (bound.kind !== "list") continue;
    for (const value of bound.values) {
      const other = seen.find((entry) => sameRepresentation(entry.value, value));
      if (other !== undefined) {
        const message = `new partition "${part.name.name}" would overlap with another new partition "${other.part.name.name}"`;
        return refuse("partition-overlap", message, part.written.range);
      }
      seen.push({ value, part });
      if (oldBound.kind !== "list" || oldBound.values.some((own) => sameRepresentation(own, value))) continue;
      const what = value === null ? "NULL value" : "this value";
      const message = `new partition "${part.name.name}" cannot have ${what} because split partition "${old.name}" does not have it`;
      return refuse("bound-shape", message, part.written.range);
    }
  }
  const withDefault = parts.some((part) => part.written.kind === "default");
  if (withDefault || oldBound.kind !== "list") return null;
  const missing = oldBound.values.find((value) => !seen.some((entry) => sameRepresentation(entry.value, value)));
  if (missing === undefined) return null;
  const message = `new partitions' combined partition bounds do not contain value (${shown(missing)}) but split partition "${old.name}" does`;
  return refuse("bound-shape", message, parts[0]?.written.range ?? { start: 0, end: 0 }, {
    hint: "ALTER TABLE ... SPLIT PARTITION requires the combined bounds of the new partitions to exactly match the bound of the split partition.",
  });
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
      return refuseApart("merge", next.partition.name, previous.partition.name, false, { range: action.range });
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
function refuseTakenName(
  catalog: Catalog,
  parent: Relation,
  names: readonly RelationName[],
  going: readonly Relation[],
): Refusal | null {
  for (const name of names) {
    const place = schemaForNew(catalog, name, parent.persistence);
    if (place.kind === "rejected") return place;
    const existing = relationInTheWay(catalog, place.schema, name.name);
    if (existing !== null && !going.some((relation) => relation.id === existing.id)) {
      return nameTaken(name.name, name.range, existing);
    }
  }
  return null;
}

function withoutPartitionTable(catalog: Catalog, partition: Relation): Catalog {
  const unlinked = unlinkPartition(catalog, partition.id);
  const indexes = partition.indexes.reduce(withoutRelation, unlinked);
  return withoutRelation(indexes, partition.id);
}

function partitionStatement(name: RelationName, parent: Relation, bound: BoundSpecification): CreateTable {
  return {
    kind: "create-table",
    name,
    persistence: parent.persistence,
    ifNotExists: false,
    foreignServer: null,
    elements: [],
    elementsRange: null,
    inherits: [],
    partitionOf: {
      parent: { schema: parent.schema, name: parent.name, only: false, range: name.range },
      bound,
    },
    partitionBy: null,
    ofType: null,
    storageParameters: [],
    tablespace: null,
    accessMethod: null,
    onCommit: "none",
  };
}
