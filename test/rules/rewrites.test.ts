// Rewrites mean the same: every one that is offered is held against what it replaces, on real servers, rows and time zones.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyCatalog, withSettings } from "../../server/src/catalog/catalog.ts";
import type { DataType } from "../../server/src/catalog/data-type.ts";
import { rewriteCondition } from "../../server/src/rules/support/rewrite/rewrite.ts";
import { type ExpressionTools, loadExpressionLibrary } from "../../server/src/syntax/expression-text.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { loadParserForTests } from "../support/parser.ts";

/** Two where midnight comes twice on a day of autumn, one where the clock changes at other hours, one between the hours. */
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Atlantic/Azores", "America/Havana", "Asia/Kolkata"];

let tools: ExpressionTools;
beforeAll(async () => {
  tools = { parser: await loadParserForTests(), library: await loadExpressionLibrary() };
});

function rewrite(text: string, type: string, timeZone: string): string | null {
  const { settings } = withSettings(emptyCatalog({ complete: true, timeZone }), { timeZone });
  const key = { name: "k", type: { kind: "base", name: type } as DataType, settings };
  return rewriteCondition({ text, part: null, key, today: "2026-01-01" }, tools);
}

const days = ["2024-02-29", "2025-03-30", "2025-10-26", "2025-11-02", "2025-12-31"];
const comparisons = ["=", ">", ">=", "<", "<="];

/** Conditions of each form, on a column k of that type. */
function dateForms(type: string): readonly string[] {
  const forms: string[] = [];
  for (const day of days) {
    for (const operator of comparisons) {
      forms.push(
        `k::date ${operator} '${day}'`,
        `date(k) ${operator} date '${day}'`,
        `'${day}' ${operator} k::date`,
        `coalesce(k, '1999-01-01') ${operator} '${day}'`,
        `k + interval '1 day' ${operator} '${day}'`,
        `k - interval '36 hours' ${operator} '${day} 12:00'`,
        `extract(epoch from k) ${operator} ${Math.floor(Date.parse(day) / 1000)}`,
        ...["hour", "day", "week", "month", "quarter", "year", "decade"].flatMap((unit) => [
          `date_trunc('${unit}', k) ${operator} '${day}'`,
          `date_trunc('${unit}', k) ${operator} '${day.slice(0, 4)}-01-01'`,
          `date_trunc('${unit}', k) ${operator} '2025-10-20 00:00'`,
        ]),
      );
      if (type === "date")
        forms.push(
          `k::timestamp ${operator} '${day} 12:00'`,
          `k::timestamp ${operator} '${day}'`,
          `k + 7 ${operator} '${day}'`,
          `k - 1 ${operator} '${day}'`,
          `k ${operator} timestamp '${day} 01:00'`,
        );
      if (type !== "date") forms.push(`k::timestamp ${operator} '${day}'`, `k::timestamptz ${operator} '${day}'`);
    }
    forms.push(
      `k::date IN ('${day}', '2025-06-01', '${days[0]}')`,
      `k::date BETWEEN '${day}' AND '2025-12-01'`,
      `k::text = '${day}'`,
      `to_char(k, 'YYYY-MM-DD') = '${day}'`,
      `to_char(k, 'YYYYMM') = '${day.slice(0, 4)}${day.slice(5, 7)}'`,
      `date_trunc('month', k) BETWEEN '2025-03-01' AND '${day}'`,
      `date_trunc('month', k) IN ('2025-03-01', '${day.slice(0, 7)}-01')`,
      `date_trunc('day', k, 'UTC') = '${day}'`,
      `extract(year from k) = ${day.slice(0, 4)} AND extract(month from k) = ${Number(day.slice(5, 7))}`,
      `extract(month from k) = ${Number(day.slice(5, 7))} AND id > 5 AND date_part('year', k) = ${day.slice(0, 4)}`,
      `extract(year from k) = ${day.slice(0, 4)} AND extract(month from k) = ${Number(day.slice(5, 7))} AND extract(day from k) = ${Number(day.slice(8))}`,
    );
  }
  for (const operator of comparisons) {
    forms.push(`extract(year from k) ${operator} 2025`, `date_part('year', k) ${operator} 2024`);
    forms.push(`k::date ${operator} current_date`);
    if (type === "date") forms.push(`current_date - k ${operator} 7`);
    else forms.push(`now() - k ${operator} interval '7 days'`, `current_timestamp - k ${operator} '36 hours'`);
  }
  forms.push("extract(year from k) BETWEEN 2024 AND 2025", "extract(year from k) IN (2024, 2026)");
  return forms;
}

function integerForms(): readonly string[] {
  const forms: string[] = [];
  for (const operator of comparisons) {
    for (const constant of [
      "5",
      "5.0",
      "5.5",
      "-5.5",
      "5::numeric",
      "5.5::real",
      "16777217::real",
      "7::float8",
      "'6.5'::numeric",
    ])
      forms.push(`k ${operator} ${constant}`, `${constant} ${operator} k`, `k::numeric ${operator} ${constant}`);
    forms.push(
      `k::bigint ${operator} 5`,
      `k::float8 ${operator} 5`,
      `k + 10 ${operator} 15`,
      `10 + k ${operator} 15`,
      `k - 10 ${operator} -5`,
      `10 - k ${operator} 5`,
      `k / 10 ${operator} 5`,
      `k / 10 ${operator} -1`,
      `coalesce(k, 0) ${operator} 5`,
      `coalesce(k, 9) ${operator} 5`,
      `to_timestamp(k) ${operator} '1970-01-01 00:02:00+00'`,
      `to_timestamp(k) ${operator} '2025-10-26'`,
    );
  }
  forms.push("k::text = '5'", "k::text = '05'", "k::text = '-5'", "k IN (5.0, 6.0)", "k IN (5.0, 6.5)");
  forms.push("k BETWEEN 4.5 AND 7.5", "k + 1 IN (5, 6)", "k + 1 BETWEEN 5 AND 7");
  return forms;
}

describe.each([13, 18] as const)("on PostgreSQL %i", (major) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(major);
    // Before 17 infinite times have no difference to others.
    const infinite = major >= 17 ? ", ('infinity'), ('-infinity')" : "";
    await database.client.query(`
      SELECT setseed(0.25);
      CREATE TABLE timestamptz_rows (id serial, k timestamptz);
      INSERT INTO timestamptz_rows (k) VALUES (NULL), ('0044-03-15 BC'), ('1066-10-14'), ('9990-12-31')${infinite};
      -- Every half hour of the days when some clock changes, to the second and the microsecond before it.
      INSERT INTO timestamptz_rows (k) SELECT t - b.back
        FROM (VALUES ('2025-03-29'), ('2025-10-25'), ('2025-11-01'), ('2024-02-28'), ('2025-12-30')) AS v (day),
        generate_series(v.day::timestamptz, v.day::timestamptz + interval '4 days', interval '30 minutes') t,
        (VALUES (interval '0'), (interval '1 second'), (interval '1 microsecond')) AS b (back);
      INSERT INTO timestamptz_rows (k) SELECT timestamptz '2023-01-01 00:00+00' + random() * interval '1400 days' FROM generate_series(1, 3000);
      INSERT INTO timestamptz_rows (k) SELECT now() - random() * interval '10 days' FROM generate_series(1, 300);
      CREATE TABLE timestamp_rows AS SELECT id, k AT TIME ZONE 'UTC' AS k FROM timestamptz_rows;
      CREATE TABLE date_rows AS SELECT id, (k AT TIME ZONE 'UTC')::date AS k FROM timestamptz_rows;
      INSERT INTO date_rows SELECT g, date '2023-12-01' + g FROM generate_series(1, 800) g;
      CREATE TABLE bigint_rows (id serial, k bigint);
      INSERT INTO bigint_rows (k) SELECT g FROM generate_series(-200, 200) g;
      INSERT INTO bigint_rows (k) SELECT 16777216 + g FROM generate_series(-5, 5) g;
      INSERT INTO bigint_rows (k) VALUES (NULL), (32000), (-32000);
      CREATE TABLE integer_rows AS SELECT id, k::integer AS k FROM bigint_rows;
      INSERT INTO integer_rows (k) VALUES (2000000000), (-2000000000);
      INSERT INTO bigint_rows (k) SELECT 9007199254740991 + g FROM generate_series(-3, 3) g;
      INSERT INTO bigint_rows (k) SELECT extract(epoch from t)::bigint
        FROM generate_series(timestamptz '2025-10-25 00:00+00', '2025-10-28 00:00+00', '10 minutes') t;`);
  }, 300_000);
  afterAll(() => database.close());

  describe.each(["date", "timestamp", "timestamptz"])("a key of type %s", (type) => {
    it.each(major === 18 ? zones : ["UTC", "Atlantic/Azores"])("in %s", async (zone) => {
      await expectSameRows(dateForms(type), type, type, zone);
    });
  });
  it.each([
    ["integer", "int4"],
    ["bigint", "int8"],
  ])("a key of type %s", async (table, type) => {
    await expectSameRows(integerForms(), table, type, "Atlantic/Azores");
  });

  async function expectSameRows(forms: readonly string[], table: string, type: string, zone: string): Promise<void> {
    const { client } = database;
    await client.query(`SET timezone = '${zone}'`);
    const pairs = forms.flatMap((form) => {
      const rewritten = rewrite(form, type, zone);
      return rewritten === null ? [] : [{ form, rewritten }];
    });
    for (let first = 0; first < pairs.length; first += 50) {
      const some = pairs.slice(first, first + 50);
      const counts = some.map(
        // Where a condition cannot be computed for a row, nothing is to be compared.
        ({ form, rewritten }, index) =>
          `(array_agg(k::text) FILTER (WHERE ${computable(form)} AND ((${form}) IS TRUE) <> ((${rewritten}) IS TRUE)))[1:3] AS c${index}`,
      );
      const { rows } = await client.query(`SELECT ${counts.join(", ")} FROM ${table}_rows`);
      for (const [index, { form, rewritten }] of some.entries())
        expect(rows[0]?.[`c${index}`], `${form}\n→ ${rewritten}`).toBeNull();
    }
    const offered = pairs.length;
    // Enough of them, so that silence does not pass for truth.
    expect(offered / forms.length).toBeGreaterThan(0.4);
  }
});

function computable(form: string): string {
  if (form.startsWith("to_timestamp")) return "abs(k) < 100000000000";
  return form.startsWith("current_date -") ? "k::text !~ 'infinity'" : "true";
}

describe("what does not mean the same is not offered", () => {
  it.each([
    ["k::timestamp = '2024-02-10'", "timestamptz"],
    ["k::timestamptz = '2024-02-10'", "timestamp"],
    ["k::text = '2024-02-10'", "timestamp"],
    ["k::text = '2024-02-10'", "timestamptz"],
    ["date_trunc('month', k, 'UTC') = '2024-02-01'", "timestamptz"],
    ["date_trunc('month', k) = '2024-02-15'", "timestamp"],
    ["k::date <> '2024-02-10'", "timestamp"],
    ["k <> 5.0", "int4"],
    ["k = 5.5", "int4"],
    ["k / 10 < -1", "int4"],
    ["coalesce(k, 9) > 5", "int4"],
    ["k::date = other", "timestamp"],
  ])("%s on %s", (text, type) => {
    expect(rewrite(text, type, "UTC")).toBeNull();
  });

  it("where midnight comes twice the first one is written with its offset", () => {
    expect(rewrite("k::date = '2025-10-26'", "timestamptz", "Atlantic/Azores")).toBe(
      "k >= '2025-10-26 00:00+00' AND k < '2025-10-27'",
    );
    expect(rewrite("k::date = '2025-11-02'", "timestamptz", "America/Havana")).toBe(
      "k >= '2025-11-02 00:00-04' AND k < '2025-11-03'",
    );
    expect(rewrite("k::date = current_date", "timestamptz", "Atlantic/Azores")).toBeNull();
    expect(rewrite("k::date = current_date", "timestamptz", "UTC")).toBe("k >= current_date AND k < current_date + 1");
  });
});
