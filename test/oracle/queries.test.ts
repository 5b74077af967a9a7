/** Predicted survivors against what recorded servers planned: the sample always, whole recordings where they are there. */

import { beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import {
  countOf,
  emptyQueryScore,
  printQueryScore,
  type QueryFault,
  readRecordedQueries,
  recordsWhen,
  scoreQueries,
} from "./score-queries.ts";
import { harderFile, sampleFile, wholeFile } from "./truth.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
});

/** What none of the queries may be. */
const wrong = ["missed", "falsely-exact"] as const satisfies readonly QueryFault[];

describe.each([
  { name: "the sample", file: sampleFile, exact: 0.985, leftOut: 0.15, faults: wrong, majors: [18, 17, 15, 13] },
  {
    name: "the whole recording",
    file: wholeFile(),
    exact: 0.985,
    leftOut: 0.15,
    faults: wrong,
    majors: [18, 17, 15, 13],
  },
  { name: "the harder one", file: harderFile(), exact: 0.945, leftOut: 0.25, faults: wrong, majors: [18, 17, 15] },
] as const)("$name", ({ file, exact, leftOut, faults, majors }) => {
  const recordings = file === null ? [] : readRecordedQueries(file);
  const versions = file === null ? [] : majors;

  test.each(versions)("on PostgreSQL %i", (version) => {
    const score = emptyQueryScore();
    const whenKnown = recordsWhen(recordings);
    for (const recording of recordings) scoreQueries(score, recording, version, reading, whenKnown);
    console.log(`PostgreSQL ${version}\n${printQueryScore(score)}`);
    expect(faults.map((about) => [about, countOf(score, about)])).toEqual(faults.map((about) => [about, 0]));
    expect(score.exact / score.queries).toBeGreaterThanOrEqual(exact);
    const left = [...score.leftOut.values()].reduce((sum, count) => sum + count, 0);
    expect(left / (score.queries + left)).toBeLessThan(leftOut);
  });
});
