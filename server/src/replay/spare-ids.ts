/** Ids that are left out between the objects of two statements, for those of statements that are inserted between them later. */

import type { Catalog } from "../catalog/catalog.ts";

/** The objects of each statement begin at a multiple. */
const spacing = 4;
/** How many ids there are at least behind those of a statement. */
const spare = 2;

/** The catalog behind a statement: where it has made something, some ids are left out. */
export function withIdsLeftOut(before: Catalog, after: Catalog): Catalog {
  if (after.nextId === before.nextId) return after;
  return { ...after, nextId: Math.ceil((after.nextId + spare) / spacing) * spacing };
}

/** The catalog for a statement that is inserted: its objects get the ids that were left out, where they are still free. */
export function withSpareIds(catalog: Catalog): Catalog {
  const { nextId, relations } = catalog;
  const first = nextId - spare;
  const isFree = nextId % spacing === 0 && first > 0 && !relations.has(first) && !relations.has(first + 1);
  return isFree ? { ...catalog, nextId: first } : catalog;
}
