/** The verdict of a connected database: about the tables as it has them, of which files may say more or less. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { partIdsOf } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import { relationsOf } from "../effects/queries/query-walk.ts";
import type { Planner } from "../pruning/planner.ts";
import { queriesOf } from "../pruning/statement-queries.ts";
import type { RelationVerdict, Verdict } from "../pruning/verdict.ts";
import { predictedVerdict, verdictFor } from "../pruning/verdict-of.ts";
import { changedStep, type Step } from "../replay/step.ts";
import type { Analysis } from "./analysis.ts";

/** `database` is its schema; null where that could not be read, and the files' is taken instead. */
export async function connectedVerdict(
  step: Step,
  text: string,
  planner: Planner,
  database: Catalog | null,
  { options, start }: Pick<Analysis, "options" | "start">,
  signal: AbortSignal,
): Promise<Verdict> {
  if (database === null) return verdictFor(step, text, planner, options, signal);
  const view = missingView(step, database);
  if (view !== null) {
    // What the database does not have it cannot plan, and what is read through it only the files tell.
    return { ...predictedVerdict(step, options), problem: `the connected database does not have the view "${view}"` };
  }
  // A migration that is not applied yet: the database would answer for tables as they were before it.
  if (isDividedOtherwise(step, start)) return predictedVerdict(step, options);
  const { settings, prepared } = step.before;
  const live = changedStep(step, { before: { ...database, settings, prepared }, followed: undefined });
  const verdict = await verdictFor(live, text, planner, options, signal);
  if (verdict.relations.length > 0) return { ...verdict, relations: verdict.relations.map(onDatabase) };
  const predicted = predictedVerdict(step, options);
  return { ...predicted, problem: verdict.problem ?? "the connected database does not have the table" };
}

/** Of more relations it is not known: then they are taken for what the database has. */
const mostCompared = 20_000;

/** Whether the file gives or takes parts of a table that is the database's own and that the statement reads. */
function isDividedOtherwise(step: Step, start: Catalog): boolean {
  for (const { query } of queriesOf(step)) {
    for (const { name } of relationsOf(query)) {
      const relation = findRelation(step.before, name);
      if (relation?.origin.kind === "database" && hasOtherParts(relation, step.before, start)) return true;
    }
  }
  return false;
}

function hasOtherParts(relation: Relation, now: Catalog, before: Catalog): boolean {
  const left = [relation];
  for (let compared = 0; compared < mostCompared; compared++) {
    const one = left.pop();
    if (one === undefined) return false;
    const earlier = relationById(before, one.id);
    const parts = partIdsOf(one);
    if (one !== earlier) {
      const known = earlier === null ? [] : partIdsOf(earlier);
      if (parts.length !== known.length || parts.some((id, index) => id !== known[index])) return true;
    }
    for (const id of parts) {
      const part = relationById(now, id);
      if (part !== null && partIdsOf(part).length > 0) left.push(part);
    }
  }
  return false;
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
