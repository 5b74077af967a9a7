/** After an edit of anything on which plans depend the planner is asked again, and after other edits it is not. */

// What a planner answers is kept by the catalog in front of the query.

import { beforeAll, expect, test } from "vitest";
import type { Step } from "../../server/src/replay/step.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseEdit, analyseText } from "./support.ts";

let reading: Reading;

beforeAll(async () => {
  reading = await readingForTests();
});

const base = `CREATE TABLE t (d date NOT NULL, n int, m text) PARTITION BY RANGE (d);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE FUNCTION f() RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-01-05''';
CREATE FUNCTION g() RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-02-05''';
CREATE FUNCTION eq1(date, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = date ''2024-01-01''';
CREATE FUNCTION eq2(date, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 = date ''2024-02-01''';
CREATE TYPE w AS (a int);
CREATE FUNCTION c1(w) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-01-01''';
CREATE FUNCTION c2(w) RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-02-01''';
`;
/** What the statements are about, and what somebody makes of them. */
const cases: readonly (readonly [what: string, before: string, after: string])[] = [
  [
    "the body of a function",
    "CREATE FUNCTION h() RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-01-05''';",
    "CREATE FUNCTION h() RETURNS date LANGUAGE sql IMMUTABLE AS 'SELECT date ''2024-02-05''';",
  ],
  [
    "the body of a function in PL/pgSQL",
    "CREATE FUNCTION h() RETURNS date LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN date ''2024-01-05''; END';",
    "CREATE FUNCTION h() RETURNS date LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN date ''2024-02-05''; END';",
  ],
  [
    "the volatility of a function",
    "CREATE FUNCTION h() RETURNS date LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN now(); END';",
    "CREATE FUNCTION h() RETURNS date LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN now(); END';",
  ],
  [
    "whether a function is strict",
    "CREATE FUNCTION h(int) RETURNS date LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN now(); END';",
    "CREATE FUNCTION h(int) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT AS 'BEGIN RETURN now(); END';",
  ],
  ["ALTER FUNCTION", "ALTER FUNCTION f() VOLATILE;", "ALTER FUNCTION f() STABLE;"],
  [
    "the settings of a function",
    "ALTER FUNCTION f() SET TimeZone = 'UTC';",
    "ALTER FUNCTION f() SET TimeZone = 'Asia/Tokyo';",
  ],
  [
    "the function of an operator",
    "CREATE OPERATOR === (LEFTARG = date, RIGHTARG = int, FUNCTION = eq1);",
    "CREATE OPERATOR === (LEFTARG = date, RIGHTARG = int, FUNCTION = eq2);",
  ],
  [
    "the function of a cast",
    "CREATE CAST (w AS date) WITH FUNCTION c1(w);",
    "CREATE CAST (w AS date) WITH FUNCTION c2(w);",
  ],
  [
    "whether a cast is implicit",
    "CREATE CAST (w AS date) WITH FUNCTION c1(w);",
    "CREATE CAST (w AS date) WITH FUNCTION c1(w) AS IMPLICIT;",
  ],
  [
    "the query of a view",
    "CREATE VIEW v AS SELECT * FROM t WHERE d = '2024-01-05';",
    "CREATE VIEW v AS SELECT * FROM t WHERE d = '2024-02-05';",
  ],
  [
    "what a rule does",
    "CREATE TABLE o (d date); CREATE RULE r AS ON UPDATE TO o DO INSTEAD DELETE FROM t WHERE d = '2024-01-01';",
    "CREATE TABLE o (d date); CREATE RULE r AS ON UPDATE TO o DO INSTEAD DELETE FROM t WHERE d = '2024-02-01';",
  ],
  [
    "the function of an aggregate",
    "CREATE AGGREGATE last(date) (SFUNC = date_larger, STYPE = date);",
    "CREATE AGGREGATE last(date) (SFUNC = date_smaller, STYPE = date);",
  ],
  [
    "the function of an operator class",
    "CREATE FUNCTION h1(int, int8) RETURNS int8 LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE OPERATOR CLASS mine FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 h1(int, int8);",
    "CREATE FUNCTION h1(int, int8) RETURNS int8 LANGUAGE sql IMMUTABLE AS 'SELECT 2'; CREATE OPERATOR CLASS mine FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 h1(int, int8);",
  ],
  [
    "names of functions",
    "ALTER FUNCTION f() RENAME TO x; ALTER FUNCTION g() RENAME TO f;",
    "ALTER FUNCTION f() RENAME TO f; ALTER FUNCTION g() RENAME TO g;",
  ],
  ["which operator is dropped", "DROP OPERATOR IF EXISTS ==== (int, int);", "DROP OPERATOR IF EXISTS === (int, int);"],
  ["the order of labels", "CREATE TYPE e AS ENUM ('a', 'b');", "CREATE TYPE e AS ENUM ('b', 'a');"],
  [
    "the condition of a domain",
    "CREATE DOMAIN dm AS date CHECK (VALUE < '2024-01-05');",
    "CREATE DOMAIN dm AS date CHECK (VALUE < '2024-02-05');",
  ],
  [
    "a condition that a domain gets",
    "CREATE DOMAIN dm AS date; ALTER DOMAIN dm ADD CHECK (VALUE < '2024-01-05');",
    "CREATE DOMAIN dm AS date; ALTER DOMAIN dm ADD CHECK (VALUE < '2024-02-05');",
  ],
  ["a CHECK", "CREATE TABLE o (d date CHECK (d < '2024-01-05'));", "CREATE TABLE o (d date CHECK (d < '2024-02-05'));"],
  ["a default", "CREATE TABLE o (d date DEFAULT '2024-01-05');", "CREATE TABLE o (d date DEFAULT '2024-02-05');"],
  [
    "a generated column",
    "CREATE TABLE o (d date, e int GENERATED ALWAYS AS (1) STORED);",
    "CREATE TABLE o (d date, e int GENERATED ALWAYS AS (2) STORED);",
  ],
  [
    "a collation",
    "CREATE COLLATION cc (provider = icu, locale = 'de');",
    "CREATE COLLATION cc (provider = icu, locale = 'en');",
  ],
  [
    "a function that a block makes",
    "DO $$ BEGIN EXECUTE 'CREATE FUNCTION zz() RETURNS int LANGUAGE sql AS ''SELECT 1'''; END $$;",
    "DO $$ BEGIN EXECUTE 'CREATE FUNCTION zz() RETURNS int LANGUAGE sql AS ''SELECT 2'''; END $$;",
  ],
  ["a setting of the planner", "SET enable_partition_pruning = on;", "SET enable_partition_pruning = off;"],
  ["an extension", "CREATE EXTENSION citext;", "CREATE EXTENSION hstore;"],
  [
    "the options of a view",
    "CREATE VIEW v AS SELECT * FROM t; ALTER VIEW v SET (security_barrier = true);",
    "CREATE VIEW v AS SELECT * FROM t; ALTER VIEW v SET (security_barrier = false);",
  ],
  [
    "whether a view is a barrier",
    "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM t;",
    "CREATE VIEW v AS SELECT * FROM t;",
  ],
  ["whether a function leaks", "ALTER FUNCTION f() LEAKPROOF;", "ALTER FUNCTION f() NOT LEAKPROOF;"],
  ["an operator family", "CREATE OPERATOR FAMILY fam USING btree;", "CREATE OPERATOR FAMILY fam USING hash;"],
  [
    "the estimator of an operator",
    "CREATE OPERATOR === (LEFTARG = date, RIGHTARG = int, FUNCTION = eq1); ALTER OPERATOR === (date, int) SET (RESTRICT = eqsel);",
    "CREATE OPERATOR === (LEFTARG = date, RIGHTARG = int, FUNCTION = eq1); ALTER OPERATOR === (date, int) SET (RESTRICT = NONE);",
  ],
];
/** The query at the end before and after the edit. */
function queries(before: string, after: string): readonly [Step | undefined, Step | undefined] {
  const first = analyseText(`${base}${before}\nSELECT * FROM t WHERE d = '2024-01-05';\n`, reading);
  const range = { start: base.length, end: base.length + before.length };
  const second = analyseEdit(first, { range, newText: after }, reading);
  for (const { steps } of [first, second]) expect(steps.flatMap(({ rejection }) => rejection ?? [])).toEqual([]);
  return [first.steps.at(-1), second.steps.at(-1)];
}

test.each(cases)("after an edit of %s the planner is asked again", (_, before, after) => {
  const [first, second] = queries(before, after);
  expect(second?.before).not.toBe(first?.before);
});

test.each([
  ["what is notified", "NOTIFY a;", "NOTIFY b;"],
  ["a query", "SELECT * FROM t WHERE n = 1;", "SELECT * FROM t WHERE n = 2;"],
  ["an event trigger's state", "ALTER EVENT TRIGGER e ENABLE;", "ALTER EVENT TRIGGER e DISABLE;"],
  ["what VACUUM does", "VACUUM t;", "VACUUM (FULL) t;"],
])("after an edit of %s it is not", (_, before, after) => {
  const [first, second] = queries(before, after);
  expect(second?.before).toBe(first?.before);
});
