// What some majors do not parse yet: the replay says of each what a real server's parser says, at the same token.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { abortTransaction, expectedSyntaxError, syntaxErrorOf } from "./syntax-error.ts";

const text = readFileSync(join(import.meta.dirname, "newer-syntax.sql"), "utf8");

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

describe.each([10, 11, 12, 13, 14, 15, 16, 17] as const)("PostgreSQL %i", (major) => {
  it("stops where the replay says it does", async () => {
    const database = await createDatabase(major);
    try {
      await abortTransaction(database.client);
      for (const { start, end, statement } of parseDocument(text, reading).statements) {
        const sql = text.slice(start, end);
        const server = await syntaxErrorOf(database.client, sql);
        expect({ sql, error: expectedSyntaxError(statement, major) }).toEqual({ sql, error: server });
      }
    } finally {
      await database.close();
    }
  });
});
