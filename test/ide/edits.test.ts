// Whatever is typed, what an edit gives is what a fresh server would say of the same text; and it costs what it touches.

import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { nextToLearn } from "../../server/src/ide/learning.ts";
import { partOf } from "../../server/src/ide/schema-statements.ts";
import { tablesOf } from "../../server/src/ide/tables-of-file.ts";
import { LaterCatalog } from "../../server/src/replay/later-catalog.ts";
import { FollowedBlock } from "../../server/src/replay/step-block.ts";
import { rules } from "../../server/src/rules/index.ts";
import type { Rule } from "../../server/src/rules/rule.ts";
import type { StatementHandle } from "../../server/src/syntax/statement-handle.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { anyEdit, anyScript, edited, longScript, slightlyEdited, smallEdit } from "../support/edits.ts";
import { changedTo, followEdits, known, placesIn } from "../support/follow-edits.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseEdit, analyseText } from "./support.ts";

const reading = await readingForTests();

/** `LONG_EDITS=1000000` goes on for so many edits, of which one script gets four or five. */
const numRuns = Math.ceil(Number(process.env["LONG_EDITS"] ?? 900) / 4.5);

it("of any script give what a fresh server says", () => {
  fc.assert(
    fc.property(anyScript, fc.array(anyEdit, { minLength: 1, maxLength: 8 }), (script, edits) => {
      followEdits(script, edits, edited, reading);
    }),
    { numRuns, seed: 20260131, endOnFailure: true },
  );
});

it("of a long script give what a fresh server says, though few statements are run", () => {
  let followed = 0;
  fc.assert(
    fc.property(longScript, fc.array(smallEdit, { minLength: 1, maxLength: 8 }), (script, edits) => {
      followed += followEdits(script, edits, slightlyEdited, reading);
    }),
    { numRuns: Math.ceil(numRuns / 2), seed: 20260131, endOnFailure: true },
  );
  expect(followed).toBeGreaterThan(numRuns);
});

it("of a partition that a table in doubt has twice leave it one place, the later one", () => {
  const partition = (name: string, from: string, to: string): string =>
    `CREATE TABLE ${name} PARTITION OF t FOR VALUES FROM ('2024-0${from}-01') TO ('2024-0${to}-01');`;
  const text = (comment: string, from: string): string =>
    `TRUNCATE t;\n${comment}${partition("t_04", from, "2")}\n${partition("t_03", "3", "4")}\n${partition("t_04", "4", "5")}`;
  let analysis = analyseText(text("", "1"), reading);
  for (const next of [text("-- once\n", "1"), text("-- once\n", "0"), text("", "1")]) {
    analysis = changedTo(analysis, next, reading);
    expect(known(analysis)).toEqual(known(analyseText(next, reading)));
    const sets = [...analysis.final.relations.values()].flatMap(({ partitioning }) => partitioning?.partitions ?? []);
    expect(sets.map((set) => placesIn(set).length)).toEqual([2]);
  }
});

it.each([
  {
    // Its COMMIT may undo what it changed: two relations, not those that were made anew in front of it.
    what: "of which it is not known whether it is committed",
    inside: "INSERT INTO t VALUES (6);\nSELECT f(${x});\nALTER TABLE t_2 ADD COLUMN note text;\nCOMMIT;",
  },
  { what: "that is rolled back", inside: "INSERT INTO t VALUES (6);\nCREATE TABLE x (a int);\nROLLBACK;" },
  { what: "with rows alone that is rolled back", inside: "INSERT INTO t VALUES (6);\nROLLBACK;" },
  {
    what: "that is rolled back to a savepoint",
    inside:
      "CREATE TABLE x (a int);\nSAVEPOINT s;\nINSERT INTO t VALUES (6);\nDROP TABLE t_2;\nROLLBACK TO s;\nCOMMIT;",
  },
])("in front of a transaction $what leave it what it was", ({ inside }) => {
  const text = (name: string, end: string): string =>
    `CREATE TABLE ${name} (k int);
CREATE TABLE t (k int, note text) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (${end});
CREATE TABLE t_2 (LIKE t);
ALTER TABLE t ATTACH PARTITION t_2 FOR VALUES FROM (20) TO (30);
INSERT INTO t VALUES (5);
BEGIN;
${inside}
SELECT * FROM t WHERE k = 3;`;
  let analysis = analyseText(text("other", "10"), reading);
  for (const next of [text("others", "10"), text("others", "11"), text("other", "11"), text("other", "12")]) {
    analysis = changedTo(analysis, next, reading);
    expect(analysis.steps.some(({ followed }) => followed !== undefined)).toBe(true);
    expect(known(analysis)).toEqual(known(analyseText(next, reading)));
  }
});

it("of an inheritance child in front of a rollback leave what the embedded server is told what it was", () => {
  const text = (child: string): string =>
    `CREATE TABLE t (k int NOT NULL);
CREATE TABLE ${child} (CHECK (k >= 0 AND k < 10)) INHERITS (t);
BEGIN;
PREPARE p (int) AS SELECT $7;
ROLLBACK;
EXECUTE p(1);
SELECT * FROM t WHERE k = 3;`;
  const after = changedTo(analyseText(text("t_0"), reading), text("t_7"), reading);
  expect(known(after)).toEqual(known(analyseText(text("t_7"), reading)));
});

it("of an unread type in front of a transaction in doubt leave its tables as sure as they are", () => {
  const text = (part: string): string =>
    `alter table t attach partition ${part} for values from (ti'') to (maxvalue);
CREATE TABLE sales (d LL) PARTITION BY RANGE (d);
CREATE TABLE sales_1 PARTITION OF sales FOR VALUES FROM ('0') TO ('');
BEGIN;
DROP TABLE s3;
SELECT f(\${x});
COMMIT;`;
  const after = changedTo(analyseText(text("t3"), reading), text("t0"), reading);
  expect(known(after)).toEqual(known(analyseText(text("t0"), reading)));
});

/** A table with so many partitions, each with an index. */
function partitions(count: number): string {
  const lines = ["CREATE TABLE t (k int NOT NULL, v int) PARTITION BY RANGE (k);"];
  for (let index = 0; index < count; index++)
    lines.push(
      `CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index}0) TO (${index + 1}0);`,
      `CREATE INDEX t_${index}_v ON t_${index} (v);`,
    );
  return lines.join("\n");
}

it("leave what is behind the end of the script, of which nothing is run, as a fresh server has it", () => {
  // The last one would be refused, and the one before the end is followed.
  const end = "\\q\nCREATE TABLE again PARTITION OF t FOR VALUES FROM (5) TO (6);\nSELECT * FROM t;";
  const before = analyseText(`${partitions(30)}\n${end}`, reading);
  const at = before.document.text.indexOf("t_7 ");
  const after = analyseEdit(before, { range: { start: at, end: at + 3 }, newText: "seventh" }, reading);
  expect(after.steps.filter(({ followed }) => followed !== undefined).length).toBeGreaterThan(10);
  expect(known(after)).toEqual(known(analyseText(after.document.text, reading)));
});

it("hear a comment to us no more once a statement stands in front of it on its line", () => {
  const comment = "-- partition-lens: ignore range-gap: known\nCREATE TABLE a (k int);\n";
  for (const more of ["CREATE TABLE b (k int);", "CREATE TABLE b (k int);\n"]) {
    const after = changedTo(analyseText(comment, reading), more + comment, reading);
    expect(after.document.directives).toEqual(analyseText(more + comment, reading).document.directives);
    const back = changedTo(after, comment, reading);
    expect(back.document.directives).toEqual(analyseText(comment, reading).document.directives);
  }
});

it.each([
  [
    "pasted at once",
    "CREATE TABLE a (k int);\n",
    "CREATE TABLE b (k int) PARTITION BY RANGE (k);\nCREATE TABLE b_1 PARTITION OF b DEFAULT;\nDROP TABLE b;\nCREATE TABLE d (k int) PARTITION BY RANGE (k);\n",
    "",
    "CREATE TABLE z (k int);",
  ],
  [
    "created later above the statement that drops it",
    "CREATE TABLE a (k int);\n",
    "CREATE TABLE b (k int);\n",
    "DROP TABLE IF EXISTS b;\n",
    "CREATE TABLE z (k int);",
  ],
])("give no table the id of one that was dropped: %s", (_, front, first, between, end) => {
  let analysis = analyseText(front + between + end, reading);
  analysis = changedTo(analysis, front + first + between + end, reading);
  expect(known(analysis)).toEqual(known(analyseText(front + first + between + end, reading)));
  for (const more of ["CREATE TABLE c (k int) PARTITION BY LIST (k);\n", "CREATE TABLE c (k int);\n"]) {
    const text = front + first + between + more + end;
    analysis = changedTo(analysis, text, reading);
    const ids = new Set(analysis.steps.flatMap(({ after }) => [...after.relations.values()].map(({ id }) => id)));
    const names = analysis.steps.flatMap(({ after }) => [...after.relations.values()].map(({ name }) => name));
    expect(ids.size).toBe(new Set(names).size);
    expect(known(analysis)).toEqual(known(analyseText(text, reading)));
  }
});

it("take what is created in a transaction for what it has created, also where that is inserted at its beginning", () => {
  const text = (more: string): string =>
    `CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);
BEGIN;
${more}COMMIT;
CREATE TEMPORARY TABLE gone (k int);
SELECT * FROM gone;`;
  const more = "CREATE TEMPORARY TABLE gone (k int) ON COMMIT DROP;\n";
  const analysis = changedTo(analyseText(text(""), reading), text(more), reading);
  expect(known(analysis)).toEqual(known(analyseText(text(more), reading)));
  expect(analysis.steps.map(({ rejection }) => rejection)).toEqual(Array.from({ length: 6 }, () => null));
});

it("find again what is said of a query in a transaction, however often the tables in front change", () => {
  const text = (more: string): string =>
    `CREATE TABLE t (k int NOT NULL, v int) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (90);
${more}DROP TABLE IF EXISTS gone;
BEGIN;
SELECT * FROM t WHERE v = 5;
COMMIT;`;
  const another = "CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (500) TO (600);\n";
  let analysis = analyseText(text(another), reading);
  analysis.findings();
  for (const more of ["", another, "", another]) {
    analysis = changedTo(analysis, text(more), reading);
    expect(known(analysis)).toEqual(known(analyseText(text(more), reading)));
  }
});

it("put the next partitions behind the statement that was last to change the table, and not behind a COMMIT", () => {
  const text = (name: string): string => `CREATE TABLE ${name} (CHECK (dt < '2010-01-01')) INHERITS (range_rel);
CREATE TABLE ev (at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE ev_06 PARTITION OF ev FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');
CREATE TABLE ev_07 PARTITION OF ev FOR VALUES FROM ('2024-07-01') TO ('2024-08-01');
BEGIN;
CREATE TABLE t (k int NOT NULL) PARTITION BY LIST (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);
CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (1);
COMMIT;`;
  const before = analyseText(text("archive"), reading);
  before.findings();
  const after = changedTo(before, text("archiva"), reading);
  const end = "('2024-08-01');";
  const place = after.document.text.indexOf(end) + end.length;
  const fixes = after.findings().flatMap(({ rule, fixes }) => (rule === "coverage-ends" ? fixes : []));
  expect(fixes.flatMap(({ edits }) => edits.map(({ range }) => range.start))).toEqual([place]);
  expect(known(after)).toEqual(known(analyseText(text("archiva"), reading)));
});

/** How many statements were run for the later analysis. */
function stepsRun(before: Analysis, after: Analysis): number {
  const kept = new Set(before.steps.map(({ transaction }) => transaction));
  return after.steps.filter(({ followed, transaction }) => followed === undefined && !kept.has(transaction)).length;
}

it("run one statement where one is inserted at the top", () => {
  const before = analyseText(partitions(300), reading);
  const after = analyseEdit(before, { range: { start: 0, end: 0 }, newText: "SELECT 1;\n" }, reading);
  expect(stepsRun(before, after)).toBe(1);
  const again = analyseEdit(after, { range: { start: 0, end: 10 }, newText: "" }, reading);
  expect(stepsRun(after, again)).toBe(0);
});

it("leave the steps of all other statements the same objects, wherever they stand", () => {
  const before = analyseText(`${partitions(300)}\n-- the end`, reading);
  const { text } = before.document;
  const steps = new Set(before.steps);
  for (const [at, newText] of [
    [0, "SELECT 1;\n"],
    [0, "-- a comment\n"],
    [text.indexOf("CREATE TABLE t_150 "), "-- a comment\n"],
    [text.length, "x"],
  ] as const) {
    const after = analyseEdit(before, { range: { start: at, end: at }, newText }, reading);
    // The one that is new, and the one whose white space or comment is other.
    expect(after.steps.filter((step) => !steps.has(step)).length).toBeLessThanOrEqual(2);
  }
});

it("look for the tables of a file again only where statements name others", () => {
  const before = analyseText(`${partitions(30)}\n-- the end`, reading);
  const tables = tablesOf(before.document);
  const { text } = before.document;
  for (const [at, newText] of [
    [0, "SELECT 1;\n"],
    [text.length, "x"],
    [text.indexOf("t_7_v") + 5, "alue"],
  ] as const) {
    const after = analyseEdit(before, { range: { start: at, end: at }, newText }, reading);
    expect(tablesOf(after.document)).toBe(tables);
  }
  const at = text.indexOf("t_7 ") + 3;
  const other = analyseEdit(before, { range: { start: at, end: at }, newText: "x" }, reading);
  expect([...tablesOf(other.document).created]).toContain("t_7x");
});

/** How often rules look up a relation for the findings after the end of a range in the middle has become another. */
function looksAtRelations(count: number): number {
  const first = analyseText(partitions(count), reading);
  const end = `${count / 2}0`;
  const start = first.document.text.indexOf(`TO (${end})`) + "TO (".length;
  const range = { start, end: start + end.length };
  const before = analyseEdit(first, { range, newText: `${Number(end) - 5}` }, reading);
  before.findings();
  const after = analyseEdit(before, { range, newText: `${Number(end) - 6}` }, reading);
  // What is in front of the last statement and behind it is made when it is asked for.
  void after.final;
  const looks = vi.spyOn(IdMap.prototype, "get");
  const found = after.findings();
  const { length } = looks.mock.calls;
  looks.mockRestore();
  expect(found.map(({ rule }) => rule)).toContain("range-gap");
  return length;
}

it("cost the rules as many looks at relations in a long table as in a short one", () => {
  expect(looksAtRelations(1_010)).toBeLessThan(looksAtRelations(210) + 100);
});

interface Looking {
  readonly checkScript: NonNullable<Rule["checkScript"]>;
}

/** The rules that look at the end of the script again when the findings are asked for. */
function rulesRun(analysis: Analysis): readonly string[] {
  const looking = rules.filter(({ checkScript }) => checkScript !== undefined);
  const spies = looking.map((rule) => ({ id: rule.id, spy: vi.spyOn(rule as Looking, "checkScript") }));
  analysis.findings();
  const run = spies.flatMap(({ id, spy }) => (spy.mock.calls.length > 0 ? [id] : []));
  for (const { spy } of spies) spy.mockRestore();
  return run;
}

it("run only the rules that asked for statements of a kind that is other now", () => {
  const attach =
    "CREATE TABLE a (k int NOT NULL, v int);\nALTER TABLE t ATTACH PARTITION a FOR VALUES FROM (-9) TO (0);";
  let analysis = analyseText(`${partitions(30)}\n${attach}\n-- the end`, reading);
  expect(rulesRun(analysis)).toContain("range-gap");
  const changed = (start: number, end: number, newText: string): readonly string[] => {
    analysis = analyseEdit(analysis, { range: { start, end }, newText }, reading);
    return rulesRun(analysis);
  };
  expect(changed(0, 0, "CHECKPOINT;\n")).toEqual([]);
  // What fills tables decides whether an ATTACH reads rows.
  expect(changed(0, 0, "SELECT 1;\n")).toEqual(["attach-scans"]);
  expect(changed(0, 10, "")).toEqual(["attach-scans"]);
  const { length } = analysis.document.text;
  expect(changed(length, length, " of it")).toEqual([]);
  expect(changed(length, length, "\nCREATE TABLE b (k int);")).toContain("range-gap");
});

it("look at a query that leaves few of thousands of partitions again only where those are other", () => {
  let analysis = analyseText(`${partitions(4_500)}\nSELECT count(*) FROM t WHERE k >= 44970;`, reading);
  const last = analysis.steps.length - 1;
  const looked = (newText: string, old: string): boolean => {
    const start = analysis.document.text.indexOf(old);
    analysis = analyseEdit(analysis, { range: { start, end: start + old.length }, newText }, reading);
    const checks = rules.flatMap((rule) => (rule.check === undefined ? [] : vi.spyOn(rule as Checking, "check")));
    analysis.findings();
    const steps = new Set(checks.flatMap(({ mock }) => mock.calls.map(([{ step }]) => step.handle)));
    for (const check of checks) check.mockRestore();
    return steps.has(analysis.steps[last]?.handle as StatementHandle);
  };
  expect(analysis.steps[last]?.statement.statement.kind).toBe("query");
  // The first edits make what the next ones go by.
  looked("t_0_w", "t_0_v");
  looked("t_0_v", "t_0_w");
  expect(looked("t_0_w", "t_0_v")).toBe(false);
  expect(looked("TO (44979)", "TO (44980)")).toBe(true);
});

interface Checking {
  readonly check: NonNullable<Rule["check"]>;
}

/** How many blocks of steps were made one by one for the findings after a key, and of how many. */
function blocksMade(count: number, from: string, to: string): { readonly made: number; readonly all: number } {
  const first = analyseText(partitions(count), reading);
  first.findings();
  const edit = (analysis: Analysis, before: string, after: string): Analysis => {
    const start = analysis.document.text.indexOf(before);
    const next = analyseEdit(analysis, { range: { start, end: start + before.length }, newText: after }, reading);
    next.findings();
    return next;
  };
  // The first edit makes what the next one goes by.
  const before = edit(edit(first, from, to), to, from);
  const steps = vi.spyOn(FollowedBlock.prototype, "steps", "get");
  const { list } = edit(before, from, to);
  const made = new Set(steps.mock.contexts).size;
  steps.mockRestore();
  const kept = new Set(before.list.blocks.map(({ base }) => base));
  return { made: made + list.blocks.filter(({ base }) => !kept.has(base)).length, all: list.blocks.length };
}

it.each([
  ["a bound, a gap in front of the next one", "FROM (10000) TO (10010)", "FROM (10000) TO (10005)"],
  ["the name of an index", "t_1000_v ", "t_1000_x "],
  ["a statement at the top", "CREATE TABLE t (k", "SELECT 1;\nCREATE TABLE t (k"],
])("look into few of the blocks of a long script: %s", (_, from, to) => {
  const { made, all } = blocksMade(2_000, from, to);
  expect(all).toBeGreaterThan(60);
  // That of the statement with its neighbours, that of the next partition, and the last one, which tells what is at the end.
  expect(made).toBeLessThanOrEqual(6);
});

it("make no step behind an edit, and no catalog, for who looks for something to learn", () => {
  const before = analyseText(`${partitions(300)}\nSELECT unknown_function();`, reading);
  const at = before.document.text.indexOf("t_7 ");
  const analysis = analyseEdit(before, { range: { start: at, end: at + 3 }, newText: "seventh" }, reading);
  expect(analysis.list.blocks.filter(({ followed }) => followed !== null).length).toBeGreaterThan(5);
  const made = vi.spyOn(LaterCatalog.prototype, "get");
  const blocks = vi.spyOn(FollowedBlock.prototype, "steps", "get");
  const store = { isTried: vi.fn(() => false) };
  expect(atOnce(nextToLearn([partOf(analysis)], store, true))).toBeNull();
  expect(store.isTried).toHaveBeenCalled();
  // Those around the one whose effect nobody knows, and no others.
  expect(new Set(made.mock.contexts).size).toBeLessThanOrEqual(2);
  expect(new Set(blocks.mock.contexts).size).toBeLessThanOrEqual(2);
  blocks.mockRestore();
  made.mockRestore();
});
