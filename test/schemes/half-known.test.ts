/** Calls whose arguments, tables or worlds are not known: nothing is claimed beyond what is, and nothing is refused for it. */

import { describe, expect, test } from "vitest";
import type { Relation } from "../../server/src/catalog/relation.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { textOfStatement } from "../../server/src/syntax/document.ts";
import { analyse } from "../rules/analyse.ts";

type Settings = Readonly<Record<string, string>>;

interface Outcome {
  /** What the rules say, but that pg_pathman is retired. */
  readonly findings: readonly string[];
  /** Statements of which something could not be told. */
  readonly declined: readonly string[];
  /** Tables of which everything is known at the end. */
  readonly known: readonly string[];
}

function outcomeOf(sql: string, settings: Settings = {}): Outcome {
  const { document, findings, steps } = analyse(sql, 15, settings);
  return {
    findings: findings
      .filter(({ rule }) => rule !== "pathman-retired")
      .map(({ rule, message }) => `${rule}: ${message}`),
    declined: steps
      .filter(({ declined }) => declined.length > 0)
      .map((step) => beginningOf(textOfStatement(document, step.handle))),
    known: tablesAfter(steps)
      .filter(({ knowledge }) => knowledge === "full")
      .map(({ name }) => name),
  };
}

function beginningOf(sql: string): string {
  return (/[a-z_.]+\(|\w+ \$|\w+ \w+/i.exec(sql.replace(/^SELECT\s+/i, "")) ?? [""])[0];
}

function tablesAfter(steps: readonly Step[]): readonly Relation[] {
  const kinds = ["table", "partitioned-table", "foreign-table"];
  return [...(steps.at(-1)?.after.relations.values() ?? [])].filter(({ kind }) => kinds.includes(kind));
}

const partman = "CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;";
const events = "CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at);";

describe("arguments that are no constants", () => {
  test.each([
    [
      "pg_pathman",
      "CREATE TABLE t (k int NOT NULL); SELECT create_range_partitions('t', 'k', (SELECT min(k) FROM o), 10, 3);",
    ],
    [
      "pg_pathman",
      "CREATE TABLE t (k int NOT NULL); SELECT create_hash_partitions('t', 'k', current_setting('n')::int);",
    ],
    [
      "pg_pathman",
      "CREATE EXTENSION pg_pathman; CREATE TABLE t (k int NOT NULL); SELECT create_range_partitions(c.oid::regclass, 'k', 0, 10, 3) FROM pg_class c;",
    ],
    [
      "pg_partman",
      `${partman} CREATE TABLE t (at date NOT NULL) PARTITION BY RANGE (at); SELECT partman.create_parent('public.t', 'at', 'native', current_setting('i'));`,
    ],
    [
      "Citus",
      "CREATE EXTENSION citus; CREATE TABLE t (k int); SELECT create_distributed_table('t', (SELECT c FROM d));",
    ],
    [
      "Citus",
      "CREATE EXTENSION citus; CREATE TABLE t (k int); SELECT create_distributed_table(relname::text, 'k') FROM pg_class;",
    ],
  ])("%s: what is done behind the call is neither known nor refused: %s", (_extension, sql) => {
    const after = `CREATE TABLE o (k int);
${sql}
SELECT * FROM t; DROP TABLE t_1; DROP TABLE t_p2026_03_15; ALTER TABLE t ADD UNIQUE (ctid); DROP TABLE t CASCADE;`;
    const { findings, declined } = outcomeOf(after.replace(" ALTER TABLE t ADD UNIQUE (ctid);", ""), {
      "schema.complete": "true",
    });
    expect(findings).toEqual([]);
    expect(declined.length).toBeGreaterThan(0);
  });

  test("a configuration that is set to what is not known", () => {
    const set =
      "UPDATE partman.part_config SET premake = current_setting('ahead')::int WHERE parent_table = 'public.events';";
    const { findings, known } = outcomeOf(
      `${partman} ${events} SELECT partman.create_parent('public.events', 'at', 'native', 'daily'); ${set}
INSERT INTO events VALUES ('2020-01-02 10:00+00'); SELECT partman.run_maintenance('public.events'); DROP TABLE events_p2020_01_09;`,
      { "schema.complete": "true" },
    );
    expect(findings).toEqual([]);
    expect(known).not.toContain("events");
  });

  test("a row of pathman_config that may be meant", () => {
    const { findings, known } = outcomeOf(
      `${["a", "b"].map((name) => `CREATE TABLE ${name} (k int NOT NULL); SELECT create_range_partitions('${name}', 'k', 0, 10, 2);`).join(" ")}
DELETE FROM pathman_config WHERE partrel::text = current_setting('gone'); SELECT append_range_partition('a'); DROP TABLE a_9;`,
      { "schema.complete": "true" },
    );
    expect(findings).toEqual([]);
    expect(known).not.toContain("a");
  });
});

describe("tables that no file creates", () => {
  test.each([
    "SELECT append_range_partition('t');",
    "SELECT append_range_partition('t'); SELECT split_range_partition('t_1', 5); SELECT drop_range_partition('t_2'); SELECT merge_range_partitions('t_3', 't_4');",
    "SELECT create_hash_partitions('t', 'k', 4); SELECT * FROM t WHERE k = 1; UPDATE t SET k = 2 WHERE k = 1;",
    "SELECT partman.create_parent('public.t', 'k', 'native', 'daily'); SELECT partman.run_maintenance('public.t'); SELECT partman.undo_partition('public.t');",
    "UPDATE partman.part_config SET retention = '1 month' WHERE parent_table = 'public.t'; CALL partman.run_maintenance_proc();",
    "SELECT create_distributed_table('t', 'k'); SELECT create_reference_table('r'); SELECT * FROM t JOIN r USING (k); SELECT undistribute_table('t');",
    "SELECT create_time_partitions('t', '1 month', '2026-06-01'); CALL drop_old_time_partitions('t', '2025-01-01');",
    "DELETE FROM pathman_config WHERE partrel = 't'::regclass; INSERT INTO pathman_config VALUES ('t', 'k', 1);",
  ])("%s", (sql) => {
    const { findings, known } = outcomeOf(sql);
    expect(findings).toEqual([]);
    expect(known).toEqual([]);
  });

  test("in a database with pg_pathman from before its first version", () => {
    const calls = "SELECT create_hash_partitions('t', 'k', 4); SELECT append_partition('t', 'more');";
    const { findings } = outcomeOf(`CREATE EXTENSION pathman; CREATE TABLE t (k int); ${calls}`);
    expect(findings).toEqual([]);
  });

  test("are refused where the files are the whole world", () => {
    const { findings } = outcomeOf("SELECT append_range_partition('t');", { "schema.complete": "true" });
    expect(findings).toEqual(['pathman-call: relation "t" does not exist.']);
  });
});

describe("calls in DO loops", () => {
  test("over constants are read", () => {
    const loop = (call: string): string =>
      `DO $$ DECLARE n text; BEGIN FOREACH n IN ARRAY ARRAY['a', 'b'] LOOP ${call} END LOOP; END $$;`;
    const tables = "CREATE TABLE a (k int NOT NULL); CREATE TABLE b (k int NOT NULL);";
    expect(outcomeOf(`${tables} ${loop("PERFORM create_range_partitions(n, 'k', 0, 10, 2);")}`)).toEqual({
      findings: [],
      declined: [],
      known: ["a", "b", "a_1", "a_2", "b_1", "b_2"],
    });
    const distributed = outcomeOf(`CREATE EXTENSION citus; ${tables}
${loop("EXECUTE format('SELECT create_distributed_table(%L, %L)', n, 'k');")} SELECT * FROM a JOIN b USING (k);`);
    expect(distributed).toEqual({ findings: [], declined: [], known: ["a", "b"] });
  });

  test.each([
    ["create_range_partitions(r.relname, 'k', 0, 10, 3)", ""],
    ["partman.create_parent('public.' || r.relname, 'k', 'native', '10')", partman],
    ["create_distributed_table(r.relname::text, 'k')", "CREATE EXTENSION citus;"],
  ])("over rows that nobody knows leave doubt about the tables that they may mean: %s", (call, before) => {
    const { findings, declined, known } = outcomeOf(
      `${before} CREATE TABLE a (k int NOT NULL);
DO $$ DECLARE r record; BEGIN FOR r IN SELECT relname FROM pg_class WHERE relname LIKE 'a%' LOOP PERFORM ${call}; END LOOP; END $$;
SELECT * FROM a; DROP TABLE a_1;`,
      { "schema.complete": "true" },
    );
    expect(findings).toEqual([]);
    expect(declined).toContain("DO $");
    expect(known).not.toContain("a");
  });
});

describe("two extensions in a file", () => {
  test("each has its own tables", () => {
    const { findings, declined, known } = outcomeOf(`${partman} CREATE EXTENSION pg_pathman;
CREATE TABLE t (k int NOT NULL); SELECT create_range_partitions('t', 'k', 0, 10, 2);
${events} SELECT partman.create_parent('public.events', 'at', 'native', 'daily', p_premake := 1);
SELECT drop_partitions('t'); UPDATE partman.part_config SET premake = 2;`);
    expect({ findings, declined }).toEqual({ findings: [], declined: [] });
    expect(known).toEqual(expect.arrayContaining(["t", "events", "events_default"]));
    expect(known).not.toContain("t_1");
  });

  test("may have one table: partitions of pg_partman with shards of Citus", () => {
    const { findings, declined, known } = outcomeOf(
      `${partman} CREATE EXTENSION citus; CREATE TABLE m (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
SELECT create_distributed_table('m', 'id'); SELECT partman.create_parent('public.m', 'at', '1 day');`,
      { partmanVersion: "5" },
    );
    expect({ findings, declined }).toEqual({ findings: [], declined: [] });
    expect(known).toContain("m_p20200101");
  });

  test("a name that others may have is nobody's until pg_pathman is there", () => {
    const call = "CREATE TABLE t (k int NOT NULL); SELECT drop_partitions('t');";
    expect(outcomeOf(call).findings).toEqual([]);
    expect(outcomeOf(`CREATE EXTENSION citus; ${call}`).findings).toEqual([]);
    const used = "CREATE TABLE u (k int NOT NULL); SELECT create_hash_partitions('u', 'k', 2);";
    for (const shown of [used, "CREATE EXTENSION pg_pathman;"])
      expect(outcomeOf(`${shown} ${call}`).findings).toEqual(['pathman-call: table "t" has no partitions.']);
  });
});

describe("an extension in another schema", () => {
  test("is found by its schema and by the search path, and not else", () => {
    const make = "CREATE SCHEMA own; CREATE EXTENSION pg_pathman SCHEMA own; CREATE TABLE t (k int NOT NULL);";
    expect(outcomeOf(`${make} SELECT own.create_range_partitions('t', 'k', 0, 10, 2);`).known).toEqual([
      "t",
      "t_1",
      "t_2",
    ]);
    const path = `${make} SET search_path = public, own; SELECT create_range_partitions('t', 'k', 0, 10, 2);`;
    expect(outcomeOf(path).known).toEqual(["t", "t_1", "t_2"]);
    const unqualified = outcomeOf(`${make} SELECT create_range_partitions('t', 'k', 0, 10, 2);`);
    expect(unqualified.known).toEqual([]);
    expect(unqualified.declined).toEqual(["create_range_partitions("]);
  });

  test("has its configuration there too", () => {
    const make = `CREATE SCHEMA "Part Man"; CREATE EXTENSION pg_partman SCHEMA "Part Man"; ${events}`;
    const { findings, declined, known } = outcomeOf(`${make}
SELECT "Part Man".create_parent('public.events', 'at', 'native', 'daily', p_premake := 1);
UPDATE "Part Man".part_config SET premake = 3; SELECT "Part Man".run_maintenance();`);
    expect({ findings, declined }).toEqual({ findings: [], declined: [] });
    expect(known).toContain("events_p2020_01_02");
  });
});

describe("names with dots and capitals", () => {
  test("pg_partman splits them at the dot and takes them as they are", () => {
    const tables =
      'CREATE TABLE "Sales" ("At" date NOT NULL) PARTITION BY RANGE ("At"); CREATE TABLE "a.b" (LIKE "Sales") PARTITION BY RANGE ("At");';
    const call = (name: string): string =>
      `SELECT partman.create_parent('${name}', 'At', 'native', 'daily', p_premake := 1);`;
    const { known, findings } = outcomeOf(`${partman} ${tables} ${call("public.Sales")} ${call("public.a.b")}`);
    expect(known).toContain("Sales_p2020_01_01");
    expect(findings).toEqual(["partman-call: pg_partman does not support objects with periods in their names."]);
    const quoted = outcomeOf(`${partman} ${tables} ${call('public."Sales"')}`, { "schema.complete": "true" });
    expect(quoted.findings[0]).toContain("Unable to find given parent table in system catalogs");
  });

  test("Citus takes regclass, with its quotes", () => {
    const make = 'CREATE EXTENSION citus; CREATE SCHEMA "My.S"; CREATE TABLE "My.S"."T.a" ("Id" bigint);';
    const right = outcomeOf(
      `${make} SELECT create_distributed_table('"My.S"."T.a"', 'Id'); SELECT * FROM "My.S"."T.a" WHERE "Id" = 5;`,
    );
    expect(right).toEqual({ findings: [], declined: [], known: ["T.a"] });
    const unquoted = outcomeOf(`${make} SELECT create_distributed_table('My.S.T.a', 'Id');`);
    expect(unquoted.findings).toEqual([]);
    expect(unquoted.declined).toEqual(["create_distributed_table("]);
  });
});
