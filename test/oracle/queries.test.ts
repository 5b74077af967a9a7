/** Predicted survivors against what recorded servers planned: the sample always, the whole recording where it is there. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import { emptyQueryScore, printQueryScore, type RecordedQueries, scoreQueries } from "./score-queries.ts";
import { sampleFile, wholeFile } from "./truth.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(100_000) };
});

describe.each([
  { name: "the sample", file: sampleFile },
  ...[wholeFile()].filter((file) => file !== null).map((file) => ({ name: "the whole recording", file })),
])("$name", ({ file }) => {
  const recordings = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RecordedQueries);

  test.each([18, 17, 15, 13] as const)("on PostgreSQL %i", (version) => {
    const score = emptyQueryScore();
    for (const recording of recordings) scoreQueries(score, recording, version, reading);
    console.log(`PostgreSQL ${version}\n${printQueryScore(score)}`);
    expect(score.misses.filter(({ about }) => about === "missed" || about === "falsely-exact")).toEqual([]);
    expect((score.exact + score.generic) / score.queries).toBeGreaterThanOrEqual(0.98);
    expect(score.leftOut / (score.queries + score.leftOut)).toBeLessThan(0.15);
  });
});
