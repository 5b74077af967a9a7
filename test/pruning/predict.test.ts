/** Predictions against the plans of a real server, over schemas and queries from seeds. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { generate } from "./generate.ts";
import { generateStructure } from "./generate-structure.ts";
import { scannedBy, withSchema } from "./planned.ts";
import { predictLast, readingForTests } from "./support.ts";

let database: TestDatabase;
let reading: Reading;

beforeAll(async () => {
  [database, reading] = [await createDatabase(major), await readingForTests()];
});

afterAll(() => database.close());

const major = Number(process.env["PRUNING_MAJOR"] ?? "18") as Parameters<typeof createDatabase>[0] & PostgresVersion;
const firstSeed = Number(process.env["PRUNING_SEED"] ?? "1");
const seeds = Number(process.env["PRUNING_SEEDS"] ?? "60");
const queriesPerSchema = 12;

test(`${seeds} schemas with ${queriesPerSchema} queries each`, { timeout: 600_000 }, async () => {
  const wrong: string[] = [];
  let [asked, exact] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { ddl, queries } = generate(seed, queriesPerSchema);
    await withSchema(database.client, ddl, async (accepted) => {
      for (const query of queries) {
        const planned = await scannedBy(database.client, query);
        if (planned === null) continue;
        asked += 1;
        const verdict = predictLast(`${accepted.join(";\n")};\n${query}`, reading);
        const [relation] = verdict.relations;
        const predicted = relation?.survivors?.map(({ name }) => name).sort() ?? [];
        const missed = planned.filter((name) => !predicted.includes(name));
        const isExact = relation?.certainty === "exact";
        if (isExact && predicted.length === planned.length) exact += 1;
        if (missed.length === 0 && (!isExact || predicted.length === planned.length)) continue;
        const claim = `${relation?.decided} ${relation?.certainty}`;
        wrong.push(
          `seed ${seed}: ${query}\n  planned ${planned.join(" ")}\n  predicted ${predicted.join(" ")} (${claim})`,
        );
      }
    });
  }
  expect(wrong, `${exact} of ${asked} exact`).toEqual([]);
  expect(asked).toBeGreaterThan(seeds * queriesPerSchema * 0.6);
  expect(exact / asked).toBeGreaterThan(0.95);
});

const structures = Number(process.env["PRUNING_STRUCTURES"] ?? "12");

test(`${structures} schemas with joins, subqueries and set operations`, { timeout: 600_000 }, async () => {
  const wrong: string[] = [];
  let [asked, exact] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + structures; seed++) {
    const { ddl, queries } = generateStructure(seed, 2 * queriesPerSchema);
    await withSchema(database.client, ddl, async (accepted) => {
      for (const query of queries) {
        const planned = (await scannedBy(database.client, query))?.filter((name) => name !== "c") ?? null;
        if (planned === null) continue;
        asked += 1;
        const { relations } = predictLast(`${accepted.join(";\n")};\n${query}`, reading, major);
        const predicted = new Set(relations.flatMap(({ survivors }) => survivors ?? []).map(({ name }) => name));
        const missed = planned.filter((name) => !predicted.has(name));
        const isExact = relations.every(({ certainty }) => certainty === "exact");
        if (isExact && predicted.size === planned.length) exact += 1;
        if (missed.length === 0 && (!isExact || predicted.size === planned.length)) continue;
        const found = [...predicted].sort().join(" ");
        const about = missed.length > 0 ? `missed ${missed.join(" ")}` : "too wide";
        wrong.push(`seed ${seed}, ${about}: ${query}\n  planned   ${planned.join(" ")}\n  predicted ${found}`);
      }
    });
  }
  expect(wrong, `${exact} of ${asked} exact\n${wrong.join("\n")}`).toEqual([]);
  expect(asked).toBeGreaterThan(structures * queriesPerSchema);
  // Of joins that may be nested loops over an index at most is said, whichever way this planner goes.
  expect(exact / asked).toBeGreaterThan(0.85);
});
