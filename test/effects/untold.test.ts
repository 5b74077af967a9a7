/** Scripts of which the replay cannot tell everything: what it does say holds, also after statements marked `-- untold`. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { defaultMajors } from "../support/postgres-binaries.ts";

const folder = join(import.meta.dirname, "untold");

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));

describe.each(defaultMajors)("PostgreSQL %i", (major) => {
  test.each(files)("%s", async (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const { statements } = parseDocument(text, reading);
    const steps = replay({
      file,
      statements,
      start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
      options: { version: major, pathmanVersion: "1.5", today: "2025-01-01" },
      previous: [],
      source: { text, reading },
    });
    const said: string[] = [];
    const expected: string[] = [];
    const database = await createDatabase(major);
    try {
      for (const { statement, rejection } of steps) {
        const sql = text.slice(statement.offset, statement.offset + statement.length);
        const answer = await database.client.query(sql).then(
          () => "accepted",
          ({ code, message }) => `${code} ${message}`,
        );
        const isUntold = isMarked(text, statement.offset, major);
        expected.push(`${sql}\n${answer}`);
        if (rejection !== null) said.push(`${sql}\n${rejection.sqlstate} ${rejection.message}`);
        else said.push(`${sql}\n${isUntold && answer !== "accepted" ? answer : "accepted"}`);
        if (isUntold) expect(answer, `${sql} is refused`).not.toBe("accepted");
        if (isUntold) expect(rejection, `${sql} is not told`).toBeNull();
      }
    } finally {
      await database.close();
    }
    expect(said).toEqual(expected);
  });
});

/** Whether the line before the statement is `-- untold`, perhaps for some majors only: `-- untold 13 14`. */
function isMarked(text: string, start: number, major: number): boolean {
  const mark = /^-- untold((?: \d+)*)$/.exec(text.slice(0, start).trimEnd().split("\n").at(-1) ?? "");
  if (mark === null) return false;
  const majors = (mark[1] ?? "").split(" ").filter((word) => word !== "");
  return majors.length === 0 || majors.includes(String(major));
}
