// Whatever is typed, what an edit gives is what a fresh server would say of the same text; and it costs what it touches.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { printCatalog } from "../../server/src/catalog/print.ts";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { listLenses } from "../../server/src/ide/lenses.ts";
import { documentSymbolsInTurns } from "../../server/src/ide/symbols.ts";
import { rules } from "../../server/src/rules/index.ts";
import type { Rule } from "../../server/src/rules/rule.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { anyEdit, anyScript, edited } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseEdit, analyseText } from "./support.ts";

const reading = await readingForTests();

/** `LONG_EDITS=1000000` goes on for so many edits, of which one script gets four or five. */
const numRuns = Math.ceil(Number(process.env["LONG_EDITS"] ?? 900) / 4.5);

it("of any script give what a fresh server says", () => {
  fc.assert(
    fc.property(anyScript, fc.array(anyEdit, { minLength: 1, maxLength: 8 }), (script, edits) => {
      let analysis = analyseText(script, reading);
      analysis.findings();
      for (const edit of edits) {
        analysis = changedTo(analysis, edited(analysis.document.text, edit));
        expect(known(analysis)).toEqual(known(analyseText(analysis.document.text, reading)));
      }
    }),
    { numRuns, seed: 20260131, endOnFailure: true },
  );
});

/** The analysis after the one edit that makes the text another. */
function changedTo(analysis: Analysis, next: string): Analysis {
  const { text } = analysis.document;
  const shorter = Math.min(text.length, next.length);
  let start = 0;
  while (start < shorter && text[start] === next[start]) start++;
  let same = 0;
  while (same < shorter - start && text[text.length - 1 - same] === next[next.length - 1 - same]) same++;
  const range = { start, end: text.length - same };
  return analyseEdit(analysis, { range, newText: next.slice(start, next.length - same) }, reading);
}

/** All that is told of a file: every step with its catalogs, findings with their fixes, lenses, and the outline. */
function known(analysis: Analysis): object {
  return {
    steps: analysis.steps.map(({ index, statement, before, after, rejection, warning, declined, transaction }) => ({
      ...{ index, start: statement.start, warning, declined, state: transaction.state },
      ...{ before: printCatalog(before), after: printCatalog(after), message: rejection?.message },
    })),
    findings: analysis.findings(),
    lenses: listLenses(analysis, []),
    symbols: atOnce(documentSymbolsInTurns(analysis)),
    final: printCatalog(analysis.final),
  };
}

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

/** How many statements were run for the later analysis. */
function stepsRun(before: Analysis, after: Analysis): number {
  const kept = new Set(before.steps.map(({ behind }) => behind));
  return after.steps.filter(({ behind }) => !kept.has(behind)).length;
}

it("run one statement where one is inserted at the top", () => {
  const before = analyseText(partitions(300), reading);
  const after = analyseEdit(before, { range: { start: 0, end: 0 }, newText: "SELECT 1;\n" }, reading);
  expect(stepsRun(before, after)).toBe(1);
  const again = analyseEdit(after, { range: { start: 0, end: 10 }, newText: "" }, reading);
  expect(stepsRun(after, again)).toBe(0);
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
