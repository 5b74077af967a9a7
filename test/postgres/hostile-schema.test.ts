/** Whoever may create functions and operators cannot have them run by our reading of the schema, whatever they call them. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConnectedPlanner } from "../../server/src/postgres/connected-planner.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { readDatabase, readSchemaStamp } from "../../server/src/postgres/introspect.ts";
import { learningQueries } from "../../server/src/postgres/learning-queries.ts";
import { createDangerReader } from "../../server/src/postgres/planning-dangers.ts";
import { readRelationSizes } from "../../server/src/postgres/relation-sizes.ts";
import type { PlanRequest } from "../../server/src/pruning/planner.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { citusTables, pathmanAndPartmanTables } from "./extension-schemas.ts";
import { connectionTo, never } from "./support.ts";

/** Schemas in which a session may look before it looks into `pg_catalog`, or for what fits better than what is there. */
const schemas = ["public", "evil", "pg_temp"] as const;

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  const opened: DatabaseConnection[] = [];

  beforeAll(async () => {
    database = await createDatabase(major);
    const { client } = database;
    await client.query(`
      CREATE SCHEMA evil;
      CREATE TABLE evil.called (what text);
      CREATE SEQUENCE evil.calls;
      CREATE TABLE public.sales (d date, n int) PARTITION BY RANGE (d);
      CREATE TABLE public.sales_1 PARTITION OF public.sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE VIEW public.recent AS SELECT * FROM public.sales;
      CREATE TYPE public.color AS ENUM ('red');
      COMMENT ON TABLE public.sales_1 IS 'one'; GRANT SELECT (d) ON public.sales TO PUBLIC;
      ALTER TABLE public.sales_1 SET (fillfactor = 70);`);
    await client.query(citusTables);
    await client.query(pathmanAndPartmanTables);
    const { functions, operators } = await namesAsked(database, major);
    // A temporary schema has to be there before anything can be put into it; it is that of this session alone.
    await client.query("CREATE TEMPORARY TABLE makes_the_schema ()");
    // Every one calls nextval, which a read-only transaction refuses: what is called would be seen as an error or a number.
    const body = "$$ BEGIN PERFORM pg_catalog.nextval('evil.calls'); RETURN NULL; END $$ LANGUAGE plpgsql IMMUTABLE";
    for (const schema of schemas) {
      await client.query(
        functions
          .flatMap((name) =>
            argumentLists.map((list) => `CREATE FUNCTION ${schema}."${name}"(${list}) RETURNS text AS ${body}`),
          )
          .join(";\n"),
      );
      for (const [left, right] of operands) {
        await client.query(`CREATE FUNCTION ${schema}.spies(${left}, ${right}) RETURNS boolean AS ${body}`);
        for (const operator of operators)
          await client.query(
            `CREATE OPERATOR ${schema}.${operator} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = ${schema}.spies)`,
          );
      }
      for (const type of ["text", "oid", "int8", "regclass", "regtype", "name"])
        await client.query(
          `CREATE DOMAIN ${schema}.${type} AS pg_catalog.${type} CHECK (${schema}.spies(VALUE::pg_catalog.text, ''))`,
        );
    }
    await client.query(`CREATE ROLE plain_${major} LOGIN; GRANT USAGE ON SCHEMA evil TO plain_${major};
      GRANT ALL ON ALL TABLES IN SCHEMA evil, public TO plain_${major}; GRANT ALL ON SEQUENCE evil.calls TO plain_${major}`);
  }, 300_000);
  afterAll(async () => {
    await Promise.all(opened.map((connection) => connection.close()));
    await database.client.query(`DROP OWNED BY plain_${major}; DROP ROLE plain_${major}`);
    await database.close();
  });

  function open(user: string, path: string): DatabaseConnection {
    const { socketDirectory, port } = database.server;
    const dbname = new URL(database.connectionString).pathname.slice(1);
    const options = `-c search_path=${path}`;
    const connection = connectionTo(
      `host=${socketDirectory} port=${port} user=${user} dbname=${dbname} options='${options}'`,
      { statementTimeoutMilliseconds: 60_000 },
    );
    opened.push(connection);
    return connection;
  }

  describe.each(["postgres", `plain_${major}`])("as %s", (user) => {
    test.each(["public", "evil,public", "evil,pg_catalog", "pg_temp,evil,public,pg_catalog"])(
      "reading the schema under search_path %s calls none of them",
      async (path) => {
        const connection = open(user, path);
        expect(await readSchemaStamp(connection, never)).toMatchObject({ ok: true });
        const read = await readDatabase(connection, never);
        expect(read).toMatchObject({ ok: true });
        const names = read.ok ? read.value.rows.relations.map(({ name }) => name) : [];
        expect(names).toEqual(expect.arrayContaining(["sales", "sales_1", "recent"]));
        const dangers = await connection.read(createDangerReader(), never);
        expect(dangers.ok && dangers.value.functions.has("spies")).toBe(true);
        const { extensions, declined } = read.ok ? read.value.configured : { extensions: [], declined: [] };
        const parts = extensions.flatMap(({ tables }) => Object.keys(tables));
        // A plain role may not read the tables of extensions, and it is said.
        expect([parts.length, declined.length > 0]).toEqual(user === "postgres" ? [8, false] : [0, true]);
        expect(await readRelationSizes(connection, never)).toMatchObject({ ok: true });
        await expectNoCalls();
      },
    );

    test("planning under the file's path calls none of them, but where the user allows it", async () => {
      const connection = open(user, "public");
      const request = (sql: string): PlanRequest => ({
        sql,
        readOnlySql: null,
        searchPath: ["evil", "public", "pg_catalog"],
        timeZone: "UTC",
        plannerSettings: {},
        roots: [],
      });
      const careful = createConnectedPlanner(connection, { runsFunctions: false });
      for (const sql of [
        "SELECT * FROM public.sales WHERE d = $1",
        "SELECT * FROM public.sales WHERE 'a'::text = 'b'::text",
        "SELECT * FROM public.sales WHERE lower('a') IS NULL",
      ]) {
        expect(await careful.explain(request(sql), never)).toMatchObject({
          ok: false,
          problem: {
            kind: "runs-functions",
            message: expect.stringMatching(/^predicted: planning would run \w+\.\S+\(\)$/),
          },
        });
      }
      await expectNoCalls();
      const careless = createConnectedPlanner(connection, { runsFunctions: true });
      // Then it is run, as the user asked: the read-only transaction refuses what it does.
      expect(await careless.explain(request("SELECT lower('a'::pg_catalog.text)"), never)).toMatchObject({
        ok: false,
        problem: { kind: "rejected", sqlstate: "25006" },
      });
    });
  });

  test.each(["public", "evil,public", "evil,pg_catalog", "pg_temp,evil,public,pg_catalog"])(
    "learning what a statement does under search_path %s calls none of them",
    async (path) => {
      const { client } = database;
      const queries = learningQueries(major * 10_000);
      await client.query(`BEGIN; SET LOCAL search_path = ${path}`);
      try {
        await client.query(queries.scans);
        await client.query(queries.writes);
        await client.query(queries.mark);
        await client.query("CREATE TABLE public.sales_2 PARTITION OF public.sales DEFAULT");
        await client.query(queries.scans);
        await client.query(queries.writes);
        await client.query(queries.printing);
        const { rows } = await client.query<{ ids: string }>(queries.touched);
        await client.query(queries.all);
        await client.query(queries.hand, [rows[0]?.ids]);
        const names: unknown[] = [];
        for (const { sql } of queries.read) names.push(...(await client.query(sql)).rows.map(({ name }) => name));
        expect(names).toEqual(expect.arrayContaining(["sales", "sales_2"]));
      } finally {
        await client.query("ROLLBACK");
      }
      await expectNoCalls();
    },
  );

  async function expectNoCalls(): Promise<void> {
    const { rows } = await database.client.query("SELECT is_called FROM evil.calls");
    expect(rows).toEqual([{ is_called: false }]);
  }
});

const argumentLists = [
  "text",
  "anyelement",
  "anyarray",
  "VARIADIC text[]",
  "int8",
  "oid",
  "name",
  "text, text",
  "text, int4",
  "oid, text",
  "text, text, boolean",
] as const;

const operands = [
  ["text", "text"],
  ["name", "name"],
  ['"char"', "text"],
  ["oid", "oid"],
  ["int8", "int8"],
  ["int8", "int4"],
  ["jsonb", "text"],
] as const;

/** All names of functions and operators in what is asked of a database with everything in it: by reading, planning, and learning. */
async function namesAsked(
  database: TestDatabase,
  major: number,
): Promise<{ readonly functions: readonly string[]; readonly operators: readonly string[] }> {
  const asked: string[] = [];
  const connection = connectionTo(database.connectionString, { statementTimeoutMilliseconds: 60_000 });
  const watched: DatabaseConnection = {
    ...connection,
    read: (work, signal) =>
      connection.read(
        (session) =>
          work({
            ...session,
            query: (sql, values) => {
              asked.push(sql);
              return session.query(sql, values);
            },
          }),
        signal,
      ),
  };
  const sql = "SELECT * FROM public.sales WHERE n = $1";
  const request = { sql, readOnlySql: null, searchPath: [], timeZone: "UTC", plannerSettings: {}, roots: [] };
  const answers = [
    await readSchemaStamp(watched, never),
    await readDatabase(watched, never),
    await readRelationSizes(watched, never),
    await createConnectedPlanner(watched, { runsFunctions: false }).explain(request, never),
  ];
  await connection.close();
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  const { read, ...others } = learningQueries(major * 10_000);
  const text = [...asked, ...Object.values(others), ...read.map((each) => each.sql)].join("\n");
  for (const each of ["part_config", "pathman_config", "pg_dist_partition", "pg_default_acl", "pg_publication_rel"])
    expect(text).toContain(each);
  const code = text.replace(/'(?:[^']|'')*'/g, "''");
  const functions = new Set([
    ...[...code.matchAll(/\b([a-z_0-9]+) ?\(/g)].map(([, name = ""]) => name),
    // What sends each transaction off and ends it, and what PostgreSQL puts into queries by itself.
    ...["set_config", "current_setting", "pg_advisory_unlock_all", "lower", "unnest", "json_each_text", "concat_ws"],
  ]);
  const operators = new Set([...(code.match(/[-+*/<>=~!@#%^&|?]+/g) ?? []), "=", "<>", "<", ">", "~"]);
  const words = new Set(
    "as and or not in case when then else select exists any from where values over filter on by".split(" "),
  );
  return {
    functions: [...functions].filter((name) => !words.has(name)),
    operators: [...operators].filter((each) => !["=>", "*", "--"].includes(each)),
  };
}
