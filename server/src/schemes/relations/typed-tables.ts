/** Tables made OF a composite type, which hold a change of the type up. */

import { type Catalog, dependentsOf, relationById, withRelation } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { applied } from "../outcome.ts";
import type { Outcome } from "../scheme.ts";

export function typedTables(catalog: Catalog, type: RelationId): readonly Relation[] {
  return dependentsOf(catalog, type)
    .map((id) => relationById(catalog, id))
    .filter((relation) => relation !== null)
    .filter(({ ofType }) => ofType);
}

/**
 * Without CASCADE, which the statement's actions do not show, PostgreSQL refuses to change a type that tables are made of;
 * with it the tables change too. null where no table is.
 */
export function changeOfTypedTables(catalog: Catalog, type: Relation): Outcome | null {
  const tables = type.kind === "composite-type" ? typedTables(catalog, type.id) : [];
  if (tables.length === 0) return null;
  let next = catalog;
  for (const relation of [type, ...tables]) next = withRelation(next, { ...relation, knowledge: "tainted" });
  return applied(next, `whether tables of type "${type.name}" follow its change is not known`);
}
