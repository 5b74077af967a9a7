/** MERGE and SPLIT PARTITION of PostgreSQL 19: what a script says they lock, and what our replay makes of them; no server of 19 runs here. */

import { beforeAll, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, promisedParts, scriptOf } from "./support.ts";

const schema = `CREATE TABLE t (k int) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_10 PARTITION OF t FOR VALUES FROM (10) TO (20);`;

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

it.each<[string, Readonly<Record<string, unknown>>, string, readonly string[], readonly string[]]>([
  [
    "merge",
    { operation: "merge", table: "t", partitions: ["t_0", "t_10"] },
    "ALTER TABLE t MERGE PARTITIONS (t_0, t_10) INTO t_0",
    ["t_0"],
    ["public.t", "public.t_0", "public.t_10"],
  ],
  [
    "split",
    { operation: "split", table: "t", partition: "t_0", at: "4", name: "t_4" },
    "ALTER TABLE t SPLIT PARTITION t_0 INTO",
    ["t_0", "t_10", "t_4"],
    ["public.t", "public.t_0"],
  ],
])(
  "%s: one statement, its locks said, its partitions promised, and an undo",
  (_, request, statement, parts, locked) => {
    const script = scriptOf(reading, schema, request, 19);
    expect(script.sql).toContain(statement);
    expect(script.sql).not.toContain("DETACH");
    expect(script.comment.join("\n")).toContain(
      "ACCESS EXCLUSIVE on t while rows are copied: its readers and writers wait.",
    );
    const [step] = script.steps;
    expect(step?.locks).toEqual(locked.map((relation) => ({ relation, mode: "ACCESS EXCLUSIVE" })));
    expect(promisedParts(reading, schema, script, "t", 19)).toEqual(parts);
    const undone = `${script.sql}\n${script.undo}`;
    expect(promisedParts(reading, schema, { ...script, sql: undone }, "t", 19)).toEqual(["t_0", "t_10"]);
  },
);

it.each([
  ["what hangs on a partition", "ALTER TABLE t_0 SET (fillfactor = 70); GRANT SELECT ON t_0 TO PUBLIC;"],
  ["hash partitions", ""],
])("%s is not left to it", (title, more) => {
  const hashes = `CREATE TABLE h (k int) PARTITION BY HASH (k);
CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
  const isHash = title === "hash partitions";
  const request = isHash
    ? { operation: "merge", table: "h", partitions: ["h_0", "h_1"] }
    : { operation: "split", table: "t", partition: "t_0", at: "4", name: "t_4" };
  const script = scriptOf(reading, isHash ? hashes : schema + more, request, 19);
  expect(script.sql).not.toMatch(/(?:MERGE|SPLIT) PARTITION/);
  expect(script.sql).toContain("DETACH PARTITION");
});

it("18 has neither", () => {
  const result = operate(reading, schema, { operation: "merge", table: "t", partitions: ["t_0", "t_10"] }, 18);
  expect(result.ok && result.value.sql).not.toContain("MERGE PARTITIONS");
});
