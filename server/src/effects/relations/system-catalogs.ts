/** PostgreSQL's own tables, which no statement may change. */

import { type Catalog, effectivePath } from "../../catalog/catalog.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import { type Refusal, rejected } from "../outcome.ts";

/** The refusal of a statement that changes a system catalog, or makes it a parent of partitions; null for any other. */
export function refuseSystemCatalog(catalog: Catalog, statement: Statement): Refusal | null {
  switch (statement.kind) {
    case "create-table": {
      const parent = statement.partitionOf?.parent;
      if (parent === undefined || !isSystemCatalog(catalog, parent)) return null;
      return rejected("not-partitioned", "42P17", `"${parent.name}" is not partitioned`, parent.range);
    }
    case "alter-table":
    case "rename":
    case "create-index":
      return permissionDenied(catalog, statement.relation);
    case "drop":
    case "truncate": {
      const names = statement.kind === "drop" ? statement.names : statement.relations;
      for (const name of names) {
        const refusal = permissionDenied(catalog, name);
        if (refusal !== null) return refusal;
      }
      return null;
    }
    default:
      return null;
  }
}

function permissionDenied(catalog: Catalog, name: RelationName): Refusal | null {
  if (!isSystemCatalog(catalog, name)) return null;
  const message = `permission denied: "${name.name}" is a system catalog`;
  return rejected("statement-rejected", "42501", message, name.range);
}

/** Whether the name is that of one of PostgreSQL's own tables. */
export function isSystemCatalog(catalog: Catalog, { schema, name }: RelationName): boolean {
  if (!systemCatalogs.has(name)) return false;
  // Unless the path says otherwise, pg_catalog is searched first.
  return schema === null ? !effectivePath(catalog).includes("pg_catalog") : schema === "pg_catalog";
}

const systemCatalogs: ReadonlySet<string> = new Set(
  (
    "pg_aggregate pg_am pg_attrdef pg_attribute pg_cast pg_class pg_collation pg_constraint pg_database pg_depend " +
    "pg_enum pg_index pg_inherits pg_namespace pg_opclass pg_operator pg_partitioned_table pg_proc pg_statistic " +
    "pg_trigger pg_type"
  ).split(" "),
);
