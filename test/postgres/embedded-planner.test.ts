/** The embedded PostgreSQL: plans behind any point of a script, and survives what would hang or kill it. */

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createEmbeddedPostgres, type EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { learningQueries, readParts, type SchemaRows } from "../../server/src/postgres/learning-queries.ts";
import type { PlanRequest, SchemaStatement } from "../../server/src/pruning/planner.ts";
import { embeddedOptions, embeddedPostgres, never } from "./support.ts";

let embedded: EmbeddedPostgres;

beforeAll(async () => {
  embedded = await embeddedPostgres();
});

afterAll(() => embedded.close());

const roots = [{ schema: "public", name: "t" }];
const script = [
  "CREATE TABLE t (k int, v int) PARTITION BY RANGE (k)",
  "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
  "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (10) TO (20)",
  "CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (20) TO (30)",
];

function statements(texts: readonly string[]): readonly SchemaStatement[] {
  return texts.map((sql) => ({ sql, roots }));
}

function request(sql: string, more: Partial<PlanRequest> = {}): PlanRequest {
  return { sql, readOnlySql: null, searchPath: ["public"], timeZone: "UTC", plannerSettings: {}, roots, ...more };
}

async function scanned(
  texts: readonly string[],
  sql: string,
  more: Partial<PlanRequest> = {},
  from = embedded,
): Promise<string> {
  const answer = await from.after(statements(texts)).explain(request(sql, more), never);
  if (!answer.ok) return `${answer.problem.kind}: ${answer.problem.message}`;
  return [...JSON.stringify(answer.plan).matchAll(/"Relation Name":"(\w+)"/g)].map((match) => match[1]).join(" ");
}

test("a query sees the schema at its own point of the script, forwards and backwards", async () => {
  const all = "SELECT * FROM t WHERE k >= 5";
  expect(await scanned(script.slice(0, 2), all)).toBe("t_1");
  expect(await scanned(script, all)).toBe("t_1 t_2 t_3");
  expect(await scanned(script.slice(0, 3), all)).toBe("t_1 t_2");
  expect(await scanned([...script, "ALTER TABLE t DETACH PARTITION t_2"], all)).toBe("t_1 t_3");
  expect(await scanned([...script.slice(0, 1), ...script.slice(2)], all)).toBe("t_2 t_3");
  expect(await scanned(["CREATE TABLE t (k int)"], all)).toBe("t");
});

test("it is started by the first question, ended when nobody asks for a while, and started again by the next", async () => {
  const started: string[] = [];
  const log = (line: string): unknown => /started/.test(line) && started.push(line);
  const own = await embeddedPostgres({ idleCloseMilliseconds: 20, log });
  try {
    expect([started.length, own.serverVersion()]).toEqual([0, null]);
    const all = "SELECT * FROM t WHERE k >= 5";
    for (const times of [1, 2]) {
      expect(await scanned(script, all, {}, own)).toBe("t_1 t_2 t_3");
      expect(started).toHaveLength(times);
      await vi.waitFor(() => expect(own.serverVersion()).toBeNull(), { timeout: 60_000 });
    }
  } finally {
    await own.close();
  }
});

test("a long script is followed when its middle changes", async () => {
  const long = [
    script[0] ?? "",
    ...Array.from({ length: 150 }, (_, i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${i}) TO (${i + 1})`),
  ];
  expect(await scanned(long, "SELECT * FROM t WHERE k IN (3, 149)")).toBe("t_3 t_149");
  const edited = long.with(100, "CREATE TABLE renamed PARTITION OF t FOR VALUES FROM (99) TO (100)");
  expect(await scanned(edited, "SELECT * FROM t WHERE k IN (3, 98, 99, 100)")).toBe("t_3 t_98 renamed t_100");
  expect(await scanned(long.slice(0, 40), "SELECT * FROM t WHERE k >= 38")).toBe("t_38");
});

test("the plan and the version are PostgreSQL 18's", async () => {
  const answer = await embedded.after(statements(script)).explain(request("SELECT * FROM t WHERE k = 11"), never);
  expect(answer).toMatchObject({ ok: true, plan: [{ Plan: { "Relation Name": "t_2", Schema: "public" } }] });
  expect(answer.ok && Math.floor(answer.serverVersion / 10_000)).toBe(18);
});

test("parameters, search path, time zone and planner settings", async () => {
  expect(await scanned(script, "SELECT * FROM t WHERE k = $1 AND k < 20")).toBe("t_1 t_2");
  expect(
    await scanned(script, "SELECT * FROM t WHERE k = 11", { plannerSettings: { enable_partition_pruning: "off" } }),
  ).toBe("t_1 t_2 t_3");
  const days = ["CREATE TABLE d (k date) PARTITION BY RANGE (k)", "SET DateStyle = 'ISO, DMY'"];
  const may = "CREATE TABLE d_may PARTITION OF d FOR VALUES FROM ('01/05/2024') TO ('01/06/2024')";
  const july = "CREATE TABLE d_july PARTITION OF d FOR VALUES FROM ('01/07/2024') TO ('01/08/2024')";
  const slashes = "SELECT * FROM d WHERE k = '05/07/2024'";
  expect(await scanned([...days, may, july], slashes, { plannerSettings: { datestyle: "ISO, DMY" } })).toBe("d_july");
  expect(await scanned([...days, may, july], slashes, { plannerSettings: { datestyle: "ISO, MDY" } })).toBe("d_may");
  const other = ["CREATE SCHEMA s", "SET search_path = s", "CREATE TABLE inside (x int)"];
  expect(await scanned(other, "SELECT * FROM inside", { searchPath: ["s"] })).toBe("inside");
  expect(await scanned(other, "SELECT * FROM inside")).toBe('rejected: relation "inside" does not exist');
});

test("a statement that fails leaves the others standing, and casts doubt on its own table only", async () => {
  const failing = [
    ...statements(script),
    { sql: "CREATE TABLE u (g geometry) PARTITION BY RANGE (g)", roots: [{ schema: "public", name: "u" }] },
  ];
  const planner = embedded.after(failing);
  expect(await planner.explain(request("SELECT * FROM t WHERE k = 1"), never)).toMatchObject({ ok: true });
  const about = { roots: [{ schema: "public", name: "u" }] };
  expect(await planner.explain(request("SELECT * FROM t WHERE k = 1", about), never)).toEqual({
    ok: false,
    problem: {
      kind: "rejected",
      message: 'the embedded PostgreSQL did not take a statement about public.u: type "geometry" does not exist',
    },
  });
});

test("a query's own side effects are undone", async () => {
  const creates =
    "CREATE FUNCTION creates() RETURNS int LANGUAGE plpgsql VOLATILE AS 'BEGIN CREATE TABLE left_behind (); RETURN 1; END'";
  const counts = "CREATE FUNCTION counts() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN creates(); END'";
  expect(await scanned([...script, creates, counts], "SELECT * FROM t WHERE k = counts()")).toBe("t_1");
  expect(await scanned([...script, creates, counts], "SELECT * FROM left_behind")).toMatch(/^rejected/);
  expect(await scanned(script, "SELECT 1; DROP TABLE t")).toMatch(/^rejected: cannot insert multiple commands/);
});

test("what a DO block leaves is learned, and undone", async () => {
  const loop = `DO $$ BEGIN FOR i IN 3..5 LOOP
    EXECUTE format('CREATE TABLE t_x%s PARTITION OF t FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 10); END LOOP; END $$`;
  const queries = learningQueries(180_000);
  const learned = await embedded.learn(statements(script), loop, queries, never);
  const names = ({ results }: SchemaRows) =>
    results[readParts.indexOf("relations")]?.map((row) => row["name"]).join(" ");
  // Of what was there only the parent is touched.
  expect(learned.ok && [names(learned.value.before), names(learned.value.after)]).toEqual(["t", "t t_x3 t_x4 t_x5"]);
  expect(await scanned(script, "SELECT * FROM t WHERE k >= 25")).toBe("t_3");
  expect(await scanned([...script, loop], "SELECT * FROM t WHERE k >= 25")).toBe("t_3 t_x3 t_x4 t_x5");
  expect(await embedded.learn(statements(script), "DO $$ BEGIN RAISE 'no'; END $$", queries, never)).toMatchObject({
    ok: false,
    problem: { kind: "rejected", sqlstate: "P0001", message: "no" },
  });
});

test("deep expressions and endless recursion do not silence it", async () => {
  const deep = Array.from({ length: 3_000 }, () => "1").join("+");
  expect(await scanned(script, `SELECT ${deep} FROM t WHERE k = 1`)).toBe("t_1");
  const recursion =
    "CREATE FUNCTION deeper(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN deeper(n + 1) + 1; END'";
  expect(await scanned([...script, recursion], "SELECT * FROM t WHERE k = deeper(1)")).toMatch(
    /stack depth limit exceeded/,
  );
  expect(await scanned(script, "SELECT * FROM t WHERE k = 1")).toBe("t_1");
});

test("an abort before its turn costs nothing", async () => {
  const answer = await embedded.after(statements(script)).explain(request("SELECT 1"), AbortSignal.abort());
  expect(answer).toMatchObject({ ok: false, problem: { kind: "cancelled" } });
});

test("an endless statement is ended, left out, and not tried again", async () => {
  const lines: string[] = [];
  // The schema with the endless statement, the same without it, a query, a schema, an endless query.
  const milliseconds = [8_000, 120_000, 120_000, 120_000, 100];
  const watched = createEmbeddedPostgres({
    ...(await embeddedOptions()),
    // Short is only the time of what has no end, so that a busy machine changes nothing.
    get statementTimeoutMilliseconds() {
      return milliseconds.shift() ?? 120_000;
    },
    log: (line) => lines.push(line),
  });
  try {
    const endless = { sql: "DO $$ BEGIN LOOP END LOOP; END $$", roots: [] };
    const texts = statements(script);
    const planner = watched.after([...texts.slice(0, 2), endless, ...texts.slice(2)]);
    expect(await planner.explain(request("SELECT * FROM t WHERE k = 11"), never)).toMatchObject({ ok: true });
    const starts = () => lines.filter((line) => line.includes("started")).length;
    expect(starts()).toBe(2);
    const sleeps = request("SELECT * FROM t WHERE k = forever()");
    const forever =
      "CREATE FUNCTION forever() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN LOOP END LOOP; RETURN 1; END'";
    const endlessQuery = watched.after(statements([...script, forever]));
    expect(await endlessQuery.explain(sleeps, never)).toMatchObject({ ok: false, problem: { kind: "timeout" } });
    expect(await endlessQuery.explain(sleeps, never)).toMatchObject({ ok: false, problem: { kind: "timeout" } });
    expect(starts()).toBe(2);
    expect(await watched.after(texts).explain(request("SELECT * FROM t WHERE k = 1"), never)).toMatchObject({
      ok: true,
    });
    expect(starts()).toBe(3);
    expect(milliseconds).toEqual([]);
  } finally {
    await watched.close();
  }
});

test("a schema that takes too long to make is given up as a whole, and tried again later", async () => {
  const lines: string[] = [];
  const slow = await embeddedPostgres({
    replayTimeoutMilliseconds: 1_000,
    retryMilliseconds: 600_000,
    log: (line) => lines.push(line),
  });
  const sleeps = Array.from({ length: 40 }, (_, index) => ({
    sql: `DO $$ BEGIN PERFORM pg_sleep(0.2 + ${index} * 0.001); END $$`,
    roots: [],
  }));
  const first = await slow.read(sleeps, ["SELECT 1"], never);
  expect(first).toMatchObject({ ok: false, problem: { kind: "timeout" } });
  // Nothing is started for it again, and another script is not kept waiting.
  const second = await slow.read(sleeps, ["SELECT 1"], never);
  expect(second).toMatchObject({ ok: false, problem: { kind: "timeout" } });
  expect(await slow.read([], ["SELECT 1 AS one"], never)).toEqual({ ok: true, value: [[{ one: 1 }]] });
  expect(lines.filter((line) => /started$/.test(line)).length).toBeLessThanOrEqual(3);
  await slow.close();
});

test("a schema whose very first statement takes too long does not stand for all others", async () => {
  const slow = await embeddedPostgres({ replayTimeoutMilliseconds: 1, retryMilliseconds: 600_000 });
  const sleeps = { sql: "DO $$ BEGIN PERFORM pg_sleep(30); END $$", roots: [] };
  expect(await slow.read([sleeps], ["SELECT 1"], never)).toMatchObject({ ok: false, problem: { kind: "timeout" } });
  expect(await slow.read([], ["SELECT 1 AS one"], never)).toEqual({ ok: true, value: [[{ one: 1 }]] });
  await slow.close();
});

test("files that are missing are reported, and nothing is tried again", async () => {
  const lines: string[] = [];
  const broken = await embeddedPostgres({
    files: { wasm: "/nonexistent.wasm", data: "/nonexistent", snapshot: "/nonexistent" },
    log: (line) => lines.push(line),
  });
  const ask = () => broken.after([]).explain(request("SELECT 1"), never);
  expect(await ask()).toMatchObject({ ok: false, problem: { kind: "unreachable" } });
  expect(await ask()).toMatchObject({ ok: false, problem: { message: expect.stringContaining("does not start") } });
  expect(lines).toHaveLength(1);
});
