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

/** Its schema and name. */
export function nameOf(relation: Relation): QualifiedName {
  return { schema: relation.schema, name: relation.name };
}
