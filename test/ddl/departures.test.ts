/** What a file's statements have given to a part with names that mean something else by the end is not written, on real servers. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import type { Script } from "../../server/src/ddl/script.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { attributesOf } from "./random/attributes.ts";
import { operateOn, replayed } from "./support.ts";

const table = `
CREATE TABLE t (id int NOT NULL, k int NOT NULL, note text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;`;
const part = "CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (20);";

const departures: readonly { readonly title: string; readonly statements: string; readonly missing: string }[] = [
  {
    title: "a table that a policy reads is renamed",
    statements: "CREATE POLICY a ON p USING (EXISTS (SELECT FROM other)); ALTER TABLE other RENAME TO other2;",
    missing: "the policy a",
  },
  {
    title: "a table that a policy reads is renamed, and another one has its name",
    statements: `CREATE POLICY a ON p USING (EXISTS (SELECT FROM other)); COMMENT ON POLICY a ON p IS 'x'; ALTER TABLE other RENAME TO old;
        CREATE TABLE other (n int);`,
    missing: "the policy a",
  },
  {
    title: "a column that a policy reads is renamed, and another one has its name",
    statements: `CREATE POLICY a ON p USING (EXISTS (SELECT n FROM other)); ALTER TABLE other RENAME n TO m; ALTER TABLE other ADD n int;`,
    missing: "the policy a",
  },
  {
    title: "the partition itself is renamed, which a policy names",
    statements: "CREATE POLICY a ON p USING (p.k > 0); ALTER TABLE p RENAME TO p9; ALTER TABLE p9 RENAME TO p;",
    missing: "the policy a",
  },
  {
    title: "a trigger's function is renamed",
    statements:
      "CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION f(); ALTER TABLE p DISABLE TRIGGER a; ALTER FUNCTION f() RENAME TO g;",
    missing: "the trigger a",
  },
  {
    title: "a trigger's function is moved",
    statements:
      "CREATE SCHEMA s; CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION f(); ALTER FUNCTION f() SET SCHEMA s;",
    missing: "the trigger a",
  },
  {
    title: "a label of an enum is renamed",
    statements:
      "CREATE TYPE e AS ENUM ('on it'); CREATE POLICY a ON p USING ('on it'::e IS NOT NULL); ALTER TYPE e RENAME VALUE 'on it' TO 'off';",
    missing: "the policy a",
  },
  {
    title: "a role is renamed",
    statements:
      "GRANT SELECT ON p TO passing; CREATE POLICY a ON p TO passing USING (true); ALTER ROLE passing RENAME TO passed;",
    missing: "the privilege SELECT, the policy a",
  },
  {
    title: "a publication is renamed",
    statements: "CREATE PUBLICATION one_of FOR TABLE p; ALTER PUBLICATION one_of RENAME TO two_of;",
    missing: "the publication one_of",
  },
];

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  async function begin(schema: string): Promise<void> {
    const { client } = database;
    const { rows } = await client.query<{ name: string }>("SELECT pubname AS name FROM pg_publication");
    for (const { name } of rows) await client.query(`DROP PUBLICATION ${name}`);
    await client.query("DROP SCHEMA IF EXISTS s CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await client.query(schema);
  }

  async function attributes(of: string): Promise<readonly string[]> {
    return (await attributesOf(database.client, "public", major)).get(of) ?? [];
  }

  function scriptOn(catalog: Catalog): Script {
    const request = { operation: "split", table: "t", partition: "p", at: "10", name: "q" };
    const result = operateOn(catalog, reading, request, major);
    if (!result.ok) throw new Error(result.problem.message);
    return result.value;
  }

  it.each(departures)("what is not written where $title", async ({ statements, missing }) => {
    const role = `passing_${crypto.randomUUID().replaceAll("-", "")}`;
    const own = statements.replaceAll("passing", role).replaceAll("passed", `${role}2`);
    const schema = `CREATE TABLE other (n int); ${table}\n${part}\n${own}`;
    const { client } = database;
    await client.query(`CREATE ROLE ${role}`);
    try {
      await begin(schema);
      const script = scriptOn(replayed(reading, schema, major));
      expect(script.notes).toContain(`q does not get from p: ${missing}.`);
      await client.query(script.sql);
      expect((await attributes("q")).filter((line) => /^policy|^trigger|^publication/.test(line))).toEqual([]);
    } finally {
      const { rows } = await client.query<{ name: string }>(
        "SELECT rolname AS name FROM pg_roles WHERE rolname LIKE $1",
        [`${role}%`],
      );
      for (const { name } of rows) await client.query(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`);
    }
  });

  it.each([
    ["a trigger's function is dropped", "", "DROP FUNCTION f() CASCADE;"],
    [
      "a schema is dropped that holds it",
      "CREATE SCHEMA s; ALTER FUNCTION f() SET SCHEMA s;",
      "DROP SCHEMA s CASCADE;",
    ],
  ])("what hangs on a trigger that is gone is not written: %s", async (_, before, after) => {
    const at = before === "" ? "f" : "s.f";
    const schema = `${table}\n${part}\n${before} CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION ${at}(); ALTER TABLE p DISABLE TRIGGER a;
      COMMENT ON TRIGGER a ON p IS 'x'; ${after}`;
    await begin(schema);
    await database.client.query(scriptOn(replayed(reading, schema, major)).sql);
    expect((await attributes("q")).filter((line) => line.startsWith("trigger"))).toEqual([]);
  });

  it("a detached partition leaves the copies of triggers behind, and what was said of them", async () => {
    const schema = `${table} CREATE TRIGGER every AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ${part}
      ALTER TABLE p DISABLE TRIGGER every; ALTER TABLE t DETACH PARTITION p;`;
    await begin(schema);
    await expect(database.client.query("DROP TRIGGER every ON p")).rejects.toMatchObject({ code: "42704" });
    expect(() => replayed(reading, `${schema} DROP TRIGGER every ON p;`, major)).toThrow("42704");
    const again = `${schema} ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (0) TO (20);`;
    await begin(again);
    const states =
      "SELECT tgrelid::regclass::text || tgenabled::text AS state FROM pg_trigger WHERE tgname = 'every' ORDER BY 1";
    const stateOf = async () => (await database.client.query<{ state: string }>(states)).rows.map(({ state }) => state);
    expect(await stateOf()).toEqual(["pO", "tO"]);
    const script = scriptOn(replayed(reading, again, major));
    expect(script.sql).not.toContain("TRIGGER");
    await database.client.query(script.sql);
    expect(await stateOf()).toEqual(["pO", "qO", "tO"]);
  });
});
