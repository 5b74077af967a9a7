/** What hangs on a part after any sequence of statements hangs on the part that is made beside it, on real servers; else a note says so. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalog, withSettings } from "../../server/src/catalog/catalog.ts";
import type { Script } from "../../server/src/ddl/script.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { attributesOf } from "./random/attributes.ts";
import { operateOn, replayed } from "./support.ts";

const table = `
CREATE TABLE t (id int NOT NULL, k int NOT NULL, note text, PRIMARY KEY (id, k)) PARTITION BY RANGE (k);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;`;
const part = "CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (20);";

const every = "CREATE TRIGGER every AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();";
const both = `${part} CREATE TABLE p2 PARTITION OF t FOR VALUES FROM (20) TO (40);`;
const splits = { operation: "split", table: "t", partition: "p", at: "10", name: "q" };

interface Case {
  readonly title: string;
  readonly statements: string;
  readonly from?: number;
  /** Instead of the usual partition. */
  readonly part?: string;
  /** What the notes say the new partition does not get. */
  readonly missing?: string;
}

const cases: readonly Case[] = [
  {
    title: "privileges granted and taken back",
    statements: `GRANT ALL ON p TO one; REVOKE DELETE, TRUNCATE ON p FROM one; GRANT SELECT, UPDATE (id, k) ON p TO two WITH GRANT OPTION;
      REVOKE UPDATE (k) ON p FROM two; REVOKE ALL ON p FROM PUBLIC; GRANT INSERT ON p TO PUBLIC; REVOKE GRANT OPTION FOR SELECT ON p FROM two;`,
  },
  {
    title: "privileges of all tables of a schema",
    statements:
      "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO one; REVOKE INSERT ON ALL TABLES IN SCHEMA public FROM one;",
  },
  {
    title: "privileges of the whole table taken of all columns",
    statements: "GRANT SELECT (id), UPDATE (k) ON p TO one; GRANT SELECT ON p TO one; REVOKE SELECT ON p FROM one;",
  },
  { title: "what the owner itself has lost", statements: "REVOKE DELETE, TRUNCATE ON p FROM postgres;" },
  {
    title: "policies changed, renamed and dropped",
    statements: `CREATE POLICY a ON p AS RESTRICTIVE FOR UPDATE TO one, two USING (id > 0) WITH CHECK (note <> 'x');
      CREATE POLICY b ON p USING (true); CREATE POLICY "C d" ON p FOR SELECT TO one USING (k > 1);
      ALTER POLICY a ON p TO one USING (id > 1); ALTER POLICY "C d" ON p RENAME TO e; DROP POLICY b ON p;
      COMMENT ON POLICY e ON p IS 'it''s one';
      ALTER TABLE p ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`,
  },
  {
    title: "row security that is off again, and one that is only forced",
    statements:
      "ALTER TABLE p ENABLE ROW LEVEL SECURITY; ALTER TABLE p FORCE ROW LEVEL SECURITY; ALTER TABLE p DISABLE ROW LEVEL SECURITY;",
  },
  {
    title: "triggers in all states",
    statements: `CREATE TRIGGER a BEFORE INSERT OR UPDATE OF note ON p FOR EACH ROW WHEN (NEW.id > 3) EXECUTE FUNCTION f();
      CREATE TRIGGER b AFTER DELETE ON p EXECUTE FUNCTION f(); CREATE TRIGGER c AFTER DELETE ON p EXECUTE FUNCTION f();
      CREATE CONSTRAINT TRIGGER d AFTER INSERT ON p DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION f();
      CREATE TRIGGER g AFTER INSERT ON p EXECUTE FUNCTION f('x''y', 'b');
      ALTER TABLE p DISABLE TRIGGER USER; ALTER TABLE p ENABLE TRIGGER b; ALTER TABLE p ENABLE ALWAYS TRIGGER d;
      ALTER TRIGGER a ON p RENAME TO "A a"; DROP TRIGGER c ON p; COMMENT ON TRIGGER b ON p IS 'b';`,
  },
  {
    title: "a trigger of the whole table that one partition has switched off",
    from: 13,
    part: `CREATE TRIGGER every AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); ${part}`,
    statements: "ALTER TABLE p DISABLE TRIGGER every;",
  },
  {
    title: "storage parameters set and reset, at once and later",
    part: "CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (20) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.2);",
    statements: `ALTER TABLE p SET (fillfactor = 50, autovacuum_enabled = off, toast.autovacuum_enabled = false); ALTER TABLE p RESET (autovacuum_vacuum_scale_factor);`,
  },
  {
    title: "what is set of columns, for the planner and for storage",
    statements: `ALTER TABLE t ALTER note SET STATISTICS 300; ALTER TABLE p ALTER id SET STATISTICS 500; ALTER TABLE p ALTER id SET (n_distinct = -0.5, n_distinct_inherited = 3);
      ALTER TABLE p ALTER id RESET (n_distinct_inherited); ALTER TABLE p ALTER note SET STORAGE EXTERNAL;`,
  },
  {
    title: "the index of the primary key as replica identity, and for CLUSTER",
    statements: "ALTER TABLE p REPLICA IDENTITY USING INDEX p_pkey; ALTER TABLE p CLUSTER ON p_pkey;",
  },
  {
    title: "a replica identity of nothing",
    statements: "ALTER TABLE p REPLICA IDENTITY FULL; ALTER TABLE p REPLICA IDENTITY NOTHING;",
  },
  {
    title: "an index of its own as replica identity, another one for CLUSTER",
    statements: `CREATE UNIQUE INDEX u ON p (k); CREATE INDEX v ON p (k); CREATE INDEX w ON p (lower(note)); CREATE INDEX ON p (lower(note)) WHERE id > 0;
      ALTER TABLE p REPLICA IDENTITY USING INDEX u, CLUSTER ON w;`,
  },
  {
    title: "comments on the table and its columns",
    statements: `COMMENT ON TABLE p IS 'one'; COMMENT ON TABLE p IS E'two\\n''2'''; COMMENT ON COLUMN p.id IS 'its id'; COMMENT ON TABLE t IS NULL;`,
  },
  {
    title: "publications joined and left",
    statements: `CREATE PUBLICATION one_of FOR TABLE p; CREATE PUBLICATION two_of FOR TABLE p, t; ALTER PUBLICATION two_of SET TABLE t;
      CREATE PUBLICATION three_of; ALTER PUBLICATION three_of ADD TABLE ONLY p; CREATE PUBLICATION gone_of FOR TABLE p; DROP PUBLICATION gone_of;`,
    from: 13,
  },
  {
    title: "publications of columns and rows",
    from: 15,
    statements: `CREATE PUBLICATION one_of FOR TABLE p (id, k) WHERE (id > 0 AND k > 0), t; CREATE PUBLICATION two_of FOR TABLE t, p (k, id) WITH (publish = 'insert');`,
  },
  {
    title: "a table access method",
    from: 15,
    statements:
      "CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE p SET ACCESS METHOD heap2;",
  },
  {
    title: "statistics of several columns",
    statements: "CREATE STATISTICS s (ndistinct, dependencies) ON id, k FROM p;",
  },
  {
    title: "an owner, whose privileges are its own",
    statements: "GRANT SELECT ON p TO two; ALTER TABLE p OWNER TO one;",
  },
  {
    title: "comments of policies and triggers that are renamed and dropped since",
    statements: `CREATE POLICY a ON p USING (true); COMMENT ON POLICY a ON p IS 'x'; ALTER POLICY a ON p RENAME TO "B b";
      CREATE POLICY "Aa" ON p USING (true); COMMENT ON POLICY "Aa" ON p IS 'y'; DROP POLICY "Aa" ON p;
      CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION f(); COMMENT ON TRIGGER a ON p IS 'x'; ALTER TRIGGER a ON p RENAME TO "B b";
      CREATE TRIGGER "Aa" AFTER INSERT ON p EXECUTE FUNCTION f(); COMMENT ON TRIGGER "Aa" ON p IS 'y'; DROP TRIGGER "Aa" ON p;`,
  },
  {
    title: "a trigger of the whole table that is dropped after a partition has switched it off",
    from: 13,
    part: `${every} ${part}`,
    statements: "ALTER TABLE p DISABLE TRIGGER every; DROP TRIGGER every ON t;",
  },
  {
    title: "a trigger of the whole table that is renamed after a partition has switched it off",
    from: 15,
    part: `${every} ${part}`,
    statements: "ALTER TABLE p DISABLE TRIGGER every; ALTER TRIGGER every ON t RENAME TO each;",
  },
  {
    title: "a trigger that only the whole table has switched off",
    from: 13,
    part: `${every} ${part}`,
    statements: "ALTER TABLE ONLY t DISABLE TRIGGER every;",
  },
  {
    title: "a trigger that the whole table has switched off and a partition on again",
    from: 13,
    part: `${every} ${part}`,
    statements: "ALTER TABLE t DISABLE TRIGGER every; ALTER TABLE p ENABLE ALWAYS TRIGGER every;",
  },
  {
    title: "a trigger that the whole table has switched on again for all",
    from: 13,
    part: `${every} ${part}`,
    statements: "ALTER TABLE p DISABLE TRIGGER every; ALTER TABLE t ENABLE TRIGGER every;",
  },
  {
    title: "a trigger that came when those of the users had been switched off, or all",
    from: 13,
    statements: `CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION f(); ALTER TABLE p DISABLE TRIGGER ALL; ALTER TABLE p ENABLE TRIGGER USER;
      ALTER TABLE p DISABLE TRIGGER USER; ${every}`,
  },
  {
    title: "a trigger that came when all had been switched off",
    from: 13,
    statements: `CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION f(); ALTER TABLE p DISABLE TRIGGER ALL; ${every}`,
  },
  {
    title: "a partition that was detached and attached, and fires as the whole table does",
    from: 13,
    part: `${every} ${part}`,
    statements: `ALTER TABLE p DISABLE TRIGGER every; ALTER TABLE t ENABLE REPLICA TRIGGER every; ALTER TABLE p DISABLE TRIGGER every;
      ALTER TABLE t DETACH PARTITION p; ALTER TABLE p DISABLE TRIGGER USER; ALTER TABLE t ATTACH PARTITION p FOR VALUES FROM (0) TO (20);`,
  },
  {
    title: "the access method of the whole table, which a partition takes",
    from: 17,
    part: `CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE t SET ACCESS METHOD heap2; ${part}`,
    statements: "",
  },
  {
    title: "the usual access method, which a partition says itself",
    from: 17,
    part: `CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; ALTER TABLE t SET ACCESS METHOD heap2; CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (20) USING heap;`,
    statements: "",
  },
  {
    title: "a policy that cannot be written, with all that hangs on it",
    part: `CREATE TABLE other (n int); ${part}`,
    statements: `CREATE POLICY a ON p USING (true); ALTER POLICY a ON p USING (EXISTS (SELECT FROM other WHERE n = p.k)); COMMENT ON POLICY a ON p IS 'x';
      CREATE POLICY b ON p USING (EXISTS (SELECT FROM other WHERE n = p.k)); ALTER POLICY b ON p TO PUBLIC;`,
    missing: "the policy a, the policy b",
  },
  {
    title: "a policy whose text names the partition",
    part: `CREATE TABLE other (n int); ${part}`,
    statements:
      "CREATE POLICY a ON p USING (EXISTS (SELECT FROM other WHERE n = p.k)); CREATE POLICY b ON p USING (id > 0);",
    missing: "the policy a",
  },
  {
    title: "a rule, which is not read whole",
    statements: "CREATE RULE r AS ON DELETE TO p WHERE OLD.id < 0 DO INSTEAD NOTHING;",
    missing: "the rule r",
  },
];

describe.each([18, 13, 15] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  const roles = ["one", "two"].map((name) => ({ name, real: `${name}_${crypto.randomUUID().replaceAll("-", "")}` }));
  const named = (sql: string): string =>
    roles.reduce((text, { name, real }) => text.replace(new RegExp(`\\b${name}\\b(?!'|_)`, "g"), real), sql);
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    for (const { real } of roles) await database.client.query(`CREATE ROLE ${real}`);
  });
  afterAll(async () => {
    const { client } = database;
    for (const { real } of roles) await client.query(`DROP OWNED BY ${real} CASCADE; DROP ROLE ${real}`);
    await database.close();
  });

  async function connected(): Promise<Catalog> {
    const connection = connectionTo(database.connectionString);
    const snapshot = await readDatabase(connection, never);
    await connection.close();
    if (!snapshot.ok) throw new Error(snapshot.problem.message);
    const options = { version: major, pathmanVersion: "1.5", today: "2024-06-01" };
    const { catalog, declined } = databaseSchema(snapshot.value, reading, options);
    expect(declined).toEqual([]);
    return withSettings(catalog, { searchPath: ["public"] });
  }

  async function begin(schema: string): Promise<void> {
    const { client } = database;
    const { rows } = await client.query<{ name: string }>("SELECT pubname AS name FROM pg_publication");
    for (const { name } of rows) await client.query(`DROP PUBLICATION ${name}`);
    await client.query("DROP SCHEMA IF EXISTS s CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await client.query("DROP ACCESS METHOD IF EXISTS heap2");
    await client.query(schema);
  }

  async function attributes(of: string): Promise<readonly string[]> {
    const all = await attributesOf(database.client, "public", major);
    return (all.get(of) ?? [])
      .filter((line) => !line.startsWith("part of "))
      .map((line) => line.replace(/^(index|statistics) \S+ |^(constraint )\S+ (?=PRIMARY)/, "$1$2"))
      .toSorted();
  }

  function scriptOn(catalog: Catalog, request: Readonly<Record<string, unknown>> = splits): Script {
    const result = operateOn(catalog, reading, request, major);
    if (!result.ok) throw new Error(result.problem.message);
    return result.value;
  }

  const usable = cases.filter(({ from = 10 }) => from <= major);
  describe.each(["the statements", "the database"] as const)("as %s show it", (source) => {
    it.each(usable)("$title", async ({ statements, part: own = part, missing }) => {
      const schema = named(`${table}\n${own}\n${statements}`);
      await begin(schema);
      const catalog = source === "the database" ? await connected() : replayed(reading, schema, major);
      const before = await attributes("p");
      const script = scriptOn(catalog);
      await database.client.query(script.sql);
      expect(await attributes("p")).toEqual(before);
      const notes = script.notes.filter((note) => note.startsWith("q does not get from p"));
      expect(notes).toEqual(missing === undefined ? [] : [`q does not get from p: ${missing}.`]);
      const found = await attributes("q");
      if (missing === undefined) expect(found).toEqual(before);
      else expect(before.filter((line) => !found.includes(line)).length).toBeGreaterThan(0);
      expect(found.filter((line) => !before.includes(line) && missing === undefined)).toEqual([]);
    });
  });

  it.each<[string, string, string, readonly string[]]>([
    [
      "a policy of the only one names it",
      `CREATE TABLE other (n int); ${part} CREATE POLICY a ON p USING (EXISTS (SELECT FROM other WHERE n = p.k)); CREATE POLICY b ON p USING (k < (SELECT max(x.k) FROM p x)); CREATE POLICY c ON p USING (id > 0);`,
      "CREATE POLICY a",
      ["the policy a", "the policy b"],
    ],
    [
      "a policy that was changed of one only",
      `${both} CREATE POLICY a ON p USING (true); CREATE POLICY a ON p2 USING (true); ALTER POLICY a ON p USING (id > 1); ALTER POLICY a ON p2 USING (id > 2);
        ALTER TABLE p ENABLE ROW LEVEL SECURITY; ALTER TABLE p2 ENABLE ROW LEVEL SECURITY;`,
      "CREATE POLICY",
      ["the policy a, which is not alike"],
    ],
    [
      "indexes and statistics of their own",
      `${both} ALTER TABLE p REPLICA IDENTITY USING INDEX p_pkey; ALTER TABLE p2 REPLICA IDENTITY USING INDEX p2_pkey; ALTER TABLE p CLUSTER ON p_pkey;
        ALTER TABLE p2 CLUSTER ON p2_pkey; CREATE STATISTICS s1 ON id, k FROM p; CREATE STATISTICS s2 ON id, k FROM p2;`,
      "REPLICA IDENTITY",
      ["its replica identity (the index p_pkey)", "the mark of CLUSTER on p_pkey", "the statistics s1"],
    ],
    [
      "a rule of the same name",
      `${both} CREATE RULE r AS ON DELETE TO p WHERE OLD.id < 0 DO INSTEAD NOTHING; CREATE RULE r AS ON DELETE TO p2 WHERE OLD.id < 0 DO INSTEAD NOTHING;`,
      "CREATE RULE",
      ["the rule r"],
    ],
    [
      "a trigger that is another one, off in both",
      `${both} CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION f(); CREATE TRIGGER a AFTER DELETE ON p2 EXECUTE FUNCTION f();
        ALTER TABLE p DISABLE TRIGGER a; ALTER TABLE p2 DISABLE TRIGGER a;`,
      "TRIGGER a",
      [],
    ],
  ])("append notes what it does not hand on: %s", async (_title, statements, never, missing) => {
    const schema = `${table}\n${statements}`;
    const appends = { operation: "append", table: "t", name: "q", to: "60" };
    for (const source of ["files", "database"] as const) {
      await begin(schema);
      const catalog = source === "database" ? await connected() : replayed(reading, schema, major);
      const { sql, notes } = scriptOn(catalog, appends);
      expect(sql).not.toContain(never);
      await database.client.query(sql);
      const said = notes.filter((note) => note.startsWith("New partitions do not get"));
      expect(said).toEqual(
        missing.length === 0 ? [] : [`New partitions do not get what hangs on the others of t: ${missing.join(", ")}.`],
      );
      const found = await attributes("q");
      const secured = found.some((line) => line.includes("security true"));
      expect(notes.some((note) => note.startsWith("Row level security is on there"))).toBe(secured);
    }
  });

  it("append says which publications the new partitions join", async () => {
    const schema = `${table}${both} CREATE PUBLICATION one_of FOR TABLE p, p2;`;
    await begin(schema);
    const appends = { operation: "append", table: "t", name: "q", to: "60" };
    const { sql, notes } = scriptOn(replayed(reading, schema, major), appends);
    await database.client.query(sql);
    expect(await attributes("q")).toContain("publication one_of");
    expect(notes).toEqual([expect.stringContaining("New partitions join one_of")]);
  });

  it("a trigger that is not made has neither state nor comment", async () => {
    const schema = `CREATE SCHEMA s; ${table}\n${part}\nCREATE FUNCTION s.h() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      SET search_path = s, public; CREATE TRIGGER "A" AFTER INSERT ON p EXECUTE FUNCTION h(); SET search_path = public;
      COMMENT ON TRIGGER "A" ON p IS 'x'; ALTER TABLE p DISABLE TRIGGER "A";`;
    await begin(`DROP SCHEMA IF EXISTS s CASCADE; ${schema}`);
    const { sql, notes } = scriptOn(replayed(reading, schema, major));
    await database.client.query(sql);
    expect(notes).toContain("q does not get from p: the trigger A.");
    expect((await attributes("q")).filter((line) => line.startsWith("trigger"))).toEqual([]);
    await database.client.query("DROP SCHEMA s CASCADE");
  });

  it.each([
    ["simple", ["gone"]],
    ["online", []],
  ])("of the triggers of a partition those fire that a note names: style %s", async (style, fire) => {
    const log = `CREATE TABLE fired (name text); CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO fired VALUES (TG_NAME); RETURN NULL; END $$;`;
    const schema = `${table}${part}${log} CREATE TRIGGER gone AFTER DELETE ON p EXECUTE FUNCTION tell(); CREATE TRIGGER come AFTER INSERT ON p EXECUTE FUNCTION tell();`;
    await begin(
      `${schema} ALTER TABLE p DISABLE TRIGGER USER; INSERT INTO t VALUES (1, 1), (2, 15); ALTER TABLE p ENABLE TRIGGER USER;`,
    );
    const { sql, notes } = scriptOn(replayed(reading, schema, major), { ...splits, style });
    for (const { start, end } of parseDocument(sql, reading).statements)
      await database.client.query(sql.slice(start, end));
    const { rows } = await database.client.query<{ name: string }>("SELECT DISTINCT name FROM fired");
    expect(rows.map(({ name }) => name)).toEqual(fire);
    const said = notes.filter((note) => note.startsWith("Triggers of the partitions themselves fire"));
    expect(said.map((note) => note.replace(/^.*: /, ""))).toEqual(fire.map((name) => `${name}.`));
  });

  it("a merge says that what is said of columns, constraints and indexes goes", async () => {
    const schema = `${table}${both} COMMENT ON COLUMN p2.note IS 'x'; ALTER TABLE p2 ALTER note SET STORAGE EXTERNAL;`;
    await begin(schema);
    const { sql, notes } = scriptOn(replayed(reading, schema, major), {
      operation: "merge",
      table: "t",
      partitions: ["p", "p2"],
    });
    await database.client.query(sql);
    expect((await attributes("p")).filter((line) => line.endsWith("comment x"))).toEqual([]);
    expect(notes).toContain(
      "Comments on columns, constraints and indexes of p2 go with it, and how its columns are stored (SET STORAGE): p keeps its own, and they are not compared.",
    );
  });

  it("a connected database leaves nothing to guess", async () => {
    await begin(`${table}\n${part}`);
    const connectedNotes = scriptOn(await connected()).notes;
    expect(connectedNotes.filter((note) => note.includes("connect to a database"))).toEqual([]);
    const fileNotes = scriptOn(replayed(reading, `${table}\n${part}`, major)).notes;
    expect(fileNotes.filter((note) => note.includes("connect to a database"))).toHaveLength(1);
  });

  it("what was written under another search_path is not written here", async () => {
    const schema = `CREATE SCHEMA s; ${table}\n${part}\nCREATE FUNCTION s.h() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      SET search_path = s, public; CREATE TRIGGER a AFTER INSERT ON p EXECUTE FUNCTION h(); SET search_path = public;`;
    const { notes, sql } = scriptOn(replayed(reading, schema, major));
    expect(notes).toContain("q does not get from p: the trigger a.");
    expect(sql).not.toContain("CREATE TRIGGER");
  });

  it("what names a column that is called otherwise now is not written", async () => {
    const schema = `${table}\n${part}\nCREATE POLICY a ON p USING (note > 'x'); ALTER TABLE t RENAME note TO remark;`;
    const { notes, sql } = scriptOn(replayed(reading, schema, major));
    expect(notes).toContain("q does not get from p: the policy a.");
    expect(sql).not.toContain("CREATE POLICY");
  });
});
