/** Queries that depend on functions, operators, casts and types which the file makes and changes are answered as PostgreSQL 18 plans them. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { partOf, schemaBefore } from "../../server/src/ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { predictedVerdict, verdictFor } from "../../server/src/pruning/verdict-of.ts";
import { textOfStatement } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { analyseText } from "../ide/support.ts";
import { survivorsOfPlan } from "../pruning/explained.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { embeddedPostgres, never } from "./support.ts";

let embedded: EmbeddedPostgres;
let reading: Reading;

beforeAll(async () => {
  [embedded, reading] = [await embeddedPostgres(), await readingForTests()];
});

afterAll(() => embedded.close());

const leaves = ["t_1", "t_2", "t_3"];

const months = `
  CREATE TABLE t (d date NOT NULL, n int) PARTITION BY RANGE (d);
  CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
  CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
  CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');`;

const numbers = `
  CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);
  CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1) TO (2);
  CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (2) TO (3);
  CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (3) TO (4);`;

const day = (name: string, date: string, more = "IMMUTABLE", head = "CREATE FUNCTION"): string =>
  `${head} ${name} RETURNS date LANGUAGE sql ${more} AS 'SELECT date ''${date}''';`;

/** Of each query of the script: what the lens says, and what a server plans that has run the script up to there. */
async function told(text: string): Promise<{ readonly lens: readonly string[]; readonly server: readonly string[] }> {
  const analysis = analyseText(text, reading);
  const database = await createDatabase();
  const [lens, server]: [string[], string[]] = [[], []];
  try {
    for (const step of analysis.steps) {
      const sql = textOfStatement(analysis.document, step.handle);
      const isAsked = predictedVerdict(step, analysis.options).relations.length > 0;
      if (!isAsked || step.statement.statement.kind !== "query") {
        expect(step.rejection, sql).toBeNull();
        await database.client.query(sql);
        continue;
      }
      const schema = schemaBefore([partOf(analysis)], step);
      const planner = schema === null ? null : embedded.after(schema);
      const [relation] = (await verdictFor(step, sql, planner, analysis.options, never)).relations;
      const survivors = relation?.survivors?.map(({ name }) => name).toSorted() ?? null;
      const planned = await survivorsOfPlan(database.client, sql, leaves);
      lens.push(`${survivors?.join(" ") ?? "unknown"} ${relation?.source}`);
      server.push(planned.join(" "));
      // Whoever says it: nothing that is scanned may lack, and what is called exact is.
      const unsaid = survivors === null ? [] : planned.filter((name) => !survivors.includes(name));
      expect(unsaid, `${sql} lacks`).toEqual([]);
    }
  } finally {
    await database.close();
  }
  return { lens, server };
}

const january = day("f()", "2024-01-05");
const february = day("f()", "2024-02-05");
const ask = "SELECT * FROM t WHERE d = f();";

test.each([
  ["dropped and made anew", `${months}${january}${ask} DROP FUNCTION f(); ${february}${ask}`],
  ["replaced", `${months}${january}${ask}${day("f()", "2024-02-05", "STABLE", "CREATE OR REPLACE FUNCTION")}${ask}`],
  [
    "dropped with what uses it",
    `${months}${january} CREATE VIEW v AS SELECT * FROM t WHERE d = f(); SELECT * FROM v; DROP FUNCTION f() CASCADE;
     ${february} CREATE VIEW v AS SELECT * FROM t WHERE d = f(); SELECT * FROM v;`,
  ],
  [
    "no longer immutable",
    `${months} CREATE FUNCTION f() RETURNS date LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN ''2024-01-05''; END';
     ${ask} ALTER FUNCTION f() VOLATILE; ${ask} ALTER FUNCTION f() IMMUTABLE; ${ask}`,
  ],
  [
    "changed for another by renaming",
    `${months}${january}${day("g()", "2024-02-05")}${ask} ALTER FUNCTION f() RENAME TO old; ALTER FUNCTION g() RENAME TO f; ${ask}`,
  ],
  [
    "of the same name in a schema that is searched first",
    `${months}${january} CREATE SCHEMA app; ${day("app.f()", "2024-02-05")}${ask} SET search_path = app, public; ${ask}`,
  ],
  [
    "moved to another schema",
    `${months} CREATE SCHEMA app; CREATE SCHEMA b; ${january}${day("app.f()", "2024-02-05")} SET search_path = b, app, public; ${ask}
     ALTER FUNCTION public.f() SET SCHEMA b; ${ask}`,
  ],
  [
    "made before the table that it reads",
    `SET check_function_bodies = off; CREATE FUNCTION f() RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-02-05'' WHERE EXISTS (SELECT 1 FROM later) OR true';
     ${months} CREATE TABLE later (n int); ${ask}`,
  ],
  ["made by a block", `${months} DO $$ BEGIN EXECUTE $x$ ${january} $x$; END $$; ${ask}`],
  ["replaced by a block", `${months}${january}${ask} DO $$ BEGIN DROP FUNCTION f(); ${february} END $$; ${ask}`],
  [
    "called by another",
    `${months}${january} CREATE FUNCTION g() RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT f()'; SELECT * FROM t WHERE d = g();
     DROP FUNCTION f(); ${february} SELECT * FROM t WHERE d = g();`,
  ],
  [
    "overloaded",
    `${months} CREATE FUNCTION f(numeric) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-01-05'''; SELECT * FROM t WHERE d = f(1);
     CREATE FUNCTION f(int) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-03-05'''; SELECT * FROM t WHERE d = f(1);
     DROP FUNCTION f(int); SELECT * FROM t WHERE d = f(1);`,
  ],
  [
    "of an operator",
    `${numbers} CREATE FUNCTION eq(int, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = length($2)';
     CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = eq); SELECT * FROM t WHERE k === 'ab';
     DROP OPERATOR === (int, text);
     CREATE FUNCTION eq2(int, text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = length($2) + 1';
     CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = eq2); SELECT * FROM t WHERE k === 'ab';`,
  ],
  [
    "of a cast",
    `${numbers} CREATE TYPE w AS (a int); CREATE FUNCTION wint(w) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a';
     CREATE CAST (w AS int) WITH FUNCTION wint(w); SELECT * FROM t WHERE k = (ROW(3)::w)::int;
     DROP CAST (w AS int); CREATE FUNCTION wint2(w) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a - 1';
     CREATE CAST (w AS int) WITH FUNCTION wint2(w); SELECT * FROM t WHERE k = (ROW(3)::w)::int;`,
  ],
  [
    "of an aggregate",
    `${numbers} CREATE AGGREGATE last(int) (SFUNC = int4larger, STYPE = int);
     SELECT * FROM t WHERE k = 2 AND k <= (SELECT last(x) FROM generate_series(1, 3) x);`,
  ],
  [
    "of an operator class by which rows are hashed",
    `CREATE FUNCTION h(int, int8) RETURNS int8 LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1::int8 + $2';
     CREATE OPERATOR CLASS mine FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 h(int, int8);
     CREATE TABLE t (k int) PARTITION BY HASH (k mine);
     CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 0);
     CREATE TABLE t_2 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 1);
     CREATE TABLE t_3 PARTITION OF t FOR VALUES WITH (MODULUS 3, REMAINDER 2);
     SELECT * FROM t WHERE k = 1; SELECT * FROM t WHERE k = 2; SELECT * FROM t WHERE k = 3;`,
  ],
  [
    "of a domain",
    `CREATE DOMAIN dom AS int; CREATE TABLE t (k dom) PARTITION BY RANGE (k);
     CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (1) TO (2); CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (2) TO (3);
     SELECT * FROM t WHERE k = 2; ALTER DOMAIN dom ADD CONSTRAINT c CHECK (VALUE > 0); SELECT * FROM t WHERE k = 2::dom;`,
  ],
  [
    "of an enum whose labels change their names",
    `CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE t (k e) PARTITION BY LIST (k);
     CREATE TABLE t_1 PARTITION OF t FOR VALUES IN ('a'); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN ('b');
     CREATE TABLE t_3 PARTITION OF t FOR VALUES IN ('c'); SELECT * FROM t WHERE k = 'a';
     ALTER TYPE e RENAME VALUE 'a' TO 'x'; ALTER TYPE e RENAME VALUE 'b' TO 'a'; SELECT * FROM t WHERE k = 'a';`,
  ],
  [
    "in a rule",
    `${numbers} CREATE TABLE o (k int); CREATE RULE r AS ON UPDATE TO o DO INSTEAD UPDATE t SET k = 2 WHERE t.k = 2 AND t.k = old.k;
     SELECT * FROM t WHERE k = 1;`,
  ],
])("a function %s", async (_, text) => {
  const { lens, server } = await told(text);
  expect(server.length).toBeGreaterThan(0);
  expect(lens).toEqual(server.map((survivors) => `${survivors} embedded`));
});

/** Of the last statement of the script: how sure the verdict is, who says so, and what keeps the embedded PostgreSQL from it. */
async function toldLast(text: string, given: unknown = {}) {
  const analysis = analyseText(text, reading, given);
  const query = analysis.steps.at(-1);
  if (query === undefined) throw new Error("no query");
  const schema = schemaBefore([partOf(analysis)], query) ?? [];
  const sql = textOfStatement(analysis.document, query.handle);
  const { relations, problem } = await verdictFor(query, sql, embedded.after(schema), analysis.options, never);
  return { ...relations[0], problem };
}

test.each([
  ["calls it", "SELECT * FROM t WHERE d = f();", "predicted"],
  ["reads a view that does", "SELECT * FROM v;", "predicted"],
  ["calls another that does", "SELECT * FROM t WHERE d = g();", "predicted"],
  ["has nothing to do with it", "SELECT * FROM t WHERE d = '2024-03-03';", "embedded"],
])("of a function that cannot be made there, a query that %s", async (_, query, source) => {
  const perl = day("f()", "2024-02-05", "IMMUTABLE", "CREATE OR REPLACE FUNCTION").replace(
    /LANGUAGE sql(.*) AS '.*'/,
    "LANGUAGE plperl$1 AS 'return q(2024-02-05)'",
  );
  const told = await toldLast(
    `${months}${january} CREATE VIEW v AS SELECT * FROM t WHERE d = f();
     CREATE FUNCTION g() RETURNS date LANGUAGE sql STABLE AS 'SELECT f()'; ${perl}${query}`,
  );
  expect(told.source).toBe(source);
  if (source === "embedded") expect(told).toMatchObject({ certainty: "exact", problem: null });
  else expect(told.problem).toMatch(/^the embedded PostgreSQL did not take a statement about what the query calls: /);
});

test("a table that the same statements divide otherwise there is answered from the file", async () => {
  // The block looks at the clock; the file is looked at as it is on another day.
  const text = `CREATE TABLE t (d date) PARTITION BY RANGE (d);
    DO $$ BEGIN EXECUTE format('CREATE TABLE %I PARTITION OF t FOR VALUES FROM (%L) TO (%L)',
      't_' || to_char(current_date, 'YYYY'), to_char(current_date, 'YYYY') || '-01-01', to_char(current_date, 'YYYY') || '-12-31'); END $$;
    SELECT * FROM t WHERE d = '2001-05-05';`;
  const { survivors, source, problem } = await toldLast(text, { today: "2001-05-05" });
  expect(survivors).toEqual([{ schema: "public", name: "t_2001" }]);
  expect(source).toBe("predicted");
  expect(problem).toMatch(/make other partitions of public\.t in the embedded PostgreSQL/);
});

test.each([
  ["asks for the time", "SELECT * FROM t WHERE d >= current_date;"],
  ["names a day by a word", "SELECT * FROM t WHERE d = 'today';"],
  ["reads a view that does", "CREATE VIEW v AS SELECT * FROM t WHERE d >= now(); SELECT * FROM v;"],
])(
  "where the file is looked at as it is on another day, a query that %s is answered from the file",
  async (_, query) => {
    expect(await toldLast(`${months}${query}`, { today: "2024-02-03" })).toMatchObject({
      source: "predicted",
      problem: "the embedded PostgreSQL's clock does not show 2024-02-03",
    });
    expect((await toldLast(`${months}${query}`, { today: new Date().toISOString().slice(0, 10) })).source).toBe(
      "embedded",
    );
  },
);
