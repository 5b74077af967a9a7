/** Marks what a statement that cannot be followed may have changed: nothing is claimed of it any more. */

import { type Catalog, withRelation, withUnknownChanges } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { descendantsOf } from "./relations/descendants.ts";

/**
 * Taints the relations whose names the text mentions, in SQL or in the strings from which SQL is built, and everything
 * below them; also those whose names begin like a string that ends in an underscore (`'sales_' || …`). Other relations may
 * have been created.
 */
export function taintMentioned(catalog: Catalog, text: string): Catalog {
  const words = new Set(text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu)?.flatMap((word) => [word, word.toLowerCase()]));
  const beginnings = [...words].filter((word) => word.length > 1 && word.endsWith("_"));
  return taint(catalog, ({ name }) => words.has(name) || beginnings.some((beginning) => name.startsWith(beginning)));
}

/** Taints these relations and everything below them; others are as they were. */
export function taintRelations(catalog: Catalog, relations: readonly Relation[]): Catalog {
  const ids = new Set(relations.map(({ id }) => id));
  const { tainted, knownAbsent } = catalog;
  return { ...taint(catalog, ({ id }) => ids.has(id)), tainted, knownAbsent };
}

/** Taints every relation there is. */
export function taintAll(catalog: Catalog): Catalog {
  return taint(catalog, () => true);
}

function taint(catalog: Catalog, isTouched: (relation: Relation) => boolean): Catalog {
  const touched = new Map<RelationId, Relation>();
  for (const relation of catalog.relations.values()) {
    if (touched.has(relation.id) || !isTouched(relation)) continue;
    touched.set(relation.id, relation);
    for (const below of descendantsOf(catalog, relation)) touched.set(below.id, below);
  }
  let next = withUnknownChanges(catalog);
  for (const relation of touched.values()) {
    // A partition of a table that nobody creates is assumed itself, but its bound was known.
    if (relation.knowledge === "full" || relation.partitionOf !== null)
      next = withRelation(next, { ...relation, knowledge: "tainted" });
  }
  return next;
}
