/** Analyses the files of a command, as the language server would with the same settings and no database. */

import { defaultPostgresVersion } from "../config.ts";
import { type Analysis, analyseAtOnce, analysisOptions, emptyWorld } from "../ide/analysis.ts";
import { partsBefore, replayChain } from "../ide/chain.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import { loadParser } from "../postgres/installed-files.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { createStatementCache } from "../syntax/statement-cache.ts";
import { createLineIndex, type LineIndex } from "../text/line-index.ts";
import type { CommandContext, SourceFile } from "./command.ts";
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
}

/** Reads the migration chains of the files' settings, so that each file of a chain starts from what goes before it. */
export async function createAnalyser(context: CommandContext, sources: readonly SourceFile[]): Promise<Analyser> {
  const reading: Reading = { parser: await loadParser(), cache: createStatementCache(50_000) };
  const today = context.environment.today();
  const optionsOf = ({ settings }: SourceFile) => analysisOptions(settings, defaultPostgresVersion, today);
  const chains = (await readChains(sources, context)).flatMap((files) => {
    const [first] = files;
    if (first === undefined) return [];
    const chainFiles = files.map(({ uri, path, text }) => ({
      file: uri,
      path,
      document: parseDocument(text, reading),
    }));
    const start = emptyWorld(first.settings);
    return [replayChain({ files: chainFiles, start, options: optionsOf(first), reading, previous: null })];
  });
  const chainOf = (uri: string) => chains.find(({ documentOf }) => documentOf(uri) !== null);
  return {
    reading,
    partsBefore: (uri) => {
      const chain = chainOf(uri);
      return chain === undefined ? [] : partsBefore(chain, uri);
    },
    analyse: (source) => {
      const { uri, text, settings } = source;
      const lines = createLineIndex(text);
      if (text.length > settings["limits.maxFileSizeKb"] * 1024) return { source, lines, analysis: null };
      const chain = chainOf(uri);
      const analysis = analyseAtOnce({
        file: uri,
        document: chain?.documentOf(uri) ?? parseDocument(text, reading),
        reading,
        start: chain?.startOf(uri) ?? emptyWorld(settings),
        options: optionsOf(source),
        startInFile: (file, statement) => chain?.documentOf(file)?.statements[statement]?.start ?? null,
        previous: null,
      });
      return { source, lines, analysis };
    },
  };
}
