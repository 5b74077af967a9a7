// What programs put where values go is a parameter; but only in statements that PostgreSQL's grammar refuses as they stand.
import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import type { PlacedStatement } from "../../server/src/syntax/statement.ts";
import { predictLast, readingForTests, replayScript, summary } from "../pruning/support.ts";
import { createDatabase } from "../support/database.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const schema = `CREATE TABLE sales (d date NOT NULL, site text, amount int) PARTITION BY RANGE (d);
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
`;

function only(text: string): PlacedStatement {
  const { statements } = parseDocument(text, reading);
  expect(statements).toHaveLength(1);
  const [statement] = statements;
  if (statement === undefined) throw new Error("The text has no statement.");
  return statement;
}

const refused = [
  "SELECT * FROM sales WHERE d = ?",
  "SELECT * FROM sales WHERE d=?",
  "SELECT * FROM sales WHERE d = %s",
  "SELECT * FROM sales WHERE d = %(day)s",
  "SELECT * FROM sales WHERE d = #{day,jdbcType=DATE}",
  "SELECT * FROM sales WHERE d = @day AND amount IN (?, ?)",
  "SELECT * FROM sales WHERE d = ?::date ORDER BY amount LIMIT ? OFFSET ?",
  "UPDATE sales SET amount = ? WHERE d = ?",
  "DELETE FROM sales WHERE d = %s AND site = %s",
] as const;

it("PostgreSQL refuses each as it stands, and accepts the others", async () => {
  const database = await createDatabase(18);
  try {
    await database.client.query(schema);
    for (const sql of refused)
      await expect(database.client.query({ text: sql }), sql).rejects.toMatchObject({ code: "42601" });
    for (const sql of accepted) await database.client.query(sql);
  } finally {
    await database.close();
  }
});

describe("a placeholder is a parameter", () => {
  it.each(refused)("%s", (sql) => {
    const statement = only(sql);
    expect(statement.statement.kind).toBe("query");
    expect(statement.masked).toBe(true);
    expect(summary(predictLast(schema + sql, reading))).toEqual(summary(predictLast(schema + numbered(sql), reading)));
  });

  it.each([":day", ":'day'", "${day}", "{{ day }}"])("%s, which psql or a template replaces", (placeholder) => {
    const predicted = (value: string) => predictLast(`${schema}SELECT * FROM sales WHERE d = ${value}`, reading);
    expect(summary(predicted(placeholder))).toEqual(summary(predicted("$1")));
    expect(predicted(placeholder).relations[0]?.reasons.map(({ kind }) => kind)).toContain("parameter");
  });

  it("and a value that psql's \\set gives comes before", () => {
    const sql = `${schema}\\set day '''2024-05-01'''\nSELECT * FROM sales WHERE d = :day;`;
    expect(summary(predictLast(sql, reading))).toEqual(
      summary(predictLast(`${schema}SELECT * FROM sales WHERE d = '2024-05-01';`, reading)),
    );
  });
});

/** The same with PostgreSQL's own parameters. */
function numbered(sql: string): string {
  let number = 0;
  return sql.replace(/\?|%s|%\(day\)s|#\{[^}]*\}|@day/g, () => `$${++number}`);
}

const accepted = [
  `SELECT '{"a":1}'::jsonb ? 'a'`,
  `SELECT @ -5, 7 # 3, 7 % 2, '{"a":1}'::jsonb ?| ARRAY['a'], 1 AS s`,
  "SELECT * FROM sales WHERE amount = @amount",
  "SELECT '?', '%s', $$ #{x} $$ -- ? %s",
] as const;

it.each(accepted)("a statement that parses is not read anew: %s", (sql) => {
  const { statement, masked } = only(sql);
  expect(statement.kind).toBe("query");
  expect(statement.replaced).toBeUndefined();
  expect(masked).toBe(false);
});

describe("where a placeholder is no value", () => {
  it("the statement is not known, and what it may name is in doubt", () => {
    const { steps } = replayScript(`${schema}ALTER TABLE %s ADD COLUMN x int;`, reading);
    const last = steps.at(-1);
    expect(last?.rejection).toBeNull();
    expect(last?.declined).not.toEqual([]);
  });

  it("it is no error, wherever the grammar stops at it", () => {
    const { steps } = replayScript(
      `${schema}SELECT * FROM sales TABLESAMPLE system (1) WHERE d IS %s AND amount = 1;`,
      reading,
    );
    expect(steps.at(-1)?.rejection).toBeNull();
  });

  it("another mistake is still one, at its place", () => {
    const { steps } = replayScript(`${schema}SELECT * FROM sales WHERE d FORM = ?;`, reading);
    expect(steps.at(-1)?.rejection).toMatchObject({ sqlstate: "42601", message: 'syntax error at or near "FORM"' });
  });
});
