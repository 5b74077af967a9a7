/** Which relations a statement reads and writes, by the names in it: what decides whether it gets a lens. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { isInTree } from "../pruning/leaves.ts";
import { hasShards } from "../pruning/shards.ts";
import type { RelationName } from "../syntax/names.ts";
import type { CommonTableExpression, Query } from "../syntax/query.ts";

/** The relations that a query names, without its common table expressions, in order of appearance. */
export function relationsOfQuery(query: Query): readonly RelationName[] {
  const known = relations.get(query);
  if (known !== undefined) return known;
  const found: RelationName[] = [];
  visitQuery(query, new Set(), found);
  relations.set(query, found);
  return found;
}

/** A query never changes, and after every key the lenses of the whole file are listed. */
const relations = new WeakMap<Query, readonly RelationName[]>();

/** Whether the catalog has the name as a table with partitions, children or shards, as one of these, or as a view over one. */
export function findPartitioned(catalog: Catalog, name: RelationName): Relation | null {
  const relation = findRelation(catalog, name);
  return relation !== null && reachesPartitions(catalog, relation, 0) ? relation : null;
}

/** Views on views beyond this depth are not followed. */
const deepestView = 20;

function reachesPartitions(catalog: Catalog, relation: Relation, depth: number): boolean {
  if (isInTree(relation) || hasShards(relation)) return true;
  if (relation.kind !== "view" || depth > deepestView) return false;
  return relation.dependsOn.some((id) => {
    const read = relationById(catalog, id);
    return read !== null && reachesPartitions(catalog, read, depth + 1);
  });
}

function visitQuery(query: Query, outerNames: ReadonlySet<string>, found: RelationName[]): void {
  const names = new Set(outerNames);
  for (const expression of query.with) visitCommonTableExpression(expression, names, found);
  if (query.kind !== "select") found.push(query.target);
  const { with: _, ...rest } = query;
  for (const part of Object.values(rest)) visitPart(part, names, found);
}

function visitCommonTableExpression(
  { name, query, recursive }: CommonTableExpression,
  names: Set<string>,
  found: RelationName[],
): void {
  if (recursive) names.add(name.name);
  visitQuery(query, names, found);
  names.add(name.name);
}

/** Queries stand in many kinds of expression and FROM item; whatever holds one is walked alike. */
function visitPart(part: unknown, names: ReadonlySet<string>, found: RelationName[]): void {
  if (typeof part !== "object" || part === null) return;
  if (Array.isArray(part)) {
    for (const item of part) visitPart(item, names, found);
    return;
  }
  const node = part as { readonly kind?: unknown };
  // Most parts of a long query are these, and places, and they name no relation.
  if (node.kind === "constant" || node.kind === "column") return;
  if (node.kind === "select") visitQuery(part as Query, names, found);
  else if (node.kind === "relation") {
    const { relation } = part as { readonly relation: RelationName };
    if (relation.schema !== null || !names.has(relation.name)) found.push(relation);
  } else
    for (const key of Object.keys(part))
      if (key !== "range") visitPart((part as Readonly<Record<string, unknown>>)[key], names, found);
}
