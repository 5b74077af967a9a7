/** Rehearsals of the files in the editor: one at a time, each in a sandbox of its own; what they said stays for inlay hints. */

import { type Analysis, analyseAtOnce } from "../ide/analysis.ts";
import { runsOfFile } from "../ide/chain.ts";
import { type RehearsalHint, type RehearsedScript, rehearsalHints } from "../ide/rehearsal-hints.ts";
import { rehearsalInput, rehearsedStatements, undoFileName } from "../ide/rehearsal-input.ts";
import { partOf, type ScriptPart } from "../ide/schema-statements.ts";
import { type RehearsalInput, type RehearsalProgress, rehearsalLimits, rehearse } from "../rehearsal/rehearse.ts";
import type { RehearsalReport } from "../rehearsal/report.ts";
import type { OpenSandbox } from "../rehearsal/sandbox.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { fileNameOf } from "../text/uri-name.ts";
import { RefusedError } from "./guard.ts";
import { embeddedMissing } from "./installation.ts";
import type { RehearseArguments } from "./protocol.ts";

/** `from` as an offset in the document. */
export type RehearsalRequest = Omit<RehearseArguments, "textDocument" | "from"> & { readonly from: number | null };

export interface Rehearsals {
  /** Refuses where nothing can be rehearsed now. What the file says of its statements later are its hints. */
  readonly run: (
    analysis: Analysis,
    given: RehearsalRequest,
    signal: AbortSignal,
    progress: RehearsalProgress,
  ) => Promise<{ readonly report: RehearsalReport; readonly analysis: Analysis }>;
  /** What the last rehearsal of the file said of its statements. */
  readonly hintsOf: (analysis: Analysis) => readonly RehearsalHint[];
  /** The file was closed: what its rehearsal said goes, and the text that it was said of. */
  readonly forget: (uri: string) => void;
}

export interface RehearsalsOptions {
  /** null where the files of the embedded PostgreSQL are missing. */
  readonly sandboxes: OpenSandbox | null;
  readonly reading: Reading;
  /** What goes before the file in its chain. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Of the connected database; null without one. */
  readonly databaseSchema: () => readonly string[] | null;
  readonly readFile: (uri: string) => Promise<string | null>;
  /** Something was rehearsed: there are other hints. */
  readonly onChange: () => void;
}

/** Of more files the oldest rehearsal is forgotten. */
const mostRemembered = 20;

export function createRehearsals(options: RehearsalsOptions): Rehearsals {
  const { reading } = options;
  const remembered = new Map<string, RehearsedScript>();
  let isRunning = false;

  const analysed = (file: string, text: string, { left, options: how }: Analysis): Analysis => {
    const document = parseDocument(text, reading);
    const runs = runsOfFile(file, document);
    const start = left;
    return analyseAtOnce({
      file,
      document,
      reading,
      start,
      options: how,
      runs,
      startInFile: () => null,
      previous: null,
    });
  };

  /** The file beside it by which its tool undoes it. */
  const undoFileOf = async (analysis: Analysis) => {
    const uri = undoFileName(analysis.file);
    const text = uri === null ? null : await options.readFile(uri);
    if (uri === null || text === null) return null;
    return { name: fileNameOf(uri), analysis: analysed(uri, text, analysis) };
  };

  const inputOf = async (
    analysis: Analysis,
    { sql, undo, mayLose, from }: RehearsalRequest,
  ): Promise<{ readonly input: RehearsalInput; readonly script: Analysis }> => {
    const partsBefore = options.partsBefore(analysis.file);
    const databaseSchema = options.databaseSchema();
    if (sql === undefined) {
      const world = { partsBefore, databaseSchema, undoFile: await undoFileOf(analysis), from };
      return { input: rehearsalInput(analysis, world, mayLose), script: analysis };
    }
    const script = analysed("script.sql", sql, analysis);
    const undoFile =
      typeof undo === "string" ? { name: "its undo script", analysis: analysed("undo.sql", undo, script) } : null;
    const world = { partsBefore: [...partsBefore, partOf(analysis)], databaseSchema, undoFile };
    return { input: rehearsalInput(script, world, mayLose), script };
  };

  return {
    run: async (analysis, given, signal, progress) => {
      if (options.sandboxes === null) throw new RefusedError(embeddedMissing);
      if (isRunning) throw new RefusedError("another rehearsal is running: wait for its end, or cancel it");
      isRunning = true;
      try {
        const { input, script } = await inputOf(analysis, given);
        const opened = await options.sandboxes(signal);
        if (!opened.ok) throw new RefusedError(opened.problem.message);
        const report = await rehearse(input, opened.value, rehearsalLimits, progress).finally(() =>
          opened.value.close(),
        );
        if (script === analysis && report.ended?.reason !== "cancelled") {
          const [oldest] = remembered.keys();
          if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest);
          remembered.delete(analysis.file);
          const statements = rehearsedStatements(analysis, "up");
          remembered.set(analysis.file, { report, statements, above: statements.length - input.script.length });
          options.onChange();
        }
        return { report, analysis: script };
      } finally {
        isRunning = false;
      }
    },
    hintsOf: (analysis) => {
      const known = remembered.get(analysis.file);
      return known === undefined ? [] : rehearsalHints(known, rehearsedStatements(analysis, "up"));
    },
    forget: (uri) => void remembered.delete(uri),
  };
}
