/** What the names in a view's query mean: they are bound when the view is made, and follow what is renamed later. */

import {
  type Catalog,
  dependentsOf,
  findRelation,
  nameKey,
  relationById,
  withRelation,
} from "../../catalog/catalog.ts";
import type { RelationId, ViewQuery, ViewRelation } from "../../catalog/relation.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import { relationsOf } from "../queries/query-walk.ts";

/** The query of a view that is made now, with the relations and columns that its names mean in this catalog. */
export function boundQuery(
  catalog: Catalog,
  query: SelectQuery,
  outputs: readonly string[],
  searchPath: readonly string[],
): ViewQuery {
  const relations = new Map<string, ViewRelation>();
  for (const { name } of relationsOf(query)) {
    const relation = findRelation(catalog, name);
    if (relation === null) continue;
    const { schema, knowledge, columns } = relation;
    relations.set(nameKey(name.schema ?? "", name.name), {
      written: { schema: name.schema, name: name.name },
      relation: relation.id,
      schema,
      columns: knowledge === "full" ? columns.map((column) => ({ as: column.name, name: column.name })) : null,
    });
  }
  return { query, outputs, renamed: [], searchPath, relations: [...relations.values()] };
}

/** The catalog after a column of a relation was renamed: views that read it go on to read it, by its new name. */
export function withColumnRenamedInViews(catalog: Catalog, id: RelationId, from: string, to: string): Catalog {
  let next = withOutputRenamed(catalog, id, from, to);
  for (const dependent of dependentsOf(catalog, id)) {
    const reader = relationById(next, dependent);
    if (reader === null || reader.view === undefined) continue;
    next = withRelation(next, { ...reader, view: renamedIn(reader.view, id, from, to) });
  }
  return next;
}

/** Of columns that were not known, the query's own words no longer tell which one is meant. */
function renamedIn(view: ViewQuery, id: RelationId, from: string, to: string): ViewQuery | undefined {
  const read = view.relations.filter(({ relation }) => relation === id);
  if (read.length === 0 || read.some(({ columns }) => columns === null)) return undefined;
  const relations = view.relations.map((one) => {
    if (one.relation !== id || one.columns === null) return one;
    return { ...one, columns: one.columns.map((column) => (column.name === from ? { ...column, name: to } : column)) };
  });
  return { ...view, relations };
}

/** A view whose columns are known tells itself how they are called now. */
function withOutputRenamed(catalog: Catalog, id: RelationId, from: string, to: string): Catalog {
  const relation = relationById(catalog, id);
  if (relation === null || relation.view === undefined || relation.columns.length > 0) return catalog;
  const { view } = relation;
  const before = view.renamed.find(({ name }) => name === from)?.as ?? from;
  const renamed = [...view.renamed.filter(({ as }) => as !== before), { as: before, name: to }];
  return withRelation(catalog, { ...relation, view: { ...view, renamed } });
}
