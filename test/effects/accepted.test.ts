/** Scripts all of whose statements PostgreSQL 18 takes: nothing is said against any of them, nor on 13 against those that it takes. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

const folder = join(import.meta.dirname, "accepted");

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  test.each(readdirSync(folder))("%s", async (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const reading = await readingForTests();
    const steps = replay({
      file,
      statements: parseDocument(text, reading).statements,
      start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
      options: { version: major, pathmanVersion: "1.5", today: "2025-01-01" },
      previous: [],
      source: { text, reading },
    });
    const database = await createDatabase(major);
    const refused: string[] = [];
    const said: string[] = [];
    try {
      for (const { statement, rejection } of steps) {
        const sql = text.slice(statement.offset, statement.offset + statement.length);
        const refusal = await database.client.query(sql).then(
          () => null,
          ({ message }: Error) => message,
        );
        if (refusal !== null) refused.push(`${sql}\n${refusal}`);
        else if (rejection !== null) said.push(`${sql}\n${rejection.message}`);
      }
    } finally {
      await database.close();
    }
    expect(said).toEqual([]);
    // The files are written for the newest major: of what 13 does not know, it refuses the rest too.
    if (major === 18) expect(refused).toEqual([]);
    expect(steps.length - refused.length).toBeGreaterThan(major === 18 ? 10 : 0);
  });
});
