// What somebody types for a bound or a split: the library makes and prints what is missing, PostgreSQL reads it as it was meant.
import { beforeAll, describe, expect, it } from "vitest";
import { type ExpressionLibrary, loadExpressionLibrary } from "../../server/src/syntax/expression-text.ts";
import type { Parser } from "../../server/src/syntax/parser.ts";
import { type TypedValueReader, typedValueReader } from "../../server/src/syntax/typed-value.ts";
import { scriptOf } from "../ddl/support.ts";
import { createDatabase } from "../support/database.ts";
import { loadParserForTests, readingForTests } from "../support/parser.ts";

let parser: Parser;
let library: ExpressionLibrary;
/** The texts that PostgreSQL's grammar was given. */
let asked: string[];
let printed: number;

beforeAll(async () => {
  parser = await loadParserForTests();
  library = await loadExpressionLibrary();
});

/** The real grammar and the real library, which note what they are asked. */
function noting(): TypedValueReader {
  asked = [];
  printed = 0;
  const noted: ExpressionLibrary = {
    ...library,
    toSql: {
      ...library.toSql,
      expr: (node) => {
        printed += 1;
        return library.toSql.expr(node);
      },
    },
  };
  return typedValueReader({
    parser: {
      ...parser,
      parse: (text) => {
        asked.push(text.replace(/^SELECT \(([\s\S]*)\n\)$/, "$1"));
        return parser.parse(text);
      },
    },
    library: noted,
  });
}

describe("a typed value", () => {
  it.each(["2024-07-01", "abc", "it's", "a\\b", "", "é😀", "two\nlines", "-- no comment", "$1", "'quoted'"])(
    "%j as it stands is a constant that the library prints and PostgreSQL reads back",
    (text) => {
      const read = noting().word(text);
      expect(read.ok && read.expression.kind === "constant" ? read.expression.value : read).toEqual({
        type: "string",
        text,
      });
      expect(printed).toBeGreaterThan(0);
      expect(asked.length).toBeGreaterThan(1);
    },
  );

  it.each([
    ["2024-06-30 + 1", "'2024-06-30'::date + 1"],
    ["2024-06-30  -  interval '1 month'", "'2024-06-30'::date  -  interval '1 month'"],
    ["greatest(2024-06-30, DATE '2024-01-01')", "greatest('2024-06-30'::date, DATE '2024-01-01')"],
    ["(2024-06-30)", "('2024-06-30'::date)"],
  ])("%s is read as %s", (text, expected) => {
    expect(noting().dated(text, "date")?.ok).toBe(true);
    expect(asked.at(-1)).toBe(expected);
  });

  it.each([
    "'2024-06-30'::date + 1",
    "to_date('2024-06-30', 'YYYY-MM-DD')",
    "$$2024-06-30$$ -- 2024-06-30",
    "2024-06-30 12:00+02",
    "x2024-06-30",
    "2024-06-30-1",
  ])("%s has no date without quotes", (text) => {
    expect(noting().dated(text, "date")).toBeNull();
  });

  it("is read without the library as far as it stands in SQL already", () => {
    const bare = typedValueReader({ parser });
    expect(bare.word("2024-07-01")).toMatchObject({ ok: true, expression: { value: { text: "2024-07-01" } } });
    expect(bare.expression("DATE '2024-06-30' + 1")).toMatchObject({ ok: true, expression: { kind: "operator" } });
    expect(bare.dated("2024-06-30 + 1", "date")).toBeNull();
  });
});

describe("a split and a bound at a typed value", () => {
  it.each([
    ["timestamp", "2024-06-30 + 1", "2024-07-01 00:00:00"],
    ["timestamp", "2024-06-30 - 1", "2024-06-29 00:00:00"],
    ["timestamp", "2024-06-30 12:00", "2024-06-30 12:00:00"],
    ["timestamptz", "2024-06-30 + 1", "2024-07-01 00:00:00+00"],
    ["timestamptz", "2024-06-30 - 1", "2024-06-29 00:00:00+00"],
    ["timestamptz", "2024-06-30 00:00+02", "2024-06-29 22:00:00+00"],
    ["timestamptz", "2024-06-30", "2024-06-30 00:00:00+00"],
    ["timestamptz", "2024-06-30 + interval '1 day'", "2024-07-01 00:00:00+00"],
  ])("with a key of type %s %s is %s", async (type, typed, point) => {
    const reading = await readingForTests();
    const table = `SET TIME ZONE 'UTC';
CREATE TABLE t (d ${type} NOT NULL) PARTITION BY RANGE (d);
CREATE TABLE t_2024 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`;
    const { sql } = scriptOf(reading, table, { operation: "split", table: "t", partition: "t_2024", at: typed }, 18);
    const database = await createDatabase(18);
    try {
      await database.client.query(table);
      await database.client.query(sql);
      const { rows } = await database.client.query<{ bound: string }>(
        "SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE relispartition ORDER BY 1",
      );
      expect(rows.map(({ bound }) => bound)[1]).toMatch(`FOR VALUES FROM ('${point}')`);
    } finally {
      await database.close();
    }
  });

  const schema = `CREATE TABLE t (d date NOT NULL, k int) PARTITION BY RANGE (d);
CREATE TABLE t_2024 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`;

  it.each([
    ["2024-06-30 + 1", "2024-07-01"],
    ["'2024-06-30'::date + 1", "2024-07-01"],
    ["2024-07-01", "2024-07-01"],
    ["DATE '2024-07-01'", "2024-07-01"],
    ["E'2024-07-0\\x31'", "2024-07-01"],
  ])("%s is where PostgreSQL has it", async (typed, point) => {
    const reading = await readingForTests();
    const { sql } = scriptOf(reading, schema, { operation: "split", table: "t", partition: "t_2024", at: typed }, 18);
    const database = await createDatabase(18);
    try {
      await database.client.query(schema);
      await database.client.query(sql);
      const { rows } = await database.client.query<{ bound: string }>(
        "SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE relispartition ORDER BY 1",
      );
      expect(rows.map(({ bound }) => bound)).toEqual([
        `FOR VALUES FROM ('2024-01-01') TO ('${point}')`,
        `FOR VALUES FROM ('${point}') TO ('2025-01-01')`,
      ]);
    } finally {
      await database.close();
    }
  });
});
