/** A table's partitions as the tables that the planner searches: bounds in order, and which partition lies below each. */

import { rememberedLong } from "../catalog/access.ts";
import { noteMembers } from "../catalog/member-questions.ts";
import { hashModuli } from "../catalog/partition-set.ts";
import type { PartitionKey, PartitionSet, RangeDatum } from "../catalog/partitioning.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { orderable, restsOnCollation } from "../catalog/values/compare.ts";
import { type RangePoints, rangePointsOf } from "./range-points.ts";

export type BoundTable =
  | {
      readonly strategy: "range";
      readonly points: RangePoints["points"];
      readonly below: RangePoints["below"];
    }
  /**
   * Ranges of one column whose values cannot all be ordered: text under a collation that is not known. Each is looked at by
   * itself. `partition` is null for a gap between two that can be ordered.
   */
  | {
      readonly strategy: "unordered-range";
      readonly slots: readonly RangeSlot[];
      /** Whether the gaps are gaps under every collation. */
      readonly gapsAreCertain: boolean;
    }
  | { readonly strategy: "list"; readonly values: readonly { readonly value: Value; readonly partition: RelationId }[] }
  | {
      readonly strategy: "hash";
      /** In the order of modulus and remainder. */
      readonly partitions: readonly RelationId[];
      /** Where among them each stands. */
      readonly places: ReadonlyMap<RelationId, number>;
      /** Ascending. */
      readonly moduli: readonly number[];
    };

export interface RangeSlot {
  /** null: below the first range. */
  readonly lower: RangeDatum | null;
  /** null: above the last range. */
  readonly upper: RangeDatum | null;
  readonly partition: RelationId | null;
}

const tables = new WeakMap<PartitionSet, BoundTable>();

/** The table of a partition set, made once. */
export function boundTableOf(set: PartitionSet, key: PartitionKey): BoundTable {
  noteMembers(set, "all");
  return rememberedLong(
    Math.max(set.values.size, set.all.size),
    () => tables.get(set),
    () => {
      const table = makeTable(set, key);
      tables.set(set, table);
      return table;
    },
  );
}

function makeTable(set: PartitionSet, key: PartitionKey): BoundTable {
  switch (key.strategy) {
    case "range": {
      const { points, below } = rangePointsOf(set, key);
      const [element] = key.elements;
      // `default` is the collation of a database that is not known.
      const ordered =
        element?.type == null || (orderable(element.type, element.comparison) && element.comparison !== "default");
      if (ordered || key.elements.length > 1) return { strategy: "range", points, below };
      const slots = below.map(
        (partition, index): RangeSlot => ({
          lower: points[index - 1]?.[0] ?? null,
          upper: points[index]?.[0] ?? null,
          partition,
        }),
      );
      const aside = [...set.incomparable.entries()].flatMap(([partition, bound]): RangeSlot[] =>
        bound.kind === "range" ? [{ lower: bound.lower[0] ?? null, upper: bound.upper[0] ?? null, partition }] : [],
      );
      const gapsAreCertain = aside.length === 0 && !slots.some(({ lower, upper }) => isGuessed(lower, upper));
      return { strategy: "unordered-range", slots: [...slots, ...aside], gapsAreCertain };
    }
    case "list": {
      const ordered = [...set.values.entries()].map(([value, partition]) => ({ value, partition }));
      // A text list under a collation that we cannot order: its values still are or are not equal to another.
      const unordered = [...set.incomparable.entries()].flatMap(([partition, bound]) =>
        bound.kind === "list" ? bound.values.flatMap((value) => (value === null ? [] : [{ value, partition }])) : [],
      );
      return { strategy: "list", values: [...ordered, ...unordered] };
    }
    case "hash":
      // The greatest modulus may be a thousand million, so places are partitions and not its remainders.
      return hashTable([...set.hashes.values()], hashModuli(set));
  }
}

function hashTable(partitions: readonly RelationId[], moduli: readonly number[]): BoundTable {
  const places = new Map(partitions.map((partition, index) => [partition, index]));
  return { strategy: "hash", partitions, places, moduli };
}

/** Whether the order of two neighbouring points rests on the collation of a database that is not known. */
function isGuessed(lower: RangeDatum | null, upper: RangeDatum | null): boolean {
  return lower?.kind === "value" && upper?.kind === "value" && restsOnCollation(lower.value, upper.value, "default");
}
