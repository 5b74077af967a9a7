/** The statements of pg_pathman's first README, one after the other, as its own plans and its code have them. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { hoverTarget } from "../../server/src/ide/hover.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { analyseText } from "../ide/support.ts";
import { analyse } from "../rules/analyse.ts";
import { readingForTests } from "../support/parser.ts";

/** The version is told by the calls of the file. */
const options = { version: 10, pathmanVersion: "auto", today: "2016-02-29" } as const;
const text = readFileSync(new URL("../../sample/pathman.sql", import.meta.url), "utf8");

let steps: readonly Step[];
beforeAll(async () => {
  const reading = await readingForTests();
  steps = replay({
    file: "pathman.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC" }),
    options,
    previous: [],
    source: { text, reading },
  });
});

function stepOf(beginning: string): Step {
  const found = steps.find(({ statement }) => text.startsWith(beginning, statement.offset));
  if (found === undefined) throw new Error(`no statement begins with ${beginning}`);
  return found;
}

function survivorsOf(beginning: string): readonly string[] | undefined {
  return predictedVerdict(stepOf(beginning), options).relations[0]?.survivors?.map(({ name }) => name);
}

describe("the sample", () => {
  test("is accepted as a whole, and all of it is followed", () => {
    expect(steps.flatMap(({ rejection }) => rejection?.message ?? [])).toEqual([]);
    expect(steps.flatMap(({ declined }) => declined)).toEqual([]);
  });

  test("makes one partition more than the README says, as its code does", () => {
    const { after } = stepOf("SELECT create_range_partitions");
    expect(findRelation(after, { schema: "public", name: "range_rel" })?.children.size).toBe(61);
    const last = findRelation(after, { schema: "public", name: "range_rel_61" });
    expect(last?.constraints.filter(({ type }) => type === "check").map(({ text: check }) => check)).toEqual([
      "((dt >= '2015-01-01 00:00:00'::timestamp without time zone) AND (dt < '2015-02-01 00:00:00'::timestamp without time zone))",
    ]);
  });

  test.each([
    ["SELECT * FROM hash_rel", ["hash_rel_34"]],
    ["EXPLAIN SELECT * FROM hash_rel", ["hash_rel_34"]],
    ["EXPLAIN SELECT * FROM ONLY hash_rel", ["hash_rel"]],
    ["SELECT * FROM range_rel", ["range_rel_28", "range_rel_29"]],
    ["EXPLAIN SELECT * FROM range_rel", ["range_rel_28", "range_rel_29"]],
  ])("%s reads %j", (beginning, survivors) => {
    expect(survivorsOf(beginning)).toEqual(survivors);
  });
});

test("of the sample only what it deserves is said", () => {
  const { findings } = analyse(text, 13, { pathmanVersion: "auto", "schema.complete": "true" });
  expect(findings.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
    "pathman-retired: pg_pathman is no longer developed: what it does, PostgreSQL does itself by PARTITION BY.",
  ]);
});

test.each([
  ["after the call that makes them", text.slice(0, text.indexOf("SELECT merge_range_partitions")), "61 children"],
  // One is merged, split, and one appended; the archive is made by hand. The table is dropped at the end.
  ["in the whole file", text, "63 children"],
])("the hover of the table tells its partitions: %s", async (_title, sql, children) => {
  const analysis = analyseText(sql, await readingForTests(), { pathmanVersion: "readme" });
  const options = { plain: false, html: false, icons: false, maxPartitions: 3 };
  const target = hoverTarget(analysis, sql.indexOf("TABLE range_rel (") + "TABLE ".length, options);
  expect(target?.kind === "text" ? target.markdown.split("\n")[0] : target).toContain(children);
});
