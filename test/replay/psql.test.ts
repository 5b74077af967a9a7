/** What psql makes of a script: its variables, branches, transactions of its own accord, and where it stops. */

import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { finalCatalog, replay, shownCatalog } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function run(text: string, previous: readonly Step[] = []): readonly Step[] {
  return replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous,
    source: { text, reading },
  });
}

/** The refusals of a script, and the tables that it leaves. */
function outcome(text: string): { readonly errors: readonly string[]; readonly tables: readonly string[] } {
  const steps = run(text);
  const { relations } = finalCatalog(emptyCatalog({ complete: true, timeZone: "UTC" }), steps);
  return {
    errors: steps.flatMap(({ rejection }) => rejection?.message ?? []),
    tables: [...relations.values()].map(({ name }) => name).sort(),
  };
}

const taken = (name: string): string => `relation "${name}" already exists`;

// Each as psql 15 answered in front of PostgreSQL 18.
test.each<[string, string, readonly string[], readonly string[]]>([
  [
    "\\q leaves the script",
    "CREATE TABLE a (k int);\n\\q\nCREATE TABLE a (k int);\nCREATE TABLE b (k int);",
    [],
    ["a"],
  ],
  [
    "\\; sends statements as one text, and what is refused undoes all of it",
    "CREATE TABLE a (k int) \\; CREATE TABLE b (k nosuch);\nCREATE TABLE a (k int);",
    ['type "nosuch" does not exist'],
    ["a"],
  ],
  [
    "of such a text nothing is run behind what is refused",
    "CREATE TABLE a (k int);\nCREATE TABLE a (k int) \\; CREATE TABLE b (k int) \\; CREATE TABLE b (k int);\nCREATE TABLE b (k int);",
    [taken("a")],
    ["a", "b"],
  ],
  [
    "which shares a transaction, that its COMMIT ends",
    "VACUUM \\; SELECT 1;\nCREATE TABLE a (k int) \\; COMMIT \\; CREATE TABLE b (k int) \\; CREATE TABLE b (k int);",
    ["VACUUM cannot run inside a transaction block", taken("b")],
    ["a"],
  ],
  [
    "and that its BEGIN leaves open",
    "CREATE TABLE a (k int) \\; BEGIN \\; CREATE TABLE b (k int);\nCREATE TABLE c (k int);\nROLLBACK;\nCREATE TABLE d (k int) \\; CREATE TABLE e (k int);",
    [],
    ["d", "e"],
  ],
  [
    "without AUTOCOMMIT a transaction begins before the first statement",
    "\\set AUTOCOMMIT off\nCREATE TABLE a (k int);\nROLLBACK;\nCREATE TABLE a (k int);\nCOMMIT;\nLOCK TABLE a;\nSAVEPOINT s;",
    [],
    ["a"],
  ],
  [
    "and an error aborts it",
    "\\unset AUTOCOMMIT\nCREATE TABLE a (k int);\nCREATE TABLE a (k int);\nCOMMIT;\nCREATE TABLE a (k int);\nCOMMIT;",
    [taken("a")],
    ["a"],
  ],
  [
    "but not before what may not run inside one",
    "CREATE TABLE a (k int);\n\\set AUTOCOMMIT 0\nCREATE INDEX CONCURRENTLY i ON a (k);\nROLLBACK;\n-- c\nDROP INDEX CONCURRENTLY i;\nROLLBACK;",
    [],
    ["a"],
  ],
  [
    "except where psql does not know that",
    `CREATE TABLE p (k int) PARTITION BY LIST (k);
CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1);
\\set AUTOCOMMIT off
ALTER TABLE p DETACH PARTITION p_1 CONCURRENTLY;
ROLLBACK;
DROP TABLE p;
COMMIT;`,
    ["ALTER TABLE ... DETACH CONCURRENTLY cannot run inside a transaction block"],
    [],
  ],
  [
    "ON_ERROR_STOP ends the script at the first error, and its transaction with it",
    "\\set ON_ERROR_STOP\nCREATE TABLE a (k int);\nBEGIN;\nCREATE TABLE b (k int);\nCREATE TABLE a (k int);\nCREATE TABLE a (k int);\nCOMMIT;",
    [taken("a")],
    ["a"],
  ],
  [
    "ON_ERROR_ROLLBACK undoes the statement alone",
    "\\set ON_ERROR_ROLLBACK on\nBEGIN;\nCREATE TABLE a (k int);\nCREATE TABLE a (k int);\nCREATE TABLE b (k int);\nCOMMIT;",
    [taken("a")],
    ["a", "b"],
  ],
  [
    "not where only somebody who types has it",
    "\\set ON_ERROR_ROLLBACK interactive\nBEGIN;\nCREATE TABLE a (k int);\nCREATE TABLE a (k int);\nCOMMIT;",
    [taken("a")],
    [],
  ],
  [
    "a word that is no boolean leaves things as they are",
    "\\set AUTOCOMMIT maybe\nCREATE TABLE a (k int);\nROLLBACK;\nCREATE TABLE a (k int);",
    [taken("a")],
    ["a"],
  ],
  [
    "branches by what variables hold",
    `\\set yes 1
\\if :yes
CREATE TABLE a (k int);
\\if no
CREATE TABLE a (k int);
\\elif :{?yes}
CREATE TABLE b (k int);
\\else
CREATE TABLE b (k int);
\\q
\\endif
\\else
CREATE TABLE a (k int);
\\set yes 0
\\endif
\\unset yes
\\if :{?yes}
CREATE TABLE b (k int);
\\elif maybe
CREATE TABLE b (k int);
\\else
CREATE TABLE c (k int);
\\endif
CREATE TABLE c (k int);`,
    [taken("c")],
    ["a", "b", "c"],
  ],
  [
    "a statement that is reset is not sent",
    "CREATE TABLE a (k int) \\r\nCREATE TABLE a (k int) \\g\nCREATE TABLE b (k int) \\gdesc\n",
    [],
    ["a"],
  ],
  [
    "a name in a variable",
    '\\set t \'My Table\'\n\\set u sales\nCREATE TABLE :"t" (k int);\nCREATE TABLE :"t" (k int);\nCREATE TABLE :u (k int);\nCREATE TABLE sales (k int);',
    [taken("My Table"), taken("sales")],
    ["My Table", "sales"],
  ],
  [
    "a variable without a value is sent as it stands",
    "\\set x\n\\unset y\nCREATE TABLE a (k int :x);\nCREATE TABLE b (k int DEFAULT :y);",
    ['syntax error at or near ":"'],
    ["a"],
  ],
])("%s", (_, text, errors, tables) => {
  expect(outcome(text)).toEqual({ errors, tables });
});

describe("a bound", () => {
  const table = "CREATE TABLE p (d date) PARTITION BY RANGE (d);\n";
  const first = "CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');\n";
  const overlap = ['partition "p_2" would overlap partition "p_1"'];

  test.each([
    ["\\set from '2024-01-15'\n", "FROM (:'from') TO ('2024-03-01')"],
    ["\\set from '\\'2024-01-15\\''\n", "FROM (:from) TO ('2024-03-01')"],
    ["\\set year 2024\n\\set from :year -01-15\n", "FROM (:'from') TO ('2024-03-01')"],
    ["\\set from `date`\n\\set from 2024-01 '-15' \\\\ \n", "FROM (:'from') TO ('2024-03-01')"],
    ["\\set day '2024-01-15'\n\\set from :'day'\n", "FROM (:from) TO ('2024-03-01')"],
  ])("in variables: %j", (setting, bound) => {
    const text = `${setting}${table}${first}CREATE TABLE p_2 PARTITION OF p FOR VALUES ${bound};`;
    const { rejection } = run(text).at(-1) ?? {};
    expect([rejection?.message]).toEqual(overlap);
    // The range is one of the text as it stands.
    const start = text.lastIndexOf("CREATE TABLE");
    const range = rejection?.range ?? { start: 0, end: 0 };
    expect(text.slice(start + range.start, start + range.end)).toMatch(/^\(:'?from'?\)$|^:'?from'?$/);
  });

  test.each([
    "\\set from `date`\n",
    "",
    "\\set from 1\nSELECT 1 AS from \\gset\n",
    "\\prompt from\n",
    "\\set from :given\n",
  ])("is not known after %j", (setting) => {
    const text = `${setting}${table}${first}CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (:'from') TO ('2024-03-01');`;
    expect(outcome(text).errors).toEqual([]);
  });
});

test.each([
  ["\\c", true],
  ["\\c -", true],
  ["\\connect - somebody", true],
  ["\\c - - - -", true],
  ["\\c other", false],
  ["\\c - - - 6432", false],
  ["\\c - - elsewhere", false],
  ['\\c "port=6432"', false],
  ["\\c postgresql://elsewhere/x", false],
  ["\\c -reuse-previous=on - somebody", true],
  ["\\c -reuse-previous=off - somebody", false],
  ["\\c :database", false],
])("%s", (command, stays) => {
  const { errors } = outcome(`CREATE TABLE a (k int);\n${command}\nCREATE TABLE a (k int);`);
  expect(errors).toEqual(stays ? [taken("a")] : []);
});

test("an edit of a variable, a branch or a setting is heard by what stands behind", () => {
  const script = (setting: string): string =>
    `${setting}\nBEGIN;\nCREATE TABLE a (k int);\nCREATE TABLE a (k int);\nCREATE TABLE :t (k int);\n`;
  let steps = run(script("\\set t b"));
  for (const setting of [
    "\\set t c",
    "\\set ON_ERROR_ROLLBACK on",
    "\\set ON_ERROR_STOP on",
    "\\if 0",
    "\\q",
    "\\set x 1",
  ]) {
    steps = run(script(setting), steps);
    expect(steps.map(({ rejection }) => rejection?.message)).toEqual(
      run(script(setting)).map(({ rejection }) => rejection?.message),
    );
  }
});

test("what stands behind an error is shown, what the script itself leaves out is not", () => {
  const shown = (text: string): readonly string[] => {
    const start = emptyCatalog({ complete: true, timeZone: "UTC" });
    return [...shownCatalog(start, run(text)).relations.values()].map(({ name }) => name);
  };
  expect(shown("\\set ON_ERROR_STOP 1\nCREATE TABL a (k int);\nCREATE TABLE b (k int);")).toEqual(["b"]);
  expect(shown("CREATE TABLE a (k text DEFAULT ');\nCREATE TABLE b (k int);")).toEqual(["b"]);
  expect(shown("\\q\nCREATE TABLE b (k int);")).toEqual([]);
  expect(shown("\\if false\nCREATE TABLE b (k int);\n\\endif")).toEqual([]);
});
