/** What a statement needs and nobody shows (access methods, tablespaces, roles, types, …): whether it succeeds is not known. */

import {
  type Catalog,
  effectivePath,
  findRelation,
  nameKey,
  relationById,
  withRelation,
} from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import { functionsNamed, isBuiltinType } from "../../catalog/values/builtins.ts";
import { resolveType } from "../../catalog/values/types.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { AlterTable, CreateTable, CreateType, Statement } from "../../syntax/statement.ts";
import { inDoubt } from "../doubt.ts";
import { type ApplyContext, applied, type Outcome } from "../outcome.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { isBrought, isKnownHarmless } from "./known-functions.ts";
import { isShown, withPerhapsShared } from "./shared-objects.ts";
import { untakenCall } from "./untaken-calls.ts";

/** The outcome, in doubt where the statement needs what neither PostgreSQL, nor an extension, nor the catalog is known to have. */
export function withUnshownDoubts(
  before: Catalog,
  statement: Statement,
  outcome: Outcome,
  context: ApplyContext,
): Outcome {
  if (outcome.kind === "rejected") return outcome;
  const method = unshownMethodOf(before, statement);
  if (method !== null && outcome.catalog.relations !== before.relations) {
    return inDoubt(before, outcome, `whether there is an access method "${method}" that takes it is not known`);
  }
  const unshown = statement.needs?.find((object) => !isShown(before, object) && !isShown(outcome.catalog, object));
  const doubted =
    unshown === undefined
      ? withUntakenCall(before, statement, outcome, context)
      : withDoubt(before, statement, outcome, `whether there is a ${unshown.kind} "${unshown.name}" is not known`);
  return withAssumedSchema(before, statement, withUnshownTypes(before, statement, doubted));
}

const tableMethods: ReadonlySet<string> = new Set(["heap"]);
const indexMethods: ReadonlySet<string> = new Set(["brin", "btree", "gin", "gist", "hash", "spgist"]);

function unshownMethodOf(catalog: Catalog, statement: Statement): string | null {
  const [method, own] =
    statement.kind === "create-table"
      ? [statement.accessMethod ?? "heap", tableMethods]
      : statement.kind === "create-index"
        ? [statement.method, indexMethods]
        : ["heap", tableMethods];
  return own.has(method) || isShown(catalog, { kind: "access method", name: method }) ? null : method;
}

/** The outcome, in doubt where a function that nobody shows has to take a call. */
function withUntakenCall(before: Catalog, statement: Statement, outcome: Applied, context: ApplyContext): Outcome {
  const call = untakenCall(before, outcome.catalog, statement, context);
  if (call === null) return outcome;
  const reason = `whether another function "${call.name.join(".")}" takes these arguments is not known`;
  const doubted =
    statement.kind === "query" ? inDoubt(before, outcome, reason) : withDoubt(before, statement, outcome, reason);
  return doubted.kind === "applied" ? { ...doubted, mayFail: true } : doubted;
}

type Applied = Extract<Outcome, { kind: "applied" }>;

/** The outcome of a statement that needs an object of which nobody knows whether there is one. */
function withDoubt(before: Catalog, statement: Statement, outcome: Applied, reason: string): Outcome {
  switch (statement.kind) {
    case "create-table":
    case "create-index":
    case "create-sequence":
    case "create-view":
    case "create-table-as":
      return { ...outcome, catalog: withDoubtfulNew(before, outcome.catalog) };
    case "alter-table":
      return addsOnlyConstraints(statement)
        ? { ...outcome, catalog: withDoubtfulConstraints(before, withDoubtfulNew(before, outcome.catalog), statement) }
        : inDoubt(before, outcome, reason);
    case "set-schema":
      return inDoubt(before, outcome, reason);
    case "create-type":
      return applied({ ...before, hasUnkeptObjects: true }, reason);
    case "create-schema": {
      const made = withDoubtfulNew(before, outcome.catalog);
      return { ...outcome, catalog: withPerhapsShared(made, { kind: "schema", name: statement.name.name }) };
    }
    default:
      return outcome;
  }
}

/** Whether a relation is new that may not be there. */
export function hasDoubtfulNew(before: Catalog, after: Catalog): boolean {
  if (before.relations === after.relations) return false;
  for (const [, { doubtful }] of after.relations.entries(before.nextId)) if (doubtful === true) return true;
  return false;
}

/** What is refused because of a relation that may not be there stays refused: then it is missing. */
export function withDoubtfulNew(before: Catalog, after: Catalog): Catalog {
  let next = after;
  for (const [id] of after.relations.entries(before.nextId)) {
    const relation = relationById(next, id);
    if (relation !== null) next = withRelation(next, { ...relation, doubtful: true });
  }
  return next;
}

function addsOnlyConstraints({ actions }: AlterTable): boolean {
  return actions.every(({ kind }) => kind === "add-constraint");
}

function withDoubtfulConstraints(before: Catalog, after: Catalog, { relation: name }: AlterTable): Catalog {
  const table = findRelation(before, name);
  let next = after;
  for (const { id, constraints } of table === null ? [] : [table, ...descendantsOf(before, table)]) {
    const relation = relationById(after, id);
    if (relation === null || relation.constraints === constraints) continue;
    const known = new Set<TableConstraint>(constraints);
    const doubted = relation.constraints.changed((each) =>
      known.has(each) ? each : { ...each, doubtful: true as const },
    );
    next = withRelation(next, { ...relation, constraints: doubted });
  }
  return next;
}

/** Notes the schema that a new relation or type goes into, where nobody shows it: a later CREATE SCHEMA tells that they are not there. */
function withAssumedSchema(before: Catalog, statement: Statement, outcome: Outcome): Outcome {
  if (outcome.kind === "rejected") return outcome;
  switch (statement.kind) {
    case "create-table":
    case "create-table-as":
    case "create-view":
    case "create-sequence":
    case "create-type": {
      const { schema } = statement.name;
      if (schema === null || isShown(before, { kind: "schema", name: schema })) return outcome;
      return { ...outcome, catalog: withPerhapsShared(outcome.catalog, { kind: "schema", name: schema }) };
    }
    default:
      return outcome;
  }
}

function withUnshownTypes(before: Catalog, statement: Statement, outcome: Outcome): Outcome {
  if (outcome.kind === "rejected") return outcome;
  if (statement.kind === "create-type" && statement.needs === undefined)
    return withUnshownParts(before, statement, outcome);
  if (statement.kind !== "create-table") return outcome;
  if (outcome.catalog.relations === before.relations) return outcome;
  const created = [...outcome.catalog.relations.entries(before.nextId)].find(
    ([, { name }]) => name === statement.name.name,
  );
  const relation = created === undefined ? null : relationById(outcome.catalog, created[0]);
  if (relation === null || relation.doubtful === true) return outcome;
  if (!hasUnshownType(before, relation) && !hasUnshownCall(before, statement)) return outcome;
  // Without the type or the function there is no such table, and what needs it is refused as well.
  return { ...outcome, catalog: withRelation(outcome.catalog, { ...relation, doubtful: true }) };
}

/** A type is made of others: without them there is none, and none is kept. */
function withUnshownParts(before: Catalog, { definition, name }: CreateType, outcome: Applied): Outcome {
  const parts =
    definition.kind === "domain"
      ? [definition.base]
      : definition.kind === "composite"
        ? definition.columns.map(({ type }) => type)
        : definition.kind === "range" && definition.subtype !== null
          ? [definition.subtype]
          : [];
  if (!parts.some((part) => part !== null && isUnshown(before, resolveType(before, part)))) return outcome;
  return applied({ ...before, hasUnkeptObjects: true }, `whether there are the types of "${name.name}" is not known`);
}

function hasUnshownType(catalog: Catalog, { columns }: Relation): boolean {
  return columns.some(({ type }) => isUnshown(catalog, type));
}

/** Whether what columns and constraints compute calls what neither PostgreSQL, nor an extension, nor the catalog is known to have. */
function hasUnshownCall(catalog: Catalog, { elements }: CreateTable): boolean {
  const constraints = elements.flatMap((element) =>
    element.kind === "column" ? element.constraints : element.kind === "constraint" ? [element.constraint] : [],
  );
  return constraints.some(
    ({ expression }) =>
      expression !== null &&
      insideOut(expression).some((part) => part.kind === "call" && isUnshownFunction(catalog, part.name)),
  );
}

function isUnshownFunction(catalog: Catalog, names: readonly string[]): boolean {
  const name = names.at(-1) ?? "";
  if (functionsNamed(name).length > 0 || isBuiltinType(name) || isKnownHarmless(catalog, name)) return false;
  return !catalog.functions.has(name) && !catalog.code.has(`function ${name}`) && !namesType(catalog, name);
}

/** A call may be a cast to one of the script's own types. */
function namesType({ types, schemas }: Catalog, name: string): boolean {
  return [...schemas.keys()].some((schema) => types.has(nameKey(schema, name)));
}

/** Whether neither PostgreSQL, nor an extension, nor the catalog is known to have the type. */
export function isUnshown(catalog: Catalog, type: DataType): boolean {
  if (type.kind === "array") return isUnshown(catalog, type.element);
  if (type.kind !== "unknown") return false;
  const { schema, name } = type;
  const schemas = schema === null ? effectivePath(catalog) : [schema];
  return !schemas.some((each) => catalog.types.has(nameKey(each, name))) && !isBrought(catalog, "types", name);
}
