/** The connected planner plans and does nothing else, whatever the text tries. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConnectedPlanner } from "../../server/src/postgres/connected-planner.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import type { Planner, PlanRequest } from "../../server/src/pruning/planner.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

let database: TestDatabase;
let connection: DatabaseConnection;
let planner: Planner;

beforeAll(async () => {
  database = await createDatabase();
  await database.client.query(`
    CREATE TABLE orders (d date, n int) PARTITION BY RANGE (d);
    CREATE TABLE orders_2023 PARTITION OF orders FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
    CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE audit (x int);
    INSERT INTO audit VALUES (1);
    CREATE SEQUENCE numbers;
    CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN INSERT INTO audit VALUES (2); RETURN 1; END';
    CREATE FUNCTION says_immutable() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN writes(); END';
    CREATE FUNCTION counts() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN nextval('numbers'); END $$;
    CREATE FUNCTION sleeps() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(60); RETURN 1; END';
    CREATE FUNCTION switches() RETURNS int LANGUAGE plpgsql VOLATILE AS
      'BEGIN SET LOCAL transaction_read_only = off; INSERT INTO audit VALUES (3); RETURN 1; END';
    CREATE FUNCTION unlocks() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN switches(); END';
  `);
  connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 8_000 });
  planner = createConnectedPlanner(connection, { runsFunctions: true });
});

afterAll(async () => {
  await connection.close();
  await database.close();
});

function request(sql: string, more: Partial<PlanRequest> = {}): PlanRequest {
  return { sql, readOnlySql: null, searchPath: ["public"], timeZone: "UTC", plannerSettings: {}, roots: [], ...more };
}

async function scanned(sql: string, more: Partial<PlanRequest> = {}): Promise<string> {
  const answer = await planner.explain(request(sql, more), never);
  if (!answer.ok) return `${answer.problem.kind} ${answer.problem.sqlstate}: ${answer.problem.message}`;
  return [...JSON.stringify(answer.plan).matchAll(/"Relation Name":"(\w+)"/g)].map((match) => match[1]).join(" ");
}

test("a plan comes back with the schema of each relation", async () => {
  const answer = await planner.explain(request("SELECT * FROM orders WHERE d = '2024-05-05'"), never);
  expect(answer).toMatchObject({
    ok: true,
    plan: [{ Plan: { "Relation Name": "orders_2024", Schema: "public" } }],
  });
  expect(answer.ok && answer.serverVersion).toBeGreaterThanOrEqual(180000);
});

test("a semicolon and comments at the end do no harm", async () => {
  expect(await scanned("SELECT * FROM orders WHERE d < '2023-05-05'; -- done")).toBe("orders_2023");
});

describe("hostile statements change nothing", () => {
  const hostile: readonly (readonly [string, string])[] = [
    ["SELECT 1; DROP TABLE audit", "rejected 42601"],
    ["SELECT 1; COMMIT; DELETE FROM audit", "rejected 42601"],
    ["SELECT 1; ROLLBACK; BEGIN; DELETE FROM audit; COMMIT", "rejected 42601"],
    ["COMMIT", "rejected 42601"],
    ["ANALYZE DELETE FROM audit", "rejected 42601"],
    ["(ANALYZE) DELETE FROM audit", "rejected 42601"],
    ["(ANALYZE, VERBOSE) DELETE FROM audit", "rejected 42601"],
    ["/* x */ (ANALYZE) /* y */ DELETE FROM audit", "rejected 42601"],
    ["DROP TABLE audit", "rejected 42601"],
    ["TRUNCATE audit", "rejected 42601"],
    ["COPY audit TO PROGRAM 'true'", "rejected 42601"],
    ["DO $$ BEGIN DELETE FROM audit; END $$", "rejected 42601"],
    ["CALL writes()", "rejected 42601"],
    ["SELECT says_immutable()", "rejected 25006"],
    ["SELECT counts()", "rejected 25006"],
    ["SELECT unlocks()", "rejected 25001"],
    ["SELECT * FROM orders WHERE n = says_immutable()", "rejected 25006"],
    ["SELECT sleeps()", "timeout 57014"],
    ["EXECUTE nothing", "rejected 26000"],
    ["SELECT '", "rejected 42601"],
    ["SELECT $1; DROP TABLE audit", "rejected 42601"],
    // These are planned, and not run.
    ["DELETE FROM audit", "audit audit"],
    ["WITH gone AS (DELETE FROM audit RETURNING *) SELECT * FROM gone", "audit audit"],
    ["INSERT INTO audit SELECT x FROM audit", "audit audit"],
    ["CREATE TABLE copied AS SELECT * FROM audit", "audit"],
    ["SELECT writes(), setval('numbers', 99) FROM audit", "audit"],
    ["SELECT * INTO copied FROM audit", "audit"],
  ];

  test.each(hostile)("%s", async (sql, expected) => {
    expect((await scanned(sql)).slice(0, expected.length)).toBe(expected);
    const { rows } = await database.client.query(
      "SELECT array_agg(x) AS audit, (SELECT is_called FROM numbers) AS counted, to_regclass('copied') AS copied FROM audit",
    );
    expect(rows).toEqual([{ audit: [1], counted: false, copied: null }]);
  });
});

test("parameters keep every partition that some value needs, and other conditions prune", async () => {
  expect(await scanned("SELECT * FROM orders WHERE d = $1")).toBe("orders_2023 orders_2024");
  expect(await scanned("SELECT * FROM orders WHERE d = $1 AND d >= '2024-01-01'")).toBe("orders_2024");
  expect(await scanned("SELECT * FROM orders WHERE d >= '2024-01-01' AND n = ANY ($1::int[]) LIMIT $2")).toBe(
    "orders_2024",
  );
  expect(await scanned("UPDATE orders SET n = $2 WHERE d < '2023-04-01' AND n = $1")).toBe(
    "orders orders_2023 orders_2023",
  );
});

test("search_path, time zone and planner settings of the script hold", async () => {
  await database.client.query("CREATE SCHEMA other; CREATE TABLE other.only_here (x int)");
  expect(await scanned("SELECT * FROM only_here", { searchPath: ["other"] })).toBe("only_here");
  expect(await scanned("SELECT * FROM only_here")).toMatch(/^rejected 42P01/);
  const slashes = "SELECT * FROM orders WHERE d = '01/12/2023'::date + 31";
  expect(await scanned(slashes, { plannerSettings: { datestyle: "SQL, DMY" } })).toBe("orders_2024");
  expect(await scanned(slashes, { plannerSettings: { datestyle: "SQL, MDY" } })).toBe("orders_2023");
  const off = { enable_partition_pruning: "off", transaction_read_only: "off", default_transaction_read_only: "off" };
  expect(await scanned("SELECT * FROM orders WHERE d = '2024-05-05'", { plannerSettings: off })).toBe(
    "orders_2023 orders_2024",
  );
});

test("a role that may only read plans the SELECT instead of the UPDATE", async () => {
  const { client, server } = database;
  const role = `reader_${crypto.randomUUID().slice(0, 8)}`;
  await client.query(`CREATE ROLE ${role} LOGIN; GRANT SELECT ON orders TO ${role}`);
  const reader = connectionTo(
    `host=${server.socketDirectory} port=${server.port} user=${role} dbname=${new URL(database.connectionString).pathname.slice(1)}`,
  );
  try {
    const ask = (readOnlySql: string | null) =>
      createConnectedPlanner(reader, { runsFunctions: true }).explain(
        request("DELETE FROM orders WHERE d = '2024-05-05'", { readOnlySql }),
        never,
      );
    expect(await ask(null)).toMatchObject({ ok: false, problem: { kind: "permission", sqlstate: "42501" } });
    expect(await ask("SELECT 1 FROM orders WHERE d = '2024-05-05'")).toMatchObject({
      ok: true,
      plan: [{ Plan: { "Relation Name": "orders_2024" } }],
    });
  } finally {
    await reader.close();
    await client.query(`REVOKE ALL ON orders FROM ${role}; DROP ROLE ${role}`);
  }
});

test("a lock that somebody holds is reported instead of waited for", async () => {
  await database.client.query("BEGIN; LOCK TABLE orders_2024 IN ACCESS EXCLUSIVE MODE");
  try {
    expect(await scanned("SELECT * FROM orders WHERE d = '2024-05-05'")).toMatch(/^locked 55P03/);
    expect(await scanned("SELECT * FROM orders WHERE d = '2023-05-05'")).toBe("orders_2023");
  } finally {
    await database.client.query("ROLLBACK");
  }
});
