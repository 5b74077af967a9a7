/** Analyses the files of a command, as the language server would with the same settings and no database. */

import { defaultPostgresVersion } from "../config.ts";
import { type Analysis, analyseAtOnce, analysisOptions, emptyWorld } from "../ide/analysis.ts";
import { loadParser } from "../postgres/installed-files.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { createStatementCache } from "../syntax/statement-cache.ts";
import { createLineIndex, type LineIndex } from "../text/line-index.ts";
import type { Environment, SourceFile } from "./command.ts";

export interface AnalysedFile {
  readonly source: SourceFile;
  readonly lines: LineIndex;
  /** null for a file above the size limit. */
  readonly analysis: Analysis | null;
}

export interface Analyser {
  readonly reading: Reading;
  readonly analyse: (source: SourceFile) => AnalysedFile;
}

export async function createAnalyser(environment: Environment): Promise<Analyser> {
  const reading: Reading = { parser: await loadParser(), cache: createStatementCache(50_000) };
  return {
    reading,
    analyse: (source) => {
      const { uri, text, settings } = source;
      const lines = createLineIndex(text);
      if (text.length > settings["limits.maxFileSizeKb"] * 1024) return { source, lines, analysis: null };
      const analysis = analyseAtOnce({
        file: uri,
        document: parseDocument(text, reading),
        start: emptyWorld(settings),
        options: analysisOptions(settings, defaultPostgresVersion, environment.today()),
        startInFile: () => null,
        previous: null,
      });
      return { source, lines, analysis };
    },
  };
}
