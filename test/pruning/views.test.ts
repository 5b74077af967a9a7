/** Views keep to what their names meant when they were made: held against a real server after renames and new columns. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { scannedBy, withSchema } from "./planned.ts";
import { predictLast, readingForTests } from "./support.ts";

let database: TestDatabase;
let reading: Reading;

beforeAll(async () => {
  [database, reading] = [await createDatabase(18), await readingForTests()];
});

afterAll(() => database.close());

const tables = [
  "create table d (k date, g int) partition by range (k)",
  "create table d_1 partition of d for values from ('2024-01-01') to ('2024-06-01')",
  "create table d_2 partition of d for values from ('2024-06-01') to ('2025-01-01')",
  "create table e (g int, m date, k date) partition by range (k)",
  "create table e_1 partition of e for values from ('2024-01-01') to ('2024-06-01')",
  "create table e_2 partition of e for values from ('2024-06-01') to ('2025-01-01')",
  "create schema other",
];

const day = "'2024-02-02'";

const cases: readonly (readonly [string, readonly string[], string])[] = [
  [
    "a table renamed",
    ["create view v as select * from d where k >= '2024-06-01'", "alter table d rename to x"],
    "select * from v",
  ],
  [
    "a table renamed, and another one under its name",
    ["create view v as select * from d", "alter table d rename to x", "alter table e rename to d"],
    `select * from v where k = ${day}`,
  ],
  [
    "a table moved",
    ["create view v as select d.k from public.d", "alter table d set schema other"],
    `select * from v where k = ${day}`,
  ],
  [
    "a table moved, named with its schema",
    ["create view v as select public.d.k from d", "alter table d set schema other"],
    `select * from v where k = ${day}`,
  ],
  [
    "its schema renamed",
    ["create view v as select * from public.d", "alter schema public rename to old", "set search_path = old"],
    `select * from v where k = ${day}`,
  ],
  [
    "a temporary table before it on the path",
    ["create view v as select * from d", "create temp table d (k date)"],
    `select * from v where k = ${day}`,
  ],
  [
    "a column renamed",
    ["create view v as select * from d", "alter table d rename column k to day"],
    `select * from v where k = ${day}`,
  ],
  [
    "two columns that changed their names",
    [
      "create view v as select g, m, k, count(*) from e group by g, m, k",
      "alter table e rename column k to x",
      "alter table e rename column m to k",
      "alter table e rename column x to m",
    ],
    `select * from v where k = ${day}`,
  ],
  [
    "a column under a join's USING",
    ["create view v as select k, m from d join e using (k)", "alter table d rename column k to day"],
    `select * from v where k = ${day}`,
  ],
  [
    "a column that would join NATURALly",
    ["create view v as select d.k as dk, e.k as ek from d natural join e", "alter table e rename column k to day"],
    `select * from v where dk = ${day}`,
  ],
  [
    "a column of the view renamed",
    ["create view v as select k, count(*) as n from d group by k", "alter view v rename column k to day"],
    "select * from v where n = 1",
  ],
  [
    "a column of the view renamed that CREATE VIEW names",
    ["create view v (a, b) as select k, count(*) from d group by k", "alter view v rename column a to day"],
    `select * from v where day = ${day}`,
  ],
  [
    "columns that CREATE VIEW names",
    ["create view v (a, b) as select k, count(*) from d group by k"],
    `select * from v where a = ${day}`,
  ],
  [
    "a column added under *",
    ["create view v as select d.*, e.m, e.k as ek from d, e", "alter table d add column z date"],
    `select * from v where ek = ${day}`,
  ],
  [
    "a column added under the * of a join",
    ["create view v (a, b, c, m, k) as select * from d, e", "alter table d add column z date"],
    `select * from v where k = ${day}`,
  ],
  [
    "a view on a view that has got another column",
    [
      "create view w as select k, g from d",
      "create view v (a, b, c, m, k) as select * from w, e",
      "create or replace view w as select k, g, k + 1 as more from d",
    ],
    `select * from v where k = ${day}`,
  ],
  [
    "a view on a view that was renamed, as was its column",
    [
      "create view w as select k, g from d",
      "create view v as select * from w",
      "alter view w rename to u",
      "alter view u rename column k to day",
    ],
    `select * from v where k = ${day}`,
  ],
];

test.each(cases)("%s", async (_, changes, query) => {
  const script = [...tables, ...changes];
  await withSchema(database.client, script, async (accepted) => {
    expect(accepted).toEqual(script);
    const planned = await scannedBy(database.client, query);
    expect(planned).not.toBeNull();
    const { relations } = predictLast(`${script.join(";\n")};\n${query}`, reading);
    const survivors = new Set(relations.flatMap((relation) => relation.survivors ?? []).map(({ name }) => name));
    expect([...survivors].sort()).toEqual(planned);
    expect(relations.map(({ certainty }) => certainty)).toEqual(relations.map(() => "exact"));
  });
});
