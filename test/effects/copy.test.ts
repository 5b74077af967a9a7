/** COPY … FROM stdin with its data in the script: refused, or taken, as real servers do it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { analyse } from "../rules/analyse.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { defaultMajors, type PostgresMajor } from "../support/postgres-binaries.ts";
import { openSession } from "../truth/session.ts";

const text = readFileSync(join(import.meta.dirname, "copy.sql"), "utf8");

const databases = new Map<PostgresMajor, TestDatabase>();

beforeAll(async () => {
  for (const [major, database] of await Promise.all(
    defaultMajors.map(async (major) => [major, await createDatabase(major)] as const),
  )) {
    databases.set(major, database);
  }
});

afterAll(async () => {
  await Promise.all([...databases.values()].map((database) => database.close()));
});

describe("COPY with its data", () => {
  test.each(defaultMajors)("PostgreSQL %i says the same", async (major) => {
    const reading = await readingForTests();
    const { statements } = parseDocument(text, reading);
    const steps = replay({
      file: "copy.sql",
      statements,
      start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
      options: { version: major, pathmanVersion: "1.5", today: "2025-01-01" },
      previous: [],
      source: { text, reading },
    });
    const database = databases.get(major);
    if (database === undefined) throw new Error(`no server of ${major}`);
    const session = await openSession(database.connectionString, `copy_${major}`);
    try {
      for (const [index, placed] of statements.entries()) {
        const answer = await session.ask(text, placed);
        const expected = answer === null || answer.ok ? null : `${answer.sqlstate} ${answer.message}`;
        const rejection = steps[index]?.rejection ?? null;
        const said = rejection === null ? null : `${rejection.sqlstate} ${rejection.message}`;
        expect(said, text.slice(placed.start, placed.end)).toBe(expected);
      }
    } finally {
      await session.close();
      await database.client.query(`drop database copy_${major}`);
    }
  });

  test("the finding stands at the line that is refused", () => {
    const script = [
      "CREATE TABLE t (k int) PARTITION BY LIST (k);",
      "CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);",
      "COPY t FROM stdin;",
      "1",
      "2",
      "\\.",
      "SELECT 1 FROM t WHERE k = 1;",
    ].join("\n");
    const [finding] = analyse(script, 18, {}).findings.filter(({ severity }) => severity === "error");
    expect(finding?.rule).toBe("insert-without-partition");
    expect(script.slice(finding?.range.start, finding?.range.end)).toBe("2");
  });

  test("other lines make another statement", async () => {
    const reading = await readingForTests();
    const hashes = ["1", "2"].map(
      (line) => parseDocument(`COPY t FROM stdin;\n${line}\n\\.\n`, reading).statements[0]?.hash,
    );
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});
