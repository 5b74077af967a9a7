/** Columns whose type is the row type of a table, or a composite type: they hold up changes of what they hold rows of. */

import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { formatTypeName } from "../../catalog/values/types.ts";

import type { TextRange } from "../../text/range.ts";
import { type Refusal, regarding, rejected } from "../outcome.ts";
import { nounOf, visibleName } from "./object-description.ts";

export interface RowTypeUser {
  readonly relation: Relation;
  readonly column: Column;
}

/** The columns that hold rows of a relation, or arrays of them, or domains over them; oldest relation first. */
export function usersOfRowType(catalog: Catalog, { id, schema, name }: Relation): readonly RowTypeUser[] {
  const users: RowTypeUser[] = [];
  for (const holder of catalog.rowHolders.keys()) {
    const relation = holder === id ? null : relationById(catalog, holder);
    for (const column of relation?.columns ?? []) {
      const type = heldRow(column.type);
      if (relation !== null && type?.schema === schema && type.name === name) users.push({ relation, column });
    }
  }
  return users;
}

/** Whether a value of the type holds a row of the relation, however deep (`CheckAttributeType`). */
export function containsRow(catalog: Catalog, type: DataType, relation: Relation): boolean {
  return contains(catalog, type, relation, new Set());
}

function contains(catalog: Catalog, type: DataType, relation: Relation, seen: Set<number>): boolean {
  const row = heldRow(type);
  if (row === null) return false;
  const held = findRelation(catalog, row);
  if (held === null || seen.has(held.id)) return false;
  if (held.id === relation.id) return true;
  seen.add(held.id);
  return held.columns.some((column) => contains(catalog, column.type, relation, seen));
}

function heldRow(type: DataType): Extract<DataType, { kind: "composite" }> | null {
  switch (type.kind) {
    case "array":
      return heldRow(type.element);
    case "domain":
      return heldRow(type.base);
    case "composite":
      return type;
    default:
      return null;
  }
}

/**
 * `find_composite_type_dependencies`: the refusal to write the rows of a table anew, or to change the type of an attribute,
 * while columns of stored relations hold such rows; null where none does.
 */
export function refuseHeldRows(catalog: Catalog, relation: Relation, range: TextRange): Refusal | null {
  const seen = new Set([relation.id]);
  const pending = [relation];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    for (const user of usersOfRowType(catalog, next)) {
      const { kind, name, id } = user.relation;
      if (kind === "table" || kind === "materialized-view" || kind === "partitioned-table") {
        const noun = relation.kind === "composite-type" ? "type" : nounOf(relation.kind);
        const use = relation.kind === "composite-type" ? "uses it" : "uses its row type";
        const message = `cannot alter ${noun} "${relation.name}" because column "${name}.${user.column.name}" ${use}`;
        return regarding(rejected("statement-rejected", "0A000", message, range), user.relation);
      }
      if (!seen.has(id)) pending.push(user.relation);
      seen.add(id);
    }
  }
  return null;
}

/** `column c of table t depends on type s` */
export function describeRowTypeUser(catalog: Catalog, { relation, column }: RowTypeUser): string {
  const of = `column ${column.name} of ${nounOf(relation.kind)} ${visibleName(catalog, relation)}`;
  return `${of} depends on type ${formatTypeName(column.type, catalog.settings.searchPath)}`;
}
