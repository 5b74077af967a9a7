/** Relations by their names, as verdicts have them. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { QualifiedName } from "./verdict.ts";

/** The names of these relations, without those that the catalog does not have. */
export function namesOf(catalog: Catalog, ids: readonly RelationId[]): readonly QualifiedName[] {
  return ids.flatMap((id) => {
    const relation = relationById(catalog, id);
    return relation === null ? [] : [nameOf(relation)];
  });
}

/** The names of all leaves of a table: each query of it is told them, so a list has them once. */
export function namesOfLeaves(leaves: readonly Relation[]): readonly QualifiedName[] {
  const known = leafNames.get(leaves) ?? leaves.map(nameOf);
  leafNames.set(leaves, known);
  return known;
}

const leafNames = new WeakMap<readonly Relation[], readonly QualifiedName[]>();

/** Its schema and name. */
export function nameOf(relation: Relation): QualifiedName {
  return { schema: relation.schema, name: relation.name };
}
