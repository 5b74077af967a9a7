// Random scripts on real servers: the replay refuses what they refuse, in their words, and nothing else.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { emptyScore, type Miss, printScore, type Score } from "../oracle/score.ts";
import { sampleFile } from "../oracle/truth.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { compareScript } from "./compare.ts";
import { generateScript, type Kind } from "./generator.ts";
import { record } from "./record.ts";
import { createVariations } from "./variation.ts";

/** What the recorded scripts are about. The generator's other kinds go further than any target does: see `report.ts`. */
const kinds: readonly Kind[] = [
  "range",
  "range_multi",
  "list",
  "hash",
  "multilevel",
  "default",
  "attach",
  "alter",
  "txn",
  "do",
  "inherit",
  "expr",
  "schema",
];

describe.each([
  { major: 18, seeds: 13 },
  { major: 16, seeds: 2 },
  { major: 14, seeds: 2 },
  { major: 13, seeds: 5 },
  { major: 12, seeds: 3 },
  { major: 11, seeds: 3 },
  { major: 10, seeds: 3 },
] as const)("PostgreSQL $major", ({ major, seeds }) => {
  let database: TestDatabase;
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(async () => await database.close());

  it("says what the replay says", async () => {
    const score = emptyScore();
    for (const kind of kinds) {
      for (let seed = 1; seed <= seeds; seed += 1) {
        compareScript(score, await record(database.client, generateScript(seed, kind)), major, reading);
      }
    }
    console.log(`PostgreSQL ${major}\n${printScore(score)}`);
    expect(worst(score)).toEqual([]);
    expect(score.found / score.rejected).toBeGreaterThanOrEqual(0.98);
    expect(score.exactMessage / score.rejected).toBeGreaterThanOrEqual(0.975);
    expect(score.exactTables / score.tables).toBeGreaterThanOrEqual(0.975);
  });

  it("says what the replay says of recorded scripts in other words", async () => {
    const score = emptyScore();
    const variation = createVariations(sampleFile);
    for (let seed = 1; seed <= 12 * seeds; seed += 1) {
      compareScript(score, await record(database.client, variation(seed)), major, reading);
    }
    console.log(`Variations on PostgreSQL ${major}\n${printScore(score)}`);
    expect(worst(score)).toEqual([]);
    expect(score.found / score.rejected).toBeGreaterThanOrEqual(0.99);
    expect(score.exactMessage / score.rejected).toBeGreaterThanOrEqual(0.99);
    expect(score.exactTables / score.tables).toBeGreaterThanOrEqual(0.99);
    expect(score.routesExact / score.routes).toBeGreaterThanOrEqual(0.98);
  });
});

/** What may never be: a statement refused that the server takes, a row sent where the server does not send it. */
function worst({ misses }: Score): readonly Miss[] {
  return misses.filter(({ about }) => about === "false-alarm" || about === "route");
}
