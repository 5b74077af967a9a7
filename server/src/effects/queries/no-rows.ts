/** Queries that certainly yield no row, because they read a table that has none. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Query } from "../../syntax/query.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { isEmpty } from "./known-rows.ts";
import { fromRelations } from "./query-walk.ts";

/** Whether the query lists plain columns of tables, one of which the script has created and left empty. */
export function yieldsNoRow(catalog: Catalog, query: Query): boolean {
  if (query.kind !== "select" || query.setOperation !== null || query.values !== null || query.with.length > 0)
    return false;
  // An aggregate yields a row also where there is none to be read.
  if (query.having !== null || query.targets.some(({ expression }) => expression.kind !== "column")) return false;
  const tables = fromRelations(query.from);
  return (
    query.from.every(({ kind }) => kind === "relation") &&
    tables.some(({ relation: name }) => {
      const found = lookUpRelation(catalog, name);
      const isTable = found.kind === "found" && ["table", "partitioned-table"].includes(found.relation.kind);
      return isTable && isEmpty(catalog, found.relation);
    })
  );
}
