/** Access methods, tablespaces and types that nobody shows: whether a statement that needs one succeeds is not known. */

import { type Catalog, nameKey, relationById, withRelation } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Statement } from "../../syntax/statement.ts";
import { inDoubt } from "../doubt.ts";
import type { Outcome } from "../outcome.ts";
import { isBrought } from "./known-functions.ts";

/** The outcome, in doubt where the statement needs what neither PostgreSQL, nor an extension, nor the catalog is known to have. */
export function withUnshownDoubts(before: Catalog, statement: Statement, outcome: Outcome): Outcome {
  if (outcome.kind === "rejected" || outcome.catalog.relations === before.relations) return outcome;
  const unshown = unshownPlace(before, statement);
  if (unshown !== null) return inDoubt(before, outcome, `whether there is ${unshown} is not known`);
  if (statement.kind !== "create-table") return outcome;
  const created = [...outcome.catalog.relations.entries(before.nextId)].find(
    ([, { name }]) => name === statement.name.name,
  );
  const relation = created === undefined ? null : relationById(outcome.catalog, created[0]);
  if (relation === null || relation.doubtful === true || !hasUnshownType(before, relation)) return outcome;
  // Without the type there is no such table, and what needs it is refused as well.
  return { ...outcome, catalog: withRelation(outcome.catalog, { ...relation, doubtful: true }) };
}

const tableMethods: ReadonlySet<string> = new Set(["heap"]);
const indexMethods: ReadonlySet<string> = new Set(["brin", "btree", "gin", "gist", "hash", "spgist"]);

function unshownPlace(catalog: Catalog, statement: Statement): string | null {
  switch (statement.kind) {
    case "create-table":
      return unshownMethod(catalog, statement.accessMethod ?? "heap", tableMethods);
    case "create-index":
      return unshownMethod(catalog, statement.method, indexMethods);
    default:
      return null;
  }
}

function unshownMethod(catalog: Catalog, method: string, known: ReadonlySet<string>): string | null {
  if (known.has(method) || isBrought(catalog, "methods", method)) return null;
  return `an access method "${method}" that takes it`;
}

function hasUnshownType(catalog: Catalog, { columns }: Relation): boolean {
  return columns.some(({ type }) => isUnshown(catalog, type));
}

function isUnshown(catalog: Catalog, type: DataType): boolean {
  if (type.kind === "array") return isUnshown(catalog, type.element);
  if (type.kind !== "unknown") return false;
  const { schema, name } = type;
  const schemas = schema === null ? [...catalog.schemas.keys()] : [schema];
  return !schemas.some((each) => catalog.types.has(nameKey(each, name))) && !isBrought(catalog, "types", name);
}
