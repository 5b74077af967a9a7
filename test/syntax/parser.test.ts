// PostgreSQL's grammar behind our door: offsets, errors, and survival.
import { beforeAll, describe, expect, it } from "vitest";
import type { Parser } from "../../server/src/syntax/parser.ts";
import { createDatabase } from "../support/database.ts";
import { loadParserForTests } from "../support/parser.ts";

let parser: Parser;
beforeAll(async () => {
  parser = await loadParserForTests();
});

/** The text from the place of the error on. */
function errorAt(text: string): string {
  const result = parser.parse(text);
  if (result.ok) throw new Error("no error");
  return `${result.error.sqlstate} ${result.error.message} | ${text.slice(result.error.offset)}`;
}

describe("parser", () => {
  it("reads comments that nest thousands of times, and says where one does not end", async () => {
    const nested = `${"/*".repeat(40_000)} é ${"*/".repeat(40_000)}`;
    const database = await createDatabase(18);
    try {
      for (const text of [
        `SELECT ${nested} 1 frm ${nested} x y`,
        `SELECT 1 ${"/*".repeat(2_000)}`,
        `SELECT '${nested}' FROM`,
      ]) {
        const refused: unknown = await database.client.query(text).catch((error: unknown) => error);
        const { message, position } = refused as { message: string; position: string };
        const result = parser.parse(text);
        if (result.ok) throw new Error("no error");
        const said = result.error.message;
        expect(message.startsWith(said.replace(/…?"$/, ""))).toBe(true);
        // The end of the text is one place for us; the server counts code points from 1.
        expect([...text.slice(0, result.error.offset)].length + 1).toBe(Number(position));
      }
    } finally {
      await database.close();
    }
    expect(parser.parse(`SELECT ${nested} 1`)).toMatchObject({ ok: true });
  });

  it("gives the server's code for what its grammar refuses", async () => {
    const refused = [
      "CREATE SCHEMA IF NOT EXISTS s CREATE TABLE t (a int)",
      "CREATE TABLE t (a int, CHECK (a > 0) DEFERRABLE)",
      "CREATE TABLE t (a int, UNIQUE (a) NOT VALID)",
      "CREATE TABLE t (a int REFERENCES u ON UPDATE SET NULL (a))",
      "CREATE TABLE t (a float(0))",
      "CREATE TABLE t (a float(60))",
      "ALTER INDEX i ALTER COLUMN 40000 SET STATISTICS 1",
      "SELECT sum(a) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW) FROM t",
      "SELECT sum(a) OVER (ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM t",
      "CREATE RECURSIVE VIEW v (a) AS SELECT 1 WITH CHECK OPTION",
      "CREATE USER u UNENCRYPTED PASSWORD 'x'",
      "CREATE EXTENSION e FROM '1.0'",
      "CREATE ROLE public",
      "CREATE ROLE current_user",
      "CREATE OR REPLACE CONSTRAINT TRIGGER t AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
      "CREATE ASSERTION a CHECK (true)",
      "CREATE TABLE t (a int) PARTITION BY nosuch (a)",
      "SELECT FROM WHERE",
    ];
    const database = await createDatabase();
    try {
      for (const text of refused) {
        const result = parser.parse(text);
        const answer = database.client.query(text);
        await expect(answer, text).rejects.toMatchObject({ code: result.ok ? "none" : result.error.sqlstate });
      }
    } finally {
      await database.close();
    }
  });

  it("reads PostgreSQL 18's grammar", () => {
    expect(parser.parse("CREATE TABLE t PARTITION OF p FOR VALUES FROM (MINVALUE) TO ('2024-01-01')").ok).toBe(true);
    expect(parser.parse("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED").ok).toBe(true);
  });

  it("reads a text without statements", () => {
    expect(parser.parse(" -- nothing")).toMatchObject({ ok: true, tree: { stmts: [] } });
    expect(parser.parse("").ok).toBe(true);
  });

  it("gives the tree's locations in UTF-16", () => {
    const result = parser.parse("SELECT 'é😀', x");
    if (!result.ok) throw new Error(result.error.message);
    expect(JSON.stringify(result.tree)).toContain('{"ColumnRef":{"fields":[{"String":{"sval":"x"}}],"location":14}}');
  });

  it.each([
    ["SELECT 'é😀' FROM FROM x", '42601 syntax error at or near "FROM" | FROM x'],
    ["SELECT 1 +", "42601 syntax error at end of input | "],
    ["SELECT 'a", "42601 unterminated quoted string at or near \"'a\" | 'a"],
    ["CREATE TABLE t (a int) PARTITION BY MAGIC (a)", '22023 unrecognized partitioning strategy "magic" | MAGIC (a)'],
  ])("reports %j in PostgreSQL's words", (text, expected) => {
    expect(errorAt(text)).toBe(expected);
  });

  it("does not stop at NUL or a byte order mark", () => {
    expect(errorAt("SELECT 1\0 FROM FROM")).toMatch(/near "FROM" \| FROM$/);
    expect(parser.parse("\ufeffSELECT 1").ok).toBe(true);
  });

  it.each(["SELECT a NOT /* é */ IN (1)", "SELECT 1 ORDER BY a NULLS -- x\n FIRST", "SELECT U&'a' /**/ UESCAPE '!'"])(
    "reads %j, where libpg_query stumbles over the comment",
    (text) => {
      expect(parser.parse(text).ok).toBe(true);
    },
  );

  it("keeps places right behind a comment that it had to leave out", () => {
    const result = parser.parse("SELECT a NOT /* é */ IN (x)");
    expect(JSON.stringify(result)).toContain('{"ColumnRef":{"fields":[{"String":{"sval":"x"}}],"location":25}}');
  });

  it("survives what would overflow its stack, again and again", () => {
    const deep = [
      `SELECT 1${" + 1".repeat(20_000)}`,
      `SELECT ${"f(".repeat(6_000)}1${")".repeat(6_000)}`,
      `SELECT ${"(".repeat(20_000)}`,
      `SELECT ${"NOT ".repeat(20_000)} a`,
      `SELECT a${"[1]".repeat(20_000)}`,
      `SELECT ${"- ".repeat(20_000)} a`,
      `${"SELECT 1 UNION ALL ".repeat(20_000)} SELECT 1`,
      `SELECT a${"::int".repeat(20_000)}`,
      `SELECT a${" IS NULL".repeat(20_000)}`,
      `SELECT a${" ISNULL".repeat(20_000)}`,
      `SELECT ${"(SELECT ".repeat(9_000)}1${")".repeat(9_000)}`,
      `SELECT * FROM a${" CROSS JOIN b".repeat(20_000)}`,
      `SELECT ${"CASE WHEN ".repeat(9_000)}1${" THEN 1 END".repeat(9_000)}`,
    ];
    for (const text of [...deep, ...deep]) {
      parser.parse(text);
      expect(parser.parse("SELECT 1").ok).toBe(true);
    }
  });

  it("reads long statements that do not nest", () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => index);
    expect(parser.parse(`SELECT 1 FROM t WHERE ${numbers.map((n) => `a = ${n}`).join(" OR ")}`).ok).toBe(true);
    expect(parser.parse(`SELECT 1 FROM t WHERE a IN (${numbers.join(", ")})`).ok).toBe(true);
    expect(parser.parse(`INSERT INTO t VALUES ${numbers.map((n) => `(${n} + 1, -${n}, now())`).join(", ")}`).ok).toBe(
      true,
    );
  });
});
