/** Whoever may create functions and operators cannot have them run by our reading of the schema, whatever they call them. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogParts, catalogQueries } from "../../server/src/postgres/catalog-queries.ts";
import { createConnectedPlanner } from "../../server/src/postgres/connected-planner.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { readDatabase, readSchemaStamp } from "../../server/src/postgres/introspect.ts";
import { createDangerReader } from "../../server/src/postgres/planning-dangers.ts";
import type { PlanRequest } from "../../server/src/pruning/planner.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
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
      CREATE TYPE public.color AS ENUM ('red');`);
    // A temporary schema has to be there before anything can be put into it; it is that of this session alone.
    await client.query("CREATE TEMPORARY TABLE makes_the_schema ()");
    // Every one calls nextval, which a read-only transaction refuses: what is called would be seen as an error or a number.
    const body = "$$ BEGIN PERFORM pg_catalog.nextval('evil.calls'); RETURN NULL; END $$ LANGUAGE plpgsql IMMUTABLE";
    for (const schema of schemas) {
      for (const name of functionNames) {
        for (const argument of ["text", "anyelement", "anyarray", "VARIADIC text[]", "int8", "oid", "name"])
          await client.query(`CREATE FUNCTION ${schema}."${name}"(${argument}) RETURNS text AS ${body}`);
        await client.query(`CREATE FUNCTION ${schema}."${name}"(text, text) RETURNS text AS ${body}`);
        await client.query(`CREATE FUNCTION ${schema}."${name}"(text, text, boolean) RETURNS text AS ${body}`);
      }
      await client.query(`CREATE FUNCTION ${schema}.spies(text, text) RETURNS boolean AS ${body}`);
      await client.query(`CREATE FUNCTION ${schema}.spies(name, name) RETURNS boolean AS ${body}`);
      await client.query(`CREATE FUNCTION ${schema}.spies("char", text) RETURNS boolean AS ${body}`);
      for (const operator of ["=", "<>", "||", "<", ">", "~", "!~"]) {
        for (const [left, right] of [
          ["text", "text"],
          ["name", "name"],
          ['"char"', "text"],
        ])
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

  async function expectNoCalls(): Promise<void> {
    const { rows } = await database.client.query("SELECT is_called FROM evil.calls");
    expect(rows).toEqual([{ is_called: false }]);
  }
});

/** Every name before a parenthesis in any of our queries, and some that PostgreSQL puts into them. */
const functionNames: readonly string[] = [
  ...new Set([
    ...([10, 13, 18]
      .flatMap((major) => {
        const queries = catalogQueries(major * 10_000);
        return catalogParts.map((part) => queries[part]);
      })
      .join("\n")
      .match(/\b[a-z_]+(?=\()/g) ?? []),
    "concat_ws",
    "set_config",
    "current_setting",
    "lower",
    "unnest",
    "json_each_text",
    "pg_advisory_unlock_all",
  ]),
].filter(
  (name) =>
    !["in", "select", "exists", "case", "and", "or", "coalesce", "from", "as", "any", "not", "when"].includes(name),
);
