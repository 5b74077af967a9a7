/** The locks that a script announces are those that a real server takes, measured through `pg_locks` step by step. */

import type { Client } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import type { LockMode } from "../../server/src/ddl/script.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { scriptOf } from "./support.ts";

const schema = `
CREATE TABLE t (k int NOT NULL, v text) PARTITION BY RANGE (k);
CREATE INDEX ON t (v);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200);
CREATE TABLE t_rest PARTITION OF t DEFAULT;`;

/** Weakest first, https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES */
const strength: readonly LockMode[] = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
];

describe.each([18, 15, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  it.each([
    [{ operation: "split", table: "t", partition: "t_1" }],
    [{ operation: "merge", table: "t", partitions: ["t_1", "t_2"] }],
    [{ operation: "append", table: "t" }],
    [{ operation: "prepend", table: "t" }],
  ])("$operation", async (request) => {
    const script = scriptOf(reading, schema, request, major);
    const database = await createDatabase(major);
    try {
      await database.client.query(schema);
      const existing = [...(await tables(database.client)).values()];
      for (const [index, step] of script.steps.entries()) {
        // Each step by itself behind what the earlier ones left, so that their locks do not hide its own.
        const names = await tables(database.client);
        await database.client.query("BEGIN");
        await database.client.query(step.sql);
        const taken = await strongestLocks(database.client, names);
        await database.client.query("COMMIT");
        for (const { relation, mode } of step.locks) {
          expect(`${index} ${relation} ${taken.get(relation)}`, step.sql).toBe(`${index} ${relation} ${mode}`);
        }
        // Nothing that others may be using is locked without being announced, but for reading.
        const announced = new Set(step.locks.map(({ relation }) => relation));
        const silent = [...taken].filter(
          ([relation, mode]) => existing.includes(relation) && !announced.has(relation) && mode !== "ACCESS SHARE",
        );
        expect(silent, step.sql).toEqual([]);
      }
    } finally {
      await database.close();
    }
  });
});

/** The tables there are, by object id: one that a step drops has no name any more when its locks are looked at. */
async function tables(client: Client): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    "SELECT oid::int, 'public.' || relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
  );
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

async function strongestLocks(
  client: Client,
  before: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<string, LockMode>> {
  const names = new Map([...before, ...(await tables(client))]);
  const { rows } = await client.query<{ oid: number; mode: string }>(
    "SELECT relation::int AS oid, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted AND relation IS NOT NULL",
  );
  const strongest = new Map<string, LockMode>();
  for (const { oid, mode: spelled } of rows) {
    const name = names.get(oid);
    if (name === undefined) continue;
    const mode = modeOf(spelled);
    const known = strongest.get(name);
    if (known === undefined || strength.indexOf(mode) > strength.indexOf(known)) strongest.set(name, mode);
  }
  return strongest;
}

/** `AccessExclusiveLock` is `ACCESS EXCLUSIVE`. */
function modeOf(spelled: string): LockMode {
  const words = spelled
    .replace(/Lock$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
  const mode = strength.find((known) => known === words);
  if (mode === undefined) throw new Error(`unknown lock mode ${spelled}`);
  return mode;
}
