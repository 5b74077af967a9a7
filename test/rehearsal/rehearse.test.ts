/** Rehearsals on the embedded PostgreSQL: what each statement locked, rewrote and read, which rows are lost, and where errors stand. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RehearsalReport } from "../../server/src/rehearsal/report.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { type RehearsedText, rehearsedText, reusedSandbox, sandboxesForTests } from "./support.ts";

let reading: Reading;
let reused: Awaited<ReturnType<typeof reusedSandbox>>;

beforeAll(async () => {
  reading = await readingForTests();
  reused = await reusedSandbox();
});

afterAll(() => reused.end());

const rehearse = (given: RehearsedText): Promise<RehearsalReport> =>
  rehearsedText(reading, { sandboxes: reused.open, ...given });

const events = `
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, kind text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
CREATE TABLE plain (id int PRIMARY KEY, v text);`;

const locksOf = ({ statements }: RehearsalReport, index: number): readonly string[] =>
  (statements[index]?.locks ?? []).map(
    ({ relation, mode, until }) => `${relation.replace("public.", "")} ${mode} ${until}`,
  );

const results = ({ statements }: RehearsalReport): readonly string[] => statements.map(({ result }) => result.kind);

const fateOf = ({ tables }: RehearsalReport, name: string) =>
  tables?.find(({ relation }) => relation === `public.${name}`);

describe("what a statement does", () => {
  it("locks are those that it takes anew, with the statement that lets them go", async () => {
    const report = await rehearse({
      schema: events,
      script: `BEGIN;
ALTER TABLE events DETACH PARTITION events_2024;
SELECT * FROM events_2024;
COMMIT;
ALTER TABLE plain ADD COLUMN w int;`,
    });
    expect(report.outcome).toBe("clean");
    expect(locksOf(report, 1)).toEqual([
      "events ACCESS EXCLUSIVE 3",
      "events_2024 ACCESS EXCLUSIVE 3",
      "events_rest ACCESS EXCLUSIVE 3",
    ]);
    expect(locksOf(report, 2)).toEqual([]);
    expect(locksOf(report, 4)).toEqual(["plain ACCESS EXCLUSIVE 4"]);
    expect(report.statements.map(({ transaction }) => transaction)).toEqual([
      "own",
      "shared",
      "shared",
      "shared",
      "own",
    ]);
  });

  it("what a savepoint is rolled back to is let go there", async () => {
    const report = await rehearse({
      schema: events,
      script: "BEGIN; SAVEPOINT a; TRUNCATE plain; ROLLBACK TO SAVEPOINT a; LOCK TABLE plain IN SHARE MODE; COMMIT;",
    });
    expect(locksOf(report, 2)).toEqual(["plain ACCESS EXCLUSIVE 3"]);
    expect(locksOf(report, 4)).toEqual(["plain SHARE 5"]);
    expect(fateOf(report, "plain")).toMatchObject({ lost: 0 });
  });

  it("a migration tool's transaction holds its locks to the end", async () => {
    const report = await rehearse({
      schema: events,
      file: "1_a.sql",
      script:
        "-- +goose Up\nALTER TABLE plain ADD w int;\nALTER TABLE events ADD w int;\n-- +goose Down\nALTER TABLE events DROP w;\nALTER TABLE plain DROP w;",
    });
    expect(locksOf(report, 0)).toEqual(["plain ACCESS EXCLUSIVE null"]);
    expect(report.undo).toMatchObject({
      origin: "the part of the file that undoes it",
      restored: true,
      differences: [],
    });
  });

  it("tables that are written anew, and those that are read whole", async () => {
    const report = await rehearse({
      schema: events,
      script: `ALTER TABLE plain ALTER id TYPE bigint;
ALTER TABLE plain ADD CHECK (id > -3000000000);
ALTER TABLE plain ADD CONSTRAINT later CHECK (id > -4000000000) NOT VALID;
ALTER TABLE plain ADD COLUMN d int DEFAULT 1;
TRUNCATE plain;
SELECT * FROM events WHERE id = 1 AND at = '2024-05-05';`,
    });
    expect(report.statements.map(({ rewritten }) => rewritten)).toEqual([["public.plain"], [], [], [], [], []]);
    expect(report.statements.map(({ readWhole }) => readWhole)).toEqual([
      ["public.plain"],
      ["public.plain"],
      [],
      [],
      [],
      [],
    ]);
  });

  it("what runs only outside of transactions is run there, and its locks are not claimed", async () => {
    const report = await rehearse({
      schema: events,
      script: `CREATE INDEX CONCURRENTLY plain_v ON plain (v);
ALTER TABLE events DETACH PARTITION events_rest;
ALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;
VACUUM plain;`,
    });
    expect(results(report)).toEqual(["ran", "ran", "ran", "ran"]);
    expect(report.statements.map(({ locks }) => locks === null)).toEqual([true, false, true, true]);
    expect(report.partitions).toMatchObject([{ relation: "public.events", after: [] }]);
  });
});

describe("databases", () => {
  it("are made and dropped as on a server, of which the embedded one brings no templates", async () => {
    const report = await rehearse({
      schema: events,
      script: `CREATE DATABASE other;
CREATE DATABASE bare TEMPLATE template0;
DO $$ BEGIN ASSERT (SELECT array_agg(datname ORDER BY datname) FROM pg_database WHERE datistemplate) = '{template0,template1}'; END $$;
DROP DATABASE other;
DROP DATABASE bare;
DROP DATABASE template1;`,
    });
    expect(results(report)).toEqual(["ran", "ran", "ran", "ran", "ran", "refused"]);
    expect(JSON.stringify(report.statements[5]?.result)).toContain("cannot drop a template database");
  });
});

describe("rows", () => {
  const move = (condition: string) => `BEGIN;
CREATE TABLE events_2025 (LIKE events INCLUDING ALL);
INSERT INTO events_2025 SELECT * FROM events_rest WHERE ${condition};
DELETE FROM events_rest WHERE at >= '2025-01-01' AND at < '2026-01-01';
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
COMMIT;`;

  it("a move that leaves none behind is clean", async () => {
    const report = await rehearse({ schema: events, script: move("at >= '2025-01-01' AND at < '2026-01-01'") });
    expect(report.outcome).toBe("clean");
    expect(fateOf(report, "events")).toMatchObject({ lost: 0, doubled: 0, changed: 0 });
    const [change] = report.partitions;
    expect(change?.after.find(({ name }) => name === "public.events_2025")?.rows).toBeGreaterThan(1);
  });

  it("one that forgets the first day loses its rows, and says which", async () => {
    const report = await rehearse({ schema: events, script: move("at > '2025-01-01' AND at < '2026-01-01'") });
    expect(report.outcome).toBe("lost-rows");
    expect(fateOf(report, "events")?.lost).toBe(1);
    expect(fateOf(report, "events")?.examples.join()).toContain('"2025-01-01"');
  });

  it("rows that a script is meant to remove are no loss", async () => {
    const script = "DROP TABLE events_2024;";
    expect((await rehearse({ schema: events, script })).outcome).toBe("lost-rows");
    expect((await rehearse({ schema: events, script, mayLose: ["public.events"] })).outcome).toBe("clean");
  });

  it("rows that leave with a partition, or come with a table, are where they went", async () => {
    const report = await rehearse({
      schema: events,
      script: "ALTER TABLE events DETACH PARTITION events_2024; ALTER TABLE plain RENAME TO plainer;",
    });
    expect(report.outcome).toBe("clean");
    const moved = report.partitions[0]?.before.find(({ name }) => name === "public.events_2024")?.rows;
    expect(fateOf(report, "events")?.moved).toEqual([{ to: "public.events_2024", rows: moved }]);
    expect(fateOf(report, "plain")).toMatchObject({ after: null, lost: 0, moved: [{ to: "public.plainer" }] });
  });

  it("changed and doubled rows are told from lost ones", async () => {
    const report = await rehearse({
      schema: `${events}\nCREATE TABLE keyless (v int);`,
      script: "UPDATE plain SET v = 'other'; INSERT INTO keyless SELECT * FROM keyless;",
    });
    expect(report.outcome).toBe("clean");
    const [plain, keyless] = [fateOf(report, "plain"), fateOf(report, "keyless")];
    expect(plain).toMatchObject({ kept: 0, changed: plain?.before, lost: 0, added: 0 });
    expect(keyless).toMatchObject({ kept: keyless?.before, doubled: keyless?.before, lost: 0 });
  });

  it("the way back that does not bring everything back says what is missing", async () => {
    const report = await rehearse({
      schema: events,
      file: "1_a.sql",
      script: "-- migrate:up\nDROP TABLE plain;\n-- migrate:down\nCREATE TABLE plain (id int PRIMARY KEY);",
      mayLose: ["public.plain"],
    });
    expect(report.undo?.restored).toBe(false);
    expect(report.undo?.differences.slice(0, 1)).toEqual(["public.plain has other columns"]);
    expect(report.undo?.differences[1]).toMatch(/^public\.plain has other rows: 0 of \d+ are as they were, 0 came$/);
  });
});

describe("errors", () => {
  it("stand where PostgreSQL puts them, and what a tool does not run is not run", async () => {
    const script = "-- +goose Up\nALTER TABLE plain ADD w int;\nSELECT '😀', nix FROM plain;\nDROP TABLE plain;";
    const report = await rehearse({ schema: events, file: "1_a.sql", script });
    expect(report.outcome).toBe("error");
    expect(results(report)).toEqual(["ran", "refused", "not-run"]);
    const result = report.statements[1]?.result;
    expect(result).toMatchObject({
      sqlstate: "42703",
      message: 'column "nix" does not exist',
      at: script.indexOf("nix"),
    });
    expect(fateOf(report, "plain")).toMatchObject({ lost: 0 });
  });

  it("psql goes on behind them, outside of a transaction that they abort", async () => {
    const report = await rehearse({
      schema: events,
      script: "SELECT nix; BEGIN; SELECT nix; TRUNCATE plain; COMMIT; ALTER TABLE plain ADD w int;",
    });
    expect(results(report)).toEqual(["refused", "ran", "refused", "not-run", "ran", "ran"]);
    expect(fateOf(report, "plain")).toMatchObject({ lost: 0 });
  });

  it("a constraint that is checked at COMMIT fails there", async () => {
    const schema = `${events}\nCREATE TABLE child (p int REFERENCES plain DEFERRABLE INITIALLY DEFERRED);`;
    const report = await rehearse({ schema, script: "INSERT INTO child VALUES (-77);" });
    expect(report.statements[0]?.result).toMatchObject({ kind: "refused", sqlstate: "23503", atCommit: true });
  });
});

describe("rows in the way", () => {
  it("are told and taken away, so that the rest is rehearsed", async () => {
    const report = await rehearse({
      schema: events,
      script: `ALTER TABLE events ADD CHECK (at <> '2024-01-01');
CREATE TABLE events_2030 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
BEGIN;
CREATE UNIQUE INDEX ON plain (v);
COMMIT;
INSERT INTO plain VALUES (1, 'x');`,
    });
    expect(report.outcome).toBe("clean");
    expect(results(report)).toEqual(["ran", "ran", "ran", "ran", "ran", "ran"]);
    const [check, partition, , index, , insert] = report.statements.map(({ inTheWay }) => inTheWay);
    expect(check?.message).toMatch(
      /^check constraint "events_at_check" of relation "events_\w+" is violated by some row$/,
    );
    expect(check?.examples.join()).toContain('"2024-01-01"');
    expect(partition).toMatchObject({ sqlstate: "23514" });
    expect(partition?.examples.join()).toContain('"2030-01-01"');
    expect(index).toMatchObject({ sqlstate: "23505" });
    expect(insert).toMatchObject({ sqlstate: "23505", rows: 1 });
    for (const name of ["events", "plain"]) expect(fateOf(report, name)).toMatchObject({ lost: 0, changed: 0 });
  });

  it("a statement that contradicts itself is refused, and its transaction aborted", async () => {
    const report = await rehearse({
      schema: events,
      script: "BEGIN; INSERT INTO plain VALUES (900, 'x'), (900, 'y'); TRUNCATE plain; COMMIT; SELECT 1 / 0;",
    });
    expect(results(report)).toEqual(["ran", "refused", "not-run", "ran", "refused"]);
    expect(fateOf(report, "plain")).toMatchObject({ lost: 0 });
  });
});

describe("what the embedded server cannot do", () => {
  it("is said for each statement, and is no error", async () => {
    const report = await rehearse({
      schema: events,
      script: `CREATE EXTENSION pg_partman;
SELECT create_parent('public.events', 'at', '1 month');
COPY plain FROM stdin;
1\ta
\\.
CREATE TABLE other (id int) TABLESPACE fast;
ALTER TABLE plain OWNER TO somebody;
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;
UPDATE plain SET v = \${value};`,
    });
    expect(results(report)).toEqual([
      "not-rehearsed",
      "not-rehearsed",
      "not-rehearsed",
      "not-rehearsed",
      "ran",
      "not-rehearsed",
      "not-rehearsed",
    ]);
    expect(report.outcome).toBe("clean");
  });

  it("what failed before the script makes errors doubtful that rest on it", async () => {
    const report = await rehearse({
      schema: `CREATE EXTENSION postgis;\nCREATE TABLE places (at geometry);\n${events}`,
      script: "ALTER TABLE places ADD n int; ALTER TABLE plain ADD PRIMARY KEY (v);",
    });
    expect(report.schema.failures.map(({ sql }) => sql.split(" ", 3).join(" "))).toEqual([
      "CREATE EXTENSION postgis",
      "CREATE TABLE places",
    ]);
    expect(results(report)).toEqual(["not-rehearsed", "refused"]);
  });
});

describe("limits", () => {
  it("a statement that takes too long ends the rehearsal, which says where", async () => {
    const sandboxes = await sandboxesForTests({ statementTimeoutMilliseconds: 8_000 });
    const report = await rehearse({ sandboxes, schema: events, script: "SELECT 1; SELECT pg_sleep(600); SELECT 2;" });
    expect(report).toMatchObject({ outcome: "unfinished", ended: { reason: "timeout" } });
    expect(results(report)).toEqual(["ran", "not-rehearsed"]);
  });

  it("so does one that takes too much memory", async () => {
    const sandboxes = await sandboxesForTests({ memoryBytes: 150_000_000 });
    const script = "CREATE TABLE large AS SELECT repeat(n::text, 200) AS v FROM generate_series(1, 100000000) n;";
    const report = await rehearse({ sandboxes, schema: events, script });
    expect(report).toMatchObject({ outcome: "unfinished", ended: { reason: "memory" } });
  });

  it("a cancelled one ends its worker at once", async () => {
    const controller = new AbortController();
    const report = await rehearse({
      sandboxes: await sandboxesForTests(),
      schema: events,
      script: "SELECT 1; SELECT pg_sleep(600);",
      signal: controller.signal,
      progress: (what, done) => {
        if (what === "the script" && done === 1) setTimeout(() => controller.abort(), 50);
      },
    });
    expect(report).toMatchObject({ outcome: "unfinished", ended: { reason: "cancelled" } });
    expect(results(report)).toEqual(["ran", "not-rehearsed"]);
  });

  it("a value that nests too deeply to be handed to another thread is no end of it", async () => {
    const deep = (levels: number): string => `SELECT (repeat('[', ${levels}) || repeat(']', ${levels}))::json;`;
    const report = await rehearse({ schema: events, script: `${deep(6_000)}\nDROP TABLE plain;` });
    expect(results(report)).toEqual(["ran", "ran"]);
  });

  it("longer scripts and schemas are not begun", async () => {
    const report = await rehearse({ script: "SELECT 1; SELECT 2;", limits: { scriptStatements: 1 } });
    expect(report.ended?.message).toBe("there are 2 statements in the script; at most 1 are rehearsed");
  });

  it("of more rows only so many are made, in so many tables", async () => {
    const report = await rehearse({ schema: events, script: "SELECT 1;", limits: { rows: 6, tables: 2 } });
    expect(report.rows.made).toBeLessThanOrEqual(6);
    expect(report.rows.empty).toEqual([{ relation: "public.plain", reason: "only the first 2 tables are filled" }]);
  });
});
