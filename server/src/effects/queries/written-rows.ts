/** What queries inside of other statements write: of those tables no rows are known any more. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Query } from "../../syntax/query.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { withoutKnownRows, withUndecidedRows } from "./known-rows.ts";

/** The catalog without the rows that common table expressions may change. */
export function withoutRowsOf(catalog: Catalog, expressions: Query["with"]): Catalog {
  let next = catalog;
  for (const { query } of expressions) next = withoutRowsWritten(next, query);
  return next;
}

/** The catalog without the rows that a query may change, itself or inside. */
export function withoutRowsWritten(catalog: Catalog, query: Query): Catalog {
  const next = withoutRowsOf(catalog, query.with);
  const target = query.kind === "select" ? null : lookUpRelation(next, query.target);
  if (target?.kind !== "found") return next;
  return withoutKnownRows(withUndecidedRows(next, target.relation.id), target.relation.id);
}
