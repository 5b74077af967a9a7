/** The files open in the editor: their text as it stands, their latest analysis, and the lenses they showed last. */

import type { Catalog } from "../catalog/catalog.ts";
import { type Analysis, type AnalysisInput, analyse } from "../ide/analysis.ts";
import { type Lens, listLenses, shiftLenses } from "../ide/lenses.ts";
import { type Document, editDocument, parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { TextEdit } from "../text/edit.ts";
import { createLineIndex, type LineIndex } from "../text/line-index.ts";

/** A file as it stands; another object after every change. */
export interface OpenFile {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  readonly lines: LineIndex;
  /** null above the size limit: the file is not analysed. */
  readonly document: Document | null;
}

/** What an analysis needs beside the file, and the stamp that changes whenever any of it does. */
export interface AnalysisSurroundings extends Omit<AnalysisInput, "file" | "document" | "reading" | "previous"> {
  readonly stamp: number;
}

export interface OpenFilesOptions {
  readonly reading: Reading;
  /** In UTF-16 units. */
  readonly sizeLimit: (uri: string) => number;
  readonly surroundings: (uri: string) => AnalysisSurroundings;
  /** Lets waiting messages be read before the work goes on. */
  readonly nextTurn: () => Promise<void>;
  /** A file has been analysed. */
  readonly onAnalysis: (analysis: Analysis) => void;
  /** The file's last statement leaves another catalog than before. */
  readonly onNewCatalog: (uri: string) => void;
}

export interface OpenFiles {
  readonly open: (uri: string, version: number, text: string) => void;
  /** Each edit applies to the text that the one before leaves; `toEdit` converts with the lines as they are then. */
  readonly change: (uri: string, version: number, changes: readonly EditOf[]) => void;
  readonly close: (uri: string) => void;
  readonly get: (uri: string) => OpenFile | null;
  readonly all: () => readonly OpenFile[];
  /** The analysis of the file as it stands when it is done; null for a file that is not open or too large. */
  readonly analysisOf: (uri: string) => Promise<Analysis | null>;
  readonly lensesOf: (uri: string, analysis: Analysis) => readonly Lens[];
  /** Reads files anew whose size limit may have changed. */
  readonly reread: () => void;
}

export type EditOf = (lines: LineIndex, textLength: number) => TextEdit;

interface FileState {
  file: OpenFile;
  lenses: readonly Lens[];
  running: {
    readonly file: OpenFile;
    readonly stamp: number;
    readonly start: Catalog;
    readonly result: Promise<Analysis | null>;
  } | null;
  latest: Analysis | null;
}

export function createOpenFiles(options: OpenFilesOptions): OpenFiles {
  const states = new Map<string, FileState>();

  const open = (uri: string, version: number, text: string): OpenFile => {
    const document = text.length > options.sizeLimit(uri) ? null : parseDocument(text, options.reading);
    return { uri, version, text, lines: createLineIndex(text), document };
  };

  const edit = (file: OpenFile, version: number, { range: { start, end }, newText }: TextEdit): OpenFile => {
    const text = file.text.slice(0, start) + newText + file.text.slice(end);
    if (file.document === null || text.length > options.sizeLimit(file.uri)) return open(file.uri, version, text);
    const document = editDocument(file.document, text, { start, end, length: newText.length }, options.reading);
    return { uri: file.uri, version, text, lines: createLineIndex(text), document };
  };

  const analysisOf = (uri: string): Promise<Analysis | null> => {
    const state = states.get(uri);
    if (state === undefined) return Promise.resolve(null);
    const surroundings = options.surroundings(uri);
    const { running, file } = state;
    const { stamp, start } = surroundings;
    if (running?.file === file && running.stamp === stamp && running.start === start) return running.result;
    const result = run(state, file, surroundings);
    state.running = { file, stamp, start, result };
    return result;
  };

  const run = async (
    state: FileState,
    file: OpenFile,
    surroundings: AnalysisSurroundings,
  ): Promise<Analysis | null> => {
    if (file.document === null) return null;
    const work = analyse({
      ...surroundings,
      file: file.uri,
      document: file.document,
      reading: options.reading,
      previous: state.latest,
    });
    for (;;) {
      const { done, value } = work.next();
      if (done === true) {
        const changed = state.latest?.final !== value.final;
        state.latest = value;
        if (changed) options.onNewCatalog(file.uri);
        options.onAnalysis(value);
        return value;
      }
      await options.nextTurn();
      // Whoever asked wants the file as it is now: the work on an older text ends here.
      if (states.get(file.uri) !== state) return null;
      if (state.file !== file) return analysisOf(file.uri);
    }
  };

  return {
    open: (uri, version, text) => {
      states.set(uri, { file: open(uri, version, text), lenses: [], running: null, latest: null });
    },
    change: (uri, version, changes) => {
      const state = states.get(uri);
      if (state === undefined) return;
      for (const toEdit of changes) {
        const change = toEdit(state.file.lines, state.file.text.length);
        state.file = edit(state.file, version, change);
        state.lenses = shiftLenses(state.lenses, change);
      }
    },
    close: (uri) => {
      states.delete(uri);
    },
    get: (uri) => states.get(uri)?.file ?? null,
    all: () => [...states.values()].map(({ file }) => file),
    analysisOf,
    lensesOf: (uri, analysis) => {
      const state = states.get(uri);
      const lenses = listLenses(analysis, state?.lenses ?? []);
      if (state !== undefined && state.file.document === analysis.document) state.lenses = lenses;
      return lenses;
    },
    reread: () => {
      for (const state of states.values()) {
        const { uri, version, text, document } = state.file;
        if ((document === null) !== text.length > options.sizeLimit(uri)) state.file = open(uri, version, text);
      }
    },
  };
}
