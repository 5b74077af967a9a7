/** Which relations need others: by whom, and by what. */

import { spaces } from "./access.ts";
import { changedItems } from "./changed-items.ts";
import { IdMap } from "./id-map.ts";
import type { Relation, RelationId } from "./relation.ts";

/**
 * `dependents` in which one relation is, or is not, among those of another. That is no look at the others: who adds one does the same
 * whichever there are.
 */
export function withDependent(dependents: Dependents, target: RelationId, id: RelationId, isOne: boolean): Dependents {
  const all = dependents.get(target) ?? IdMap.empty<true>(spaces.dependents, target);
  const next = isOne ? all.with(id, true) : all.without(id);
  return next.isEmpty ? dependents.without(target) : dependents.with(target, next);
}

/** By the relation that is needed. */
export type Dependents = IdMap<IdMap<true>>;

/** Whether a column has come or gone whose default names relations. Of a thousand columns one is new or another. */
export function changesDraws(previous: Relation | null, next: Relation | null): boolean {
  if (previous?.columns === next?.columns) return false;
  const { gone, come } = changedItems(previous?.columns ?? [], next?.columns ?? []);
  return [...gone, ...come].some(({ draws }) => draws !== undefined);
}

export function referencedBy(relation: Relation): ReadonlySet<RelationId> {
  const targets = new Set(relation.dependsOn);
  for (const { references } of relation.constraints) if (references !== null) targets.add(references.relation);
  for (const { draws } of relation.columns) for (const id of draws ?? []) targets.add(id);
  targets.delete(relation.id);
  return targets;
}
