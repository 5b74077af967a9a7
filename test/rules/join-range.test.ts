// A range repeated on the other side of a join means the same: every one that is offered is held against the query as it was, on random rows.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyEdits } from "../../server/src/text/edit.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { analyse } from "./analyse.ts";

/** In two of them midnight comes twice. */
const zones = ["UTC", "Atlantic/Azores", "America/Havana", "Asia/Kolkata"];

interface Key {
  readonly type: string;
  /** The bounds between three partitions, and values of conditions, as they are written. */
  readonly bounds: readonly [string, string, string, string];
  readonly values: readonly string[];
  /** A value of a row from `g`, a number. */
  readonly row: string;
}

const keys: readonly Key[] = [
  { type: "int", bounds: ["0", "10", "20", "30"], values: ["12", "15", "9.5", "'14'", "-3"], row: "(g * 7) % 30" },
  {
    type: "numeric(6,2)",
    bounds: ["0", "10", "20", "30"],
    values: ["12", "12.345", "'15.005'", "1.5e1"],
    row: "(random() * 29)::numeric(6,2)",
  },
  {
    type: "date",
    bounds: ["'2025-10-01'", "'2025-10-26'", "'2025-11-03'", "'2025-12-01'"],
    values: ["'2025-10-26'", "date '2025-11-02'", "timestamp '2025-10-26 12:00'", "'2025-10-26 00:30+00'::timestamptz"],
    row: "date '2025-10-20' + g % 20",
  },
  {
    type: "timestamptz",
    bounds: ["'2025-10-01 00:00+00'", "'2025-10-26 00:00+00'", "'2025-11-02 12:00+00'", "'2025-12-01 00:00+00'"],
    values: ["'2025-10-26'", "'2025-10-26 00:30'", "timestamp '2025-11-02 00:30'", "date '2025-11-02'"],
    row: "timestamptz '2025-10-25 20:00+00' + g * interval '37 minutes'",
  },
];

function schemaOf({ type, bounds }: Key): string {
  const [a, b, c, d] = bounds;
  return `CREATE TABLE t (k ${type} NOT NULL, n int) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (${a}) TO (${b});
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (${b}) TO (${c});
CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (${c}) TO (${d});
CREATE TABLE u (k ${type}, n int);
CREATE TABLE w (k ${type}, n int);
`;
}

/** Joins in which `$C` stands for the conditions on u.k. */
const joins = [
  "FROM t JOIN u ON t.k = u.k WHERE $C",
  "FROM t, u WHERE t.k = u.k AND $C",
  "FROM t, u WHERE ($C) AND u.k = t.k",
  "FROM t JOIN u ON t.k = u.k AND $C",
  "FROM u JOIN w ON $C JOIN t ON t.k = u.k",
  "FROM u JOIN w ON u.n = w.n AND $C CROSS JOIN t WHERE t.k = u.k",
  "FROM t JOIN (u JOIN w ON u.n = w.n AND $C) ON t.k = u.k",
  "FROM t JOIN u ON t.k = u.k JOIN w ON w.k = u.k AND $C WHERE w.n < 5",
  "FROM t LEFT JOIN u ON t.k = u.k AND $C",
  "FROM t LEFT JOIN u ON t.k = u.k WHERE $C",
  "FROM u LEFT JOIN t ON t.k = u.k WHERE $C",
  "FROM t JOIN u USING (k) WHERE $C",
  "FROM t WHERE EXISTS (SELECT FROM u WHERE u.k = t.k AND $C)",
];

function queriesOf({ values }: Key): readonly string[] {
  const [first = "", second = "", ...others] = values;
  const conditions = [
    ...values.flatMap((value) => ["<", "<=", ">", ">="].map((order) => `u.k ${order} ${value}`)),
    ...[second, ...others].map((value) => `${value} > u.k`),
    `u.k BETWEEN ${first} AND ${second}`,
    `u.k >= ${first} AND u.k < ${second} AND u.n IS NOT NULL`,
    `NOT u.k < ${first}`,
    `(u.k > ${first} OR u.n = 1)`,
    `u.k > (SELECT max(w.k) FROM w)`,
  ];
  return joins.flatMap((join) =>
    conditions.map((condition) => `SELECT count(*), sum(t.n) ${join.replace("$C", condition)};`),
  );
}

/** The query with what the hint adds; null where it adds nothing. */
function repeated(schema: string, query: string, zone: string): string | null {
  const text = schema + query;
  const { findings } = analyse(text, 18, { timeZone: zone });
  const fix = findings.find(({ rule }) => rule === "pruning-none")?.fixes?.[0];
  return fix === undefined ? null : applyEdits(text, fix.edits).slice(schema.length);
}

describe.each(keys)("a key of type $type", (key) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
    const rows = (table: string, count: number): string =>
      `INSERT INTO ${table} SELECT ${key.row}, g % 7 FROM generate_series(1, ${count}) g;`;
    await database.client.query(
      `SELECT setseed(0.5); ${schemaOf(key)}${rows("t", 200)}${rows("u", 60)}${rows("w", 20)} INSERT INTO u VALUES (NULL, 1);`,
    );
  });
  afterAll(() => database.close());

  it.each(key.row.includes("'") ? zones : ["UTC"])("in %s", async (zone) => {
    const { client } = database;
    await client.query(`SET timezone = '${zone}'`);
    let offered = 0;
    for (const query of queriesOf(key)) {
      const other = repeated(schemaOf(key), query, zone);
      if (other === null) continue;
      offered += 1;
      const [before, after] = [await client.query(query), await client.query(other)];
      expect(after.rows, `${query}\n→ ${other}`).toEqual(before.rows);
    }
    // Enough of them, so that silence does not pass for truth.
    expect(offered).toBeGreaterThan(20);
  });
});
