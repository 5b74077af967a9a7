/** The locks that scripts announce are those that a real server takes, measured through `pg_locks` step by step. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LockMode, lockModes } from "../../server/src/ddl/script.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { lockCases } from "./lock-cases.ts";
import { locksOf, tables } from "./lock-reading.ts";
import { operationCases } from "./operation-cases.ts";
import { scriptOf } from "./support.ts";

describe.each([18, 15, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const cases = [...operationCases, ...lockCases].filter(({ from = 10 }) => from <= major);
  it.each(cases)("$title", async ({ schema, rows, request }) => {
    const { client } = database;
    const script = scriptOf(reading, schema, request, major);
    await client.query("DROP SCHEMA IF EXISTS archive CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await client.query("DROP FOREIGN DATA WRAPPER IF EXISTS w CASCADE");
    await client.query(schema);
    await client.query(rows);
    const existing = new Set((await tables(client)).keys());
    for (const step of script.steps) {
      const names = await tables(client);
      const taken = await locksOf(step, database, names);
      const old = new Set([...names].flatMap(([oid, name]) => (existing.has(oid) ? [name] : [])));
      const announced = new Map(step.locks.map(({ relation, mode }) => [relation, mode]));
      expect(
        Object.fromEntries([...announced.keys()].map((relation) => [relation, taken.get(relation)])),
        step.sql,
      ).toEqual(Object.fromEntries(announced));
      // Nothing that others may be using is locked without being announced, but for reading.
      const silent = [...taken].filter(
        ([relation, mode]) => old.has(relation) && !announced.has(relation) && !unnoticed.has(mode),
      );
      expect(silent, step.sql).toEqual([]);
    }
    const { comment, held } = { comment: script.sql.slice(0, script.sql.search(/^(?!--)/m)), held: script.steps };
    const root = `public.${request.table}`;
    if (/^-- Readers and writers(?: of \S+)? go on/m.test(comment) && !comment.includes("the switch locks it"))
      expect(
        held.filter(({ locks }) => locks.some((lock) => lock.relation === root && !goesBesideWriters(lock.mode))),
      ).toEqual([]);
  });
});

/** What readers take, and the rows to which foreign keys refer. */
const unnoticed: ReadonlySet<LockMode> = new Set(["ACCESS SHARE", "ROW SHARE"]);

function goesBesideWriters(mode: LockMode): boolean {
  return lockModes.indexOf(mode) <= lockModes.indexOf("SHARE UPDATE EXCLUSIVE");
}
