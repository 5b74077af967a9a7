/** Behind a transaction or a DO block of which nobody knows what it has done, nothing is refused that a server may take. */

import { beforeAll, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

/** `app.k` is 1 where the partition cannot be made, and 2 where it can. */
const rows = `CREATE TABLE t (k int) PARTITION BY LIST (k);
CREATE TABLE t_d PARTITION OF t DEFAULT;
INSERT INTO t SELECT current_setting('app.k')::int;`;
const perhapsFails = "CREATE TABLE public.t_1 PARTITION OF public.t FOR VALUES IN (1);";

/** What the transaction does besides, and statements that a server takes behind it in one of the two cases. */
const kinds: readonly (readonly [what: string, before: string, inside: string, behind: string])[] = [
  ["creates a type", "", "CREATE TYPE e AS ENUM ('a')", "CREATE TYPE e AS ENUM ('b'); DROP TYPE e"],
  [
    "creates a type that is changed",
    "",
    "CREATE TYPE e AS ENUM ('a')",
    "ALTER TYPE e ADD VALUE 'b'; CREATE TYPE e AS ENUM ('b')",
  ],
  [
    "drops a type",
    "CREATE TYPE e AS ENUM ('a')",
    "DROP TYPE e",
    "ALTER TYPE e ADD VALUE 'b'; CREATE TYPE e AS ENUM ('b')",
  ],
  [
    "renames a label",
    "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE l (k e) PARTITION BY LIST (k)",
    "ALTER TYPE e RENAME VALUE 'b' TO 'c'",
    "CREATE TABLE l_b PARTITION OF l FOR VALUES IN ('b'); CREATE TABLE l_c PARTITION OF l FOR VALUES IN ('c')",
  ],
  [
    "creates a domain with a condition",
    "",
    "CREATE DOMAIN d AS int CHECK (VALUE > 0)",
    "CREATE DOMAIN d AS int; CREATE TABLE of_d (n d); INSERT INTO of_d VALUES (-1)",
  ],
  [
    "creates a schema",
    "",
    "CREATE SCHEMA s",
    "CREATE TABLE s.x (n int); CREATE SCHEMA s; DROP SCHEMA s CASCADE; DROP SCHEMA s",
  ],
  [
    "creates a view that computes",
    "CREATE TABLE b (n int)",
    "CREATE VIEW v AS SELECT count(*) AS c FROM b",
    "CREATE TABLE v (n int); DROP TABLE b",
  ],
  [
    "drops a view that computes",
    "CREATE TABLE b (n int); CREATE VIEW v AS SELECT count(*) AS c FROM b",
    "DROP VIEW v",
    "DROP TABLE b; CREATE TABLE v (n int); DROP TABLE v",
  ],
  ["drops a schema", "CREATE SCHEMA s", "DROP SCHEMA s", "CREATE TABLE s.x (n int); CREATE SCHEMA s"],
  [
    "renames a schema",
    "CREATE SCHEMA s",
    "ALTER SCHEMA s RENAME TO r",
    "ALTER SCHEMA s RENAME TO q; CREATE SCHEMA s; CREATE TABLE r.x (n int); CREATE SCHEMA r",
  ],
  [
    "creates a function",
    "CREATE TABLE a (n int)",
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f(); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  ],
  [
    "drops a function",
    "CREATE TABLE a (n int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION f()",
    "CREATE TRIGGER g BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()",
  ],
  [
    "replaces a function that is called then",
    "CREATE TABLE a (n int); CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DROP TABLE a'",
    "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT NULL::void'",
    "SELECT f(); CREATE TABLE a (m int)",
  ],
  ["drops an extension", "", "DROP EXTENSION plpgsql", "CREATE EXTENSION plpgsql"],
  [
    "creates an extension",
    "DROP EXTENSION plpgsql",
    "CREATE EXTENSION plpgsql",
    "CREATE EXTENSION plpgsql; DROP EXTENSION plpgsql; DROP EXTENSION plpgsql",
  ],
  [
    "creates a collation",
    "",
    'CREATE COLLATION c FROM "C"',
    'CREATE TABLE a (n text COLLATE c); CREATE COLLATION c FROM "C"',
  ],
  [
    "creates an operator class",
    "",
    "CREATE OPERATOR CLASS oc FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 hashint4extended(int, bigint)",
    "CREATE TABLE h (k int) PARTITION BY HASH (k oc); CREATE TABLE h (k int)",
  ],
  [
    "declares a cursor that outlives it",
    "",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "FETCH c; DECLARE c CURSOR WITH HOLD FOR SELECT 2",
  ],
  [
    "sets search_path",
    "CREATE SCHEMA app; CREATE TABLE a (n int)",
    "SET search_path = app",
    "ALTER TABLE a ADD COLUMN m int; CREATE TABLE a (n int); CREATE TABLE app.a (n int); CREATE TABLE b (n int); CREATE TABLE public.b (n int); RESET search_path; DROP TABLE a",
  ],
  [
    "sets the time zone",
    "CREATE TABLE z (k timestamptz) PARTITION BY RANGE (k); CREATE TABLE z_1 PARTITION OF z FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2024-02-01 00:00+00')",
    "SET TIME ZONE 'America/New_York'",
    "CREATE TABLE z_0 PARTITION OF z FOR VALUES FROM ('2023-12-01 00:00') TO ('2024-01-01 00:00'); CREATE TABLE z_2 PARTITION OF z FOR VALUES FROM ('2024-01-31 19:00') TO ('2024-03-01 00:00')",
  ],
  [
    "sets the order of dates",
    "CREATE TABLE z (k date) PARTITION BY RANGE (k)",
    "SET datestyle = 'ISO, DMY'",
    "CREATE TABLE z_0 PARTITION OF z FOR VALUES FROM ('13/01/2024') TO ('14/01/2024'); CREATE TABLE z_1 PARTITION OF z FOR VALUES FROM ('01/02/2024') TO ('02/01/2024')",
  ],
  [
    "deletes the rows of a default partition",
    "CREATE TABLE l (k int) PARTITION BY LIST (k); CREATE TABLE l_d PARTITION OF l DEFAULT; INSERT INTO l VALUES (1)",
    "TRUNCATE l",
    "CREATE TABLE l_1 PARTITION OF l FOR VALUES IN (1)",
  ],
  [
    "stores a row in a default partition",
    "CREATE TABLE l (k int) PARTITION BY LIST (k); CREATE TABLE l_d PARTITION OF l DEFAULT",
    "INSERT INTO l VALUES (1)",
    "CREATE TABLE l_1 PARTITION OF l FOR VALUES IN (1)",
  ],
  ["creates a table", "", "CREATE TABLE a (n int)", "ALTER TABLE a ADD COLUMN m int; CREATE TABLE a (n int)"],
  ["drops a table", "CREATE TABLE a (n int)", "DROP TABLE a", "ALTER TABLE a ADD COLUMN m int; CREATE TABLE a (n int)"],
  [
    "renames a table",
    "CREATE TABLE a (n int)",
    "ALTER TABLE a RENAME TO b",
    "ALTER TABLE a ADD COLUMN m int; ALTER TABLE b ADD COLUMN m int; CREATE TABLE a (n int)",
  ],
  [
    "creates an index",
    "CREATE TABLE a (n int)",
    "CREATE INDEX i ON a (n)",
    "CREATE INDEX i ON a (n); DROP INDEX i; DROP INDEX i",
  ],
  [
    "drops an index",
    "CREATE TABLE a (n int); CREATE INDEX i ON a (n)",
    "DROP INDEX i",
    "DROP INDEX i; CREATE INDEX i ON a (n)",
  ],
  ["creates a sequence", "", "CREATE SEQUENCE s", "CREATE SEQUENCE s; DROP SEQUENCE s; DROP SEQUENCE s"],
  [
    "creates a view",
    "CREATE TABLE a (n int)",
    "CREATE VIEW v AS SELECT n FROM a",
    "DROP TABLE a; CREATE VIEW v AS SELECT 1 AS n",
  ],
  [
    "creates a trigger",
    "CREATE TABLE a (n int)",
    "CREATE TRIGGER g BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "DROP TRIGGER g ON a; CREATE TRIGGER g BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
  ],
  [
    "creates a rule",
    "CREATE TABLE a (n int)",
    "CREATE RULE r AS ON DELETE TO a DO INSTEAD NOTHING",
    "DROP RULE r ON a; ALTER TABLE a RENAME TO b",
  ],
  [
    "creates a policy",
    "CREATE TABLE a (n int)",
    "CREATE POLICY p ON a USING (n > 0)",
    "DROP POLICY p ON a; ALTER TABLE a DROP COLUMN n",
  ],
  [
    "adds a key",
    "CREATE TABLE a (n int)",
    "ALTER TABLE a ADD PRIMARY KEY (n)",
    "CREATE TABLE b (n int REFERENCES a); ALTER TABLE a ADD PRIMARY KEY (n)",
  ],
  [
    "renames a column",
    "CREATE TABLE a (n int)",
    "ALTER TABLE a RENAME n TO m",
    "ALTER TABLE a DROP COLUMN n; ALTER TABLE a ADD COLUMN n int; ALTER TABLE a DROP COLUMN m",
  ],
  [
    "detaches a partition",
    "CREATE TABLE l (k int) PARTITION BY LIST (k); CREATE TABLE l_1 PARTITION OF l FOR VALUES IN (1)",
    "ALTER TABLE l DETACH PARTITION l_1",
    "CREATE TABLE l_n PARTITION OF l FOR VALUES IN (1); ALTER TABLE l_1 ADD COLUMN m int",
  ],
  [
    "drops a table with an index",
    "CREATE TABLE a (n int); CREATE INDEX i ON a (n); CREATE TABLE o (n int)",
    "DROP TABLE a",
    "CREATE INDEX i ON o (n)",
  ],
  [
    "drops a column with an index",
    "CREATE TABLE a (n int, m int); CREATE INDEX i ON a (n); CREATE TABLE o (n int)",
    "ALTER TABLE a DROP COLUMN n",
    "CREATE INDEX i ON o (n)",
  ],
  [
    "drops a column that a child has an index on",
    "CREATE TABLE h (n int, m int); CREATE TABLE c () INHERITS (h); CREATE INDEX i ON c (n); CREATE TABLE o (n int)",
    "ALTER TABLE h DROP COLUMN n",
    "CREATE INDEX i ON o (n)",
  ],
  [
    "moves a table with an index",
    "CREATE SCHEMA s; CREATE TABLE a (n int); CREATE INDEX i ON a (n); CREATE TABLE o (n int)",
    "ALTER TABLE a SET SCHEMA s",
    "CREATE INDEX i ON o (n)",
  ],
  [
    "drops a table with a key and a sequence",
    "CREATE TABLE a (n serial PRIMARY KEY); CREATE TABLE o (n int)",
    "DROP TABLE a",
    "CREATE SEQUENCE a_n_seq; CREATE INDEX a_pkey ON o (n)",
  ],
  [
    "drops a table to which a sequence belongs",
    "CREATE TABLE a (n int); CREATE SEQUENCE q OWNED BY a.n",
    "DROP TABLE a",
    "CREATE SEQUENCE q",
  ],
  [
    "drops a partitioned index",
    "CREATE TABLE l (k int) PARTITION BY LIST (k); CREATE TABLE l_1 PARTITION OF l FOR VALUES IN (1); CREATE INDEX i ON l (k); CREATE TABLE o (n int)",
    "DROP INDEX i",
    "CREATE INDEX l_1_k_idx ON o (n)",
  ],
  [
    "drops the view of a table with an index",
    "CREATE TABLE a (n int); CREATE VIEW v AS SELECT n FROM a; CREATE INDEX i ON a (n); CREATE TABLE o (n int)",
    "DROP VIEW v",
    "DROP TABLE a; CREATE INDEX i ON o (n)",
  ],
  [
    "drops what a schema holds",
    "CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 1",
    "DROP VIEW s.v",
    "DROP SCHEMA s; CREATE TABLE s.b (n int)",
  ],
  [
    "renames a table whose index keeps its name",
    "CREATE TABLE a (n int); CREATE INDEX i ON a (n)",
    "ALTER TABLE a RENAME TO b",
    "CREATE VIEW a AS SELECT 1; DROP INDEX i",
  ],
  [
    "creates a table that is given an index",
    "CREATE TABLE b (n int)",
    "CREATE TABLE a (n int)",
    "CREATE INDEX i ON a (n); CREATE INDEX i ON b (n)",
  ],
  [
    "drops a table that is given sequences",
    "CREATE TABLE a (n int)",
    "DROP TABLE a",
    "CREATE SEQUENCE q OWNED BY a.n; CREATE SEQUENCE q; ALTER TABLE a ADD COLUMN k serial; CREATE SEQUENCE a_k_seq",
  ],
];

/** What only has happened where the statement before it was taken. */
const after: typeof kinds = [
  ["prepares a statement", "", "PREPARE p AS SELECT 1", "EXECUTE p; PREPARE p AS SELECT 2; DEALLOCATE p; DEALLOCATE p"],
  ["deallocates a statement", "PREPARE p AS SELECT 1", "DEALLOCATE p", "EXECUTE p; PREPARE p AS SELECT 2"],
];

test.each([
  ...kinds.map(([what, before, inside, behind]) => [what, before, `${inside};\n${perhapsFails}`, behind] as const),
  ...after.map(([what, before, inside, behind]) => [what, before, `${perhapsFails}\n${inside};`, behind] as const),
])("a transaction that %s", async (_, before, inside, behind) => {
  await expectNoFalseRefusal(`${rows}\n${scriptOf(before)}`, `BEGIN;\n${inside}\nCOMMIT;`, behind);
});

/** What refuses by what the catalogs or a setting hold, and changes nothing itself; the connection is named by the case. */
const checks: readonly (readonly [what: string, before: string, check: string])[] = [
  [
    "a function checks a setting",
    "CREATE FUNCTION chk() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ASSERT current_setting('app.k') = '2'; END $$",
    "SELECT chk();",
  ],
  [
    "a function is called by a DO block",
    "CREATE FUNCTION chk() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF current_setting('app.k') = '1' THEN RAISE 'no'; END IF; END $$",
    "DO $$ BEGIN PERFORM chk(); END $$;",
  ],
  [
    "a trigger checks rows",
    `CREATE TABLE chk (n int); CREATE FUNCTION chk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF current_setting('app.k') = '1' THEN RAISE 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER chk BEFORE INSERT ON chk FOR EACH ROW EXECUTE FUNCTION chk()`,
    "INSERT INTO chk VALUES (1);",
  ],
  [
    "a DO block checks the catalogs",
    "",
    "DO $$ BEGIN IF current_setting('app.k') = '1' AND EXISTS (SELECT FROM pg_catalog.pg_class) THEN RAISE 'no'; END IF; END $$;",
  ],
  [
    "a DO block asserts what the catalogs hold",
    "",
    "DO $$ DECLARE found boolean; BEGIN SELECT count(*) > 0 AND current_setting('app.k') = '2' INTO found FROM pg_catalog.pg_class; ASSERT found; END $$;",
  ],
  [
    "a DO block checks what a loop over the catalogs finds",
    "",
    "DO $$ DECLARE r record; BEGIN FOR r IN SELECT relname FROM pg_catalog.pg_class WHERE current_setting('app.k') = '1' LOOP RAISE EXCEPTION '% is there', r.relname; END LOOP; END $$;",
  ],
  [
    "a function is called that checks the catalogs",
    "CREATE FUNCTION chk() RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF current_setting('app.k') = '1' AND EXISTS (SELECT FROM pg_catalog.pg_class) THEN RAISE 'no'; END IF; END $$",
    "SELECT chk();",
  ],
];

test.each(
  checks.flatMap(([by, first, check]) =>
    // What there is to be in doubt is the same for all of them.
    kinds
      .slice(0, 5)
      .map(([what, before, inside, behind]) => [by, what, [first, before], inside, check, behind] as const),
  ),
)("a transaction in which %s and that %s", async (_by, _what, before, inside, check, behind) => {
  const script = before.map(scriptOf).join("");
  await expectNoFalseRefusal(script, `BEGIN;\n${inside};\n${check}\nCOMMIT;`, behind);
});

/** The language of the block cannot be dropped while that runs. */
const blocks = kinds.filter(([, before, inside]) => !`${before}${inside}`.includes("EXTENSION"));

test.each(blocks)("a DO block that perhaps %s", async (_, before, inside, behind) => {
  // PL/pgSQL has another DECLARE.
  const command = inside.startsWith("DECLARE") ? `EXECUTE '${inside}'` : inside;
  const block = `DO $$ BEGIN IF current_setting('app.k') = '2' THEN ${command}; END IF; END $$;`;
  await expectNoFalseRefusal(scriptOf(before), block, behind);
});

test.each(blocks.filter(([, , inside]) => inside.startsWith("SET ")))(
  "a DO block that perhaps executes what %s",
  async (_, before, inside, behind) => {
    const block = `DO $$ BEGIN IF current_setting('app.k') = '2' THEN EXECUTE $q$${inside}$q$; END IF; END $$;`;
    await expectNoFalseRefusal(scriptOf(before), block, behind);
  },
);

function scriptOf(statements: string): string {
  return statements === "" ? "" : `${statements};\n`;
}

/** Replays the script, and runs it where the part in doubt happens and where it does not. */
async function expectNoFalseRefusal(before: string, inDoubt: string, behind: string): Promise<void> {
  const text = `${before}${inDoubt}\n${behind};`;
  const steps = replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
  const sql = steps.map(({ statement }) => text.slice(statement.offset, statement.offset + statement.length));
  const fails = await answers(sql, 1);
  const succeeds = await answers(sql, 2);
  const last = steps.findLastIndex(({ statement }) => statement.offset < before.length + inDoubt.length);
  // The statements behind are such that it matters what became of it.
  expect(fails.slice(last)).not.toEqual(succeeds.slice(last));
  expect(succeeds.slice(0, last + 1).filter((answer) => answer !== null)).toEqual([]);
  const taken = sql.map((each, index) => (fails[index] === null || succeeds[index] === null ? each : null));
  const said = steps.flatMap(({ rejection }, index) =>
    rejection !== null && rejection.assumption === null && taken[index] !== null
      ? [`${sql[index]}: ${rejection.message}`]
      : [],
  );
  expect(said).toEqual([]);
}

/** PostgreSQL's refusal of each statement; null where it takes it. */
async function answers(sql: readonly string[], key: number): Promise<readonly (string | null)[]> {
  const database = await createDatabase(18);
  try {
    await database.client.query(`SELECT set_config('app.k', '${key}', false), set_config('timezone', 'UTC', false)`);
    const said: (string | null)[] = [];
    for (const each of sql) {
      said.push(
        await database.client.query(each).then(
          () => null,
          ({ message }: Error) => message,
        ),
      );
    }
    return said;
  } finally {
    await database.close();
  }
}
