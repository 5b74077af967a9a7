/** Constraints that ATTACH finds in no table and so makes once more in each: EXCLUDE, and keys WITHOUT OVERLAPS. */

import { type Catalog, withoutRelation, withRelation } from "../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../catalog/relation.ts";
import { constraintDefinition } from "../effects/relations/constraint-shape.ts";
import { chooseIndexName, indexColumnNames } from "../effects/relations/object-names.ts";

/**
 * Whether PostgreSQL takes the index of a constraint for no other one: it compares none that excludes rows by operators
 * (`CompareIndexInfo`), so that a table with an equal constraint would have two of them once it is attached.
 */
function isRemade({ type, index }: TableConstraint, { relations }: Catalog): boolean {
  if (type === "exclude") return true;
  if (type !== "unique" && type !== "primary-key") return false;
  // Only WITHOUT OVERLAPS gives a key an index of another kind.
  const method = relations.get(index ?? -1)?.index?.definition?.method;
  return method !== undefined && !["", "btree"].includes(method);
}

/**
 * The constraints of a table that would stand there twice once it is attached to `whole`: of `whole` itself all that ATTACH makes, of
 * one of its partitions those that ATTACH or PARTITION OF made, of any other table those that are equal to one of `whole`.
 */
export function remadeByAttach(table: Relation, whole: Relation, catalog: Catalog): readonly TableConstraint[] {
  const own = [...table.constraints].filter((each) => isRemade(each, catalog));
  if (table.id === whole.id) return own;
  if (table.partitionOf?.parent === whole.id) return own.filter(({ inheritedFrom }) => inheritedFrom > 0);
  const wanted = [...whole.constraints].filter((each) => isRemade(each, catalog)).map(constraintDefinition);
  return own.filter((each) => {
    const at = wanted.indexOf(constraintDefinition(each));
    if (at >= 0) wanted.splice(at, 1);
    return at >= 0;
  });
}

/** What ATTACH calls such a constraint when it makes it, the table having none by then: as PostgreSQL names any that nobody names. */
export function remadeName(table: Relation, constraint: TableConstraint, catalog: Catalog): string {
  const without = withRelation(catalog, {
    ...table,
    constraints: table.constraints.kept((each) => each !== constraint),
  });
  const gone = constraint.index === null ? without : withoutRelation(without, constraint.index);
  const definition = catalog.relations.get(constraint.index ?? -1)?.index?.definition;
  const columns = indexColumnNames([
    ...(definition?.items ?? constraint.columns.map((column) => ({ column, expression: null }))),
    ...(definition?.include ?? []).map((column) => ({ column, expression: null })),
  ]);
  return chooseIndexName(gone, table.schema, table.name, columns, constraint.type === "primary-key" ? "pkey" : "excl");
}
