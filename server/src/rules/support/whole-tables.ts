/** What is said of whole tables: once, where nothing of the chain changes them any more, and only where all is known of them. */

import { findRelation } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ScriptContext } from "../rule.ts";
import { placementsOf } from "./placements.ts";
import { type BoundInFile, placingSteps } from "./script-places.ts";

/**
 * Whether all partitions of the table are known, and the file is the last that may change them. A table of which a file shows
 * nothing but a partition may have any others.
 */
export function isKnownAtEnd({ changesLater }: ScriptContext, table: Relation): boolean {
  return table.knowledge === "full" && !changesLater(table.name);
}

/** The last statement of the file that gives the table a partition, for what concerns partitions of earlier files. */
export function lastPlacement(context: ScriptContext, table: Relation): BoundInFile | null {
  const steps = placingSteps(context);
  for (let at = steps.length - 1; at >= 0; at -= 1) {
    const step = steps[at];
    if (step === undefined || step.rejection !== null) continue;
    for (const placement of placementsOf(step.statement.statement)) {
      if (findRelation(step.after, placement.parent)?.id === table.id)
        return { statement: step.handle, range: placement.bound.range, placement };
    }
  }
  return null;
}
