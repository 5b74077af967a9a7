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
CREATE TABLE numbers (k int) PARTITION BY RANGE (k);
CREATE TABLE numbers_open PARTITION OF numbers FOR VALUES FROM (0) TO (MAXVALUE);
CREATE TABLE numbers_rest PARTITION OF numbers DEFAULT;
CREATE TABLE words (w text) PARTITION BY RANGE (w);
CREATE TABLE words_a PARTITION OF words FOR VALUES FROM ('a') TO ('b');
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER far FOREIGN DATA WRAPPER w;
CREATE TABLE states (id int, state text) PARTITION BY LIST (state);
CREATE TABLE states_open PARTITION OF states FOR VALUES IN ('open');
CREATE TABLE states_held PARTITION OF states FOR VALUES IN ('held', 'lost');
CREATE FOREIGN TABLE states_far PARTITION OF states FOR VALUES IN ('far') SERVER far;
CREATE TABLE states_rest PARTITION OF states DEFAULT;
CREATE VIEW held AS SELECT id FROM states_held;
CREATE TABLE apart (id int, state text);
CREATE TABLE hashed (k int PRIMARY KEY) PARTITION BY HASH (k);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE bare (k int);
CREATE TABLE bare_1 () INHERITS (bare);
CREATE TABLE keyed (id int PRIMARY KEY, day date);`;

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
    [
      { operation: "split", table: "t", partition: "x", values: "a, it's" },
      "a quote in \"values\" is not closed: a value that has one in it is written 'it''s'",
    ],
    [
      { operation: "merge", table: "t", partitions: 'a, b"c' },
      'a quote in "partitions" is not closed: a name that has one in it is written "b""c"',
    ],
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
    [
      { operation: "split", table: "numbers", partition: "numbers_open", by: "1000" },
      'numbers_open is open, and nothing tells where its intervals end: say with "at" where to split',
    ],
    [
      { operation: "move-rows", table: "numbers", create: true, interval: "10" },
      'say with "start" where the first range of "interval" begins',
    ],
    [
      { operation: "move-rows", table: "numbers", create: true, end: "5" },
      "numbers_open is open (MAXVALUE) at this end, nothing can follow it",
    ],
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
    [
      { operation: "split", table: "states", partition: "states_far", values: "far" },
      "states_far is a foreign table: its rows are another server's, split them there",
    ],
    [
      { operation: "merge", table: "states", partitions: ["states_open", "states_held"] },
      "held reads states_held itself, which would be dropped: drop the view first",
    ],
    [{ operation: "drop", table: "states", partition: "states_held" }, "held reads states_held itself"],
    [
      { operation: "split", table: "states", partition: "states_held", values: ["held", "lost"] },
      "these are all values of states_held: one has to stay",
    ],
    [
      { operation: "split", table: "states", partition: "states_held", values: "open" },
      "open is no value of states_held",
    ],
    [{ operation: "move-rows", table: "states" }, 'with "create" the partitions are made that its rows need'],
    [{ operation: "move-rows", table: "t" }, 't has no default partition: name with "from" the partition'],
    [{ operation: "move-rows", table: "t", from: "t" }, "t holds no rows itself: its partitions do"],
    [{ operation: "add-default", table: "states" }, "states has a default partition: states_rest"],
    [{ operation: "add-default", table: "hashed" }, "a hash-partitioned table may not have a default partition"],
    [{ operation: "drop-default", table: "t" }, "t has no default partition"],
    [{ operation: "retention", table: "states", keep: "1 month" }, "none of its partitions is older"],
    [{ operation: "retention", table: "t", keep: "soon" }, 'invalid input syntax for type interval: "soon"'],
    [{ operation: "rehash", table: "states", modulus: 4 }, "states is partitioned by list: it has no modulus"],
    [{ operation: "rehash", table: "hashed", modulus: 4 }, '"fill" makes those partitions first'],
    [{ operation: "create-hashes", table: "hashed", modulus: 4 }, '"rehash" gives it another modulus'],
    [
      { operation: "attach", table: "hashed", partition: "plain", modulus: 2, remainder: 2 },
      "remainder for hash partition must be less than modulus",
    ],
    [
      { operation: "attach", table: "states", partition: "states_open", values: "new" },
      "is already a partition: detach it first",
    ],
    [{ operation: "attach", table: "states", partition: "apart", values: "open" }, "would overlap states_open"],
    [
      { operation: "attach", table: "t", partition: "apart", from: "2024-03-10", to: "2024-03-01" },
      'the range is empty: "from" must lie before "to"',
    ],
    [
      { operation: "attach", table: "t", partition: "apart", from: "2024-01-10", to: "2024-03-01" },
      "would overlap t_1",
    ],
    [
      { operation: "create-span", table: "t", start: "2024-03-05", end: "2024-03-01", interval: "1 day" },
      '"end" must lie behind "start"',
    ],
    [
      { operation: "create-span", table: "t", start: "2024-03-01", end: "2024-03-10", interval: "2 days" },
      'whole intervals from "start" do not end at "end"',
    ],
    [{ operation: "detach", table: "states", partition: "states_open", style: "online" }, "use the simple style"],
    [
      { operation: "split", table: "bare", partition: "bare_1", at: "5" },
      "give each of them a CHECK constraint on the key first",
    ],
    [{ operation: "convert", table: "plain", to: "declarative" }, '"key" must name the column to partition by'],
    [
      { operation: "convert", table: "plain", to: "declarative", key: "x" },
      'column "x" named in partition key does not exist',
    ],
    [
      { operation: "convert", table: "keyed", to: "declarative", key: "day" },
      "unique constraint on partitioned table must include all partitioning columns: keyed_pkey of keyed lacks day",
    ],
    [{ operation: "convert", table: "t", to: "plain" }, "by merging the partitions into one and detaching it"],
    [{ operation: "foreign", table: "states", values: "new" }, '"server" must name the foreign server'],
    [
      { operation: "foreign", table: "hashed", server: "far", modulus: 2, remainder: 1 },
      "PostgreSQL refuses foreign tables as its partitions",
    ],
    [{ operation: "append", table: "t", name: "x".repeat(64) }, "nothing can follow it"],
    [
      { operation: "split", table: "t", partition: "t_1", at: "2024-01-10", name: "ä".repeat(32) },
      "has 64 bytes: PostgreSQL keeps 63 of a name",
    ],
    [
      { operation: "split", table: "t", partition: "t_1", at: "2024-01-10", name: "t_2" },
      "there is a relation t_2 in public already",
    ],
  ])("%j: %s", (request, message) => {
    const result = operate(reading, schema, request as Readonly<Record<string, unknown>>, 18);
    if (result.ok) throw new Error(result.value.sql);
    expect(result.problem.message).toContain(message);
  });

  it("is about a table that something unread may have changed", () => {
    const dark = `CREATE TABLE dark (k int) PARTITION BY RANGE (k);
      CREATE TABLE dark_1 PARTITION OF dark FOR VALUES FROM (0) TO (10);
      DO $$ BEGIN EXECUTE 'ALTER TABLE dark ' || current_setting('my.change'); END $$;`;
    const result = operate(reading, dark, { operation: "split", table: "dark", partition: "dark_1", at: "5" }, 18);
    expect(result.ok ? null : result.problem).toEqual({
      message: "something that cannot be read from the file may have changed dark: connect to the database that has it",
      argument: "table",
    });
  });
});
