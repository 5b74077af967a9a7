/** ALTER … SET SCHEMA. */

import {
  type Catalog,
  dependentsOf,
  nameKey,
  relationById,
  schemaMayExist,
  withRelation,
} from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { PlacedStatement, SetSchema } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { withoutNamesake } from "./dependencies.ts";
import {
  displayName,
  hasRowType,
  lookUpRelation,
  relationInTheWay,
  relationMissing,
  rowTypeInTheWay,
  temporarySchema,
} from "./lookup.ts";
import { only, withRowTypeRenamed, withTypesRenamed } from "./renamed-types.ts";

/** Applies ALTER … SET SCHEMA; null for any other statement. */
export function applySetSchema(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "set-schema") return null;
  switch (statement.objectType) {
    case "table":
    case "foreign-table":
    case "view":
    case "materialized-view":
    case "sequence":
      return setSchema(catalog, statement, context);
    case "type":
    case "domain":
      return setTypeSchema(catalog, statement, context);
    case "function":
      return setFunctionSchema(catalog, statement);
    default:
      return applied(catalog);
  }
}

function setSchema(catalog: Catalog, statement: SetSchema, context: ApplyContext): Outcome {
  const { name: schema, range } = statement.schema;
  const found = lookUpRelation(catalog, statement.relation);
  if (found.kind === "absent")
    return statement.ifExists ? applied(catalog) : relationMissing(catalog, statement.relation);
  if (found.kind === "unknown") {
    return applied(catalog, `"${displayName(statement.relation)}" is not known: its new schema is not followed`);
  }
  const { relation } = found;
  const refuse = (sqlstate: string, message: string, detail?: string): Refusal =>
    rejected("statement-rejected", sqlstate, message, range, { detail });
  const owner = relation.kind === "sequence" ? relation.dependsOn[0] : undefined;
  if (owner !== undefined) {
    const table = relationById(catalog, owner);
    const detail = `Sequence "${relation.name}" is linked to table "${table?.name ?? ""}".`;
    const refusal = refuse("0A000", "cannot move an owned sequence into another schema", detail);
    return table === null ? refusal : regarding(refusal, table);
  }
  const unfit = refuseNewSchema(catalog, relation.schema, statement.schema);
  if (unfit !== null) return unfit;
  if (schema === relation.schema) return applied(catalog);
  if (relationInTheWay(catalog, schema, relation.name) !== null) {
    return rejected("name-taken", "42P07", `relation "${relation.name}" already exists in schema "${schema}"`, range);
  }
  if (hasRowType(relation, context) && catalog.types.has(nameKey(schema, relation.name))) {
    return typeTaken(relation.name, statement);
  }
  return applied(moved(catalog, relation, schema));
}

/** `LookupCreationNamespace` and `CheckSetNamespace`: a schema that is not there, or that nothing moves into or out of. */
function refuseNewSchema(catalog: Catalog, old: string, { name, range }: SetSchema["schema"]): Refusal | null {
  const cannot = (what: string): Refusal =>
    rejected("statement-rejected", "0A000", `cannot move objects into or out of ${what}`, range);
  if (name === old) return null;
  // The session's own goes by this name; that of another one, by its number.
  if (name === temporarySchema) return cannot("temporary schemas");
  if (name === toastSchema) return cannot("TOAST schema");
  if (!schemaMayExist(catalog, name)) {
    return rejected("unknown-relation", "3F000", `schema "${name}" does not exist`, range);
  }
  return old === temporarySchema || name.startsWith("pg_temp") ? cannot("temporary schemas") : null;
}

const toastSchema = "pg_toast";

/** The relation in its new schema, with its indexes and the sequences it owns. */
function moved(catalog: Catalog, relation: Relation, schema: string): Catalog {
  const oldKey = nameKey(relation.schema, relation.name);
  const { name } = relation;
  const free = withRowTypeRenamed(withoutNamesake(catalog, schema, name), relation, { schema, name });
  let next = withRelation(free, { ...(relationById(free, relation.id) ?? relation), schema });
  next = { ...next, knownAbsent: next.knownAbsent.with(oldKey, true) };
  const along: readonly RelationId[] = [
    ...relation.indexes,
    ...dependentsOf(next, relation.id).filter((id) => relationById(next, id)?.kind === "sequence"),
  ];
  for (const id of along) {
    const part = relationById(next, id);
    if (part !== null) next = withRelation(next, { ...part, schema });
  }
  return next;
}

function setTypeSchema(catalog: Catalog, statement: SetSchema, context: ApplyContext): Outcome {
  const { relation: written } = statement;
  const schemas = written.schema === null ? catalog.settings.searchPath : [written.schema];
  const from = schemas.find((candidate) => catalog.types.has(nameKey(candidate, written.name)));
  const found = from === undefined ? lookUpRelation(catalog, written) : null;
  if (found?.kind === "found" && found.relation.kind === "composite-type")
    return setSchema(catalog, statement, context);
  const type = from === undefined ? undefined : catalog.types.get(nameKey(from, written.name));
  const schema = statement.schema.name;
  if (from === undefined || type === undefined || !("schema" in type)) return applied(catalog);
  const unfit = refuseNewSchema(catalog, from, statement.schema);
  if (unfit !== null) return unfit;
  const { name } = written;
  if (schema !== from) {
    const row = rowTypeInTheWay(catalog, schema, name, context);
    if (row !== null) return regarding(typeTaken(name, statement), row);
    if (catalog.types.has(nameKey(schema, name))) return typeTaken(name, statement);
  }
  return applied(withTypesRenamed(catalog, only({ schema: from, name }, { schema, name })));
}

function typeTaken(name: string, { schema }: SetSchema): Refusal {
  return rejected("name-taken", "42710", `type "${name}" already exists in schema "${schema.name}"`, schema.range);
}

/** Of several functions of the name it is not told which one moves: then any may be anywhere. */
function setFunctionSchema(catalog: Catalog, { relation: { name }, schema }: SetSchema): Outcome {
  const known = catalog.functions.get(name);
  if (known === undefined) return applied(catalog);
  const [routine, ...others] = known.routines ?? [];
  const unfit = refuseNewSchema(catalog, routine?.schema ?? "", schema);
  if (unfit !== null) return unfit;
  const routines = routine === undefined || others.length > 0 ? undefined : [{ ...routine, schema: schema.name }];
  return applied({ ...catalog, functions: catalog.functions.with(name, { ...known, routines }, true) });
}
