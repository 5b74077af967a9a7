// Bounds as they are written into SQL: what PostgreSQL stores for them is what it stored for the original.
import { beforeAll, describe, expect, it } from "vitest";
import { emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { spellBound } from "../../server/src/catalog/written-bound.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const cases: readonly (readonly [type: string, strategy: "RANGE" | "LIST", bound: string, spelled: string])[] = [
  ["int", "RANGE", "FROM ('-5') TO (10)", "FOR VALUES FROM (-5) TO (10)"],
  ["bigint", "RANGE", "FROM ('0') TO ('9223372036854775807')", "FOR VALUES FROM (0) TO (9223372036854775807)"],
  [
    "bigint",
    "RANGE",
    "FROM ('-9223372036854775808') TO (MAXVALUE)",
    "FOR VALUES FROM (-9223372036854775808) TO (MAXVALUE)",
  ],
  ["smallint", "LIST", "IN ('1', NULL, '-32768')", "FOR VALUES IN (1, NULL, -32768)"],
  ["numeric", "RANGE", "FROM ('1') TO ('10.50')", "FOR VALUES FROM (1) TO (10.50)"],
  ["float8", "RANGE", "FROM ('1.5') TO ('infinity')", "FOR VALUES FROM ('1.5') TO ('Infinity')"],
  ["text", "LIST", "IN ('1', 'it''s')", "FOR VALUES IN ('1', 'it''s')"],
  ["date", "RANGE", "FROM ('2024-01-01') TO ('2024-02-01')", "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')"],
  [
    "timestamp",
    "RANGE",
    "FROM ('2024-01-01') TO ('2024-02-01 06:00')",
    "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01 06:00:00')",
  ],
  [
    "timestamptz",
    "RANGE",
    "FROM ('2024-01-01') TO ('2024-02-01')",
    "FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-02-01 00:00:00+00')",
  ],
];

describe.each([10, 18] as const)("PostgreSQL %i", (version) => {
  it("stores the same bound for what is written, also in a session with another time zone and date style", async () => {
    const database = await createDatabase(version);
    const { client } = database;
    try {
      for (const [type, strategy, bound, spelled] of cases) {
        const script = `CREATE TABLE t (k ${type}) PARTITION BY ${strategy} (k); CREATE TABLE p PARTITION OF t FOR VALUES ${bound};`;
        const read = boundIn(script, version);
        expect(read.written, script).toBe(spelled);
        await client.query("SET timezone = 'Asia/Kolkata'; SET datestyle = 'SQL, DMY'");
        await client.query(
          `CREATE TABLE t (k ${type}) PARTITION BY ${strategy} (k); CREATE TABLE p PARTITION OF t ${read.written}`,
        );
        await client.query("SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'");
        const { rows } = await client.query(
          "SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE relname = 'p'",
        );
        expect(rows[0]?.["bound"], script).toBe(read.printed);
        await client.query("DROP TABLE t");
      }
    } finally {
      await database.close();
    }
  });
});

function boundIn(script: string, version: 10 | 18): { readonly written: string; readonly printed: string } {
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const steps = replay({
    file: "a.sql",
    statements: parseDocument(script, reading).statements,
    start,
    options: { version, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text: script, reading },
  });
  const catalog = finalCatalog(start, steps);
  const [table, part] = ["t", "p"].map((name) => findRelation(catalog, { schema: null, name }));
  const [key, bound] = [table?.partitioning?.key, part?.partitionOf?.bound];
  if (key === undefined || bound === undefined) throw new Error(`nothing is known of ${script}`);
  return { written: spellBound(bound, key, catalog.settings), printed: printBound(bound, key, catalog.settings) };
}
