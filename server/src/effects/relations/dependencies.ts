/** What depends on the relations that a DROP names, and their removal with everything that goes with them. */

import {
  type Catalog,
  dependentsOf,
  nameKey,
  relationById,
  withoutRelation,
  withRelation,
} from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { unlinkPartition } from "../declarative/links.ts";
import { replaceColumn, withoutDefault } from "./constraint-shape.ts";
import type { Blocker } from "./dependency-refusal.ts";
import { childrenOf, descendantsOf } from "./descendants.ts";
import { describeRelation, visibleName } from "./object-description.ts";

/** What a DROP takes with it. */
export interface Deletion {
  /** Named, or going silently with what is named: partitions, owned sequences. With CASCADE also what depends on them. */
  readonly relations: ReadonlySet<RelationId>;
  /** Foreign keys of tables that stay. */
  readonly foreignKeys: readonly { readonly table: RelationId; readonly constraint: string }[];
  /** Columns of relations that stay: their defaults draw on what goes. */
  readonly defaults: readonly { readonly table: RelationId; readonly column: string }[];
  /** `table ch depends on table par`, for each thing that only CASCADE would drop; in PostgreSQL's order. */
  readonly blockers: readonly Blocker[];
}

/**
 * Follows the dependencies of the relations named. Partitions, indexes and owned sequences go along; inheritance children,
 * views and foreign keys of other tables need CASCADE.
 */
export function deletionOf(catalog: Catalog, targets: readonly Relation[]): Deletion {
  const relations = new Set<RelationId>();
  const named = new Set(targets.map((target) => target.id));
  const foreignKeys: { table: RelationId; constraint: string }[] = [];
  const defaults: { table: RelationId; column: string }[] = [];
  const blockers: (Blocker & { readonly part?: true })[] = [];
  const sorted = [...targets].sort((a, b) => a.id - b.id);
  const needed = neededBy(catalog, sorted);
  const visit = (relation: Relation): void => {
    if (relations.has(relation.id)) return;
    relations.add(relation.id);
    for (const { dependent, automatic, constraint, column } of directDependents(catalog, relation)) {
      if (column !== null) {
        defaults.push({ table: dependent.id, column });
        const of = `column ${column} of ${describeRelation(catalog, dependent)}`;
        const line = `default value for ${of} depends on ${describeRelation(catalog, relation)}`;
        blockers.push({ line, relation: dependent.id, part: true });
        continue;
      }
      if (constraint !== null) {
        // One that refers to a parent refers to its partitions too, and is told of once.
        if (foreignKeys.some((other) => other.table === dependent.id && other.constraint === constraint)) continue;
        foreignKeys.push({ table: dependent.id, constraint });
        const line = `constraint ${constraint} on table ${visibleName(catalog, dependent)} depends on ${describeRelation(catalog, relation)}`;
        blockers.push({ line, relation: dependent.id, part: true });
        continue;
      }
      if (relations.has(dependent.id)) continue;
      if (!automatic && !named.has(dependent.id)) {
        const on = needed.get(dependent.id) ?? relation;
        const line = `${describeRelation(catalog, dependent)} depends on ${describeRelation(catalog, on)}`;
        blockers.push({ line, relation: dependent.id });
      }
      visit(dependent);
    }
  };
  for (const target of sorted) visit(target);
  // A foreign key or a default of a table that goes as well stands in nobody's way.
  const stays = ({ table }: { readonly table: RelationId }): boolean => !relations.has(table);
  const inTheWay = blockers.filter(
    ({ part, relation }) => part !== true || relation === null || !relations.has(relation),
  );
  return {
    relations,
    foreignKeys: foreignKeys.filter(stays),
    defaults: defaults.filter(stays),
    blockers: inTheWay,
  };
}

/** Of which relation PostgreSQL says that a view needs it, where it needs several that go: it comes upon the newest dependents first. */
function neededBy(catalog: Catalog, targets: readonly Relation[]): ReadonlyMap<RelationId, Relation> {
  const needed = new Map<RelationId, Relation>();
  const seen = new Set<RelationId>();
  const visit = (relation: Relation): void => {
    if (seen.has(relation.id)) return;
    seen.add(relation.id);
    const views = dependentsOf(catalog, relation.id)
      .flatMap((id) => relationById(catalog, id) ?? [])
      .filter(({ view, dependsOn }) => view !== undefined && dependsOn.includes(relation.id))
      .sort((a, b) => b.id - a.id);
    for (const view of views) {
      if (!seen.has(view.id)) needed.set(view.id, relation);
      visit(view);
    }
  };
  for (const target of targets) visit(target);
  return needed;
}

/** The sequences that belong to columns of the table. */
export function ownedBy(catalog: Catalog, table: Relation, columns: ReadonlySet<string>): readonly Relation[] {
  return dependentsOf(catalog, table.id).flatMap((id) => {
    const owned = relationById(catalog, id);
    const isOwned = owned?.kind === "sequence" && owned.ownedByColumn !== undefined && columns.has(owned.ownedByColumn);
    return isOwned && owned.dependsOn.includes(table.id) ? [owned] : [];
  });
}

/** What stands in the way of the sequences that go with the columns, but for the defaults of those columns themselves. */
export function drawingOn(catalog: Catalog, table: Relation, columns: ReadonlySet<string>): readonly Blocker[] {
  const { blockers, defaults } = deletionOf(catalog, ownedBy(catalog, table, columns));
  if (blockers.length === 0) return [];
  const own = new Set(
    defaults
      .filter((each) => each.table === table.id && columns.has(each.column))
      .map(({ column }) => `default value for column ${column} of table ${visibleName(catalog, table)} `),
  );
  return blockers.filter(({ line }) => ![...own].some((beginning) => line.startsWith(beginning)));
}

/** The catalog after a commit: tables created since with ON COMMIT DROP are gone. */
export function withoutDroppedOnCommit(catalog: Catalog, since: RelationId): Catalog {
  const going: Relation[] = [];
  for (const relation of catalog.relations.entries(since))
    if (relation[1].dropOnCommit === true) going.push(relation[1]);
  return going.length === 0 ? catalog : deleteAll(catalog, deletionOf(catalog, going));
}

/** The catalog without what the deletion takes. */
export function deleteAll(catalog: Catalog, deletion: Deletion): Catalog {
  let next = catalog;
  for (const { table, constraint } of deletion.foreignKeys) {
    const relation = relationById(next, table);
    if (relation === null) continue;
    const dropped = relation.constraints.find((other) => other.name === constraint);
    for (const { id } of [relation, ...descendantsOf(next, relation)]) {
      const holder = relationById(next, id);
      if (holder === null || dropped === undefined) continue;
      const constraints = holder.constraints.kept(
        (other) => other !== dropped && !(other.inheritedFrom > 0 && other.references === dropped.references),
      );
      next = withRelation(next, { ...holder, constraints });
    }
  }
  for (const { table, column } of deletion.defaults) {
    const relation = relationById(next, table);
    if (relation !== null) next = withRelation(next, replaceColumn(relation, column, withoutDefault));
  }
  for (const id of deletion.relations) next = deleteOne(next, id, deletion.relations);
  return next;
}

/**
 * The catalog in which nothing has the name: of a relation that may not be there, PostgreSQL's taking the name again tells that it is
 * gone. Its indexes and sequences keep their names, for it may as well have been given another.
 */
export function withoutNamesake(catalog: Catalog, schema: string, name: string): Catalog {
  const id = catalog.names.get(nameKey(schema, name));
  const relation = id === undefined ? null : relationById(catalog, id);
  return relation === null ? catalog : withoutRelation(withoutLinks(catalog, relation), relation.id);
}

/** Removes one relation and its indexes, and every link that others have to it. */
function deleteOne(catalog: Catalog, id: RelationId, others: ReadonlySet<RelationId>): Catalog {
  const relation = relationById(catalog, id);
  if (relation === null) return catalog;
  let next = withoutLinks(catalog, relation, others);
  for (const index of relation.indexes) next = withoutRelation(next, index);
  return withoutRelation(next, id);
}

/** Takes a relation out of its parents, and an index out of its table; the `others` go as well, and are left as they are. */
export function withoutLinks(
  catalog: Catalog,
  relation: Relation,
  others: ReadonlySet<RelationId> = noOthers,
): Catalog {
  const { id } = relation;
  let next = catalog;
  const parentGoes = relation.partitionOf !== null && others.has(relation.partitionOf.parent);
  if (relation.partitionOf !== null && !parentGoes) next = unlinkPartition(next, id);
  for (const parentId of relation.inherits) {
    const parent = others.has(parentId) ? null : relationById(next, parentId);
    if (parent === null) continue;
    next = withRelation(next, { ...parent, children: parent.children.without(id) });
  }
  return relation.index === null ? next : withoutIndexOf(next, relation.index.table, id);
}

const noOthers: ReadonlySet<RelationId> = new Set();

function withoutIndexOf(catalog: Catalog, tableId: RelationId, index: RelationId): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  return withRelation(catalog, {
    ...table,
    indexes: table.indexes.filter((id) => id !== index),
    constraints: table.constraints.kept((constraint) => constraint.index !== index),
  });
}

interface Dependent {
  readonly dependent: Relation;
  /** Goes along without being asked for. */
  readonly automatic: boolean;
  /** The name of a foreign key: only that depends, not its table. */
  readonly constraint: string | null;
  /** The column whose default depends, and nothing else of its table. */
  readonly column: string | null;
}

/** In order of creation, as PostgreSQL reports them. */
function directDependents(catalog: Catalog, relation: Relation): readonly Dependent[] {
  const found: Dependent[] = [];
  for (const child of childrenOf(catalog, relation)) {
    found.push({
      dependent: child,
      automatic: child.partitionOf?.parent === relation.id,
      constraint: null,
      column: null,
    });
  }
  for (const id of dependentsOf(catalog, relation.id)) {
    const dependent = relationById(catalog, id);
    if (dependent === null) continue;
    if (dependent.dependsOn.includes(relation.id)) {
      found.push({ dependent, automatic: dependent.kind === "sequence", constraint: null, column: null });
    }
    for (const { name, draws } of dependent.columns) {
      // The default of a column goes with the column, and so does a sequence that belongs to it.
      if (draws?.includes(relation.id) === true)
        found.push({ dependent, automatic: false, constraint: null, column: name });
    }
  }
  for (const { dependent, constraint } of foreignKeysTo(catalog, relation)) {
    found.push({ dependent, automatic: false, constraint, column: null });
  }
  return found.sort((a, b) => a.dependent.id - b.dependent.id);
}

/** The foreign keys of other tables that refer to a relation or to a partitioned table above it. */
function foreignKeysTo(
  catalog: Catalog,
  relation: Relation,
): readonly { readonly dependent: Relation; readonly constraint: string }[] {
  const found: { readonly dependent: Relation; readonly constraint: string }[] = [];
  let target: Relation | null = relation;
  while (target !== null) {
    const targetId: RelationId = target.id;
    // A table's reference to itself is no dependency of its own, but one of its partitions.
    const self = targetId === relation.id ? [] : [targetId];
    for (const id of [...self, ...dependentsOf(catalog, targetId)]) {
      const dependent = relationById(catalog, id);
      for (const { name, references, inheritedFrom } of dependent?.constraints ?? []) {
        if (dependent === null || references?.relation !== targetId || inheritedFrom > 0) continue;
        found.push({ dependent, constraint: name });
      }
    }
    target = target.partitionOf === null ? null : relationById(catalog, target.partitionOf.parent);
  }
  return found;
}
