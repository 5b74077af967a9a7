/** What one catalog has otherwise than another: found between two, put together, and made in a third. */

import { type Members, spaces } from "./access.ts";
import type { Catalog } from "./catalog.ts";
import { type ChangedChildren, changedChildren, composedChildren, withChangedChildren } from "./children-patch.ts";
import { withDependent } from "./dependents.ts";
import { IdMap } from "./id-map.ts";
import { NameMap } from "./name-map.ts";
import {
  differingPartitions,
  isKeptAside,
  withoutPartition,
  withPartition,
  withUncertainPartition,
} from "./partition-set.ts";
import type { Bound, PartitionSet } from "./partitioning.ts";
import type { Relation, RelationId } from "./relation.ts";
import { sameBut, sameValue } from "./same-value.ts";

/**
 * The new values by their keys, undefined for what is gone. Partitions and inheritance children that come and go leave the rest of
 * their table as it is, so that tables of which nothing else has changed stand with these alone.
 */
export interface Patch {
  readonly byId: ReadonlyMap<IdField, ReadonlyMap<number, unknown>>;
  readonly byName: ReadonlyMap<NameField, ReadonlyMap<string, unknown>>;
  /** By how much counts are greater. */
  readonly counts: ReadonlyMap<CountField, ReadonlyMap<string, number>>;
  /** By the partitioned table. */
  readonly partitions: ReadonlyMap<RelationId, ChangedPartitions>;
  /** By the table of which they are inheritance children. */
  readonly children: ReadonlyMap<RelationId, ChangedChildren>;
  /** By the relation on which they depend: whether others are among its dependents. */
  readonly dependents: ReadonlyMap<RelationId, ChangedDependents>;
  /** A bit for each map that has more or fewer entries. */
  readonly sizes: number;
  /** How many values there are in all. */
  readonly size: number;
}

interface ChangedPartitions {
  readonly members: Members;
  readonly changes: ReadonlyMap<RelationId, ChangedPlace>;
}

/** By the dependent. */
type ChangedDependents = ReadonlyMap<RelationId, boolean>;

interface ChangedPlace {
  readonly from: PartitionPlace | null;
  readonly to: PartitionPlace | null;
}

/** What maps hold. */
type Entry = NonNullable<unknown>;

/** Where a partition stands in the set of its table. */
interface PartitionPlace {
  readonly bound: Bound;
  /** Whether it is kept aside, see `withUncertainPartition`. */
  readonly aside: boolean;
}

const idFields = ["relations", "attached", "rowHolders", "rows", "untainted", "belongings", "textHolders"] as const;
const nameFields = ["names", "knownAbsent"] as const;
const countFields = ["constraintNames", "attachedCode"] as const;
type IdField = (typeof idFields)[number];
type NameField = (typeof nameFields)[number];
type CountField = (typeof countFields)[number];

/** The parts of a catalog that a patch may change; `nextId` stays what it is where the patch is made. */
const patched: ReadonlySet<string> = new Set([...idFields, ...nameFields, ...countFields, "dependents", "nextId"]);

export const noDifference: Patch = {
  byId: new Map(),
  byName: new Map(),
  counts: new Map(),
  partitions: new Map(),
  children: new Map(),
  dependents: new Map(),
  sizes: 0,
  size: 0,
};

/**
 * More values are not kept apart: catalogs around steps that are followed are made with all of them, for each step that somebody looks at,
 * and tables are looked through for each. Beyond it one plain replay makes the steps anew.
 */
const mostDifferences = 128;

/** What the later catalog has otherwise; null where that is much, or something of which no single values are told apart. */
export function differenceOf(earlier: Catalog, later: Catalog): Patch | null {
  if (earlier === later) return noDifference;
  if (!sameElse(earlier, later)) return null;
  const byId = new Map<IdField, ReadonlyMap<number, unknown>>();
  const byName = new Map<NameField, ReadonlyMap<string, unknown>>();
  const counts = new Map<CountField, ReadonlyMap<string, number>>();
  const partitions = new Map<RelationId, ChangedPartitions>();
  const children = new Map<RelationId, ChangedChildren>();
  let sizes = 0;
  for (const field of idFields) {
    const [before, after] = [earlier[field] as IdMap<Entry> | undefined, later[field] as IdMap<Entry> | undefined];
    if (before === after) continue;
    const ids = before === undefined || after === undefined ? null : after.differences(before, mostDifferences);
    if (ids === null) return null;
    const values = new Map<number, unknown>();
    if (before?.size !== after?.size) sizes |= 1 << spaces[field];
    for (const id of ids) {
      const [old, now] = [before?.get(id), after?.get(id)];
      if (field !== "relations" || old === undefined || now === undefined) {
        if (!sameValue(old, now)) values.set(id, now);
        continue;
      }
      const ofChildren = changedChildren(old as Relation, now as Relation, mostDifferences);
      if (ofChildren !== null) {
        if (ofChildren.size > 0) children.set(id, ofChildren);
        continue;
      }
      const changes = partitionChanges(earlier, later, old as Relation, now as Relation, ids);
      if (changes === "unknown") return null;
      if (changes === "other") values.set(id, now);
      else if (changes.changes.size > 0) partitions.set(id, changes);
    }
    if (values.size > 0) byId.set(field, values);
  }
  for (const field of nameFields) {
    const [before, after]: [NameMap<Entry>, NameMap<Entry>] = [earlier[field], later[field]];
    const keys = after.differences(before, mostDifferences);
    if (keys === null) return null;
    if (keys.size > 0) byName.set(field, new Map([...keys].map((key) => [key, after.get(key)])));
  }
  for (const field of countFields) {
    const keys = later[field].differences(earlier[field], mostDifferences);
    if (keys === null) return null;
    const by = [...keys].map((key) => [key, (later[field].get(key) ?? 0) - (earlier[field].get(key) ?? 0)] as const);
    if (keys.size > 0) counts.set(field, new Map(by));
  }
  const dependents = changedDependents(earlier, later);
  if (dependents === null) return null;
  // Whether there are any at all hangs on those of other relations, which nobody has looked at who has made one.
  if (dependents.size > 0) sizes |= 1 << spaces.dependents;
  return limited({ byId, byName, counts, partitions, children, dependents, sizes });
}

/** Which relations depend on others only in one of the catalogs; null where those are many. */
function changedDependents(earlier: Catalog, later: Catalog): Patch["dependents"] | null {
  const found = new Map<RelationId, ChangedDependents>();
  const targets = later.dependents.differences(earlier.dependents, mostDifferences);
  if (targets === null) return null;
  for (const target of targets) {
    const [before, after] = [earlier, later].map(({ dependents }) => dependents.get(target) ?? noDependents);
    const ids = (after as IdMap<true>).differences(before as IdMap<true>, mostDifferences);
    if (ids === null) return null;
    if (ids.size > 0) found.set(target, new Map([...ids].map((id) => [id, after?.has(id) === true])));
  }
  return found;
}

const noDependents: IdMap<true> = IdMap.empty();

/** Whether the catalogs have the same in all that a patch does not change. */
function sameElse(a: Catalog, b: Catalog): boolean {
  for (const name in a)
    if (!patched.has(name) && !sameValue(a[name as keyof Catalog], b[name as keyof Catalog])) return false;
  for (const name in b) if (b[name as keyof Catalog] !== undefined && !(name in a)) return false;
  return (a.untainted === undefined) === (b.untainted === undefined);
}

function limited(patch: Omit<Patch, "size">): Patch | null {
  let size = 0;
  for (const values of [...patch.byId.values(), ...patch.byName.values(), ...patch.counts.values()])
    size += values.size;
  for (const { changes } of patch.partitions.values()) size += changes.size;
  for (const changes of [...patch.children.values(), ...patch.dependents.values()]) size += changes.size;
  return size > mostDifferences ? null : { ...patch, size };
}

/** Of a table that differs in its partitions alone: which of them. `ids` are the relations that are others, the table among them. */
function partitionChanges(
  earlier: Catalog,
  later: Catalog,
  old: Relation,
  now: Relation,
  ids: ReadonlySet<RelationId>,
): ChangedPartitions | "other" | "unknown" {
  const [before, after] = [old.partitioning, now.partitioning];
  if (before === null || after === null || before.partitions.members !== after.partitions.members)
    return sameValue(old, now) ? { members: noMembers, changes: new Map() } : "other";
  if (!sameBut(old, now, "partitioning") || !sameBut(before, after, "partitions")) return "other";
  const changes = changedPlaces(earlier, later, before.partitions, after.partitions, ids);
  return changes === null ? "unknown" : { members: after.partitions.members, changes };
}

/** Which partitions have other places, of those that the sets differ in, and of `ids`; null where those are many, or not known. */
function changedPlaces(
  earlier: Catalog,
  later: Catalog,
  before: PartitionSet,
  after: PartitionSet,
  ids: Iterable<RelationId>,
): ReadonlyMap<RelationId, ChangedPlace> | null {
  const changes = new Map<RelationId, ChangedPlace>();
  const come = differingPartitions(before, after, mostDifferences);
  if (come === null) return null;
  for (const id of new Set([...come, ...ids])) {
    const from = placeIn(earlier, before, id);
    const to = placeIn(later, after, id);
    if (from === "unknown" || to === "unknown") return null;
    if (!sameValue(from, to)) changes.set(id, { from, to });
  }
  return changes;
}

/**
 * Whether a table has the same key and the same partitions in both catalogs, also where they were made by two runs of the same
 * statements. false where that is not known.
 */
export function samePartitions(earlier: Catalog, later: Catalog, table: RelationId): boolean {
  const before = earlier.relations.get(table)?.partitioning ?? null;
  const after = later.relations.get(table)?.partitioning ?? null;
  if (before === after) return true;
  if (before === null || after === null || before.partitions.members !== after.partitions.members) return false;
  if (!sameBut(before, after, "partitions")) return false;
  return changedPlaces(earlier, later, before.partitions, after.partitions, [])?.size === 0;
}

/**
 * Whether a relation is in both catalogs and the same there, also where one of them was made by a patch and the other by a run. false
 * where that is not known.
 */
export function sameRelation(earlier: Catalog, later: Catalog, id: RelationId): boolean {
  const [before, after] = [earlier.relations.get(id), later.relations.get(id)];
  if (before === after) return before !== undefined;
  if (before === undefined || after === undefined) return false;
  const children = changedChildren(before, after, mostDifferences);
  if (children !== null) return children.size === 0;
  if (before.partitioning === null || after.partitioning === null) return sameValue(before, after);
  return sameBut(before, after, "partitioning") && samePartitions(earlier, later, id);
}

const noMembers: Members = { table: "partitions" };

function placeIn({ relations }: Catalog, set: PartitionSet, id: RelationId): PartitionPlace | null | "unknown" {
  const aside = isKeptAside(set, id);
  if (aside === null) return null;
  const bound = relations.get(id)?.partitionOf?.bound;
  return bound === undefined ? "unknown" : { bound, aside };
}

/** The catalog with what the patch has otherwise. */
export function patchedCatalog(catalog: Catalog, patch: Patch): Catalog {
  const next: Record<string, unknown> = { ...catalog };
  for (const [field, values] of patch.byId) {
    let map = catalog[field] as IdMap<Entry> | undefined;
    for (const [id, value] of values) map = value == null ? map?.without(id) : map?.with(id, value);
    next[field] = map;
  }
  for (const [field, values] of patch.byName) {
    let map: NameMap<Entry> = catalog[field];
    for (const [key, value] of values) map = value == null ? map.without(key) : map.with(key, value);
    next[field] = map;
  }
  for (const [field, values] of patch.counts) {
    let map = catalog[field];
    for (const [key, difference] of values) map = NameMap.counted(map, key, difference);
    next[field] = map;
  }
  let relations = (next as unknown as Catalog).relations;
  for (const [id, changed] of patch.partitions) {
    const table = relations.get(id);
    if (table !== undefined) relations = relations.with(id, withChanges(table, changed));
  }
  for (const [id, changed] of patch.children) {
    const table = relations.get(id);
    if (table !== undefined) relations = relations.with(id, withChangedChildren(catalog, table, changed));
  }
  let { dependents } = catalog;
  for (const [target, changed] of patch.dependents)
    for (const [id, isOne] of changed) dependents = withDependent(dependents, target, id, isOne);
  return { ...(next as unknown as Catalog), relations, dependents };
}

/** The table with partitions that are others; first all go that go, so that those that come find room. */
function withChanges(table: Relation, { members, changes }: ChangedPartitions): Relation {
  const { partitioning } = table;
  if (partitioning === null || partitioning.partitions.members !== members) return table;
  const { key } = partitioning;
  let { partitions } = partitioning;
  for (const [id, { from }] of changes) if (from !== null) partitions = withoutPartition(partitions, from.bound, id);
  for (const [id, { to }] of changes) {
    if (to === null) continue;
    partitions = to.aside
      ? withUncertainPartition(partitions, to.bound, id)
      : withPartition(partitions, key, to.bound, id);
  }
  return { ...table, partitioning: { key, partitions } };
}

/** What both do, one after the other; null where that is much. */
export function composed(first: Patch, second: Patch): Patch | null {
  if (first.size === 0) return second;
  if (second.size === 0) return first;
  const byId = new Map([...first.byId].map(([field, values]) => [field, new Map(values)]));
  for (const [field, values] of second.byId) byId.set(field, new Map([...(byId.get(field) ?? []), ...values]));
  const byName = new Map([...first.byName].map(([field, values]) => [field, new Map(values)]));
  for (const [field, values] of second.byName) byName.set(field, new Map([...(byName.get(field) ?? []), ...values]));
  const counts = new Map([...first.counts].map(([field, values]) => [field, new Map(values)]));
  for (const [field, values] of second.counts) {
    const sums = new Map(counts.get(field));
    for (const [key, difference] of values) sums.set(key, (sums.get(key) ?? 0) + difference);
    counts.set(field, sums);
  }
  const relations = byId.get("relations");
  const partitions = new Map(first.partitions);
  const children = new Map(first.children);
  // A table that has become another brings its partitions and children.
  for (const id of second.byId.get("relations")?.keys() ?? []) {
    partitions.delete(id);
    children.delete(id);
  }
  for (const [id, changed] of second.partitions) {
    const whole = relations?.get(id);
    if (whole !== undefined) relations?.set(id, withChanges(whole as Relation, changed));
    else partitions.set(id, composedChanges(partitions.get(id), changed));
  }
  for (const [id, changed] of second.children) {
    // To put them among those of a table that is another takes the catalog around it.
    if (relations?.has(id) === true) return null;
    children.set(id, composedChildren(children.get(id), changed));
  }
  const dependents = new Map(first.dependents);
  for (const [target, changed] of second.dependents)
    dependents.set(target, new Map([...(dependents.get(target) ?? []), ...changed]));
  return limited({ byId, byName, counts, partitions, children, dependents, sizes: first.sizes | second.sizes });
}

function composedChanges(first: ChangedPartitions | undefined, second: ChangedPartitions): ChangedPartitions {
  const changes = new Map(first?.changes);
  for (const [id, { from, to }] of second.changes) {
    const known = changes.get(id);
    const origin = known === undefined ? from : known.from;
    if (sameValue(origin, to)) changes.delete(id);
    else changes.set(id, { from: origin, to });
  }
  return { members: second.members, changes };
}
