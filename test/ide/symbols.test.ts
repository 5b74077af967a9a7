// The outline: partitions below their table, and a long series in runs that say how far they reach.

import { beforeAll, expect, it } from "vitest";
import { type DocumentSymbol, documentSymbolsInTurns } from "../../server/src/ide/symbols.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { readingForTests } from "../pruning/support.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const symbolsOf = (text: string): readonly DocumentSymbol[] =>
  atOnce(documentSymbolsInTurns(analyseText(text, reading)));

function months(count: number): string {
  const month = (index: number): string =>
    `${2000 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}-01`;
  return [
    "CREATE TABLE m (d date) PARTITION BY RANGE (d);",
    ...Array.from(
      { length: count },
      (_, index) =>
        `CREATE TABLE m_${index} PARTITION OF m FOR VALUES FROM ('${month(index)}') TO ('${month(index + 1)}');`,
    ),
  ].join("\n");
}

it("lists the partitions of a short series one by one", () => {
  const [table] = symbolsOf(months(50));
  expect(table?.children).toHaveLength(50);
  expect(new Set(table?.children.map(({ kind }) => kind))).toEqual(new Set(["partition"]));
});

it("folds a long series, whose runs hold the statements of their partitions", () => {
  const text = months(120);
  const [table] = symbolsOf(text);
  expect(table?.children.map(({ kind, name, detail }) => [kind, name, detail])).toEqual([
    ["run", "2000-01 … 2004-03", "50 partitions"],
    ["run", "2004-03 … 2008-05", "50 partitions"],
    ["run", "2008-05 … 2010-01", "20 partitions"],
  ]);
  for (const run of table?.children ?? []) {
    const inside = run.children.every(({ range }) => run.range.start <= range.start && range.end <= run.range.end);
    expect(inside).toBe(true);
    expect(run.selection.start).toBeGreaterThanOrEqual(run.range.start);
  }
  const names = table?.children.flatMap(({ children }) => children.map(({ name }) => name));
  expect(names).toEqual(Array.from({ length: 120 }, (_, index) => `m_${index}`));
  expect(text.slice(table?.children[1]?.range.start).startsWith("CREATE TABLE m_50 ")).toBe(true);
});
