/** The relations that a query names must exist. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Query } from "../../syntax/query.ts";
import type { Refusal } from "../outcome.ts";
import { lookUpRelation, relationMissing } from "../relations/lookup.ts";
import { relationsOf } from "./query-walk.ts";

/** The refusal (42P01) of the first relation that certainly does not exist, in the order in which PostgreSQL looks; or null. */
export function missingRelation(catalog: Catalog, query: Query): Refusal | null {
  for (const { name } of relationsOf(query)) {
    if (lookUpRelation(catalog, name).kind === "absent") return relationMissing(catalog, name, "query");
  }
  return null;
}
