/** Predictions against the plans of a real server, over schemas and queries from seeds. */

import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPlan } from "../../server/src/pruning/plan.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { generate } from "./generate.ts";
import { predictLast, readingForTests } from "./support.ts";

let database: TestDatabase;
let reading: Reading;

beforeAll(async () => {
  [database, reading] = [await createDatabase(18), await readingForTests()];
});

afterAll(() => database.close());

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

/** Runs the work on a schema that is gone afterwards; statements that PostgreSQL refuses are left out. */
async function withSchema(
  client: Client,
  ddl: readonly string[],
  work: (accepted: readonly string[]) => Promise<void>,
): Promise<void> {
  const accepted: string[] = [];
  await client.query("BEGIN");
  try {
    for (const statement of ddl) if (await succeeds(client, statement)) accepted.push(statement);
    await work(accepted);
  } finally {
    await client.query("ROLLBACK");
  }
}

async function succeeds(client: Client, statement: string): Promise<boolean> {
  await client.query("SAVEPOINT s");
  try {
    await client.query(statement);
    return true;
  } catch {
    await client.query("ROLLBACK TO SAVEPOINT s");
    return false;
  }
}

/** The leaves that the plan scans; null where PostgreSQL refuses the query. */
async function scannedBy(client: Client, query: string): Promise<readonly string[] | null> {
  await client.query("SAVEPOINT q");
  try {
    const { rows } = await client.query(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ${query}`);
    const plan = readPlan(rows[0]?.["QUERY PLAN"]);
    return [...new Set(plan?.scans.map(({ name }) => name) ?? [])].sort();
  } catch {
    return null;
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT q");
  }
}
