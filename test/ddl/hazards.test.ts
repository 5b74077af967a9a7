/** What could lose rows or break a script: keys to a partition itself, policies, replication, sequences, and names that end quotes. */

import { Client } from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, scriptOf } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const ranges = `
CREATE TABLE t (id int, k int NOT NULL, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_100 PARTITION OF t FOR VALUES FROM (100) TO (200);`;

it("rows to which others refer in the partition itself are not moved", () => {
  const schema = `${ranges} CREATE TABLE c (id int, k int, FOREIGN KEY (id, k) REFERENCES t_0 ON DELETE CASCADE);`;
  const result = operate(reading, schema, { operation: "split", table: "t", partition: "t_0", at: "40" }, 18);
  expect(result.ok ? null : result.problem).toEqual({
    message: "a foreign key of c refers to t_0 itself, whose rows it would not let go, or follow: drop it first",
    argument: "partition",
  });
});

it.each(["merge", "drop-default"])("%s says that it has no online style", (operation) => {
  const schema = `${ranges} CREATE TABLE t_rest PARTITION OF t DEFAULT;`;
  const request = { operation, table: "t", partitions: ["t_0", "t_100"], to: "declarative", style: "online" };
  const result = operate(reading, schema, request, 18);
  expect(result.ok ? null : result.problem).toEqual({
    message: `${operation} has no online style: leave "style" out, others wait while its script runs`,
    argument: "style",
  });
});

it("a table that is attached online says what the default refuses meanwhile", () => {
  const schema = `${ranges} CREATE TABLE t_rest PARTITION OF t DEFAULT; CREATE TABLE u (LIKE t INCLUDING ALL);`;
  const request = { operation: "attach", table: "t", partition: "u", from: "200", to: "300" };
  expect(scriptOf(reading, schema, { ...request, style: "online" }, 18).notes).toEqual([
    "From its constraint on to ATTACH t_rest refuses new rows of that range: where the script stops in between, ALTER TABLE t_rest DROP CONSTRAINT t_rest_without_u.",
  ]);
  expect(scriptOf(reading, schema, request, 18).notes).toEqual([
    't_rest is searched for rows of that range; if it holds any, ATTACH is refused and nothing changes: move-rows with "create" gives them partitions.',
  ]);
});

it("copies whose names would be cut to the same are not made", () => {
  const [one, two] = ["0", "1"].map((end) => `${"long".repeat(15)}_${end}`);
  const schema = `CREATE TABLE h (k int PRIMARY KEY) PARTITION BY HASH (k);
    CREATE TABLE ${one} PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE ${two} PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
  const result = operate(reading, schema, { operation: "rehash", table: "h", modulus: 3, style: "online" }, 18);
  expect(result.ok ? null : result.problem).toEqual({
    message: "the names of the partitions of h are too long to tell those of their copies apart: use the simple style",
    argument: "style",
  });
});

describe.each([18, 15, 13] as const)("on PostgreSQL %d", (major) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(major);
  });
  afterEach(() => database.close());

  async function run(sql: string): Promise<void> {
    for (const { start, end } of parseDocument(sql, reading).statements)
      await database.client.query(sql.slice(start, end));
  }

  async function values(sql: string): Promise<readonly unknown[]> {
    const { rows } = await database.client.query<{ value: unknown }>(sql);
    return rows.map(({ value }) => value);
  }

  it("a merged partition gets a name with a dot, and its undo finds it", async () => {
    const request = { operation: "merge", table: "t", partitions: ["t_0", "t_100"], name: 'a."b' };
    const script = scriptOf(reading, ranges, request, major);
    await run(`${ranges} INSERT INTO t SELECT n, n FROM generate_series(0, 199) AS n;`);
    await run(script.sql);
    expect(await values(`SELECT count(*)::int AS value FROM "a.""b"`)).toEqual([200]);
    await run(script.undo ?? "");
    expect(await values("SELECT count(*)::int AS value FROM t GROUP BY tableoid")).toEqual([100, 100]);
  });

  it.each([
    ["partitions", ranges],
    [
      "children whose CHECK says more than the bound",
      `CREATE TABLE t (id int, k int NOT NULL, note text);
      CREATE TABLE t_0 (CHECK (k >= 0 AND k < 100 AND note <> 'x')) INHERITS (t);
      CREATE TABLE t_100 (CHECK (k >= 100 AND k < 200 AND note <> 'x')) INHERITS (t);`,
    ],
  ])("whoever writes to one of the %s itself waits while its rows are copied", async (_title, schema) => {
    const result = operate(reading, schema, { operation: "merge", table: "t", partitions: ["t_100", "t_0"] }, major);
    if (!result.ok) throw new Error(result.problem.message);
    await run(`${schema} INSERT INTO t_0 SELECT n, n FROM generate_series(0, 99) AS n; BEGIN;`);
    const { steps } = result.value;
    const copy = steps.findIndex(({ sql }) => sql.startsWith("INSERT INTO"));
    expect(copy).toBeGreaterThan(0);
    for (const { sql } of steps.slice(0, copy)) await run(`${sql};`);
    const writer = new Client(database);
    await writer.connect();
    try {
      await writer.query("BEGIN");
      await expect(writer.query("LOCK TABLE ONLY t_0 IN ROW EXCLUSIVE MODE NOWAIT")).rejects.toThrow(
        'could not obtain lock on relation "t_0"',
      );
    } finally {
      await writer.end();
    }
    await run("ROLLBACK;");
  });

  it("a partition that is appended is divided as its sibling is, down to the leaves", async () => {
    const schema = `CREATE TABLE n (d date NOT NULL, h int NOT NULL) PARTITION BY RANGE (d);
      CREATE TABLE n_2024_01 PARTITION OF n FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY LIST (h);
      CREATE TABLE n_2024_01_a PARTITION OF n_2024_01 FOR VALUES IN (1, 2) PARTITION BY HASH (d);
      CREATE TABLE n_2024_01_a_0 PARTITION OF n_2024_01_a FOR VALUES WITH (MODULUS 1, REMAINDER 0);
      CREATE TABLE others PARTITION OF n_2024_01 DEFAULT;`;
    const script = scriptOf(reading, schema, { operation: "append", table: "n" }, major);
    await run(`${schema} ${script.sql} INSERT INTO n VALUES ('2024-02-10', 2), ('2024-02-10', 3);`);
    expect(await values("SELECT tableoid::regclass || ' ' || h AS value FROM n ORDER BY h")).toEqual([
      "n_2024_02_a_0 2",
      "n_2024_02_2 3",
    ]);
    await run(script.undo ?? "");
    expect(await values("SELECT relname AS value FROM pg_class WHERE relname LIKE 'n_2024_02%'")).toEqual([]);
    const nested = schema
      .replace("PARTITION BY LIST (h)", "PARTITION BY RANGE (d)")
      .replace("IN (1, 2)", "FROM ('2024-01-01') TO ('2024-01-16')");
    const result = operate(reading, nested, { operation: "append", table: "n" }, major);
    expect(result.ok ? null : result.problem.message).toContain(
      "each with bounds of its own: create the new one by hand",
    );
  });

  it("a partition that comes back has no default and no NOT NULL that it did not have", async () => {
    const schema = `CREATE TABLE t (k int NOT NULL, v int, g int) PARTITION BY RANGE (k);
      CREATE TABLE t_0 PARTITION OF t (v DEFAULT 9, g NOT NULL) FOR VALUES FROM (0) TO (10);
      CREATE TABLE t_10 PARTITION OF t FOR VALUES FROM (10) TO (20);`;
    const script = scriptOf(reading, schema, { operation: "merge", table: "t", partitions: ["t_0", "t_10"] }, major);
    await run(`${schema} INSERT INTO t SELECT n, n, n FROM generate_series(0, 19) AS n;`);
    const columns =
      "SELECT attrelid::regclass || ' ' || attname || atthasdef || attnotnull AS value FROM pg_attribute WHERE attrelid IN ('t_0'::regclass, 't_10'::regclass) AND attnum > 0 ORDER BY 1";
    const before = await values(columns);
    await run(script.sql);
    await run(script.undo ?? "SELECT 'no undo'");
    expect(await values(columns)).toEqual(before);
  });

  it("names that hold dollar quotes do not end a body", async () => {
    const schema = `CREATE TABLE "lo$$g" (id int, k text NOT NULL);
      CREATE TABLE "lo$$g_a" (CHECK (k IN ('$$', '$body$'))) INHERITS ("lo$$g");
      CREATE TABLE "lo$$g_b" (CHECK (k IN ('b'))) INHERITS ("lo$$g");`;
    const request = { operation: "move-rows", table: '"lo$$g"', batch: 3 };
    const script = scriptOf(reading, schema, request, major);
    await run(
      `${schema} INSERT INTO "lo$$g" SELECT n, (ARRAY['$$', '$body$', 'b'])[1 + n % 3] FROM generate_series(1, 30) AS n;`,
    );
    await run(script.sql);
    expect(
      await values(
        `SELECT tableoid::regclass || ' ' || count(*) AS value FROM "lo$$g" GROUP BY tableoid ORDER BY tableoid::regclass::text`,
      ),
    ).toEqual(['"lo$$g_a" 20', '"lo$$g_b" 10']);
  });

  it("what is copied ahead knows the names of its own, whatever they hold, and the path of its script", async () => {
    const schema = ranges.replaceAll(/\bt(_\d+)?\b/g, '"t$$$$$1"');
    const request = { operation: "split", table: '"t$$"', partition: '"t$$_0"', at: "40", style: "online", batch: 7 };
    const script = scriptOf(reading, schema, request, major);
    await run(`${schema} INSERT INTO "t$$" SELECT n, n FROM generate_series(0, 199) AS n;`);
    const copy = script.sql.indexOf("SET lock_timeout");
    await run(script.sql.slice(0, copy));
    expect(await values("SELECT proconfig::text AS value FROM pg_proc WHERE prosecdef AND proname ~ 'sync'")).toEqual([
      '{"search_path=\\"$user\\", public",row_security=off}',
    ]);
    // As the workers of logical replication write.
    await run(`SET session_replication_role = replica;
      INSERT INTO "t$$" VALUES (1000, 50); DELETE FROM "t$$" WHERE id = 3; UPDATE "t$$" SET id = 2000 WHERE id = 60;
      RESET session_replication_role;`);
    await run(script.sql.slice(copy));
    const held = `SELECT array_agg(id ORDER BY id) FILTER (WHERE id > 199 OR id < 5)::text AS value FROM "t$$"`;
    expect(await values(held)).toEqual(["{0,1,2,4,1000,2000}"]);
    expect(await values(`SELECT count(*)::int AS value FROM "t$$"`)).toEqual([200]);
  });

  it("an identity goes on where it was, though its last rows are gone, and so it does after the undo", async () => {
    const schema = `CREATE TABLE p (id bigint GENERATED ALWAYS AS IDENTITY (START 1000), day date NOT NULL);
      CREATE TABLE down (id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1 MINVALUE -50 CACHE 1 CYCLE), day date NOT NULL);
      ALTER SEQUENCE down_id_seq RENAME TO "counts Down";`;
    await run(`${schema} INSERT INTO p (day) SELECT '2024-01-01' FROM generate_series(1, 5); DELETE FROM p WHERE id > 1002;
      INSERT INTO down (day) VALUES ('2024-01-01'), ('2024-01-02');`);
    const counting = `SELECT jsonb_agg(to_jsonb(s) - 'last_value' - 'schemaname' ORDER BY sequencename) ||
        (SELECT jsonb_agg(attidentity ORDER BY attrelid::regclass::text) FROM pg_attribute WHERE attrelid IN ('p'::regclass, 'down'::regclass) AND attname = 'id') AS value
      FROM pg_sequences s`;
    const before = await values(counting);
    const undo: string[] = [];
    for (const table of ["p", "down"]) {
      const request = { operation: "convert", table, to: "declarative", key: "day" };
      const script = scriptOf(reading, schema, request, major);
      await run(script.sql);
      undo.push(script.undo ?? "SELECT 'no undo'");
    }
    expect(await values("INSERT INTO p (day) VALUES ('2024-02-01') RETURNING id::int AS value")).toEqual([1005]);
    expect(await values("INSERT INTO down (day) VALUES ('2024-02-01') RETURNING id AS value")).toEqual([-3]);
    for (const sql of undo) await run(sql);
    expect(await values(counting)).toEqual(before);
    expect(await values("INSERT INTO p (day) VALUES ('2024-02-01') RETURNING id::int AS value")).toEqual([1006]);
    expect(await values("INSERT INTO down (day) VALUES ('2024-02-01') RETURNING id AS value")).toEqual([-4]);
  });

  it.each([
    { operation: "split", table: "t", partition: "t_0", at: "40" },
    { operation: "split", table: "t", partition: "t_0", at: "40", style: "online" },
    { operation: "merge", table: "t", partitions: ["t_100", "t_0"] },
    { operation: "convert", table: "p", to: "declarative", key: "k" },
  ])("$operation $style: extended statistics that lose their name or target are told", async (request) => {
    const schema = `${ranges} CREATE TABLE p (id int, k int NOT NULL);
      CREATE STATISTICS mine (ndistinct) ON id, k FROM t_0; CREATE STATISTICS others (ndistinct) ON id, k FROM t_100;
      CREATE STATISTICS plain (ndistinct) ON id, k FROM p;`;
    const script = scriptOf(reading, schema, request, major);
    await run(`${schema} INSERT INTO t SELECT n, n FROM generate_series(0, 199) AS n;`);
    for (const name of ["mine", "others", "plain"]) await run(`ALTER STATISTICS ${name} SET STATISTICS 500;`);
    const stated = "SELECT stxname AS value FROM pg_statistic_ext WHERE stxstattarget = 500 ORDER BY 1";
    const tables =
      "SELECT DISTINCT stxrelid::regclass::text AS value FROM pg_statistic_ext WHERE stxrelid IN (SELECT relid FROM pg_partition_tree('t')) ORDER BY 1";
    await run(script.sql);
    const left = await values(stated);
    const gone = ["mine", "others", "plain"].filter((name) => !left.includes(name));
    for (const name of gone) expect(script.notes.join()).toContain(name);
    // Each part has such statistics, under whatever name.
    const parts = await values("SELECT relid::text AS value FROM pg_partition_tree('t') WHERE isleaf ORDER BY 1");
    expect(await values(tables)).toEqual(parts);
    const copied = request.operation === "merge" ? [] : [expect.stringMatching(/^Copies of extended statistics/)];
    expect(script.notes.filter((note) => note.startsWith("Copies of extended"))).toEqual(copied);
  });

  it("a policy that hides rows from whoever runs the script keeps it from losing them", async () => {
    const owner = `keeper_of_${database.client.database}`;
    await run(`CREATE ROLE ${owner}; GRANT ALL ON SCHEMA public TO ${owner}; SET ROLE ${owner}; ${ranges}
      INSERT INTO t SELECT n, n FROM generate_series(0, 199) AS n;
      ALTER TABLE t_100 ENABLE ROW LEVEL SECURITY; ALTER TABLE t_100 FORCE ROW LEVEL SECURITY;
      CREATE POLICY sees ON t_100 USING (id < 150);`);
    try {
      const request = { operation: "merge", table: "t", partitions: ["t_0", "t_100"] };
      const script = scriptOf(reading, ranges, request, major);
      await expect(run(script.sql)).rejects.toThrow(
        'query would be affected by row-level security policy for table "t_100"',
      );
      await run("ROLLBACK; RESET ROLE;");
      expect(await values("SELECT count(*)::int AS value FROM t")).toEqual([200]);
    } finally {
      await run(`ROLLBACK; RESET ROLE; DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner};`);
    }
  });
});
