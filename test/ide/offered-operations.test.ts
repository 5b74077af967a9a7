/** The operations that are offered on tables and partitions of every strategy: each of them can be had as it is offered. */

import { beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../server/src/ddl/generate.ts";
import { resolveRelation, type WriterContext } from "../../server/src/ddl/writer.ts";
import { offeredOperations } from "../../server/src/ide/offered-operations.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { replayed } from "../ddl/support.ts";
import { readingForTests, typedValuesForTests } from "../support/parser.ts";

const range = `CREATE TABLE t (d date NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE t_2024_01 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE t_2024_02 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE t_rest PARTITION OF t DEFAULT;`;
const list = `CREATE TABLE l (v text) PARTITION BY LIST (v);
CREATE TABLE l_1 PARTITION OF l FOR VALUES IN ('a', 'b');`;
const hash = `CREATE TABLE h (k int) PARTITION BY HASH (k);
CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);`;
const children = `CREATE TABLE c (k int NOT NULL);
CREATE TABLE c_1 (CHECK (k >= 0 AND k < 100)) INHERITS (c);
CREATE TABLE c_2 (CHECK (k >= 100 AND k < 200)) INHERITS (c);`;

describe("what is offered", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  it.each<[string, string, readonly string[]]>([
    [
      range,
      "t_2024_01",
      [
        "Split t_2024_01 at '2024-01-16'",
        "Split t_2024_01 at a value…",
        "Merge t_2024_02 into t_2024_01",
        "Detach t_2024_01",
        "Move rows of the default of t to new partitions",
        "Append the next partition of t",
        "Prepend the previous partition of t",
      ],
    ],
    [
      range,
      "t_rest",
      [
        "Move rows of the default of t to new partitions",
        "Append the next partition of t",
        "Prepend the previous partition of t",
      ],
    ],
    [list, "l_1", ["Split 'b' off l_1", "Detach l_1", "Add a default partition to l"]],
    [hash, "h", ["Create the missing hash partitions of h"]],
    [hash, "h_0", ["Split h_0 in two", "Detach h_0", "Create the missing hash partitions of h"]],
    [
      children,
      "c_1",
      [
        "Split c_1 at 50",
        "Split c_1 at a value…",
        "Merge c_2 into c_1",
        "Detach c_1",
        "Move the rows of c itself to its children",
        "Append the next partition of c",
        "Prepend the previous partition of c",
      ],
    ],
  ])("%#: %s", (schema, name, titles) => {
    const context: WriterContext = {
      catalog: replayed(reading, schema, 17),
      version: 17,
      today: "2024-06-01",
      inTransaction: false,
      typedValues: typedValuesForTests(reading),
    };
    const subject = resolveRelation(context.catalog, name);
    const offers = subject === null ? [] : offeredOperations(subject, context);
    expect(offers.map(({ title }) => title)).toEqual(titles);
    for (const { title, request } of offers) {
      const result = generate(request, context);
      expect(result.ok ? title : result.problem.message).toBe(title);
    }
  });
});
