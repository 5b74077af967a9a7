/** How constants stand in partition bounds, against `pg_get_expr` of a real server. */

import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readValue } from "../../../server/src/catalog/values/input.ts";
import { printBoundValue } from "../../../server/src/catalog/values/print.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { textsOfTypes } from "./literal-texts.ts";
import { applySettings, contextFor, createMood, literal, typeReader } from "./server.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase(18);
  await createMood(database.client);
});
afterAll(async () => await database.close());

test.each(Object.keys(textsOfTypes))("a bound of %s", async (typeName) => {
  const type = (await typeReader())(typeName);
  const context = contextFor(18, "Asia/Kolkata");
  await applySettings(database.client, context);
  const texts = fc.sample(textsOfTypes[typeName] ?? fc.constant(""), { numRuns: 120, seed: 3 });
  const { client } = database;
  await client.query(`CREATE TABLE parent (k ${typeName}) PARTITION BY LIST (k)`);
  for (const text of texts) {
    const read = readValue(text, type, context);
    if (read.kind !== "value") continue;
    await client.query(`CREATE TABLE child PARTITION OF parent FOR VALUES IN (${literal(text)})`);
    const { rows } = await client.query<{ bound: string }>(
      "SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE oid = 'child'::regclass",
    );
    await client.query("DROP TABLE child");
    // PostgreSQL pads char(n) without a length as it was written; with one, to its length.
    expect(`FOR VALUES IN (${printBoundValue(read.value, type, context.settings)})`).toBe(rows[0]?.bound);
  }
  await client.query("DROP TABLE parent");
});
