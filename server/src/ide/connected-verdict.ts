/** The verdict of a connected database: about the tables as it has them, of which files may say more or less. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import { relationsOf } from "../effects/queries/query-walk.ts";
import type { Planner } from "../pruning/planner.ts";
import { queriesOf } from "../pruning/statement-queries.ts";
import type { RelationVerdict, Verdict } from "../pruning/verdict.ts";
import { predictedVerdict, verdictFor } from "../pruning/verdict-of.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import type { Step } from "../replay/step.ts";

/** `database` is its schema; null where that could not be read, and the files' is taken instead. */
export async function connectedVerdict(
  step: Step,
  text: string,
  planner: Planner,
  database: Catalog | null,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<Verdict> {
  if (database === null) return verdictFor(step, text, planner, options, signal);
  const view = missingView(step, database);
  if (view !== null) {
    // What the database does not have it cannot plan, and what is read through it only the files tell.
    return { ...predictedVerdict(step, options), problem: `the connected database does not have the view "${view}"` };
  }
  const live = { ...step, before: { ...database, settings: step.before.settings, prepared: step.before.prepared } };
  const verdict = await verdictFor(live, text, planner, options, signal);
  if (verdict.relations.length > 0) return { ...verdict, relations: verdict.relations.map(onDatabase) };
  const predicted = predictedVerdict(step, options);
  return { ...predicted, problem: verdict.problem ?? "the connected database does not have the table" };
}

/** Where the database does not answer, its schema is what is left of it. */
function onDatabase(relation: RelationVerdict): RelationVerdict {
  return relation.source === "predicted" ? { ...relation, basis: "database" } : relation;
}

/** The name of a view that the statement reads and the files make, but that the database does not have; null for none. */
function missingView(step: Step, database: Catalog): string | null {
  const there = { ...database, settings: step.before.settings };
  for (const { query } of queriesOf(step)) {
    for (const { name } of relationsOf(query)) {
      const made = findRelation(step.before, name);
      if (made?.kind === "view" && findRelation(there, name) === null) return made.name;
    }
  }
  return null;
}
