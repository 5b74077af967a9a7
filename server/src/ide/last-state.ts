/** The last state of a table that a file creates and drops again, for what is said above the statement that creates it. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import { indexOf } from "../syntax/document.ts";
import type { Analysis } from "./analysis.ts";

/** A relation with the catalog that has it. */
export interface RelationState {
  readonly catalog: Catalog;
  readonly relation: Relation;
}

/** The relation behind the last statement of the file that leaves it there, from the step that creates it on. */
export function lastState({ document, steps, final }: Analysis, creating: Step, created: Relation): RelationState {
  const atEnd = relationById(final, created.id);
  if (atEnd !== null) return { catalog: final, relation: atEnd };
  // It is there from its statement up to the one that takes it away, and its id never comes back.
  let [there, gone] = [indexOf(document, creating.handle), steps.length];
  while (gone - there > 1) {
    const between = Math.floor((there + gone) / 2);
    const step = steps[between];
    if (step !== undefined && relationById(step.after, created.id) !== null) there = between;
    else gone = between;
  }
  const catalog = steps[there]?.after ?? creating.after;
  return { catalog, relation: relationById(catalog, created.id) ?? created };
}
