/** Scripts all of whose statements PostgreSQL takes: nothing is said against any of them, however they are written. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

const folder = join(import.meta.dirname, "accepted");

test.each(readdirSync(folder))("%s", async (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const reading = await readingForTests();
  const steps = replay({
    file,
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
  const said = steps.flatMap(({ rejection }) => rejection?.message ?? []);
  const database = await createDatabase(18);
  const refused: string[] = [];
  try {
    for (const { statement } of steps) {
      const sql = text.slice(statement.offset, statement.offset + statement.length);
      await database.client.query(sql).catch(({ message }: Error) => refused.push(`${sql}\n${message}`));
    }
  } finally {
    await database.close();
  }
  expect(refused).toEqual([]);
  expect(said).toEqual([]);
  expect(steps.length).toBeGreaterThan(10);
});
