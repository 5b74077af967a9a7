// What is typed costs what it touches: statements run, rules asked and catalogs made after an edit of a long script.

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
import { partitions } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseEdit, analyseText } from "./support.ts";

const reading = await readingForTests();

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
