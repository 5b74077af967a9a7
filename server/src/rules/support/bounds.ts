/** Bounds in rules: what a statement's bound stores, and whether another one could stand in its place. */

import { readBound } from "../../catalog/bound.ts";
import { findRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { findConflict } from "../../catalog/partition-set.ts";
import type { Bound, Partitioning } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { StepContext } from "../rule.ts";
import type { Placement } from "./placements.ts";

export interface PlacedBound {
  readonly parent: Relation;
  readonly partitioning: Partitioning;
  readonly bound: Bound;
}

/** The parent as it stands before the statement, and the bound as PostgreSQL would store it; null where either is unknown. */
export function placedBound(
  { step, options }: { readonly step: StepContext["step"]; readonly options: Pick<StepContext["options"], "version"> },
  placement: Placement,
): PlacedBound | null {
  const parent = findRelation(step.before, placement.parent);
  if (parent === null || !isPartitioned(parent)) return null;
  if (step.rejection === null) {
    // The replay has read the bound already.
    const link = findRelation(step.after, placement.partition)?.partitionOf;
    if (link?.parent !== parent.id || link.bound.kind === "unknown") return null;
    return { parent, partitioning: parent.partitioning, bound: link.bound };
  }
  const reading = readBound(placement.bound, parent.partitioning.key, {
    catalog: step.before,
    version: options.version,
  });
  if (reading.kind !== "bound" || reading.bound.kind === "unknown") return null;
  return { parent, partitioning: parent.partitioning, bound: reading.bound };
}

/** Whether PostgreSQL would refuse the bound beside the partitions that exist, or might. */
export function wouldConflict({ partitioning }: PlacedBound, bound: Bound): boolean {
  return findConflict(partitioning.partitions, partitioning.key, bound) !== null;
}
