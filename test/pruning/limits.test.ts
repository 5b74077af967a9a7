// Queries of any depth are decided without work that doubles from level to level: that of these tests would not end.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrayElementType } from "../../server/src/pruning/array-clause.ts";
import { combine } from "../../server/src/pruning/clause.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { survivorsOfPlan } from "./explained.ts";
import { predictLast, readingForTests } from "./support.ts";

const reading = await readingForTests();
const tables = `CREATE TABLE t (a int, b text) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
`;

function nested(depth: number, open: string, inner: string, close: string): string {
  return open.repeat(depth) + inner + close.repeat(depth);
}

const chain = (count: number, link: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => link(i)).join("");

/** What is found as PostgreSQL finds it, however deep it lies. */
const exact: Readonly<Record<string, string>> = {
  "columns passed on": `SELECT * FROM ${nested(120, "(SELECT * FROM ", "t", ") x")} WHERE a = 1`,
  "columns passed on by name": `SELECT * FROM ${nested(120, "(SELECT b, a FROM ", "t", ") x")} WHERE a = 1`,
  "grouped columns": `SELECT * FROM ${nested(60, "(SELECT a FROM ", "t", " GROUP BY a) x")} WHERE a = 1`,
  "common table expressions": `WITH c0 AS (SELECT * FROM t)${chain(60, (i) => `, c${i + 1} AS (SELECT * FROM c${i})`)} SELECT * FROM c60 WHERE a = 1`,
  "common table expressions within each other": `${nested(60, "WITH c AS (", "SELECT * FROM t", ") SELECT * FROM c")} WHERE a = 1`,
  "a column of little expressions": `SELECT * FROM ${nested(8, "(SELECT a, a + a AS s FROM ", "t", ") x")} WHERE a = 1 AND s = 2`,
  "alternatives in alternatives": `SELECT * FROM t WHERE ${nested(100, "(a = 1 OR (a = 2 AND ", "a = 15", "))")}`,
  negations: `SELECT * FROM t WHERE ${nested(100, "NOT (", "a = 1", ")")}`,
  calls: `SELECT * FROM t WHERE a = 1 AND ${nested(400, "abs(", "a", ")")} = 1`,
  operators: `SELECT * FROM t WHERE a = 1 AND ${nested(200, "(1 + ", "a", ")")} = 201`,
  "constants without a type": `SELECT * FROM t WHERE a = 1 AND ${nested(200, "('1' + ", "a", ")")} = 201`,
  casts: `SELECT * FROM t WHERE a = 1 AND a${"::bigint::int".repeat(200)} = 1`,
  branches: `SELECT * FROM t WHERE a = 1 AND ${nested(200, "CASE WHEN a = 1 THEN true ELSE ", "false", " END")}`,
  "constant branches": `SELECT * FROM t WHERE a = ${nested(200, "coalesce(NULL, ", "1", ")")}`,
};

describe("as PostgreSQL finds it", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
    await database.client.query(tables);
  });
  afterAll(() => database.close());

  it.each(Object.entries(exact))("%s", async (_, query) => {
    const [relation] = predictLast(`${tables}${query};`, reading).relations;
    const predicted = relation?.survivors?.map(({ name }) => name);
    expect(predicted?.toSorted()).toEqual(await survivorsOfPlan(database.client, query, ["t1", "t2"]));
  });
});

/** More conditions than are looked into, the one that decides among them: what PostgreSQL scans, and other things, is among what is told. */
const many = Array.from({ length: 12_000 }, (_, index) => index);
const long: Readonly<Record<string, string>> = {
  "a list of constants": `SELECT * FROM t WHERE a IN (${many.map((index) => (index % 10) + Math.sign(index % 3) * 20).join(", ")}, 1)`,
  "rows of VALUES": `SELECT * FROM t WHERE a IN (VALUES ${many.map((index) => `(${index % 10})`).join(", ")})`,
  "many ANDs": `SELECT * FROM t WHERE ${many.map((index) => `b <> '${index}'`).join(" AND ")} AND a = 1`,
  "many ORs": `SELECT * FROM t WHERE ${many.map((index) => `a = ${index % 10}`).join(" OR ")}`,
  "a join whose other side only they need": `SELECT t.* FROM t LEFT JOIN other ON t.a = other.k WHERE ${many.map((index) => `other.k <> ${index}`).join(" AND ")}`,
  "a subquery among them": `SELECT * FROM other WHERE ${many.map((index) => `k <> ${index}`).join(" AND ")} AND k IN (SELECT a FROM t WHERE a = 1)`,
};

describe("conditions that are not all looked into", () => {
  let database: TestDatabase;
  const both = `${tables}CREATE TABLE other (k int PRIMARY KEY);\n`;
  beforeAll(async () => {
    database = await createDatabase(18);
    await database.client.query(both);
  });
  afterAll(() => database.close());

  it.each(Object.entries(long))("%s", async (_, query) => {
    const relation = predictLast(`${both}${query};`, reading).relations.find(({ relation }) => relation.name === "t");
    const scanned = await survivorsOfPlan(database.client, query, ["t1", "t2"]);
    expect(relation?.survivors?.map(({ name }) => name)).toEqual(expect.arrayContaining([...scanned]));
    expect(relation).toMatchObject({
      certainty: "at-most",
      reasons: expect.arrayContaining([
        { kind: "not-modelled", message: expect.stringContaining("more conditions than are looked into"), range: null },
      ]),
    });
  });
});

/** What would grow without end is left: then nothing is claimed that PostgreSQL might not find. */
const left: Readonly<Record<string, string>> = {
  "columns that double": `SELECT * FROM ${nested(120, "(SELECT a + a AS a FROM ", "t", ") x")} WHERE a = 1`,
  "grouped columns that double": `SELECT * FROM ${nested(60, "(SELECT a + a AS a FROM ", "t", " GROUP BY a + a) x")} WHERE a = 1 AND a + 1 = 2`,
  "a chain that is longer than ours": `SELECT * FROM ${nested(120, "(SELECT a + 1 AS a FROM ", "t", ") x")} WHERE a = 1`,
};

describe("what grows from level to level", () => {
  it.each(Object.entries(left))("%s", (_, query) => {
    const { relations } = predictLast(`${tables}${query};`, reading);
    expect(relations.map(({ survivors }) => survivors?.length ?? null)).toEqual([2]);
  });

  it("views that read each other twice", () => {
    const views = chain(40, (i) => `CREATE VIEW v${i + 1} AS SELECT * FROM v${i} UNION ALL SELECT * FROM v${i};\n`);
    const script = `${tables}CREATE VIEW v0 AS SELECT * FROM t;\n${views}SELECT * FROM v40 WHERE a = 1;`;
    const { relations } = predictLast(script, reading);
    expect(relations.every(({ survivors }) => survivors === null || survivors.some(({ name }) => name === "t1"))).toBe(
      true,
    );
  });

  it("common table expressions that read each other twice", () => {
    const links = chain(
      40,
      (i) => `, c${i + 1} AS NOT MATERIALIZED (SELECT * FROM c${i} UNION ALL SELECT * FROM c${i})`,
    );
    const query = `WITH c0 AS NOT MATERIALIZED (SELECT * FROM t)${links} SELECT * FROM c40 WHERE a = 1`;
    const { relations } = predictLast(`${tables}${query};`, reading);
    expect(relations.every(({ survivors }) => survivors === null || survivors.some(({ name }) => name === "t1"))).toBe(
      true,
    );
  });

  it("thousands of common table expressions, one behind the other", () => {
    const links = chain(3_000, (i) => `, c${i + 1} AS (SELECT * FROM c${i})`);
    const { relations } = predictLast(
      `${tables}WITH c0 AS (SELECT * FROM t)${links} SELECT * FROM c3000 WHERE a = 1;`,
      reading,
    );
    expect(relations.every(({ survivors }) => survivors === null || survivors.some(({ name }) => name === "t1"))).toBe(
      true,
    );
  });
});

describe("more of a kind than one call takes arguments", () => {
  const range = { start: 0, end: 0 };
  const many = <Item>(item: Item): readonly Item[] => Array.from({ length: 300_000 }, () => item);

  it("conditions within conditions", () => {
    const item = { kind: "opaque", key: "x", negated: false, why: "other", columns: [], strictFor: [] } as const;
    const inner = { kind: "and", items: many({ ...item, volatility: "immutable", range } as const), range } as const;
    expect(combine("and", [inner, inner], range)).toMatchObject({ kind: "and", items: { length: 600_000 } });
  });

  it("dates in a list", () => {
    const type = { kind: "base", name: "date", modifier: null } as const;
    expect(arrayElementType(many({ kind: "constant", key: "x", range, type, value: null }))).toEqual(type);
  });
});
