/** CREATE SCHEMA, with the statements inside it. */

import {
  type Catalog,
  effectivePath,
  nameKey,
  withRelation,
  withSettings,
  withUnknownChanges,
} from "../../catalog/catalog.ts";
import type { CreateSchema, PlacedStatement, Statement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type Apply, type ApplyContext, andThen, applied, applyEach, type Outcome, rejected } from "../outcome.ts";
import { isPerhapsShared } from "../running/shared-objects.ts";

/** Applies CREATE SCHEMA, its elements by `applyElement`; null for any other statement. */
export function applyCreateSchema(
  catalog: Catalog,
  placed: PlacedStatement,
  context: ApplyContext,
  applyElement: Apply,
): Outcome | null {
  const { statement } = placed;
  return statement.kind === "create-schema" ? createSchema(catalog, placed, statement, context, applyElement) : null;
}

function createSchema(
  catalog: Catalog,
  placed: PlacedStatement,
  create: CreateSchema,
  context: ApplyContext,
  applyElement: Apply,
): Outcome {
  const { name, range } = create.name;
  if (name === "") {
    // AUTHORIZATION CURRENT_ROLE and the like: whoever that is.
    return applied(withUnknownChanges(catalog), "the name of the schema is that of the current role");
  }
  if (name.startsWith("pg_")) {
    return rejected("statement-rejected", "42939", `unacceptable schema name "${name}"`, range, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  const isInDoubt = isPerhapsShared(catalog, { kind: "schema", name });
  if (catalog.schemas.has(name) && (create.ifNotExists || !isInDoubt)) {
    if (create.ifNotExists) return applied(catalog);
    return rejected("name-taken", "42P06", `schema "${name}" already exists`, range);
  }
  const known = isInDoubt && !create.ifNotExists ? withDoubtfulContents(catalog, name) : catalog;
  const made: Catalog = {
    ...known,
    schemas: catalog.schemas.with(name, true, true),
    knownAbsent: catalog.knownAbsent.has(name) ? catalog.knownAbsent.without(name) : catalog.knownAbsent,
  };
  if (create.elements.length === 0) return applied(made);
  for (const element of create.elements) {
    const elsewhere = schemaOfElement(element);
    if (elsewhere === null || elsewhere.schema === name) continue;
    const message = `CREATE specifies a schema (${elsewhere.schema}) different from the one being created (${name})`;
    return rejected("statement-rejected", "42P15", message, elsewhere.range);
  }
  const inside = withSettings(made, { searchPath: [name, ...effectivePath(made)] });
  const outcome = applyEach(inside, inOrderOfCreation(create.elements), (current, element) => {
    return applyElement(current, { ...placed, statement: element }, context) ?? applied(current);
  });
  return andThen(outcome, (current) => applied(withSettings(current, { searchPath: catalog.settings.searchPath })));
}

/** Where the schema is created only now, what was to be created in it before has failed; or this statement does. */
function withDoubtfulContents(catalog: Catalog, schema: string): Catalog {
  let next: Catalog = { ...catalog, shared: catalog.shared.without(`schema ${schema}`) };
  for (const [, relation] of catalog.relations.entries()) {
    if (relation.schema === schema) next = withRelation(next, { ...relation, doubtful: true });
  }
  const prefix = nameKey(schema, "");
  let { types } = next;
  for (const key of catalog.types.keys(prefix)) {
    if (!key.startsWith(prefix)) break;
    types = types.without(key);
  }
  return { ...next, types, hasUnkeptObjects: true };
}

/** `transformCreateSchemaStmtElements`: sequences, tables, views, indexes, triggers, whatever their order in the text. */
function inOrderOfCreation(elements: readonly Statement[]): readonly Statement[] {
  const rank: { readonly [Kind in Statement["kind"]]?: number } = {
    "create-sequence": 0,
    "create-table": 1,
    "create-view": 2,
    "create-index": 3,
    "create-trigger": 4,
  };
  return [...elements].sort((a, b) => (rank[a.kind] ?? 5) - (rank[b.kind] ?? 5));
}

function schemaOfElement(element: Statement): { readonly schema: string; readonly range: TextRange } | null {
  switch (element.kind) {
    case "create-table":
    case "create-view":
    case "create-sequence": {
      const { schema, range } = element.name;
      return schema === null ? null : { schema, range };
    }
    case "create-index":
    case "create-trigger": {
      const { schema, range } = element.relation;
      return schema === null ? null : { schema, range };
    }
    default:
      return null;
  }
}
