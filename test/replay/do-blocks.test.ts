/** DO blocks as people write them to create partitions: what the replay makes of their text is what real servers make of them. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { parseFixture } from "../rules/fixture.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

/** Each with its name and its SQL, behind the tables at the top of the file. */
function casesOf(file: "followed" | "calls" | "left"): readonly (readonly [name: string, sql: string])[] {
  const { preamble, cases } = parseFixture(readFileSync(join(import.meta.dirname, "blocks", `${file}.sql`), "utf8"));
  return cases.map(({ name, sql }) => [name, `${preamble}\n${sql}`] as const);
}

describe.each([18, 13] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const replayed = (text: string, today: string) => {
    const steps = replay({
      file: "blocks.sql",
      statements: parseDocument(text, reading).statements,
      start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
      options: { version: major, pathmanVersion: "1.5", today },
      previous: [],
      source: { text, reading },
    });
    const last = steps.at(-1);
    const catalog = last?.after ?? emptyCatalog({ complete: true, timeZone: "UTC" });
    const partitions = [...catalog.relations.values()].flatMap(({ name, partitionOf }) => {
      const key = catalog.relations.get(partitionOf?.parent ?? -1)?.partitioning?.key;
      return partitionOf === null || key === undefined
        ? []
        : [`${name} ${printBound(partitionOf.bound, key, catalog.settings)}`];
    });
    return { partitions: partitions.sort(), refusal: last?.rejection?.message ?? null, declined: last?.declined };
  };

  test.each([...casesOf("followed"), ...casesOf("calls")])("%s", async (_, sql) => {
    const { client } = database;
    await client.query(
      "DROP SCHEMA IF EXISTS other, parts CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public; RESET TimeZone",
    );
    const { rows: dates } = await client.query("SELECT current_date::text AS today");
    let refusal: string | null = null;
    for (const { start, end } of parseDocument(sql, reading).statements) {
      refusal = await client.query(sql.slice(start, end)).then(
        () => null,
        (error: Error) => error.message,
      );
    }
    const { rows } = await client.query(
      "SELECT relname || ' ' || pg_get_expr(relpartbound, oid) AS line FROM pg_class WHERE relispartition",
    );
    const partitions = rows.map(({ line }) => String(line)).sort();
    expect(replayed(sql, dates[0].today)).toEqual({ partitions, refusal, declined: [] });
  });

  test.each(casesOf("left"))("not %s", (_, sql) => {
    const { partitions, declined, refusal } = replayed(sql, "2024-06-05");
    expect(partitions).toEqual([]);
    expect(refusal).toBeNull();
    expect(declined).toHaveLength(1);
  });

  test("what may exist elsewhere is not taken to be absent", () => {
    const text = "DO $$ BEGIN IF to_regclass('later') IS NULL THEN RAISE EXCEPTION 'no'; END IF; END $$;";
    const [step] = replay({
      file: "blocks.sql",
      statements: parseDocument(text, reading).statements,
      start: emptyCatalog({ complete: false, timeZone: "UTC" }),
      options: { version: major, pathmanVersion: "1.5", today: "2024-06-05" },
      previous: [],
      source: { text, reading },
    });
    expect(step).toMatchObject({ rejection: null, declined: [expect.stringMatching(/a condition cannot be told/)] });
  });
});
