/** Queries behind one of a relation that nobody shows: PostgreSQL may run anything there, and hardly ever does. */

import type { Catalog } from "../catalog/catalog.ts";
import { isUnknownUse } from "../effects/running/closure.ts";
import { changedStep, type Step } from "../replay/step.ts";
import type { StepList } from "../replay/step-list.ts";

/**
 * The steps for lenses, hovers and survivors that are other than in the list, by their places. A view that nobody shows may call a
 * function that alters any table, so behind a query of an unknown relation the replay knows nothing, and nothing is an error. But a
 * file of queries is read one by one: as long as nothing stands above a statement but queries, what it meets is assumed to be the start.
 */
export function readsAssumed(start: Catalog, list: StepList): ReadonlyMap<number, Step> {
  const shown = new Map<number, Step>();
  let isDoubtful = false;
  for (let index = 0; index < list.length; index++) {
    const step = list.at(index) as Step;
    if (isDoubtful) shown.set(index, changedStep(step, { before: start, followed: undefined }));
    if (!onlyQueries(step)) break;
    isDoubtful ||= step.declined.some(isUnknownUse);
  }
  return shown;
}

/** Whether the statement is a query, and what it may have run besides is only what an unknown relation may. */
function onlyQueries({ statement: { statement }, declined }: Step): boolean {
  return statement.kind === "query" && declined.every((reason) => !runsCode.test(reason) || isUnknownUse(reason));
}

/** How the reasons begin for which code may have changed the schema. */
const runsCode = /^what\b/;
