// Bounds as people read them: as short as each type allows, and never so short that two things look the same.
import { beforeAll, describe, expect, it } from "vitest";
import { emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { layoutOf, partsOf, placeOf } from "../../server/src/catalog/layout.ts";
import { shortBound, shortExtent } from "../../server/src/catalog/short-bound.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function tableOf(script: string) {
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const steps = replay({
    file: "a.sql",
    statements: parseDocument(script, reading).statements,
    start,
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text: script, reading },
  });
  expect(steps.flatMap((step) => step.rejection?.message ?? [])).toEqual([]);
  const catalog = finalCatalog(start, steps);
  const table = findRelation(catalog, { schema: null, name: "t" });
  if (table === null) throw new Error("no t");
  return { catalog, table };
}

/** The bounds of `t`, whose partitions are created with the bounds given. */
function bounds(columns: string, key: string, ...given: string[]): readonly string[] {
  const partitions = given.map((bound, index) => `CREATE TABLE t${index} PARTITION OF t ${bound};`);
  return boundsOf(`CREATE TABLE t (${columns}) PARTITION BY ${key};\n${partitions.join("\n")}`);
}

function boundsOf(script: string): readonly string[] {
  const { catalog, table } = tableOf(script);
  return partsOf(catalog, table).map((part) => {
    const place = placeOf(catalog, part);
    return place === null ? "no part" : shortBound(place.bound, place.layout.key, catalog.settings);
  });
}

function extent(script: string): string {
  const { catalog, table } = tableOf(script);
  const layout = layoutOf(table);
  const [first, last] = [...(layout?.partitions.ranges.values() ?? [])].flatMap((entry, index, all) =>
    index === 0 || index === all.length - 1 ? [entry] : [],
  );
  if (layout === null || first === undefined) throw new Error("no ranges");
  return shortExtent(first.lower, (last ?? first).upper, layout.key, catalog.settings);
}

const range = (from: string, to: string) => `FOR VALUES FROM (${from}) TO (${to})`;

describe("ranges", () => {
  it("have dates and whole numbers without quotes, also those that PostgreSQL prints with them", () => {
    expect(bounds("a date", "RANGE (a)", range("'2024-01-01'", "'2024-02-01'"))).toEqual(["2024-01-01 … 2024-02-01"]);
    expect(bounds("a bigint", "RANGE (a)", range("-5", "1000000"))).toEqual(["-5 … 1000000"]);
    expect(bounds("a numeric", "RANGE (a)", range("0.5", "10"))).toEqual(["0.5 … 10"]);
  });

  it("have no midnight, and the clock at both ends where one has it", () => {
    const of = (from: string, to: string) => bounds("a timestamp", "RANGE (a)", range(`'${from}'`, `'${to}'`));
    expect(of("2024-01-01", "2024-02-01")).toEqual(["2024-01-01 … 2024-02-01"]);
    expect(of("2024-01-01", "2024-02-01 06:00")).toEqual(["2024-01-01 00:00 … 2024-02-01 06:00"]);
    expect(of("2024-01-01 05:00", "2024-01-01 06:00")).toEqual(["2024-01-01 05:00 … 06:00"]);
    expect(of("2024-01-01 05:00:00.5", "2024-01-01 05:00:01")).toEqual(["2024-01-01 05:00:00.5 … 05:00:01"]);
    expect(of("-infinity", "2024-01-01")).toEqual(["-infinity … 2024-01-01"]);
    expect(of("0044-03-15 BC", "0044-03-16 BC")).toEqual(["0044-03-15 00:00:00 BC … 0044-03-16 00:00:00 BC"]);
  });

  it("say an offset once, and each where they differ", () => {
    const script = (zone: string, from: string, to: string) =>
      `SET timezone = '${zone}'; CREATE TABLE t (a timestamptz) PARTITION BY RANGE (a);
       CREATE TABLE t1 PARTITION OF t ${range(`'${from}'`, `'${to}'`)};`;
    expect(boundsOf(script("UTC", "2024-01-01", "2024-02-01"))).toEqual(["2024-01-01 … 2024-02-01 +00"]);
    expect(boundsOf(script("Europe/Berlin", "2024-03-01", "2024-04-01"))).toEqual(["2024-03-01 +01 … 2024-04-01 +02"]);
    expect(boundsOf(script("Asia/Kolkata", "2024-03-01 06:00", "2024-03-01 07:00"))).toEqual([
      "2024-03-01 06:00 … 07:00 +05:30",
    ]);
  });

  it("keep MINVALUE and MAXVALUE, and put several columns into parentheses", () => {
    expect(bounds("a int", "RANGE (a)", range("MINVALUE", "0"), range("0", "MAXVALUE"))).toEqual([
      "MINVALUE … 0",
      "0 … MAXVALUE",
    ]);
    expect(bounds("a int, b date", "RANGE (a, b)", range("1, '2024-01-01'", "1, MAXVALUE"))).toEqual([
      "(1, 2024-01-01) … (1, MAXVALUE)",
    ]);
  });

  it("are in ISO style whatever the session prints", () => {
    const script = `SET datestyle = 'German'; CREATE TABLE t (a date) PARTITION BY RANGE (a);
      CREATE TABLE t1 PARTITION OF t ${range("'31.01.2024'", "'01.02.2024'")};`;
    expect(boundsOf(script)).toEqual(["2024-01-31 … 2024-02-01"]);
  });

  it("of children say where a CHECK begins behind a value, or ends with one", () => {
    const script = (checks: string) => `CREATE TABLE t (a numeric); CREATE TABLE c1 (CHECK (${checks})) INHERITS (t);`;
    expect(extent(script("a > 1 AND a <= 2.5"))).toBe("> 1 … ≤ 2.5");
    expect(extent(script("a >= 1 AND a < 2.5"))).toBe("1 … 2.5");
  });
});

describe("lists", () => {
  const list = (values: string) => `FOR VALUES IN (${values})`;

  it("have words without quotes, and quotes round what would look like something else", () => {
    expect(bounds("a text", "LIST (a)", list("'eu', 'us-east'"), list("'1', 'null', '', 'a b', 'it''s'"))).toEqual([
      "IN ('1', 'null', '', 'a b', 'it''s')",
      "IN (eu, us-east)",
    ]);
    expect(bounds("a int", "LIST (a)", list("1, NULL"))).toEqual(["IN (1, NULL)"]);
    expect(bounds("a boolean", "LIST (a)", list("true"))).toEqual(["IN (true)"]);
  });

  it("name the first values, and count the others", () => {
    const many = Array.from({ length: 40 }, (_, index) => index).join(", ");
    expect(bounds("a int", "LIST (a)", list(many))).toEqual(["IN (0, 1, 2, 3, 4, 5, … 34 more)"]);
    expect(bounds("a int", "LIST (a)", list("1, 2, 3, 4, 5, 6, 7"))).toEqual(["IN (1, 2, 3, 4, 5, 6, 7)"]);
  });

  it("cut a value that fills the line by itself", () => {
    const [bound = ""] = bounds("a text", "LIST (a)", list(`'${"x".repeat(5000)}'`));
    expect(bound).toHaveLength("IN ('')".length + 40);
    expect(bound).toContain("x…'");
  });
});

it("hash and default partitions say what tells them from their siblings", () => {
  const hash = "FOR VALUES WITH (MODULUS 4, REMAINDER 3)";
  expect(bounds("a int", "HASH (a)", hash)).toEqual(["remainder 3 of 4"]);
  expect(bounds("a int", "RANGE (a)", "DEFAULT")).toEqual(["DEFAULT"]);
});

describe("how far a table reaches", () => {
  const table = (type: string, from: string, to: string) =>
    `CREATE TABLE t (a ${type}) PARTITION BY RANGE (a); CREATE TABLE t1 PARTITION OF t ${range(from, to)};`;

  it("is told in months where both ends are the first of one", () => {
    expect(extent(table("date", "'2024-01-01'", "'2025-01-01'"))).toBe("2024-01 … 2025-01");
    expect(extent(table("timestamptz", "'2024-01-01'", "'2025-01-01'"))).toBe("2024-01 … 2025-01");
    expect(extent(table("date", "'2024-01-01'", "'2025-01-02'"))).toBe("2024-01-01 … 2025-01-02");
    expect(extent(table("timestamp", "'2024-01-01 06:00'", "'2025-01-01 06:00'"))).toBe(
      "2024-01-01 06:00 … 2025-01-01 06:00",
    );
    expect(extent(table("int", "0", "10"))).toBe("0 … 10");
  });
});
