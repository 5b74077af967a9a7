/** Reading constants against real servers: the same value, the same error, or declined; never something else. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readValue } from "../../../server/src/catalog/values/input.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { textsOfTypes } from "./literal-texts.ts";
import {
  applySettings,
  contextFor,
  createMood,
  type DateOrder,
  disagreements,
  literal,
  outcomeText,
  serverOutcomes,
  typeReader,
} from "./server.ts";

const dateSettings: readonly (readonly [zone: string, order: DateOrder])[] = [
  ["UTC", "MDY"],
  ["America/New_York", "DMY"],
  ["Asia/Kolkata", "YMD"],
];

describe.each([13, 15, 17, 18] as const)("PostgreSQL %i reads as we do", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
    await createMood(database.client);
  });
  afterAll(async () => await database.close());

  test.each(Object.keys(textsOfTypes))("%s", async (typeName) => {
    const arbitrary = textsOfTypes[typeName] ?? fc.constant("");
    const type = (await typeReader())(typeName);
    const settings = /date|time/.test(typeName) ? dateSettings : dateSettings.slice(0, 1);
    for (const [index, [zone, order]] of settings.entries()) {
      const context = contextFor(version, zone, order);
      await applySettings(database.client, context);
      const texts = fc.sample(arbitrary, { numRuns: 150, seed: 100 * version + index });
      const ours = texts.map((text) => outcomeText(readValue(text, type, context), type, context));
      const theirs = await serverOutcomes(database.client, typeName, texts.map(literal));
      expect(disagreements(texts, ours, theirs)).toEqual([]);
    }
  });
});

describe("what is read, not declined", () => {
  test.each([
    ["date", "2024-02-29", "2024-02-29"],
    ["date", "Jan 5, 2024", "2024-01-05"],
    ["date", "20240105", "2024-01-05"],
    ["date", "infinity", "infinity"],
    ["timestamptz", "2024-07-01 12:00 Europe/Paris", "2024-07-01 10:00:00+00"],
    ["timestamptz", "2024-01-05T10:11:12.5Z", "2024-01-05 10:11:12.5+00"],
    ["timestamp", "1/2/2024 3:04 PM", "2024-01-02 15:04:00"],
    ["time", "10:11:12.5", "10:11:12.5"],
    ["interval", "1 year 2 mons 3 days 04:05:06", "1 year 2 mons 3 days 04:05:06"],
    ["numeric", "1e3", "1000"],
    ["numeric(6,1)", "1.25", "1.3"],
    ["char(4)", "ab", "ab  "],
    ["integer[]", "{1,NULL, 2 }", "{1,NULL,2}"],
    ["inet", "10.0.0.0/8", "10.0.0.0/8"],
  ])("%s '%s'", async (typeName, text, printed) => {
    const type = (await typeReader())(typeName);
    const context = contextFor(18);
    expect(outcomeText(readValue(text, type, context), type, context)).toBe(`value ${printed}`);
  });

  test("a clock skipped or shown twice, as PostgreSQL takes it", async () => {
    const type = (await typeReader())("timestamptz");
    const context = contextFor(18, "America/New_York");
    const read = (text: string): string => outcomeText(readValue(text, type, context), type, context);
    expect(read("2024-03-10 02:30")).toBe("value 2024-03-10 03:30:00-04");
    expect(read("2024-11-03 01:30")).toBe("value 2024-11-03 01:30:00-05");
  });
});

test("words for the present are never guessed", async () => {
  const readType = await typeReader();
  for (const word of ["now", "today", "tomorrow", "yesterday"])
    expect(readValue(word, readType("timestamptz"), contextFor(18)).kind).toBe("declined");
});
