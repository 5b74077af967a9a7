/** A table's partitions as the tables that the planner searches: bounds in order, and which partition lies below each. */

import { comparePoints, hashModuli, hashOwner } from "../catalog/partition-set.ts";
import type { PartitionKey, PartitionSet, RangeDatum } from "../catalog/partitioning.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";

export type BoundTable =
  | {
      readonly strategy: "range";
      /** The bounds of all partitions, each point once, ascending. */
      readonly points: readonly (readonly RangeDatum[])[];
      /** `below[i]`: the partition whose upper bound is `points[i]`, null in a gap; one entry more than points. */
      readonly below: readonly (RelationId | null)[];
    }
  | { readonly strategy: "list"; readonly values: readonly { readonly value: Value; readonly partition: RelationId }[] }
  | {
      readonly strategy: "hash";
      /** One entry for each remainder of the greatest modulus. */
      readonly remainders: readonly (RelationId | null)[];
    };

const tables = new WeakMap<PartitionSet, BoundTable>();

/** The table of a partition set, made once. */
export function boundTableOf(set: PartitionSet, key: PartitionKey): BoundTable {
  const known = tables.get(set);
  if (known !== undefined) return known;
  const table = makeTable(set, key);
  tables.set(set, table);
  return table;
}

function makeTable(set: PartitionSet, key: PartitionKey): BoundTable {
  switch (key.strategy) {
    case "range": {
      const collations = key.elements.map(({ collation }) => collation);
      const points: (readonly RangeDatum[])[] = [];
      const below: (RelationId | null)[] = [];
      for (const { lower, upper, partition } of set.ranges.values()) {
        const last = points.at(-1);
        if (last === undefined || comparePoints(last, lower, collations) !== 0) {
          points.push(lower);
          below.push(null);
        }
        points.push(upper);
        below.push(partition);
      }
      below.push(null);
      return { strategy: "range", points, below };
    }
    case "list": {
      const ordered = [...set.values.entries()].map(([value, partition]) => ({ value, partition }));
      // A text list under a collation that we cannot order: its values still are or are not equal to another.
      const unordered = set.incomparable.flatMap(({ partition, bound }) =>
        bound.kind === "list" ? bound.values.flatMap((value) => (value === null ? [] : [{ value, partition }])) : [],
      );
      return { strategy: "list", values: [...ordered, ...unordered] };
    }
    case "hash": {
      const moduli = hashModuli(set);
      const greatest = moduli.at(-1) ?? 0;
      return {
        strategy: "hash",
        remainders: Array.from({ length: greatest }, (_, remainder) => hashOwner(set, moduli, remainder)),
      };
    }
  }
}
