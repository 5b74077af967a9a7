/** How the rows of a table are divided, whatever divides them: one answer for all schemes. */

import { noteEntry, spaces } from "./access.ts";
import { type Catalog, parentOf, relationById } from "./catalog.ts";
import { partsByChecks, registeredParts } from "./child-layout.ts";
import type { BoundsOfParts } from "./child-parts.ts";
import { partitionsInBoundOrder } from "./partition-set.ts";
import type { Bound, Partitioning, PartitionKey, PartitionSet, Scheme } from "./partitioning.ts";
import type { Relation, RelationId } from "./relation.ts";

/** A table whose rows go to parts by a key: partitions, or inheritance children that constraints or an extension tell apart. */
export interface Layout {
  readonly by: "declarative" | "checks" | "pathman";
  readonly key: PartitionKey;
  /**
   * The parts with their bounds. Parts of `checks` may overlap, and their ranges may end behind a value (`RangeDatum.after`);
   * those whose constraints exclude nothing are among `incomparable`.
   */
  readonly partitions: PartitionSet;
  /** The parts' bounds in the declarative notation; null for partitions, which have them in their `partitionOf`. */
  readonly bounds: BoundsOfParts | null;
  /** Whether all parts are as they seem: nothing that could not be read may have changed one of them. */
  readonly certain: boolean;
  /** What becomes of a row that no part takes. */
  readonly stray: "refused" | "parent" | "part-is-made" | "unknown";
  /** Who puts a row that is inserted into the table where it belongs; with `nobody` it stays in the table. */
  readonly routedBy: "postgres" | "trigger" | "rule" | "extension" | "nobody";
  /** What leaves parts out of a plan. */
  readonly excludedBy: "pruning" | "constraints" | "extension";
  /** Whether the table may hold rows besides those of its parts. */
  readonly parentHoldsRows: boolean;
}

/** A partitioned table in PostgreSQL's sense, of which the key is known. */
export type PartitionedTable = Relation & { readonly partitioning: Partitioning };

/** Whether PostgreSQL itself partitions the table. Who asks how rows are divided, by whatever, asks `layoutOf`. */
export function isPartitioned(relation: Relation): relation is PartitionedTable {
  return relation.partitioning !== null;
}

/**
 * How the rows of a relation are divided; null where they are not, or where nothing tells its inheritance children apart.
 * Kept with the relation: the same one gives the same answer.
 */
export function layoutOf(relation: Relation): Layout | null {
  if (!isPartitioned(relation)) noteEntry(spaces.children, relation.id);
  if (!isPartitioned(relation) && relation.childLayout === undefined) return null;
  const known = layouts.get(relation);
  if (known !== undefined) return known;
  const layout = isPartitioned(relation) ? declarativeLayout(relation.partitioning) : childLayoutOf(relation);
  layouts.set(relation, layout);
  return layout;
}

const layouts = new WeakMap<Relation, Layout | null>();

function declarativeLayout({ key, partitions }: Partitioning): Layout {
  return {
    by: "declarative",
    key,
    partitions,
    bounds: null,
    certain: true,
    stray: "refused",
    routedBy: "postgres",
    excludedBy: "pruning",
    parentHoldsRows: false,
  };
}

function childLayoutOf(relation: Relation): Layout | null {
  const { childLayout, registration } = relation;
  if (childLayout === undefined) return null;
  const certain = childLayout.unsure === 0;
  if (registration !== undefined) {
    const { by, stray, routes } = registration;
    const routedBy = routes ? "extension" : routerOf(relation);
    return {
      by,
      ...registeredParts(relation, childLayout, registration),
      certain,
      // Without what routes them, rows stay where they are put.
      stray: routedBy === "nobody" ? "parent" : stray,
      routedBy,
      excludedBy: "extension",
      // Queries may leave it out, but rows that were not moved are there.
      parentHoldsRows: true,
    };
  }
  const parts = partsByChecks(relation, childLayout);
  if (parts === null) return null;
  return {
    by: "checks",
    ...parts,
    certain,
    stray: "parent",
    routedBy: routerOf(relation),
    excludedBy: "constraints",
    parentHoldsRows: true,
  };
}

/** Whether the trigger sends each row to the right child is not read; that there is one is. */
function routerOf({ triggers, rules }: Relation): Layout["routedBy"] {
  if (rules.length > 0) return "rule";
  return triggers.some(({ events, row }) => row && events.includes("insert")) ? "trigger" : "nobody";
}

/** Whether the relation may hold rows itself, beside those of its parts. */
export function holdsRows(relation: Relation): boolean {
  return !isPartitioned(relation) && layoutOf(relation)?.parentHoldsRows !== false;
}

/** What leaves parts of a relation out of a plan; where nothing tells children apart by a key, still their constraints. */
export function excludedBy(relation: Relation): Layout["excludedBy"] {
  return layoutOf(relation)?.excludedBy ?? "constraints";
}

/** Whether queries on the relation reach others below it: partitions, or inheritance children. */
export function hasParts(relation: Relation): boolean {
  return isPartitioned(relation) || relation.children.size > 0;
}

/**
 * The partitions or inheritance children directly below a relation, in bound order; children that nothing orders come last,
 * in order of creation.
 */
export function partIdsOf(relation: Relation): readonly RelationId[] {
  const layout = layoutOf(relation);
  const ordered = layout === null ? [] : partitionsInBoundOrder(layout.partitions);
  if (relation.children.size === 0) return ordered;
  const all = new Set(ordered);
  for (const id of relation.children.keys()) all.add(id);
  return [...all];
}

/** The same as relations. */
export function partsOf(catalog: Catalog, relation: Relation): readonly Relation[] {
  return partIdsOf(relation).flatMap((id) => relationById(catalog, id) ?? []);
}

/** The relation whose part this one is, with its layout; null where it is none, or nothing tells it from its siblings. */
export function placeOf(
  catalog: Catalog,
  relation: Relation,
): { readonly parent: Relation; readonly layout: Layout; readonly bound: Bound } | null {
  const parent = parentOf(catalog, relation);
  const layout = parent === null ? null : layoutOf(parent);
  if (parent === null || layout === null) return null;
  const bound = layout.bounds === null ? relation.partitionOf?.bound : layout.bounds.get(relation.id);
  return { parent, layout, bound: bound ?? { kind: "unknown" } };
}

/** Which scheme divides a relation's rows, or makes it a part; `declarative` where none does. */
export function schemeOf(catalog: Catalog, relation: Relation): Scheme {
  if (isPartitioned(relation) || relation.partitionOf !== null) return "declarative";
  const registered = [relation, ...relation.inherits.flatMap((id) => relationById(catalog, id) ?? [])].some(
    (one) => one.children.size > 0 && one.registration !== undefined,
  );
  if (registered) return "pathman";
  return relation.children.size > 0 || relation.inherits.length > 0 ? "inheritance" : "declarative";
}
