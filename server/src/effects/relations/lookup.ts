/** Finding the relations that statements name, and what to make of a name that nothing known has. */

import { spaces } from "../../catalog/access.ts";
import {
  type Catalog,
  creationSchema,
  effectivePath,
  findRelation,
  nameKey,
  relationById,
  schemaMayExist,
  withRelation,
} from "../../catalog/catalog.ts";
import { IdMap } from "../../catalog/id-map.ts";
import { NamedList } from "../../catalog/named-list.ts";
import type { Relation, RelationKind } from "../../catalog/relation.ts";
import { quoteIdentifier, type RelationName } from "../../syntax/names.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { hasForeignRelations } from "./extensions.ts";

/**
 * `found`: known, perhaps only assumed. `absent`: PostgreSQL would not find it. `unknown`: the world is not complete (or
 * something ran that we could not read), so it may exist.
 */
export type Lookup =
  | { readonly kind: "found"; readonly relation: Relation }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown" };

export function lookUpRelation(catalog: Catalog, name: Pick<RelationName, "schema" | "name">): Lookup {
  const relation = findRelation(catalog, name);
  if (relation !== null) return { kind: "found", relation };
  return isAbsent(catalog, name) ? { kind: "absent" } : { kind: "unknown" };
}

/** Whether no relation of that name exists for sure. */
export function isAbsent(catalog: Catalog, name: Pick<RelationName, "schema" | "name">): boolean {
  if (isSystemName(name) || mayBeShard(catalog, name.name)) return false;
  if (catalog.complete && !catalog.tainted && !hasForeignRelations(catalog, name.name)) return true;
  const schemas = name.schema === null ? effectivePath(catalog) : [name.schema];
  return schemas.every(
    (schema) =>
      catalog.knownAbsent.has(nameKey(schema, name.name)) || (catalog.knownAbsent.has(schema) && !catalog.tainted),
  );
}

/** Where Citus divides tables, one that it leaves on this node goes by the table's name and a number from 102008 on. */
function mayBeShard({ sharded }: Catalog, name: string): boolean {
  return sharded !== undefined && /_\d{6,}$/.test(name);
}

/**
 * What PostgreSQL says of a relation that it does not find. Only a `query` does not mind that the schema is missing too;
 * a command reports no position, but for the source of LIKE.
 */
export function relationMissing(
  catalog: Catalog,
  name: RelationName,
  place: "command" | "like" | "query" = "command",
): Refusal {
  const { schema, range } = name;
  const position = place === "command" ? undefined : range.start;
  if (place !== "query" && schema !== null && !schema.startsWith("pg_temp") && !schemaMayExist(catalog, schema)) {
    return rejected("unknown-relation", "3F000", `schema "${schema}" does not exist`, range, { position });
  }
  return rejected("unknown-relation", "42P01", `relation "${displayName(name)}" does not exist`, range, { position });
}

/** A name as PostgreSQL's messages show it, where they show what was written: `schema.name` without quotes. */
export function displayName(name: Pick<RelationName, "schema" | "name">): string {
  return name.schema === null ? name.name : `${name.schema}.${name.name}`;
}

/**
 * A relation that nobody creates but a statement refers to, put into the catalog under the first schema of the path where
 * the name has none.
 */
export function assumeRelation(
  catalog: Catalog,
  name: Pick<RelationName, "schema" | "name">,
  kind: RelationKind,
): { readonly catalog: Catalog; readonly relation: Relation } {
  const schema = name.schema ?? creationSchema(catalog) ?? "public";
  const relation: Relation = { ...emptyRelation(catalog.nextId, schema, name.name, kind), knowledge: "assumed" };
  return { catalog: withRelation(catalog, relation), relation };
}

/** A relation without anything in it, of full knowledge; the caller fills in what it knows. */
export function emptyRelation(id: number, schema: string, name: string, kind: RelationKind): Relation {
  return {
    id,
    schema,
    name,
    kind,
    persistence: schema === temporarySchema ? "temporary" : "permanent",
    columns: [],
    constraints: noConstraints,
    indexes: [],
    partitioning: null,
    partitionOf: null,
    inherits: [],
    children: IdMap.empty(spaces.children, id),
    index: null,
    ofType: false,
    dependsOn: [],
    triggers: [],
    rules: [],
    knowledge: "full",
    origin: { kind: "assumed" },
  };
}

/**
 * What is in doubt of a new index of a table, or a new sequence of its columns: where the table or its columns may not be there, it may not
 * have been made.
 */
export function doubtOfPart({ knowledge, doubtful }: Relation): Pick<Relation, "knowledge" | "doubtful"> {
  return { knowledge: knowledge === "full" ? "full" : "tainted", ...(doubtful === true ? { doubtful } : {}) };
}

/** The schema under which temporary relations are kept. */
export const temporarySchema = "pg_temp";

/** Also where the name says nothing and the search path begins there. */
function inSystemCatalog(name: RelationName): Refusal {
  const message = `permission denied to create "pg_catalog.${name.name}"`;
  return rejected("statement-rejected", "42501", message, name.range, {
    detail: "System catalog modifications are currently disallowed.",
  });
}

/**
 * The schema for a new relation: `{ schema }`, or the refusal (3F000) when it does not exist or the path names none,
 * or a temporary relation is given a schema of its own.
 */
export function schemaForNew(
  catalog: Catalog,
  name: RelationName,
  persistence: Relation["persistence"],
): { readonly kind: "schema"; readonly schema: string } | Refusal {
  const refuse = (sqlstate: string, message: string): Refusal =>
    rejected(sqlstate === "3F000" ? "unknown-relation" : "statement-rejected", sqlstate, message, name.range, {
      position: name.range.start,
    });
  if (name.schema?.startsWith("pg_temp") === true) {
    if (persistence === "unlogged") {
      return refuse("42P16", "only temporary relations may be created in temporary schemas");
    }
    return { kind: "schema", schema: temporarySchema };
  }
  if (persistence === "temporary") {
    if (name.schema !== null && !schemaMayExist(catalog, name.schema))
      return refuse("3F000", `schema "${name.schema}" does not exist`);
    if (name.schema !== null) return refuse("42P16", "cannot create temporary relation in non-temporary schema");
    return { kind: "schema", schema: temporarySchema };
  }
  if (name.schema === "pg_catalog") return inSystemCatalog(name);
  if (name.schema !== null) {
    if (!schemaMayExist(catalog, name.schema)) return refuse("3F000", `schema "${name.schema}" does not exist`);
    return { kind: "schema", schema: name.schema };
  }
  const path = effectivePath(catalog);
  if (path[0]?.startsWith("pg_temp") === true) return { kind: "schema", schema: temporarySchema };
  const first = path.find((candidate) => candidate === "pg_catalog" || schemaMayExist(catalog, candidate));
  if (first === "pg_catalog") return inSystemCatalog(name);
  const schema = creationSchema(catalog);
  if (schema === null) return refuse("3F000", "no schema has been selected to create in");
  return { kind: "schema", schema };
}

/**
 * The relation that certainly has the name already: one that is assumed, tainted or doubtful may not be there, nor may one
 * that another role was to create.
 */
export function relationInTheWay(catalog: Catalog, schema: string, name: string): Relation | null {
  const id = catalog.names.get(nameKey(schema, name));
  const relation = id === undefined ? undefined : catalog.relations.get(id);
  return relation === undefined || mayBeMissing(catalog, relation) ? null : relation;
}

/** The relation of that name, also where it may not be there. */
export function relationNamed(catalog: Catalog, schema: string, name: string): Relation | null {
  const id = catalog.names.get(nameKey(schema, name));
  return id === undefined ? null : relationById(catalog, id);
}

/** Whether PostgreSQL may not have the relation after all. */
export function mayBeMissing({ settings }: Catalog, { knowledge, outputsUnknown, doubtful, owner }: Relation): boolean {
  const isKnown = knowledge === "full" || outputsUnknown === true;
  return !isKnown || doubtful === true || (owner !== undefined && owner !== settings.role);
}

/** PostgreSQL's refusal of a name that is taken (42P07). */
export function nameTaken(name: string, range: RelationName["range"], existing: Relation | null): Refusal {
  return rejected("name-taken", "42P07", `relation "${name}" already exists`, range, {
    related:
      existing === null
        ? []
        : [
            {
              relation: existing.id,
              origin: existing.origin,
              message: `${quoteIdentifier(existing.name)} is created here`,
            },
          ],
  });
}

/** The refusal (42710) of a relation whose row type would have the name of a type that exists; null where it may have it. */
export function typeInTheWay(catalog: Catalog, schema: string, name: RelationName): Refusal | null {
  if (!hasType(catalog, nameKey(schema, name.name))) return null;
  return rejected("name-taken", "42710", `type "${name.name}" already exists`, name.range, {
    hint: "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.",
  });
}

/** Whether there is a type of a name that is more than declared; its key is that of `nameKey`. */
export function hasType({ types }: Catalog, key: string): boolean {
  const type = types.get(key);
  return type !== undefined && !(type.kind === "unknown" && type.shell === true);
}

/** The relation whose row type has a name already; null where none certainly is there. */
export function rowTypeInTheWay(
  catalog: Catalog,
  schema: string,
  name: string,
  context: Pick<ApplyContext, "version">,
): Relation | null {
  const relation = relationInTheWay(catalog, schema, name);
  return relation !== null && hasRowType(relation, context) ? relation : null;
}

/** Whether a type of its name goes with a relation; up to 13 also with a sequence. */
export function hasRowType({ index, kind }: Relation, { version }: Pick<ApplyContext, "version">): boolean {
  return index === null && (kind !== "sequence" || version < 14);
}

/** Where the statement under way is, as the origin of what it creates; `range` is relative to the statement. */
export function originHere(context: ApplyContext, range: RelationName["range"]): Relation["origin"] {
  return { kind: "statement", file: context.file, statement: context.statement, range };
}

/** The system catalogs, whose relations are not in the model. */
export function isSystemName(name: Pick<RelationName, "schema" | "name">): boolean {
  if (name.schema === null) return name.name.startsWith("pg_");
  return name.schema === "pg_catalog" || name.schema === "information_schema" || name.schema.startsWith("pg_toast");
}

/** One for all the indexes and new tables. */
const noConstraints: Relation["constraints"] = NamedList.of([]);
