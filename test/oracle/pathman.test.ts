/** pg_pathman against what real servers said: the samples always, the whole recordings where they are there. */

import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import {
  emptyPathmanScore,
  type PathmanScore,
  type PathmanSetting,
  pathmanSettings,
  readPathmanRecordings,
  scorePathman,
} from "./pathman-score.ts";
import { recordingNamed } from "./truth.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
});

describe.each([
  { name: "1.5, the sample", file: sampleFile("pathman-sample.jsonl"), setting: pathmanSettings.pathman },
  { name: "1.5, the whole recording", file: recordingNamed("pathman.jsonl"), setting: pathmanSettings.pathman },
  {
    name: "the first README, the sample",
    file: sampleFile("pathman-readme-sample.jsonl"),
    setting: pathmanSettings.readme,
  },
  {
    name: "the first README, the whole recording",
    file: recordingNamed("pathman-readme.jsonl"),
    setting: pathmanSettings.readme,
  },
])("$name", ({ file, setting }) => {
  test.runIf(file !== null)("is answered as it was", () => {
    const score = scored(file ?? "", setting);
    console.log(Object.fromEntries([...score.counts].sort()));
    expect(score.misses.filter(({ about }) => about === "false-alarm")).toEqual([]);
    expect(score.counts.get("survivors missing") ?? 0).toBe(0);
    const share = (part: string, whole: string): number =>
      (score.counts.get(part) ?? 0) / (score.counts.get(whole) ?? 1);
    expect(share("right", "statements")).toBeGreaterThanOrEqual(0.97);
    expect(share("exact words", "refusals")).toBeGreaterThanOrEqual(0.97);
    expect(share("lists exact", "lists") + share("lists left out", "lists")).toBeGreaterThanOrEqual(0.98);
  });
});

function sampleFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function scored(file: string, setting: PathmanSetting): PathmanScore {
  const score = emptyPathmanScore();
  for (const recording of readPathmanRecordings(file)) scorePathman(score, recording, setting, reading);
  return score;
}
