/** Replays the scripts of a `src/test/regress` folder, each as a world of its own that is not complete, and counts refusals that the expected output does not have. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { PostgresVersion } from "../../server/src/schemes/scheme.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    major: { type: "string", default: "15" },
    only: { type: "string", default: "" },
    missed: { type: "boolean", default: false },
    differing: { type: "boolean", default: false },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("which folder? One with sql/ and expected/ in it");
const reading = { parser: await loadParserForTests(), cache: createStatementCache(100_000) };
const counts = { statements: 0, errors: 0, found: 0, exact: 0, falseAlarms: 0 };

for (const file of readdirSync(join(folder, "sql"))) {
  const expected = join(folder, "expected", file.replace(/\.sql$/, ".out"));
  if (!file.endsWith(".sql") || !file.includes(values.only) || !existsSync(expected)) continue;
  compare(file, readFileSync(join(folder, "sql", file), "utf8"), readFileSync(expected, "utf8"));
}
console.log(counts);

function compare(file: string, text: string, output: string): void {
  const steps = replay({
    file,
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: false, timeZone: "PST8PDT" }),
    options: { version: Number(values.major) as PostgresVersion, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
  const textOf = (index: number): string | null => {
    const placed = steps[index]?.statement;
    return placed === undefined ? null : text.slice(placed.start, placed.end);
  };
  let position = 0;
  for (const [index, step] of steps.entries()) {
    // psql echoes the script; what a statement gets stands between it and the next one.
    const sql = textOf(index) ?? "";
    const at = output.indexOf(sql, position);
    if (at < 0) continue;
    position = at + sql.length;
    const next = textOf(index + 1);
    const end = next === null ? output.length : output.indexOf(next, position);
    const answer = output.slice(position, end < 0 ? position + 2000 : end);
    const error = /^ERROR: {2}(.*)$/m.exec(answer)?.[1] ?? null;
    const said = step.rejection?.message ?? null;
    counts.statements += 1;
    if (error !== null) counts.errors += 1;
    const shown = `${file}: ${sql.replace(/\s+/g, " ").slice(0, 160)}`;
    if (said !== null && error === null) {
      counts.falseAlarms += 1;
      console.log(`false alarm ${shown}\n    ${step.rejection?.sqlstate} ${said}`);
    } else if (said !== null) {
      counts.found += 1;
      if (said === error) counts.exact += 1;
      else if (values.differing) console.log(`differs ${shown}\n    expected ${error}\n    actual   ${said}`);
    } else if (error !== null && values.missed) console.log(`missed ${shown}\n    ${error}`);
  }
}
