/** The relations that a DROP names, and what is refused of names that mean none or another kind. */

import { type Catalog, effectivePath, nameKey, schemaMayExist } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Drop } from "../../syntax/statement.ts";
import { type Refusal, rejected } from "../outcome.ts";
import { lookUpRelation } from "./lookup.ts";

export type RelationType = "table" | "foreign-table" | "view" | "materialized-view" | "sequence" | "index";

const nouns: Readonly<Record<RelationType, string>> = {
  table: "table",
  "foreign-table": "foreign table",
  view: "view",
  "materialized-view": "materialized view",
  sequence: "sequence",
  index: "index",
};

/** The relations named that exist, or the first refusal. */
export function findTargets(
  catalog: Catalog,
  statement: Drop,
  type: RelationType,
):
  | {
      readonly kind: "targets";
      readonly targets: readonly Relation[];
      /** The catalog in which names that PostgreSQL would have dropped if there were any are known to be absent. */
      readonly catalog: Catalog;
    }
  | Refusal {
  const targets: Relation[] = [];
  let next = catalog;
  for (const name of statement.names) {
    const found = lookUpRelation(catalog, name);
    if (found.kind === "found") {
      const wrong = wrongType(found.relation, type, name);
      if (wrong !== null) return wrong;
      targets.push(found.relation);
      continue;
    }
    if (found.kind === "absent" && !statement.ifExists) return targetMissing(catalog, name, type);
    if (found.kind === "unknown") next = withKnownAbsent(next, name);
  }
  return { kind: "targets", targets: [...new Set(targets)], catalog: next };
}

function withKnownAbsent(catalog: Catalog, name: RelationName): Catalog {
  const schemas = name.schema === null ? effectivePath(catalog) : [name.schema];
  const [schema] = schemas;
  // With several schemas on the path it is open which of them has lost its relation.
  if (schema === undefined || schemas.length > 1) return catalog;
  return { ...catalog, knownAbsent: catalog.knownAbsent.with(nameKey(schema, name.name), true) };
}

function targetMissing(catalog: Catalog, name: RelationName, type: RelationType): Refusal {
  if (name.schema !== null && !schemaMayExist(catalog, name.schema)) {
    return rejected("unknown-relation", "3F000", `schema "${name.schema}" does not exist`, name.range);
  }
  const sqlstate = type === "index" ? "42704" : "42P01";
  return rejected("unknown-relation", sqlstate, `${nouns[type]} "${name.name}" does not exist`, name.range);
}

function wrongType(relation: Relation, type: RelationType, name: RelationName): Refusal | null {
  const actual = relationType(relation);
  if (actual === null || actual === type || relation.knowledge === "assumed") return null;
  const message = `"${relation.name}" is not ${type === "index" ? "an" : "a"} ${nouns[type]}`;
  const article = actual === "index" ? "an" : "a";
  return rejected("statement-rejected", "42809", message, name.range, {
    hint: `Use DROP ${nouns[actual].toUpperCase()} to remove ${article} ${nouns[actual]}.`,
  });
}

function relationType({ kind }: Relation): RelationType | null {
  switch (kind) {
    case "partitioned-table":
      return "table";
    case "partitioned-index":
      return "index";
    case "composite-type":
      return null;
    default:
      return kind;
  }
}
