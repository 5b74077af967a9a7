/** Recorded histories of extensions: every tenth of them, scored against the replay. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readingForTests } from "../support/parser.ts";
import { emptyExtensionScore, printExtensionScore, readHistories, scoreHistory } from "./extension-score.ts";
import { adapters } from "./score-extension.ts";

/** What is reached, in percent: calls, words, lists, routes, queries. */
const reached: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  partman4: [99, 97, 99, 98.5, 98.5],
  partman5: [99, 97, 99, 98.5, 98.5],
};

test.each(Object.entries(reached))("%s", async (name, [calls, words, lists, routes, queries]) => {
  const adapter = adapters[name];
  if (adapter === undefined) throw new Error(`${name} has an adapter`);
  const reading = await readingForTests();
  const score = emptyExtensionScore();
  const file = fileURLToPath(new URL(`./${name}-sample.jsonl.gz`, import.meta.url));
  for (const recording of readHistories(file)) scoreHistory(score, recording, adapter, reading);
  console.log(`${name}\n${printExtensionScore(score)}`);
  const alarms = score.misses.filter(({ about }) => about === "false-alarm" || about === "survivor");
  expect(alarms).toEqual([]);
  const percent = (part: number, whole: number): number => (100 * part) / whole;
  expect(percent(score.callsRight, score.calls)).toBeGreaterThanOrEqual(calls);
  expect(percent(score.exactWords, score.refused)).toBeGreaterThanOrEqual(words);
  expect(percent(score.exactLists, score.lists)).toBeGreaterThanOrEqual(lists);
  expect(percent(score.exactRoutes, score.routes)).toBeGreaterThanOrEqual(routes);
  expect(percent(score.exactQueries, score.queries)).toBeGreaterThanOrEqual(queries);
});
