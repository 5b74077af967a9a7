/** The port for extensions, tried by a small scheme that exists only here and stands in the place of Citus. */

import { beforeAll, describe, expect, test, vi } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { type ReplayOptions, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { changes } from "./slices.ts";

vi.mock("../../server/src/schemes/citus/extension.ts", async () => ({ citus: (await import("./slices.ts")).slices }));

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const options: ReplayOptions = { version: 18, pathmanVersion: "auto", today: "2026-03-15T12:00:00Z" };

function stepsOf(text: string, complete = true): readonly Step[] {
  return replay({
    file: "calls.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete, timeZone: "UTC", databaseCollation: "C" }),
    options,
    previous: [],
    source: { text, reading },
  });
}

function partitionsAfter(text: string): readonly string[] {
  const steps = stepsOf(text);
  expect(steps.flatMap(({ rejection }) => rejection?.message ?? [])).toEqual([]);
  const catalog = steps.at(-1)?.after ?? emptyCatalog({ complete: true, timeZone: "UTC" });
  return [...catalog.relations.values()].flatMap(({ name, partitionOf }) => {
    const key = partitionOf === null ? undefined : catalog.relations.get(partitionOf.parent)?.partitioning?.key;
    return partitionOf === null || key === undefined
      ? []
      : [`${name} ${printBound(partitionOf.bound, key, catalog.settings)}`];
  });
}

function lastOf(text: string, complete = true): { readonly step: Step; readonly text: string } {
  const step = stepsOf(text, complete).at(-1);
  if (step === undefined) throw new Error("the text holds a statement");
  return { step, text: text.slice(step.statement.start, step.statement.end) };
}

const u = "CREATE EXTENSION citus; CREATE TABLE u (k int) PARTITION BY RANGE (k);\n";
const two = ["u_0 FOR VALUES FROM (0) TO (1)", "u_1 FOR VALUES FROM (1) TO (2)"];

describe("a call expands into statements", () => {
  test.each([
    ["SELECT slice('u')"],
    ["SELECT slice('u', 2)"],
    ["SELECT slice('u', p_from := 0)"],
    ["SELECT slice(p_count => 1 + 1, p_table => 'u')"],
    ["SELECT * FROM slice('u')"],
    ["SELECT slice(n, 1, i) FROM (VALUES ('u', 0), ('u', 1)) v(n, i)"],
    ["SELECT slice('u', 1, i) FROM generate_series(0, 1) i"],
    ["SELECT public.slice('u'), 1 AS one"],
    ["DO $$ BEGIN PERFORM slice('u'); END $$"],
    ["DO $$ DECLARE n text := 'u'; BEGIN FOR i IN 0..1 LOOP PERFORM slice(n, 1, i); END LOOP; END $$"],
    ["CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM slice('u'); END $$; SELECT f()"],
    ["SELECT slice(relation) FROM slice_config"],
    ["SELECT 'SELECT slice(''u'')' \\gexec\n"],
  ])("%s", (call) => {
    expect(partitionsAfter(`${u}${call}${call.endsWith("\n") ? "" : ";"}`)).toEqual(two);
  });

  test("which have the call as their origin", () => {
    const { step, text } = lastOf(`${u}SELECT 1 AS a, slice('u', 1) AS b;`);
    const origin = [...step.after.relations.values()].find(({ name }) => name === "u_0")?.origin;
    const range = origin?.kind === "statement" ? origin.range : { start: 0, end: 0 };
    expect(text.slice(range.start, range.end)).toBe("slice('u', 1)");
    expect(step.declined).toEqual([]);
  });

  test("a CALL of a procedure, outside a transaction", () => {
    expect(lastOf(`${u}CALL tidy('u');`).step.after.names.getQualified("public", "u")).toBeUndefined();
    expect(lastOf(`${u}CALL tidy('u'::regclass);`).step.rejection).toBeNull();
    expect(lastOf(`${u}BEGIN; CALL tidy('u');`).step.rejection?.sqlstate).toBe("2D000");
  });

  test("a value of a call is known behind it", () => {
    expect(
      partitionsAfter(
        `${u}DO $$ DECLARE n int; BEGIN n := slice('u'); IF n = 2 THEN PERFORM slice('u', 1, n); END IF; END $$`,
      ),
    ).toEqual([...two, "u_2 FOR VALUES FROM (2) TO (3)"]);
    expect(
      partitionsAfter(
        `${u}DO $$ DECLARE r record; BEGIN FOR r IN SELECT a FROM sliced() LOOP PERFORM slice('u', 1, length(r.a) + (CASE WHEN r.a = 'x' THEN 0 ELSE 1 END)); END LOOP; END $$`,
      ),
    ).toEqual(["u_1 FOR VALUES FROM (1) TO (2)", "u_2 FOR VALUES FROM (2) TO (3)"]);
  });
});

describe("a call is refused", () => {
  test("in the extension's own words, and leaves the catalog as it was", () => {
    const { step, text } = lastOf(`${u}SELECT slice('u', -1);`);
    expect(step.rejection).toMatchObject({
      rule: "citus-call",
      sqlstate: "P0001",
      message: "no slices of u",
      hint: "Cut it.",
    });
    const range = step.rejection?.range ?? { start: 0, end: 0 };
    expect(text.slice(range.start, range.end)).toBe("slice('u', -1)");
  });

  test("for what PostgreSQL refuses of its statements", () => {
    const { step } = lastOf(`${u}SELECT slice('u', 3); SELECT slice('u', 4, -1);`);
    expect(step.rejection).toMatchObject({
      rule: "citus-call",
      sqlstate: "42P07",
      message: 'relation "u_0" already exists',
    });
    expect([...step.after.relations.values()].map(({ name }) => name)).not.toContain("u_-1");
  });

  test("where no form of it takes the arguments", () => {
    expect(lastOf(`${u}SELECT slice('u', interval '1 day', p_from := 3);`).step.rejection).toMatchObject({
      sqlstate: "42883",
      message: "function slice(unknown, interval, p_from => integer) does not exist",
      hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
      position: 7,
    });
    expect(lastOf(`${u}CALL slice('u');`).step.rejection).toMatchObject({
      sqlstate: "42809",
      hint: "To call a function, use SELECT.",
    });
    expect(lastOf(`${u}SELECT tidy('u');`).step.rejection).toMatchObject({
      sqlstate: "42809",
      hint: "To call a procedure, use CALL.",
    });
    expect(lastOf(`${u}SELECT slice('u', 'x');`).step.rejection).toMatchObject({
      sqlstate: "22P02",
      message: 'invalid input syntax for type integer: "x"',
    });
  });

  test("which EXCEPTION catches", () => {
    expect(
      partitionsAfter(
        `${u}DO $$ BEGIN PERFORM slice('u', 1, 1); PERFORM slice('u', -1); EXCEPTION WHEN raise_exception THEN PERFORM slice('u'); END $$`,
      ),
    ).toEqual(two);
  });
});

describe("a call is declined", () => {
  test("for the tables that it names alone", () => {
    const { step } = lastOf(`${u}CREATE TABLE o (k int); SELECT slice('u', (random() * 10)::int);`);
    expect(step.declined).toEqual(["citus: no constants"]);
    const known = [...step.after.relations.values()].map(({ name, knowledge }) => `${name} ${knowledge}`);
    expect(known).toEqual(["u tainted", "o full"]);
  });

  test("where nobody creates the extension and it takes no such arguments", () => {
    const { step } = lastOf(
      "CREATE SCHEMA slices; CREATE TABLE u (k int); SELECT slices.slice('u', interval '1 day');",
    );
    expect(step.rejection).toBeNull();
    expect(step.declined).toHaveLength(1);
  });
});

describe("whose a name is", () => {
  test("is told by the schema of the extension and the search path", () => {
    const make = "CREATE SCHEMA s; CREATE EXTENSION citus SCHEMA s; CREATE TABLE u (k int) PARTITION BY RANGE (k);\n";
    expect(partitionsAfter(`${make}SELECT s.slice('u');`)).toEqual(two);
    expect(partitionsAfter(`${make}SET search_path = public, s; SELECT slice('u');`)).toEqual(two);
    expect(partitionsAfter(`${make}SELECT slice('u');`)).toEqual([]);
  });

  test("where nobody creates the extension, by the name", () => {
    const text = "CREATE TABLE u (k int) PARTITION BY RANGE (k); SELECT slices.slice('u');";
    expect(partitionsAfter(`CREATE SCHEMA slices; ${text}`)).toEqual(two);
    expect(lastOf(text, false).step.rejection).toBeNull();
    // The schema of a call has to be there where the script is the whole world.
    expect(lastOf(text).step.rejection).toMatchObject({ sqlstate: "3F000", message: 'schema "slices" does not exist' });
  });

  test("and a function of the script wins", () => {
    const own =
      "CREATE FUNCTION slice(n text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE mine (k int); RETURN 1; END $$;";
    const { step } = lastOf(`CREATE TABLE u (k int); ${own} SELECT slice('u');`);
    expect([...step.after.relations.values()].map(({ name }) => name)).toEqual(["u", "mine"]);
  });

  test("the schema of CREATE EXTENSION has to be there", () => {
    expect(lastOf("CREATE EXTENSION citus SCHEMA nosuch;").step.rejection).toMatchObject({
      sqlstate: "3F000",
      message: 'schema "nosuch" does not exist',
    });
    expect(lastOf("CREATE EXTENSION citus SCHEMA nosuch;", false).step.rejection).toBeNull();
  });
});

describe("the version", () => {
  test("is told by the first call that one version alone takes", () => {
    const { step } = lastOf(`${u}SELECT slice('u', true); SELECT slice('u', 1, 1);`);
    expect(step.before.shownVersions).toEqual({ citus: "1.0" });
    expect(step.rejection?.sqlstate).toBe("42883");
  });

  test("or by CREATE EXTENSION", () => {
    const make = u.replace("EXTENSION citus", "EXTENSION citus VERSION '1.2'");
    expect(lastOf(`${make}SELECT slice('u', 1, 1);`).step.rejection?.sqlstate).toBe("42883");
  });

  test("of one that is not known nothing is claimed, neither that it refuses nor what it makes", () => {
    const make = u.replace("EXTENSION citus", "EXTENSION citus VERSION '3.0'");
    for (const statement of ["SELECT slice('u', -1)", "SELECT slice('u', 2)", "DELETE FROM slice_config"]) {
      const { step } = lastOf(`${make}${statement};`);
      expect(step.rejection).toBeNull();
      expect(step.declined).toEqual(["what citus 3.0 does is not known"]);
      expect([...step.after.relations.values()].map(({ name }) => name)).toEqual(["u"]);
    }
  });
});

describe("a configuration table", () => {
  test("is changed by calls in disguise", () => {
    changes.length = 0;
    const { step } = lastOf(
      `${u}INSERT INTO slice_config VALUES ('a', 1), ('b', 1 + 1); UPDATE slice_config SET width = 3 WHERE relation = 'a';
DO $$ DECLARE n text := 'c'; BEGIN UPDATE slice_config SET width = NULL WHERE relation = n; END $$; DELETE FROM slice_config WHERE relation LIKE 'b%';`,
    );
    expect(step.rejection).toBeNull();
    expect(changes).toEqual([
      'insert relation={"family":"text","value":"a"} width={"family":"integer","value":"1"}',
      'insert relation={"family":"text","value":"b"} width={"family":"integer","value":"2"}',
      'update relation={"family":"text","value":"a"}: width={"family":"integer","value":"3"}',
      'update relation={"family":"text","value":"c"}: width="null"',
      "delete ? false",
    ]);
  });

  test("may refuse it", () => {
    const { step } = lastOf(`${u}DELETE FROM slice_config;`);
    expect(step.rejection).toMatchObject({ rule: "citus-call", message: "u is in use" });
  });
});
