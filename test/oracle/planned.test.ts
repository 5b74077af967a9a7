/** What the embedded PostgreSQL says of recorded queries, asked as the language server asks it: a part of the sample. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { embeddedPostgres } from "../postgres/support.ts";
import { loadParserForTests } from "../support/parser.ts";
import { emptyPlannedScore, printPlannedScore, scorePlanned } from "./score-planned.ts";
import { readRecordings, sampleFile } from "./truth.ts";

let reading: Reading;
let embedded: EmbeddedPostgres;

beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
  embedded = await embeddedPostgres();
});

afterAll(() => embedded.close());

test("is exact, and no survivor is missing", { timeout: 120_000 }, async () => {
  const score = emptyPlannedScore();
  for (const recording of readRecordings(sampleFile).slice(0, 15))
    await scorePlanned(score, recording, embedded, reading);
  console.log(printPlannedScore(score));
  expect(score.misses.filter(({ about }) => about === "missed")).toEqual([]);
  expect(score.exact / score.queries).toBeGreaterThanOrEqual(0.99);
});
