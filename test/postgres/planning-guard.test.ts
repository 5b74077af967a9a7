/** Planning runs nobody's function: what is sent instead, what is not sent, and that a real server ran nothing. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConnectedPlanner } from "../../server/src/postgres/connected-planner.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import type { Planner, PlanRequest } from "../../server/src/pruning/planner.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let connection: DatabaseConnection;
  let planner: Planner;

  beforeAll(async () => {
    database = await createDatabase(major);
    // Each leaves a lock behind that outlives a rollback: the mark by which a call is seen.
    const marks = "BEGIN PERFORM pg_advisory_lock(4711); RETURN x; END";
    await database.client.query(`
      CREATE FUNCTION runs(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS '${marks}';
      CREATE FUNCTION later(x int) RETURNS int LANGUAGE plpgsql STABLE AS '${marks}';
      CREATE FUNCTION day(x date) RETURNS date LANGUAGE plpgsql IMMUTABLE AS '${marks}';
      CREATE FUNCTION always(x int) RETURNS int LANGUAGE plpgsql VOLATILE AS '${marks}';
      CREATE FUNCTION inlined(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x + runs(1)';
      CREATE FUNCTION two(x int) RETURNS SETOF int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(4711); RETURN NEXT x; END';
      CREATE FUNCTION is_good(x int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(4711); RETURN true; END';
      CREATE FUNCTION is_same(a int, b text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(4711); RETURN true; END';
      CREATE TABLE orders (d date, n int) PARTITION BY RANGE (d);
      CREATE TABLE orders_2023 PARTITION OF orders FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
      CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE VIEW plain AS SELECT * FROM orders;
      CREATE VIEW viewed AS SELECT *, runs(1) AS r FROM orders;
      CREATE VIEW above AS SELECT * FROM viewed;
      CREATE VIEW one AS SELECT 1 AS x;
      CREATE TABLE guarded (n int);
      ALTER TABLE guarded ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
      CREATE POLICY p ON guarded USING (runs(1) = 1);
      CREATE DOMAIN good AS int CHECK (is_good(VALUE));
      CREATE TABLE typed (g good, n int);
      CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = is_same);
      CREATE TABLE defaulted (n int DEFAULT runs(1), m int);
      CREATE TABLE checked (n int CHECK (n > runs(1)));
      CREATE TABLE keyed (n int) PARTITION BY LIST (runs(n));
      CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES IN (1);
      CREATE FUNCTION inner_plus(int, int) RETURNS int LANGUAGE internal IMMUTABLE AS 'int4pl';
      CREATE FUNCTION is_valid(oid) RETURNS void LANGUAGE c IMMUTABLE AS '$libdir/plpgsql', 'plpgsql_validator';
      CREATE VIEW compiled AS SELECT d, inner_plus(1, 1) AS two, is_valid(n::oid) IS NULL AS v FROM orders;
      SELECT pg_advisory_unlock_all();
    `);
    connection = connectionTo(database.connectionString);
    planner = createConnectedPlanner(connection, { runsFunctions: false });
  });
  afterAll(async () => {
    await connection.close();
    await database.close();
  });

  async function scanned(sql: string): Promise<string> {
    const request: PlanRequest = {
      sql,
      readOnlySql: null,
      searchPath: ["public"],
      timeZone: "UTC",
      plannerSettings: {},
      roots: [],
    };
    const answer = await planner.explain(request, never);
    if (!answer.ok) return answer.problem.message;
    return [...JSON.stringify(answer.plan).matchAll(/"Relation Name":"(\w+)"/g)].map((match) => match[1]).join(" ");
  }

  test("functions written in C, which superusers alone create, count as PostgreSQL's own", async () => {
    expect(await scanned("SELECT * FROM compiled WHERE d = '2024-05-05'")).toBe("orders_2024");
    const role = `plain_${crypto.randomUUID().replaceAll("-", "")}`;
    await database.client.query(`CREATE ROLE ${role}; GRANT CREATE ON SCHEMA public TO ${role}`);
    try {
      for (const body of ["internal AS 'int4pl'", "c AS '$libdir/plpgsql', 'plpgsql_validator'"])
        await expect(
          database.client.query(`SET ROLE ${role}; CREATE FUNCTION mine(int, int) RETURNS int LANGUAGE ${body}`),
        ).rejects.toMatchObject({ code: "42501" });
    } finally {
      await database.client.query("RESET ROLE");
      await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  /** Whether a call has left its mark on some session. */
  async function wasCalled(): Promise<boolean> {
    const { rows } = await database.client.query("SELECT FROM pg_locks WHERE locktype = 'advisory'");
    return rows.length > 0;
  }

  test("the mark is seen where a function runs", async () => {
    await database.client.query("SELECT runs(1)");
    expect(await wasCalled()).toBe(true);
    await database.client.query("SELECT pg_advisory_unlock_all()");
  });

  const all = "orders_2023 orders_2024";
  test.each([
    ["SELECT * FROM orders WHERE d = '2024-05-05'", "orders_2024"],
    // A call without columns is a value that is known when the query runs.
    ["SELECT * FROM orders WHERE d = day('2024-05-05')", all],
    ["SELECT * FROM orders WHERE d = public.day(date '2024-05-05' + 1)", all],
    ["SELECT * FROM orders WHERE d = day('2024-05-05') AND d >= '2024-01-01'", "orders_2024"],
    ["SELECT runs(runs(1)), later(2) FROM orders WHERE d < '2023-05-05'", "orders_2023"],
    ["UPDATE orders SET n = runs(1) WHERE d < '2023-05-05'", "orders orders_2023 orders_2023"],
    ["SELECT always(1) FROM orders WHERE d < '2023-05-05'", "orders_2023"],
    ["SELECT * FROM orders, runs(1)", all],
    // With columns of a table it is not run.
    ["SELECT * FROM orders WHERE runs(n) = 1 AND d < '2023-05-05'", "orders_2023"],
    ["SELECT pg_catalog.abs(n) FROM plain WHERE d < '2023-05-05'", "orders_2023"],
    // A name alone is no call.
    ["SELECT n AS runs FROM orders WHERE d < '2023-05-05'", "orders_2023"],
  ])("%s is planned", async (sql, expected) => {
    expect(await scanned(sql)).toBe(expected);
    expect(await wasCalled()).toBe(false);
  });

  test.each([
    ["SELECT inlined(n) FROM orders", "public.inlined"],
    ["SELECT * FROM two(1)", "public.two"],
    ["SELECT two(1) FROM orders", "public.two"],
    ["SELECT runs(x) FROM (SELECT 1 AS x) s", "public.runs"],
    ["WITH s AS (SELECT 1 AS x) SELECT runs(x) FROM s", "public.runs"],
    ["SELECT runs(x) FROM (VALUES (1)) s (x)", "public.runs"],
    ["SELECT runs(x) FROM one", "public.runs"],
    ['SELECT "runs"(x) FROM one', "public.runs"],
    ["SELECT * FROM viewed", "public.runs"],
    ["SELECT * FROM above WHERE d = '2024-05-05'", "public.runs"],
    ["SELECT * FROM guarded", "public.runs"],
    ["SELECT 5::good", "public.is_good"],
    ["SELECT * FROM typed WHERE g = 5", "public.is_good"],
    ["SELECT 1 === 'a'::text", "public.is_same"],
    ["INSERT INTO defaulted (m) VALUES (1)", "public.runs"],
    ["SELECT * FROM checked WHERE n = 1", "public.runs"],
    ["SELECT * FROM keyed WHERE runs(n) = 1", "public.runs"],
  ])("%s is not sent", async (sql, reached) => {
    expect(await scanned(sql)).toBe(`predicted: planning would run ${reached}()`);
    expect(await wasCalled()).toBe(false);
  });

  test("what is made after the catalogs were read is seen at the next question", async () => {
    expect(await scanned("SELECT * FROM orders WHERE d = '2024-05-05'")).toBe("orders_2024");
    await database.client.query("CREATE VIEW fresh AS SELECT runs(7) AS r");
    expect(await scanned("SELECT * FROM fresh")).toBe("predicted: planning would run public.runs()");
    await database.client.query(
      "CREATE FUNCTION newer(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_advisory_lock(4711); RETURN x; END'",
    );
    expect(await scanned("SELECT newer(x) FROM one")).toBe("predicted: planning would run public.newer()");
    await database.client.query("ALTER TABLE orders_2024 ADD CHECK (n <> newer(1)); SELECT pg_advisory_unlock_all()");
    expect(await scanned("SELECT * FROM orders")).toBe("predicted: planning would run public.newer()");
    expect(await wasCalled()).toBe(false);
    await database.client.query("ALTER TABLE orders_2024 DROP CONSTRAINT orders_2024_n_check");
    expect(await scanned("SELECT * FROM orders")).toBe(all);
  });

  test("where the user allows it functions run, and their session locks are let go", async () => {
    const careless = createConnectedPlanner(connection, { runsFunctions: true });
    const request = { readOnlySql: null, searchPath: ["public"], timeZone: "UTC", plannerSettings: {}, roots: [] };
    const answer = await careless.explain({ sql: "SELECT * FROM orders WHERE n = runs(1)", ...request }, never);
    expect(answer).toMatchObject({ ok: true });
    expect(await wasCalled()).toBe(false);
    const failed = await careless.explain({ sql: "SELECT runs(1) / 0 FROM orders", ...request }, never);
    expect(failed).toMatchObject({ ok: false });
    expect(await wasCalled()).toBe(false);
  });

  test("a statement with a NUL is not sent", async () => {
    expect(await scanned("SELECT * FROM orders WHERE d = '2024-05-05'\0 AND false")).toMatch(/NUL character/);
  });
});
