/** Generates scripts, runs them on a real server and compares with the replay; prints the table and the smallest scripts that differ. */

import pg from "pg";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { emptyScore, type Miss, printScore } from "../oracle/score.ts";
import { loadParserForTests } from "../support/parser.ts";
import type { PostgresMajor } from "../support/postgres-binaries.ts";
import { startServer } from "../support/postgres-server.ts";
import { compareScript } from "./compare.ts";
import { generateScript, type Kind, type Script } from "./generator.ts";
import { record } from "./record.ts";
import { shrink } from "./shrink.ts";
import { createVariations } from "./variation.ts";

const options = readOptions(process.argv.slice(2));
const major = Number(options.get("major") ?? 18) as PostgresMajor;
const seed = Number(options.get("seed") ?? 1);
const count = Number(options.get("count") ?? 200);
const kind = options.get("kind") as Kind | undefined;
const abouts = (options.get("about") ?? "false-alarm,missed,message,catalog,route,route-declined,coverage").split(",");
const limit = Number(options.get("limit") ?? 15);
/** Scripts of our own making, or variations of recorded ones. */
const recordings = options.get("vary");
const scriptOf = recordings === undefined ? generateScript : createVariations(recordings);
const reading: Reading = { parser: await loadParserForTests(), cache: createStatementCache(1_000_000) };

const server = await startServer(major);
const client = new pg.Client({ connectionString: server.connectionString });
await client.connect();
try {
  if (options.has("show")) await show(scriptOf(seed, kind));
  else await compareMany();
} finally {
  await client.end();
  await server.stop();
}

async function compareMany(): Promise<void> {
  const score = emptyScore();
  const byKind = new Map<string, Map<string, number>>();
  const misses: { readonly script: Script; readonly miss: Miss }[] = [];
  const started = performance.now();
  for (let each = seed; each < seed + count; each += 1) {
    const script = scriptOf(each, kind);
    const before = score.misses.length;
    compareScript(score, await record(client, script), major as PostgresVersion, reading);
    const row = byKind.get(script.kind) ?? new Map<string, number>();
    byKind.set(script.kind, row);
    row.set("scripts", (row.get("scripts") ?? 0) + 1);
    const found = score.misses.slice(before);
    for (const miss of found) row.set(miss.about, (row.get(miss.about) ?? 0) + 1);
    // What follows the first difference of a script mostly follows from it; the worst is shown all the same.
    const wanted = found.filter(({ about }) => abouts.includes(about));
    const first = wanted.filter(
      ({ about }, index) => index === 0 || options.has("all") || about === "false-alarm" || about === "route",
    );
    misses.push(...first.map((miss) => ({ script, miss })));
  }
  console.log(
    `PostgreSQL ${major}, seeds ${seed} to ${seed + count - 1}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  console.log(printScore(score));
  for (const [name, row] of byKind)
    console.log(`  ${name.padEnd(12)}${[...row].map(([what, many]) => `${what} ${many}`).join(", ")}`);

  const seen = new Map<string, number>();
  for (const { script, miss } of misses) {
    if (!abouts.includes(miss.about)) continue;
    // The same difference in other words is shown once.
    const shape = `${miss.about} ${generalized(miss.expected)} / ${generalized(miss.actual)}`;
    const times = (seen.get(shape) ?? 0) + 1;
    seen.set(shape, times);
    if (times > Number(options.get("times") ?? 1) || seen.size > limit) continue;
    console.log(
      `\n${miss.about} of seed ${script.seed} (${script.kind}), statement ${miss.statement ?? "–"}: ${miss.sql}`,
    );
    console.log(`    expected ${miss.expected}\n    actual   ${miss.actual}`);
    if (options.has("no-shrink")) continue;
    const small = await shrink(client, script, miss, major as PostgresVersion, reading);
    for (const statement of small.statements) console.log(`        ${statement};`);
    if (miss.about.startsWith("route")) for (const statement of small.routes) console.log(`        -- ${statement}`);
  }
  console.log(`\n${seen.size} differences in ${[...seen.values()].reduce((sum, times) => sum + times, 0)} places`);
  for (const [shape, times] of [...seen].sort((a, b) => b[1] - a[1]).slice(0, 40))
    console.log(`${String(times).padStart(5)} ${shape}`);
}

async function show(script: Script): Promise<void> {
  const recording = await record(client, script);
  for (const [index, statement] of recording.ddl.entries()) {
    const result = recording.results[index];
    console.log(`${statement};\n    -- ${result?.ok === true ? "ok" : `${result?.sqlstate} ${result?.message}`}`);
  }
  const score = emptyScore();
  compareScript(score, recording, major as PostgresVersion, reading);
  for (const { about, statement, expected, actual } of score.misses)
    console.log(`${about} ${statement}\n    expected ${expected}\n    actual   ${actual}`);
}

function generalized(text: string): string {
  return text
    .replace(/"(?:[^"]|"")*"/g, '"…"')
    .replace(/'(?:[^']|'')*'/g, "'…'")
    .replace(/[a-z]+\.\w+/g, "…")
    .replace(/\d+/g, "9")
    .slice(0, 220);
}

function readOptions(words: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("--")) continue;
    const next = words[index + 1];
    if (next === undefined || next.startsWith("--")) found.set(word.slice(2), "");
    else {
      found.set(word.slice(2), next);
      index += 1;
    }
  }
  return found;
}
