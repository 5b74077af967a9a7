/** Objects as PostgreSQL's messages about dependencies describe them. */

import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import type { Relation, RelationKind } from "../../catalog/relation.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import { temporarySchema } from "./lookup.ts";

/** `table par`, `view app.v`: qualified where the name alone would not find it. */
export function describeRelation(catalog: Catalog, relation: Relation): string {
  return `${nounOf(relation.kind)} ${visibleName(catalog, relation)}`;
}

/** The name that finds the relation under the search path. */
export function visibleName(catalog: Catalog, relation: Pick<Relation, "schema" | "name">): string {
  const isTemporary = relation.schema === temporarySchema;
  const visible = isTemporary || firstSchemaWith(catalog, relation.name) === relation.schema;
  return quoteQualifiedName(visible ? null : relation.schema, relation.name);
}

export function nounOf(kind: RelationKind): string {
  switch (kind) {
    case "table":
    case "partitioned-table":
      return "table";
    case "foreign-table":
      return "foreign table";
    case "view":
      return "view";
    case "materialized-view":
      return "materialized view";
    case "sequence":
      return "sequence";
    case "composite-type":
      return "composite type";
    case "index":
    case "partitioned-index":
      return "index";
  }
}

function firstSchemaWith(catalog: Catalog, name: string): string | null {
  return effectivePath(catalog).find((schema) => catalog.names.has(`${schema}\0${name}`)) ?? null;
}
