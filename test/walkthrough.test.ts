// A walk through the whole server: ten lines of SQL, and what each stage makes of them. Read it to learn the pipeline.
//
//   text → statements → steps → catalog → findings → verdict → script
//
// Each stage is a plain value that the next one takes; each has a printer, which *Show Stage…* and
// `partition-lens show <stage> FILE` use too. When something is wrong, find the first stage whose value is wrong.

import { beforeAll, expect, it } from "vitest";
import { printCatalog } from "../server/src/catalog/print.ts";
import { defaultSettings } from "../server/src/config.ts";
import { generate } from "../server/src/ddl/generate.ts";
import { newRequest } from "../server/src/ddl/operation.ts";
import { type Analysis, analyseAtOnce, analysisOptions, emptyWorld } from "../server/src/ide/analysis.ts";
import { lensTitle } from "../server/src/ide/lens-title.ts";
import { partitionedQuerySteps } from "../server/src/ide/lenses.ts";
import { predictedVerdict } from "../server/src/pruning/verdict-of.ts";
import { printSteps } from "../server/src/replay/print.ts";
import { parseDocument, textOfStatement } from "../server/src/syntax/document.ts";
import type { Reading } from "../server/src/syntax/read-statement.ts";
import { atOnce } from "../server/src/text/turns.ts";
import { readingForTests, typedValuesForTests } from "./support/parser.ts";

const text = `CREATE TABLE sales (sold_on date NOT NULL, amount numeric) PARTITION BY RANGE (sold_on);

CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales_2027 PARTITION OF sales FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
CREATE TABLE sales_late PARTITION OF sales FOR VALUES FROM ('2025-06-01') TO ('2025-07-01');

SELECT sum(amount) FROM sales WHERE sold_on BETWEEN '2024-12-24' AND '2025-01-06';
SELECT sum(amount) FROM sales WHERE date_trunc('year', sold_on) = '2024-01-01';
INSERT INTO sales VALUES ('2026-05-01', 10);`;

let reading: Reading;
let analysis: Analysis;

beforeAll(async () => {
  reading = await readingForTests();
  // The text is cut into statements and parsed; nothing here can fail, however broken the text is.
  const document = parseDocument(text, reading);
  // The rest needs to know where the file starts from, and for which PostgreSQL on which day it is meant.
  const options = analysisOptions(defaultSettings, 18, "2026-01-31");
  const start = emptyWorld(defaultSettings);
  analysis = analyseAtOnce({
    file: "walk.sql",
    document,
    reading,
    start,
    options,
    startInFile: () => null,
    previous: null,
  });
});

it("statements: what each piece of the text is", () => {
  const kinds = analysis.document.statements.map(({ statement, start, end }) => `${start}..${end} ${statement.kind}`);
  expect(kinds).toMatchInlineSnapshot(`
    [
      "0..87 create-table",
      "90..181 create-table",
      "183..274 create-table",
      "276..367 create-table",
      "369..460 create-table",
      "463..544 query",
      "546..624 query",
      "626..669 query",
    ]
  `);
});

it("steps: what each statement does to the catalog, or why PostgreSQL would refuse it", () => {
  const printed = printSteps(analysis.steps, ({ handle }) => textOfStatement(analysis.document, handle));
  expect(printed).toMatchInlineSnapshot(`
    "1. create-table: CREATE TABLE sales (sold_on date NOT NULL, amount numeric) PARTITION BY RANGE (sold_on)
       + public.sales
    2. create-table: CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
       ~ public.sales
       + public.sales_2024
    3. create-table: CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
       ~ public.sales
       + public.sales_2025
    4. create-table: CREATE TABLE sales_2027 PARTITION OF sales FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')
       ~ public.sales
       + public.sales_2027
    5. create-table: CREATE TABLE sales_late PARTITION OF sales FOR VALUES FROM ('2025-06-01') TO ('2025-07-01')
       42P17 partition "sales_late" would overlap partition "sales_2025" [partition-overlap]
    6. query: SELECT sum(amount) FROM sales WHERE sold_on BETWEEN '2024-12-24' AND '2025-01-06'
    7. query: SELECT sum(amount) FROM sales WHERE date_trunc('year', sold_on) = '2024-01-01'
    8. query: INSERT INTO sales VALUES ('2026-05-01', 10)
       23514 no partition of relation "sales" found for row [insert-without-partition]
       DETAIL: Partition key of the failing row contains (sold_on) = (2026-05-01).
    "
  `);
});

it("catalog: the schema that the accepted statements leave", () => {
  expect(printCatalog(analysis.final)).toMatchInlineSnapshot(`
    "search_path public; TimeZone UTC
    public.sales partitioned-table PARTITION BY RANGE (sold_on)
        sold_on date not null
        amount numeric
        not-null sales_sold_on_not_null: 
      public.sales_2024 table FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
          sold_on date not null inherited
          amount numeric inherited
          not-null sales_sold_on_not_null: 
      public.sales_2025 table FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
          sold_on date not null inherited
          amount numeric inherited
          not-null sales_sold_on_not_null: 
      public.sales_2027 table FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')
          sold_on date not null inherited
          amount numeric inherited
          not-null sales_sold_on_not_null: 
    "
  `);
});

it("findings: what the rules say, at its place", () => {
  const findings = analysis.findings().map(({ range, rule, severity, message, advice }) => ({
    at: text.slice(range.start, range.end),
    [`${severity} ${rule}`]: message,
    advice,
  }));
  expect(findings).toMatchInlineSnapshot(`
    [
      {
        "advice": "Create the missing partition, or let a neighbour reach to the other.",
        "at": "('2027-01-01')",
        "warning range-gap": "No partition of "sales" takes the values 2026-01-01 … 2027-01-01, between "sales_2025" and "sales_2027". Rows with them are refused.",
      },
      {
        "advice": "FROM is inclusive and TO is exclusive: let this one begin where the other ends, or end where it begins.",
        "at": "'2025-06-01'",
        "error partition-overlap": "partition "sales_late" would overlap partition "sales_2025".",
      },
      {
        "advice": "Compare the key itself with constants: for a period, key >= start AND key < end.",
        "at": "date_trunc('year', sold_on) = '2024-01-01'",
        "warning pruning-defeated": "All 3 partitions of "sales" are read: the condition is on an expression over sold_on, not on sold_on itself.",
      },
      {
        "advice": "The whole statement fails: create the partition before, or a default partition.",
        "at": "'2026-05-01', 10",
        "error insert-without-partition": "no partition of relation "sales" found for row. Partition key of the failing row contains (sold_on) = (2026-05-01).",
      },
    ]
  `);
});

it("verdict: which partitions each query touches, as its lens says", () => {
  const titles = atOnce(partitionedQuerySteps(analysis)).map((step) => {
    const verdict = predictedVerdict(step, analysis.options);
    return lensTitle(verdict, textOfStatement(analysis.document, step.handle), {
      names: 3,
      sourceNote: () => "from this file",
    });
  });
  expect(titles).toMatchInlineSnapshot(`
    [
      "2 of 3 partitions · sales_2024, sales_2025 · from this file",
      "all 3 partitions: the condition is on an expression over sold_on, not on sold_on itself · from this file",
      "no partition takes the row · from this file",
    ]
  `);
});

it("script: the DDL that mends it, ready to run", () => {
  const script = generate(newRequest({ operation: "fill", table: "sales" }), {
    catalog: analysis.final,
    version: analysis.options.version,
    today: analysis.options.today,
    inTransaction: false,
    typedValues: typedValuesForTests(reading),
  });
  expect(script.ok ? script.value.sql : script.problem.message).toMatchInlineSnapshot(`
    "-- Fill the gap in sales.
    -- Readers and writers of sales go on: ATTACH takes SHARE UPDATE EXCLUSIVE there, unlike CREATE TABLE … PARTITION OF.
    -- Undo: DROP TABLE sales_2026.
    BEGIN;
    SET LOCAL lock_timeout = '5s';
    CREATE TABLE sales_2026 (LIKE sales INCLUDING ALL EXCLUDING IDENTITY);
    ALTER TABLE sales ATTACH PARTITION sales_2026
      FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    COMMIT;
    "
  `);
});
