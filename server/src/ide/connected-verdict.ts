/** The verdict of a connected database: about the tables as it has them, of which files may say more or less. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Planner } from "../pruning/planner.ts";
import type { Verdict } from "../pruning/verdict.ts";
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
  const live = { ...step, before: { ...database, settings: step.before.settings, prepared: step.before.prepared } };
  const verdict = await verdictFor(live, text, planner, options, signal);
  if (verdict.relations.length > 0) return verdict;
  const predicted = predictedVerdict(step, options);
  return { ...predicted, problem: verdict.problem ?? "the connected database does not have the table" };
}
