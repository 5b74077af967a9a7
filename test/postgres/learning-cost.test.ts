/** What a statement costs that has to be run to be known, counted in queries; and that what is read of the schema for it tells all. */

import { readFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { columnsOfCatalogs } from "../../server/src/postgres/catalog-changes.ts";
import { createEmbeddedInstance } from "../../server/src/postgres/embedded-instance.ts";
import { schemaDifference } from "../../server/src/postgres/learned-effect.ts";
import { learningQueries } from "../../server/src/postgres/learning-queries.ts";
import { embeddedFiles, embeddedPostgres, never } from "./support.ts";

const queries = learningQueries(180_000);

test("what a server has for ever is asked once, and each statement costs as many queries as the one before", async () => {
  const database = await PGlite.create({ loadDataDir: new Blob([await readFile((await embeddedFiles()).snapshot)]) });
  try {
    const asked: string[] = [];
    const query = database.query.bind(database);
    database.query = ((sql: string, ...rest: []) => {
      asked.push(sql);
      return query(sql, ...rest);
    }) as typeof database.query;
    const instance = createEmbeddedInstance(database);
    const counts: number[] = [];
    for (const name of ["a", "b", "c"]) {
      const before = asked.length;
      await instance.learn(`CREATE TABLE ${name} (id int)`, queries);
      counts.push(asked.length - before);
    }
    expect(asked.filter((sql) => sql === columnsOfCatalogs)).toHaveLength(1);
    expect(counts).toEqual([(counts[1] ?? 0) + 1, counts[1], counts[1]]);
    expect(counts[1]).toBeLessThan(70);
  } finally {
    await database.close();
  }
});

/** Statements that leave the table itself as it is, and what is told of them. */
const belongings: readonly (readonly [sql: string, told: readonly string[]])[] = [
  ["COMMENT ON TABLE a IS 'x'", ["COMMENT ON TABLE public.a IS 'x'"]],
  ["ALTER TABLE a DISABLE TRIGGER g", ["ALTER TABLE ONLY public.a DISABLE TRIGGER g"]],
  ["COMMENT ON TRIGGER g ON a IS 'x'", ["COMMENT ON TRIGGER g ON public.a IS 'x'"]],
  ["COMMENT ON POLICY p ON a IS 'x'", ["COMMENT ON POLICY p ON public.a IS 'x'"]],
  ["CREATE STATISTICS s2 ON id, b FROM a", ["CREATE STATISTICS public.s2 ON id, b FROM public.a"]],
  ["ALTER PUBLICATION pub ADD TABLE a", ["ALTER PUBLICATION pub ADD TABLE ONLY public.a"]],
  ["GRANT SELECT ON a TO PUBLIC", ["GRANT SELECT ON public.a TO PUBLIC"]],
  ["ALTER TABLE a REPLICA IDENTITY FULL", ["ALTER TABLE public.a REPLICA IDENTITY FULL"]],
  ["ALTER TABLE a ALTER n SET STATISTICS 7", ["ALTER TABLE ONLY public.a ALTER COLUMN n SET STATISTICS 7"]],
  ["ALTER TABLE a SET (fillfactor = 50)", ["ALTER TABLE public.a SET (fillfactor = 50)"]],
];

test("what hangs on a table is seen wherever it is written, though only the tables that were touched are read", async () => {
  const embedded = await embeddedPostgres();
  const before = [
    "CREATE TABLE a (id int PRIMARY KEY, n int, b int)",
    "CREATE TABLE z (id int)",
    "CREATE TRIGGER g BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE POLICY p ON a",
    "CREATE PUBLICATION pub FOR TABLE z",
    "COMMENT ON TABLE z IS 'of another table'",
  ].map((sql) => ({ sql, roots: [] }));
  try {
    const told: (readonly [string, unknown])[] = [];
    for (const [sql] of belongings) {
      const run = await embedded.learn(before, sql, queries, never);
      if (!run.ok) throw new Error(run.problem.message);
      expect(run.value.unexplained, sql).toEqual([]);
      const difference = schemaDifference(run.value);
      told.push([sql, difference.kind === "statements" ? difference.statements : difference.reason]);
    }
    expect(told).toEqual(belongings);
  } finally {
    await embedded.close();
  }
});
