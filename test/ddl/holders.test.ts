/** What depends on a table that another one takes the place of: known, it is refused; unknown, the script stops on real servers before it changes anything. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { attributesOf } from "./random/attributes.ts";
import { operate, promisedParts, scriptOf } from "./support.ts";

const plain = `CREATE TABLE "T" (id int NOT NULL, k int NOT NULL, note text, PRIMARY KEY (id, k));
  CREATE TABLE other (id int, k int);`;
const divided = `CREATE TABLE whole (id int NOT NULL, k int NOT NULL, note text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
  CREATE TABLE "T" PARTITION OF whole FOR VALUES FROM (0) TO (100);
  CREATE TABLE other (id int, k int);`;
const rowsOf = (schema: string): string =>
  `INSERT INTO ${schema === plain ? '"T"' : "whole"} SELECT n, n % 100, 'x' FROM generate_series(1, 300) AS n;`;

const online = { style: "online", batch: 100 };
const convert = { operation: "convert", table: '"T"', to: "declarative", key: "k" };
const operations: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ["convert", plain, convert],
  ["convert online", plain, { ...convert, ...online, start: "0", end: "100", interval: "50" }],
  ["split online", divided, { operation: "split", table: "whole", partition: '"T"', at: "50", name: "u", ...online }],
];

interface Holder {
  readonly title: string;
  readonly sql: string;
  /** The words by which PostgreSQL names it. */
  readonly named: string;
  /** What the refusal says where the schema shows it; null where only a server knows. */
  readonly known: string | null;
  readonly from?: number;
}

const holders: readonly Holder[] = [
  { title: "a view", sql: 'CREATE VIEW v AS SELECT k FROM "T";', named: "view v", known: "v" },
  {
    title: "a materialized view",
    sql: 'CREATE MATERIALIZED VIEW v AS SELECT count(*) FROM "T";',
    named: "materialized view v",
    known: "v",
  },
  {
    title: "a policy of another table",
    sql: 'CREATE POLICY p ON other USING (EXISTS (SELECT FROM "T" AS t WHERE t.k = other.k));',
    named: "policy p on table other",
    known: null,
  },
  {
    title: "a rule of another table",
    sql: 'CREATE RULE r AS ON DELETE TO other DO ALSO DELETE FROM "T" WHERE id = OLD.id;',
    named: "rule r on table other",
    known: null,
  },
  {
    title: "a function in SQL that is stored parsed",
    sql: 'CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM "T"; END;',
    named: "function f()",
    known: "the function f",
    from: 14,
  },
  {
    title: "a function that takes its rows",
    sql: `CREATE FUNCTION f("T") RETURNS int LANGUAGE sql AS 'SELECT $1.k';`,
    named: 'function f("T")',
    known: "the function f",
  },
  {
    title: "a column that holds its rows",
    sql: 'ALTER TABLE other ADD "Kept" "T";',
    named: "column Kept of table other",
    known: 'the column "Kept" of other',
  },
  {
    title: "a column that holds many of its rows",
    sql: 'ALTER TABLE other ADD kept "T"[];',
    named: "column kept of table other",
    known: "the column kept of other",
  },
  {
    title: "a domain over its rows",
    sql: 'CREATE DOMAIN d AS "T" CHECK ((VALUE).k > 0);',
    named: "constraint d_check, type d",
    known: null,
    from: 11,
  },
  {
    title: "a default that reads its rows",
    sql: `ALTER TABLE other ADD d int DEFAULT ((NULL::"T").k);`,
    named: "default value for column d of table other",
    known: null,
  },
];

describe.each([18, 15, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const start = async (sql: string): Promise<void> => {
    await database.client.query("ROLLBACK; RESET ALL; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await database.client.query(sql);
  };
  const run = async (sql: string): Promise<void> => {
    for (const each of parseDocument(sql, reading).statements)
      await database.client.query(sql.slice(each.start, each.end));
  };
  const cases = operations.flatMap(([title, schema, request]) =>
    holders.filter(({ from = 0 }) => from <= major).map((holder) => ({ title, schema, request, holder })),
  );

  it.each(cases)("$title: $holder.title that nobody has shown", async ({ schema, request, holder }) => {
    const script = scriptOf(reading, schema, request, major);
    await start(`${schema}${rowsOf(schema)}${holder.sql}`);
    const rows = `SELECT t::text FROM ${schema === plain ? '"T"' : "whole"} AS t ORDER BY 1`;
    const before = await database.client.query(rows);
    const attributes = await attributesOf(database.client, "public", major);
    await expect(run(script.sql)).rejects.toMatchObject({
      code: "2BP01",
      message: `"T" still in use: ${holder.named}`,
      hint: "Drop what is named, run the script, and create it again.",
    });
    await database.client.query("ROLLBACK");
    expect((await database.client.query(rows)).rows).toEqual(before.rows);
    const after = await attributesOf(database.client, "public", major);
    const lasting = (lines: readonly string[] = []): readonly string[] =>
      lines.filter((line) => !line.includes("_ahead_sync"));
    for (const [table, lines] of attributes) expect(lasting(after.get(table))).toEqual(lines);
  });

  it.each(operations)("%s: what belongs to the table itself is in nobody's way", async (_, schema, request) => {
    const own = `
      ALTER TABLE "T" ADD CONSTRAINT c CHECK (k >= 0 AND "T".id > 0);
      CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER w AFTER UPDATE OF k ON "T" FOR EACH ROW WHEN (OLD.k > 3) EXECUTE FUNCTION watch();
      CREATE CONSTRAINT TRIGGER l AFTER INSERT ON "T" DEFERRABLE FOR EACH ROW EXECUTE FUNCTION watch();
      CREATE POLICY own ON "T" USING (k > 0 OR note <> 'y');
      CREATE INDEX ON "T" (lower(note)) WHERE k > 3;
      CREATE STATISTICS st ON id, k FROM "T";
      CREATE TABLE refers (k int); CREATE SEQUENCE s OWNED BY "T".k;`;
    const all = `${schema}${own}`;
    const script = scriptOf(reading, all, request, major);
    await start(`${schema}${rowsOf(schema)}${own}`);
    await run(script.sql);
    expect(promisedParts(reading, all, script, String(request["table"]), major).length).toBeGreaterThan(0);
  });

  it("a table that inherits, and a key that refers to it", async () => {
    const script = scriptOf(reading, plain, convert, major);
    await start(`${plain} CREATE TABLE below () INHERITS ("T");`);
    await expect(run(script.sql)).rejects.toThrow('"T" still in use: table below');
    await start(`${plain} ALTER TABLE other ADD CONSTRAINT fk FOREIGN KEY (id, k) REFERENCES "T";`);
    await expect(run(script.sql)).rejects.toThrow('"T" still in use: constraint fk on table other');
  });
});

describe("what a schema shows is refused", () => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });
  const cases = operations.flatMap(([title, schema, request]) =>
    holders.flatMap((holder) =>
      holder.known === null ? [] : [{ title, schema, request, holder, known: holder.known }],
    ),
  );

  it.each(cases)("$title: $holder.title", ({ schema, request, holder, known }) => {
    const result = operate(reading, `${schema}${holder.sql}`, request, 18);
    if (result.ok) throw new Error(result.value.sql);
    const { message } = result.problem;
    expect(message).toContain(known);
    expect(message).toMatch(
      schema === divided
        ? /^(?:v reads "T" itself|the (?:function|column) .* uses rows of "T"), which would be dropped: drop /
        : /^the (?:view|function|column) .* depends on "T" and would go on with the table that it is now: drop it first, and create it again afterwards$/,
    );
  });

  it("but not for a namesake", () => {
    const schema = `CREATE SCHEMA s; CREATE TABLE s.t (k int NOT NULL); CREATE TABLE t (k int NOT NULL);
      CREATE FUNCTION f(s.t) RETURNS int LANGUAGE sql AS 'SELECT 1';`;
    expect(operate(reading, schema, { ...convert, table: "t" }, 18).ok).toBe(true);
  });
});
