/** Evaluating expressions against real servers, and what is said of those that are no constants. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../server/src/catalog/data-type.ts";
import type { UserFunction } from "../../../server/src/catalog/routine.ts";
import {
  coerceConstant,
  type EvaluateContext,
  type Evaluation,
  evaluate,
  expressionType,
  expressionVolatility,
} from "../../../server/src/catalog/values/evaluate.ts";
import { printValue } from "../../../server/src/catalog/values/print.ts";
import { baseTypeNamed, formatTypeName } from "../../../server/src/catalog/values/types.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { expressions } from "./expressions.ts";
import {
  applySettings,
  contextFor,
  createMood,
  disagreements,
  expressionReader,
  outcomeText,
  typeReader,
} from "./server.ts";

const text = baseTypeNamed("text");

/** The value and its type, or the error; `declined` also for what is known to have no fixed value. */
function evaluationText(evaluation: Evaluation, context: EvaluateContext): string {
  if (evaluation.kind === "problem") return outcomeText(evaluation, text, context);
  const isKnown = evaluation.kind === "constant" || (evaluation.kind === "stable" && evaluation.value !== undefined);
  if (!isKnown) return "declined";
  const type = evaluation.type ?? text;
  const value = evaluation.value == null ? "NULL" : printValue(evaluation.value, type, context.settings);
  return `${formatTypeName(type)} ${value}`;
}

describe.each([13, 15, 18] as const)("PostgreSQL %i", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
    await createMood(database.client);
    await database.client.query(`
      CREATE FUNCTION try (expression text) RETURNS text LANGUAGE plpgsql AS $$
      DECLARE outcome text; message text; detail text; hint text;
      BEGIN
        EXECUTE 'SELECT pg_typeof(e)::text || '' '' || CASE WHEN e IS NULL THEN ''NULL'' ELSE format(''%s'', e) END FROM (SELECT ' || expression || ' AS e) AS s'
           INTO outcome;
        RETURN regexp_replace(outcome, ' $', '');
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
        RETURN concat_ws('|', 'error', SQLSTATE, message, detail, hint);
      END $$`);
  });
  afterAll(async () => await database.close());

  test.each(["UTC", "America/New_York"])("evaluates as we do in %s", async (zone) => {
    const { client } = database;
    const values = contextFor(version, zone);
    await applySettings(client, values);
    const { rows: days } = await client.query<{ today: string }>("SELECT current_date::text AS today");
    const context: EvaluateContext = { ...values, today: days[0]?.today ?? null };
    const read = await expressionReader();
    const subjects = fc.sample(expressions, { numRuns: 1200, seed: version });
    const ours = subjects.map((subject) => evaluationText(evaluate(read(subject), context), context).replace(/ $/, ""));
    const { rows } = await client.query<{ outcome: string }>(
      "SELECT try(e) AS outcome FROM unnest($1::text[]) WITH ORDINALITY AS given (e, o) ORDER BY o",
      [subjects],
    );
    expect(
      disagreements(
        subjects,
        ours,
        rows.map(({ outcome }) => outcome),
      ),
    ).toEqual([]);
    expect(ours.filter((outcome) => outcome === "declined").length).toBeLessThan(subjects.length / 8);
  });
});

describe.each([13, 18] as const)("PostgreSQL %i", (version) => {
  // Operators and functions of types that are seldom keys.
  const subjects = [
    "~B'1010'",
    "~5",
    "~(-1)::int2",
    "B'1100' & B'1010'",
    "B'1100' | B'1010'",
    "B'1100' # B'1010'",
    "5::bit(4)",
    "(-2)::bit(70)",
    "21::bit(2)",
    "1::bit",
    "decode('DEad', 'hex')",
    "decode('', 'HEX')",
    "to_jsonb(1)",
    "to_jsonb(1.50)",
    "to_jsonb('a\"é'::text)",
    "to_jsonb(false)",
    "jsonb_build_object('a', 1)",
    "jsonb_build_object('bb', 1.0, 'a', NULL, 'c', true, 'a', 'x')",
    "sqrt(4)",
    "sqrt(2.0::float8)",
    "justify_days('35 days')",
    "justify_days(interval '-1 month 35 days')",
    "justify_days(interval '1 month -35 days 05:00')",
    "enum_first(NULL::mood)",
    "enum_last('sad'::mood)",
    "int4range(1, 5) = int4range(1, 4, '[]')",
    "daterange('2024-01-01', '2024-02-01') < '[2024-01-01,2024-03-01)'",
    "'empty'::int4range < int4range(1, 2)",
  ];

  test("operators and functions of bits, JSON, bytes, enums and ranges", async () => {
    const database = await createDatabase(version);
    try {
      await createMood(database.client);
      const context: EvaluateContext = { ...contextFor(version), today: null };
      await applySettings(database.client, context);
      const read = await expressionReader();
      const expected: string[] = [];
      for (const subject of subjects) {
        const { rows } = await database.client.query<{ said: string }>(
          `SELECT format('%s %s', pg_typeof(e), e) AS said FROM (SELECT ${subject} AS e) AS s`,
        );
        expected.push(`${subject} is ${rows[0]?.said}`);
      }
      const ours = subjects.map(
        (subject) => `${subject} is ${evaluationText(evaluate(read(subject), context), context)}`,
      );
      expect(ours).toEqual(expected);
    } finally {
      await database.close();
    }
  });
});

describe("expressions that are no constants", () => {
  const columns: Readonly<Record<string, string>> = { d: "date", t: "timestamptz", n: "int4", s: "text" };
  const context: EvaluateContext = {
    ...contextFor(18),
    today: null,
    columnType: (names) => baseTypeNamed(columns[names.at(-1) ?? ""] ?? "text"),
    parameterType: () => baseTypeNamed("int4"),
  };

  test.each([
    ["n + 1", "row-dependent", "integer", "immutable"],
    ["date_trunc('month', d::timestamp)", "row-dependent", "timestamp without time zone", "immutable"],
    ["t::date", "row-dependent", "date", "stable"],
    ["date_trunc('day', t)", "row-dependent", "timestamp with time zone", "stable"],
    ["extract(year from d)", "row-dependent", "numeric", "immutable"],
    // The operator is stable, but the planner puts a cast to text in its place.
    ["s || n", "row-dependent", "text", "immutable"],
    ["s || d", "row-dependent", "text", "stable"],
    ["lower(s)", "row-dependent", "text", "immutable"],
    ["n + random()", "row-dependent", "double precision", "volatile"],
    ["(select 1)", "row-dependent", null, null],
    ["$1 + 1", "parameter", "integer", "immutable"],
    ["random()", "volatile", "double precision", "volatile"],
    ["now() - interval '1 day'", "stable", "timestamp with time zone", "stable"],
    ["date '2024-01-01' + 1", "constant", "date", "immutable"],
    ["no_such_function(1)", "problem", null, null],
  ])("%s", async (sql, kind, type, volatility) => {
    const expression = (await expressionReader())(sql);
    expect(evaluate(expression, context).kind).toBe(kind);
    const found = expressionType(expression, context);
    expect(found === null ? null : formatTypeName(found)).toBe(type);
    expect(expressionVolatility(expression, context)).toBe(volatility);
  });

  test("the date of today is used only where it is given", async () => {
    const expression = (await expressionReader())("current_date + 1");
    expect(evaluate(expression, context)).toMatchObject({ kind: "stable", value: undefined });
    expect(evaluate(expression, { ...context, today: "2024-02-28" })).toMatchObject({
      kind: "stable",
      value: { family: "date", days: 8825 },
    });
  });

  test("functions of the script have the volatility that they declare", async () => {
    const { catalog } = context;
    const bucket: UserFunction = { volatility: "immutable", returns: null };
    const functions = catalog.functions.with("bucket", bucket);
    const expression = (await expressionReader())("bucket(n)");
    expect(expressionVolatility(expression, { ...context, catalog: { ...catalog, functions } })).toBe("immutable");
  });
});

describe("constants on the way into a column", () => {
  const context: EvaluateContext = { ...contextFor(18), today: null };

  test.each([
    ["2.5", "int", "value 3"],
    ["'2.5'", "int", 'error|22P02|invalid input syntax for type integer: "2.5"||'],
    ["1.25", "numeric(6,1)", "value 1.3"],
    ["timestamp '2024-01-01 23:00'", "date", "value 2024-01-01"],
    ["5", "text", "value 5"],
    ["2023-01-01", "date", "no cast"],
    ["true", "int", "no cast"],
    ["NULL", "int", "NULL"],
    ["'abcd'", "varchar(3)", "error|22001|value too long for type character varying(3)||"],
    ["current_date", "int", "no cast"],
  ])("%s as %s", async (sql, typeName, outcome) => {
    const type: DataType = (await typeReader())(typeName);
    const evaluation = evaluate((await expressionReader())(sql), context);
    expect(outcomeText(coerceConstant(evaluation, type, "assignment", context), type, context)).toBe(outcome);
  });
});
