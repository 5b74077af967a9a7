/** Analyses the files of a command, as the language server would with the same settings and the same database. */

import { defaultPostgresVersion, type Settings } from "../config.ts";
import { type Analysis, analyseAtOnce, analysisOptions } from "../ide/analysis.ts";
import { partsBefore, replayChain } from "../ide/chain.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import { createWorlds } from "../ide/worlds.ts";
import { loadParser } from "../postgres/installed-files.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { createStatementCache } from "../syntax/statement-cache.ts";
import { createLineIndex, type LineIndex } from "../text/line-index.ts";
import type { CommandContext, SourceFile } from "./command.ts";
import { type CommandDatabase, openDatabase } from "./database.ts";
import { readChains } from "./source-files.ts";

export interface AnalysedFile {
  readonly source: SourceFile;
  readonly lines: LineIndex;
  /** null for a file above the size limit. */
  readonly analysis: Analysis | null;
}

export interface Analyser {
  readonly reading: Reading;
  readonly analyse: (source: SourceFile) => AnalysedFile;
  /** The files that run before one in its chain. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Of `--connect`; null without. */
  readonly database: CommandDatabase | null;
}

/**
 * Runs the work with an analyser for these files: it has read the migration chains of their settings, so that each file of a
 * chain starts from what goes before it, and is connected where `--connect` says so.
 */
export async function withAnalyser<Result>(
  context: CommandContext,
  sources: readonly SourceFile[],
  work: (analyser: Analyser) => Result | Promise<Result>,
): Promise<Result> {
  const reading: Reading = { parser: await loadParser(), cache: createStatementCache(50_000) };
  const database = await openDatabase(context, reading);
  try {
    return await work(await createAnalyser(context, sources, reading, database));
  } finally {
    await database?.close();
  }
}

async function createAnalyser(
  context: CommandContext,
  sources: readonly SourceFile[],
  reading: Reading,
  database: CommandDatabase | null,
): Promise<Analyser> {
  const today = context.environment.today();
  const settingsOptions = (settings: Settings) =>
    analysisOptions(settings, database?.version ?? defaultPostgresVersion, today);
  const worldFor = createWorlds({
    reading,
    databaseCatalog: () => database?.catalog ?? null,
    replayOptions: settingsOptions,
  });
  const chains = (await readChains(sources, context)).flatMap((files) => {
    const [first] = files;
    if (first === undefined) return [];
    const chainFiles = files.map(({ uri, path, text }) => ({
      file: uri,
      path,
      document: parseDocument(text, reading),
    }));
    const { settings } = first;
    const start = worldFor(
      settings,
      chainFiles.map(({ document }) => document),
    );
    return [replayChain({ files: chainFiles, start, options: settingsOptions(settings), reading, previous: null })];
  });
  const chainOf = (uri: string) => chains.find(({ documentOf }) => documentOf(uri) !== null);
  return {
    reading,
    database,
    partsBefore: (uri) => {
      const chain = chainOf(uri);
      return chain === undefined ? [] : partsBefore(chain, uri);
    },
    analyse: (source) => {
      const { uri, text, settings } = source;
      const lines = createLineIndex(text);
      if (text.length > settings["limits.maxFileSizeKb"] * 1024) return { source, lines, analysis: null };
      const chain = chainOf(uri);
      const document = chain?.documentOf(uri) ?? parseDocument(text, reading);
      const analysis = analyseAtOnce({
        file: uri,
        document,
        reading,
        start: chain?.startOf(uri) ?? worldFor(settings, [document]),
        options: settingsOptions(settings),
        startInFile: (file, statement) => chain?.documentOf(file)?.statements[statement]?.start ?? null,
        previous: null,
      });
      return { source, lines, analysis };
    },
  };
}
