/** Where a database has more privileges, comments and settings of tables than is read, scripts say that not all is known. */

import { expect, it } from "vitest";
import { withSettings } from "../../server/src/catalog/catalog.ts";
import { mostBelongingRows } from "../../server/src/postgres/belonging-queries.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { operateOn } from "./support.ts";

const ofEach = 400;
const filling = Math.ceil((mostBelongingRows + 1) / ofEach);

it.each([
  ["few", 1, false],
  ["more than is read", filling, true],
])("%s", async (_title, tables, isCut) => {
  const reading = await readingForTests();
  const database = await createDatabase(18);
  try {
    await database.client.query(`
      CREATE TABLE t (k int) PARTITION BY RANGE (k); CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (20);
      CREATE SCHEMA many;
      DO $$ BEGIN FOR n IN 1..${tables} LOOP
        EXECUTE format('CREATE TABLE many.t%s ()', n);
      END LOOP; END $$;
      UPDATE pg_class SET reloptions = array_fill('fillfactor=70'::text, ARRAY[${ofEach}]) WHERE relnamespace = 'many'::regnamespace`);
    const connection = connectionTo(database.connectionString);
    const snapshot = await readDatabase(connection, never);
    await connection.close();
    if (!snapshot.ok) throw new Error(snapshot.problem.message);
    const options = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" } as const;
    const { catalog } = databaseSchema(snapshot.value, reading, options);
    for (const request of [
      { operation: "split", table: "t", partition: "p", at: "10", name: "q" },
      { operation: "append", table: "t", name: "q", to: "60" },
    ]) {
      const result = operateOn(withSettings(catalog, { searchPath: ["public"] }), reading, request, 18);
      if (!result.ok) throw new Error(result.problem.message);
      expect(result.value.notes.some((note) => note.startsWith("More hangs on the tables"))).toBe(isCut);
    }
  } finally {
    await database.close();
  }
});
