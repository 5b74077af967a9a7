// What is asked of planners is kept for a while, and no more of it than somebody may want again.
import { expect, it } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { createPendingAnswers } from "../../server/src/lsp/pending-answers.ts";

it("forgets the oldest answers about a catalog when there are many", async () => {
  const answers = createPendingAnswers<number>({ now: () => 0, isFailure: () => false });
  const catalog = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const { signal } = new AbortController();
  for (let hash = 0; hash < 2_000; hash++) await answers.get(catalog, hash, signal, async () => hash);
  expect(answers.known(catalog, 1_999)).toBe(1_999);
  expect(answers.known(catalog, 0)).toBeNull();
});
