/** Temporary relations, which end with the session or with DISCARD. */

import { type Catalog, withoutRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { deleteAll, deletionOf } from "./dependencies.ts";

/** The catalog without the temporary relations of the session, which are among those created since. */
export function withoutTemporary(catalog: Catalog, since = 0): Catalog {
  const going: Relation[] = [];
  for (const [, relation] of catalog.relations.entries(since)) {
    if (relation.persistence === "temporary") going.push(relation);
  }
  const left = deleteAll(catalog, deletionOf(catalog, going));
  return going.reduce((next, { id }) => withoutRelation(next, id), left);
}
