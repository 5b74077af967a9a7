/** Types under new names: columns, keys and other types keep what they are of, and so its name, wherever it goes. */

import { type Catalog, nameKey, relationById, withRelation } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";

interface TypeName {
  readonly schema: string;
  readonly name: string;
}

/** The new name of a type; null where it keeps its own. */
type NewName = (type: TypeName) => TypeName | null;

/** The catalog in which the row type of a relation goes by the relation's new name. */
export function withRowTypeRenamed(catalog: Catalog, from: TypeName, to: TypeName): Catalog {
  if (catalog.rowHolders.size === 0) return catalog;
  const newName = only(from, to);
  return withColumnTypes(withTypes(catalog, newName), catalog.rowHolders.keys(), newName);
}

/** The catalog in which types go by new names: in the list of types, and in the columns and keys that are of them. */
export function withTypesRenamed(catalog: Catalog, newName: NewName): Catalog {
  return withColumnTypes(withTypes(catalog, newName), catalog.relations.keys(), newName);
}

/** The new name of one type. */
export function only(from: TypeName, to: TypeName): NewName {
  return ({ schema, name }) => (schema === from.schema && name === from.name ? to : null);
}

function withTypes(catalog: Catalog, newName: NewName): Catalog {
  let { types } = catalog;
  for (const [key, type] of catalog.types.entries()) {
    const renamed = renamedType(type, newName);
    if (renamed === type) continue;
    const separator = key.indexOf("\0");
    const own = newName({ schema: key.slice(0, separator), name: key.slice(separator + 1) });
    types = types.without(key).with(own === null ? key : nameKey(own.schema, own.name), renamed, true);
  }
  return types === catalog.types ? catalog : { ...catalog, types };
}

function withColumnTypes(catalog: Catalog, ids: Iterable<RelationId>, newName: NewName): Catalog {
  let next = catalog;
  for (const id of [...ids]) {
    const relation = relationById(next, id);
    const changed = relation === null ? null : withNewTypes(relation, newName);
    if (changed !== null && changed !== relation) next = withRelation(next, changed);
  }
  return next;
}

function withNewTypes(relation: Relation, newName: NewName): Relation {
  const { columns, partitioning } = relation;
  if (!columns.some(({ type }) => renamedType(type, newName) !== type)) return relation;
  const elements = partitioning?.key.elements.map((element) =>
    element.type === null ? element : { ...element, type: renamedType(element.type, newName) },
  );
  return {
    ...relation,
    columns: columns.map((column) => ({ ...column, type: renamedType(column.type, newName) })),
    ...(partitioning === null || elements === undefined
      ? {}
      : { partitioning: { ...partitioning, key: { ...partitioning.key, elements } } }),
  };
}

function renamedType(type: DataType, newName: NewName): DataType {
  switch (type.kind) {
    case "base":
      return type;
    case "array": {
      const element = renamedType(type.element, newName);
      return element === type.element ? type : { ...type, element };
    }
    case "domain": {
      const base = renamedType(type.base, newName);
      const own = newName(type);
      return base === type.base && own === null ? type : { ...type, ...own, base };
    }
    default: {
      const own = type.schema === null ? null : newName({ schema: type.schema, name: type.name });
      return own === null ? type : { ...type, ...own };
    }
  }
}
