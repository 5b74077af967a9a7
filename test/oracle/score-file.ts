/** Scores a whole file of recordings and lists what was missed: `node test/oracle/score-file.mjs [--version 18] [--about kind] [--limit n] [file]`; with `--queries yes` the survivors of its queries, with `--extension partman5` the histories of an extension. */

import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";
import { emptyScore, printScore, scoreScript } from "./score.ts";
import { scoreExtensionFile } from "./score-extension.ts";
import { emptyQueryScore, printQueryScore, readRecordedQueries, recordsWhen, scoreQueries } from "./score-queries.ts";
import { readRecordings, sampleFile, wholeFile } from "./truth.ts";

const { values, positionals } = parseArguments(process.argv.slice(2));
const file = positionals[0] ?? wholeFile() ?? sampleFile;
const reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000_000) };
const extension = values.get("extension");
if (extension !== undefined) {
  scoreExtensionFile(file, extension, values, reading);
  process.exit();
}
if (values.has("queries")) {
  printQueries();
  process.exit();
}
for (const version of (values.get("version") ?? "18").split(",")) {
  const score = emptyScore();
  const started = performance.now();
  for (const recording of readRecordings(file)) {
    if (values.has("script") && String(recording.id) !== values.get("script")) continue;
    scoreScript(score, recording, Number(version) as PostgresVersion, reading);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`PostgreSQL ${version}, ${file}, ${seconds} s\n${printScore(score)}\n`);
  const about = values.get("about");
  const shown = score.misses.filter((miss) => about === undefined || about.split(",").includes(miss.about));
  for (const miss of shown.slice(0, Number(values.get("limit") ?? 20))) {
    console.log(`${miss.about} ${miss.script}#${miss.statement ?? ""}: ${miss.sql.replaceAll("\n", " ")}`);
    console.log(`    expected ${miss.expected}\n    actual   ${miss.actual}`);
  }
}

function printQueries(): void {
  const recordings = readRecordedQueries(file);
  const whenKnown = recordsWhen(recordings);
  const wanted = values.get("about")?.split(",");
  for (const version of (values.get("version") ?? "18").split(",")) {
    const score = emptyQueryScore();
    for (const recording of recordings) {
      if (values.has("script") && String(recording.id) !== values.get("script")) continue;
      scoreQueries(score, recording, Number(version) as PostgresVersion, reading, whenKnown);
    }
    console.log(`PostgreSQL ${version}, ${file}\n${printQueryScore(score)}\n`);
    const shown = score.misses.filter(({ about }) => wanted?.includes(about) ?? true);
    for (const { about, script, sql, expected, actual, note } of shown.slice(0, Number(values.get("limit") ?? 20))) {
      console.log(`${about} ${script}: ${sql.replaceAll("\n", " ")}`);
      console.log(`    expected ${expected.join(" ")}\n    actual   ${actual?.join(" ")}\n    ${note}`);
    }
  }
}

function parseArguments(words: readonly string[]): { values: Map<string, string>; positionals: string[] } {
  const found = { values: new Map<string, string>(), positionals: [] as string[] };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("--")) found.positionals.push(word);
    else found.values.set(word.slice(2), words[++index] ?? "");
  }
  return found;
}
