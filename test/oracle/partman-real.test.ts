/** pg_partman itself, run beside the model: the histories of the samples at another moment than that of the recordings. */

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readingForTests } from "../support/parser.ts";
import { type PartmanServer, startPartmanServer } from "../support/partman-server.ts";
import {
  type ExtensionAdapter,
  emptyExtensionScore,
  printExtensionScore,
  readHistories,
  scoreHistory,
} from "./extension-score.ts";
import { type PartmanRecording, partmanAdapter } from "./partman-adapter.ts";
import { recordPartman } from "./record-partman.ts";

/** In UTC: the last day of a month that the next one does not have, when it is the next month already in Kolkata. */
const moment = "2026-05-31 22:40:00";

let partman: PartmanServer | null;
beforeAll(async () => {
  partman = await startPartmanServer(moment);
}, 240_000);
afterAll(() => partman?.server.stop());

test("what pg_partman does is what the model says", { timeout: 480_000 }, async () => {
  const major = partman?.version.startsWith("5") === true ? 5 : 4;
  const recorded = readHistories<PartmanRecording>(
    fileURLToPath(new URL(`./partman${major}-sample.jsonl.gz`, import.meta.url)),
  );
  const adapter = adapterFor(major);
  const reading = await readingForTests();
  const score = emptyExtensionScore();
  // Where no pg_partman can be had, what was recorded of one stands for it.
  for (const history of recorded) {
    const happened = partman === null ? history : await recordPartman(partman.server.connectionString, history);
    const today = happened.now.replace(" ", "T").replace("+00", "Z");
    scoreHistory(score, happened, { ...adapter, options: { ...adapter.options, today } }, reading);
  }
  const source = partman === null ? "the recordings" : `pg_partman ${partman.version} on ${partman.server.major}`;
  console.log(`${source}\n${printExtensionScore(score)}`);
  expect(score.calls).toBeGreaterThan(100);
  expect(score.misses).toEqual([]);
});

function adapterFor(major: 4 | 5): ExtensionAdapter<PartmanRecording> {
  const adapter = partmanAdapter(major);
  if (partman === null) return adapter;
  return { ...adapter, options: { ...adapter.options, version: partman.server.major } };
}
