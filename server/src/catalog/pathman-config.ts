/** Reading and changing pg_pathman's configuration in a catalog. */

import type { Catalog } from "./catalog.ts";
import { IdMap } from "./id-map.ts";
import type { Pathman, PathmanParameters, PathmanRouter, PathmanTable } from "./pathman.ts";
import type { Relation, RelationId } from "./relation.ts";
import { mapByText } from "./sorted-map.ts";

const none: Pathman = {
  tables: mapByText(),
  parameters: IdMap.empty(),
  routers: IdMap.empty(),
  former: IdMap.empty(),
  numbers: IdMap.empty(),
};

export const defaultParameters: PathmanParameters = { enableParent: false, auto: true, callback: null };

export function pathmanOf(catalog: Catalog): Pathman {
  return catalog.pathman ?? none;
}

/** The row about a relation, by its id or by its name; null where it has none. */
export function pathmanTableOf(
  catalog: Catalog,
  relation: Pick<Relation, "id" | "schema" | "name">,
): PathmanTable | null {
  if (catalog.pathman === undefined) return null;
  const { tables } = catalog.pathman;
  return tables.get(`#${relation.id}`) ?? tables.get(`${relation.schema}.${relation.name}`) ?? null;
}

export function parametersOf(catalog: Catalog, id: RelationId): PathmanParameters {
  return catalog.pathman?.parameters.get(id) ?? defaultParameters;
}

/** The catalog with this row, in place of the one with the same key. */
export function withPathmanTable(catalog: Catalog, table: PathmanTable): Catalog {
  const pathman = pathmanOf(catalog);
  return { ...catalog, pathman: { ...pathman, tables: pathman.tables.with(keyOf(table), table, true) } };
}

/** The catalog without the row; in this session the children of its table still count as partitions. */
export function withoutPathmanTable(catalog: Catalog, table: PathmanTable): Catalog {
  const pathman = pathmanOf(catalog);
  const former = table.relation === null ? pathman.former : pathman.former.with(table.relation, true);
  return { ...catalog, pathman: { ...pathman, former, tables: pathman.tables.without(keyOf(table)) } };
}

export function withParameters(catalog: Catalog, id: RelationId, changed: Partial<PathmanParameters>): Catalog {
  const pathman = pathmanOf(catalog);
  const parameters = pathman.parameters.with(id, { ...parametersOf(catalog, id), ...changed });
  return { ...catalog, pathman: { ...pathman, parameters } };
}

export function withoutParameters(catalog: Catalog, id: RelationId): Catalog {
  const pathman = pathmanOf(catalog);
  return { ...catalog, pathman: { ...pathman, parameters: pathman.parameters.without(id) } };
}

/** The catalog in which a trigger of the README's era divides what is inserted into a table. */
export function withRouter(catalog: Catalog, parent: RelationId, router: PathmanRouter): Catalog {
  const pathman = pathmanOf(catalog);
  return { ...catalog, pathman: { ...pathman, routers: pathman.routers.with(parent, router) } };
}

/** The catalog in which the naming sequence of a table has given this number last; -1 where that is not known. */
export function withLastNumber(catalog: Catalog, parent: RelationId, last: number): Catalog {
  const pathman = pathmanOf(catalog);
  return { ...catalog, pathman: { ...pathman, numbers: pathman.numbers.with(parent, last) } };
}

/** An earlier catalog, with what a rollback to it leaves as it is now. */
export function keepNumbers(earlier: Catalog, now: Catalog): Catalog {
  const numbers = now.pathman?.numbers;
  if (numbers === undefined || numbers === earlier.pathman?.numbers) return earlier;
  return { ...earlier, pathman: { ...pathmanOf(earlier), numbers } };
}

function keyOf({ relation, relname }: PathmanTable): string {
  return relation === null ? (relname ?? "") : `#${relation}`;
}
