/** What a statement makes and changes if PostgreSQL takes it, where it seems to be refused for reasons that are in doubt. */

import { type Catalog, findRelation, relationById, withRelation, withUnknownChanges } from "../catalog/catalog.ts";
import type { Relation, RelationKind } from "../catalog/relation.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { RelationName } from "../syntax/names.ts";
import type { Statement } from "../syntax/statement.ts";
import { deletionOf } from "./relations/dependencies.ts";
import { relationsOfSchema } from "./relations/drop.ts";
import { assumeRelation, lookUpRelation } from "./relations/lookup.ts";
import { withPerhapsShared } from "./running/shared-objects.ts";
import { taintRelations } from "./taint.ts";

/** The catalog in which nothing is claimed of what the statement names, and of what would go with it. */
export function withPerhapsChanged(catalog: Catalog, statement: Statement): Catalog {
  if (statement.kind !== "drop") return taintRelations(catalog, foundOf(catalog, relationsNamed(statement)));
  if (statement.objectType === "schema") {
    const perhapsGone = (next: Catalog, { name }: RelationName): Catalog =>
      withPerhapsShared(next, { kind: "schema", name });
    const contents = statement.names.flatMap(({ name }) => relationsOfSchema(catalog, name));
    return statement.names.reduce(perhapsGone, taintRelations(catalog, goingWith(catalog, contents)));
  }
  return taintRelations(catalog, goingWith(catalog, foundOf(catalog, statement.names)));
}

function foundOf(catalog: Catalog, names: readonly RelationName[]): readonly Relation[] {
  return names.map((name) => findRelation(catalog, name)).filter((relation) => relation !== null);
}

function goingWith(catalog: Catalog, targets: readonly Relation[]): readonly Relation[] {
  const { relations } = deletionOf(catalog, targets);
  return [...relations].map((id) => relationById(catalog, id)).filter((relation) => relation !== null);
}

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
