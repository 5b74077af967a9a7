/** DROP TYPE and DROP DOMAIN, with the columns, domains and typed tables that use the type. */

import { type Catalog, effectivePath, nameKey, relationById, withUnknownChanges } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import { quoteQualifiedName, type RelationName } from "../../syntax/names.ts";
import type { Drop } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import { applied, type Outcome, rejected, withDeclined } from "../outcome.ts";
import { withoutColumn } from "./alter-columns.ts";
import { deleteAll, deletionOf } from "./dependencies.ts";
import { dependencyRefusal } from "./dependency-refusal.ts";
import { functionNeeding } from "./functions.ts";
import { isKeyColumn } from "./key-columns.ts";
import { displayName, isAbsent, mayBeMissing } from "./lookup.ts";
import { describeRelation } from "./object-description.ts";
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
  const domains = domainsOver(catalog, schema, name);
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
    if (functionNeeding(catalog, name) !== null) return inDoubt(catalog, schema, name);
  }
  const open = users.length > 0 || domains.length > 0 || typed.length > 0;
  let next = withoutColumnsOf(catalog, users);
  const id = next.names.get(key);
  const composite = id === undefined ? null : relationById(next, id);
  const going = [...typed, ...(composite?.kind === "composite-type" ? [composite] : [])];
  next = deleteAll(next, deletionOf(next, going));
  const several = name.includes("range") ? name.replace("range", "multirange") : `${name}_multirange`;
  const isRange =
    next.types.get(key)?.kind === "unknown" && next.types.get(nameKey(schema, several))?.kind === "unknown";
  const types = next.types.withoutKeys([
    key,
    ...(isRange ? [nameKey(schema, several)] : []),
    ...domains.flatMap((domain) => (domain.kind === "domain" ? [nameKey(domain.schema, domain.name)] : [])),
  ]);
  const note = `what DROP TYPE "${name}" CASCADE takes along is followed for tables only`;
  return applied({ ...next, types }, ...(open ? [note] : []));
}

/** A function may take or return the type, or a table that may not be there have a column of it. */
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

/** The catalog without the columns whose types are in a schema that goes. */
export function withoutColumnsOfSchema(catalog: Catalog, schema: string): Catalog {
  const prefix = nameKey(schema, "");
  return [...catalog.types.keys()]
    .filter((key) => key.startsWith(prefix))
    .reduce((next, key) => withoutColumnsOf(next, usersOfType(next, schema, key.slice(prefix.length))), catalog);
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

function domainsOver(catalog: Catalog, schema: string, name: string): readonly DataType[] {
  return [...catalog.types.values()].filter((type) => {
    if (type.kind !== "domain") return false;
    const base = type.base.kind === "array" ? type.base.element : type.base;
    return base.kind !== "base" && base.kind !== "array" && base.schema === schema && base.name === name;
  });
}

function typedTablesNamed(catalog: Catalog, key: string): readonly Relation[] {
  const id = catalog.names.get(key);
  return id === undefined ? [] : typedTables(catalog, id);
}

function withoutColumnsOf(catalog: Catalog, users: readonly TypeUser[]): Catalog {
  let next = catalog;
  for (const { relation, column } of users) {
    const current = relationById(next, relation.id);
    if (current === null) continue;
    if (isKeyColumn(current, column)) {
      next = deleteAll(next, deletionOf(next, [current]));
      continue;
    }
    next = withoutColumn(next, current, column);
  }
  return next;
}
