/** What editors are told of tables that are divided by inheritance and CHECK constraints: lenses, hovers, tree, catalog. */

import { beforeAll, describe, expect, it } from "vitest";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { catalogAnswer } from "../../server/src/ide/catalog-answer.ts";
import { ddlLensTitle } from "../../server/src/ide/ddl-lens.ts";
import { hoverTarget } from "../../server/src/ide/hover.ts";
import { lensTitle } from "../../server/src/ide/lens-title.ts";
import { listLenses, stepOfLens } from "../../server/src/ide/lenses.ts";
import { type PartitionTreeNode, partitionTree } from "../../server/src/ide/partition-tree.ts";
import { documentSymbolsInTurns } from "../../server/src/ide/symbols.ts";
import type { RelationVerdict } from "../../server/src/pruning/verdict.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const log = `CREATE TABLE log (at date NOT NULL, n int);
CREATE TABLE log_03 (CHECK (at >= '2024-03-01' AND at < '2024-04-01')) INHERITS (log);
CREATE TABLE log_01 (CHECK (at BETWEEN '2024-01-01' AND '2024-01-31')) INHERITS (log);
CREATE TABLE log_old (LIKE log, CHECK (at < '2024-01-01'));
ALTER TABLE log_old INHERIT log;
`;

function titles(text: string): readonly string[] {
  const analysis = analyseText(text, reading);
  return listLenses(analysis, []).map((lens) => {
    const step = stepOfLens(analysis, lens);
    const title = step === null ? null : ddlLensTitle(analysis, step, { end: analysis.final, all: true });
    return `${lens.kind}: ${title ?? "no title"}`;
  });
}

function tree(analysis: Analysis): readonly string[] {
  const lines = (nodes: readonly PartitionTreeNode<null>[], indent: string): readonly string[] =>
    nodes.flatMap((node) => [
      `${indent}${node.kind} ${node.label} ${node.description}${node.generate === undefined ? "" : " (fill)"}`,
      ...lines(node.children, `${indent}  `),
    ]);
  return lines(partitionTree({ catalog: analysis.final, definitionOf: () => null }), "");
}

function hoverAt(marked: string): string | null {
  const offset = marked.indexOf("/*|*/");
  const options = { plain: false, html: false, icons: false, maxPartitions: 20 };
  const target = hoverTarget(analyseText(marked.replace("/*|*/", ""), reading), offset, options);
  return target?.kind === "text" ? target.markdown : null;
}

describe("lenses", () => {
  it("stand above the parent, its children, what joins later, and queries", () => {
    expect(titles(`${log}SELECT * FROM log WHERE at = '2024-01-05';`)).toEqual([
      "partitioned-table: RANGE (at) · 3 children · MINVALUE … 2024-04-01 · 1 gap",
      "partition: child 1 of 1 · 2024-03-01 … 2024-04-01",
      "partition: child 1 of 2 · 2024-01-01 … 2024-02-01",
      "partition: child 1 of 3 · MINVALUE … 2024-01-01",
      "select: no title",
    ]);
  });

  it("say what there is where nothing tells the children apart", () => {
    const text = "CREATE TABLE npc (id int); CREATE TABLE shop (goods int) INHERITS (npc);";
    expect(titles(text)).toEqual(["partitioned-table: INHERITS · 1 child", "partition: child 1 of 1"]);
  });

  it("show the CHECK where FOR VALUES has no words for it", () => {
    const text = `CREATE TABLE t (k int, s text);
CREATE TABLE a (CHECK (s > 'a' AND s <= 'm')) INHERITS (t);
CREATE TABLE b (CHECK (s > 'm')) INHERITS (t);`;
    expect(titles(text).slice(1)).toEqual([
      "partition: child 1 of 1 · CHECK (((s > 'a'::text) AND (s <= 'm'::text)))",
      "partition: child 2 of 2 · CHECK ((s > 'm'::text))",
    ]);
  });

  it("tell of a child that has left what it was just after its statement", () => {
    const text = `CREATE TABLE t (k int); CREATE TABLE a (CHECK (k < 5)) INHERITS (t); ALTER TABLE a NO INHERIT t;`;
    expect(titles(text)).toEqual(["partition: child 1 of 1 · MINVALUE … 5"]);
  });

  it("count the parent among the tables, but call it no partition", () => {
    const leaves = ["log", "log_01", "log_03"].map((name) => ({ schema: "public", name }));
    const verdict: RelationVerdict = {
      relation: { schema: "public", name: "log" },
      relationId: 1,
      range: { start: 0, end: 0 },
      access: "select",
      leaves,
      survivors: leaves.slice(0, 2),
      decided: "planning",
      certainty: "exact",
      source: "predicted",
      reasons: [],
    };
    const options = { names: 2, sourceNote: () => null };
    expect(lensTitle({ relations: [verdict], problem: null }, "", options)).toBe("2 of 3 tables · log, log_01");
  });
});

describe("hovers", () => {
  it("map the parent, gaps included", () => {
    expect(hoverAt(log.replace("TABLE log (", "TABLE /*|*/log ("))).toMatchInlineSnapshot(`
      "**\`log\`** \`RANGE (at)\` · 3 children · 1 gap

      |  | partition | bound |
      | :--- | :--- | :--- |
      | █ | \`log_old\` | \`MINVALUE … 2024-01-01\` |
      | ████████████████ | \`log_01\` | \`2024-01-01 … 2024-02-01\` |
      | ╳╳╳ | ⚠ gap | \`2024-02-01 … 2024-03-01\` |
      | ████████████████ | \`log_03\` | \`2024-03-01 … 2024-04-01\` |"
    `);
  });

  it("place a child among its siblings", () => {
    expect(hoverAt(log.replace("TABLE log_01", "TABLE /*|*/log_01"))).toMatchInlineSnapshot(`
      "**\`log_01\`** child 1 of 2 of \`log\` · after this statement

      |  | partition | bound |
      | :--- | :--- | :--- |
      | → | \`log_01\` | \`2024-01-01 … 2024-02-01\` |
      |  | \`log_03\` | \`2024-03-01 … 2024-04-01\` |"
    `);
  });
});

it("the tree has children in the order of their bounds, with the gaps that no operation fills", () => {
  expect(tree(analyseText(log, reading))).toEqual([
    "table log 1 gap · 3 children · RANGE (at)",
    "  partition log_old MINVALUE … 2024-01-01",
    "  partition log_01 2024-01-01 … 2024-02-01",
    "  gap gap 2024-02-01 … 2024-03-01 (fill)",
    "  partition log_03 2024-03-01 … 2024-04-01",
  ]);
});

it("the outline has them below their parent", () => {
  const symbols = atOnce(documentSymbolsInTurns(analyseText(log, reading)));
  expect(symbols.map(({ name, kind, detail, children }) => [name, kind, detail, children.length])).toEqual([
    ["log", "partitioned-table", "RANGE (at) · 3 children · 1 gap", 3],
  ]);
});

describe("the catalog", () => {
  it("tells keys and bounds in the declarative notation, with the scheme", () => {
    const { relations, coverage } = catalogAnswer(analyseText(log, reading).final);
    expect(relations.map(({ name, scheme, parent, key, bound }) => [name, scheme, parent, key, bound])).toEqual([
      ["public.log", "inheritance", null, "RANGE (at)", null],
      ["public.log_03", "inheritance", "public.log", null, "FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"],
      ["public.log_01", "inheritance", "public.log", null, "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')"],
      ["public.log_old", "inheritance", "public.log", null, "FOR VALUES FROM (MINVALUE) TO ('2024-01-01')"],
    ]);
    expect(coverage).toEqual([
      {
        relation: "public.log",
        gaps: [{ from: "'2024-02-01'", to: "'2024-03-01'" }],
        overlaps: [],
        missingRemainders: [],
        hasDefault: false,
      },
    ]);
  });

  it("tells of a table that pg_pathman has divided that it has", () => {
    const text = `CREATE EXTENSION pg_pathman;
CREATE TABLE t (k int NOT NULL);
SELECT create_range_partitions('t', 'k', 0, 10, 2);`;
    const { relations } = catalogAnswer(analyseText(text, reading).final);
    expect(relations.map(({ name, scheme, parent, bound }) => [name, scheme, parent, bound])).toEqual([
      ["public.t", "pathman", null, null],
      ["public.t_1", "pathman", "public.t", "FOR VALUES FROM (0) TO (10)"],
      ["public.t_2", "pathman", "public.t", "FOR VALUES FROM (10) TO (20)"],
    ]);
  });

  const overlapsOf = (text: string) => catalogAnswer(analyseText(text, reading).final).coverage[0]?.overlaps;

  it("tells overlaps", () => {
    const text = `CREATE TABLE t (k int);
CREATE TABLE a (CHECK (k BETWEEN 0 AND 10)) INHERITS (t);
CREATE TABLE b (CHECK (k BETWEEN 10 AND 20)) INHERITS (t);`;
    expect(overlapsOf(text)).toEqual([{ from: "10", to: "11", partitions: ["public.a", "public.b"] }]);
  });

  it.each([
    ["another column tells them apart", "k < 5 AND s = 'a'", "k < 5 AND s = 'b'"],
    ["what is not understood may tell them apart", "k < 5 AND s LIKE 'a%'", "k < 5 AND s LIKE 'b%'"],
    [
      "pairs may tell them apart",
      "(k < 5 AND s = 'a') OR (k > 9 AND s = 'b')",
      "(k < 5 AND s = 'b') OR (k > 9 AND s = 'a')",
    ],
  ])("but none where %s", (_, first, second) => {
    const text = `CREATE TABLE t (k int, s text);
CREATE TABLE a (CHECK (${first})) INHERITS (t);
CREATE TABLE b (CHECK (${second})) INHERITS (t);
CREATE TABLE c (CHECK (k = 7)) INHERITS (t);`;
    expect(overlapsOf(text)).toEqual([]);
  });

  it("tells remainders that are missing, and no gap beside a child that may take anything", () => {
    const text = `CREATE TABLE t (k int);
CREATE TABLE a (CHECK (k % 3 = 0)) INHERITS (t);
CREATE TABLE b (CHECK (k % 3 = 2)) INHERITS (t);`;
    const missing = (more: string) =>
      catalogAnswer(analyseText(text + more, reading).final).coverage[0]?.missingRemainders;
    expect(missing("")).toEqual([{ modulus: 3, remainder: 1 }]);
    expect(missing("CREATE TABLE c () INHERITS (t);")).toEqual([]);
  });
});
