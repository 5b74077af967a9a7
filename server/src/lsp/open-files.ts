/** The files open in the editor: their text as it stands, their latest analysis, and the lenses they showed last. */

import type { Catalog } from "../catalog/catalog.ts";
import { type Analysis, type AnalysisInput, analyse, type EarlierAnalysis } from "../ide/analysis.ts";
import { type Lens, listLensesInTurns, shiftLenses } from "../ide/lenses.ts";
import { type Document, parseDocumentInTurns } from "../syntax/document.ts";
import { editDocumentInTurns } from "../syntax/edited-document.ts";
import type { PatientReading } from "../syntax/units.ts";
import { ChunkedText, commonEnds } from "../text/chunked-text.ts";
import type { TextEdit } from "../text/edit.ts";
import { createLineIndex, editLineIndex, type LineIndex } from "../text/line-index.ts";
import { drop, type Turns, type Waiting } from "../text/turns.ts";
import { type TurnTaking, workInTurns } from "./turns.ts";

/** A file as it stands; another object after every change. */
export interface OpenFile {
  readonly uri: string;
  readonly version: number;
  readonly text: ChunkedText;
  readonly lines: LineIndex;
  /** null until the text has been read. */
  readonly document: Document | null;
  /** Above the size limit a file is neither read nor analysed. */
  readonly tooLarge: boolean;
  /** Whether it is a program: then `text` is the SQL in its strings, each at its place, and space around it. */
  readonly isProgram: boolean;
}

/** What an analysis needs beside the file, and the stamp that changes whenever any of it does. */
export interface AnalysisSurroundings extends Omit<AnalysisInput, "file" | "document" | "reading" | "previous"> {
  readonly stamp: number;
}

export interface OpenFilesOptions extends TurnTaking {
  readonly reading: PatientReading;
  /** In UTF-16 units. */
  readonly sizeLimit: (uri: string) => number;
  /** Makes the SQL out of the text of a program; null for a file that is SQL itself. */
  readonly sqlOf: (uri: string, language: string) => ((program: string) => string) | null;
  readonly surroundings: (uri: string) => AnalysisSurroundings;
  /** What to wait for before the surroundings of a file are known; null where they are. Asked before it is read, and behind that. */
  readonly prepare: (uri: string) => Promise<void> | null;
  /** A file has been analysed. */
  readonly onAnalysis: (analysis: Analysis) => void;
  /** The file's last statement leaves another catalog than before. */
  readonly onNewCatalog: (uri: string) => void;
}

export interface OpenFiles {
  /** `language` as the editor names it. */
  readonly open: (uri: string, version: number, text: string, language: string) => void;
  /** Each edit applies to the text that the one before leaves; `toEdit` converts with the lines as they are then. */
  readonly change: (uri: string, version: number, changes: readonly EditOf[]) => void;
  readonly close: (uri: string) => void;
  readonly get: (uri: string) => OpenFile | null;
  readonly all: () => readonly OpenFile[];
  /**
   * The document of a file, read at once if need be; where that has to wait for a long statement, the document as it was last read.
   * null for a file that is not open, too large, or not read yet.
   */
  readonly documentOf: (uri: string) => Document | null;
  /** The analysis of the file as it stands when it is done; null for a file that is not open or too large. */
  readonly analysisOf: (uri: string) => Promise<Analysis | null>;
  /** The same when its findings have been worked out too. */
  readonly checkedAnalysisOf: (uri: string) => Promise<Analysis | null>;
  /** The lenses of the file as it stands when they are listed; null as for an analysis. */
  readonly lensesOf: (uri: string) => Promise<readonly Lens[] | null>;
  /**
   * What `work` gives for the file as it stands when it is done; it begins anew where the file changes meanwhile. null as for
   * an analysis, and where the signal says that nobody waits any more.
   */
  readonly workedOut: <Result>(
    uri: string,
    signal: AbortSignal,
    work: (known: KnownOfFile) => Turns<Result>,
  ) => Promise<Result | null>;
  /** Reads files anew whose size limit may have changed. */
  readonly reread: () => void;
}

/** What work on a file goes by. */
export interface KnownOfFile {
  readonly analysis: Analysis;
  readonly lines: LineIndex;
  readonly lenses: () => Turns<readonly Lens[]>;
}

export type EditOf = (lines: LineIndex, textLength: number) => TextEdit;

interface FileState {
  file: OpenFile;
  /** A program as it stands, whose SQL the file is. */
  program: { readonly text: string; readonly sqlOf: (program: string) => string } | null;
  /** What is left of reading the file's text. */
  reading: Turns<Document, Waiting | undefined> | null;
  /** The document that was read last: what reading goes by, and what is answered as long as it lasts. */
  read: Document | null;
  lenses: readonly Lens[];
  running: {
    readonly file: OpenFile;
    readonly stamp: number;
    readonly start: Catalog;
    readonly result: Promise<Analysis | null>;
  } | null;
  checking: { readonly analysis: Analysis; readonly result: Promise<boolean> } | null;
  /** The analysis whose lenses have been listed last. */
  listed: Analysis | null;
  latest: Analysis | null;
  /** What was done of an analysis of a later text than that of `latest` before it was dropped. */
  dropped: EarlierAnalysis | null;
}

type RestOfState = Omit<FileState, "file" | "reading">;

const nothingKnown: Omit<RestOfState, "program"> = {
  lenses: [],
  read: null,
  running: null,
  checking: null,
  listed: null,
  latest: null,
  dropped: null,
};

/** So many statements are read as soon as they change; where more do, others are looked after meanwhile. */
const statementsAtOnce = 64;

/** The one edit between two texts. */
function differenceOf(before: string, after: string): TextEdit {
  const [start, end] = commonEnds(before, after);
  return { range: { start, end: before.length - end }, newText: after.slice(start, after.length - end) };
}

export function createOpenFiles(options: OpenFilesOptions): OpenFiles {
  const states = new Map<string, FileState>();

  /** A new text, which is read when somebody needs to know what is in it. */
  const begin = (state: RestOfState, uri: string, version: number, given: string | ChunkedText): FileState => {
    drop(states.get(uri)?.reading ?? null);
    const isProgram = state.program !== null;
    const text = ChunkedText.of(given);
    const tooLarge = text.length > options.sizeLimit(uri);
    return {
      ...state,
      read: null,
      file: { uri, version, text, lines: createLineIndex(text.toString()), document: null, tooLarge, isProgram },
      reading: tooLarge ? null : parseDocumentInTurns(text, options.reading),
    };
  };

  /** The edit of a program, as that of its SQL: what differs from before. */
  const editOfSql = (state: FileState, change: TextEdit): TextEdit => {
    if (state.program === null) return change;
    const { sqlOf, text: before } = state.program;
    const text = before.slice(0, change.range.start) + change.newText + before.slice(change.range.end);
    state.program = { text, sqlOf };
    return differenceOf(state.file.text.toString(), sqlOf(text));
  };

  const edit = (state: FileState, version: number, { range: { start, end }, newText }: TextEdit): void => {
    const { uri, document, lines, text: before, isProgram } = state.file;
    const text = before.replaced(start, end, newText);
    if (state.read === null || text.length > options.sizeLimit(uri)) {
      Object.assign(state, begin(state, uri, version, text));
      return;
    }
    drop(state.reading);
    const change = { start, end, length: newText.length };
    // Edits whose reading is not done are read together.
    const sinceRead = document === null ? (state.read.content.differenceFrom(text) ?? change) : change;
    state.file = {
      ...{ uri, version, text, isProgram },
      ...{ lines: editLineIndex(lines, before, { range: { start, end }, newText }), document: null, tooLarge: false },
    };
    state.reading = editDocumentInTurns(state.read, text, sinceRead, options.reading);
    for (let count = 0; count < statementsAtOnce && state.reading !== null; count++) {
      if (readOn(state, state.reading) !== null) return;
    }
  };

  /** Reads one more statement of the file; gives what has to come before that. */
  const readOn = (state: FileState, reading: Turns<Document, Waiting | undefined>): Waiting | null => {
    const { done, value } = reading.next();
    if (done !== true) return value ?? null;
    state.file = { ...state.file, document: value };
    state.read = value;
    state.reading = null;
    return null;
  };

  const isOpen = (state: FileState): boolean => states.get(state.file.uri) === state;

  const analysisOf = async (uri: string): Promise<Analysis | null> => {
    const state = states.get(uri);
    if (state === undefined) return null;
    await options.prepare(uri);
    // An edit meanwhile puts another reading in this one's place.
    const readToEnd = (): boolean | Waiting =>
      (state.reading === null ? null : readOn(state, state.reading)) ?? state.reading === null;
    if (readToEnd() !== true) await workInTurns(readToEnd, () => isOpen(state), options);
    const preparing = options.prepare(uri);
    if (preparing !== null) {
      await preparing;
      // Meanwhile the text may have changed.
      if (readToEnd() !== true) return analysisOf(uri);
    }
    const { running, file } = state;
    if (!isOpen(state) || file.document === null) return null;
    const surroundings = options.surroundings(uri);
    const { stamp, start } = surroundings;
    if (running?.file === file && running.stamp === stamp && running.start === start) return running.result;
    const result = analyseFile(state, file, { ...surroundings, document: file.document });
    state.running = { file, stamp, start, result };
    return result;
  };

  const analyseFile = async (
    state: FileState,
    file: OpenFile,
    input: Omit<AnalysisInput, "file" | "reading" | "previous">,
  ): Promise<Analysis | null> => {
    const previous = state.dropped ?? state.latest;
    const independent = file.isProgram;
    const work = analyse({ ...input, file: file.uri, reading: options.reading, previous, independent });
    let turn = work.next();
    const goOn = (): boolean => {
      if (turn.done !== true) turn = work.next();
      return turn.done === true;
    };
    await workInTurns(goOn, () => isOpen(state) && state.file === file, options);
    if (turn.done !== true) {
      // Whoever asked wants the file as it is now: the work on an older text ends here.
      state.dropped = turn.value();
      return isOpen(state) ? analysisOf(file.uri) : null;
    }
    const analysis = turn.value;
    const changed = state.latest?.final !== analysis.final;
    state.latest = analysis;
    state.dropped = null;
    if (changed) options.onNewCatalog(file.uri);
    options.onAnalysis(analysis);
    return analysis;
  };

  /** Works on what follows from an analysis; false where the file is another one before it is done. */
  const follow = (
    state: FileState,
    analysis: Analysis,
    work: Turns<unknown>,
    signal: AbortSignal | null = null,
  ): Promise<boolean> => {
    const isWanted = (): boolean =>
      isOpen(state) && state.file.document === analysis.document && signal?.aborted !== true;
    return workInTurns(() => work.next().done === true, isWanted, options);
  };

  const check = (state: FileState, analysis: Analysis): Promise<boolean> => {
    if (state.checking?.analysis === analysis) return state.checking.result;
    const result = follow(state, analysis, analysis.findingsInTurns());
    state.checking = { analysis, result };
    return result;
  };

  const list = function* (state: FileState, analysis: Analysis): Turns<readonly Lens[]> {
    if (state.listed !== analysis) {
      state.lenses = yield* listLensesInTurns(analysis, state.lenses);
      state.listed = analysis;
    }
    return state.lenses;
  };

  const checkedAnalysisOf = async (uri: string): Promise<Analysis | null> => {
    const state = states.get(uri);
    const analysis = await analysisOf(uri);
    if (state === undefined || analysis === null) return null;
    return (await check(state, analysis)) ? analysis : checkedAnalysisOf(uri);
  };

  const workedOut = async <Result>(
    uri: string,
    signal: AbortSignal | null,
    work: (known: KnownOfFile) => Turns<Result>,
  ): Promise<Result | null> => {
    const state = states.get(uri);
    const analysis = await analysisOf(uri);
    if (state === undefined || analysis === null || signal?.aborted === true) return null;
    let result: Result | null = null;
    const working = function* (): Turns<void> {
      result = yield* work({ analysis, lines: state.file.lines, lenses: () => list(state, analysis) });
    };
    return (await follow(state, analysis, working(), signal)) ? result : workedOut(uri, signal, work);
  };

  return {
    open: (uri, version, text, language) => {
      const sqlOf = options.sqlOf(uri, language);
      const program = sqlOf === null ? null : { text, sqlOf };
      states.set(uri, begin({ ...nothingKnown, program }, uri, version, sqlOf?.(text) ?? text));
    },
    change: (uri, version, changes) => {
      const state = states.get(uri);
      if (state === undefined) return;
      for (const toEdit of changes) {
        const change = editOfSql(state, toEdit(state.file.lines, state.file.text.length));
        edit(state, version, change);
        state.lenses = shiftLenses(state.lenses, change);
      }
    },
    close: (uri) => {
      drop(states.get(uri)?.reading ?? null);
      states.delete(uri);
    },
    get: (uri) => states.get(uri)?.file ?? null,
    all: () => [...states.values()].map(({ file }) => file),
    documentOf: (uri) => {
      const state = states.get(uri);
      while (state !== undefined && state.reading !== null)
        if (readOn(state, state.reading) !== null) return state.read;
      return state?.file.document ?? null;
    },
    analysisOf,
    checkedAnalysisOf,
    lensesOf: (uri) => workedOut(uri, null, ({ lenses }) => lenses()),
    workedOut,
    reread: () => {
      for (const state of states.values()) {
        const { uri, version, text, tooLarge } = state.file;
        if (tooLarge !== text.length > options.sizeLimit(uri)) Object.assign(state, begin(state, uri, version, text));
      }
    },
  };
}
