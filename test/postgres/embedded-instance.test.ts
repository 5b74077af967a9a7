/** What the embedded PostgreSQL runs for a file in which DDL and queries take turns, counted in statements. */

import { readFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { createEmbeddedInstance } from "../../server/src/postgres/embedded-instance.ts";
import { embeddedFiles } from "./support.ts";

const turns = 100;
const statements = [
  "CREATE TABLE t (k int) PARTITION BY RANGE (k)",
  ...Array.from(
    { length: turns },
    (_, index) => `CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index * 10}) TO (${index * 10 + 10})`,
  ),
];

/** A database that notes the DDL that it is given. */
async function countingDatabase(): Promise<{ readonly database: PGlite; readonly ran: string[] }> {
  const files = await embeddedFiles();
  const [wasm, data, snapshot] = await Promise.all([
    readFile(files.wasm).then((bytes) => WebAssembly.compile(bytes)),
    readFile(files.data),
    readFile(files.snapshot),
  ]);
  const database = await PGlite.create({
    pgliteWasmModule: wasm,
    fsBundle: new Blob([data]),
    loadDataDir: new Blob([snapshot]),
  });
  const ran: string[] = [];
  const query = database.query.bind(database);
  database.query = ((sql: string, ...more: []) => {
    if (sql.startsWith("CREATE TABLE")) ran.push(sql);
    return query(sql, ...more);
  }) as typeof database.query;
  return { database, ran };
}

test("a file in which DDL and queries take turns has each statement run once, and few again when one looks back", async () => {
  const { database, ran } = await countingDatabase();
  const instance = createEmbeddedInstance(database);
  const checkPlan = async (count: number): Promise<void> => {
    const plan = JSON.stringify(await instance.explain("SELECT * FROM t", null, []));
    expect(plan.match(/"Relation Name"/g) ?? [], `behind ${count} statements`).toHaveLength(count - 1);
  };
  for (const [index, sql] of statements.entries()) {
    expect(await instance.replay(index, [sql], () => {})).toEqual([]);
    await checkPlan(index + 1);
  }
  expect(ran).toHaveLength(statements.length);
  ran.length = 0;
  // From the end to the beginning each step goes back to a savepoint, and runs what stands behind that.
  for (let count = statements.length - 1; count > 0; count -= 1) {
    expect(await instance.replay(count, [], () => {})).toEqual([]);
    await checkPlan(count);
  }
  expect(ran.length).toBeLessThanOrEqual(16 * turns);
  await database.close();
});
