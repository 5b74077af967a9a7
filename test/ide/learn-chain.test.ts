/** What it takes to learn a chain, counted in steps of the replay: each file once, whatever has to be run before it. */

import { expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { defaultSettings } from "../../server/src/config.ts";
import { analysisOptions } from "../../server/src/ide/analysis.ts";
import { createChain } from "../../server/src/ide/chain.ts";
import { learnedChain } from "../../server/src/ide/learn-chain.ts";
import { createLearnedStore, learnNext } from "../../server/src/ide/learning.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();

test("a chain of which each file has to be run is gone through once", async () => {
  const fileCount = 40;
  const start = emptyCatalog({ complete: true, timeZone: "UTC" });
  const files = Array.from({ length: fileCount }, (_, index) => {
    const path = `migrations/${String(index + 1).padStart(4, "0")}_step.sql`;
    // `md5` is not computed by the replay.
    const text = `CREATE TABLE a_${index} (); DO $$ BEGIN EXECUTE md5('${index}'); END $$; CREATE TABLE b_${index} ();`;
    return { file: path, path, document: parseDocument(text, reading) };
  });
  const options = analysisOptions(defaultSettings, 18, "2024-06-05");
  const store = createLearnedStore();
  const taken = new Set<Step>();
  const ran: string[] = [];
  const chain = await learnedChain({
    create: (learned, previous) => createChain({ files, start, options, reading, learned, previous }),
    learned: store.current,
    learn: async (parts) => {
      for (const { steps } of parts) for (const step of steps) taken.add(step);
      return learnNext(parts, {
        store,
        // What stands for the embedded PostgreSQL: the block leaves a table.
        run: async ({ sql }) => {
          ran.push(sql);
          return {
            kind: "learned",
            effect: {
              statements: parseDocument(`CREATE TABLE learned_${ran.length} ()`, reading).statements,
              written: [],
              sets: [],
            },
          };
        },
        inTurns: async (work) => atOnce(work),
        clockIsToday: true,
        stopped: () => false,
        log: () => {},
      });
    },
  });
  const names = [...chain.end().relations.values()].map(({ name }) => name);
  expect(ran).toHaveLength(fileCount);
  expect(names).toHaveLength(3 * fileCount);
  // The statement that is run is taken twice, and what follows it in its file.
  expect(taken.size).toBeLessThanOrEqual(5 * fileCount);
});
