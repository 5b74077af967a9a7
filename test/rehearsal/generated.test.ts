/** Generated scripts of all operations in rehearsal: each runs, loses no row that it is not to lose, and its undo brings all back. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { type OperationCase, operationCases } from "../ddl/operation-cases.ts";
import { scriptOf } from "../ddl/support.ts";
import { readingForTests } from "../support/parser.ts";
import { rehearsedText, reusedSandbox } from "./support.ts";

let reading: Reading;
let reused: Awaited<ReturnType<typeof reusedSandbox>>;

beforeAll(async () => {
  reading = await readingForTests();
  reused = await reusedSandbox();
});
afterAll(() => reused.end());

/** Copied ahead, with its trigger, by batches: one of each strategy. */
const online: readonly Pick<OperationCase, "title" | "schema" | "request">[] = [
  {
    title: "split a range while others write",
    schema: `CREATE TABLE t (id int, k int NOT NULL, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_rest PARTITION OF t DEFAULT;`,
    request: { operation: "split", table: "t", partition: "t_0", at: "40", style: "online", batch: 3 },
  },
  {
    title: "split a list while others write",
    schema: `CREATE TABLE t (id int, k text NOT NULL, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a', 'b', 'c');`,
    request: { operation: "split", table: "t", partition: "t_a", values: ["b", "c"], style: "online", batch: 3 },
  },
  {
    title: "rehash while others write",
    schema: `CREATE TABLE t (id int PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);`,
    request: { operation: "rehash", table: "t", modulus: 3, style: "online", batch: 3 },
  },
];

describe.each<Pick<OperationCase, "title" | "schema" | "request" | "loses">>([...operationCases, ...online])(
  "$title",
  ({ schema, request, loses }) => {
    it("runs, keeps the rows, and is undone", async () => {
      const { sql, undo } = scriptOf(reading, schema, request, 18);
      const report = await rehearsedText(reading, { sandboxes: reused.open, schema, script: sql, undo });
      const { statements, outcome, tables } = report;
      expect(report.schema.failures).toEqual([]);
      expect(statements.filter(({ result }) => result.kind !== "ran")).toEqual([]);
      const lost = tables?.reduce((sum, fate) => sum + fate.lost, 0);
      if (loses === true || request["action"] === "drop")
        expect([outcome, lost]).toEqual(["lost-rows", expect.toSatisfy((rows) => rows > 0)]);
      else expect([outcome, lost]).toEqual(["clean", 0]);
      expect(tables?.filter(({ doubled, changed }) => doubled + changed > 0)).toEqual([]);
      if (undo === null) return expect(report.undo).toBeNull();
      // ATTACH gives a table the keys and constraints of the whole one, and DETACH lets it keep them.
      const left = request["operation"] === "attach" || request["style"] === "online" ? keptByDetach : [];
      const differences = report.undo?.differences.filter((line) => !left.some((known) => known.test(line)));
      expect(differences).toEqual([]);
    });
  },
);

const keptByDetach = [/^public\.\w+ has other constraints$/];
