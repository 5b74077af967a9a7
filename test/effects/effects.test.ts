/** Whatever runs a function that changes the schema: PostgreSQL takes what follows, and nothing that it may have touched is claimed. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

/** What the function does, a statement that PostgreSQL takes after that, and would not take before. */
const claims = {
  "a row finds its partition": {
    does: "CREATE TABLE public.led_5 PARTITION OF public.led FOR VALUES FROM (50) TO (60)",
    after: "INSERT INTO led VALUES (55)",
  },
  "a name is free": { does: "DROP TABLE public.taken", after: "CREATE TABLE taken (a int)" },
  "a bound is free": {
    does: "DROP TABLE public.led_0",
    after: "CREATE TABLE led_x PARTITION OF led FOR VALUES FROM (0) TO (5)",
  },
  "a relation is there": { does: "CREATE TABLE public.made (a int)", after: "SELECT a FROM made" },
} as const;

/** Statements that run `mk()`; the last of them does. */
const sources: Readonly<Record<string, string>> = {
  "a call in SELECT": "SELECT mk()",
  "a call in VALUES": "VALUES (mk())",
  "a call in FROM": "SELECT * FROM mk()",
  "a subquery": "SELECT count(*) FROM (SELECT mk() OFFSET 0) q",
  "a subquery in an expression": "SELECT (SELECT mk())",
  LATERAL: "SELECT 1 FROM ctl RIGHT JOIN LATERAL (SELECT mk()) x ON true",
  "a join condition": "SELECT 1 FROM ctl a JOIN ctl b ON mk() = 1",
  "a set operation": "SELECT 1 UNION ALL SELECT mk()",
  "a common table expression": "WITH w AS MATERIALIZED (SELECT mk() AS a) SELECT * FROM w",
  "a writing common table expression": "WITH w AS (INSERT INTO ctl SELECT mk() RETURNING a) SELECT * FROM w",
  LIMIT: "SELECT 1 FROM ctl LIMIT mk()",
  OFFSET: "SELECT 1 FROM ctl OFFSET mk()",
  "ORDER BY": "SELECT a FROM ctl ORDER BY mk()",
  "GROUP BY and HAVING": "SELECT count(*) FROM ctl HAVING mk() = 1",
  FILTER: "SELECT count(*) FILTER (WHERE mk() = 1) FROM ctl",
  "a window": "SELECT sum(a) OVER (PARTITION BY mk()) FROM ctl",
  CASE: "SELECT CASE WHEN a = 1 THEN mk() END FROM ctl",
  "a row function in FROM": "SELECT * FROM ROWS FROM (mk(), generate_series(1, 2)) r",
  TABLESAMPLE: "SELECT * FROM ctl TABLESAMPLE bernoulli (mk())",
  UPDATE: "UPDATE ctl SET a = mk()",
  "UPDATE of several columns": "UPDATE ctl SET (a, b) = (SELECT mk(), 2)",
  "WHERE of UPDATE": "UPDATE ctl SET a = a WHERE mk() = 1",
  DELETE: "DELETE FROM ctl WHERE mk() = 1",
  "DELETE USING": "DELETE FROM ctl USING (SELECT mk() AS x OFFSET 0) q WHERE a = x",
  "INSERT VALUES": "INSERT INTO ctl VALUES (mk())",
  "INSERT SELECT": "INSERT INTO ctl SELECT mk()",
  RETURNING: "INSERT INTO ctl VALUES (2) RETURNING mk()",
  "ON CONFLICT":
    "CREATE TABLE k (a int PRIMARY KEY); INSERT INTO k VALUES (1); INSERT INTO k VALUES (1) ON CONFLICT (a) DO UPDATE SET a = mk() + 1",
  MERGE: "MERGE INTO ctl t USING (VALUES (7)) s (a) ON t.a = s.a WHEN NOT MATCHED THEN INSERT VALUES (mk())",
  "MERGE's condition": "MERGE INTO ctl t USING (VALUES (1)) s (a) ON t.a = s.a WHEN MATCHED AND mk() = 1 THEN DELETE",
  "CREATE TABLE AS": "CREATE TABLE n AS SELECT mk() AS z",
  "SELECT INTO": "SELECT mk() AS z INTO n",
  "CREATE MATERIALIZED VIEW": "CREATE MATERIALIZED VIEW n AS SELECT mk() AS z",
  REFRESH: "CREATE MATERIALIZED VIEW n AS SELECT mk() AS z WITH NO DATA; REFRESH MATERIALIZED VIEW n",
  "EXPLAIN ANALYZE": "EXPLAIN ANALYZE SELECT mk()",
  "EXPLAIN of an immutable function":
    "CREATE FUNCTION im() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mk(); END $$; EXPLAIN SELECT im()",
  "COPY of a query": "COPY (SELECT mk()) TO '/dev/null'",
  EXECUTE: "PREPARE p AS SELECT mk(); EXECUTE p",
  "EXECUTE with an argument": "PREPARE p (int) AS SELECT $1; EXECUTE p (mk())",
  "CREATE TABLE AS EXECUTE": "PREPARE p AS SELECT mk() AS z; CREATE TABLE n AS EXECUTE p",
  "a cursor": "BEGIN; DECLARE c CURSOR FOR SELECT mk(); FETCH ALL FROM c; CLOSE c; COMMIT",
  "a cursor that outlives its transaction": "BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT mk(); COMMIT",
  "a view": "CREATE VIEW v AS SELECT mk() AS x; SELECT * FROM v",
  "a view of a view": "CREATE VIEW v AS SELECT mk() AS x; CREATE VIEW w AS SELECT * FROM v; SELECT * FROM w",
  CALL: "CREATE PROCEDURE pr() LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); END $$; CALL pr()",
  "an argument of CALL": "CREATE PROCEDURE pr(int) LANGUAGE sql AS 'SELECT 1'; CALL pr(mk())",
  "a function that calls it": "CREATE FUNCTION o() RETURNS int LANGUAGE sql AS 'SELECT mk()'; SELECT o()",
  "a function between doubled quotes":
    "CREATE FUNCTION o() RETURNS int LANGUAGE plpgsql AS 'DECLARE x text := ''a''; BEGIN x := mk(); RETURN 1; END'; SELECT o()",
  "a body of SQL": "CREATE FUNCTION o() RETURNS int BEGIN ATOMIC SELECT mk(); END; SELECT o()",
  "a condition in a function":
    "CREATE FUNCTION o() RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF mk() = 1 THEN RETURN 1; END IF; RETURN 2; END $$; SELECT o()",
  "a function that is declared stable":
    "CREATE FUNCTION o() RETURNS int LANGUAGE sql STABLE AS 'SELECT mk()'; SELECT o()",
  "the default of an argument":
    "CREATE FUNCTION o(a int DEFAULT mk()) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN a; END'; SELECT o()",
  "a renamed function": "ALTER FUNCTION mk() RENAME TO mk2; SELECT mk2()",
  "an overloaded function": "CREATE FUNCTION mk(text) RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT mk()",
  "a DO block": "DO $$ BEGIN PERFORM mk(); END $$",
  "a column default": "CREATE TABLE dfl (a int DEFAULT mk(), b int); INSERT INTO dfl (b) VALUES (1)",
  "a default that is set":
    "CREATE TABLE dfl (a int, b int); ALTER TABLE dfl ALTER a SET DEFAULT mk(); INSERT INTO dfl (b) VALUES (1)",
  "a new column's default": "ALTER TABLE ctl ADD COLUMN c int DEFAULT mk()",
  "a changed type": "ALTER TABLE ctl ALTER a TYPE bigint USING mk()",
  "a CHECK": "CREATE TABLE chk (a int CHECK (mk() = 1)); INSERT INTO chk VALUES (1)",
  "a CHECK that is added": "ALTER TABLE ctl ADD CHECK (mk() = 1)",
  "a CHECK that is validated":
    "ALTER TABLE ctl ADD CONSTRAINT c CHECK (mk() = 1) NOT VALID; ALTER TABLE ctl VALIDATE CONSTRAINT c",
  "a domain": "CREATE DOMAIN d AS int CHECK (VALUE < 10 AND mk() = 1); SELECT 1::d",
  "a column of a domain":
    "CREATE DOMAIN d AS int CHECK (VALUE < 10 AND mk() = 1); CREATE TABLE dt (a d); INSERT INTO dt VALUES (1)",
  "a variable of a domain":
    "CREATE DOMAIN d AS int CHECK (mk() = 1); CREATE FUNCTION o() RETURNS int LANGUAGE plpgsql AS $$ DECLARE x d := 1; BEGIN RETURN x; END $$; SELECT o()",
  "a domain that is changed":
    "CREATE DOMAIN d AS int; CREATE TABLE dt (a d); ALTER DOMAIN d ADD CHECK (mk() = 1); INSERT INTO dt VALUES (1)",
  "a generated column":
    "CREATE FUNCTION im(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mk(); END $$; CREATE TABLE g (a int, b int GENERATED ALWAYS AS (im(a)) STORED); INSERT INTO g VALUES (1)",
  "an index expression":
    "CREATE FUNCTION im(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mk(); END $$; CREATE TABLE g (a int); CREATE INDEX ON g (im(a)); INSERT INTO g VALUES (1)",
  "an index predicate":
    "CREATE FUNCTION im(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mk(); END $$; CREATE TABLE g (a int); CREATE INDEX ON g (a) WHERE im(a) = 1; INSERT INTO g VALUES (1)",
  "an index that is built":
    "CREATE FUNCTION im(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN public.mk(); END $$; CREATE INDEX ON ctl (im(a))",
  "a partition key":
    "CREATE FUNCTION im(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN mk(); END $$; CREATE TABLE g (a int) PARTITION BY LIST (im(a)); CREATE TABLE g_1 PARTITION OF g FOR VALUES IN (1); INSERT INTO g VALUES (1)",
  "an operator":
    "CREATE FUNCTION op(int, int) RETURNS int LANGUAGE sql AS 'SELECT mk()'; CREATE OPERATOR === (FUNCTION = op, LEFTARG = int, RIGHTARG = int); SELECT 1 === 2",
  "a cast":
    "CREATE TYPE ct AS (a int); CREATE FUNCTION tc(int) RETURNS ct LANGUAGE sql AS 'SELECT ROW(mk())::ct'; CREATE CAST (int AS ct) WITH FUNCTION tc(int) AS ASSIGNMENT; CREATE TABLE ctt (c ct); INSERT INTO ctt VALUES (1)",
  "an aggregate":
    "CREATE FUNCTION tr(int, int) RETURNS int LANGUAGE sql AS 'SELECT mk()'; CREATE AGGREGATE ag (int) (SFUNC = tr, STYPE = int, INITCOND = '0'); SELECT ag(a) FROM ctl",
  "a rule": "CREATE RULE r AS ON INSERT TO ctl DO ALSO SELECT mk(); INSERT INTO ctl VALUES (2)",
  "a rule that writes elsewhere":
    "CREATE TABLE lg (a int DEFAULT mk()); CREATE RULE r AS ON DELETE TO ctl DO ALSO INSERT INTO lg DEFAULT VALUES; DELETE FROM ctl",
  "a policy":
    "CREATE POLICY po ON ctl USING (mk() = 1); ALTER TABLE ctl ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT mk()'; SELECT own()",
  "an event trigger":
    "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF tg_tag = 'CREATE VIEW' THEN PERFORM mk(); END IF; END $$; CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION e(); CREATE VIEW o AS SELECT 1 AS one",
  "an event trigger on some commands":
    "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); END $$; CREATE EVENT TRIGGER et ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION e(); CREATE VIEW o AS SELECT 1 AS one",
  "a deferred trigger":
    "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER t AFTER INSERT ON ctl DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION t(); BEGIN; INSERT INTO ctl VALUES (2); COMMIT",
  "a trigger before rows": trigger("BEFORE INSERT", "ROW", "INSERT INTO ctl VALUES (2)"),
  "a trigger after rows": trigger("AFTER UPDATE", "ROW", "UPDATE ctl SET a = 3"),
  "a trigger on the statement": trigger("AFTER DELETE", "STATEMENT", "DELETE FROM ctl"),
  "a trigger on TRUNCATE": trigger("BEFORE TRUNCATE", "STATEMENT", "TRUNCATE ctl"),
  "a trigger's condition":
    "CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER t BEFORE INSERT ON ctl FOR EACH ROW WHEN (mk() = 1) EXECUTE FUNCTION t(); INSERT INTO ctl VALUES (2)",
  "a trigger instead of a row of a view":
    "CREATE VIEW v AS SELECT a FROM ctl; CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); RETURN NEW; END $$; CREATE TRIGGER t INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION t(); INSERT INTO v VALUES (1)",
  "a trigger of a view's table": `${trigger("AFTER INSERT", "ROW", "CREATE VIEW v AS SELECT a FROM ctl")}; INSERT INTO v VALUES (1)`,
  "a trigger of a partition":
    "CREATE TABLE pt (a int) PARTITION BY LIST (a); CREATE TABLE pt_1 PARTITION OF pt FOR VALUES IN (1); CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); RETURN NULL; END $$; CREATE TRIGGER t AFTER INSERT ON pt_1 FOR EACH ROW EXECUTE FUNCTION t(); INSERT INTO pt VALUES (1)",
  "a trigger of a partitioned table":
    "CREATE TABLE pt (a int) PARTITION BY LIST (a); CREATE TABLE pt_1 PARTITION OF pt FOR VALUES IN (1); CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); RETURN NULL; END $$; CREATE TRIGGER t AFTER INSERT ON pt FOR EACH ROW EXECUTE FUNCTION t(); INSERT INTO pt_1 VALUES (1)",
  "a trigger of a child": `CREATE TABLE child () INHERITS (ctl); INSERT INTO child VALUES (1); ${trigger("AFTER DELETE", "ROW", "DELETE FROM ctl").replace("ON ctl FOR", "ON child FOR")}`,
  "a foreign key's action":
    "CREATE TABLE pk (a int PRIMARY KEY); CREATE TABLE fk (a int REFERENCES pk ON DELETE CASCADE); INSERT INTO pk VALUES (1); INSERT INTO fk VALUES (1); CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); RETURN NULL; END $$; CREATE TRIGGER t AFTER DELETE ON fk FOR EACH ROW EXECUTE FUNCTION t(); DELETE FROM pk",
  "a trigger that writes to a table with one":
    "CREATE TABLE lg (a int); CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM mk(); RETURN NULL; END $$; CREATE TRIGGER t AFTER INSERT ON lg FOR EACH ROW EXECUTE FUNCTION t(); CREATE FUNCTION u() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO lg VALUES (1); RETURN NULL; END $$; CREATE TRIGGER u AFTER INSERT ON ctl FOR EACH ROW EXECUTE FUNCTION u(); INSERT INTO ctl VALUES (2)",
  "SQL that a function builds to write":
    "CREATE TABLE lg (a int DEFAULT mk(), b int); CREATE FUNCTION o() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'INSERT INTO ' || 'lg' || ' (b) VALUES (1)'; RETURN 1; END $$; SELECT o()",
  "the text of a query": "SELECT query_to_xml('SELECT mk()', true, true, '')",
};

function trigger(when: string, each: string, use: string): string {
  const body = "BEGIN PERFORM mk(); RETURN coalesce(NEW, OLD); END";
  return `CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ ${body} $$; CREATE TRIGGER t ${when} ON ctl FOR EACH ${each} EXECUTE FUNCTION t(); ${use}`;
}

/** How the function does it, which need not be read by the model. */
const bodies: readonly ((sql: string) => string)[] = [(sql) => sql, (sql) => `EXECUTE '${sql}'`];

const before = `
CREATE TABLE led (at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE led_0 PARTITION OF led FOR VALUES FROM (0) TO (10);
CREATE TABLE taken (a int);
CREATE TABLE ctl (a int, b int);
INSERT INTO ctl VALUES (1);
CREATE TABLE once (a int);
`;

/** Does what it is to do when it is called first. */
function maker(body: string): string {
  return `CREATE FUNCTION mk() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN IF to_regclass('public.once') IS NOT NULL THEN DROP TABLE public.once; ${body}; END IF; RETURN 1; END $f$;`;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase(18);
});
afterAll(() => database.close());

test("without anything run, each claim is made", () => {
  for (const { does, after } of Object.values(claims)) {
    expect(refusals(`${before}${maker(does)}\n${after};`), after).toHaveLength(1);
  }
});

describe("PostgreSQL takes what follows, and nothing else is claimed, behind", () => {
  test.each(Object.entries(sources))("%s", async (_, source) => {
    for (const { does, after } of Object.values(claims)) {
      for (const inBody of bodies) {
        const script = `${before}${maker(inBody(does))}\n${source};\n${after};`;
        expect(refusals(script), script).toEqual([]);
      }
    }
    await database.client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; DEALLOCATE ALL");
    const all = Object.values(claims);
    const script = `${before}${maker(all.map(({ does }) => does).join("; "))}\n${source};\n${all.map(({ after }) => `${after};`).join("\n")}`;
    // One after the other, as psql sends them.
    const { statements } = parseDocument(script, reading);
    for (const { start, end } of statements) await database.client.query(script.slice(start, end));
  });
});

function refusals(text: string): readonly string[] {
  const { statements } = parseDocument(text, reading);
  const steps = replay({
    file: "a.sql",
    statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
  return steps.flatMap(({ rejection, statement }) =>
    rejection === null
      ? []
      : [`${text.slice(statement.offset, statement.offset + statement.length)}: ${rejection.message}`],
  );
}
