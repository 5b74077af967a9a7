/** SQL with what cannot be seen in it is written with escapes, and is the same to a real server. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { visibleSql } from "../../server/src/syntax/visible-sql.ts";
import { scriptOf } from "../ddl/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { hostileNames, quoted, wrongInLine } from "../support/hostile-names.ts";
import { readingForTests } from "../support/parser.ts";

const statements: readonly string[] = [
  'SELECT 1 AS "a\u202eb", 2 AS "back\\slash \u2066"',
  "SELECT 1 AS a\u202eB, 2 AS plain",
  `SELECT 'it''s \u202e \\ here' AS x, 'no\nbreak' AS y`,
  "SELECT 'one \u202e'\n  'two \u200f' AS x",
  "SELECT E'\\\\\u202e \\\u202e \\n \\' \u{e0041}' AS x",
  "SELECT U&'\\0041 \u202e \\\\' AS x, U&'!0041 \u202e' UESCAPE '!' AS y",
  'SELECT 1 AS U&"d\\0061t\u202e"',
  "SELECT $$\u202e$$ AS x /* \u202e */",
  `SELECT date '2024-01-01' AS "${"\u061c".repeat(40)}"`,
  'SELECT 1 AS "a\rb\nc\td"',
];

describe("what cannot be seen in a name or a constant", () => {
  it.each([13, 18] as const)("is written out, and means the same to PostgreSQL %i", async (major) => {
    const database = await createDatabase(major);
    const answers = async (sql: string) => {
      const { rows, fields } = await database.client.query(sql);
      return { rows, names: fields.map(({ name }) => name) };
    };
    try {
      for (const statement of statements)
        expect(await answers(visibleSql(statement))).toEqual(await answers(statement));
    } finally {
      await database.close();
    }
  });

  it("is left in comments, in dollar quotes, and where another character escapes", () => {
    const left = statements.filter((statement) => /[\u202e\u2066]/.test(visibleSql(statement)));
    expect(left).toEqual(statements.filter((statement) => /\$\$|UESCAPE/.test(statement)));
  });

  it("costs nothing where there is none", () => {
    const sql = `SELECT "é", 'می\u200cخواهم' FROM t`;
    expect(visibleSql(sql)).toBe(sql);
  });
});

describe("a script for tables with such names", () => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(18);
  });
  afterAll(() => database.close());

  it.each(hostileNames.map((name, index) => [JSON.stringify(name), name, index] as const))(
    "%s runs, and shows what it does",
    async (_, name, index) => {
      const [table, key, partition] = [quoted(`${name}t`), quoted(name), quoted(`${name}p`)];
      const schema = [
        `CREATE TABLE ${table} (${key} int) PARTITION BY RANGE (${key});`,
        `CREATE TABLE ${partition} PARTITION OF ${table} FOR VALUES FROM (0) TO (10);`,
      ].join("\n");
      const request = { operation: "split", table, partition, at: "5", names: [quoted(`${name}${index}`)] };
      const { sql } = scriptOf(reading, schema, request, 18);
      expect(sql.split("\n").map(wrongInLine)).toEqual(sql.split("\n").map(() => null));
      await database.client.query(schema);
      await database.client.query(sql);
      const { rows } = await database.client.query<{ relname: string }>(
        `SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid WHERE inhparent = $1::regclass`,
        [table],
      );
      expect(rows).toHaveLength(2);
      expect(rows.map(({ relname }) => relname)).toContain(`${name}p`);
    },
  );
});
