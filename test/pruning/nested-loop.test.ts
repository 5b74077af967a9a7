/** Joins that real servers make nested loops, which leave partitions out for each row: nothing exact is said of them before they run. */

import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { predictLast, readingForTests } from "./support.ts";

const tables = [
  "create table a (id int, d date, note text) partition by range (d)",
  "create table a_1 partition of a for values from ('2024-01-01') to ('2024-02-01')",
  "create table a_2 partition of a for values from ('2024-02-01') to ('2024-03-01')",
  "create table a_3 partition of a for values from ('2024-03-01') to ('2024-04-01')",
  "create table c (id int, d date)",
];

/** Two rows of the first month, of which the statistics tell. */
const rows = ["insert into c values (1, '2024-01-10'), (2, '2024-01-11')", "analyze c"];

/** Indexes of the divided table, and whether they let a nested loop tell its partitions apart. */
const indexes = [
  { name: "nothing", index: [], helps: false },
  { name: "the key", index: ["create index on a (d)"], helps: true },
  { name: "the key behind another column", index: ["create index on a (id, d)"], helps: true },
  { name: "another column of the join", index: ["create index on a (id)"], helps: true },
  { name: "an expression that no query compares", index: ["create index on a ((d + 1))"], helps: false },
] as const;

const queries = [
  "select * from a join c on a.d = c.d",
  "select * from c left join a on a.d = c.d",
  "select * from a join c on a.d = c.d + interval '1 day' where c.d = '2024-01-10'",
  "select * from (values ('2024-01-15'), ('2024-01-16')) z(d) join a on a.d = z.d::date",
  "select * from a join c on a.id = c.id and a.d = c.d",
  "select * from a where exists (select 1 from c where c.d = a.d)",
  "select * from a where d in (select d from c)",
  "select * from a join c on a.id = c.id",
  "select * from a left join c on a.d = c.d",
  "select * from a full join c on a.d = c.d",
  "delete from a using c where a.d = c.d",
  "update a set note = '' from c where a.d = c.d",
];

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

describe.each([13, 18] as const)("PostgreSQL %i", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
    for (const statement of [...tables, ...rows]) await database.client.query(statement);
  });
  afterAll(() => database.close());

  test.each(indexes)("with an index of $name", async ({ index, helps }) => {
    const { client } = database;
    await client.query("begin");
    for (const statement of index) await client.query(statement);
    const chosen: string[] = [];
    for (const query of queries) {
      const skipped = await neverScanned(client, query);
      const [verdict] = predictLast([...tables, ...index, query].join(";\n"), reading, version).relations;
      const scanned = (verdict?.survivors ?? []).map(({ name }) => name);
      expect(scanned, query).toEqual(["a_1", "a_2", "a_3"]);
      if (skipped.length > 0) {
        chosen.push(query);
        expect([query, verdict?.decided, verdict?.certainty]).toEqual([query, "execution", "at-most"]);
      }
      // Without an index there is nothing to look rows up by, and all partitions are read once.
      if (index.length === 0) expect([query, verdict?.certainty, skipped]).toEqual([query, "exact", []]);
    }
    await client.query("rollback");
    expect(chosen.length > 0).toBe(helps);
  });
});

/** The partitions that running the query does not look into, though its plan has scans of them. */
async function neverScanned(client: Client, query: string): Promise<readonly string[]> {
  await client.query("savepoint q");
  const { rows } = await client.query(`explain (analyze, costs off, timing off, format json) ${query}`);
  await client.query("rollback to savepoint q");
  const scans: { readonly name: string; readonly loops: number }[] = [];
  const visit = (node: PlanNode): void => {
    const name = node["Relation Name"];
    const isScan = node["Node Type"] !== "ModifyTable" && name?.startsWith("a_") === true;
    if (isScan) scans.push({ name, loops: node["Actual Loops"] });
    for (const plan of node.Plans ?? []) visit(plan);
  };
  visit(rows[0]["QUERY PLAN"][0].Plan);
  const read = new Set(scans.filter(({ loops }) => loops > 0).map(({ name }) => name));
  return scans.map(({ name }) => name).filter((name) => !read.has(name));
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Loops": number;
  readonly Plans?: readonly PlanNode[];
}
