/** What a statement makes if PostgreSQL takes it, where it seems to be refused for reasons that are in doubt. */

import { type Catalog, withRelation, withUnknownChanges } from "../catalog/catalog.ts";
import type { RelationKind } from "../catalog/relation.ts";
import type { RelationName } from "../syntax/names.ts";
import type { Statement } from "../syntax/statement.ts";
import { assumeRelation, lookUpRelation } from "./relations/lookup.ts";
import { withPerhapsShared } from "./running/shared-objects.ts";

/** The catalog in which there may be what the statement makes: nothing is refused because it is there, or is not. */
export function withPerhapsMade(catalog: Catalog, statement: Statement): Catalog {
  switch (statement.kind) {
    case "create-table":
      return withPerhapsRelation(
        catalog,
        statement.name,
        statement.partitionBy === null ? "table" : "partitioned-table",
      );
    case "create-table-as":
      return withPerhapsRelation(catalog, statement.name, statement.materializedView ? "materialized-view" : "table");
    case "create-view":
      return withPerhapsRelation(catalog, statement.name, "view");
    case "create-sequence":
      return withPerhapsRelation(catalog, statement.name, "sequence");
    case "create-schema": {
      const { name } = statement.name;
      const schemas = catalog.schemas.with<true>(name, true, true);
      return withPerhapsShared({ ...catalog, schemas }, { kind: "schema", name });
    }
    case "create-index":
    case "create-type":
    case "create-function":
    case "create-extension":
    case "rename":
    case "set-schema":
      return withUnknownChanges(catalog);
    default:
      return catalog;
  }
}

function withPerhapsRelation(catalog: Catalog, name: RelationName, kind: RelationKind): Catalog {
  if (lookUpRelation(catalog, name).kind === "found") return catalog;
  const assumed = assumeRelation(catalog, name, kind);
  return withRelation(assumed.catalog, { ...assumed.relation, knowledge: "tainted", doubtful: true });
}
