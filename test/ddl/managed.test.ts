/** Tables of pg_pathman, pg_partman and Citus: the calls that are written give, in our replay of them, the promised parts. */

import { beforeAll, describe, expect, it } from "vitest";
import { resolveRelation } from "../../server/src/ddl/writer.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, promisedParts, replayed, scriptOf } from "./support.ts";

const pathman = `CREATE EXTENSION pg_pathman;
CREATE TABLE journal (id bigint, dt date NOT NULL, note text);
SELECT create_range_partitions('journal', 'dt', '2024-01-01'::date, interval '1 month', 3);`;

const partman5 = `CREATE SCHEMA partman;
CREATE EXTENSION pg_partman SCHEMA partman VERSION '5.2.4';
CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
SELECT partman.create_parent('public.events', 'at', '1 month', p_premake := 1, p_start_partition := '2024-05-01');`;

const citus = `CREATE EXTENSION citus;
CREATE TABLE events (tenant int, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_p2024_05 PARTITION OF events FOR VALUES FROM ('2024-05-01 00:00+00') TO ('2024-06-01 00:00+00');
SELECT create_distributed_table('events', 'tenant');`;

describe("calls of managers", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  it.each<[string, string, Readonly<Record<string, unknown>> & { readonly table: string }, readonly string[]]>([
    [
      "append",
      pathman,
      { operation: "append", table: "journal", count: 2 },
      ["journal_1", "journal_2", "journal_3", "journal_4", "journal_5"],
    ],
    [
      "prepend",
      pathman,
      { operation: "prepend", table: "journal" },
      ["journal_1", "journal_2", "journal_3", "journal_4"],
    ],
    [
      "split",
      pathman,
      { operation: "split", table: "journal", partition: "journal_2", at: "2024-02-15", name: "late_february" },
      ["journal_1", "journal_2", "journal_3", "late_february"],
    ],
    [
      "merge",
      pathman,
      { operation: "merge", table: "journal", partitions: ["journal_1", "journal_2"] },
      ["journal_1", "journal_3"],
    ],
    ["detach", pathman, { operation: "detach", table: "journal", partition: "journal_1" }, ["journal_2", "journal_3"]],
    ["drop", pathman, { operation: "drop", table: "journal", partition: "journal_3" }, ["journal_1", "journal_2"]],
    [
      "attach",
      `${pathman} CREATE TABLE april (LIKE journal INCLUDING ALL);`,
      { operation: "attach", table: "journal", partition: "april", from: "2024-04-01", to: "2024-05-01" },
      ["april", "journal_1", "journal_2", "journal_3"],
    ],
    [
      "add a range",
      pathman,
      { operation: "create-span", table: "journal", start: "2024-06-01", end: "2024-07-01", name: "june" },
      ["journal_1", "journal_2", "journal_3", "june"],
    ],
    [
      "move rows",
      pathman,
      { operation: "move-rows", table: "journal", style: "online" },
      ["journal_1", "journal_2", "journal_3"],
    ],
    ["disable", pathman, { operation: "disable", table: "journal" }, ["journal_1", "journal_2", "journal_3"]],
    [
      "citus: append",
      citus,
      { operation: "append", table: "events", count: 2 },
      ["events_p2024_05", "events_p2024_06", "events_p2024_07"],
    ],
    ["citus: undistribute", citus, { operation: "convert", table: "events", to: "plain" }, ["events_p2024_05"]],
    [
      "partman: detach",
      partman5,
      { operation: "detach", table: "events", partition: "events_p20240501" },
      ["events_default", "events_p20240601", "events_p20240701"],
    ],
    [
      "partman: disable",
      partman5,
      { operation: "disable", table: "events" },
      ["events_default", "events_p20240501", "events_p20240601", "events_p20240701"],
    ],
    [
      "partman: append",
      partman5,
      { operation: "append", table: "events" },
      ["events_default", "events_p20240501", "events_p20240601", "events_p20240701"],
    ],
    [
      "partman: let go",
      partman5,
      { operation: "convert", table: "events", to: "declarative" },
      ["events_default", "events_p20240501", "events_p20240601", "events_p20240701"],
    ],
    [
      "partman: take over",
      `CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman VERSION '5.2.4';
CREATE TABLE taken (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);`,
      { operation: "convert", table: "taken", to: "partman", interval: "1 month" },
      [2, 3, 4, 5, 6, 7, 8, 9, 10]
        .map((number) => `taken_p2024${String(number).padStart(2, "0")}01`)
        .concat("taken_default")
        .toSorted(),
    ],
  ])("%s", (_title, schema, request, parts) => {
    const script = scriptOf(reading, schema, request, 17);
    expect(script.sql).toMatch(/SELECT|CALL|UPDATE|DELETE|ALTER/);
    expect(promisedParts(reading, schema, script, request.table, 17)).toEqual(parts);
  });

  it("takes a table out of pg_pathman, and attaches its children to a partitioned one", () => {
    const script = scriptOf(reading, pathman, { operation: "convert", table: "journal", to: "declarative" }, 14);
    const written = script.steps.map(({ sql }) => sql.split("\n")[0]);
    expect(written.slice(0, 3)).toEqual([
      "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
      "SELECT disable_pathman_for('journal'::regclass)",
      "ALTER TABLE journal_1 NO INHERIT journal",
    ]);
    expect(written).toContain("ALTER TABLE journal ATTACH PARTITION journal_3");
    expect(script.undo).toBeNull();
    // Our replay refuses none of its statements.
    const after = resolveRelation(replayed(reading, `${pathman}\n${script.sql}`, 14), "journal");
    expect(after?.partitioning?.partitions.all.size).toBe(4);
  });

  it("distributes a plain table, and takes it back", () => {
    const schema = "CREATE EXTENSION citus; CREATE TABLE t (tenant int, v text);";
    const script = scriptOf(reading, schema, { operation: "convert", table: "t", to: "citus", key: "tenant" }, 17);
    expect(script.sql).toContain("SELECT create_distributed_table('t', 'tenant');");
    expect(script.undo).toContain("SELECT undistribute_table('t');");
  });

  it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
    [
      partman5,
      { operation: "split", table: "events", partition: "events_p20240501" },
      "pg_partman knows its partitions by their regular ranges",
      "operation",
    ],
    [pathman, { operation: "rehash", table: "journal", modulus: 4 }, "pg_pathman has no call for this", "operation"],
    [
      citus,
      { operation: "retention", table: "events", keep: "1 month", action: "archive" },
      "Citus only drops old partitions",
      "action",
    ],
  ])("refuses what a manager cannot do: %#", (schema, request, message, argument) => {
    const result = operate(reading, schema, request, 17);
    expect(result.ok ? null : result.problem).toMatchObject({ message: expect.stringContaining(message), argument });
  });
});
