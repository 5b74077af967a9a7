/** Type names as written, resolved, and printed as `format_type` prints them. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../../server/src/catalog/catalog.ts";
import type { DataType } from "../../../server/src/catalog/data-type.ts";
import { modifierProblem } from "../../../server/src/catalog/values/type-modifiers.ts";
import {
  baseType,
  formatType,
  formatTypeName,
  isCollatable,
  resolveType,
  sameType,
  serialBase,
} from "../../../server/src/catalog/values/types.ts";
import type { TypeName } from "../../../server/src/syntax/expression.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { contextFor, createMood, expressionReader, typeReader } from "./server.ts";

const names = [
  "int",
  "int2",
  "bigint",
  "float",
  "real",
  "float(10)",
  "numeric",
  "numeric(6)",
  "numeric(6,2)",
  "decimal(10,3)",
  "bool",
  "char",
  "char(4)",
  "bpchar",
  "varchar",
  "varchar(20)",
  "character varying(3)",
  "text",
  "name",
  '"char"',
  "bit",
  "bit(3)",
  "bit varying(5)",
  "date",
  "time",
  "time(3)",
  "timetz",
  "time(2) with time zone",
  "timestamp",
  "timestamp(0)",
  "timestamptz",
  "timestamp(3) with time zone",
  "interval",
  "interval(3)",
  "interval day to second(2)",
  "interval year to month",
  "interval hour",
  "uuid",
  "bytea",
  "json",
  "jsonb",
  "inet",
  "point",
  "money",
  "oid",
  "regclass",
  "int4range",
  "int[]",
  "varchar(5)[]",
  "_int4",
  "mood",
  "mood[]",
  "pg_catalog.int4",
];

describe("format_type", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
    await createMood(database.client);
  });
  afterAll(async () => await database.close());

  test.each(names)("%s", async (name) => {
    const type = (await typeReader())(name);
    await database.client.query(`DROP TABLE IF EXISTS t; CREATE TABLE t (c ${name})`);
    const { rows } = await database.client.query(
      `SELECT format_type(atttypid, atttypmod) AS full, format_type(atttypid, NULL) AS short
         FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1`,
    );
    expect({ full: formatType(type), short: formatTypeName(type) }).toEqual(rows[0]);
  });
});

const refusable = [
  "varchar(0)",
  "char(0)",
  "varchar(10485761)",
  "bit(0)",
  "bit varying(0)",
  "bit(83886081)",
  "numeric(0)",
  "numeric(1001)",
  "numeric(5,6)",
  "numeric(5,-2)",
  "numeric(5,1001)",
  "numeric(5,2,1)",
  "text(4)",
  "uuid(3)",
  "timestamptz(1,2)",
  "timestamp(9)",
  "varchar(3)[]",
];

describe.each([13, 18] as const)("modifiers on PostgreSQL %i", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
  });
  afterAll(async () => await database.close());

  test.each(refusable)("%s", async (name) => {
    const expression = (await expressionReader())(`NULL::${name}`);
    if (expression.kind !== "cast") throw new Error(name);
    const { catalog } = contextFor(version);
    const ours = modifierProblem(expression.type, resolveType(catalog, expression.type), version);
    const theirs = await database.client.query(`CREATE TEMP TABLE t (c ${name})`).then(
      () => null,
      (error: { code: string; message: string }) => ({ sqlstate: error.code, message: error.message }),
    );
    await database.client.query("DROP TABLE IF EXISTS t");
    expect(ours === null ? null : { sqlstate: ours.sqlstate, message: ours.message }).toEqual(theirs);
  });
});

const written = (...parts: readonly string[]): TypeName => ({
  names: parts,
  modifiers: [],
  arrayDimensions: 0,
  setOf: false,
  range: { start: 0, end: 0 },
});

test("user types are found along the search path, PostgreSQL's own first", () => {
  const domain: DataType = {
    kind: "domain",
    schema: "app",
    name: "text",
    base: { kind: "base", name: "int4", modifier: null },
  };
  const empty = emptyCatalog({ complete: true, timeZone: "UTC" });
  const catalog = { ...empty, types: empty.types.with("app\0text", domain) };
  expect(resolveType(catalog, written("text"))).toMatchObject({ kind: "base", name: "text" });
  expect(resolveType(catalog, written("app", "text"))).toBe(domain);
  expect(baseType(domain)).toMatchObject({ name: "int4" });
  expect(resolveType(catalog, written("nothing"))).toEqual({ kind: "unknown", schema: null, name: "nothing" });
  expect(formatType(domain)).toBe("app.text");
});

test("serial types stand for integers", () => {
  expect(["smallserial", "serial", "serial8", "int4"].map((name) => serialBase(written(name)))).toEqual([
    "int2",
    "int4",
    "int8",
    null,
  ]);
});

test("modifiers make types different", async () => {
  const readType = await typeReader();
  expect(sameType(readType("varchar(10)"), readType("varchar(20)"))).toBe(false);
  expect(sameType(readType("numeric(6,2)"), readType("decimal(6,2)"))).toBe(true);
  expect(isCollatable(readType("varchar(3)"))).toBe(true);
  expect(isCollatable(readType("int"))).toBe(false);
});
