/** Tables made OF a composite type, which hold a change of the type up. */

import {
  type Catalog,
  dependentsOf,
  effectivePath,
  relationById,
  schemaMayExist,
  withRelation,
} from "../../catalog/catalog.ts";
import { asTainted } from "../../catalog/doubt.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import type { TypeName } from "../../syntax/expression.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, rejected, withoutPosition } from "../outcome.ts";
import { typeNamed } from "./column-definition.ts";
import { lookUpRelation } from "./lookup.ts";
import { collationsDiffer, typesDiffer } from "./merge-columns.ts";

/** `ATExecAddOf`: the table takes a composite type whose columns it must have, in the same order. */
export function becomeTyped(
  catalog: Catalog,
  table: Relation,
  { type: written, range }: Extract<AlterAction, { kind: "of-type" }>,
  context: ApplyContext,
): Outcome {
  const found = compositeType(catalog, written, range, context);
  if (found.kind === "rejected") return withoutPosition(found);
  if (found.kind === "applied") return found;
  const { type } = found;
  const refuse = (message: string, sqlstate = "42804"): Refusal =>
    rejected("statement-rejected", sqlstate, message, range);
  if (table.inherits.length > 0 || table.partitionOf !== null) return refuse("typed tables cannot inherit", "42809");
  if (table.knowledge !== "full" || type.knowledge !== "full")
    return applied(catalog, `whether "${table.name}" has the columns of type "${type.name}" is not known`);
  for (const [index, wanted] of type.columns.entries()) {
    const own = table.columns[index];
    if (own === undefined) return refuse(`table is missing column "${wanted.name}"`);
    if (own.name !== wanted.name) return refuse(`table has column "${own.name}" where type requires "${wanted.name}"`);
    if (typesDiffer(own.type, wanted.type) || collationsDiffer(own.collation, wanted.collation))
      return refuse(`table "${table.name}" has different type for column "${wanted.name}"`);
  }
  const extra = table.columns[type.columns.length];
  if (extra !== undefined) return refuse(`table has extra column "${extra.name}"`);
  return applied(withRelation(catalog, { ...table, ofType: true, dependsOn: [type.id] }));
}

/** `ATExecDropOf` */
export function endBeingTyped(catalog: Catalog, table: Relation, range: TextRange): Outcome {
  if (table.ofType) return applied(withRelation(catalog, { ...table, ofType: false, dependsOn: [] }));
  if (table.knowledge !== "full") return applied(catalog);
  return rejected("statement-rejected", "42809", `"${table.name}" is not a typed table`, range);
}

/** `check_of_type`: the composite type of that name; or the refusal, or why it is not known. */
export function compositeType(
  catalog: Catalog,
  written: TypeName,
  range: TextRange,
  { version }: ApplyContext,
): { readonly kind: "composite"; readonly type: Relation } | Outcome {
  const [, schema] = [...written.names].reverse();
  if (schema !== undefined && !schemaMayExist(catalog, schema)) {
    return rejected("unknown-relation", "3F000", `schema "${schema}" does not exist`, range);
  }
  const named = typeNamed(catalog, written);
  if (named.kind === "rejected") return named;
  const { type } = named;
  if (type.kind === "unknown") return applied(catalog, `the columns of type "${type.name}" are not known`);
  const found = type.kind === "composite" ? lookUpRelation(catalog, type) : null;
  if (found?.kind === "found" && found.relation.kind === "composite-type")
    return { kind: "composite", type: found.relation };
  const name = formatTypeName(type, effectivePath(catalog));
  if (found?.kind === "found" && version >= 18) {
    return rejected("statement-rejected", "42809", `type ${name} is the row type of another table`, range, {
      detail: "A typed table must use a stand-alone composite type created with CREATE TYPE.",
    });
  }
  return rejected("statement-rejected", "42809", `type ${name} is not a composite type`, range);
}

/** The tables that are made of a composite type. */
export function typedTables(catalog: Catalog, type: RelationId): readonly Relation[] {
  return dependentsOf(catalog, type)
    .map((id) => relationById(catalog, id))
    .filter((relation) => relation !== null)
    .filter(({ ofType }) => ofType);
}

/**
 * Without CASCADE, which the statement's actions do not show, PostgreSQL refuses to change a type that tables are made of;
 * with it the tables change too. null where no table is.
 */
export function changeOfTypedTables(catalog: Catalog, type: Relation): Outcome | null {
  const tables = type.kind === "composite-type" ? typedTables(catalog, type.id) : [];
  if (tables.length === 0) return null;
  let next = catalog;
  for (const relation of [type, ...tables]) next = withRelation(next, asTainted(relation));
  return applied(next, `whether tables of type "${type.name}" follow its change is not known`);
}
