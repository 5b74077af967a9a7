// What is remembered of statements is bounded by the length of their texts.
import { expect, it } from "vitest";
import type { Statement } from "../../server/src/syntax/statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";

const statement: Statement = { kind: "other", tag: "Empty", relations: [] };

it("keeps those used last", () => {
  const cache = createStatementCache(10_000);
  for (let hash = 0; hash < 1_000; hash++) {
    cache.set(hash, statement, 150);
    cache.get(0);
  }
  expect(cache.get(0)).toBe(statement);
  expect(cache.get(999)).toBe(statement);
  expect(Array.from({ length: 1_000 }, (_, hash) => cache.get(hash)).filter(Boolean).length).toBeLessThan(100);
});

it("keeps none that would push out most of the others", () => {
  const cache = createStatementCache(10_000);
  cache.set(1, statement, 100);
  cache.set(2, statement, 9_000);
  expect(cache.get(1)).toBe(statement);
  expect(cache.get(2)).toBeUndefined();
});
