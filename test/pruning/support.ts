/** Scripts for tests of pruning: replayed, with the verdict on their last statement. */

import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import type { Planner } from "../../server/src/pruning/planner.ts";
import type { RelationVerdict, Verdict } from "../../server/src/pruning/verdict.ts";
import { predictedVerdict, verdictFor } from "../../server/src/pruning/verdict-of.ts";
import { type ReplayOptions, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

export const options: ReplayOptions = { version: 18, pathmanVersion: "1.5", today: "2025-01-01" };

export interface Script {
  readonly steps: readonly Step[];
  /** The text of each statement. */
  readonly texts: readonly string[];
}

export async function readingForTests(): Promise<Reading> {
  return { parser: await loadParserForTests(), cache: createStatementCache(1_000_000) };
}

/** Replays a script in an empty, complete world. Throws where the script itself is refused, so that no test rests on a typing error. */
export function replayScript(sql: string, reading: Reading, version: ReplayOptions["version"] = 18): Script {
  const { statements } = parseDocument(sql, reading);
  const start = emptyCatalog({ complete: true, timeZone: "UTC" });
  const source = { text: sql, reading };
  const steps = replay({
    file: "script.sql",
    statements,
    start,
    options: { ...options, version },
    previous: [],
    source,
  });
  return { steps, texts: statements.map((statement) => sql.slice(statement.start, statement.end)) };
}

/** The prediction for the last statement. */
export function predictLast(sql: string, reading: Reading, version: ReplayOptions["version"] = 18): Verdict {
  const last = replayScript(sql, reading, version).steps.at(-1);
  if (last === undefined) throw new Error("The script has no statement.");
  return predictedVerdict(last, { ...options, version });
}

/** What a planner says of the last statement. */
export function askLast(sql: string, reading: Reading, planner: Planner | null, signal: AbortSignal): Promise<Verdict> {
  const { steps, texts } = replayScript(sql, reading);
  const last = steps.at(-1);
  if (last === undefined) throw new Error("The script has no statement.");
  return verdictFor(last, texts.at(-1) ?? "", planner, options, signal);
}

/** `t: t_1 t_2 of 3, planning, exact` for each relation. */
export function summary(verdict: Verdict): readonly string[] {
  return verdict.relations.map(describeRelation);
}

function describeRelation(relation: RelationVerdict): string {
  const survivors =
    relation.survivors === null ? "unknown" : relation.survivors.map(({ name }) => name).join(" ") || "none";
  return `${relation.relation.name}: ${survivors} of ${relation.leaves.length}, ${relation.decided}, ${relation.certainty}`;
}
