/** What goes along for certain with types that are dropped: domains over them, columns, tables divided by these, their row types. */

import { type Catalog, nameKey, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { taintAll } from "../taint.ts";
import { withoutColumn } from "./alter-columns.ts";
import { deleteAll, deletionOf } from "./dependencies.ts";
import { isKeyColumn } from "./key-columns.ts";

/** Row types in columns of tables that go in turn may be nested so deep; beyond that everything is in doubt. */
const mostRounds = 50;

/**
 * The catalog without the types and all that cannot be without them. `types` are keys as `nameKey` makes them, of types and of
 * relations that are gone already; those that go along are added to the set.
 */
export function withoutTypes(catalog: Catalog, types: Set<string>): Catalog {
  let next = catalog;
  for (let round = 0; round < mostRounds; round += 1) {
    addDomains(next, types);
    const before = next;
    next = withoutColumnsOf(next, types);
    if (!addRowTypes(before, next, types)) return { ...next, types: next.types.withoutKeys([...types]) };
  }
  return taintAll(next);
}

/** Adds the row types of what is in the first catalog alone; whether there are any. */
export function addRowTypes(before: Catalog, after: Catalog, types: Set<string>): boolean {
  const { size } = types;
  if (before.relations === after.relations) return false;
  for (const [id, { index, kind, schema, name }] of before.relations.entries())
    if (index === null && kind !== "sequence" && !after.relations.has(id)) types.add(nameKey(schema, name));
  return types.size > size;
}

/** Whether values of the type are of one of these types, or arrays of them. */
export function isOfType(type: DataType, types: ReadonlySet<string>): boolean {
  if (type.kind === "array") return isOfType(type.element, types);
  return type.kind !== "base" && type.schema !== null && types.has(nameKey(type.schema, type.name));
}

function addDomains(catalog: Catalog, types: Set<string>): void {
  const domains = [...catalog.types.entries()].flatMap(([key, type]) =>
    type.kind === "domain" ? [{ key, type }] : [],
  );
  for (let size = -1; size !== types.size; ) {
    size = types.size;
    for (const { key, type } of domains) if (isOfType(type.base, types)) types.add(key);
  }
}

/** Tables go as a whole where their key rests on such a column, and so do views and the composite types themselves. */
function withoutColumnsOf(catalog: Catalog, types: ReadonlySet<string>): Catalog {
  const users: { readonly relation: Relation; readonly columns: readonly string[] }[] = [];
  const whole: Relation[] = [];
  for (const relation of catalog.relations.values()) {
    if (relation.index !== null) continue;
    const { kind, schema, name } = relation;
    const columns = relation.columns.filter(({ type }) => isOfType(type, types)).map((column) => column.name);
    const goes =
      (kind === "composite-type" && types.has(nameKey(schema, name))) ||
      (columns.length > 0 && (kind === "view" || kind === "materialized-view")) ||
      columns.some((column) => isKeyColumn(relation, column));
    if (goes) whole.push(relation);
    else if (columns.length > 0) users.push({ relation, columns });
  }
  let next = whole.length === 0 ? catalog : deleteAll(catalog, deletionOf(catalog, whole));
  for (const { relation, columns } of users) {
    for (const column of columns) {
      const current = relationById(next, relation.id);
      if (current !== null) next = withoutColumn(next, current, column);
    }
  }
  return next;
}
