// Whatever is typed, what an edit gives is what a fresh server would say of the same text.

import fc from "fast-check";
import { expect, it } from "vitest";
import { anyEdit, anyScript, edited, longScript, partitions, slightlyEdited, smallEdit } from "../support/edits.ts";
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
