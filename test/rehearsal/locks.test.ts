/** The locks that a rehearsal tells are those that a real server takes for the same statements, measured through `pg_locks`. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { rehearsedText, reusedSandbox } from "./support.ts";

const schema = [
  "CREATE TABLE owners (id int PRIMARY KEY)",
  "CREATE TABLE t (k int NOT NULL, v text, owner int REFERENCES owners, PRIMARY KEY (k)) PARTITION BY RANGE (k)",
  "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100)",
  "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200)",
  "CREATE TABLE t_rest PARTITION OF t DEFAULT",
  "CREATE TABLE lone (LIKE t INCLUDING ALL)",
  "CREATE TABLE p (k int)",
  "CREATE TABLE p_1 (CHECK (k > 0)) INHERITS (p)",
  "CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t",
];

/** Each finds what those before it have left. */
const statements = [
  "ALTER TABLE t ADD COLUMN w int DEFAULT 5",
  "ALTER TABLE lone ADD COLUMN w int DEFAULT 5",
  "CREATE INDEX t_v ON t (v)",
  "CREATE INDEX p_k ON ONLY p (k)",
  "ALTER TABLE t ADD CONSTRAINT positive CHECK (k IS NOT NULL) NOT VALID",
  "ALTER TABLE t VALIDATE CONSTRAINT positive",
  "ALTER TABLE t DETACH PARTITION t_2",
  "ALTER TABLE t ATTACH PARTITION t_2 FOR VALUES FROM (100) TO (200)",
  // Values that stand in a script are tried: of this one no row is made.
  "CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (3 * 1000000) TO (3 * 1000000 + 1)",
  "ALTER TABLE p_1 NO INHERIT p",
  "ALTER TABLE p_1 INHERIT p",
  "ALTER TABLE t ALTER COLUMN v TYPE varchar(100)",
  "UPDATE t SET v = 'other' WHERE k = 5",
  "DELETE FROM t_1 WHERE k = 5",
  "SELECT * FROM t WHERE k = 5 FOR UPDATE",
  "REFRESH MATERIALIZED VIEW m",
  "ALTER TABLE t DROP CONSTRAINT t_owner_fkey",
  "TRUNCATE t_1",
  "DROP TABLE t_3",
  "DROP TABLE owners CASCADE",
];

let reading: Reading;
let reused: Awaited<ReturnType<typeof reusedSandbox>>;
let rehearsed: readonly string[];

beforeAll(async () => {
  reading = await readingForTests();
  reused = await reusedSandbox();
  const text = (list: readonly string[]): string => list.map((sql) => `${sql};`).join("\n");
  const report = await rehearsedText(reading, {
    sandboxes: reused.open,
    schema: text(schema),
    script: text(statements),
    mayLose: ["public.t"],
  });
  rehearsed = report.statements.map(
    ({ title, locks, result }) =>
      `${title}: ${result.kind} ${(locks ?? []).map(({ relation, mode }) => `${relation} ${mode}`).join(", ")}`,
  );
});

afterAll(() => reused.end());

describe.each([18, 17] as const)("PostgreSQL %d", (major) => {
  it("takes the same locks, statement by statement", async () => {
    const database = await createDatabase(major);
    const { client } = database;
    try {
      for (const sql of schema) await client.query(sql);
      await client.query("INSERT INTO t VALUES (5), (105), (5005)");
      const taken: string[] = [];
      for (const sql of statements) {
        const names = new Map(
          (
            await client.query<{ oid: number; name: string }>(
              "SELECT oid::int, 'public.' || relname AS name FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND relnamespace = 'public'::regnamespace",
            )
          ).rows.map(({ oid, name }) => [oid, name]),
        );
        await client.query("BEGIN");
        // The plan that a large table would have.
        await client.query("SET LOCAL enable_seqscan = off");
        await client.query(sql);
        const { rows } = await client.query<{ oid: number; modes: string[] }>(
          "SELECT relation::int AS oid, array_agg(mode) AS modes FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted GROUP BY 1",
        );
        await client.query("COMMIT");
        const locks = rows.flatMap(({ oid, modes }) => {
          const name = names.get(oid);
          return name === undefined ? [] : [`${name} ${strongest(modes)}`];
        });
        const title = sql.length <= 60 ? sql : `${sql.slice(0, 59)}…`;
        taken.push(`${title}: ran ${locks.sort().join(", ")}`);
      }
      expect(rehearsed).toEqual(taken);
    } finally {
      await database.close();
    }
  });
});

/** Weakest first, https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES */
const strength = [
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
];

function strongest(modes: readonly string[]): string {
  const mode = strength[Math.max(...modes.map((each) => strength.indexOf(each)))] ?? "";
  return mode
    .replace(/Lock$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
}
