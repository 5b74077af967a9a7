// Which statements have lenses, and that the lenses keep their places while somebody types.
import { beforeAll, describe, expect, it } from "vitest";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { type Lens, listLenses, shiftLenses, stepOfLens, whyKept } from "../../server/src/ide/lenses.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseEdit, analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const schema = `CREATE TABLE sales (d date) PARTITION BY RANGE (d);
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE plain (d date);
`;

/** The kind and the first words of each statement that has a lens. */
function lensesOf(analysis: Analysis, previous: readonly Lens[] = []): readonly string[] {
  return listLenses(analysis, previous).map(({ kind, range }) => `${kind}: ${words(analysis, range.start)}`);
}

function words(analysis: Analysis, start: number): string {
  return analysis.document.text.slice(start, start + 24).replaceAll("\n", " ");
}

function lensesOfQueries(queries: string): readonly string[] {
  return lensesOf(analyseText(schema + queries, reading)).slice(2);
}

describe("an exception", () => {
  it("costs the lens in which it comes up", () => {
    const bugs: string[] = [];
    const analysis = analyseText(`${schema}SELECT * FROM sales;`, reading);
    const broken = { ...analysis, onBug: (what: string) => void bugs.push(what) };
    const [first, ...others] = analysis.steps;
    if (first === undefined) throw new Error("no step");
    const poisoned = Object.defineProperty({ ...first }, "after", { get: () => JSON.parse("no") });
    expect(listLenses({ ...broken, steps: [poisoned, ...others] }, []).map(({ kind }) => kind)).toEqual([
      "partition",
      "select",
    ]);
    expect(bugs).toEqual(["a lens"]);
  });
});

describe("the statements that have one", () => {
  it("the table and its partitions", () => {
    expect(lensesOf(analyseText(schema, reading))).toEqual([
      "partitioned-table: CREATE TABLE sales (d da",
      "partition: CREATE TABLE sales_2024 ",
    ]);
  });

  it.each([
    ["SELECT * FROM sales", "select"],
    ["TABLE sales", "select"],
    ["SELECT 1 FROM plain JOIN public.sales USING (d)", "select"],
    ["SELECT (SELECT max(d) FROM sales)", "select"],
    ["WITH x AS (SELECT * FROM sales) SELECT * FROM x", "select"],
    ["SELECT 1 UNION ALL SELECT 2 FROM sales", "select"],
    ["EXPLAIN SELECT * FROM sales", "select"],
    ["INSERT INTO sales VALUES ('2024-01-01')", "insert"],
    ["INSERT INTO plain SELECT * FROM sales", "insert"],
    ["UPDATE sales SET d = d", "update"],
    ["DELETE FROM plain USING sales", "delete"],
    ["MERGE INTO sales USING plain ON sales.d = plain.d WHEN MATCHED THEN DELETE", "merge"],
    ["CREATE TABLE copied AS SELECT * FROM sales", "select"],
    ["COPY (SELECT * FROM sales) TO STDOUT", "select"],
    ["DECLARE rows CURSOR FOR SELECT * FROM sales", "select"],
    ["CREATE MATERIALIZED VIEW kept AS SELECT * FROM sales", "select"],
    ["SELECT * FROM sales_2024", "select"],
    ["UPDATE sales_2024 SET d = d", "update"],
  ])("%s", (query, kind) => {
    expect(lensesOfQueries(query)).toEqual([`${kind}: ${query.slice(0, 24)}`]);
  });

  it.each([
    ["EXECUTE gone ('2024-01-01')", "delete"],
    ["EXPLAIN EXECUTE gone ('2024-01-01')", "delete"],
    ["CREATE TABLE copied AS EXECUTE read", "select"],
  ])("%s, which was prepared", (statement, kind) => {
    const prepared = "PREPARE gone AS DELETE FROM sales WHERE d = $1;\nPREPARE read AS TABLE sales;\n";
    expect(lensesOfQueries(prepared + statement).slice(2)).toEqual([`${kind}: ${statement.slice(0, 24)}`]);
  });

  it.each([
    "SELECT 1",
    "SELECT * FROM plain",
    "WITH sales AS (SELECT 1) SELECT * FROM sales",
    "SELECT * FROM unknown.sales",
    "CREATE VIEW v AS SELECT * FROM sales",
    "SELECT 'FROM sales'",
    "DROP TABLE sales",
  ])("not: %s", (statement) => {
    expect(lensesOfQueries(statement)).toEqual([]);
  });

  it("a query of a view over the table", () => {
    const queries = "CREATE VIEW v AS SELECT * FROM sales; SELECT * FROM v";
    expect(lensesOfQueries(queries)).toEqual(["select: SELECT * FROM v"]);
  });
});

describe("while somebody types", () => {
  const text = `${schema}SELECT * FROM sales WHERE d = '2024-02-02';\nSELECT 2 FROM sales;\nDELETE FROM sales;\n`;

  /** Applies edits one after the other, as the server does, and gives the lenses after each. */
  function type(edits: readonly (readonly [at: string, insert: string])[]): readonly (readonly string[])[] {
    let analysis = analyseText(text, reading);
    let lenses = listLenses(analysis, []);
    return edits.map(([at, insert]) => {
      const start = analysis.document.text.indexOf(at);
      const edit = { range: { start, end: start }, newText: insert };
      analysis = analyseEdit(analysis, edit, reading);
      lenses = listLenses(analysis, shiftLenses(lenses, edit));
      return lenses.map(({ range }) => words(analysis, range.start));
    });
  }

  it("an unfinished string keeps all the lenses that it swallows", () => {
    const [after] = type([["2024-02-02'", "'"]]);
    expect(after).toHaveLength(5);
    expect(after?.slice(2)).toEqual(["SELECT * FROM sales WHER", "SELECT 2 FROM sales; DEL", "DELETE FROM sales; "]);
  });

  it("an unfinished CREATE TABLE keeps the lenses of the queries below", () => {
    const [broken, mended] = type([
      ["PARTITION BY RANGE (d)", "("],
      ["(PARTITION BY RANGE (d)", ""],
    ]);
    expect(broken).toHaveLength(5);
    expect(mended).toHaveLength(5);
  });

  it("a lens that was kept says so", () => {
    const reasonsAfter = (at: string, newText: string, whole = text): readonly (string | null)[] => {
      const analysis = analyseText(whole, reading);
      const start = whole.indexOf(at);
      const edit = { range: { start, end: start }, newText };
      const after = analyseEdit(analysis, edit, reading);
      const lenses = listLenses(after, shiftLenses(listLenses(analysis, []), edit));
      return lenses.map((lens) => whyKept(after, stepOfLens(after, lens)));
    };
    const [itself, before] = ["the statement does not parse", "a statement before it does not parse"];
    expect(reasonsAfter("DELETE", " ")).toEqual([null, null, null, null, null]);
    expect(reasonsAfter("WHERE", "WHERE d = AND ")).toEqual([null, null, itself, null, null]);
    const elsewhere =
      "CREATE SCHEMA a; CREATE TABLE a.m (d date) PARTITION BY RANGE (d); SET search_path = a; SELECT * FROM m;";
    expect(reasonsAfter("= a", "= ) ", elsewhere)).toEqual([null, before]);
    expect(reasonsAfter("2024-02-02'", "'")).toEqual([null, null, itself, itself, itself]);
  });

  it("an unfinished query keeps its own lens", () => {
    const [after] = type([["WHERE", "WHERE d = AND "]]);
    expect(after).toHaveLength(5);
  });

  it("a lens goes with its statement", () => {
    const analysis = analyseText(text, reading);
    const start = text.indexOf("SELECT 2");
    const edit = { range: { start, end: start + "SELECT 2 FROM sales;".length }, newText: "oops" };
    const after = analyseEdit(analysis, edit, reading);
    expect(lensesOf(after, shiftLenses(listLenses(analysis, []), edit))).toEqual([
      "partitioned-table: CREATE TABLE sales (d da",
      "partition: CREATE TABLE sales_2024 ",
      "select: SELECT * FROM sales WHER",
      "delete: DELETE FROM sales; ",
    ]);
  });
});
