/** Marks what a statement that cannot be followed may have changed: nothing is claimed of it any more. */

import { spaces } from "../catalog/access.ts";
import { type Catalog, dependentsOf, relationById, withRelation, withUnknownChanges } from "../catalog/catalog.ts";
import { asTainted } from "../catalog/doubt.ts";
import { IdMap } from "../catalog/id-map.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { reachOfText } from "../syntax/built-sql.ts";
import type { Reach } from "../syntax/uses.ts";
import { keepLayouts } from "./inheritance/keep-layouts.ts";
import { childrenOf } from "./relations/descendants.ts";
import { withUnreadCode } from "./running/stored-code.ts";

/**
 * Taints the relations whose names the text mentions, in SQL or in the strings from which SQL is built, and everything
 * below them; also those whose names begin like a string that ends in an underscore (`'sales_' || …`). Other relations may
 * have been created.
 */
export function taintMentioned(catalog: Catalog, text: string): Catalog {
  const reach = reachOfText(text);
  return reach.kind === "named" ? taintNamed(catalog, reach) : taintAll(catalog);
}

/** Taints the relations of these names, or of names that begin so, with what depends on them, and the code of these names. */
export function taintNamed(catalog: Catalog, { words, beginnings }: Extract<Reach, { kind: "named" }>): Catalog {
  const names = new Set(words);
  const isNamed = (name: string): boolean =>
    names.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  const tainted = taint(catalog, ({ name }) => isNamed(name), names.has("cascade"));
  return withUnreadCode(withUnreadObjects(tainted, isNamed), (name) => names.has(name));
}

/** The catalog in which types and schemas of these names may be others, or gone. */
function withUnreadObjects(catalog: Catalog, isTouched: (name: string) => boolean): Catalog {
  let { types, shared } = catalog;
  for (const key of types.keys()) if (isTouched(key.slice(key.indexOf("\0") + 1))) types = types.without(key);
  for (const name of catalog.schemas.keys()) {
    if (isOwnSchema(name) || !isTouched(name) || shared.get(`schema ${name}`) === "perhaps") continue;
    shared = shared.with(`schema ${name}`, "perhaps", true);
  }
  return types === catalog.types && shared === catalog.shared ? catalog : { ...catalog, types, shared };
}

/** PostgreSQL's own schemas, which nothing drops. */
function isOwnSchema(name: string): boolean {
  return name === "pg_catalog" || name === "information_schema";
}

/** Taints these relations, everything below them, and the indexes and sequences of all; others are as they were. */
export function taintRelations(catalog: Catalog, relations: readonly Relation[]): Catalog {
  const ids = new Set(relations.map(({ id }) => id));
  const { tainted, knownAbsent } = catalog;
  return { ...taint(catalog, ({ id }) => ids.has(id), false, false), tainted, knownAbsent };
}

/** Taints every relation there is, and all code. */
export function taintAll(catalog: Catalog): Catalog {
  const { relations, untainted } = catalog;
  let next = withUnreadCode(
    withUnreadObjects(withUnknownChanges(catalog), () => true),
    () => true,
  );
  // A script may taint all of them again with every statement: only those that have changed since are looked at.
  for (const id of untainted?.keys() ?? relations.keys()) {
    const relation = relationById(catalog, id);
    if (relation !== null && needsTaint(relation, true)) next = withRelation(next, touchedBy(relation, true));
  }
  return { ...keepLayouts(catalog, next, null), untainted: noRelations };
}

const noRelations: NonNullable<Catalog["untainted"]> = IdMap.empty(spaces.untainted);

function taint(catalog: Catalog, isTouched: (relation: Relation) => boolean, cascade: boolean, byCode = true): Catalog {
  const touched = new Map<RelationId, Relation>();
  for (const relation of catalog.relations.values()) if (isTouched(relation)) touched.set(relation.id, relation);
  // A map goes on to what is put into it meanwhile.
  for (const relation of touched.values()) {
    const parts = touched.has(relation.index?.table ?? 0) ? [] : partsOfIndex(catalog, relation);
    for (const other of [...goingAlong(catalog, relation, cascade), ...parts]) touched.set(other.id, other);
  }
  let next = withUnknownChanges(catalog);
  for (const relation of touched.values()) {
    if (needsTaint(relation, byCode)) next = withRelation(next, touchedBy(relation, byCode));
  }
  return keepLayouts(catalog, next, null);
}

/** What is directly below a relation or a part of it, and goes or changes with it: its indexes, and the sequences of its columns. */
function goingAlong(catalog: Catalog, relation: Relation, cascade: boolean): readonly Relation[] {
  const dependents = relationsById(catalog, dependentsOf(catalog, relation.id));
  return [
    ...childrenOf(catalog, relation),
    ...relationsById(catalog, relation.indexes),
    ...dependents.filter(({ ownedByColumn }) => cascade || ownedByColumn !== undefined),
  ];
}

/** The indexes of partitions that are attached to a partitioned index; where its table is touched, they are found with the partitions. */
function partsOfIndex(catalog: Catalog, { id, index }: Relation): readonly Relation[] {
  const table = index === null ? null : relationById(catalog, index.table);
  const indexes = table === null ? [] : childrenOf(catalog, table).flatMap((partition) => partition.indexes);
  return relationsById(catalog, indexes).filter((part) => part.index?.attachedTo === id);
}

function relationsById(catalog: Catalog, ids: readonly RelationId[]): readonly Relation[] {
  return ids.map((id) => relationById(catalog, id)).filter((relation) => relation !== null);
}

/** A partition of a table that nobody creates is assumed itself, but its bound was known. */
function needsTaint(relation: Relation, byCode: boolean): boolean {
  return (
    relation.knowledge === "full" ||
    relation.outputsUnknown === true ||
    (relation.knowledge === "assumed" && relation.partitionOf !== null) ||
    (byCode && relation.knowledge === "tainted" && relation.touched !== true)
  );
}

function touchedBy(relation: Relation, byCode: boolean): Relation {
  return byCode ? { ...asTainted(relation), touched: true } : asTainted(relation);
}
