/** The order of constants against a real server's, and what is not claimed of texts. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Value } from "../../../server/src/catalog/value.ts";
import { compareValues, orderable } from "../../../server/src/catalog/values/compare.ts";
import { readValue } from "../../../server/src/catalog/values/input.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { textsOfTypes } from "./literal-texts.ts";
import { contextFor, createMood, literal, typeReader } from "./server.ts";

describe("as PostgreSQL 18 orders", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
    await createMood(database.client);
  });
  afterAll(async () => await database.close());

  test.each(Object.keys(textsOfTypes))("%s", async (typeName) => {
    const type = (await typeReader())(typeName);
    const context = contextFor(18);
    const read: { readonly text: string; readonly value: Value }[] = [];
    for (const text of new Set(fc.sample(textsOfTypes[typeName] ?? fc.constant(""), { numRuns: 200, seed: 7 }))) {
      const result = readValue(text, type, context);
      if (result.kind === "value") read.push({ text, value: result.value });
    }
    const pairs = read.map((item, index) => [item, read[(index * 7 + 3) % read.length] ?? item] as const);
    const { rows } = await database.client.query<{ order: number }>(
      `SELECT CASE WHEN a = b THEN 0 WHEN a < b THEN -1 ELSE 1 END AS order FROM (VALUES ${pairs
        .map(([a, b]) => `(${literal(a.text)}::${typeName}, ${literal(b.text)}::${typeName})`)
        .join(", ")}) AS pairs (a, b)`,
    );
    const ours = pairs.map(([a, b]) => Math.sign(compareValues(a.value, b.value, "C") ?? Number.NaN));
    expect(pairs.length).toBeGreaterThan(2);
    expect(ours.map((order) => order + 0)).toEqual(rows.map(({ order }) => order));
  });
});

describe("texts of a language", () => {
  const order = (a: string, b: string): number | null =>
    compareValues({ family: "text", value: a }, { family: "text", value: b }, "en_US.utf8");

  test("are ordered where every collation agrees", () => {
    expect(order("a", "b")).toBeLessThan(0);
    expect(order("tenant_002", "tenant_001")).toBeGreaterThan(0);
    expect(order("ab", "abc")).toBeLessThan(0);
    expect(order("same", "same")).toBe(0);
  });

  test("are not where collations differ", () => {
    for (const [a, b] of [
      ["Z", "a"],
      ["a", "B"],
      ["a", "A"],
      ["é", "f"],
      ["a-b", "ab"],
      ["a", "_"],
    ] as const)
      expect(order(a, b)).toBeNull();
  });

  test("beyond the basic plane, code points count, not UTF-16", () => {
    expect(compareValues({ family: "text", value: "\uff5e" }, { family: "text", value: "😀" }, "C")).toBeLessThan(0);
  });
});

test("which types have an order that is always known", async () => {
  const readType = await typeReader();
  expect(orderable(readType("int"), null)).toBe(true);
  expect(orderable(readType("mood"), null)).toBe(true);
  expect(orderable(readType("text"), "C")).toBe(true);
  expect(orderable(readType("text"), "en_US.utf8")).toBe(false);
  expect(orderable(readType("text"), "default")).toBe(true);
  expect(orderable(readType("inet"), null)).toBe(true);
  expect(orderable(readType("jsonb"), null)).toBe(false);
  expect(orderable(readType("point"), null)).toBe(false);
});
