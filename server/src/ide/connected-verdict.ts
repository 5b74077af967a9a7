/** The verdict of a connected database: about the tables as it has them, of which files may say more or less. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { layoutOf, partIdsOf } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import { sameValue } from "../catalog/same-value.ts";
import { relationsOf } from "../effects/queries/query-walk.ts";
import type { Planner } from "../pruning/planner.ts";
import { queriesOf } from "../pruning/statement-queries.ts";
import type { RelationVerdict, Verdict } from "../pruning/verdict.ts";
import { predictedVerdict, verdictFor } from "../pruning/verdict-of.ts";
import { changedStep, type Step } from "../replay/step.ts";
import type { Analysis } from "./analysis.ts";
import { changedCode } from "./changed-code.ts";

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
  const isAsAtStart = step.before.relations === start.relations;
  const predicted = isAsAtStart ? null : predictedVerdict(step, options);
  if (predicted !== null && isDividedOtherwise(step, start, predicted)) return predicted;
  const problem = whyOtherwise(step, database, predicted, options);
  if (problem !== null) return { ...(predicted ?? predictedVerdict(step, options)), problem };
  const { settings, prepared } = step.before;
  const live = changedStep(step, { before: { ...database, settings, prepared }, followed: undefined });
  const verdict = await verdictFor(live, text, planner, options, signal);
  if (verdict.relations.length > 0) return { ...verdict, relations: verdict.relations.map(onDatabase) };
  return {
    ...(predicted ?? predictedVerdict(step, options)),
    problem: verdict.problem ?? "the connected database does not have the table",
  };
}

/** Of more relations it is not known: then they are taken for what the database has. */
const mostCompared = 50_000;

/**
 * Whether the file changes how a table of the database's own, which the statement reads by itself or through a view, is
 * divided: by other parts, other bounds or names, or by another table of its name.
 */
function isDividedOtherwise(step: Step, start: Catalog, predicted: Verdict): boolean {
  return predicted.relations.some(({ relation: name, relationId }) => {
    const relation = relationId === null ? null : relationById(step.before, relationId);
    if (relation === null) return false;
    const earlier = findRelation(start, name);
    if (earlier !== null && earlier.id !== relation.id) return earlier.origin.kind === "database";
    return relation.origin.kind === "database" && hasOtherParts(relation, step.before, start);
  });
}

/** Why the database's plan would be that of another query than the file has; null where it would not. */
function whyOtherwise(
  step: Step,
  database: Catalog,
  predicted: Verdict | null,
  options: Analysis["options"],
): string | null {
  const code = changedCode(step.statement.statement, step.before, database);
  const other = code ?? (predicted === null ? null : otherView(step, database, predicted, options));
  return other === null
    ? null
    : `the connected database has another ${code === null ? `view ${other}` : other} than the file`;
}

/** A view of the file through which other partitions are left than through the database's; null where there is none, or nobody knows. */
function otherView(step: Step, database: Catalog, predicted: Verdict, options: Analysis["options"]): string | null {
  const view = madeViews(step).at(0);
  if (view === undefined) return null;
  const { settings, prepared } = step.before;
  const live = changedStep(step, { before: { ...database, settings, prepared }, followed: undefined });
  const there = predictedVerdict(live, options).relations;
  const isOther = predicted.relations.some(({ relation, survivors }) => {
    const other = there.find((one) => sameValue(one.relation, relation));
    return survivors !== null && other != null && other.survivors !== null && !sameValue(survivors, other.survivors);
  });
  return isOther ? view : null;
}

/** The views that the statement reads and a file makes. */
function madeViews(step: Step): readonly string[] {
  const names = queriesOf(step).flatMap(({ query }) => [...relationsOf(query)].map(({ name }) => name));
  return names.flatMap((name) => {
    const made = findRelation(step.before, name);
    return made?.kind === "view" && made.origin.kind !== "database" ? made.name : [];
  });
}

function hasOtherParts(relation: Relation, now: Catalog, before: Catalog): boolean {
  const left = [relation];
  for (let compared = 0; compared < mostCompared; compared++) {
    const one = left.pop();
    if (one === undefined) return false;
    const earlier = relationById(before, one.id);
    if (earlier === null || earlier.name !== one.name || earlier.schema !== one.schema) return true;
    if (one !== earlier && !sameValue(layoutOf(one), layoutOf(earlier))) return true;
    for (const id of partIdsOf(one)) {
      const part = relationById(now, id);
      if (part !== null) left.push(part);
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
