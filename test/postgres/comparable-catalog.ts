// A catalog as plain data that can be compared: names in place of ids, and nothing that only says how it was made.
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import { NameMap } from "../../server/src/catalog/name-map.ts";
import { partsOf } from "../../server/src/catalog/noted-set.ts";
import type { PartitionSet } from "../../server/src/catalog/partitioning.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";

/** All that a catalog says, by the names of its relations. Two that say the same are equal, in whatever order they were made. */
export function comparable(catalog: Catalog): unknown {
  const nameOf = (id: number): string => {
    const relation = catalog.relations.get(id);
    return relation === undefined ? `nothing ${id}` : `${relation.schema}.${relation.name}`;
  };
  const { nextId: _, relations, ...rest } = catalog;
  const byName = [...relations.values()]
    .map((relation): [string, unknown] => [nameOf(relation.id), comparableRelation(relation, catalog, nameOf)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const others = Object.entries(rest).map(([key, value]) => [key, plain(value, nameOf, key === "names")]);
  return { relations: Object.fromEntries(byName), ...Object.fromEntries(others) };
}

function comparableRelation(relation: Relation, catalog: Catalog, nameOf: (id: number) => string): unknown {
  const {
    id: _,
    constraints,
    indexes,
    partitioning,
    partitionOf,
    inherits,
    children,
    dependsOn,
    index,
    columns,
    ...rest
  } = relation;
  const key = partitioning?.key;
  const parent = partitionOf === null ? undefined : catalog.relations.get(partitionOf.parent);
  return plain(
    {
      ...rest,
      columns: columns.map((column) => ({ ...column, draws: column.draws?.map(nameOf) })),
      // In whatever order they came.
      constraints: [...constraints]
        .map((each) => ({
          ...each,
          index: each.index === null ? null : nameOf(each.index),
          references:
            each.references === null ? null : { ...each.references, relation: nameOf(each.references.relation) },
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      indexes: indexes.map(nameOf).sort(),
      partitioning:
        partitioning === null ? null : { key, partitions: [...partitioning.partitions.all.keys()].map(nameOf).sort() },
      partitionOf:
        partitionOf === null || parent?.partitioning == null
          ? partitionOf
          : {
              ...partitionOf,
              parent: nameOf(parent.id),
              bound: printBound(partitionOf.bound, parent.partitioning.key, catalog.settings),
            },
      inherits: inherits.map(nameOf),
      children: [...children.keys()].map(nameOf),
      dependsOn: dependsOn.map(nameOf),
      view:
        rest.view === undefined
          ? undefined
          : {
              ...rest.view,
              relations: rest.view.relations.map((each) => ({ ...each, relation: nameOf(each.relation) })),
            },
      reads: rest.reads?.map((each) => ({ ...each, relation: nameOf(each.relation) })),
      index:
        index === null
          ? null
          : {
              ...index,
              table: nameOf(index.table),
              attachedTo: index.attachedTo === null ? null : nameOf(index.attachedTo),
            },
    },
    nameOf,
  );
}

/** Maps by ids, by names, and the sorted ones. */
function isMapLike(value: unknown): value is { entries(): Iterable<[number, unknown]> } {
  const isTree = typeof value === "object" && value !== null && "toArray" in value && "entries" in value;
  return value instanceof IdMap || value instanceof NameMap || (isTree && !Array.isArray(value));
}

function isPartitionSet(value: unknown): value is PartitionSet {
  return typeof value === "object" && value !== null && "members" in value && "ranges" in value;
}

/** Plain data, without places in texts, with names for the ids of relations. */
function plain(value: unknown, nameOf: NameOf, areIds = false): unknown {
  if (isMapLike(value)) {
    const entries = [...value.entries()];
    // Bounds are sorted by what they are.
    if (entries.some(([key]) => typeof key === "object"))
      return entries
        .map(([, each]) => plain(each, nameOf))
        .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    const named = entries.map(([key, each]): [string, unknown] => [
      value instanceof IdMap ? nameOf(key) : String(key),
      areIds ? nameOf(each as number) : plain(each, nameOf),
    ]);
    return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  if (isPartitionSet(value)) return plain(partsOf(value), nameOf);
  if (value instanceof Set) return [...value].map((each) => plain(each, nameOf)).sort();
  if (value instanceof Map) return plain(Object.fromEntries(value), nameOf);
  if (Array.isArray(value)) return value.map((each) => plain(each, nameOf));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, each]) => each !== undefined && !/range$/i.test(key))
      .map(([key, each]) => [
        key,
        key === "partition" && typeof each === "number" ? nameOf(each) : plain(each, nameOf),
      ]),
  );
}

type NameOf = (id: number) => string;
