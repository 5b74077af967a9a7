/** Scripts apart from each other, alone and inside a transaction: nothing is refused that real servers accept. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

// Scripts end in `---`. `-- refused` behind a statement: PostgreSQL and we refuse it, whatever else is in doubt.
const folder = join(import.meta.dirname, "apart");
const scripts = readdirSync(folder).flatMap((file) => {
  const texts = readFileSync(join(folder, file), "utf8").split(/^---\n/m);
  return texts.map((text, index) => [`${file} ${index + 1}`, text] as const);
});

/** Those that control transactions themselves, or hold what no transaction takes. */
const controlsTransactions = /^\s*(?:begin|start\s+transaction|vacuum)\b|\bcommit\b|\bconcurrently\b/im;

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  test.each(scripts)("%s", async (_name, text) => {
    const { falseErrors, expected, refused, accepted } = await compare(text, major);
    expect(falseErrors).toEqual([]);
    expect(refused).toEqual(expect.arrayContaining(expected));
    // The files are written for the newest major, and may be all new to an older one.
    if (major === 18) expect(accepted).toBeGreaterThan(1);
  });
});

test.each(scripts.filter(([, text]) => !controlsTransactions.test(text)))(
  "%s in a transaction",
  async (_name, text) => {
    const { falseErrors, accepted } = await compare(`BEGIN;\n${text}\n;COMMIT;`, 18);
    expect(falseErrors).toEqual([]);
    expect(accepted).toBeGreaterThan(1);
  },
);

/** What a server takes that we refuse; what both refuse; what is expected to be among that; how many statements the server takes. */
async function compare(
  text: string,
  major: 13 | 18,
): Promise<{ readonly accepted: number } & { readonly [Kind in "falseErrors" | "expected" | "refused"]: string[] }> {
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
  return { falseErrors, expected, refused, accepted };
}
