/** Functions of a script and psql's `\gexec`: what is followed by text, and what is left open. */

import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function stepsOf(text: string): readonly Step[] {
  return replay({
    file: "calls.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2024-06-05" },
    previous: [],
    source: { text, reading },
  });
}

function partitionsAfter(text: string): readonly string[] {
  const catalog = stepsOf(text).at(-1)?.after;
  return [...(catalog?.relations.values() ?? [])].flatMap(({ name, partitionOf }) => {
    const key = partitionOf === null ? undefined : catalog?.relations.get(partitionOf.parent)?.partitioning?.key;
    return partitionOf === null || key === undefined
      ? []
      : [`${name} ${printBound(partitionOf.bound, key, catalog?.settings ?? never())}`];
  });
}

function never(): never {
  throw new Error("a catalog has settings");
}

const n = "CREATE TABLE n (k int) PARTITION BY RANGE (k);\n";
const make = `CREATE FUNCTION make(i int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END $$;
`;

describe("\\gexec", () => {
  test("runs the values of rows that the query tells, in order", () => {
    const text = `${n}SELECT format('CREATE TABLE n_%s PARTITION OF n FOR VALUES FROM (%s) TO (%s)', i, i, i + 1), CASE WHEN i = 2 THEN 'DROP TABLE n_1' END
FROM generate_series(1, 3) AS i \\gexec
`;
    expect(partitionsAfter(text)).toEqual(["n_2 FOR VALUES FROM (2) TO (3)", "n_3 FOR VALUES FROM (3) TO (4)"]);
  });

  test("of rows that are not known, or of a statement that fails, is left open", () => {
    const open = (query: string): readonly string[] => stepsOf(`${n}${query} \\gexec\n`)[1]?.declined ?? [];
    expect(open("SELECT 'DROP TABLE ' || relname FROM pg_class")).toEqual(["what \\gexec runs is not known"]);
    expect(open("SELECT 'DROP TABLE nosuch'")).toEqual(["what \\gexec runs is not known"]);
    expect(open("SELECT 'nonsense'")).toEqual(["what \\gexec runs is not known"]);
  });
});

describe("a call", () => {
  test("that fails takes back what it did", () => {
    const steps = stepsOf(`${n}${make}SELECT make(i) FROM generate_series(1, 2) AS i, (VALUES (1), (2)) AS twice;`);
    expect(steps.at(-1)?.rejection?.message).toBe('relation "n_1" already exists');
    expect(steps.at(-1)?.after).toBe(steps.at(-1)?.before);
  });

  test("of a function that is replaced by an unknown text, or dropped among others, is not followed", () => {
    const masked = `${n}${make}CREATE OR REPLACE FUNCTION make(i int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE '\${sql}'; END $$;\nSELECT make(1);`;
    const dropped = `${n}${make}CREATE FUNCTION make(i text) RETURNS void LANGUAGE sql AS 'SELECT';\nDROP FUNCTION make(int);\nSELECT make(1);`;
    for (const text of [masked, dropped]) {
      expect(partitionsAfter(text)).toEqual([]);
      expect(stepsOf(text).at(-1)?.rejection).toBeNull();
    }
  });

  test("that may not happen, or for rows that are not known, is not followed", () => {
    for (const query of [
      "SELECT make(k) FROM n",
      "SELECT CASE WHEN random() > 0.5 THEN make(1) END",
      "SELECT make(1) WHERE random() > 0.5",
      "SELECT make((random() * 10)::int)",
    ]) {
      const [step] = stepsOf(`${n}${make}${query};`).slice(-1);
      expect([query, step?.rejection, step?.declined.length]).toEqual([query, null, expect.any(Number)]);
      expect(step?.declined).not.toEqual([]);
    }
  });

  test("beside one of a function that there is not, is refused with it", () => {
    const [step] = stepsOf(`${n}${make}SELECT nosuch(1), make(1);`).slice(-1);
    expect(step?.rejection?.message).toBe("function nosuch(integer) does not exist");
    expect(step?.after).toBe(step?.before);
  });

  test("of functions that call themselves without end is given up", () => {
    const endless =
      "CREATE FUNCTION again(i int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE TABLE x' || i || ' ()'; RETURN again(i + 1); END $$;\n";
    expect(stepsOf(`${endless}SELECT again(1);`).at(-1)?.declined).toContain(
      "the call is not followed: functions call each other too deep",
    );
    const loop =
      "CREATE FUNCTION forever() RETURNS void LANGUAGE plpgsql AS $$ DECLARE t text := 'x'; BEGIN LOOP t := t || t; EXECUTE 'DROP TABLE IF EXISTS y'; END LOOP; END $$;\n";
    expect(stepsOf(`${loop}SELECT forever();`).at(-1)?.declined[0]).toMatch(/^the call is not followed/);
  });

  test("keeps the settings of the session as they were before the function's own", () => {
    const text = `CREATE SCHEMA s;
CREATE FUNCTION inside() RETURNS void LANGUAGE plpgsql SET search_path TO s AS $$ BEGIN EXECUTE 'CREATE TABLE t ()'; END $$;
SELECT inside();
CREATE TABLE t ();`;
    const names = [...(stepsOf(text).at(-1)?.after.relations.values() ?? [])].map(
      ({ schema, name }) => `${schema}.${name}`,
    );
    expect(names).toEqual(["s.t", "public.t"]);
  });
});
