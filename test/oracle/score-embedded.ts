/** Scores a file of recordings with the embedded PostgreSQL: `node scripts/with-toolchain.mjs test/oracle/score-embedded.ts [--script id] [--about kind,…] [--limit n] [file]`. */

import { parseArgs } from "node:util";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { embeddedPostgres } from "../postgres/support.ts";
import { loadParserForTests } from "../support/parser.ts";
import { emptyPlannedScore, printPlannedScore, scorePlanned } from "./score-planned.ts";
import { readRecordings, sampleFile, wholeFile } from "./truth.ts";

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: { script: { type: "string" }, about: { type: "string" }, limit: { type: "string", default: "20" } },
  allowPositionals: true,
});
const file = positionals[0] ?? wholeFile() ?? sampleFile;
const reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
const embedded = await embeddedPostgres();
const score = emptyPlannedScore();
const started = performance.now();
for (const recording of readRecordings(file)) {
  if (values.script === undefined || String(recording.id) === values.script)
    await scorePlanned(score, recording, embedded, reading);
}
await embedded.close();
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${file}, ${seconds} s\n${printPlannedScore(score)}\n`);
const counts = new Map<string, number>();
for (const { about } of score.misses) counts.set(about, (counts.get(about) ?? 0) + 1);
console.log([...counts].map(([about, count]) => `${about} ${count}`).join(", "));
const shown = score.misses.filter(({ about }) => values.about === undefined || values.about.split(",").includes(about));
for (const { about, script, sql, expected, actual } of shown.slice(0, Number(values.limit))) {
  console.log(`${about} ${script}: ${sql.replaceAll("\n", " ")}\n    expected ${expected}\n    actual   ${actual}`);
}
