/** What is found at single ranges of a table, kept from one version of the table to the next: only what is other is looked at. */

import { type Members, noteAll, spaces } from "./access.ts";
import type { Catalog } from "./catalog.ts";
import { noteMembers } from "./member-questions.ts";
import { decided } from "./partition-set.ts";
import type { PartitionSet, RangeDatum, RangeEntry } from "./partitioning.ts";
import type { Relation } from "./relation.ts";
import { type BTree, differencesOf } from "./sorted-map.ts";

/**
 * What is found in the set, in bound order. `given` is what else the finding hangs on, compared as `Object.is` does: where it is
 * other than before, all ranges are looked at. Counts as a look at all members.
 */
export type RangeFinder<Given extends readonly unknown[], Found extends {}> = (
  set: PartitionSet,
  ...given: Given
) => Iterable<Found>;

interface Known<Found> {
  readonly ranges: Ranges;
  readonly given: readonly unknown[];
  readonly found: BTree<readonly RangeDatum[], Found>;
}

type Ranges = PartitionSet["ranges"];

/** Where a version has more ranges that are other than this part of them, all are looked at. */
const greatestPart = 1 / 4;

/** `find` looks at one range and the one behind it, null behind the last; what it gives must hang on these and `given` alone. */
export function createRangeFinder<Given extends readonly unknown[], Found extends {}>(
  find: (range: RangeEntry, next: RangeEntry | null, ...given: Given) => Found | null,
): RangeFinder<Given, Found> {
  const known = new WeakMap<Members, Known<Found>>();
  return (set, ...given) =>
    findIn(
      known,
      set,
      given,
      (range, next) => find(range, next, ...given),
      () => [],
    );
}

/** The same for what hangs on ranges and the relations that are the partitions. */
export function createPartitionFinder<Given extends readonly unknown[], Found extends {}>(
  find: (range: RangeEntry, partition: Relation, ...given: Given) => Found | null,
): (catalog: Catalog, table: Relation, set: PartitionSet, ...given: Given) => Iterable<Found> {
  const known = new WeakMap<Members, Known<Found>>();
  // Statements remember of which table's partitions they asked, for longer than anybody needs that version of the catalog.
  const relationsKnown = new WeakMap<Members, WeakRef<Catalog["relations"]>>();
  return ({ relations }, { id }, set, ...given) => {
    noteAll(spaces.relations);
    const before = relationsKnown.get(set.members)?.deref();
    relationsKnown.set(set.members, new WeakRef(relations));
    const look = (range: RangeEntry): Found | null => {
      const partition = relations.get(range.partition);
      return partition === undefined ? null : find(range, partition, ...given);
    };
    return findIn(known, set, given, look, (most) => {
      const others = before === undefined ? null : relations.differences(before, most);
      if (others === null) return null;
      return [...others].flatMap((other) => {
        const link = relations.get(other)?.partitionOf;
        return link?.parent === id && link.bound.kind === "range" ? [link.bound.lower] : [];
      });
    });
  };
}

type Find<Found> = (range: RangeEntry, next: RangeEntry | null) => Found | null;

/** `others` gives the keys of more ranges that are to be looked at again, null for all. */
function findIn<Found extends {}>(
  known: WeakMap<Members, Known<Found>>,
  set: PartitionSet,
  given: readonly unknown[],
  find: Find<Found>,
  others: (most: number) => readonly (readonly RangeDatum[])[] | null,
): Iterable<Found> {
  noteMembers(set, "all");
  const { ranges } = set;
  const last = known.get(set.members);
  const most = Math.max(8, ranges.size * greatestPart);
  const isAlike = last?.given.every((each, index) => Object.is(each, given[index])) === true;
  const more = isAlike ? others(most) : null;
  const kept = last === undefined || more === null ? null : foundAfter(last, ranges, most, more, find);
  if (kept !== null) {
    known.set(set.members, { ranges, given, found: kept });
    return kept.values();
  }
  const all = foundIn(ranges, find);
  const found = decided(() => inOrder(ranges, all));
  // Bounds that cannot be compared with all others cannot be looked up.
  if (found === null) known.delete(set.members);
  else known.set(set.members, { ranges, given, found });
  return all.map(([, each]) => each);
}

type FoundAt<Found> = readonly [key: readonly RangeDatum[], found: Found];

/** Looks at all ranges. */
function foundIn<Found>(ranges: Ranges, find: Find<Found>): readonly FoundAt<Found>[] {
  const entries = [...ranges.entries()];
  return entries.flatMap(([key, range], index): readonly FoundAt<Found>[] => {
    const found = find(range, entries[index + 1]?.[1] ?? null);
    return found === null ? [] : [[key, found]];
  });
}

/** Looks at the ranges that are other, and those in front of them; null where these are many, or cannot be looked up. */
function foundAfter<Found>(
  { ranges: before, found }: Known<Found>,
  ranges: Ranges,
  most: number,
  more: readonly (readonly RangeDatum[])[],
  find: Find<Found>,
): BTree<readonly RangeDatum[], Found> | null {
  const keys = ranges === before ? [] : decided(() => differencesOf(ranges, before, most));
  const places = decided(() =>
    [...(keys ?? []), ...more].flatMap((key) => {
      const below = ranges.nextLowerKey(key);
      return below === undefined ? [placeOf(ranges, key)] : [placeOf(ranges, key), placeOf(ranges, below)];
    }),
  );
  const looked = places?.map(({ key, range, next }) => ({ key, each: range === null ? null : find(range, next) }));
  if (keys === null || looked === undefined) return null;
  return decided(() =>
    looked.reduce((now, { key, each }) => {
      if (each !== null) return now.with(key, each, true);
      return now.has(key) ? now.without(key) : now;
    }, found),
  );
}

interface Place {
  readonly key: readonly RangeDatum[];
  readonly range: RangeEntry | null;
  readonly next: RangeEntry | null;
}

function placeOf(ranges: Ranges, key: readonly RangeDatum[]): Place {
  return { key, range: ranges.get(key) ?? null, next: ranges.nextHigherPair(key)?.[1] ?? null };
}

/** What was found as a map in the order of the ranges. */
function inOrder<Found>(ranges: Ranges, all: readonly FoundAt<Found>[]): BTree<readonly RangeDatum[], Found> {
  const empty = ranges.clone();
  empty.clear();
  const found = empty as unknown as BTree<readonly RangeDatum[], Found>;
  for (const [key, each] of all) found.set(key, each);
  return found;
}
