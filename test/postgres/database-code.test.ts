/** What the code of a connected database may do when a file's statements run it: nothing is claimed of what it may touch. */

import { describe, expect, test } from "vitest";
import { readSettings } from "../../server/src/config.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { createWorlds } from "../../server/src/ide/worlds.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { options, readingForTests } from "../pruning/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { connectionTo, never } from "./support.ts";

const partitioned = `
CREATE TABLE led (at int NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE led_0 PARTITION OF led FOR VALUES FROM (0) TO (10);
CREATE TABLE ctl (a int, b int);
INSERT INTO ctl VALUES (1);
CREATE FUNCTION mk() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  IF to_regclass('public.led_5') IS NULL THEN
    CREATE TABLE public.led_5 PARTITION OF public.led FOR VALUES FROM (50) TO (60);
  END IF;
  RETURN 1; END $$;
`;

/** A row for which there is a partition only after `mk` has run. */
const claimed = "INSERT INTO led VALUES (55)";

interface Case {
  readonly database: string;
  readonly file: string;
}

const calling = "LANGUAGE plpgsql AS $$ BEGIN PERFORM public.mk(); RETURN NEW; END $$";
const onCtl = `CREATE FUNCTION tr() RETURNS trigger ${calling}; CREATE TRIGGER tr BEFORE INSERT ON ctl FOR EACH ROW EXECUTE PROCEDURE tr()`;

/** What the database has, and a statement by which `mk` runs. */
const running: Readonly<Record<string, Case>> = {
  "a function": { database: "", file: "SELECT mk()" },
  "a function that calls it": {
    database: "CREATE FUNCTION o() RETURNS int LANGUAGE sql AS 'SELECT public.mk()'",
    file: "SELECT o()",
  },
  "one of several functions of the name": {
    database:
      "CREATE FUNCTION o(int) RETURNS int LANGUAGE sql AS 'SELECT public.mk()'; CREATE FUNCTION o(text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
    file: "SELECT o(1)",
  },
  "a procedure": {
    database: "CREATE PROCEDURE pr() LANGUAGE plpgsql AS $$ BEGIN PERFORM public.mk(); END $$",
    file: "CALL pr()",
  },
  "a trigger": { database: onCtl, file: "INSERT INTO ctl VALUES (2)" },
  "a trigger of a partitioned table, through its partition": {
    database: `${onCtl.replace("BEFORE", "AFTER").replace("ON ctl", "ON led")}`,
    file: "INSERT INTO led_0 VALUES (1)",
  },
  "a constraint trigger, when the transaction ends": {
    database: `${onCtl.replace("TRIGGER tr BEFORE", "CONSTRAINT TRIGGER tr AFTER").replace("ON ctl", "ON ctl DEFERRABLE INITIALLY DEFERRED")}`,
    file: "BEGIN; INSERT INTO ctl VALUES (2); COMMIT",
  },
  "a rule": {
    database: "CREATE RULE r AS ON INSERT TO ctl DO ALSO SELECT public.mk()",
    file: "INSERT INTO ctl VALUES (2)",
  },
  "a policy, through a function": {
    database:
      "CREATE ROLE policed; GRANT ALL ON ctl TO policed; GRANT CREATE ON SCHEMA public TO policed; ALTER FUNCTION mk() SECURITY DEFINER; CREATE POLICY po ON ctl USING (public.mk() = 1); ALTER TABLE ctl ENABLE ROW LEVEL SECURITY",
    file: "SET ROLE policed; SELECT * FROM ctl; RESET ROLE",
  },
  "an event trigger": {
    database:
      "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF tg_tag = 'CREATE VIEW' THEN PERFORM public.mk(); END IF; END $$; CREATE EVENT TRIGGER et ON ddl_command_end WHEN TAG IN ('CREATE VIEW', 'CREATE TABLE') EXECUTE PROCEDURE e()",
    file: "CREATE VIEW o AS SELECT 1 AS one",
  },
  "an operator": {
    database:
      "CREATE FUNCTION op(int, int) RETURNS int LANGUAGE sql AS 'SELECT public.mk()'; CREATE OPERATOR === (PROCEDURE = op, LEFTARG = int, RIGHTARG = int)",
    file: "SELECT 1 === 2",
  },
  "a cast": {
    database:
      "CREATE TYPE ct AS (a int); CREATE FUNCTION tc(int) RETURNS ct LANGUAGE sql AS 'SELECT ROW(public.mk())::public.ct'; CREATE CAST (int AS ct) WITH FUNCTION tc(int) AS ASSIGNMENT; CREATE TABLE ctt (c ct)",
    file: "INSERT INTO ctt VALUES (1)",
  },
  "an operator class": {
    database: `CREATE FUNCTION cm(int, int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM public.mk(); RETURN btint4cmp($1, $2); END $$;
      CREATE OPERATOR CLASS own FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 cm(int, int);
      CREATE TABLE k (a int); INSERT INTO k VALUES (1); CREATE INDEX k_a ON k (a own)`,
    file: "INSERT INTO k VALUES (2)",
  },
  "an aggregate, beside another of its name": {
    database:
      "CREATE FUNCTION sf(int, int) RETURNS int LANGUAGE sql AS 'SELECT public.mk()'; CREATE AGGREGATE ag (int) (SFUNC = sf, STYPE = int, INITCOND = '0'); CREATE AGGREGATE ag (text) (SFUNC = textcat, STYPE = text)",
    file: "SELECT ag(a) FROM ctl",
  },
  "a domain": {
    database: "CREATE DOMAIN dm AS int CHECK (VALUE < 10 AND public.mk() = 1)",
    file: "SELECT 1::dm",
  },
  "a column of a domain": {
    database:
      "CREATE DOMAIN dm AS int; ALTER DOMAIN dm ADD CONSTRAINT c CHECK (public.mk() = 1) NOT VALID; CREATE TABLE dt (a dm)",
    file: "INSERT INTO dt VALUES (1)",
  },
  "a column's default": {
    database: "CREATE TABLE df (a int DEFAULT public.mk(), b int)",
    file: "INSERT INTO df (b) VALUES (1)",
  },
  "a view": { database: "CREATE VIEW v AS SELECT public.mk() AS x", file: "SELECT * FROM v" },
  "a trigger instead of a view's rows": {
    database: `CREATE VIEW v AS SELECT a FROM ctl; ${onCtl.replace("BEFORE", "INSTEAD OF").replace("ON ctl", "ON v")}`,
    file: "INSERT INTO v VALUES (1)",
  },
};

/** The database has code of all kinds that changes nothing: what follows is claimed. */
const harmless: Readonly<Record<string, Case>> = {
  "a trigger that looks at its row": {
    database:
      "CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := coalesce(NEW.b, 0) + 1; RETURN NEW; END $$; CREATE TRIGGER tr BEFORE INSERT ON ctl FOR EACH ROW EXECUTE PROCEDURE tr()",
    file: "INSERT INTO ctl VALUES (2)",
  },
  "functions that compute": {
    database:
      "CREATE FUNCTION o(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1'; CREATE FUNCTION o(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN upper($1); END $$",
    file: "SELECT o(1), o('a')",
  },
  "a rule, a policy, an operator, a cast, an aggregate and a domain": {
    database: `CREATE TABLE lg (a int); CREATE RULE r AS ON INSERT TO ctl DO ALSO INSERT INTO lg VALUES (NEW.a);
      CREATE POLICY po ON ctl USING (a > 0);
      CREATE OPERATOR === (PROCEDURE = int4eq, LEFTARG = int, RIGHTARG = int);
      CREATE TYPE ct AS (a int); CREATE FUNCTION tc(int) RETURNS ct LANGUAGE sql AS 'SELECT ROW($1)::public.ct'; CREATE CAST (int AS ct) WITH FUNCTION tc(int);
      CREATE AGGREGATE ag (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
      CREATE DOMAIN dm AS int NOT NULL DEFAULT 3 CHECK (VALUE < 10)`,
    file: "INSERT INTO ctl VALUES (2); SELECT ag(a), 1::dm FROM ctl WHERE a === 1 GROUP BY a",
  },
  "an event trigger that only looks": {
    database:
      "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', tg_tag; END $$; CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE PROCEDURE e()",
    file: "CREATE VIEW o AS SELECT 1 AS one",
  },
};

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  /** What the server says of the row, and what the model does, behind the file's statement. */
  async function answers({ database: setup, file }: Case): Promise<readonly [server: string, model: string]> {
    const reading = await readingForTests();
    const database: TestDatabase = await createDatabase(major);
    const connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
    try {
      await database.client.query(partitioned + setup);
      const snapshot = await readDatabase(connection, never);
      if (!snapshot.ok) throw new Error(snapshot.problem.message);
      const replayOptions = { ...options, version: major as PostgresVersion };
      const { catalog, declined } = databaseSchema(snapshot.value, reading, replayOptions);
      expect(declined).toEqual([]);
      const text = `${file};\n${claimed};`;
      const document = parseDocument(text, reading);
      const worldFor = createWorlds({ reading, databaseCatalog: () => catalog, replayOptions: () => replayOptions });
      const steps = replay({
        file: "",
        statements: document.statements,
        start: worldFor(readSettings([]).settings, [document]),
        options: replayOptions,
        previous: [],
        source: { text, reading },
      });
      await database.client.query(file);
      const server = await database.client.query(claimed).then(
        () => "taken",
        ({ code }) => String(code),
      );
      expect(steps.slice(0, -1).flatMap(({ rejection }) => rejection?.message ?? [])).toEqual([]);
      return [server, steps.at(-1)?.rejection?.sqlstate ?? "taken"];
    } finally {
      await connection.close();
      await database.client.query("DROP OWNED BY policed; DROP ROLE policed").catch(() => {});
      await database.close();
    }
  }

  test("with nothing run, the row is refused", async () => {
    expect(await answers({ database: "", file: "SELECT 1" })).toEqual(["23514", "23514"]);
  });

  test.each(Object.entries(running))("runs: %s", async (_, given) => {
    expect(await answers(given)).toEqual(["taken", "taken"]);
  });

  test.each(Object.entries(harmless))("only computes: %s", async (_, given) => {
    expect(await answers(given)).toEqual(["23514", "23514"]);
  });
});

test.each([10, 11, 12, 14, 16] as const)("PostgreSQL %i is asked in its own words", async (major) => {
  const database = await createDatabase(major);
  const connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
  try {
    await database.client.query(`${partitioned}${onCtl}; CREATE FUNCTION noted() RETURNS trigger ${calling};
      CREATE TABLE list (a int) PARTITION BY LIST (a);
      CREATE TABLE list_1 PARTITION OF list FOR VALUES IN (1);
      CREATE TRIGGER noted AFTER INSERT ON ${major === 10 ? "list_1" : "list"} FOR EACH ROW EXECUTE PROCEDURE noted();
      CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)`);
    const snapshot = await readDatabase(connection, never);
    if (!snapshot.ok) throw new Error(snapshot.problem.message);
    const { rows } = snapshot.value;
    expect(rows.functions.map(({ name }) => name)).toEqual(["mk", "tr", "noted"]);
    // A partition has those of its parent by being one.
    expect(rows.code.map(({ kind, relation, name }) => [kind, relation, name])).toEqual([
      ["aggregate", null, "total"],
      ["trigger", "ctl", "tr"],
      ["trigger", major === 10 ? "list_1" : "list", "noted"],
    ]);
  } finally {
    await connection.close();
    await database.close();
  }
});
