/** Finds, at the end of a script, where in the file the things that its catalog holds are written. */

import type { Origin, Relation } from "../../catalog/relation.ts";
import type { Step } from "../../replay/step.ts";
import type { WantedStep } from "../../replay/step-list.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import { containsRange, type TextRange } from "../../text/range.ts";
import type { ScriptContext } from "../rule.ts";
import { type Placement, placementsOf } from "./placements.ts";

export interface PlaceInFile {
  readonly statement: StatementHandle;
  /** What the origin names: the bound, or the relation's name. */
  readonly range: TextRange;
}

export interface BoundInFile extends PlaceInFile {
  /** null where the partition was made by dynamic SQL: then only the block is known. */
  readonly placement: Placement | null;
}

/** Where the file under check gives the partition its bound; null where it does not. */
export function boundInFile(context: ScriptContext, partition: Relation): BoundInFile | null {
  const origin = partition.partitionOf?.origin;
  const place = origin === undefined ? null : placeInFile(context, origin);
  if (place === null) return null;
  const placements = placementsOf(
    context.stepWith(place.statement)?.statement.statement ?? { kind: "other", tag: "", relations: [] },
  );
  const placement = placements.find(
    ({ bound, partition: name }) => touches(bound.range, place.range) || touches(name.range, place.range),
  );
  return { ...place, placement: placement ?? null };
}

/** The statements that may give a table a place among the partitions of another, in order; only those that are wanted. */
export function placingSteps({ stepsOf, placeOf }: ScriptContext, isWanted?: WantedStep): readonly Step[] {
  const [creating, altering] = [stepsOf("create-table", isWanted), stepsOf("alter-table", isWanted)];
  return altering.length === 0 ? creating : [...creating, ...altering].sort((a, b) => placeOf(a) - placeOf(b));
}

/** The place of an origin, if it is in the file under check. */
export function placeInFile(context: ScriptContext, origin: Origin): PlaceInFile | null {
  if (origin.kind !== "statement" || origin.file !== context.file) return null;
  return { statement: origin.statement, range: origin.range };
}

/** The statement that creates a sibling of the placed partition, names qualified as they are there. */
export function createSibling(
  { textOf }: ScriptContext,
  statement: StatementHandle,
  { parent, partition }: Placement,
  name: string,
  bound: string,
): string {
  const parentAsWritten = textOf(statement).slice(parent.range.start, parent.range.end);
  return `CREATE TABLE ${quoteQualifiedName(partition.schema, name)} PARTITION OF ${parentAsWritten} ${bound}`;
}

function touches(a: TextRange, b: TextRange): boolean {
  return containsRange(a, b) || containsRange(b, a);
}
