// Edits without end, and how much memory stays behind them.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { defaultSettings } from "../../server/src/config.ts";
import { analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { createLongStatements, type LongStatements } from "../../server/src/lsp/long-statements.ts";
import { createOpenFiles, type OpenFiles } from "../../server/src/lsp/open-files.ts";
import { nextTurn, type TurnTaking } from "../../server/src/lsp/turns.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import type { PatientReading } from "../../server/src/syntax/units.ts";
import { loadParserForTests } from "../support/parser.ts";

/** Open files as the server has them, of which an exception anywhere ends the run. */
export async function openFilesForTests(
  more: Partial<PatientReading> = {},
  turns: TurnTaking = { now: () => performance.now(), nextTurn },
): Promise<OpenFiles> {
  const reading = { parser: await loadParserForTests(), cache: createStatementCache(250_000), ...more };
  const options = analysisOptions({ ...defaultSettings, today: "2024-06-01" }, 18, "2024-06-01");
  const start = emptyWorld(defaultSettings);
  return createOpenFiles({
    reading,
    sqlOf: () => null,
    sizeLimit: () => 100_000_000,
    surroundings: () => ({ stamp: 0, start, options, startInFile: () => null }),
    prepare: () => null,
    onAnalysis: () => {},
    onNewCatalog: () => {},
    ...turns,
  });
}

/** Reads long statements in a thread, as the server does. */
export function longStatementsForTests(): LongStatements {
  return createLongStatements({
    worker:
      process.env["LONG_STATEMENT_WORKER"] ?? new URL("../../server/src/lsp/long-statement-worker.ts", import.meta.url),
    timeoutMilliseconds: 600_000,
    idleCloseMilliseconds: 600_000,
    log: (line) => {
      throw new Error(line);
    },
    onBug: (what, error) => {
      throw new Error(what, { cause: error });
    },
  });
}

/**
 * Types a character and takes it back, here and there in one or several files with the text; the megabytes that are in use more than
 * after the first edits.
 */
export async function growthOfTyping(
  files: OpenFiles,
  text: string,
  edits: number,
  say: (line: string) => void = () => {},
  documents = 1,
): Promise<number> {
  const uris = Array.from({ length: documents }, (_, index) => `file:///typed-${index}.sql`);
  for (const uri of uris) {
    files.open(uri, 0, text, "sql");
    await lookAt(files, uri);
  }
  let first = 0;
  let greatest = 0;
  for (let edit = 1; edit <= edits; edit++) {
    const uri = uris[edit % documents] ?? "";
    const at = 1 + ((edit * 7919) % (text.length - 2));
    const typed = String(edit % 10);
    files.change(uri, edit, [() => ({ range: { start: at, end: at }, newText: typed })]);
    await lookAt(files, uri);
    files.change(uri, edit, [() => ({ range: { start: at, end: at + 1 }, newText: "" })]);
    if (edit % Math.ceil(edits / 10) !== 0) continue;
    await lookAt(files, uri);
    const used = await megabytesInUse();
    if (first === 0) first = used;
    greatest = Math.max(greatest, used);
    say(`${edit} edits: ${used.toFixed(0)} MB`);
  }
  for (const uri of uris) files.close(uri);
  return greatest - first;
}

async function lookAt(files: OpenFiles, uri: string): Promise<void> {
  const analysis = await files.checkedAnalysisOf(uri);
  await files.lensesOf(uri);
  if (analysis === null) throw new Error("the file is not analysed");
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What is in use when nothing that could go is there: a turn passes first, for what a WeakRef was asked for lives until its turn ends. */
export async function megabytesInUse(): Promise<number> {
  await nextTurn();
  collectGarbage();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return (heapUsed + arrayBuffers + external) / 1_048_576;
}

/** A partitioned table with so many statements about it. */
export function manyStatements(count: number): string {
  const lines = ["CREATE TABLE t (k int, d date, note text) PARTITION BY RANGE (k);"];
  for (let index = 0; lines.length < count; index++) {
    if (index % 4 === 0)
      lines.push(`CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index}) TO (${index + 4});`);
    else lines.push(`SELECT * FROM t WHERE k = ${index} AND note <> 'nothing of interest';`);
  }
  return lines.join("\n");
}
