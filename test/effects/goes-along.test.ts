/** What goes along with CASCADE: of scripts that create anew what went, nothing is refused that real servers accept. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

const scripts = readFileSync(join(import.meta.dirname, "goes-along.sql"), "utf8").split(/^---\n/m);

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  test.each(scripts.map((text, index) => [index + 1, text] as const))("script %i", async (_number, text) => {
    const steps = replay({
      file: "script.sql",
      statements: parseDocument(text, reading).statements,
      start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
      options: { version: major, pathmanVersion: "1.5", today: "2025-01-01" },
      previous: [],
      source: { text, reading },
    });
    const database = await createDatabase(major);
    const falseErrors: string[] = [];
    const expected: string[] = [];
    const refused: string[] = [];
    let accepted = 0;
    try {
      for (const { statement, rejection } of steps) {
        const end = statement.offset + statement.length;
        const sql = text.slice(statement.offset, end);
        const isRefused = await database.client.query(sql).then(
          () => false,
          () => true,
        );
        if (!isRefused) accepted += 1;
        if (!isRefused && rejection !== null) falseErrors.push(`${sql}\n${rejection.message}`);
        if (isRefused && rejection !== null) refused.push(sql);
        if (/^;?[ ]*-- refused/.test(text.slice(end))) expected.push(sql);
      }
    } finally {
      await database.close();
    }
    expect(falseErrors).toEqual([]);
    expect(refused).toEqual(expect.arrayContaining(expected));
    expect(accepted).toBeGreaterThan(2);
  });
});
