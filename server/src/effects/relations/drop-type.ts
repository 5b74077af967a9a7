/** DROP TYPE and DROP DOMAIN, with the columns, domains and typed tables that use the type. */

import { type Catalog, effectivePath, nameKey, relationById, withUnknownChanges } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import { quoteQualifiedName, type RelationName } from "../../syntax/names.ts";
import type { Drop } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import { applied, type Outcome, rejected, withDeclined } from "../outcome.ts";
import { dependencyRefusal } from "./dependency-refusal.ts";
import { functionNeeding } from "./functions.ts";
import { isOfType, withoutTypes } from "./goes-along.ts";
import { isKeyColumn } from "./key-columns.ts";
import { displayName, isAbsent, mayBeMissing } from "./lookup.ts";
import { describeRelation } from "./object-description.ts";
import { type Dropped, perhapsUsing, withPerhapsGone } from "./perhaps-goes-along.ts";
import { typedTables } from "./typed-tables.ts";

export function dropTypes(catalog: Catalog, statement: Drop): Outcome {
  let next = catalog;
  const declined: string[] = [];
  for (const name of statement.names) {
    const schema = schemaOfType(next, name);
    if (schema === null) {
      const certain = isAbsent(next, name) && next.complete && next.extensions.size === 0;
      if (certain && !statement.ifExists) {
        return rejected("unknown-relation", "42704", `type "${displayName(name)}" does not exist`, name.range);
      }
      if (certain || !statement.cascade) continue;
      const gone = withPerhapsGone(next, droppedTypes([nameKey(name.schema ?? "", name.name)]));
      if (gone.kind === "rejected") return gone;
      next = gone.catalog;
      addAll(declined, gone.declined);
      continue;
    }
    const type = next.types.get(nameKey(schema, name.name));
    if (statement.objectType === "domain" && type !== undefined && type.kind !== "domain" && type.kind !== "unknown") {
      return rejected("statement-rejected", "42809", `"${displayName(name)}" is not a domain`, name.range);
    }
    const used = dropType(next, statement, schema, name.name);
    if (used.kind === "rejected") return used;
    next = used.catalog;
    addAll(declined, used.declined);
  }
  return withDeclined(applied(next), declined);
}

function dropType(catalog: Catalog, statement: Drop, schema: string, name: string): Outcome {
  const key = nameKey(schema, name);
  const users = usersOfType(catalog, schema, name);
  const domains = domainsOver(catalog, key);
  const typed = typedTablesNamed(catalog, key);
  if (!statement.cascade) {
    const path = catalog.settings.searchPath;
    const shown = `type ${quoteQualifiedName(path.includes(schema) ? null : schema, name)}`;
    const lines = [
      ...users.map(({ relation, column, type }) => {
        const on = `depends on type ${formatTypeName(type, path)}`;
        const line = isKeyColumn(relation, column)
          ? `${describeRelation(catalog, relation)} ${on}`
          : `column ${column} of ${describeRelation(catalog, relation)} ${on}`;
        return { line, relation: relation.id };
      }),
      ...domains.map((domain) => ({
        line: `type ${formatTypeName(domain, path)} depends on ${shown}`,
        relation: null,
      })),
      ...typed.map((relation) => ({
        line: `${describeRelation(catalog, relation)} depends on ${shown}`,
        relation: relation.id,
      })),
    ];
    const certain = users.every(({ relation }) => !mayBeMissing(catalog, relation));
    if (lines.length > 0 && !certain) return inDoubt(catalog, schema, name);
    if (lines.length > 0) {
      return dependencyRefusal(
        `cannot drop ${shown} because other objects depend on it`,
        [...new Map(lines.map((each) => [each.line, each])).values()],
        statement,
      );
    }
    const isPerhapsUsed =
      functionNeeding(catalog, name) !== null || perhapsUsing(catalog, droppedTypes([key])).length > 0;
    if (isPerhapsUsed) return inDoubt(catalog, schema, name);
  }
  const several = name.includes("range") ? name.replace("range", "multirange") : `${name}_multirange`;
  const isRange =
    catalog.types.get(key)?.kind === "unknown" && catalog.types.get(nameKey(schema, several))?.kind === "unknown";
  const types = new Set([key, ...(isRange ? [nameKey(schema, several)] : [])]);
  return withPerhapsGone(withoutTypes(catalog, types), droppedTypes(types));
}

function droppedTypes(keys: Iterable<string>): Dropped {
  const names = [...keys].map((key) => key.slice(key.indexOf("\0") + 1));
  return { types: new Set(names), functions: new Set(), schemas: new Set() };
}

/** A function may take or return the type, an expression name it, or a table that may not be there have a column of it. */
function inDoubt(catalog: Catalog, schema: string, name: string): Outcome {
  const key = nameKey(schema, name);
  const doubtful: DataType = { kind: "unknown", schema, name };
  return applied(
    withUnknownChanges({ ...catalog, types: catalog.types.with(key, doubtful, true) }),
    `whether something uses type "${name}" is not known`,
  );
}

function schemaOfType(catalog: Catalog, name: RelationName): string | null {
  const schemas = name.schema === null ? effectivePath(catalog) : [name.schema];
  const has = (schema: string): boolean => {
    const key = nameKey(schema, name.name);
    const id = catalog.names.get(key);
    const isComposite = id !== undefined && relationById(catalog, id)?.kind === "composite-type";
    return catalog.types.has(key) || isComposite;
  };
  return schemas.find(has) ?? null;
}

interface TypeUser {
  readonly relation: Relation;
  readonly column: string;
  readonly type: DataType;
}

/** The columns of a user type; those of partitions go with their parents'. */
function usersOfType(catalog: Catalog, schema: string, name: string): readonly TypeUser[] {
  const users: TypeUser[] = [];
  for (const relation of catalog.relations.values()) {
    if (relation.partitionOf !== null) continue;
    for (const column of [...relation.columns].reverse()) {
      const type = column.type.kind === "array" ? column.type.element : column.type;
      if (type.kind === "base" || type.kind === "array" || column.inheritedFrom > 0) continue;
      if (type.schema === schema && type.name === name)
        users.push({ relation, column: column.name, type: column.type });
    }
  }
  return users;
}

function domainsOver(catalog: Catalog, key: string): readonly DataType[] {
  return [...catalog.types.values()].filter((type) => type.kind === "domain" && isOfType(type.base, new Set([key])));
}

function typedTablesNamed(catalog: Catalog, key: string): readonly Relation[] {
  const id = catalog.names.get(key);
  return id === undefined ? [] : typedTables(catalog, id);
}
