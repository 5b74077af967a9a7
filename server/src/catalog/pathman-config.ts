/** Reading and changing pg_pathman's configuration in a catalog. */

import { foldIdentifier } from "../syntax/names.ts";
import { type Catalog, findRelation, relationById, withRelation } from "./catalog.ts";
import type { Registration } from "./child-parts.ts";
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
  const tables = pathman.tables.with(keyOf(table), table, true);
  return withRegistrationOf({ ...catalog, pathman: { ...pathman, tables } }, table);
}

/** The catalog without the row; in this session the children of its table still count as partitions. */
export function withoutPathmanTable(catalog: Catalog, table: PathmanTable): Catalog {
  const pathman = pathmanOf(catalog);
  const former = table.relation === null ? pathman.former : pathman.former.with(table.relation, true);
  const tables = pathman.tables.without(keyOf(table));
  return withRegistrationOf({ ...catalog, pathman: { ...pathman, former, tables } }, table);
}

/** The catalog after DROP EXTENSION: the tables and their children stay. */
export function withoutPathman(catalog: Catalog): Catalog {
  let next: Catalog = { ...catalog, pathman: undefined };
  for (const table of catalog.pathman?.tables.values() ?? []) {
    const relation = dividedBy(catalog, table);
    if (relation !== null) next = withRegistration(next, relation.id);
  }
  return next;
}

export function withParameters(catalog: Catalog, id: RelationId, changed: Partial<PathmanParameters>): Catalog {
  const pathman = pathmanOf(catalog);
  const parameters = pathman.parameters.with(id, { ...parametersOf(catalog, id), ...changed });
  return withRegistration({ ...catalog, pathman: { ...pathman, parameters } }, id);
}

export function withoutParameters(catalog: Catalog, id: RelationId): Catalog {
  const pathman = pathmanOf(catalog);
  return withRegistration({ ...catalog, pathman: { ...pathman, parameters: pathman.parameters.without(id) } }, id);
}

/** The catalog in which a relation carries what its configuration says of it, for `layoutOf` to find. */
export function withRegistration(catalog: Catalog, id: RelationId): Catalog {
  const relation = relationById(catalog, id);
  if (relation === null) return catalog;
  const table = pathmanTableOf(catalog, relation);
  const registration = table === null ? undefined : registrationBy(catalog, relation, table);
  if (sameRegistration(relation.registration, registration)) return catalog;
  return withRelation(catalog, { ...relation, registration });
}

function withRegistrationOf(catalog: Catalog, table: PathmanTable): Catalog {
  const found = dividedBy(catalog, table);
  return found === null ? catalog : withRegistration(catalog, found.id);
}

/** The relation that a row is about; null where there is none. */
export function dividedBy(catalog: Catalog, { relation, relname }: PathmanTable): Relation | null {
  if (relation !== null) return relationById(catalog, relation);
  const [schema = null, name = ""] = relname?.split(".") ?? [];
  return findRelation(catalog, { schema, name });
}

function registrationBy(catalog: Catalog, relation: Relation, table: PathmanTable): Registration {
  const { type: strategy, expression: text, interval } = table;
  const isOldest = table.relation === null;
  // In the version of the first README a trigger makes partitions, as long as the last one.
  const grows = strategy === "range" && (isOldest || (interval !== null && parametersOf(catalog, relation.id).auto));
  return {
    by: "pathman",
    strategy,
    column: pathmanColumn(relation, text),
    text,
    stray: grows ? "part-is-made" : "refused",
    routes: !isOldest,
  };
}

function sameRegistration(a: Registration | undefined, b: Registration | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (Object.keys(a) as (keyof Registration)[]).every((part) => a[part] === b[part]);
}

/** The column that a key of pg_pathman's names; null where it names none. */
export function pathmanColumn({ columns }: Pick<Relation, "columns">, expression: string): string | null {
  const text = expression.trim();
  const name =
    text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : foldIdentifier(text);
  return columns.some((column) => column.name === name) ? name : null;
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
