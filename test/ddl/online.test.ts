/** Scripts of the online style run while others write: no row is lost or doubled, and nobody waits longer than lock_timeout. */

import { Client } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { promisedParts, scriptOf } from "./support.ts";

const ranges = `
CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE t (id int, k int NOT NULL, v int NOT NULL, kind int REFERENCES kinds, twice int GENERATED ALWAYS AS (v * 2) STORED, PRIMARY KEY (id, k))
  PARTITION BY RANGE (k);
CREATE INDEX t_v ON t (v);
CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (100);
CREATE TABLE t_100 PARTITION OF t FOR VALUES FROM (100) TO (200);
CREATE TABLE t_rest PARTITION OF t DEFAULT;`;
const hashes = `
CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE t (id int, k int NOT NULL, v int NOT NULL, kind int, twice int, PRIMARY KEY (id, k)) PARTITION BY HASH (k);
CREATE TABLE t_0 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE t_1 PARTITION OF t FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  it.each<[string, string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      "move rows out of the default",
      ranges,
      { operation: "move-rows", start: "200", end: "400", interval: "100", batch: 50 },
      ["t_0", "t_100", "t_200", "t_300", "t_rest"],
    ],
    [
      "split",
      ranges,
      { operation: "split", partition: "t_0", at: "40", batch: 30 },
      ["t_0", "t_040", "t_100", "t_rest"],
    ],
    ["rehash", hashes, { operation: "rehash", modulus: 3, batch: 100 }, ["t_0", "t_1", "t_2"]],
  ])("%s", async (_title, schema, request, parts) => {
    const script = scriptOf(reading, schema, { ...request, table: "t", style: "online" }, major);
    const database = await createDatabase(major);
    const { client } = database;
    const writers = [new Client(database), new Client(database)];
    try {
      await client.query(schema);
      // What writers do to t they do to a plain copy too, in the same transaction.
      await client.query(`INSERT INTO kinds VALUES (1);
        INSERT INTO t (id, k, v, kind) SELECT n, n % 500, n, 1 FROM generate_series(1, 2000) AS n;
        CREATE TABLE truth AS SELECT id, k, v FROM t`);
      let isDone = false;
      const work = writers.map(async (writer, number) => {
        await writer.connect();
        await writer.query("SET lock_timeout = '5s'");
        let done = 0;
        for (let round = 0; !isDone || done < 20; round += 1) {
          const id = ((round * 7 + number * 13) % 2000) + 1;
          const key = (round * 31) % 500;
          const changed = [
            `UPDATE t SET v = v + 1 WHERE id = ${id}; UPDATE truth SET v = v + 1 WHERE id = ${id}`,
            `DELETE FROM t WHERE id = ${id}; DELETE FROM truth WHERE id = ${id}`,
            `INSERT INTO t (id, k, v) VALUES (${10_000 * (number + 1) + round}, ${key}, 0); INSERT INTO truth VALUES (${10_000 * (number + 1) + round}, ${key}, 0)`,
            `UPDATE t SET k = ${key} WHERE id = ${id}; UPDATE truth SET k = ${key} WHERE id = ${id}`,
          ];
          // Each writer has rows of its own, so that they never wait for each other.
          if (id % 2 !== number) continue;
          await writer.query(`BEGIN; ${changed[round % changed.length] ?? ""}; COMMIT`);
          done += 1;
        }
        return done;
      });
      try {
        for (const { start, end } of parseDocument(script.sql, reading).statements)
          await client.query(script.sql.slice(start, end));
      } finally {
        isDone = true;
        await Promise.allSettled(work);
      }
      const done = await Promise.all(work);
      expect(Math.min(...done)).toBeGreaterThanOrEqual(20);
      const { rows } = await client.query(
        "(SELECT id, k, v FROM t EXCEPT ALL TABLE truth) UNION ALL (TABLE truth EXCEPT ALL SELECT id, k, v FROM t)",
      );
      expect(rows).toEqual([]);
      const found = await client.query<{ name: string }>(
        "SELECT relname AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 't'::regclass ORDER BY 1",
      );
      expect(found.rows.map(({ name }) => name)).toEqual(parts);
      const left = await client.query(
        "SELECT conname FROM pg_constraint WHERE conname ~ '_(within|elsewhere)$' UNION ALL SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ '_(ahead|before|copied_to)$'",
      );
      expect(left.rows).toEqual([]);
    } finally {
      await Promise.all(writers.map((writer) => writer.end()));
      await database.close();
    }
    expect(promisedParts(reading, schema, script, "t", major)).toEqual(parts);
  });
});
