/** What ATTACH makes once more (EXCLUDE, WITHOUT OVERLAPS) stands once in each partition, under the name that it had, whatever is done. */

import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operate, replayed, scriptOf, statementsOf } from "./support.ts";

const ranges = (constraint: string, more = ""): string => `
CREATE TABLE t (k int NOT NULL, r int4range NOT NULL, ${constraint}) PARTITION BY RANGE (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_10 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE TABLE more (LIKE t INCLUDING ALL);${more}`;
const gist = "CREATE EXTENSION btree_gist;";
const own = "ALTER TABLE t_0 ADD CONSTRAINT own EXCLUDE USING gist (k WITH =, r WITH &&) WHERE (k > 5);";

const tables: readonly (readonly [major: 17 | 18, title: string, schema: string])[] = [
  [17, "EXCLUDE by =", ranges("EXCLUDE USING btree (k WITH =, r WITH =)")],
  [17, "EXCLUDE by &&", gist + ranges("EXCLUDE USING gist (k WITH =, r WITH &&)")],
  [18, "EXCLUDE by &&", gist + ranges("EXCLUDE USING gist (k WITH =, r WITH &&)")],
  [18, "UNIQUE … WITHOUT OVERLAPS", gist + ranges("UNIQUE (k, r WITHOUT OVERLAPS)")],
  [18, "PRIMARY KEY … WITHOUT OVERLAPS", gist + ranges("PRIMARY KEY (k, r WITHOUT OVERLAPS)")],
  [
    18,
    "one that has another name, and one of the partition's own",
    gist +
      ranges(
        "CONSTRAINT apart EXCLUDE USING gist (k WITH =, r WITH &&)",
        `ALTER TABLE t_0 RENAME CONSTRAINT t_0_k_r_excl TO mine; ALTER TABLE t_0 CLUSTER ON mine; ${own}`,
      ),
  ],
];

const requests = [
  { operation: "append" },
  { operation: "add-default" },
  { operation: "split", partition: "t_0", at: "5", name: "n" },
  { operation: "merge", partitions: ["t_0", "t_10"] },
  { operation: "detach", partition: "t_0" },
  { operation: "detach", partition: "t_0", style: "online" },
  { operation: "attach", partition: "more", from: "20", to: "30" },
  { operation: "attach", partition: "more", from: "20", to: "30", style: "online" },
];

describe.each(tables)("on PostgreSQL %d, %s", (major, _, schema) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const run = async (sql: string): Promise<void> => {
    for (const each of statementsOf(reading, sql)) await database.client.query(each);
  };

  it.each(requests)("$operation $style", async (raw) => {
    const request = { ...raw, table: "t" };
    await run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;");
    await run(`${schema} INSERT INTO t VALUES (1, '[1,5)'), (7, '[1,5)'), (12, '[3,9)');`);
    const before = await keysOf(database.client);
    const script = scriptOf(reading, schema, request, major);
    await run(script.sql);
    const after = await keysOf(database.client);
    const standing = new Set(before.map(({ table }) => table));
    const kept = after.filter(({ table }) => standing.has(table));
    // Detached or attached, each table has what it had, under its name.
    const gone = new Set([...standing].filter((table) => !after.some((each) => each.table === table)));
    expect(kept).toEqual(before.filter(({ table }) => !gone.has(table)));
    const parts = await partsOf(database.client);
    for (const part of parts) {
      const attached = after.filter(({ table }) => table === part).map(({ definition }) => definition);
      const whole = after.filter(({ table }) => table === "t").map(({ definition }) => definition);
      expect([part, attached.filter((each) => whole.includes(each))]).toEqual([part, whole]);
    }
    expect(promisedKeys(reading, `${schema}\n${script.sql}`, major, [...parts, "t"])).toEqual(
      after.flatMap(({ table, name }) => (table === "t" || parts.includes(table) ? [`${table} ${name}`] : [])),
    );
    await run(script.undo ?? "SELECT 'no undo';");
    expect((await keysOf(database.client)).filter(({ table }) => !gone.has(table))).toEqual(
      before.filter(({ table }) => !gone.has(table)),
    );
    expect((await database.client.query("SELECT count(*)::int FROM t")).rows).toEqual([{ count: 3 }]);
  });

  it("a copy made ahead is refused, for ATTACH would make the index while all wait", () => {
    const request = { operation: "split", table: "t", partition: "t_0", at: "5", name: "n", style: "online" };
    const result = operate(reading, schema, request, major);
    expect(result.ok ? "" : result.problem.message).toMatch(
      /^ATTACH would make \w+ once more while all wait, .*: use the simple style$/,
    );
  });
});

interface Key {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
  readonly clustered: boolean;
}

/** The constraints with an index, of all tables; what is marked by CLUSTER is told. */
async function keysOf(client: Client): Promise<readonly Key[]> {
  const { rows } = await client.query<Key>(
    `SELECT c.relname AS table, conname AS name, pg_get_constraintdef(k.oid) AS definition, indisclustered AS clustered
     FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid JOIN pg_index i ON i.indexrelid = conindid
     WHERE contype IN ('p', 'u', 'x') AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2`,
  );
  return rows;
}

async function partsOf(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 't'::regclass",
  );
  return rows.map(({ name }) => name);
}

/** The same in our own replay, of some tables. */
function promisedKeys(reading: Reading, sql: string, major: 17 | 18, names: readonly string[]): readonly string[] {
  const { relations } = replayed(reading, sql, major);
  return [...relations.values()]
    .filter(({ name }) => names.includes(name))
    .flatMap(({ name, constraints }) =>
      [...constraints].flatMap((each) => (each.index === null ? [] : [`${name} ${each.name}`])),
    )
    .toSorted();
}
