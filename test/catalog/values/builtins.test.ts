/** The tables of PostgreSQL's own functions, operators, casts and operator classes, and the look-ups in them. */

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  castBetween,
  comparesInFamily,
  defaultOperatorClass,
  functionsNamed,
  operatorClass,
  operatorsNamed,
} from "../../../server/src/catalog/values/builtins.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { typeReader } from "./server.ts";

describe("PostgreSQL 18", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
  });
  afterAll(async () => await database.close());

  test("has what the generated file says", async () => {
    const { builtinsModule } = await import("../../../scripts/generate-builtins.mjs" as string);
    const file = new URL("../../../server/src/catalog/values/builtins.generated.ts", import.meta.url);
    expect(await builtinsModule(database.client)).toBe(await readFile(file, "utf8"));
  });

  test.each(["btree", "hash"] as const)("has these default operator classes for %s", async (method) => {
    const readType = await typeReader();
    const names =
      "int bigint text varchar bpchar name uuid date timestamptz interval numeric json jsonb point inet cidr int4range int[] bytea xml money box".split(
        " ",
      );
    const { rows } = await database.client.query<{ name: string; has: boolean }>(
      `SELECT name, EXISTS (SELECT FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
                             WHERE amname = $1 AND opcdefault AND (opcintype = name::regtype
                                OR opcintype = (SELECT casttarget FROM pg_cast WHERE castsource = name::regtype
                                                   AND castmethod = 'b' AND castcontext = 'i' AND casttarget = opcintype)
                                OR (name LIKE '%[]' AND opcname = 'array_ops') OR (name LIKE '%range' AND opcname = 'range_ops'))) AS has
         FROM unnest($2::text[]) AS name`,
      [method, names],
    );
    const ours = names.map((name) => ({ name, has: defaultOperatorClass(method, readType(name)) !== null }));
    expect(ours).toEqual(rows);
  });
});

test("functions by name, with volatility and kind", () => {
  expect(functionsNamed("now")).toMatchObject([{ result: "timestamptz", volatility: "stable", kind: "function" }]);
  expect(functionsNamed("random").every(({ volatility }) => volatility === "volatile")).toBe(true);
  expect(functionsNamed("count").every(({ kind }) => kind === "aggregate")).toBe(true);
  expect(functionsNamed("row_number")).toMatchObject([{ kind: "window" }]);
  expect(functionsNamed("generate_series").every(({ returnsSet }) => returnsSet)).toBe(true);
  expect(functionsNamed("no_such_function")).toEqual([]);
});

test("operators, casts and classes", () => {
  expect(operatorsNamed("||").some(({ left, right }) => left === "text" && right === "text")).toBe(true);
  expect(operatorsNamed("+")).toContainEqual(
    expect.objectContaining({ left: "timestamptz", right: "interval", volatility: "stable" }),
  );
  expect(castBetween("int4", "int8")).toMatchObject({ level: "implicit" });
  expect(castBetween("numeric", "int4")).toMatchObject({ level: "assignment" });
  expect(castBetween("int4", "bool")).toMatchObject({ level: "explicit" });
  expect(castBetween("int4", "date")).toBeNull();
  expect(operatorClass("btree", "text_pattern_ops")).toMatchObject({ type: "text", isDefault: false });
  expect(operatorClass("btree", "nosuch_ops")).toBeNull();
});

test("which pairs of types a default operator family compares", () => {
  expect(comparesInFamily("btree", "int4", "int8")).toBe(true);
  expect(comparesInFamily("btree", "date", "timestamptz")).toBe(true);
  expect(comparesInFamily("btree", "int4", "numeric")).toBe(false);
  expect(comparesInFamily("hash", "int2", "int8")).toBe(true);
});
