/** Verdicts on statements: which tables, which leaves, when decided, why not fewer. */

import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import type { Planner } from "../../server/src/pruning/planner.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { askLast, options, predictLast, readingForTests, summary } from "./support.ts";

let reading: Reading;

beforeAll(async () => {
  reading = await readingForTests();
});

const sales = `
CREATE TABLE sales (d date NOT NULL, region text, n int) PARTITION BY RANGE (d);
CREATE TABLE sales_2022 PARTITION OF sales FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shops (id int, region text, opened date);
`;

function predicted(query: string, schema = sales): readonly string[] {
  return summary(predictLast(`${schema}\n${query}`, reading));
}

function reasons(query: string, schema = sales): readonly string[] {
  return predictLast(`${schema}\n${query}`, reading).relations.flatMap((relation) =>
    relation.reasons.map(({ kind, message }) => `${kind}: ${message}`),
  );
}

describe("tables are found wherever a query mentions them", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["SELECT * FROM sales WHERE d = '2023-05-05'", ["sales: sales_2023 of 3, planning, exact"]],
    ["SELECT * FROM sales AS s WHERE s.d < '2023-01-01'", ["sales: sales_2022 of 3, planning, exact"]],
    ["UPDATE sales SET n = 1 WHERE d >= '2024-01-01'", ["sales: sales_2024 of 3, planning, exact"]],
    [
      "DELETE FROM sales WHERE d IN ('2022-01-01', '2024-12-31')",
      ["sales: sales_2022 sales_2024 of 3, planning, exact"],
    ],
    ["SELECT * FROM ONLY sales", ["sales: none of 3, planning, exact"]],
    ["SELECT * FROM shops", []],
    [
      "WITH s AS (SELECT * FROM sales) SELECT * FROM s WHERE d = '2023-05-05'",
      ["sales: sales_2023 of 3, planning, exact"],
    ],
    [
      "WITH s AS MATERIALIZED (SELECT * FROM sales) SELECT * FROM s WHERE d = '2023-05-05'",
      ["sales: sales_2022 sales_2023 sales_2024 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM (SELECT d AS day, n FROM sales) q WHERE day > '2024-02-02'",
      ["sales: sales_2024 of 3, planning, exact"],
    ],
    ["SELECT d, count(*) FROM sales GROUP BY d HAVING d = '2022-03-03'", ["sales: sales_2022 of 3, planning, exact"]],
    [
      "SELECT * FROM (SELECT d, count(*) FROM sales GROUP BY d) q WHERE d = '2022-03-03'",
      ["sales: sales_2022 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM (SELECT * FROM sales LIMIT 5) q WHERE d = '2022-03-03'",
      ["sales: sales_2022 sales_2023 sales_2024 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM sales a JOIN sales b ON a.d = b.d WHERE a.d = '2022-03-03'",
      ["sales: sales_2022 of 3, planning, exact", "sales: sales_2022 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM sales a LEFT JOIN sales b ON a.d = b.d WHERE a.d = '2022-03-03'",
      ["sales: sales_2022 of 3, planning, exact", "sales: sales_2022 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM sales a LEFT JOIN sales b ON a.d = '2022-03-03' AND b.d = '2023-03-03'",
      ["sales: sales_2022 sales_2023 sales_2024 of 3, planning, exact", "sales: sales_2023 of 3, planning, exact"],
    ],
    [
      "SELECT (SELECT max(n) FROM sales WHERE d = '2024-01-01') FROM shops",
      ["sales: sales_2024 of 3, planning, exact"],
    ],
    ["EXPLAIN SELECT * FROM sales WHERE d = '2023-05-05'", ["sales: sales_2023 of 3, planning, exact"]],
    ["CREATE TABLE copied AS SELECT * FROM sales WHERE d = '2023-05-05'", ["sales: sales_2023 of 3, planning, exact"]],
    ["COPY (SELECT * FROM sales WHERE d = '2023-05-05') TO STDOUT", ["sales: sales_2023 of 3, planning, exact"]],
    [
      "MERGE INTO sales s USING shops o ON s.d = o.opened AND s.d = '2023-05-05' WHEN MATCHED THEN DELETE",
      ["sales: sales_2023 of 3, planning, exact"],
    ],
    ["DO $$ BEGIN DELETE FROM sales WHERE d < '2023-01-01'; END $$", ["sales: sales_2022 of 3, planning, exact"]],
  ];
  test.each(cases)("%s", (query, expected) => expect(predicted(query)).toEqual(expected));
});

test("a view passes conditions on to the tables it reads", () => {
  const view = `${sales} CREATE VIEW recent (day, amount) AS SELECT d, n FROM sales WHERE d >= '2023-01-01';`;
  expect(predicted("SELECT * FROM recent WHERE day < '2024-01-01'", view)).toEqual([
    "sales: sales_2023 of 3, planning, exact",
  ]);
  expect(predicted("SELECT * FROM recent", view)).toEqual(["sales: sales_2023 sales_2024 of 3, planning, exact"]);
});

test("what is decided later is said to be at most", () => {
  const all = "sales_2022 sales_2023 sales_2024 of 3";
  expect(predicted("SELECT * FROM sales WHERE d >= now()")).toEqual([`sales: ${all}, executor-start, at-most`]);
  expect(predicted("PREPARE q AS SELECT * FROM sales WHERE d = $1")).toEqual([
    `sales: ${all}, executor-start, at-most`,
  ]);
  expect(predicted("SELECT * FROM sales WHERE d = (SELECT max(opened) FROM shops)")).toEqual([
    `sales: ${all}, execution, at-most`,
  ]);
  // A join that may be hashed reads all.
  expect(predicted("SELECT * FROM sales JOIN shops ON d = opened")).toEqual([`sales: ${all}, planning, exact`]);
  expect(predicted("SELECT * FROM sales WHERE d = $1 AND d < '2023-01-01'")).toEqual([
    "sales: sales_2022 of 3, planning, exact",
  ]);
  // The time zone is known, so the comparison with a timestamptz can be computed.
  expect(predicted("SELECT * FROM sales WHERE d > timestamptz '2024-01-01 00:00+00'")).toEqual([
    "sales: sales_2024 of 3, executor-start, exact",
  ]);
});

describe("EXECUTE touches what its PREPARE says, with its arguments", () => {
  const prepared = `${sales}
    PREPARE one (date) AS SELECT * FROM sales WHERE d = $1;
    PREPARE several AS SELECT * FROM sales WHERE d = ANY ($1);
    PREPARE add (date) AS INSERT INTO sales VALUES ($1, 'x', 1);`;
  const generic = `${prepared} SET plan_cache_mode = force_generic_plan;`;
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["EXECUTE one ('2023-02-02')", prepared, ["sales: sales_2023 of 3, planning, exact"]],
    ["EXECUTE one ('2023-02-02')", generic, ["sales: sales_2023 of 3, executor-start, exact"]],
    ["EXECUTE one (NULL)", prepared, ["sales: none of 3, planning, exact"]],
    ["EXPLAIN EXECUTE one ('2023-02-02')", prepared, ["sales: sales_2023 of 3, planning, exact"]],
    ["EXPLAIN ANALYZE EXECUTE one ('2024-02-02')", prepared, ["sales: sales_2024 of 3, planning, exact"]],
    ["CREATE TABLE copied AS EXECUTE one ('2022-02-02')", prepared, ["sales: sales_2022 of 3, planning, exact"]],
    [
      "EXECUTE several ('{2022-02-02,2024-02-02}'::date[])",
      prepared,
      ["sales: sales_2022 sales_2024 of 3, planning, exact"],
    ],
    ["EXECUTE add ('2024-02-02')", prepared, ["sales: sales_2024 of 3, execution, exact"]],
    [
      "BEGIN; PREPARE late AS TABLE sales; ROLLBACK; EXECUTE late",
      prepared,
      ["sales: sales_2022 sales_2023 sales_2024 of 3, planning, exact"],
    ],
  ];
  test.each(cases)("%s", (statement, schema, expected) => expect(predicted(statement, schema)).toEqual(expected));

  test("what is not known to be prepared, or has another number of arguments, touches nothing that is known", () => {
    expect(predicted("EXECUTE another ('2023-02-02')", prepared)).toEqual([]);
    expect(predicted("EXECUTE one", prepared)).toEqual([]);
    expect(predicted("DEALLOCATE one; EXECUTE one ('2023-02-02')", prepared)).toEqual([]);
    expect(predicted("DISCARD ALL; EXECUTE one ('2023-02-02')", prepared)).toEqual([]);
  });
});

test("a condition that cannot go inside is the reason, and no missing one", () => {
  const outside = (what: string) => [
    `condition-above: the condition on d stands outside ${what} and is not moved inside`,
  ];
  const where = "q WHERE d = '2023-05-05'";
  expect(reasons(`SELECT * FROM (SELECT *, rank() OVER (PARTITION BY n) FROM sales) ${where}`)).toEqual(
    outside("a window function that is not partitioned by it"),
  );
  expect(reasons(`SELECT * FROM (SELECT * FROM sales LIMIT 5) ${where}`)).toEqual(outside("LIMIT"));
  expect(reasons(`SELECT * FROM (SELECT DISTINCT ON (n) * FROM sales) ${where}`)).toEqual(
    outside("DISTINCT ON without it"),
  );
  expect(reasons("SELECT * FROM (SELECT * FROM sales LIMIT 5) q WHERE n = 5")).toEqual([
    "no-predicate: no predicate on d",
  ]);
});

describe("what cannot be told is unknown", () => {
  const moving = `${sales} CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';`;
  const insert = "INSERT INTO sales VALUES ('2023-05-05', 'x', 1)";
  const unknown = ["sales: unknown of 3, execution, unknown"];

  test("where a row goes behind a trigger that may change it", () => {
    const trigger = "CREATE TRIGGER t BEFORE INSERT ON sales FOR EACH ROW EXECUTE FUNCTION f();";
    expect(predicted(`${trigger} ${insert}`, moving)).toEqual(unknown);
    const ofPartition = "CREATE TRIGGER t BEFORE INSERT ON sales_2023 FOR EACH ROW EXECUTE FUNCTION f();";
    expect(predicted(`${ofPartition} ${insert}`, moving)).toEqual(unknown);
    const after = "CREATE TRIGGER t AFTER INSERT ON sales FOR EACH ROW EXECUTE FUNCTION f();";
    expect(predicted(`${after} ${insert}`, moving)).toEqual(["sales: sales_2023 of 3, execution, exact"]);
  });

  test("whether a partition is there whose bound cannot be read, for PostgreSQL may have refused it", () => {
    const tables = `
      CREATE FUNCTION last_year() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 2009; END';
      CREATE TABLE t (y int) PARTITION BY RANGE (y);
      CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (2000) TO (2010);
      CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (last_year()) TO (2020);`;
    expect(predicted("SELECT * FROM t", tables)).toEqual(["t: t1 t2 of 2, planning, at-most"]);
    expect(predicted("SELECT * FROM t WHERE y + 1 = 2", tables)).toEqual(["t: t1 t2 of 2, planning, at-most"]);
    expect(predicted("SELECT * FROM t1", tables)).toEqual(["t1: t1 of 1, planning, exact"]);
  });

  test("what an embedded PostgreSQL would say after something that it did not run", async () => {
    const never: Planner = {
      source: "embedded",
      explain: () => Promise.reject(new Error("Nobody is to be asked.")),
    };
    const call = "CREATE EXTENSION pg_unheard_of; SELECT make_parts('public.sales', 'd', '1 month');";
    const verdict = await askLast(`${sales}${call}SELECT * FROM sales`, reading, never, new AbortController().signal);
    expect(verdict.relations.map(({ survivors, certainty }) => [survivors, certainty])).toEqual([[null, "unknown"]]);
  });
});

test("a table in a tree is told by itself where a query names it", () => {
  expect(predicted("SELECT * FROM sales_2023 WHERE n = 5")).toEqual(["sales_2023: sales_2023 of 1, planning, exact"]);
  // Its bound says nothing unless constraint_exclusion is on.
  expect(predicted("SELECT * FROM sales_2023 WHERE d = '2024-05-05'")).toEqual([
    "sales_2023: sales_2023 of 1, planning, exact",
  ]);
  expect(predicted("SELECT * FROM sales_2023 WHERE false")).toEqual(["sales_2023: none of 1, planning, exact"]);
  const inherited = "CREATE TABLE p (k int); CREATE TABLE c (CHECK (k < 5)) INHERITS (p);";
  expect(predicted("DELETE FROM c WHERE k = 7", inherited)).toEqual(["c: c of 1, planning, exact"]);
  expect(predicted("SET constraint_exclusion = on; DELETE FROM c WHERE k = 7", inherited)).toEqual([
    "c: none of 1, planning, exact",
  ]);
});

test("reasons say why not fewer", () => {
  expect(reasons("SELECT * FROM sales WHERE n = 5")).toEqual(["no-predicate: no predicate on d"]);
  expect(reasons("SELECT * FROM sales WHERE extract(year FROM d) = 2023")).toEqual([
    "key-wrapped: the condition is on an expression over d, not on d itself",
  ]);
  expect(reasons("SELECT * FROM sales WHERE extract(isodow FROM d) > 5")).toEqual([
    "recurring-part: the condition is on what comes again in every period of d",
  ]);
  expect(reasons("SELECT * FROM sales WHERE d::text LIKE '2023%'")).toEqual([
    "key-wrapped: the condition does not compare d itself",
  ]);
  expect(reasons("SELECT * FROM sales WHERE d = '2023-01-01' OR n = 5")).toEqual([
    "or-without-key: one side of the OR has no condition on the partition key",
  ]);
  expect(reasons("SELECT * FROM sales WHERE d >= now()")).toEqual([
    "stable-expression: the value for d is computed when execution starts",
  ]);
  for (const test of ["IS TRUE", "IS NOT FALSE"]) {
    expect(reasons(`SELECT * FROM sales WHERE (d = '2023-01-01') ${test}`)).toEqual([
      `key-wrapped: the condition stands under ${test}, which does not prune`,
    ]);
  }
  for (const elsewhere of [
    "WITH q AS MATERIALIZED (SELECT * FROM sales) SELECT * FROM q WHERE d = '2023-01-01'",
    "SELECT d FROM sales GROUP BY ROLLUP (d) HAVING d = '2023-01-01'",
    "SELECT * FROM (SELECT d FROM sales EXCEPT SELECT DATE '2023-01-02') s WHERE d = '2023-01-01'",
    "SELECT * FROM sales WHERE NOT EXISTS (SELECT WHERE sales.d = '2023-01-01' AND n > 1)",
  ]) {
    expect(reasons(elsewhere)).toEqual(["condition-above: no condition of the query on d reaches the table"]);
  }
  expect(reasons("SELECT * FROM sales WHERE d = $1")).toEqual([
    "parameter: the value for d is a parameter, known when execution starts",
  ]);
  expect(reasons("SELECT * FROM sales WHERE d <> '2023-01-01'")).toEqual([
    "inequality: <> on d leaves every partition",
  ]);
  expect(reasons("SET enable_partition_pruning = off; SELECT * FROM sales WHERE d = '2023-01-01'")).toEqual([
    "setting-off: enable_partition_pruning is off",
  ]);
  expect(reasons("SELECT * FROM sales WHERE d = '2023-01-01'")).toEqual([]);
  const keys = `CREATE TABLE k (a int, b bigint, c bool) PARTITION BY RANGE (a, b);
    CREATE TABLE k1 PARTITION OF k FOR VALUES FROM (0, 0) TO (10, 0);
    CREATE TABLE k2 PARTITION OF k FOR VALUES FROM (10, 0) TO (20, 0);`;
  expect(reasons("SELECT * FROM k WHERE b = 5", keys)).toEqual([
    "key-prefix: no condition on a, the first column of the partition key",
  ]);
  expect(reasons("SELECT * FROM k WHERE (a, b) > (1, 2)", keys)).toEqual([
    "row-comparison: rows are compared as a whole, which does not prune; compare the columns one by one",
  ]);
  expect(reasons("SELECT * FROM k WHERE a = 5.5", keys)).toEqual([
    "type-mismatch: a, b is converted to numeric for the comparison, which hides it from pruning",
  ]);
});

test("the range of a reason is the condition it is about", () => {
  const query = "SELECT * FROM sales WHERE n > 0 AND date_trunc('year', d) = '2023-01-01'";
  const [relation] = predictLast(`${sales}${query}`, reading).relations;
  const range = relation?.reasons[0]?.range;
  expect(range && query.slice(range.start, range.end)).toBe("date_trunc('year', d) = '2023-01-01'");
});

test("INSERT of constants is routed, row by row", () => {
  expect(predicted("INSERT INTO sales VALUES ('2022-05-05', 'x', 1), ('2024-05-05', 'x', 1)")).toEqual([
    "sales: sales_2022 sales_2024 of 3, execution, exact",
  ]);
  expect(predicted("INSERT INTO sales (n, d) VALUES (1, '2023-12-31')")).toEqual([
    "sales: sales_2023 of 3, execution, exact",
  ]);
  expect(predicted("INSERT INTO sales VALUES ('1999-05-05', 'x', 1)")).toEqual(["sales: none of 3, execution, exact"]);
  const unique = `${sales}ALTER TABLE sales ADD UNIQUE (d);\nINSERT INTO sales VALUES ('2022-05-05');\n`;
  expect(predicted("INSERT INTO sales VALUES ('2022-05-05')", unique)).toEqual([
    "sales: sales_2022 of 3, execution, exact",
  ]);
  const positive = `${sales}ALTER TABLE sales ADD CHECK (n > 0);\n`;
  expect(predicted("INSERT INTO sales VALUES ('2022-05-05', 'x', 0), ('2024-05-05', 'x', 1)", positive)).toEqual([
    "sales: sales_2022 of 3, execution, exact",
  ]);
  expect(predicted("INSERT INTO sales VALUES (NULL)")).toEqual(["sales: none of 3, execution, exact"]);
  expect(predicted("INSERT INTO sales SELECT opened, region, id FROM shops")).toEqual([
    "sales: unknown of 3, execution, unknown",
  ]);
});

test("a statement that does not run touches nothing", () => {
  expect(predicted("BEGIN; SELECT * FROM nowhere; SELECT * FROM sales")).toEqual([]);
  expect(predicted("SELECT * FROM sales JOIN nowhere ON true")).toEqual([]);
  expect(predicted("SELEC * FROM sales")).toEqual([]);
});

test("nothing is claimed of a table that is created elsewhere", () => {
  const { statements } = parseDocument(
    "CREATE TABLE sales_1 PARTITION OF sales FOR VALUES FROM (1) TO (2); SELECT * FROM sales WHERE id = 1",
    reading,
  );
  const start = emptyCatalog({ complete: false, timeZone: "UTC" });
  const last = replay({ file: "lone.sql", statements, start, options, previous: [] }).at(-1);
  const verdict = last === undefined ? null : predictedVerdict(last, options);
  expect(verdict?.relations).toMatchObject([
    { survivors: null, certainty: "unknown", leaves: [{ name: "sales_1" }], reasons: [{ kind: "no-source" }] },
  ]);
});

test("ranges are those of the statement, also inside a DO block", () => {
  const query = "DO $$ BEGIN\n  DELETE FROM sales WHERE n = 1;\nEND $$";
  const [relation] = predictLast(`${sales}${query}`, reading).relations;
  expect(relation && query.slice(relation.range.start, relation.range.end)).toBe("sales");
});

test("children by inheritance are excluded by their CHECK constraints, and the parent stays", () => {
  const logs = `CREATE TABLE logs (at timestamp NOT NULL, m text);
    CREATE TABLE logs_1 (CHECK (at >= '2023-01-01' AND at < '2023-02-01')) INHERITS (logs);
    CREATE TABLE logs_2 (CHECK (at >= '2023-02-01' AND at < '2023-03-01')) INHERITS (logs);`;
  expect(predicted("SELECT * FROM logs WHERE at = '2023-02-14'", logs)).toEqual([
    "logs: logs logs_2 of 3, planning, exact",
  ]);
  expect(predicted("SELECT * FROM logs WHERE at = '2023-05-14'", logs)).toEqual(["logs: logs of 3, planning, exact"]);
  expect(predicted("SELECT * FROM logs WHERE at >= now()", logs)).toEqual([
    "logs: logs logs_1 logs_2 of 3, planning, exact",
  ]);
  expect(predicted("SELECT * FROM ONLY logs", logs)).toEqual(["logs: logs of 3, planning, exact"]);
});
