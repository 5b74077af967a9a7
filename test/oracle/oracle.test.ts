/** The replay against what real servers said: the sample always, the whole recording where it is there. */

import { beforeAll, describe, expect, test } from "vitest";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import { emptyScore, printScore, type Score, scoreScript } from "./score.ts";
import { readRecordings, sampleFile, wholeFile } from "./truth.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
});

describe.each([
  { name: "the sample", file: sampleFile },
  ...[wholeFile()].filter((file) => file !== null).map((file) => ({ name: "the whole recording", file })),
])("$name", ({ file }) => {
  const recordings = readRecordings(file);

  test.each([18, 17, 15, 13] as const)("on PostgreSQL %i", (version) => {
    const score = scoreAll(recordings, version);
    console.log(`PostgreSQL ${version}\n${printScore(score)}`);
    expect(score.misses.filter(({ about }) => about === "false-alarm")).toEqual([]);
    expect(score.found / score.rejected).toBeGreaterThanOrEqual(0.99);
    expect(score.exactMessage / score.rejected).toBeGreaterThanOrEqual(0.97);
    if (version !== 18) return;
    expect(score.exactTables / score.tables).toBeGreaterThanOrEqual(0.995);
    expect(score.routesExact / score.routes).toBeGreaterThanOrEqual(0.99);
    expect(score.routesWrong).toBe(0);
    expect(score.coveragesExact).toBe(score.coverages);
  });

  function scoreAll(all: typeof recordings, version: PostgresVersion): Score {
    const score = emptyScore();
    for (const recording of all) scoreScript(score, recording, version, reading);
    return score;
  }
});
