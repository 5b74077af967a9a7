/** Ids that are left out between the objects of two statements, for those of statements that are inserted between them later. */

import type { Catalog } from "../catalog/catalog.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Standing } from "./state.ts";
import type { Step } from "./step.ts";
import { takenOf } from "./step-block.ts";

/** The objects of each statement begin at a multiple. */
const spacing = 4;
/** How many ids there are at least behind those of a statement. */
const spare = 2;

/** The catalog behind a statement: where it has made something, some ids are left out. */
export function withIdsLeftOut(before: Catalog, after: Catalog): Catalog {
  if (after.nextId === before.nextId) return after;
  return { ...after, nextId: Math.ceil((after.nextId + spare) / spacing) * spacing };
}

/** More steps are not looked at: then no ids count as free. */
const mostLooks = 8192;

/**
 * The catalog for a statement that is inserted: its objects get the ids that were left out, where they are still free. `earlier` are
 * the steps in front of it, the last one first: what one of them made stays what its id tells, also where it has been dropped since.
 */
export function withSpareIds({ catalog, session }: Standing, earlier: Iterable<Step>): Catalog {
  const { nextId } = catalog;
  const first = nextId - spare;
  if (nextId % spacing !== 0 || first <= 0) return catalog;
  // What a transaction has made is told from the rest by its ids.
  if (session.kind === "open" && first < session.beginning.nextId) return catalog;
  return areFree(first, earlier) ? { ...catalog, nextId: first } : catalog;
}

function areFree(first: RelationId, earlier: Iterable<Step>): boolean {
  let looks = 0;
  for (const step of earlier) {
    if (++looks > mostLooks) return false;
    const { before, after } = takenOf(step);
    if (before.nextId === after.nextId) continue;
    for (let id = first; id < first + spare; id++) if (after.relations.has(id)) return false;
    // Behind this one they were left out.
    if (before.nextId < first) return true;
  }
  // Those of what was there before the file are told from the others by their ids.
  return false;
}
