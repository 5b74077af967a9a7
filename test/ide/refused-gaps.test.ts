// Gaps that a refused or broken statement was to fill are not offered to be filled: that statement is to be mended.
import { beforeAll, expect, it } from "vitest";
import { partitionActions } from "../../server/src/ide/code-actions.ts";
import { refusedPlaces } from "../../server/src/ide/refused-places.ts";
import { partOf, schemaBefore } from "../../server/src/ide/schema-statements.ts";
import { rowsBelow } from "../../server/src/ide/schema-tree.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const table = "CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);\n";
const part = (name: string, from: number, to: number): string =>
  `CREATE TABLE ${name} PARTITION OF t FOR VALUES FROM (${from}) TO (${to});\n`;

const readsNothing = (): never => {
  throw new Error("nothing is read here");
};

function offered(text: string): readonly string[] {
  const { steps, start, document } = analyseText(text, reading);
  const context = {
    text: document.text,
    steps,
    start,
    version: 18 as const,
    today: "2026-01-31",
    typedValues: { word: readsNothing, expression: readsNothing, dated: readsNothing },
  };
  return partitionActions(context, 1).map(({ operation }) => operation);
}

it("a gap is offered to be filled, unless it is a refused statement's", () => {
  const gap = table + part("a", 0, 10) + part("c", 20, 30);
  expect(offered(gap)).toContain("fill");
  // Refused because of its name, its bound, or what it says.
  expect(offered(gap + part("a", 10, 20))).not.toContain("fill");
  expect(offered(gap + part("b", 10, 25))).not.toContain("fill");
  expect(offered(`${gap}CREATE TABLE b PARTITION OF t FOR VALUES FROM (10) TO 20);`)).not.toContain("fill");
  // What is refused elsewhere has nothing to do with it.
  expect(offered(gap + part("d", 25, 40).replace("25", "22").replace("40", "28"))).toContain("fill");
  expect(offered(gap + part("a", 10, 20))).toContain("append");
  // A query that does not parse was to put nothing there.
  expect(offered(`${gap}SELECT * FROM t WHERE k = = 1;`)).toContain("fill");
});

it("nothing is offered at an end of the series where a refused statement was to put the next partition", () => {
  const series = table + part("a", 0, 10) + part("b", 10, 20);
  expect(offered(series)).toEqual(expect.arrayContaining(["append", "prepend"]));
  // A name that is taken, in the way of the next and of the previous one.
  expect(offered(series + part("a", 20, 30))).not.toContain("append");
  expect(offered(series + part("a", 20, 30))).toContain("prepend");
  expect(offered(series + part("a", -10, 0))).not.toContain("prepend");
  expect(offered(`${series}CREATE TABLE c PARTITION OF t FOR VALUES FROM (20) TO 30);`)).not.toContain("append");
  // Refused far beyond the next one.
  expect(offered(series + part("a", 70, 80))).toContain("append");
});

it("the tree fills no gap in which a refused statement lies", () => {
  const gap = table + part("a", 0, 10) + part("c", 20, 30);
  const filled = (text: string): readonly unknown[] => {
    const { final, steps } = analyseText(text, reading);
    const context = { catalog: final, definitionOf: () => null, filter: "", refused: refusedPlaces(steps, 18) };
    return rowsBelow(context, { schema: "public", name: "t" })
      .filter(({ kind }) => kind === "gap")
      .map(({ generate }) => generate?.operation);
  };
  expect(filled(gap)).toEqual(["fill"]);
  expect(filled(gap + part("a", 10, 20))).toEqual([undefined]);
  expect(filled(gap + part("a", 70, 80))).toEqual(["fill"]);
});

it("a thousand statements behind a query do not cost it its plan", () => {
  const others = Array.from({ length: 1_200 }, (_, n) => `CREATE TABLE other_${n} (k int);\n`).join("");
  const analysis = analyseText(`${table}${part("a", 0, 10)}SELECT * FROM t WHERE k = 5;\n${others}`, reading);
  const query = analysis.steps.find(({ statement }) => statement.statement.kind === "query");
  const schema = query === undefined ? null : schemaBefore([partOf(analysis)], query);
  expect(schema?.map(({ sql }) => sql).slice(1, 3)).toEqual([
    table.trim().slice(0, -1),
    part("a", 0, 10).trim().slice(0, -1),
  ]);
});
