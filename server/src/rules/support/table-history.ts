/** What the statements of a file did to one partitioned table: for findings at the end of the script, and their fixes. */

import { relationById } from "../../catalog/catalog.ts";
import { comparePoints } from "../../catalog/partition-set.ts";
import type { PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { RelationId } from "../../catalog/relation.ts";
import type { Step } from "../../replay/step.ts";
import type { ScriptContext } from "../rule.ts";
import { type PlacedBound, placedBound } from "./bounds.ts";
import { placementsOf } from "./placements.ts";

export interface PastPlacement {
  readonly step: Step;
  readonly placed: PlacedBound;
}

/** Every partition that the file gave the table, or tried to, as far as the bounds can be read. */
export function pastPlacements(context: ScriptContext, table: RelationId): readonly PastPlacement[] {
  return context.steps.flatMap((step) =>
    placementsOf(step.statement.statement).flatMap((placement) => {
      const placed = placedBound({ step, text: "", options: context.options }, placement);
      return placed !== null && placed.parent.id === table ? [{ step, placed }] : [];
    }),
  );
}

/** The index of the last statement that changed the table's partitions: behind it the catalog is as at the end. */
export function lastChange(context: ScriptContext, table: RelationId): number | null {
  const step = context.steps.findLast(
    ({ before, after }) =>
      before !== after && relationById(before, table)?.partitioning !== relationById(after, table)?.partitioning,
  );
  return step?.index ?? null;
}

/** Names that statements of the file would give to tables, were they not refused: no fix may take them. */
export function refusedNames({ steps }: ScriptContext): Set<string> {
  return new Set(
    steps.flatMap(({ rejection, statement: { statement } }) =>
      rejection !== null && statement.kind === "create-table" ? [statement.name.name] : [],
    ),
  );
}

/** Whether two ranges of one key share values; true where it cannot be told. */
export function rangesMeet(
  a: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  b: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  key: PartitionKey,
): boolean {
  const collations = key.elements.map(({ collation }) => collation);
  const [ab, ba] = [comparePoints(a.lower, b.upper, collations), comparePoints(b.lower, a.upper, collations)];
  return (ab ?? -1) < 0 && (ba ?? -1) < 0;
}
