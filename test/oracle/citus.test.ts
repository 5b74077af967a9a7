// Histories recorded on servers with Citus: calls, refusals, shards and partitions after every statement.
import { beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import {
  citusSample,
  emptyCitusQueryScore,
  emptyCitusScore,
  readHistories,
  scoreCitusQueries,
  scoreHistory,
} from "./citus-score.ts";

let reading: Reading;

beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
});

describe("the recorded histories", () => {
  it("are replayed without a false alarm, with the shards and partitions that the server had", () => {
    const score = emptyCitusScore();
    const queries = emptyCitusQueryScore();
    for (const history of readHistories(citusSample)) {
      const steps = scoreHistory(score, history, reading);
      scoreCitusQueries(queries, history, steps, reading);
    }
    const missed = score.misses.filter(({ about }) => about !== "declined");
    expect(missed.filter(({ about }) => about === "false-alarm")).toEqual([]);
    expect(score.callsRight / score.calls).toBeGreaterThanOrEqual(0.99);
    expect(score.exactWords / score.rejected).toBeGreaterThanOrEqual(0.97);
    expect(score.listsRight / score.lists).toBeGreaterThanOrEqual(0.99);
    expect(score.partitionListsRight).toBe(score.partitionLists);
    expect([queries.falseAlarms, queries.missing]).toEqual([0, 0]);
    expect(queries.right / queries.queries).toBeGreaterThanOrEqual(0.98);
  });
});
