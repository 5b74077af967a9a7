/** Scripts run while others read and write: no row is lost, doubled or out of sight, and nobody waits longer than lock_timeout. */

import { Client } from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import type { Script } from "../../server/src/ddl/script.ts";
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

const plain = `
CREATE TABLE kinds (kind int PRIMARY KEY);
CREATE TABLE t (id int, k int NOT NULL, v int NOT NULL, kind int REFERENCES kinds, twice int GENERATED ALWAYS AS (v * 2) STORED, PRIMARY KEY (id, k));
CREATE INDEX t_v ON t (v);`;

/** Referred to as well, which a row's end takes along; and with an identity that goes on. */
const keptOn = `${plain}
ALTER TABLE t ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
CREATE TABLE notes (id int, k int, FOREIGN KEY (id, k) REFERENCES t ON UPDATE CASCADE ON DELETE CASCADE);`;

type Request = Readonly<Record<string, unknown>>;

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  beforeAll(async () => {
    reading = await readingForTests();
  });

  it.each<[string, string, readonly Request[], readonly string[]]>([
    [
      "move rows out of the default",
      ranges,
      [{ operation: "move-rows", start: "200", end: "400", interval: "100", batch: 50, style: "online" }],
      ["t_0", "t_100", "t_200", "t_300", "t_rest"],
    ],
    [
      "split",
      ranges,
      [{ operation: "split", partition: "t_0", at: "40", batch: 30, style: "online" }],
      ["t_0", "t_040", "t_100", "t_rest"],
    ],
    ["rehash", hashes, [{ operation: "rehash", modulus: 3, batch: 100, style: "online" }], ["t_0", "t_1", "t_2"]],
    [
      "convert a plain table, and give its rows partitions",
      plain,
      [
        { operation: "convert", to: "declarative", key: "k" },
        { operation: "move-rows", start: "0", end: "600", interval: "200", batch: 100, style: "online" },
      ],
      ["t_0", "t_200", "t_400", "t_default"],
    ],
    [
      "convert a plain table by copying it to ranges",
      keptOn,
      [
        {
          operation: "convert",
          to: "declarative",
          key: "k",
          start: "0",
          end: "400",
          interval: "200",
          batch: 100,
          style: "online",
        },
      ],
      ["t_0", "t_200", "t_default"],
    ],
    [
      "convert a plain table by copying it to a partition for each of some values",
      keptOn,
      [
        {
          operation: "convert",
          to: "declarative",
          key: "k",
          strategy: "list",
          values: ["7", "11", "13"],
          batch: 100,
          style: "online",
        },
      ],
      ["t_11", "t_13", "t_7", "t_default"],
    ],
    [
      "convert a plain table by copying it to hash partitions",
      keptOn,
      [
        {
          operation: "convert",
          to: "declarative",
          key: "k",
          strategy: "hash",
          modulus: 3,
          batch: 100,
          style: "online",
        },
      ],
      ["t_0", "t_1", "t_2"],
    ],
  ])("%s", async (_title, schema, requests, parts) => {
    const scripts: Script[] = [];
    const written = (): string => [schema, ...scripts.map(({ sql }) => sql)].join("\n");
    for (const request of requests) scripts.push(scriptOf(reading, written(), { ...request, table: "t" }, major));
    const database = await createDatabase(major);
    const { client } = database;
    const writers = [new Client(database), new Client(database)];
    const reader = new Client(database);
    try {
      await client.query(schema);
      // What writers do to t they do to a plain copy too, in the same transaction.
      await client.query(`INSERT INTO kinds VALUES (1);
        INSERT INTO t (id, k, v, kind) SELECT n, n % 500, n, 1 FROM generate_series(1, 2000) AS n;
        CREATE TABLE truth AS SELECT id, k, v FROM t`);
      let isDone = false;
      const work = [
        ...writers.map((writer, number) => write(writer, number, () => isDone)),
        read(reader, () => isDone),
      ];
      try {
        for (const { sql } of scripts)
          for (const { start, end } of parseDocument(sql, reading).statements)
            await client.query(sql.slice(start, end));
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
      await Promise.all([...writers, reader].map((other) => other.end()));
      await database.close();
    }
    const [last] = scripts.slice(-1);
    if (last === undefined) throw new Error("There is no script.");
    const before = [schema, ...scripts.slice(0, -1).map(({ sql }) => sql)].join("\n");
    expect(promisedParts(reading, before, last, "t", major)).toEqual(parts);
  });
});

/** Changes rows of its own until all is done, and how often it has. Whoever waits longer for a lock than lock_timeout fails. */
async function write(writer: Client, number: number, isDone: () => boolean): Promise<number> {
  await writer.connect();
  await writer.query("SET lock_timeout = '5s'");
  let done = 0;
  for (let round = 0; !isDone() || done < 20; round += 1) {
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
}

/** Compares the table with the truth, each time in one statement, which sees both as they are at one moment. */
async function read(reader: Client, isDone: () => boolean): Promise<number> {
  await reader.connect();
  await reader.query("SET lock_timeout = '5s'");
  let done = 0;
  for (; !isDone() || done < 20; done += 1) {
    const { rows } = await reader.query<{ there: number; true: number; keys: number }>(
      `SELECT (SELECT count(*)::int FROM t) AS there, (SELECT count(DISTINCT id)::int FROM t) AS keys, (SELECT count(*)::int FROM truth) AS "true"`,
    );
    const [seen] = rows;
    if (seen === undefined || seen.there !== seen.true || seen.keys !== seen.true)
      throw new Error(`A reader sees ${JSON.stringify(seen)}.`);
  }
  return done;
}
