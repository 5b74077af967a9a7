// Measures what people wait for: opening a file, and from a keystroke to its diagnostics, over standard input and output.
// Usage: npm run bench
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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
import { monthlyPartitions } from "./scripts.ts";

const sizes = [500, 5_000] as const;
const keystrokes = 40;

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
  const columns: Readonly<Record<string, number>>[] = [];
  for (const size of sizes) columns.push({ ...(await overStdio(server, size)), ...(await inProcess(size)) });
  const names = Object.keys(columns[0] ?? {});
  print(names.map((what) => ({ what, times: columns.map((column) => column[what] ?? Number.NaN) })));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** As an editor sees it: each time is from sending the change to having its diagnostics. */
async function overStdio(server: string, partitions: number): Promise<Record<string, number>> {
  const { text, lastQuery, middleBound } = monthlyPartitions(partitions);
  const client = await startClient("vscode", {
    server,
    initializationOptions: { settings: { "embedded.enabled": false, "limits.maxFileSizeKb": 100_000 } },
  });
  try {
    // The parser and the just-in-time compiler are warm in an editor that has been open for a while.
    await client.diagnostics(await client.open(monthlyPartitions(100).text));
    const start = performance.now();
    const uri = await client.open(text);
    await client.diagnostics(uri);
    const open = performance.now() - start;
    const lenses = await timed(() => client.request("textDocument/codeLens", { textDocument: { uri } }));
    return {
      "open to diagnostics": open,
      "all lenses listed": lenses,
      "key in the last query": await typing(client, uri, lastQuery),
      "key in a bound in the middle": await typing(client, uri, middleBound),
      "key in the first line": await typing(client, uri, 0),
    };
  } finally {
    await client.close();
  }
}

/** The median of keystrokes that put a space somewhere and take it away again. */
async function typing(client: TestClient, uri: string, offset: number): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < keystrokes; count++) {
    times.push(
      await timed(async () => {
        if (count % 2 === 0) await client.edit(uri, offset, offset, " ");
        else await client.edit(uri, offset, offset + 1, "");
        await client.diagnostics(uri);
      }),
    );
  }
  return median(times);
}

/** Where the time of opening goes. */
async function inProcess(partitions: number): Promise<Record<string, number>> {
  const { text } = monthlyPartitions(partitions);
  const parser = await loadParser();
  const measure = (work: () => unknown): number => median(Array.from({ length: 5 }, () => timedNow(work)));
  const freshReading = () => ({ parser, cache: createStatementCache(100_000) });
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
  const analyses = Array.from({ length: 5 }, analysis);
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
  const [few = 1, many = 1] = sizes;
  const lines = [
    line(["milliseconds, median", ...sizes.map((size) => `${size} partitions`), `ratio (${many / few})`]),
    ...rows.map(({ what, times }) => {
      const ratio = (times[1] ?? Number.NaN) / (times[0] ?? Number.NaN);
      return line([what, ...times.map((time) => time.toFixed(time < 10 ? 2 : 1)), ratio.toFixed(1)]);
    }),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
