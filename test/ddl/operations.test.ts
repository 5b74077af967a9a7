/** Every operation, on real servers: its script loses no row and no attribute, gives the promised parts, and is undone. */

import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operationCases } from "./operation-cases.ts";
import { promisedParts, scriptOf } from "./support.ts";

/** What changes with these is what the parts have in common, or there were none. */
const otherAttributes = new Set(["convert", "foreign", "attach"]);

describe.each([18, 17, 15, 13, 12, 11, 10] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  it.each(operationCases.filter(({ from = 10 }) => from <= major))("$title", async (given) => {
    const { rows, request, parts, aside = [], loses = false } = given;
    const schema = asOf(major, given.schema);
    const { client } = database;
    const { table } = request;
    await client.query("ROLLBACK");
    await client.query("DROP SCHEMA IF EXISTS archive CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    await client.query("DROP FOREIGN DATA WRAPPER IF EXISTS w CASCADE; SET TimeZone = 'UTC'; RESET lock_timeout");
    await client.query(schema);
    await client.query(rows);
    const script = scriptOf(reading, schema, request, major);
    const all = [table, ...aside];
    const before = loses ? [] : await contents(client, all);
    const earlier = await partsOf(client, table);
    const attributes = await attributesOf(client, table);
    const comparable = Object.keys(earlier).length > 0 && !otherAttributes.has(String(request["operation"]));

    await runScript(client, reading, script.sql);

    // Where rows have moved, what holds them now is analyzed last.
    const moves = script.steps.some(({ sql }) => sql.includes("INSERT INTO"));
    if (moves) expect(script.steps.at(-1)?.sql).toMatch(/^ANALYZE /);
    if (!loses) expect(await contents(client, all)).toEqual(before);
    expect(await partsOf(client, table)).toEqual(parts);
    const promise = (): unknown => promisedParts(reading, schema, script, table, major);
    if (given.declines !== undefined) expect(promise).toThrow(given.declines);
    else expect(promise()).toEqual(Object.keys(parts).toSorted());
    if (comparable) expect(await attributesOf(client, table)).toEqual(attributes);
    expect(await strays(client, all)).toEqual([]);

    if (given.undone === false) return;
    await runScript(client, reading, script.undo ?? "SELECT 'no undo'");
    if (!loses) expect(await contents(client, all)).toEqual(before);
    expect(Object.keys(await partsOf(client, table)).toSorted()).toEqual(Object.keys(earlier).toSorted());
    if (comparable) expect(await attributesOf(client, table)).toEqual(attributes);
  });
});

/** The columns of a table as the version can have them: generated ones came with 12. */
function asOf(major: number, schema: string): string {
  return major < 12 ? schema.replace(/^.* GENERATED ALWAYS AS .* STORED,\n/gm, "") : schema;
}

/** As psql runs it: one statement after the other, so that what may not stand in a transaction block does not. */
async function runScript(client: Client, reading: Reading, sql: string): Promise<void> {
  for (const { start, end } of parseDocument(sql, reading).statements) await client.query(sql.slice(start, end));
}

/** The rows of all these relations together; each row once, though a table may be a part of another by now. */
async function contents(client: Client, relations: readonly string[]): Promise<readonly string[]> {
  const [table = ""] = relations;
  const found: string[] = [];
  for (const relation of relations) {
    const known = await client.query<{ known: boolean }>("SELECT to_regclass($1) IS NOT NULL AS known", [relation]);
    if (known.rows[0]?.known !== true) continue;
    const { rows } = await client.query<{ row: string }>(
      `SELECT t::text AS row FROM ${relation} AS t
       WHERE NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = $1::regclass AND inhparent = $2::regclass)`,
      [relation, table],
    );
    found.push(...rows.map(({ row }) => row));
  }
  return found.toSorted();
}

/** The parts by name, each with its bound, or with the CHECKs on the key that it has itself. */
async function partsOf(client: Client, table: string): Promise<Readonly<Record<string, string>>> {
  const { rows } = await client.query<{ name: string; bound: string }>(
    `SELECT c.relname AS name, coalesce(pg_get_expr(c.relpartbound, c.oid),
       (SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.coninhcount = 0)) AS bound
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass`,
    [table],
  );
  return Object.fromEntries(rows.map(({ name, bound }) => [name, bound]));
}

/** What all parts of the table have in common but for names and bounds: columns, indexes, constraints, triggers, owner. */
async function attributesOf(client: Client, table: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ attribute: string }>(
    `WITH parts AS (SELECT c.oid, c.relowner, c.relpersistence FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass)
     SELECT DISTINCT attribute FROM (
       SELECT 'column ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attstorage::text ||
         coalesce(to_jsonb(a) ->> 'attgenerated', '') || coalesce(' ' || pg_get_expr(adbin, adrelid), '')
       FROM parts JOIN pg_attribute a ON attrelid = parts.oid AND attnum > 0 AND NOT attisdropped
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       UNION ALL SELECT 'index ' || regexp_replace(pg_get_indexdef(indexrelid), '^.* USING', CASE WHEN indisunique THEN 'unique' ELSE '' END) || indisvalid
       FROM parts JOIN pg_index ON indrelid = parts.oid
       UNION ALL SELECT 'constraint ' || CASE WHEN contype = 'p' THEN '' ELSE conname END || pg_get_constraintdef(k.oid) || convalidated
       FROM parts JOIN pg_constraint k ON conrelid = parts.oid AND contype <> 'n' AND (contype <> 'c' OR coninhcount > 0) AND (contype <> 'f' OR conname NOT LIKE 'logs%')
       UNION ALL SELECT 'owner ' || pg_get_userbyid(relowner) || relpersistence::text FROM parts
       UNION ALL SELECT 'key ' || count(*) FROM parts JOIN pg_constraint k ON conrelid = parts.oid AND contype = 'f' GROUP BY parts.oid
     ) AS all_attributes (attribute) ORDER BY 1`,
    [table],
  );
  return rows.map(({ attribute }) => attribute);
}

/** Indexes that are not valid, and tables that belong nowhere. */
async function strays(client: Client, known: readonly string[]): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid
     UNION ALL SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
       AND relname <> ALL ($1) AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid)`,
    [["kinds", "mentions", ...known]],
  );
  return rows.map(({ name }) => name);
}
