/** What cannot be done is refused in a sentence that says why, and what to do instead. */

import { beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { operate } from "./support.ts";

const schema = `
CREATE TABLE t (k date NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
CREATE TABLE t_s PARTITION OF t FOR VALUES FROM ('2024-05-01') TO (MAXVALUE) PARTITION BY LIST (k);
CREATE TABLE h (k int) PARTITION BY HASH (k);
CREATE TABLE empty (k int) PARTITION BY RANGE (k);
CREATE TABLE plain (k int);
CREATE TABLE words (w text) PARTITION BY RANGE (w);
CREATE TABLE words_a PARTITION OF words FOR VALUES FROM ('a') TO ('b');`;

describe("a request that cannot be done", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  it.each<[Readonly<Record<string, unknown>> | null, string]>([
    [null, 'pass one object with "operation" and "table"'],
    [
      { operation: "shuffle", table: "t" },
      '"operation" must be one of split, merge, append, prepend, fill, create-ranges',
    ],
    [{ operation: "split" }, '"table" must name the partitioned table'],
    [{ operation: "append", table: "t", count: 0 }, '"count" must be a whole number from 1 to 1000'],
    [{ operation: "split", table: "nowhere", partition: "x" }, "there is no relation nowhere at this point"],
    [{ operation: "split", table: "plain", partition: "x" }, "plain is not partitioned"],
    [{ operation: "split", table: "h", partition: "x" }, "there is no relation x at this point"],
    [{ operation: "split", table: "t" }, '"partition" must name the partition to split'],
    [{ operation: "split", table: "t", partition: "gone" }, "there is no relation gone at this point"],
    [{ operation: "split", table: "t", partition: "words_a" }, "words_a is not a partition of t"],
    [{ operation: "split", table: "t", partition: "t_s" }, "t_s is partitioned itself"],
    [{ operation: "split", table: "t", partition: "t_1", at: "2024-02-01" }, "'2024-02-01' does not lie inside t_1"],
    [{ operation: "split", table: "t", partition: "t_1", at: "2024-01-01" }, "'2024-01-01' does not lie inside t_1"],
    [{ operation: "split", table: "t", partition: "t_1", at: "soon" }, 'invalid input syntax for type date: "soon"'],
    [{ operation: "split", table: "words", partition: "words_a" }, 'say with "at" where to split'],
    [{ operation: "merge", table: "t", partitions: ["t_1"] }, '"partitions" must name two or more neighbours'],
    [{ operation: "merge", table: "t", partitions: ["t_1", "t_1"] }, "t_1 is named twice"],
    [
      { operation: "merge", table: "t", partitions: ["t_2", "t_4"] },
      "t_2 and t_4 are not adjacent: one ends at ('2024-03-01'), the next begins at ('2024-04-01')",
    ],
    [
      { operation: "append", table: "t" },
      "t_s is open (MAXVALUE) at this end, nothing can follow it: split it instead",
    ],
    [{ operation: "append", table: "empty" }, "create-ranges makes the first ones"],
    [{ operation: "fill", table: "words" }, "between the partitions of words there is no gap"],
    [{ operation: "fill", table: "t", from: "2024-01-15" }, "no gap begins at or holds 2024-01-15"],
  ])("%j: %s", (request, message) => {
    const result = operate(reading, schema, request as Readonly<Record<string, unknown>>, 18);
    if (result.ok) throw new Error(result.value.sql);
    expect(result.problem.message).toContain(message);
  });
});
