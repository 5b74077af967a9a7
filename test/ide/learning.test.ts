/** What is learned is bounded by work: so many runs for a chain, the same on every machine, and what was stopped is not asked again. */

import { beforeAll, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { createLearnedStore, type LearningOptions, learnNext, mostRuns } from "../../server/src/ide/learning.ts";
import type { LearnAnswer } from "../../server/src/replay/learned.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { readingForTests } from "../support/parser.ts";
import { partOfSteps } from "../support/parts.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

/** Learns from a script until nothing is left; `answer` stands for the embedded PostgreSQL. */
async function learnFrom(
  text: string,
  answer: (sql: string) => LearnAnswer,
  store = createLearnedStore(),
  before: readonly Step[] = [],
) {
  const { statements } = parseDocument(text, reading);
  const start = before[0]?.before ?? emptyCatalog({ complete: true, timeZone: "UTC" });
  const ran: string[] = [];
  const lines: string[] = [];
  const options: LearningOptions = {
    store,
    run: async ({ sql }) => {
      ran.push(sql);
      return answer(sql);
    },
    inTurns: async (work) => atOnce(work),
    clockIsToday: true,
    stopped: () => false,
    log: (line) => lines.push(line),
  };
  let steps = before;
  do {
    steps = replay({
      file: "a.sql",
      statements,
      start,
      options: { version: 18, pathmanVersion: "1.5", today: "2024-06-05" },
      previous: steps,
      source: { text, reading },
      learned: store.current(),
    });
  } while (
    await learnNext(
      [partOfSteps(start, steps, ({ statement }) => text.slice(statement.offset, statement.offset + statement.length))],
      options,
    )
  );
  return { ran, lines, steps };
}

/** `md5` is not computed by the replay. */
const blocks = (count: number): string =>
  Array.from({ length: count }, (_, index) => `DO $$ BEGIN EXECUTE md5('${index}'); END $$;`).join("\n");

test("a chain has so many runs, and that there are more is said once", async () => {
  const store = createLearnedStore();
  const answer = (): LearnAnswer => ({ kind: "learned", effect: { statements: [], written: [], sets: [] } });
  const { ran, lines } = await learnFrom(blocks(mostRuns + 20), answer, store);
  expect(ran).toHaveLength(mostRuns);
  expect(lines.filter((line) => line.startsWith("more than"))).toHaveLength(1);
  const again = await learnFrom(blocks(mostRuns + 20), answer, store);
  expect(again.lines.filter((line) => line.startsWith("more than"))).toHaveLength(0);
});

test("what is declined is not run again, what nobody waited for is, when somebody looks again", async () => {
  const store = createLearnedStore();
  const declined = await learnFrom(blocks(2), () => ({ kind: "declined", reason: "it was stopped" }), store);
  expect(declined.ran).toHaveLength(2);
  expect((await learnFrom(blocks(2), () => ({ kind: "declined", reason: "no" }), store, declined.steps)).ran).toEqual(
    [],
  );
  const left = createLearnedStore();
  const cancelled = (): LearnAnswer => ({ kind: "declined", reason: "nobody waits", cancelled: true });
  const first = await learnFrom(blocks(3), cancelled, left);
  expect(first.ran).toHaveLength(3);
  expect((await learnFrom(blocks(3), cancelled, left, first.steps)).ran).toHaveLength(3);
});

test("a chain whose functions can be read runs nothing", async () => {
  const text = `CREATE TABLE n (k int) PARTITION BY RANGE (k);
CREATE FUNCTION make(i int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END $$;
${Array.from({ length: 50 }, (_, index) => `SELECT make(${index});`).join("\n")}`;
  const { ran, steps } = await learnFrom(text, () => ({ kind: "declined", reason: "not asked" }));
  expect(ran).toEqual([]);
  expect(steps.flatMap(({ declined }) => declined)).toEqual([]);
});
