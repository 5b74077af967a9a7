// Measures what people wait for: opening a file, and from a keystroke to its diagnostics, over standard input and output.
// Usage: npm run bench [-- NUMBER …], for scripts of so many statements: tables with 700 partitions each, as large as you like.
// Without numbers: keys in 500, 5,000 and 20,000 partitions beside other language servers, into test/bench/RESULTS.md, and the stages.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../esbuild.mjs";
import { defaultSettings } from "../../server/src/config.ts";
import { analyseAtOnce, analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { loadParser } from "../../server/src/postgres/installed-files.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { splitScript } from "../../server/src/syntax/split/splitter.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { startClient, type TestClient } from "../lsp/client.ts";
import { type Measured, type Measurement, measureKeys } from "./keys.ts";
import { installPeers } from "./peers.ts";
import { type BenchScript, dailyPartitions, manyTables, monthlyPartitions } from "./scripts.ts";

const asked = process.argv.slice(2).map(Number);
const sizes = asked.length > 0 ? asked : [500, 5_000];
const scriptOf = asked.length > 0 ? manyTables : monthlyPartitions;
const keystrokes = asked.length > 0 ? 6 : 40;

interface Row {
  readonly what: string;
  /** Milliseconds for each of `sizes`. */
  readonly times: readonly number[];
}

const directory = mkdtempSync(join(tmpdir(), "partition-lens-bench-"));
try {
  process.stdout.write("Building the server …\n");
  await build({ production: true, outdir: directory });
  const server = join(directory, "server.js");
  if (asked.length === 0) await compare(server);
  const columns: Readonly<Record<string, number>>[] = [];
  for (const size of sizes) {
    const script = scriptOf(size);
    columns.push({ ...(await overStdio(server, script)), ...(await inProcess(script)) });
  }
  const names = Object.keys(columns[0] ?? {});
  print(names.map((what) => ({ what, times: columns.map((column) => column[what] ?? Number.NaN) })));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The table of keys, ours beside others, in one run: printed, and kept so that its history shows. */
async function compare(server: string): Promise<void> {
  const partitions = [500, 5_000, 20_000];
  const settings = { "embedded.enabled": false, "limits.maxFileSizeKb": 100_000 };
  const ours: Measured = {
    command: [process.execPath, server, "--stdio"],
    processes: null,
    initializationOptions: { settings },
  };
  const servers: readonly (readonly [string, Measured])[] = [
    ["Partition Lens", ours],
    ...installPeers().map((peer): [string, Measured] => [`${peer.name} ${peer.version}`, peer]),
  ];
  const heading = [
    "# Results of `npm run bench`",
    "",
    `Measured on ${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), Node ${process.versions.node}, over standard input and output:`,
    "from sending an edit to having its diagnostics, p50 / p95 in milliseconds. A partition is two statements: the table of a day and an index on it.",
    "Of another server that needs more than a second for a key, larger files are not measured.",
    "",
    "| server | partitions | open | key in a bound | key in a name | key in a comment | statement at the top | resident, MB |",
    "|---|--:|--:|--:|--:|--:|--:|--:|",
  ];
  const measured: { readonly name: string; readonly count: number; readonly result: Measurement }[] = [];
  // After each row, so that a run that is ended early leaves what it has measured.
  const written = (): string => {
    const rows = measured.map(({ name, count, result }) => measurementRow(name, count, result));
    const text = `${[...heading, ...rows, "", ...ratios(measured)].join("\n")}\n`;
    writeFileSync(join(import.meta.dirname, "RESULTS.md"), text);
    return text;
  };
  for (const [name, command] of servers) {
    for (const count of partitions) {
      const keys = { warmUp: 50, measured: 200, least: 6, seconds: 10 };
      const workspace = join(directory, `workspace-${count}`);
      mkdirSync(workspace, { recursive: true });
      const result = await measureKeys(command, dailyPartitions(count), workspace, keys);
      measured.push({ name, count, result });
      process.stdout.write(`${measurementRow(name, count, result)}\n`);
      written();
      if (name !== "Partition Lens" && result.bound.p50 > 1_000) break;
    }
  }
  process.stdout.write(`\n${written()}\n`);
}

/** How much slower and larger the others are, and how much a key costs more in the larger files. */
function ratios(measured: readonly { readonly name: string; readonly count: number; readonly result: Measurement }[]) {
  const ours = (count: number): Measurement | undefined =>
    measured.find((row) => row.name === "Partition Lens" && row.count === count)?.result;
  const times = (a: number, b: number | undefined): string => (b === undefined ? "–" : `${(a / b).toFixed(1)} ×`);
  return [
    "What others need for one of ours, and what a key costs more than in 500 partitions (p50 of a key in a bound):",
    "",
    "| server | partitions | key | resident | growth |",
    "|---|--:|--:|--:|--:|",
    ...measured.map(({ name, count, result }) => {
      const smallest = measured.find((row) => row.name === name)?.result;
      const cells = [
        times(result.bound.p50, ours(count)?.bound.p50),
        times(result.resident, ours(count)?.resident),
        times(result.bound.p50, smallest?.bound.p50),
      ];
      return `| ${name} | ${count} | ${cells.join(" | ")} |`;
    }),
  ];
}

function measurementRow(name: string, count: number, { open, bound, ...rest }: Measurement): string {
  const short = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  const both = ({ p50, p95 }: Measurement["bound"]): string => `${short(p50)} / ${short(p95)}`;
  const cells = [short(open), both(bound), both(rest.name), both(rest.comment), both(rest.top), short(rest.resident)];
  return `| ${name} | ${count} | ${cells.join(" | ")} |`;
}

/** As an editor sees it: each time is from sending the change to having its diagnostics. */
async function overStdio(server: string, script: BenchScript): Promise<Record<string, number>> {
  const { text, lastQuery, middle, middleBound, middleDigit } = script;
  const client = await startClient("vscode", {
    server,
    initializationOptions: { settings: { "embedded.enabled": false, "limits.maxFileSizeKb": 100_000 } },
  });
  const space = (offset: number): Edits => [
    [offset, offset, " "],
    [offset, offset + 1, ""],
  ];
  try {
    // The parser and the just-in-time compiler are warm in an editor that has been open for a while.
    const other = await client.open(monthlyPartitions(100).text);
    await client.diagnostics(other);
    let uri = "";
    const open = timed(async () => {
      uri = await client.open(text);
      await client.diagnostics(uri);
    });
    const waits = await longestWait(client, other, open);
    const lenses = await timed(() => client.request("textDocument/codeLens", { textDocument: { uri } }));
    const newStatement = "\nSELECT 1;";
    return {
      "open to diagnostics": await open,
      "· another request meanwhile": waits,
      "all lenses listed": lenses,
      "key in the last query": await typing(client, uri, space(lastQuery)),
      "key in the first line": await typing(client, uri, space(0)),
      "space in a bound in the middle": await typing(client, uri, space(middleBound)),
      "digit of a bound in the middle": await typing(client, uri, [
        [middleDigit, middleDigit + 1, "1"],
        [middleDigit, middleDigit + 1, "0"],
      ]),
      "new statement in the middle": await typing(client, uri, [
        [middle, middle, newStatement],
        [middle, middle + newStatement.length, ""],
      ]),
    };
  } finally {
    await client.close();
  }
}

type Edits = readonly [there: readonly [number, number, string], back: readonly [number, number, string]];

/** The median of keystrokes that change something and change it back. */
async function typing(client: TestClient, uri: string, edits: Edits): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < keystrokes; count++) {
    const [start, end, newText] = edits[count % 2 === 0 ? 0 : 1];
    times.push(
      await timed(async () => {
        await client.edit(uri, start, end, newText);
        await client.diagnostics(uri);
      }),
    );
  }
  return median(times);
}

/** The longest that a hover over another file waits for its answer while the work goes on. */
async function longestWait(client: TestClient, uri: string, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  let longest = 0;
  while (!isDone) {
    const position = { line: 0, character: 15 };
    const wait = await timed(() => client.request("textDocument/hover", { textDocument: { uri }, position }));
    longest = Math.max(longest, wait);
  }
  await done;
  return longest;
}

/** Where the time of opening goes. */
async function inProcess({ text }: BenchScript): Promise<Record<string, number>> {
  const parser = await loadParser();
  const times = asked.length > 0 ? 1 : 5;
  const measure = (work: () => unknown): number => median(Array.from({ length: times }, () => timedNow(work)));
  const freshReading = () => ({ parser, cache: createStatementCache(100_000_000) });
  const document = parseDocument(text, freshReading());
  const start = emptyWorld(defaultSettings);
  const options = analysisOptions(defaultSettings, 18, "2026-01-31");
  const input = { file: "bench.sql", statements: document.statements, start, options, previous: [] };
  const analysis = () =>
    analyseAtOnce({
      file: "bench.sql",
      document,
      reading: freshReading(),
      start,
      options,
      startInFile: () => null,
      previous: null,
    });
  const split = measure(() => [...splitScript(text)]);
  const parse = measure(() => parseDocument(text, freshReading()));
  const replayed = measure(() => replay(input));
  const analyses = Array.from({ length: times }, analysis);
  const rules = measure(() => analyses.pop()?.findings());
  return {
    "· split": split,
    "· parse and lower": parse - split,
    "· replay": replayed,
    "· rules": rules,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function timedNow(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

function print(rows: readonly Row[]): void {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(32) : cell.padStart(16))).join("");
  const [few = 1, many = few] = sizes;
  const counted = asked.length > 0 ? "statements" : "partitions";
  const lines = [
    line(["milliseconds, median", ...sizes.map((size) => `${size} ${counted}`), `ratio (${(many / few).toFixed(1)})`]),
    ...rows.map(({ what, times }) => {
      const ratio = (times[1] ?? Number.NaN) / (times[0] ?? Number.NaN);
      const shown = times.map((time) => time.toFixed(time < 10 ? 2 : 1));
      return line([what, ...shown, Number.isNaN(ratio) ? "" : ratio.toFixed(1)]);
    }),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
