/** Survivors read from real plans: what each shape of plan says, on several majors. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConnectedPlanner } from "../../server/src/postgres/connected-planner.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { readPlan } from "../../server/src/pruning/plan.ts";
import type { Planner } from "../../server/src/pruning/planner.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { askLast, readingForTests, summary } from "./support.ts";

const schema = `
CREATE SCHEMA app;
CREATE TABLE app.orders (d date NOT NULL, id int, n int) PARTITION BY RANGE (d);
CREATE TABLE app.o1 PARTITION OF app.orders FOR VALUES FROM ('2023-01-01') TO ('2023-02-01');
CREATE TABLE app.o2 PARTITION OF app.orders FOR VALUES FROM ('2023-02-01') TO ('2023-03-01');
CREATE TABLE app.o3 PARTITION OF app.orders FOR VALUES FROM ('2023-03-01') TO ('2023-04-01');
CREATE TABLE app.ev (id int) PARTITION BY HASH (id);
CREATE TABLE app.ev0 PARTITION OF app.ev FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.ev1 PARTITION OF app.ev FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE app.sub (d date, r text) PARTITION BY RANGE (d);
CREATE TABLE app.sub_a PARTITION OF app.sub FOR VALUES FROM ('2023-01-01') TO ('2024-01-01') PARTITION BY LIST (r);
CREATE TABLE app.sub_a_x PARTITION OF app.sub_a FOR VALUES IN ('x');
CREATE TABLE app.sub_a_y PARTITION OF app.sub_a FOR VALUES IN ('y');
CREATE TABLE app.sub_b PARTITION OF app.sub FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.inh (d date, n int);
CREATE TABLE app.inh_1 (CHECK (d < '2023-02-01')) INHERITS (app.inh);
CREATE TABLE app.inh_2 (CHECK (d >= '2023-02-01')) INHERITS (app.inh);
CREATE TABLE app.plain (id int PRIMARY KEY, d date);
CREATE VIEW app.early AS SELECT * FROM app.orders WHERE d < '2023-02-01';
SET search_path = app;
`;

const cases: readonly (readonly [string, readonly string[]])[] = [
  ["SELECT * FROM orders WHERE d >= '2023-02-15'", ["orders: o2 o3 of 3, planning, exact"]],
  ["SELECT * FROM orders x WHERE x.d = '2023-02-15'", ["orders: o2 of 3, planning, exact"]],
  ["SELECT * FROM orders WHERE d = '2020-01-01'", ["orders: none of 3, planning, exact"]],
  ["SELECT * FROM orders WHERE false", ["orders: none of 3, planning, exact"]],
  ["SELECT * FROM orders WHERE d > now()", ["orders: none of 3, executor-start, exact"]],
  ["SELECT * FROM orders WHERE d < now()", ["orders: o1 o2 o3 of 3, executor-start, exact"]],
  ["SELECT * FROM orders WHERE n = 1", ["orders: o1 o2 o3 of 3, planning, exact"]],
  ["SELECT * FROM orders WHERE d = (SELECT max(d) FROM plain)", ["orders: o1 o2 o3 of 3, execution, at-most"]],
  ["SELECT * FROM ev WHERE id = 1", ["ev: ev0 of 2, planning, exact"]],
  ["SELECT * FROM sub WHERE r = 'x'", ["sub: sub_a_x sub_b of 3, planning, exact"]],
  ["SELECT * FROM sub_a WHERE r = 'x'", ["sub_a: sub_a_x of 2, planning, exact"]],
  ["UPDATE orders SET n = 1 WHERE d < '2023-02-02'", ["orders: o1 o2 of 3, planning, exact"]],
  ["UPDATE orders SET n = 1 WHERE d = '2020-01-01'", ["orders: none of 3, planning, exact"]],
  [
    "DELETE FROM orders USING plain p WHERE orders.d = '2023-01-05' AND p.id = orders.id",
    ["orders: o1 of 3, planning, exact"],
  ],
  [
    "WITH g AS (DELETE FROM orders WHERE d = '2023-03-05' RETURNING *) SELECT * FROM g",
    ["orders: o3 of 3, planning, exact"],
  ],
  [
    "WITH g AS MATERIALIZED (SELECT * FROM orders) SELECT * FROM g WHERE d = '2023-03-05'",
    ["orders: o1 o2 o3 of 3, planning, exact"],
  ],
  ["SELECT * FROM early WHERE d > '2023-01-05'", ["orders: o1 of 3, planning, exact"]],
  [
    "SELECT * FROM orders a JOIN orders b ON a.id = b.id WHERE a.d = '2023-01-05' AND b.d >= '2023-03-01'",
    ["orders: o1 of 3, planning, exact", "orders: o3 of 3, planning, exact"],
  ],
  [
    "SELECT p.id FROM plain p LEFT JOIN (SELECT DISTINCT id FROM ev) e ON e.id = p.id",
    ["ev: none of 2, planning, exact"],
  ],
  ["SELECT min(d) FROM orders WHERE d > '2023-02-15'", ["orders: o2 o3 of 3, planning, exact"]],
  ["SELECT * FROM orders WHERE d = '2023-02-15' FOR UPDATE", ["orders: o2 of 3, planning, exact"]],
  ["SELECT * FROM inh WHERE d = '2023-01-15'", ["inh: inh inh_1 of 3, planning, exact"]],
  ["DELETE FROM inh WHERE d = '2023-03-15'", ["inh: inh inh_2 of 3, planning, exact"]],
];

describe.each([13, 15, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let planner: Planner;
  let reading: Reading;

  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    await database.client.query(schema);
    connection = connectionTo(database.connectionString);
    planner = createConnectedPlanner(connection, { runsFunctions: true });
  });

  afterAll(async () => {
    await connection.close();
    await database.close();
  });

  test.each(cases)("%s", async (query, expected) => {
    const verdict = await askLast(`${schema}${query}`, reading, planner, never);
    expect(verdict.problem).toBeNull();
    expect(summary(verdict)).toEqual(expected);
    expect(new Set(verdict.relations.map(({ source }) => source))).toEqual(new Set(["connected"]));
  });

  const executed: readonly (readonly [string, readonly string[]])[] = [
    ["EXECUTE one ('2023-02-15')", ["orders: o2 of 3, planning, exact"]],
    ["EXPLAIN EXECUTE two (1, '2023-02-15')", ["orders: o1 o2 of 3, planning, exact"]],
    ["CREATE TABLE copied AS EXECUTE one ('2023-03-15')", ["orders: o3 of 3, planning, exact"]],
    ["EXECUTE one (NULL)", ["orders: none of 3, planning, exact"]],
  ];
  test.each(executed)("what was prepared is planned with the arguments: %s", async (statement, expected) => {
    const prepare = `PREPARE one (date) AS SELECT * FROM orders WHERE d = $1;
      PREPARE two AS UPDATE orders SET n = $1 WHERE d <= $2;`;
    expect(summary(await askLast(`${schema}${prepare}${statement}`, reading, planner, never))).toEqual(expected);
  });

  const twins: readonly (readonly [string, readonly string[]])[] = [
    [
      "SELECT * FROM orders WHERE d = '2023-01-05' UNION ALL SELECT * FROM orders WHERE d = '2023-03-05'",
      ["orders: o1 of 3, planning, exact", "orders: o3 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM orders WHERE d >= '2023-02-05' UNION ALL SELECT * FROM orders",
      ["orders: o2 o3 of 3, planning, exact", "orders: o1 o2 o3 of 3, planning, exact"],
    ],
    [
      "SELECT * FROM orders WHERE d < '2023-02-05' AND id IN (SELECT id FROM orders WHERE d >= '2023-02-05')",
      ["orders: o1 o2 of 3, planning, exact", "orders: o2 o3 of 3, planning, exact"],
    ],
    [
      "WITH g AS (DELETE FROM orders WHERE d = '2023-03-05' RETURNING n) SELECT * FROM orders WHERE d = '2023-01-05' AND n IN (SELECT n FROM g)",
      ["orders: o3 of 3, planning, exact", "orders: o1 of 3, planning, exact"],
    ],
  ];
  test.each(twins)("mentions under one alias are told apart: %s", async (query, expected) => {
    expect(summary(await askLast(`${schema}${query}`, reading, planner, never))).toEqual(expected);
  });

  const late: readonly (readonly [string, readonly string[]])[] = [
    // A hash join reads all of both sides.
    ["SELECT * FROM orders JOIN plain ON orders.d = plain.d", ["orders: o1 o2 o3 of 3, planning, exact"]],
    ["DELETE FROM orders USING plain WHERE orders.d = plain.d", ["orders: o1 o2 o3 of 3, planning, exact"]],
    ["SELECT * FROM orders WHERE d IN (SELECT d FROM plain)", ["orders: o1 o2 o3 of 3, planning, exact"]],
    [
      "SELECT * FROM plain p, LATERAL (SELECT * FROM orders o WHERE o.d = p.d LIMIT 1) l",
      ["orders: o1 o2 o3 of 3, execution, at-most"],
    ],
    [
      "SELECT (SELECT max(n) FROM orders o WHERE o.d = p.d) FROM plain p",
      ["orders: o1 o2 o3 of 3, execution, at-most"],
    ],
    // The parameter is compared with another column than the key.
    ["SELECT (SELECT max(n) FROM orders o WHERE o.id = p.id) FROM plain p", ["orders: o1 o2 o3 of 3, planning, exact"]],
    [
      "SELECT (SELECT max(n) FROM orders o WHERE o.d = p.d OR o.n = 1) FROM plain p",
      ["orders: o1 o2 o3 of 3, planning, exact"],
    ],
    [
      "SELECT (SELECT max(r) FROM sub s WHERE s.r = p.id::text) FROM plain p",
      ["sub: sub_a_x sub_a_y sub_b of 3, execution, at-most"],
    ],
    ["SELECT * FROM ev WHERE id = (SELECT max(id) FROM plain)", ["ev: ev0 ev1 of 2, execution, at-most"]],
    ["SELECT * FROM ev WHERE id > (SELECT max(id) FROM plain)", ["ev: ev0 ev1 of 2, planning, exact"]],
    ["SELECT * FROM orders WHERE d = ANY (ARRAY(SELECT d FROM plain))", ["orders: o1 o2 o3 of 3, planning, exact"]],
    ["SELECT * FROM orders WHERE d = $1", ["orders: o1 o2 o3 of 3, executor-start, at-most"]],
  ];
  test.each(late)("what is decided later is read from the plan: %s", async (query, expected) => {
    expect(summary(await askLast(`${schema}${query}`, reading, planner, never))).toEqual(expected);
  });

  test("a database with partitions that the files do not have is not believed to have none", async () => {
    const fewer = schema.replace(/CREATE TABLE app\.o3[^;]*;/, "");
    const verdict = await askLast(`${fewer}SELECT * FROM orders WHERE d >= '2023-02-15'`, reading, planner, never);
    expect(verdict.problem).toBe("the database has other partitions than are known from the files");
    expect(summary(verdict)).toEqual(["orders: o2 of 2, planning, exact"]);
    expect(verdict.relations[0]?.source).toBe("predicted");
  });

  test("a refused statement leaves the prediction and says why", async () => {
    const verdict = await askLast(
      `${schema}CREATE TABLE later (x int); SELECT * FROM orders, later`,
      reading,
      planner,
      never,
    );
    expect(verdict.problem).toBe('relation "later" does not exist');
    expect(summary(verdict)).toEqual(["orders: o1 o2 o3 of 3, planning, exact"]);
  });
});

test("what a foreign server does by itself is read from its relations", () => {
  const plan = [
    { Plan: { "Node Type": "Foreign Scan", Relations: '(app.fa_1 fa) INNER JOIN (app."f b" "f b_2")', Plans: [] } },
  ];
  expect(readPlan(plan)?.scans).toEqual([
    { schema: "app", name: "fa_1", alias: "fa", append: null, conditions: [] },
    { schema: "app", name: "f b", alias: "f b_2", append: null, conditions: [] },
  ]);
  expect(readPlan("no plan")).toBeNull();
});

test("plans of extensions are told apart", () => {
  const scan = { "Node Type": "Seq Scan", "Relation Name": "t_1", Schema: "public", Alias: "t" };
  const append = { "Node Type": "Custom Scan", "Custom Plan Provider": "RuntimeAppend", Plans: [scan] };
  expect(readPlan([{ Plan: append }])).toMatchObject({
    choosesWhileRunning: true,
    distributed: false,
    scans: [{ name: "t_1" }],
  });
  const adaptive = { "Node Type": "Custom Scan", "Custom Plan Provider": "Citus Adaptive" };
  expect(readPlan([{ Plan: adaptive }])).toMatchObject({ distributed: true, scans: [] });
  const nothing = { "Node Type": "Result", "One-Time Filter": "false" };
  expect(readPlan([{ Plan: nothing }])).toMatchObject({ hasEmptyPart: true, scans: [] });
});
